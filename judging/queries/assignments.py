"""Reads of what a judge is to read: editions, rounds, assignments, and the entries a conflict may lie with."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, bindparam, func, select
from sqlalchemy.orm import Session, joinedload

from judging.blinding import NAMING
from judging.models import Assignment, Conflict, Judge, Scorecard
from portal.accounts.models import Organisation
from portal.editions.models import Category, Edition, Round
from submissions.models import Attachment, Entry, Screening
from submissions.rules import EntryState


class ReadingRow(NamedTuple):
    """One line of a reading list."""

    assignment_id: str
    round_id: str
    title: str
    language: str
    category_key: str
    organisation: str
    city: str
    country: str
    is_begun: bool
    is_sent: bool


class JudgedRound(NamedTuple):
    """A round of an edition that a person judges."""

    edition: Edition
    judge_id: str
    judge_country: str | None
    conflicts_declared_at: datetime | None
    stage: Round


def readable(organisations: Collection[str]) -> list[ColumnElement[bool]]:
    """Return what the law of reading says of assignments, in SQL; the caller narrows to the person's own judges."""
    return [
        Assignment.recused_at.is_(None),
        Judge.conflicts_declared_at.is_not(None),
        Round.opened_at.is_not(None),
        Entry.state == EntryState.ELIGIBLE,
        Entry.organisation_id.not_in(organisations),
    ]


def list_judged_rounds(session: Session, judge_ids: Collection[str]) -> list[JudgedRound]:
    """Return the rounds of the editions that these judges belong to, newest edition first, later rounds first."""
    query = (
        select(Edition, Judge.id, Judge.country, Judge.conflicts_declared_at, Round)
        .join(Judge, Judge.edition_id == Edition.id)
        .join(Round, Round.edition_id == Edition.id)
        .where(Judge.id.in_(judge_ids))
        .order_by(Edition.year.desc(), Edition.slug, Round.number.desc())
    )
    return [JudgedRound(*row) for row in session.execute(query)]


def list_reading(session: Session, judge_ids: Collection[str], organisations: Collection[str]) -> list[ReadingRow]:
    """Return what these judges may read, each in the judge's own stable order (one statement, no entities)."""
    query = (
        select(
            Assignment.id, Assignment.round_id, Entry.title, Entry.language, Category.key,
            Organisation.name, Organisation.city, Organisation.country, Scorecard.id.is_not(None),
            Scorecard.sent_at.is_not(None),
        )
        .select_from(Assignment)
        .join(Judge, Judge.id == Assignment.judge_id)
        .join(Round, Round.id == Assignment.round_id)
        .join(Entry, Entry.id == Assignment.entry_id)
        .join(Category, Category.id == Entry.category_id)
        .join(Organisation, Organisation.id == Entry.organisation_id)
        .outerjoin(Scorecard, Scorecard.assignment_id == Assignment.id)
        .where(Assignment.judge_id.in_(judge_ids), *readable(organisations))
        .order_by(Assignment.round_id, Assignment.position, Assignment.id)
    )  # fmt: skip
    return [ReadingRow._make(row) for row in session.execute(query)]


def list_names(session: Session, judge_ids: Collection[str]) -> dict[str, tuple[str | None, ...]]:
    """Return assignment id → what gives an applicant away beside name and city, for entries of blind editions.

    First the web address, then the region and what the answers name.
    """
    named = (Entry.answers[key].as_string().label(key) for key in NAMING)
    query = (
        select(Assignment.id, Organisation.website, Organisation.region, *named)
        .join(Entry, Entry.id == Assignment.entry_id)
        .join(Organisation, Organisation.id == Entry.organisation_id)
        .join(Edition, Edition.id == Entry.edition_id)
        .where(Assignment.judge_id.in_(judge_ids), Edition.is_blind)
    )
    return {row[0]: tuple(row[1:]) for row in session.execute(query)}


#: What the laws and the arithmetic of scoring ask of an assignment: none of the long texts.
_TO_SCORE = (
    select(Assignment)
    .where(Assignment.id == bindparam("assignment_id"))
    .options(
        joinedload(Assignment.judge).load_only(Judge.edition_id, Judge.conflicts_declared_at),
        joinedload(Assignment.round),
        joinedload(Assignment.entry).load_only(Entry.state, Entry.organisation_id),
        joinedload(Assignment.entry).joinedload(Entry.category).load_only(Category.key),
    )
)
_TO_SCORE_LOCKED = _TO_SCORE.with_for_update(of=Assignment).execution_options(populate_existing=True)


def get_assignment(session: Session, assignment_id: str) -> Assignment | None:
    """Return an assignment with its judge, round, entry, edition, category, organisation and form (one statement)."""
    query = (
        select(Assignment)
        .where(Assignment.id == assignment_id)
        .options(
            joinedload(Assignment.judge),
            joinedload(Assignment.round),
            joinedload(Assignment.entry).joinedload(Entry.edition),
            joinedload(Assignment.entry).joinedload(Entry.category),
            joinedload(Assignment.entry).joinedload(Entry.organisation),
            joinedload(Assignment.entry).joinedload(Entry.form),
        )
    )
    return session.scalars(query).one_or_none()


def get_assignment_to_score(session: Session, assignment_id: str, *, lock: bool = False) -> Assignment | None:
    """Return an assignment with what scoring asks of its judge, round and entry, but not with what there is to read.

    With ``lock`` its row is read anew and held, so that two writers of one sheet wait for each other.
    """
    statement = _TO_SCORE_LOCKED if lock else _TO_SCORE
    return session.scalars(statement, {"assignment_id": assignment_id}).one_or_none()


@dataclass(frozen=True, slots=True)
class Place:
    """Where an assignment stands in its judge's reading list of the round."""

    number: int
    total: int
    sent: int
    previous: str | None
    following: str | None
    next_unsent: str | None


def get_place(session: Session, assignment: Assignment, organisations: Collection[str]) -> Place:
    """Return the neighbours of an assignment in the judge's own order, and how many sheets are sent."""
    query = (
        select(Assignment.id, Scorecard.sent_at)
        .select_from(Assignment)
        .join(Judge, Judge.id == Assignment.judge_id)
        .join(Round, Round.id == Assignment.round_id)
        .join(Entry, Entry.id == Assignment.entry_id)
        .outerjoin(Scorecard, Scorecard.assignment_id == Assignment.id)
        .where(
            Assignment.judge_id == assignment.judge_id, Assignment.round_id == assignment.round_id,
            *readable(organisations),
        )
        .order_by(Assignment.position, Assignment.id)
    )  # fmt: skip
    rows = list(session.execute(query))
    ids = [row.id for row in rows]
    here = ids.index(assignment.id)
    unsent = [row.id for row in rows[here + 1 :] + rows[:here] if row.sent_at is None]
    return Place(
        here + 1, len(ids), sum(row.sent_at is not None for row in rows),
        ids[here - 1] if here else None, ids[here + 1] if here + 1 < len(ids) else None,
        unsent[0] if unsent else None,
    )  # fmt: skip


def get_attachment(session: Session, assignment: Assignment, attachment_id: str) -> Attachment | None:
    """Return a file of the assigned entry."""
    query = select(Attachment).where(Attachment.id == attachment_id, Attachment.entry_id == assignment.entry_id)
    return session.scalars(query).one_or_none()


class Candidate(NamedTuple):
    """An entry that a judge may have a conflict with."""

    entry_id: str
    organisation_id: str
    title: str
    language: str
    organisation: str
    city: str
    country: str
    kind: str | None
    reason: str | None
    is_detected: bool


def list_candidates(session: Session, judge: Judge) -> list[Candidate]:
    """Return the eligible entries of the judge's edition with the conflicts declared so far.

    They stand by country and organisation. Entries with a conflict are named even when they no longer take part.
    """
    query = (
        select(
            Entry.id, Entry.organisation_id, Entry.title, Entry.language, Organisation.name, Organisation.city,
            Organisation.country, Conflict.kind, Conflict.reason,
            Conflict.id.is_not(None) & Conflict.declared_by.is_(None),
        )
        .select_from(Entry)
        .join(Organisation, Organisation.id == Entry.organisation_id)
        .outerjoin(Conflict, (Conflict.entry_id == Entry.id) & (Conflict.judge_id == judge.id))
        .where(
            Entry.edition_id == judge.edition_id,
            (Entry.state == EntryState.ELIGIBLE) | Conflict.id.is_not(None),
        )
        .order_by(Organisation.country, Organisation.name, Entry.title, Entry.id)
    )  # fmt: skip
    return [Candidate._make(row) for row in session.execute(query)]


def count_admitted_since(session: Session, edition_id: str, moment: datetime) -> int:
    """Count the entries that passed screening after a moment: those that an earlier declaration could not know."""
    query = (
        select(func.count(Screening.entry_id.distinct()))
        .join(Entry, Entry.id == Screening.entry_id)
        .where(
            Entry.edition_id == edition_id, Entry.state == EntryState.ELIGIBLE,
            Screening.outcome == EntryState.ELIGIBLE, Screening.decided_at > moment,
        )
    )  # fmt: skip
    return session.scalar(query) or 0
