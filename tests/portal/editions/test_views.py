"""The page of the call: what is open, comes next or closed last, and never anything of a decision."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from portal import clock
from portal.db import Database
from portal.editions import actions
from portal.editions.models import Edition
from tests.browser import Browser

SECOND = timedelta(seconds=1)


@pytest.fixture
def opens(database: Database, template: dict[str, Any], forms: dict[str, Any]) -> datetime:
    """Make a published edition whose call opens now, with a timeline, and return the moment."""
    at = clock.now().replace(microsecond=0)
    with database.transaction() as session:
        edition = actions.create_edition(
            session, template, forms, slug="2026", year=2026, by=None, now=at, call_opens_at=at - SECOND,
            call_closes_at=at + timedelta(days=9, hours=1), round_1_closes_at=at + timedelta(days=40),
            results_at=at + timedelta(days=90),
        )  # fmt: skip
        actions.publish_edition(session, edition, by=None, now=at)
    return at


def test_call_shows_categories_applicants_prizes_and_deadline(app: Flask, opens: datetime) -> None:
    page = Browser(app).get("/en/call")
    for words in (
        "Open now", "Human-CentriCity", "Accompanying the vulnerable", "City governments", "Gold prize: up to 1",
        "Problem-centred innovation: 20 of 100", "Special mention: up to 3", "First round of judging ends", "Seoul (UTC+9)",
    ):  # fmt: skip
        assert words in page.words, words
    assert page.soup.select_one("a[href='/en/entries/new'], a[href*='/entries/']") is not None
    assert Browser(app).get("/ko/call").words.count("사람 중심") >= 1


def test_a_ceremony_whose_hour_is_not_told_is_a_day(app: Flask, database: Database, opens: datetime) -> None:
    for hour, shown in ((0, "October 6, 2031"), (16, "October 6, 2031, 16:00 (UTC+9)")):
        with database.transaction() as session:
            edition = session.scalars(select(Edition)).one()
            edition.ceremony_at = datetime(2031, 10, 6, hour, tzinfo=ZoneInfo("Asia/Seoul"))
        steps = Browser(app).get("/en/call").soup.select(".steps__when")
        assert shown in [step.get_text(" ", strip=True) for step in steps]


@pytest.mark.parametrize(("days", "words"), [(-20, "This call has closed"), (5, "Opens soon"), (0, "Open now")])
def test_call_says_whether_it_is_open(
    app: Flask, database: Database, template: dict[str, Any], forms: dict[str, Any], days: int, words: str
) -> None:
    opens = clock.now() - SECOND + timedelta(days=days)
    with database.transaction() as session:
        edition = actions.create_edition(
            session, template, forms, slug="2026", year=2026, by=None, now=opens, call_opens_at=opens,
            call_closes_at=opens + timedelta(days=10),
        )  # fmt: skip
        actions.publish_edition(session, edition, by=None, now=opens)
    page = Browser(app).get("/en/call")
    assert words in page.words
    assert ("Start an entry" in page.words) == (days == 0)


def test_hidden_editions_are_not_announced(
    app: Flask, database: Database, template: dict[str, Any], forms: dict[str, Any], now: datetime
) -> None:
    with database.transaction() as session:
        actions.create_edition(
            session, template, forms, slug="2031", year=2031, by=None, now=now,
            call_opens_at=clock.now() - SECOND, call_closes_at=clock.now() + timedelta(days=1),
        )  # fmt: skip
    page = Browser(app).get("/en/call")
    assert "No call is announced" in page.words
    assert "2031" not in page.words


def test_the_time_left_is_always_that_of_now(
    app: Flask, opens: datetime, pass_time: Callable[[timedelta], None]
) -> None:
    browser, shown = Browser(app), []
    for hours in (0, 2):
        pass_time(timedelta(hours=hours))
        left = browser.get("/en/call").soup.select_one(".countdown__left")
        assert left is not None
        shown.append(left.get_text())
    assert shown == ["9 days 0 hours left", "8 days 22 hours left"]
