"""Reads of entries."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.accounts.models import Membership, Organisation
from portal.editions.models import Category, Edition
from submissions.models import Attachment, Entry, Screening, Submission
from submissions.rules import OPEN, STANDING, place_key, withdrawal_ends_at


def get_entry(session: Session, entry_id: str) -> Entry | None:
    """Return an entry with its edition, category, organisation, form and attachments (two statements)."""
    query = _with_everything(select(Entry)).where(Entry.id == entry_id)
    return session.scalars(query.options(selectinload(Entry.attachments))).one_or_none()


def list_own_entries(session: Session, organisations: Collection[str]) -> list[Entry]:
    """Return the entries of these organisations, newest first: the same that the law lets their members open."""
    if not organisations:
        return []
    query = _with_everything(select(Entry)).where(Entry.organisation_id.in_(organisations))
    query = query.options(selectinload(Entry.attachments)).order_by(Entry.created_at.desc(), Entry.id)
    return list(session.scalars(query))


def list_entries(
    session: Session, edition_id: str, *, states: Iterable[str] | None = None, category_key: str | None = None
) -> list[Entry]:
    """Return the entries of an edition by category and title (one statement); drafts only if ``states`` asks for them.

    Without ``states``: all that were handed in and stand.
    """
    wanted = list(STANDING if states is None else states)
    query = _with_everything(select(Entry)).where(Entry.edition_id == edition_id, Entry.state.in_(wanted))
    if category_key is not None:
        query = query.where(Entry.category.has(Category.key == category_key))
    return list(session.scalars(query.join(Entry.category).order_by(Category.position, Entry.title, Entry.id)))


def get_open_entry(session: Session, *, category_id: str, organisation_id: str) -> Entry | None:
    """Return the entry that an organisation is working on in a category: a draft or one sent back."""
    query = select(Entry).where(
        Entry.category_id == category_id, Entry.organisation_id == organisation_id, Entry.state.in_(OPEN)
    )
    return session.scalars(query.order_by(Entry.created_at)).first()


def get_withdrawal_end(edition: Edition) -> datetime | None:
    """Return until when entries of an edition may be taken back: see ``rules.withdrawal_ends_at``."""
    return withdrawal_ends_at(edition.call_closes_at, [one.closes_at or one.closed_at for one in edition.rounds])


def list_organisations(session: Session, user_id: str) -> list[Organisation]:
    """Return the organisations that a person acts for, by name."""
    query = select(Organisation).join(Membership).where(Membership.user_id == user_id).order_by(Organisation.name)
    return list(session.scalars(query))


def get_attachment(session: Session, attachment_id: str) -> Attachment | None:
    """Return an attachment with its file and its entry."""
    query = select(Attachment).where(Attachment.id == attachment_id)
    return session.scalars(query.options(joinedload(Attachment.entry))).one_or_none()


def get_submission(session: Session, entry_id: str) -> Submission | None:
    """Return what was handed in last."""
    query = select(Submission).where(Submission.entry_id == entry_id).order_by(Submission.number.desc())
    return session.scalars(query.limit(1)).first()


def get_screening(session: Session, entry_id: str) -> Screening | None:
    """Return the latest outcome of screening."""
    query = select(Screening).where(Screening.entry_id == entry_id)
    return session.scalars(query.order_by(Screening.decided_at.desc(), Screening.id).limit(1)).first()


def list_screenings(session: Session, entry_ids: Collection[str]) -> dict[str, Screening]:
    """Return the latest outcome of screening of each of these entries that has one."""
    if not entry_ids:
        return {}
    query = select(Screening).where(Screening.entry_id.in_(entry_ids)).order_by(Screening.decided_at, Screening.id)
    return {screening.entry_id: screening for screening in session.scalars(query)}


def count_entries(session: Session, edition_id: str) -> dict[str, int]:
    """Count the entries of an edition that were handed in, by state."""
    handed_in = (Entry.edition_id == edition_id, Entry.submitted_at.is_not(None))
    query = select(Entry.state, func.count()).where(*handed_in).group_by(Entry.state)
    return {state: count for state, count in session.execute(query).all()}  # noqa: C416 - rows are not pairs


@dataclass(frozen=True, slots=True)
class Statistics:
    """Figures of an edition over the entries that were handed in and stand."""

    entries: int
    cities: int
    countries: int
    by_category: dict[str, int]
    by_applicant_type: dict[str, int]
    by_country: dict[str, int]


def get_statistics(session: Session, edition: Edition) -> Statistics:
    """Count entries, distinct cities (same name and country, case and spaces aside) and countries of an edition."""
    query = (
        select(Category.key, Entry.applicant_type, Organisation.city, Organisation.country, func.count())
        .select_from(Entry)
        .join(Entry.category)
        .join(Entry.organisation)
        .where(Entry.edition_id == edition.id, Entry.state.in_(STANDING))
        .group_by(Category.key, Entry.applicant_type, Organisation.city, Organisation.country)
    )
    cities: set[tuple[str, str]] = set()
    tables: tuple[dict[str, int], dict[str, int], dict[str, int]] = ({}, {}, {})
    total = 0
    for category, applicant_type, city, country, count in session.execute(query):
        cities.add(place_key(city, country))
        total += count
        for table, key in zip(tables, (category, applicant_type, country), strict=True):
            table[key] = table.get(key, 0) + count
    return Statistics(total, len(cities), len({country for _, country in cities}), *tables)


def _with_everything(query: Select[Entry]) -> Select[Entry]:
    return query.options(
        joinedload(Entry.edition), joinedload(Entry.category), joinedload(Entry.organisation), joinedload(Entry.form)
    )
