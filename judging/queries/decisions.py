"""Reads of decisions and of an edition's publication."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from judging.models import Decision, Publication, WinnerText
from portal.editions.models import Prize
from submissions.models import Entry


def list_prizes(session: Session, edition_id: str) -> Sequence[Prize]:
    """Return the prizes of an edition in their order."""
    return session.scalars(select(Prize).where(Prize.edition_id == edition_id).order_by(Prize.position)).all()


def list_prizes_and_publication(session: Session, edition_id: str) -> tuple[list[Prize], Publication | None]:
    """Return the prizes of an edition in their order, and its publication, in one statement."""
    query = (
        select(Prize, Publication)
        .outerjoin(Publication, Publication.edition_id == Prize.edition_id)
        .where(Prize.edition_id == edition_id)
        .order_by(Prize.position)
    )
    rows = session.execute(query).all()
    return [row.Prize for row in rows], rows[0].Publication if rows else None


def list_decisions(session: Session, edition_id: str) -> Sequence[Decision]:
    """Return the decisions of an edition with prize, entry, organisation and category, in the order of the prizes."""
    query = (
        select(Decision)
        .join(Prize, Prize.id == Decision.prize_id)
        .where(Decision.edition_id == edition_id)
        .order_by(Prize.position, Decision.place, Decision.decided_at, Decision.id)
        .options(
            joinedload(Decision.prize),
            joinedload(Decision.entry).joinedload(Entry.organisation),
            joinedload(Decision.entry).joinedload(Entry.category),
        )
    )
    return session.scalars(query).all()


def get_decision(session: Session, edition_id: str, decision_id: str) -> Decision | None:
    """Return a decision of an edition."""
    query = select(Decision).where(Decision.id == decision_id, Decision.edition_id == edition_id)
    return session.scalars(query.options(joinedload(Decision.prize), joinedload(Decision.entry))).one_or_none()


def get_publication(session: Session, edition_id: str) -> Publication | None:
    """Return the approval and publication of an edition, if there was any."""
    return session.scalars(select(Publication).where(Publication.edition_id == edition_id)).one_or_none()


def get_winner_texts(session: Session, edition_id: str) -> dict[tuple[str, str], WinnerText]:
    """Return (entry id, language) → further text of the winners of an edition."""
    query = select(WinnerText).join(Entry, Entry.id == WinnerText.entry_id).where(Entry.edition_id == edition_id)
    return {(row.entry_id, row.language): row for row in session.scalars(query)}


def list_publication_moments(session: Session) -> dict[str, datetime]:
    """Return edition id → scheduled or passed publication moment, for the editions that have one."""
    query = select(Publication.edition_id, Publication.visible_from).where(Publication.visible_from.is_not(None))
    return {row.edition_id: row.visible_from for row in session.execute(query)}
