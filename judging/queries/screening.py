"""Reads of the screening desk: entries by state, category and country, and one entry with its history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.accounts.models import Organisation
from portal.editions.models import Category, Edition
from submissions.models import Entry, Screening
from submissions.rules import STANDING, EntryState

#: What the secretariat sees of an edition: everything that was handed in, withdrawn entries included, no drafts.
SHOWN = (*STANDING, EntryState.WITHDRAWN)
_HANDED_IN = (Entry.submitted_at.is_not(None), Entry.state.in_(SHOWN))  # a discarded draft is withdrawn, too


@dataclass(frozen=True, slots=True)
class ScreeningRow:
    """An entry on the screening desk."""

    entry_id: str
    title: str
    language: str
    organisation: str
    city: str
    country: str
    applicant_type: str
    category_key: str
    state: str
    submitted_at: datetime | None


def list_entries(
    session: Session, edition: Edition, *, state: str = "", category: str = "", country: str = ""
) -> list[ScreeningRow]:
    """Return the entries handed in, those that have waited longest first; filters that are empty hold nothing back."""
    query: Select[*tuple[Any, ...]] = (
        select(
            Entry.id, Entry.title, Entry.language, Organisation.name, Organisation.city, Organisation.country,
            Entry.applicant_type, Category.key, Entry.state, Entry.submitted_at,
        )
        .join(Organisation, Organisation.id == Entry.organisation_id)
        .join(Category, Category.id == Entry.category_id)
        .where(Entry.edition_id == edition.id, *_HANDED_IN)
        .order_by(Entry.submitted_at, Entry.id)
    )  # fmt: skip
    if state:
        query = query.where(Entry.state == state)
    if category:
        query = query.where(Category.key == category)
    if country:
        query = query.where(Organisation.country == country)
    return [ScreeningRow(*row) for row in session.execute(query)]


def list_countries(session: Session, edition: Edition) -> list[str]:
    """Return the countries from which entries of an edition came."""
    query = (
        select(Organisation.country)
        .join(Entry, Entry.organisation_id == Organisation.id)
        .where(Entry.edition_id == edition.id, *_HANDED_IN)
        .distinct()
    )
    return sorted(session.scalars(query))


def get_entry(session: Session, edition: Edition, entry_id: str) -> Entry | None:
    """Return an entry that was handed in, with all that a reader needs."""
    query = (
        select(Entry)
        .where(Entry.id == entry_id, Entry.edition_id == edition.id, *_HANDED_IN)
        .options(
            joinedload(Entry.organisation), joinedload(Entry.category), joinedload(Entry.form),
            joinedload(Entry.edition), selectinload(Entry.attachments),
        )
    )  # fmt: skip
    return session.scalars(query).unique().one_or_none()


def list_screenings(session: Session, entry_id: str) -> Sequence[Screening]:
    """Return the outcomes an entry had, newest first."""
    query = select(Screening).where(Screening.entry_id == entry_id)
    return session.scalars(query.order_by(Screening.decided_at.desc(), Screening.id)).all()


def next_to_screen(session: Session, edition: Edition, entry_id: str) -> str | None:
    """Return another entry that waits, the one handed in longest ago."""
    query = select(Entry.id).where(
        Entry.edition_id == edition.id, Entry.state == EntryState.SUBMITTED, Entry.id != entry_id
    )
    return session.scalar(query.order_by(Entry.submitted_at, Entry.id).limit(1))
