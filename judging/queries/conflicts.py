"""Reads of conflicts of interest, for the secretariat."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from judging.models import Conflict, Judge
from portal.accounts.models import Organisation
from submissions.models import Entry


class ConflictRow(NamedTuple):
    """One conflict: whose, with what, why, and whether the judge said so or the site found it."""

    judge: str
    organisation: str
    title: str
    language: str
    kind: str
    reason: str
    declared_at: datetime
    is_detected: bool


def list_conflicts(session: Session, edition_id: str) -> list[ConflictRow]:
    """Return the conflicts of an edition by judge and organisation (one statement)."""
    query = (
        select(
            Judge.name, Organisation.name, Entry.title, Entry.language, Conflict.kind, Conflict.reason,
            Conflict.declared_at, Conflict.declared_by.is_(None),
        )
        .select_from(Conflict)
        .join(Judge, Judge.id == Conflict.judge_id)
        .join(Entry, Entry.id == Conflict.entry_id)
        .join(Organisation, Organisation.id == Entry.organisation_id)
        .where(Judge.edition_id == edition_id)
        .order_by(Judge.name, Judge.id, Organisation.name, Entry.title, Entry.id)
    )  # fmt: skip
    return [ConflictRow._make(row) for row in session.execute(query)]
