"""The append-only, hash-chained record of every state change, and the side door for access records."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, event, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.db import Base, Database, DoorSession, begin_writing, insert_missing, is_writing, new_id

GENESIS = "0" * 64


class AuditHead(Base):
    """The end of the chain: one row, locked last, so that writers queue for an instant only."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True)
    sequence: Mapped[int]
    hash: Mapped[str]


class AuditEvent(Base):
    """One state change: opaque ids and plain facts only, never names, addresses or free text."""

    __tablename__ = "audit_event"

    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str | None]
    action: Mapped[str] = mapped_column(index=True)
    subject: Mapped[str] = mapped_column(index=True)
    facts: Mapped[dict[str, Any]]
    text_hash: Mapped[str | None]
    previous: Mapped[str]
    hash: Mapped[str]


class AuditText(Base):
    """The erasable free text of an event; without it the chain still verifies."""

    __tablename__ = "audit_text"

    sequence: Mapped[int] = mapped_column(ForeignKey("audit_event.sequence"), primary_key=True, autoincrement=False)
    salt: Mapped[str]
    value: Mapped[str]


class AccessRecord(Base):
    """What the side door writes: attempts that are counted for limits, and reads of personal data."""

    __tablename__ = "access_record"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    at: Mapped[datetime] = mapped_column(index=True)
    kind: Mapped[str]
    key: Mapped[str] = mapped_column(index=True)
    actor: Mapped[str | None]


@dataclass(frozen=True, slots=True)
class Note:
    """An event that waits in the session for the commit."""

    at: datetime
    actor: str | None
    action: str
    subject: str
    facts: Mapping[str, Any]
    text: str | None


def note(
    session: Session,
    action: str,
    subject: str,
    *,
    by: str | None,
    now: datetime,
    text: str | None = None,
    **facts: Any,
) -> None:
    """Record a state change with the transaction that makes it.

    ``subject`` is ``kind:id``; ``facts`` are JSON values without personal data; ``text`` is kept erasable.
    """
    session.info.setdefault("notes", []).append(Note(now, by, action, subject, facts, text))


@event.listens_for(DoorSession, "before_commit")
def _append_notes(session: Session) -> None:
    notes: list[Note] = session.info.pop("notes", [])
    if not notes:
        return
    session.flush()
    asked = select(AuditHead).where(AuditHead.id == 1).with_for_update()
    head = session.scalars(asked).one_or_none()
    if head is None:  # the first event of all; two may come at once
        insert_missing(session, AuditHead, {"id": 1, "sequence": 0, "hash": GENESIS}, unique="id")
        head = session.scalars(asked).one()
    sequence, previous = head.sequence, head.hash
    texts = []
    for waiting in notes:
        sequence += 1
        salt = secrets.token_hex(16) if waiting.text else ""
        text_hash = _text_hash(salt, waiting.text) if waiting.text else None
        row = AuditEvent(
            sequence=sequence, at=waiting.at, actor=waiting.actor, action=waiting.action, subject=waiting.subject,
            facts=dict(waiting.facts), text_hash=text_hash, previous=previous, hash="",
        )  # fmt: skip
        row.hash = previous = event_hash(row)
        session.add(row)
        if waiting.text:
            texts.append(AuditText(sequence=sequence, salt=salt, value=waiting.text))
    session.flush()
    session.add_all(texts)
    head.sequence, head.hash = sequence, previous
    session.flush()


@event.listens_for(DoorSession, "after_rollback")
def _drop_notes(session: Session) -> None:
    session.info.pop("notes", None)


def event_hash(row: AuditEvent) -> str:
    """Return SHA-256 over the previous hash and the canonical JSON of the event."""
    body = json.dumps(
        [row.sequence, row.at.isoformat(), row.actor, row.action, row.subject, row.facts, row.text_hash],
        ensure_ascii=False, sort_keys=True, separators=(",", ":"),
    )  # fmt: skip
    return hashlib.sha256(f"portal-audit-1\n{row.previous}\n{body}".encode()).hexdigest()


def _text_hash(salt: str, text: str) -> str:
    return hashlib.sha256(f"{salt}\n{text}".encode()).hexdigest()


def verify(session: Session) -> tuple[int, list[str]]:
    """Check the whole chain; return the number of events and a sentence for each fault."""
    faults: list[str] = []
    previous, count = GENESIS, 0
    texts = {text.sequence: text for text in session.scalars(select(AuditText))}
    for row in session.scalars(select(AuditEvent).order_by(AuditEvent.sequence).execution_options(yield_per=1000)):
        count += 1
        if row.sequence != count:
            faults.append(f"Event {count} is missing before {row.sequence}.")
            count = row.sequence
        if row.previous != previous or row.hash != event_hash(row):
            faults.append(f"Event {row.sequence} was changed.")
        text = texts.get(row.sequence)
        if text is not None and row.text_hash != _text_hash(text.salt, text.value):
            faults.append(f"The text of event {row.sequence} was changed.")
        previous = row.hash
    head = session.get(AuditHead, 1)
    if (head.sequence, head.hash) != (count, previous) if head else count:
        faults.append("The end of the chain does not match its head: events were cut off.")
    return count, faults


def last_seal(session: Session) -> str:
    """Return the hash at the end of the chain, which stands for all events."""
    return session.scalar(select(AuditHead.hash).where(AuditHead.id == 1)) or GENESIS


def has_seal(session: Session, seal: str) -> bool:
    """Tell whether an event of the chain has this hash."""
    return session.scalar(select(AuditEvent.sequence).where(AuditEvent.hash == seal)) is not None


def record(database: Database, kind: str, key: str, *, now: datetime, by: str | None = None) -> None:
    """Write an access record in a short transaction of its own, before anything is answered.

    Must be called before the request's own write transaction opens (SQLite has one writer).
    """
    with database.sessions() as session:
        begin_writing(session)
        session.add(AccessRecord(at=now, kind=kind, key=key, actor=by))
        session.commit()


def count_recent(session: Session, kind: str, key: str, *, since: datetime) -> int:
    """Count the access records of a kind and key since a moment."""
    query = select(func.count()).where(AccessRecord.kind == kind, AccessRecord.key == key, AccessRecord.at > since)
    return session.scalar(query) or 0


def is_within_limit(
    database: Database, session: Session, kind: str, key: str, *, most: int, per: timedelta, secret: str, now: datetime
) -> bool:
    """Count one more attempt and tell whether it is still among the ``most`` allowed in the period ``per``.

    The key (an address, an e-mail) is stored only as a keyed hash.
    """
    if is_writing(session):
        raise RuntimeError("A limit must be checked before the write transaction opens.")
    hashed = limit_key(key, secret)
    with database.sessions() as side:
        if count_recent(side, kind, hashed, since=now - per) >= most:
            return False
    record(database, kind, hashed, now=now)
    return True


def limit_key(key: str, secret: str) -> str:
    """Return what is stored of the key of a limit: the same for the same key, and no way back to it."""
    return hmac.new(secret.encode(), key.casefold().encode(), hashlib.sha256).hexdigest()[:32]
