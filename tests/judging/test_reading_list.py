"""A judge's reading list, in the browser."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from judging.access import Judging
from judging.models import Assignment, Judge
from judging.queries.assignments import list_reading
from portal import clock
from portal.access import Visitor
from portal.db import Database
from portal.editions.models import Edition, Round
from portal.web import Portal
from submissions.models import Entry, Screening, Submission
from tests.browser import Browser, without_tokens
from tests.factories import NOW, keep, make_edition, make_judge, make_organisation, make_user
from tests.judging.panel import CLOSES, IDENTITY, SECRETS, add_entries, make_panel
from tests.statements import statements

LIST = "/en/judging/"


@pytest.fixture(autouse=True)
def _still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def test_the_list_shows_own_entries_only_in_their_order(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        panel = make_panel(session)
    page = Browser(app, panel.judge).get(LIST)

    rows = page.soup.select(".reading-list__row")
    assert [row.a.get_text() for row in rows if row.a] == ["Health for quartzville", "Second title"]
    assert [row.select_one(".chip").get_text() for row in rows] == ["Not begun", "Not begun"]
    assert "City of Quartzville" in page.words
    assert "0 of 2" in page.words
    assert not [word for word in SECRETS if word in page.text]


def test_the_list_names_states_and_progress(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        panel = make_panel(session)
    page = Browser(app, panel.other).get(LIST)

    assert [chip.get_text() for chip in page.soup.select(".reading-list .chip")] == ["Sheet sent", "Not begun"]
    assert "1 of 2" in page.words
    assert "You have sent every score sheet" not in page.words
    assert "My reading list" in Browser(app, panel.other).get("/en/account").soup.select_one(".desk__side").get_text()
    assert "9 days" in page.words or "10 days" in page.words


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_blind_list_names_nobody(app: Flask, database: Database, language: str) -> None:
    with database.transaction() as session:
        panel = make_panel(session, is_blind=True)
    page = Browser(app, panel.judge).get(f"/{language}/judging/")

    assert len(page.soup.select(".reading-list__row")) == 2
    shown = without_tokens(page).casefold()
    assert not [word for word in (*SECRETS, *IDENTITY, "Oslo", "Norway") if word.casefold() in shown]


def test_a_blind_list_names_no_nominee(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        panel = make_panel(session, is_blind=True)
        entry = session.get_one(Entry, panel.entry)
        entry.applicant_type, entry.title = "individual", "Ada Nominee, who changed a city"
        entry.answers = {**entry.answers, "nominee_name": "Ada Nominee"}
        submission = session.scalars(select(Submission).where(Submission.entry_id == entry.id)).one()
        submission.answers = {**entry.answers, "title": entry.title, "summary": "Ada nominee leads."}
    browser = Browser(app, panel.judge)
    for path in (LIST, panel.room, f"{panel.room}/send"):
        page = browser.get(path)
        assert "ada nominee" not in page.text.casefold()
        assert "■■■, who changed a city" in page.words


def test_a_blind_list_names_no_city_of_a_project_no_country_and_no_website(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        panel = make_panel(session, is_blind=True)
        entry = session.get_one(Entry, panel.entry)
        entry.title = "Trams of Whoville in Germany, see www.quartzville.example"
        entry.answers = {**entry.answers, "project_city": "Whoville"}
        submission = session.scalars(select(Submission).where(Submission.entry_id == entry.id)).one()
        submission.answers = {**entry.answers, "title": entry.title, "summary": "In WHOVILLE, Germany."}
    browser = Browser(app, panel.judge)
    for path in (LIST, panel.room, f"{panel.room}/send", f"{panel.room}/conflict"):
        page = browser.get(path)
        found = [word for word in ("whoville", "germany", "quartzville") if word in page.text.casefold()]
        assert not found, (path, found)
        assert "Trams of ■■■ in ■■■" in page.words


def test_nothing_is_listed_before_conflicts_are_declared(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        panel = make_panel(session)
        session.get_one(Judge, panel.judge_id).conflicts_declared_at = None
    page = Browser(app, panel.judge).get(LIST)

    assert page.soup.select(".reading-list__row") == []
    assert "Quartzville" not in page.text
    assert page.soup.select_one("a[href='/en/judging/editions/2026/conflicts']") is not None


def test_nothing_is_listed_before_the_round_is_opened(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        panel = make_panel(session)
        session.get_one(Round, panel.edition.rounds[0].id).opened_at = None
    page = Browser(app, panel.judge).get(LIST)

    assert "Quartzville" not in page.text
    assert "has not been opened yet" in page.words


def test_a_closed_round_says_so(app: Flask, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with database.transaction() as session:
        panel = make_panel(session)
    browser = Browser(app, panel.judge)
    monkeypatch.setattr(clock, "now", lambda: CLOSES - timedelta(seconds=1))
    assert "Read the next entry" in browser.get(LIST).words
    monkeypatch.setattr(clock, "now", lambda: CLOSES)
    page = browser.get(LIST)
    assert "This round is closed." in page.words
    assert "Read the next entry" not in page.words


def test_entries_admitted_after_the_declaration_are_announced(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        panel = make_panel(session)
        for minutes, by in ((-1, panel.city), (1, panel.city)):
            keep(session, Screening(entry_id=panel.entry, outcome="eligible", decided_by=by.id,
                                    decided_at=NOW + timedelta(minutes=minutes)))  # fmt: skip
    assert "One entry passed screening after your declaration." in Browser(app, panel.judge).get(LIST).words


def test_only_judges_have_a_list(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        panel = make_panel(session)
        staff = make_user(session, "Staff", roles=("administrator",))
        session.get_one(Judge, panel.other_judge_id).state = "removed"
    for person in (panel.city, staff, panel.other):
        text = Browser(app, person).get(LIST, 404).text
        assert not [word for word in (*SECRETS[1:], "Health for") if word in text]
    assert "/login" in Browser(app).get(LIST, 303).location


def test_the_list_costs_the_same_for_any_number_of_entries(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        panel = make_panel(session)
    browser = Browser(app, panel.judge)
    browser.get(LIST)
    with statements(database.engine) as few:
        browser.get(LIST)
    with database.transaction() as session:
        add_entries(session, panel, 30)
    with statements(database.engine) as many:
        assert len(browser.get(LIST).soup.select(".reading-list__row")) == 32
    assert len(many) == len(few)
    assert len(many) <= 10


def test_the_list_holds_exactly_what_the_law_allows(app: Flask, session: Session) -> None:
    panel = make_panel(session)
    edition = session.get_one(Edition, panel.edition.id)
    own = make_organisation(session, panel.judge, name="Own")
    session.get_one(Entry, panel.entry).organisation_id = own.id
    second = make_judge(session, make_edition(session, "2027"), panel.judge, conflicts_declared_at=None)
    session.flush()
    site: Portal = app.extensions["portal"]
    visitors = [
        Visitor("x", judgeships=judgeships, organisations=organisations)
        for judgeships in (
            {},
            {edition.id: panel.judge_id},
            {edition.id: panel.other_judge_id},
            {second.edition_id: second.id},
        )
        for organisations in (frozenset[str](), frozenset({own.id}))
    ]
    for visitor in visitors:
        allowed = {
            one.id for one in session.query(Assignment) if site.laws.allows(visitor, Judging.READ_ENTRY, one)
        }  # fmt: skip
        listed = list_reading(session, list(visitor.judgeships.values()), visitor.organisations)
        assert {row.assignment_id for row in listed} == allowed
    assert any(visitor.judgeships and list_reading(session, [panel.judge_id], ()) for visitor in visitors)
