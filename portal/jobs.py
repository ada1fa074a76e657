"""Background work: rows written with the act that needs them, done after the commit, surviving a crash."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Index, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.db import Base, Database, new_id

log = logging.getLogger("portal.jobs")

LEASE = timedelta(minutes=5)
MOST_TRIES = 8

#: A handler gets the database, the payload and the moment; it opens its own transactions and may run twice.
Handler = Callable[[Database, Mapping[str, Any], datetime], None]


class Job(Base):
    """One piece of work: due, leased while a worker does it, then done or failed."""

    __tablename__ = "job"
    __table_args__ = (Index("ix_job_waiting", "done_at", "due_at"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]]
    key: Mapped[str | None]
    due_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    error: Mapped[str | None]


def enqueue(
    session: Session, kind: str, payload: Mapping[str, Any], *, due_at: datetime, key: str | None = None
) -> None:
    """Write a job in the caller's transaction; a job of the same key that nobody has begun is not written twice."""
    if key is not None:
        waiting = select(Job.id).where(
            Job.kind == kind, Job.key == key, Job.due_at <= due_at,
            Job.done_at.is_(None), Job.failed_at.is_(None), Job.leased_until.is_(None),
        )  # fmt: skip
        if session.scalar(waiting.limit(1)):
            return
    session.add(Job(kind=kind, payload=dict(payload), key=key, due_at=due_at))


def claim(database: Database, now: datetime) -> Job | None:
    """Lease the job that has waited longest, or return None."""
    free = or_(Job.leased_until.is_(None), Job.leased_until < now)
    query = (
        select(Job.id)
        .where(Job.done_at.is_(None), Job.failed_at.is_(None), Job.due_at <= now, free)
        .order_by(Job.due_at, Job.id)
        .limit(1)
    )
    with database.open() as session:
        if session.scalar(query) is None:
            return None
    with database.transaction() as session:
        # A job in whose hands workers have died that often would take every worker with it: nobody takes it again.
        deadly = update(Job).where(Job.tries >= MOST_TRIES, Job.leased_until < now, Job.done_at.is_(None))
        session.execute(deadly.values(failed_at=now, leased_until=None, error="The worker ended while doing it."))
        found = session.scalar(query.with_for_update(skip_locked=True))
        if found is None:
            return None
        session.execute(update(Job).where(Job.id == found).values(leased_until=now + LEASE, tries=Job.tries + 1))
        job = session.get_one(Job, found)
        session.refresh(job)
        session.expunge(job)
        return job


def run_due(
    database: Database, handlers: Mapping[str, Handler], now: Callable[[], datetime], *, most: int = 1000
) -> int:
    """Do the jobs that are due, one after the other; return how many were tried."""
    for count in range(most):
        job = claim(database, now())
        if job is None:
            return count
        _run(database, handlers, job, now())
    return most


def _run(database: Database, handlers: Mapping[str, Handler], job: Job, now: datetime) -> None:
    try:
        handlers[job.kind](database, job.payload, now)
    except Exception as problem:
        log.exception("job %s (%s) failed, try %d", job.id, job.kind, job.tries)
        values: dict[str, Any] = {"error": f"{type(problem).__name__}: {problem}"[:500], "leased_until": None}
        if job.tries >= MOST_TRIES:
            values["failed_at"] = now
        else:
            values["due_at"] = now + timedelta(seconds=min(3600, 2**job.tries))
    else:
        values = {"done_at": now, "leased_until": None, "error": None}
    with database.transaction() as session:
        session.execute(update(Job).where(Job.id == job.id).values(**values))
