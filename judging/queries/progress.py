"""Reads of how far judging has come: by edition, by judge, by entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from judging.models import Assignment, Judge, Publication, RoundEntry, Scorecard
from judging.rules import JudgeState
from portal.accounts.models import Organisation, User
from portal.editions.models import Category, Round
from submissions.models import Entry
from submissions.rules import EntryState


@dataclass(frozen=True, slots=True)
class JudgeRow:
    """A judge, and what they have done in a round (or in all rounds)."""

    judge_id: str
    name: str
    email: str
    country: str | None
    affiliation: str
    languages: Sequence[str]
    expertise: Sequence[str]
    state: str
    invited_at: datetime
    answered_at: datetime | None
    conflicts_declared_at: datetime | None
    assigned: int
    begun: int
    sent: int
    account: str | None

    @property
    def other_account(self) -> str | None:
        """The address of the account that has accepted, where it is not the invited one."""
        return self.account if self.account not in (None, self.email) else None


@dataclass(frozen=True, slots=True)
class EntryRow:
    """An entry of a round and its score sheets."""

    entry_id: str
    title: str
    language: str
    city: str
    country: str
    category_key: str
    assigned: int
    sent: int
    recused: int


@dataclass(frozen=True, slots=True)
class RoundCount:
    """The figures of one round."""

    entries: int
    assigned: int
    sent: int
    lacking: int  # assignments that are missing for the wanted number of judges


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for the secretariat in one edition."""

    to_screen: int
    standing: int
    unanswered: int
    judges: int
    missing_sheets: int


def list_judges(session: Session, edition_id: str, stage: Round | None = None) -> list[JudgeRow]:
    """Return the judges of an edition by name, with their load in a round or, without one, in all rounds."""
    of_round = Assignment.judge_id == Judge.id if stage is None else and_(
        Assignment.judge_id == Judge.id, Assignment.round_id == stage.id
    )  # fmt: skip
    active = Assignment.recused_at.is_(None) & (Entry.state == EntryState.ELIGIBLE)
    query = (
        select(
            Judge,
            func.count(case((active, Assignment.id))),
            func.count(case((and_(active, Scorecard.sent_at.is_(None)), Scorecard.id))),
            func.count(case((and_(active, Scorecard.sent_at.is_not(None)), Scorecard.id))),
            User.email,
        )
        .outerjoin(User, User.id == Judge.user_id)
        .outerjoin(Assignment, of_round)
        .outerjoin(Entry, Entry.id == Assignment.entry_id)
        .outerjoin(Scorecard, Scorecard.assignment_id == Assignment.id)
        .where(Judge.edition_id == edition_id)
        .group_by(Judge.id, User.email)
        .order_by(Judge.name, Judge.email)
    )
    return [
        JudgeRow(
            judge.id, judge.name, judge.email, judge.country, judge.affiliation, judge.languages, judge.expertise,
            judge.state, judge.invited_at, judge.answered_at, judge.conflicts_declared_at, assigned, begun, sent,
            account,
        )
        for judge, assigned, begun, sent, account in session.execute(query)
    ]  # fmt: skip


def is_being_judged(session: Session, organisation_id: str, *, now: datetime) -> bool:
    """Tell whether an organisation has an entry that passed screening and whose results are not public yet."""
    query = (
        select(Entry.id)
        .outerjoin(Publication, Publication.edition_id == Entry.edition_id)
        .where(
            Entry.organisation_id == organisation_id, Entry.state == EntryState.ELIGIBLE,
            Publication.visible_from.is_(None) | (Publication.visible_from > now),
        )
    )  # fmt: skip
    return session.scalar(query.limit(1)) is not None


def list_round_entries(session: Session, stage: Round) -> list[EntryRow]:
    """Return the entries that take part in a round with their score sheets, those with most sheets missing first."""
    active = Assignment.recused_at.is_(None)
    assigned = func.count(case((active, Assignment.id)))
    sent = func.count(case((and_(active, Scorecard.sent_at.is_not(None)), Scorecard.id)))
    recused = func.count(case((Assignment.recused_at.is_not(None), Assignment.id)))
    query = (
        select(
            Entry.id, Entry.title, Entry.language, Organisation.city, Organisation.country, Category.key,
            assigned, sent, recused,
        )
        .join(RoundEntry, RoundEntry.entry_id == Entry.id)
        .join(Organisation, Organisation.id == Entry.organisation_id)
        .join(Category, Category.id == Entry.category_id)
        .outerjoin(Assignment, and_(Assignment.entry_id == Entry.id, Assignment.round_id == stage.id))
        .outerjoin(Scorecard, Scorecard.assignment_id == Assignment.id)
        .where(RoundEntry.round_id == stage.id, Entry.state == EntryState.ELIGIBLE)
        .group_by(
            Entry.id, Entry.title, Entry.language, Organisation.city, Organisation.country, Category.key,
            Category.position,
        )
        .order_by(sent, Category.position, Organisation.city, Entry.title, Entry.id)
    )  # fmt: skip
    return [EntryRow(*row) for row in session.execute(query)]


def count_round(rows: Sequence[EntryRow], reviews: int) -> RoundCount:
    """Return the figures of a round from its entries."""
    return RoundCount(
        len(rows), sum(row.assigned for row in rows), sum(row.sent for row in rows),
        sum(max(0, reviews - row.assigned) for row in rows),
    )  # fmt: skip


def list_waiting(session: Session) -> Mapping[str, Waiting]:
    """Return edition id → what waits for the secretariat; editions without entries and judges are left out."""
    entries = {
        edition_id: (to_screen, standing)
        for edition_id, to_screen, standing in session.execute(
            select(
                Entry.edition_id,
                func.count(case((Entry.state == EntryState.SUBMITTED, Entry.id))),
                func.count(case((Entry.submitted_at.is_not(None) & Entry.withdrawn_at.is_(None), Entry.id))),
            ).group_by(Entry.edition_id)
        )
    }
    judges = {
        edition_id: (unanswered, accepted)
        for edition_id, unanswered, accepted in session.execute(
            select(
                Judge.edition_id,
                func.count(case((Judge.state == JudgeState.INVITED, Judge.id))),
                func.count(case((Judge.state == JudgeState.ACCEPTED, Judge.id))),
            ).group_by(Judge.edition_id)
        )
    }
    missing = {
        row.edition_id: row.sheets
        for row in session.execute(
            select(Round.edition_id, func.count(Assignment.id).label("sheets"))
            .join(Assignment, Assignment.round_id == Round.id)
            .join(Entry, Entry.id == Assignment.entry_id)
            .outerjoin(Scorecard, Scorecard.assignment_id == Assignment.id)
            .where(
                Round.opened_at.is_not(None), Round.closed_at.is_(None), Assignment.recused_at.is_(None),
                Scorecard.sent_at.is_(None), Entry.state == EntryState.ELIGIBLE,
            )
            .group_by(Round.edition_id)
        )
    }  # fmt: skip
    return {
        edition_id: Waiting(
            *entries.get(edition_id, (0, 0)), *judges.get(edition_id, (0, 0)), missing.get(edition_id, 0)
        )
        for edition_id in {*entries, *judges, *missing}
    }


def list_finalists(session: Session, stage: Round) -> set[str]:
    """Return the ids of the entries that were chosen for the round after this one."""
    query = (
        select(RoundEntry.entry_id)
        .join(Round, Round.id == RoundEntry.round_id)
        .where(Round.edition_id == stage.edition_id, Round.number == stage.number + 1)
    )
    return set(session.scalars(query))
