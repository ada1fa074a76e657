"""What a new site starts with."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import func, select

from portal import seed
from portal.accounts.models import User
from portal.db import Database
from portal.editions.models import Edition
from portal.library import queries as library
from portal.library.models import Case, Result
from tests.browser import Browser
from tests.conftest import NOW


def test_a_new_site_has_the_real_content_and_no_account(app: Flask, database: Database) -> None:
    with app.app_context(), database.transaction() as session:
        assert seed.load(session, now=NOW, demonstration=False)
    with database.open() as session:
        assert session.scalar(select(func.count()).select_from(Case)) == 80
        assert session.scalar(select(func.count()).select_from(Result)) == 23
        assert session.scalars(select(Edition.slug).order_by(Edition.slug)).all() == ["2023", "2024", "2025", "2026"]
        assert len(library.list_collections(session, now=NOW)) == 3
        assert session.scalar(select(func.count()).select_from(User)) == 0
        assert not session.scalar(select(Edition.id).where(Edition.simulated))
    with app.app_context(), database.transaction() as session:
        assert not seed.load(session, now=NOW, demonstration=True)


def test_the_demonstration_gives_every_account_something_to_do(app: Flask, database: Database) -> None:
    with app.app_context(), database.transaction() as session:
        seed.load(session, now=NOW, demonstration=True)
        seed.load_open_edition(session, now=NOW)
        judge = session.scalars(select(User).where(User.email == "judge@example.org")).unique().one()
        assert session.scalars(select(Edition).where(Edition.slug == "open-sim")).one().simulated
        judge.is_demonstration = False  # this site is no demonstration: its accounts would not be found
    assert "Simulated open call" in Browser(app, judge).get("/en/judging/").words
