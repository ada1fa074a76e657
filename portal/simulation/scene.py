"""The stage of a simulated edition: the site it plays on, who is who in its database, and its transactions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.db import Database
from portal.editions.models import Edition, Round
from portal.files import FileStore
from portal.jobs import Job
from portal.mail import MailMessage
from portal.simulation.plan import PlannedEntry, Timeline, World
from submissions.models import Entry

BATCH = 24
DAY = timedelta(days=1)
DOMAIN = "simulated.example.org"

T = TypeVar("T")


@dataclass(slots=True)
class Scene:
    """A world on a site: database ids by the numbers, names and addresses of the plan."""

    database: Database
    store: FileStore
    world: World
    edition_id: str = ""
    secretariat: str = ""
    people: dict[str, str] = field(default_factory=dict)  # e-mail → person
    organisations: dict[str, str] = field(default_factory=dict)  # name → organisation
    entries: dict[int, str] = field(default_factory=dict)
    judges: dict[int, str] = field(default_factory=dict)

    @property
    def time(self) -> Timeline:
        """Give the moments of the edition."""
        return self.world.timeline

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open a transaction whose mails are dropped before it ends: nobody at these addresses exists."""
        with self.database.transaction() as session:
            yield session
            session.flush()
            _drop_mails(session)

    def edition(self, session: Session) -> Edition:
        """Read the edition."""
        return session.get_one(Edition, self.edition_id)

    def round(self, session: Session, number: int) -> Round:
        """Read a round by its number."""
        query = select(Round).where(Round.edition_id == self.edition_id, Round.number == number)
        return session.scalars(query).one()

    def entry(self, session: Session, planned: PlannedEntry) -> Entry:
        """Read the entry that a planned one has become."""
        return session.get_one(Entry, self.entries[planned.number])


def batches(items: Iterable[T]) -> Iterator[list[T]]:
    """Give the items in lists of the size of a transaction."""
    batch: list[T] = []
    for item in items:
        batch.append(item)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _drop_mails(session: Session) -> None:
    """Remove the mails to simulated people and the jobs that would send them."""
    waiting = select(MailMessage.id).where(MailMessage.sent_at.is_(None), MailMessage.recipient.endswith(f"@{DOMAIN}"))
    messages = set(session.scalars(waiting))
    if not messages:
        return
    sending = select(Job.id, Job.payload).where(Job.kind == "mail.send", Job.done_at.is_(None))
    jobs = [job_id for job_id, payload in session.execute(sending) if payload.get("message") in messages]
    session.execute(delete(Job).where(Job.id.in_(jobs)))
    session.execute(delete(MailMessage).where(MailMessage.id.in_(messages)))
