"""The scene of the bench: a simulated edition of 2024's size, a judge with all its entries, applicants with open drafts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from flask import Flask
from flask import session as request_session
from flask_wtf.csrf import generate_csrf
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from judging.models import Assignment, Conflict, Judge
from portal import clock
from portal.accounts.models import User
from portal.app import create_app
from portal.config import read_settings
from portal.db import Database, new_id
from portal.editions.models import Edition, Round
from submissions.models import Entry
from submissions.rules import STANDING, EntryState
from tests import factories

WRITERS = 12


@dataclass(frozen=True)
class Person:
    """A signed-in person: the cookie of their session and a form token that belongs to it."""

    cookie: str
    token: str


@dataclass(frozen=True)
class Scene:
    """Who and what the requests are about."""

    app: Flask
    edition: str
    round_id: str
    judge: Person
    secretary: Person
    assignments: list[str]
    drafts: list[tuple[Person, str]]


def prepare(folder: Path) -> Scene:
    """Add to a simulated instance what the requests need; return it."""
    app = create_app(read_settings({"PORTAL_INSTANCE": str(folder), "DEMONSTRATION": "1"}))
    database: Database = app.extensions["portal"].database
    with database.transaction() as session:
        edition = session.scalars(select(Edition).where(Edition.simulated)).one()
        judge, assignments, round_id = _read_everything(session, edition)
        secretary = factories.make_user(session, "Secretary", roles=("secretariat",))
        drafts = _drafts(session)
        people = {user.id: user.fs_uniquifier for user in (judge, secretary, *[user for user, _ in drafts])}
        judge_id, secretary_id = judge.id, secretary.id
        pairs = [(user.id, entry) for user, entry in drafts]
        slug = edition.slug
    return Scene(
        app, slug, round_id, sign_in(app, people[judge_id]), sign_in(app, people[secretary_id]), assignments,
        [(sign_in(app, people[user]), entry) for user, entry in pairs],
    )  # fmt: skip


def _read_everything(session: Session, edition: Edition) -> tuple[User, list[str], str]:
    """Give one judge every entry of a round that is open now: the longest list there can be."""
    now = clock.now()
    judge = session.scalars(select(Judge).where(Judge.edition_id == edition.id, Judge.state == "accepted")).first()
    assert judge is not None
    session.execute(delete(Conflict).where(Conflict.judge_id == judge.id))  # so that the list is as long as can be
    handed_in = select(Entry.id).where(Entry.edition_id == edition.id, Entry.state.in_(STANDING)).order_by(Entry.title)
    entries = list(session.scalars(handed_in))
    session.execute(update(Entry).where(Entry.id.in_(entries)).values(state=EntryState.ELIGIBLE))
    first = session.scalars(select(Round).where(Round.edition_id == edition.id, Round.number == 1)).one()
    last = session.scalar(select(func.max(Round.number)).where(Round.edition_id == edition.id)) or 1
    extra = Round(
        id=new_id(), edition_id=edition.id, number=last + 1, opens_at=now - timedelta(days=1),
        closes_at=now + timedelta(days=30), opened_at=now - timedelta(days=1), reviews_per_entry=1,
    )  # fmt: skip
    session.add(extra)
    session.flush()
    rows = [
        Assignment(id=new_id(), round_id=extra.id, judge_id=judge.id, entry_id=entry, position=place, assigned_at=now)
        for place, entry in enumerate(entries, 1)
    ]
    session.add_all(rows)
    session.execute(update(Judge).where(Judge.id == judge.id).values(conflicts_declared_at=now))
    session.flush()
    assert judge.user_id is not None
    return session.get_one(User, judge.user_id), [row.id for row in rows], first.id


def _drafts(session: Session) -> list[tuple[User, str]]:
    now = clock.now()
    edition = factories.make_edition(
        session, "bench", year=2099, call_opens_at=now - timedelta(days=1), call_closes_at=now + timedelta(days=30)
    )
    found = []
    for number in range(WRITERS):
        user = factories.make_user(session, f"Writer{number}")
        organisation = factories.make_organisation(session, user, name=f"City {number}")
        found.append((user, factories.make_entry(session, edition, organisation, user).id))
    return found


def sign_in(app: Flask, key: str) -> Person:
    """Return a session cookie of a person and a token that goes with it."""
    with app.test_request_context("/"):
        token = generate_csrf()
        content = {"_user_id": key, "_fresh": True, "csrf_token": request_session["csrf_token"]}
        serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        return Person(f"session={serializer.dumps(content)}", token)
