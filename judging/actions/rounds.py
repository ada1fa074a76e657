"""Rounds of judging: opened, assigned, closed, and their finalists chosen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from judging.assigning import Impossible, Paper, Reader, plan_assignment
from judging.models import Assignment, Conflict, Judge, RoundEntry
from judging.rules import JudgeState
from portal import audit, mail
from portal.accounts.models import Membership, Organisation, User
from portal.db import new_id
from portal.editions.actions import freeze_rules
from portal.editions.models import Edition, Round
from portal.errors import Refusal
from portal.i18n import sentence, written_moment
from submissions.models import Entry
from submissions.rules import EntryState


def open_round(session: Session, stage: Round, *, by: str | None, now: datetime) -> int:
    """Open a round and return how many entries stand in it; the first takes all eligible entries and freezes the rules.

    Raises Refusal when it was opened before, its planned end has passed, or there is nothing to judge.
    """
    session.refresh(stage, with_for_update={"of": Round})
    if stage.opened_at is not None:
        raise Refusal(sentence("This round has been opened already."))
    if stage.closes_at is not None and stage.closes_at <= now:
        raise Refusal(sentence("The planned end of this round has passed. Please change the timeline first."))
    edition = session.get_one(Edition, stage.edition_id)
    before = _neighbour(session, stage, -1)
    if before is None:
        freeze_rules(session, edition, by=by, now=now)
        eligible = select(Entry.id).where(Entry.edition_id == edition.id, Entry.state == EntryState.ELIGIBLE)
        session.add_all(
            RoundEntry(round_id=stage.id, entry_id=entry_id, added_at=now) for entry_id in session.scalars(eligible)
        )
        session.flush()
    elif before.closed_at is None:
        raise Refusal(sentence("Please close the round before this one first."))
    count = _count_entries(session, stage)
    if count == 0 and before is None:
        raise Refusal(sentence("No entry has been found eligible yet, so there is nothing to judge."))
    if count == 0:
        raise Refusal(sentence("Please choose the finalists before you open this round."))
    stage.opened_at = now
    session.flush()
    audit.note(session, "round.open", f"round:{stage.id}", by=by, now=now, number=stage.number, entries=count)
    return count


def assign_entries(session: Session, stage: Round, *, seed: int, by: str | None, now: datetime) -> int:
    """Give every entry of an open round the judges it still lacks and return how many assignments are new.

    Assignments that exist stay; every judge with a new one gets a mail. Raises Refusal when the round is not open, or
    names the entry for which there are not enough judges.
    """
    session.refresh(stage, with_for_update={"of": Round})
    if stage.opened_at is None or stage.closed_at is not None:
        raise Refusal(sentence("Entries can be assigned only while the round is open."))
    papers = list_papers(session, stage)
    readers = list_readers(session, stage.edition_id)
    if not readers:
        raise Refusal(sentence("No judge has accepted yet, so nothing can be assigned."))
    if len(readers) < stage.reviews_per_entry:
        raise Refusal(
            sentence("Each entry needs %(reviews)s judges, but only %(judges)s have accepted."),
            reviews=stage.reviews_per_entry,
            judges=len(readers),
        )
    conflicts = session.execute(
        select(Conflict.judge_id, Conflict.entry_id).where(Conflict.judge_id.in_([one.id for one in readers]))
    )
    assigned = list(session.scalars(select(Assignment).where(Assignment.round_id == stage.id)))
    barred = {(judge, entry) for judge, entry in conflicts}
    barred |= {(one.judge_id, one.entry_id) for one in assigned if one.recused_at is not None}
    own = (  # what a judge's declaration would find, whether or not it was made
        select(Judge.id, Entry.id)
        .join(Membership, Membership.user_id == Judge.user_id)
        .join(Entry, Entry.organisation_id == Membership.organisation_id)
        .where(Judge.edition_id == stage.edition_id, Entry.edition_id == stage.edition_id)
    )
    barred |= {(judge, entry) for judge, entry in session.execute(own)}
    held: dict[str, set[str]] = {}
    for one in assigned:
        if one.recused_at is None:
            held.setdefault(one.entry_id, set()).add(one.judge_id)
    plan = plan_assignment(papers, readers, barred, reviews=stage.reviews_per_entry, seed=seed, held=held)
    if plan.impossible:
        raise _impossible(session, plan.impossible, stage.reviews_per_entry)
    last: dict[str, int] = {}
    for one in assigned:
        last[one.judge_id] = max(last.get(one.judge_id, 0), one.position)
    new = [
        Assignment(
            id=new_id(),
            round_id=stage.id,
            judge_id=judge_id,
            entry_id=entry_id,
            position=last.get(judge_id, 0) + place,
            assigned_at=now,
        )
        for judge_id, order in plan.orders.items()
        for place, entry_id in enumerate(order, start=1)
    ]
    session.add_all(new)
    session.flush()
    _write_to_judges(session, stage, {judge_id: len(order) for judge_id, order in plan.orders.items()}, now)
    audit.note(
        session, "round.assign", f"round:{stage.id}", by=by, now=now, seed=seed, new=len(new), entries=len(papers),
        judges=len(readers),
    )  # fmt: skip
    return len(new)


def close_round(session: Session, stage: Round, *, by: str | None, now: datetime) -> None:
    """Close a round: no score sheet can be changed or sent any more; one closed early has ended now.

    Raises Refusal when it is not open.
    """
    session.refresh(stage, with_for_update={"of": Round})
    if stage.opened_at is None:
        raise Refusal(sentence("This round has not been opened yet."))
    if stage.closed_at is not None:
        raise Refusal(sentence("This round has been closed already."))
    stage.closed_at = now
    if stage.closes_at is not None and stage.closes_at > now:  # closed early: the next round may follow at once
        stage.closes_at = now.replace(microsecond=0)  # to the second, as the timeline is written
    session.flush()
    audit.note(session, "round.close", f"round:{stage.id}", by=by, now=now, number=stage.number)


def choose_finalists(
    session: Session, stage: Round, entry_ids: Iterable[str], *, reason: str, by: str | None, now: datetime
) -> int:
    """Choose which entries of a closed round go on to the next one and return how many; an earlier choice is replaced.

    Raises Refusal without a reason, when there is no next round or it has been opened, or for an entry that does not
    stand in this round any more.
    """
    chosen = sorted(set(entry_ids))
    after = _neighbour(session, stage, 1)
    if after is None:
        raise Refusal(sentence("There is no further round to choose finalists for."))
    session.refresh(after, with_for_update={"of": Round})
    if stage.closed_at is None:
        raise Refusal(sentence("Please close this round before you choose the finalists."))
    if after.opened_at is not None:
        raise Refusal(sentence("The next round has been opened: its finalists stay as they are."))
    if not chosen:
        raise Refusal(sentence("Please choose at least one finalist."), field="entries")
    if not reason.strip():
        raise Refusal(sentence("Please give the reason for this choice."), field="reason")
    standing = (
        select(Entry.id)
        .join(RoundEntry, RoundEntry.entry_id == Entry.id)
        .where(RoundEntry.round_id == stage.id, Entry.state == EntryState.ELIGIBLE)
    )
    if not set(chosen) <= set(session.scalars(standing)):
        raise Refusal(sentence("One of these entries does not take part in this round any more."), field="entries")
    session.execute(delete(RoundEntry).where(RoundEntry.round_id == after.id))
    session.add_all(RoundEntry(round_id=after.id, entry_id=entry_id, added_at=now) for entry_id in chosen)
    session.flush()
    audit.note(
        session, "round.finalists", f"round:{stage.id}", by=by, now=now, text=reason.strip(), finalists=chosen
    )  # fmt: skip
    return len(chosen)


def list_papers(session: Session, stage: Round) -> list[Paper]:
    """Return the entries of a round that still take part, in an order that no id or collation decides."""
    query = (
        select(Entry.id, Entry.language, Entry.answers, Entry.submitted_at, Entry.title, Organisation.name,
               Organisation.country)
        .join(RoundEntry, RoundEntry.entry_id == Entry.id)
        .join(Organisation, Organisation.id == Entry.organisation_id)
        .where(RoundEntry.round_id == stage.id, Entry.state == EntryState.ELIGIBLE)
    )  # fmt: skip
    rows = sorted(session.execute(query), key=lambda row: (str(row.submitted_at), row.name, row.title, row.id))
    return [
        Paper(row.id, _countries(row.country, row.answers), row.language, _words(row.answers.get("themes")))
        for row in rows
    ]


def list_readers(session: Session, edition_id: str) -> list[Reader]:
    """Return the judges of an edition who have accepted and can sign in, by e-mail address letter by letter."""
    query = (
        select(Judge.id, Judge.email, Judge.country, Judge.languages, Judge.expertise)
        .join(User, User.id == Judge.user_id)
        .where(Judge.edition_id == edition_id, Judge.state == JudgeState.ACCEPTED, User.active)
    )
    rows = sorted(session.execute(query), key=lambda row: row.email)
    return [Reader(row.id, row.country, frozenset(row.languages), frozenset(row.expertise)) for row in rows]


def _write_to_judges(session: Session, stage: Round, counts: Mapping[str, int], now: datetime) -> None:
    edition, until = session.get_one(Edition, stage.edition_id), stage.closes_at
    people = (
        select(Judge.id, Judge.name, User.email, User.language)
        .join(User, User.id == Judge.user_id)
        .where(Judge.id.in_([judge_id for judge_id, count in counts.items() if count]))
        .order_by(Judge.email)
    )
    for judge_id, name, address, language in session.execute(people):
        mail.queue(
            session, "judge_assigned", to=address, language=language, now=now,
            name=name, editions=dict(edition.names), number=stage.number, count=counts[judge_id],
            until=written_moment(until, edition.time_zone, language) if until else None,
        )  # fmt: skip


def _countries(country: str, answers: dict[str, object]) -> frozenset[str]:
    project = answers.get("project_country")
    return frozenset({country, project} if isinstance(project, str) and project else {country})


def _words(value: object) -> frozenset[str]:
    return frozenset(str(one) for one in value) if isinstance(value, list) else frozenset()


def _neighbour(session: Session, stage: Round, step: int) -> Round | None:
    query = select(Round).where(Round.edition_id == stage.edition_id, Round.number == stage.number + step)
    return session.scalars(query).one_or_none()


def _count_entries(session: Session, stage: Round) -> int:
    return session.scalar(select(func.count()).where(RoundEntry.round_id == stage.id)) or 0


def _impossible(session: Session, stuck: Sequence[Impossible], reviews: int) -> Refusal:
    first = stuck[0]
    title = session.scalar(select(Entry.title).where(Entry.id == first.paper)) or ""
    values: dict[str, Any] = {
        "title": title, "reviews": reviews, "free": first.free, "country": first.same_country,
        "conflicts": first.in_conflict, "others": len(stuck) - 1,
    }  # fmt: skip
    if len(stuck) == 1:
        message = sentence(
            "“%(title)s” needs %(reviews)s judges, but only %(free)s may read it: %(country)s are from its country"
            " and %(conflicts)s have a conflict of interest. Please invite more judges."
        )
    else:
        message = sentence(
            "“%(title)s” needs %(reviews)s judges, but only %(free)s may read it: %(country)s are from its country"
            " and %(conflicts)s have a conflict of interest. %(others)s more entries lack judges too."
            " Please invite more judges."
        )
    return Refusal(message, **values)
