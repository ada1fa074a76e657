"""What may be done in judging, and by whom."""

from __future__ import annotations

from collections.abc import Sequence

from judging.models import Assignment, Judge
from portal.access import Law, Permission, Predicate, Visitor, any_judge, anybody, secretariat
from submissions.rules import EntryState


class Judging(Permission):
    """A judge's acts."""

    ANSWER_INVITATION = "accept or decline an invitation"
    READ_LIST = "read one's own reading list"
    DECLARE_CONFLICTS = "declare conflicts of interest"
    READ_ENTRY = "read an assigned entry"
    SCORE_ENTRY = "score an assigned entry"
    RECUSE = "declare a conflict with an assigned entry"


class Staff(Permission):
    """The secretariat's acts."""

    HOME = "the secretariat's desk"
    SET_UP_EDITION = "set up an edition"
    SCREEN_ENTRIES = "screen entries"
    MANAGE_JUDGES = "invite and remove judges"
    RUN_ROUNDS = "open, assign and close rounds, choose finalists"
    READ_STANDINGS = "read standings"
    DECIDE_PRIZES = "decide, revoke and approve prizes"
    PUBLISH_RESULTS = "schedule and cancel the publication of results"


def themselves(visitor: Visitor, judge: Judge) -> bool:
    """Be this judge, who has accepted."""
    return visitor.judgeships.get(judge.edition_id) == judge.id


def assigned_to_them(visitor: Visitor, assignment: Assignment) -> bool:
    """Be the judge to whom it is assigned."""
    return assignment.judge_id in visitor.judgeships.values()


def conflicts_declared(_: Visitor, assignment: Assignment) -> bool:
    """Require that the judge has declared conflicts of interest."""
    return assignment.judge.conflicts_declared_at is not None


def not_recused(_: Visitor, assignment: Assignment) -> bool:
    """Require that the judge has no conflict with the entry."""
    return assignment.recused_at is None


def not_of_their_organisation(visitor: Visitor, assignment: Assignment) -> bool:
    """Require that the judge does not act for the organisation that enters."""
    return assignment.entry.organisation_id not in visitor.organisations


def still_takes_part(_: Visitor, assignment: Assignment) -> bool:
    """Require that the entry was not withdrawn or excluded since."""
    return assignment.entry.state == EntryState.ELIGIBLE


def round_was_opened(_: Visitor, assignment: Assignment) -> bool:
    """Require that the secretariat has opened the round, be it closed again."""
    return assignment.round.opened_at is not None


READABLE: Sequence[Predicate] = [
    any_judge, assigned_to_them, conflicts_declared, not_recused, not_of_their_organisation, still_takes_part,
    round_was_opened,
]  # fmt: skip

LAW: Law = {
    Judging.ANSWER_INVITATION: [[anybody]],
    Judging.READ_LIST: [[any_judge]],
    Judging.DECLARE_CONFLICTS: [[any_judge, themselves]],
    Judging.READ_ENTRY: [READABLE],
    Judging.SCORE_ENTRY: [READABLE],
    Judging.RECUSE: [READABLE],
    Staff.HOME: [[secretariat]],
    Staff.SET_UP_EDITION: [[secretariat]],
    Staff.SCREEN_ENTRIES: [[secretariat]],
    Staff.MANAGE_JUDGES: [[secretariat]],
    Staff.RUN_ROUNDS: [[secretariat]],
    Staff.READ_STANDINGS: [[secretariat]],
    Staff.DECIDE_PRIZES: [[secretariat]],
    Staff.PUBLISH_RESULTS: [[secretariat]],
}
