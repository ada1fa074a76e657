"""Declaring conflicts of interest, in the browser."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from judging.models import Assignment, Conflict, Judge
from portal import clock
from portal.db import Database
from portal.editions.models import Edition
from submissions.models import Entry
from tests.browser import Browser
from tests.factories import NOW, make_edition, make_entry, make_judge, make_organisation, make_user
from tests.judging.panel import SECRETS, Panel, add_entries, make_panel
from tests.statements import statements

PAGE = "/en/judging/editions/2026/conflicts"
REASONS = f"{PAGE}/reasons"


@pytest.fixture(autouse=True)
def _still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def undeclared(database: Database, **edition: object) -> Panel:
    with database.transaction() as session:
        panel = make_panel(session, **edition)
        session.get_one(Judge, panel.judge_id).conflicts_declared_at = None
    return panel


def test_declaring_none_opens_the_list(app: Flask, database: Database) -> None:
    panel = undeclared(database)
    browser = Browser(app, panel.judge)
    page = browser.get(PAGE)
    assert [box["value"] for box in page.soup.select("input[name=on]")][:1] == [panel.entry]
    assert page.soup.select_one(".conflicts__group--own legend").get_text() == "From your own country: Germany"  # type: ignore[union-attr]
    assert "Declared" in page.words

    browser.get(REASONS)
    page = browser.submit(form="main form")

    assert "Your declaration was recorded." in page.words
    assert len(page.soup.select(".reading-list__row")) == 2
    with database.open() as session:
        assert session.get_one(Judge, panel.judge_id).conflicts_declared_at == NOW


def test_a_ticked_entry_needs_a_kind_and_is_taken_away(app: Flask, database: Database) -> None:
    panel = undeclared(database)
    browser = Browser(app, panel.judge)
    page = browser.get(f"{REASONS}?on={panel.entry}")
    assert "City of Quartzville" in page.words
    page = browser.submit({f"reason_{panel.entry}": "I advised them."}, form="main form", status=422)
    assert "Please choose the kind of conflict." in page.words
    assert "I advised them." in page.text
    page = browser.submit({f"kind_{panel.entry}": "nonsense"}, form="main form", status=422)
    assert "Please choose the kind of conflict." in page.words
    page = browser.submit({f"kind_{panel.entry}": "other", f"reason_{panel.entry}": ""}, form="main form", status=422)
    assert "Please say in a few words what the conflict is." in page.words
    page = browser.submit({f"kind_{panel.entry}": "advised"}, form="main form")

    assert "One entry was taken from your list." in page.words
    assert "Quartzville" not in page.words
    browser.get(panel.room, 404)
    with database.open() as session:
        assert session.get_one(Assignment, panel.assignment).recused_at == NOW
        assert session.get_one(Assignment, panel.others_assignment).recused_at is None


def test_a_blind_edition_declares_against_organisations(app: Flask, database: Database) -> None:
    panel = undeclared(database, is_blind=True)
    browser = Browser(app, panel.judge)
    page = browser.get(PAGE)
    assert "City of Quartzville" in page.words
    assert "Health for" not in page.text
    assert not [one for one in (panel.entry, panel.assignment, "Second title") if one in page.text]
    with database.open() as session:
        organisation = session.get_one(Entry, panel.entry).organisation_id

    page = browser.get(f"{REASONS}?on={organisation}")
    assert "Health for" not in page.text
    page = browser.submit({f"kind_{organisation}": "family"}, form="main form")
    assert len(page.soup.select(".reading-list__row")) == 1
    with database.open() as session:
        rows = session.scalars(select(Conflict).where(Conflict.kind == "family")).all()
        assert [row.entry_id for row in rows] == [panel.entry]


def test_the_list_shows_what_stands_and_nothing_of_others(app: Flask, database: Database) -> None:
    panel = undeclared(database)
    with database.transaction() as session:
        session.add(Conflict(judge_id=panel.other_judge_id, entry_id=panel.entry, kind="money", reason="OTHERREASON",
                             declared_at=NOW))  # fmt: skip
        draft = make_entry(session, session.get_one(Edition, panel.edition.id),
                           make_organisation(session, panel.city, name="DRAFTORG"), panel.city)  # fmt: skip
    page = Browser(app, panel.judge).get(PAGE)

    hidden = ("OTHERREASON", "Olga Other", "DRAFTORG", draft.id, "WITHDRAWN", "OTHERCOMMENT", "CONTACTPERSON")
    assert not [word for word in hidden if word in page.text]
    assert len(page.soup.select("input[name=on]")) == 3  # the entry with a declared conflict has no box
    assert SECRETS[4] == "RECUSED"
    assert "RECUSED" in page.text


def test_without_eligible_entries_there_is_nothing_to_declare_yet(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        edition, user = make_edition(session), make_user(session)
        make_judge(session, edition, user, conflicts_declared_at=None)
        make_entry(session, edition, make_organisation(session, user), user, state="submitted", title="NOTYET")
    browser = Browser(app, user)
    page = browser.get(PAGE)
    assert "No entry has passed screening yet" in page.words
    assert "NOTYET" not in page.text
    assert browser.get(REASONS, 303).location == PAGE


def test_only_the_judges_of_the_edition_declare(app: Flask, database: Database) -> None:
    panel = undeclared(database)
    with database.transaction() as session:
        staff = make_user(session, "Staff", roles=("secretariat",))
        elsewhere = make_user(session, "Elsewhere")
        make_judge(session, make_edition(session, "2027"), elsewhere)
    for person in (panel.city, staff, elsewhere):
        for path in (PAGE, REASONS):
            assert "Quartzville" not in Browser(app, person).get(path, 404).text
        Browser(app, person).post(REASONS, {}, 404)
    Browser(app, panel.judge).get("/en/judging/editions/2099/conflicts", 404)
    assert "/login" in Browser(app).get(PAGE, 303).location


def test_the_page_costs_the_same_for_any_number_of_entries(app: Flask, database: Database) -> None:
    panel = undeclared(database)
    browser = Browser(app, panel.judge)
    browser.get(PAGE)
    with statements(database.engine) as few:
        browser.get(PAGE)
    with database.transaction() as session:
        add_entries(session, panel, 20)
    with statements(database.engine) as many:
        assert len(browser.get(PAGE).soup.select("input[name=on]")) == 23
    assert len(many) == len(few) <= 10


@pytest.mark.parametrize("language", ["ko", "ar-XB"])
def test_the_pages_stand_in_other_languages(app: Flask, database: Database, language: str) -> None:
    panel = undeclared(database)
    browser = Browser(app, panel.judge)
    for path in (PAGE, f"{REASONS}?on={panel.entry}", REASONS):
        assert browser.get(path.replace("/en/", f"/{language}/")).soup.html["lang"] == language  # type: ignore[index]


def test_the_secretariat_reads_all_conflicts_of_an_edition(app: Flask, database: Database) -> None:
    panel = undeclared(database)
    with database.transaction() as session:
        staff = make_user(session, "Staff", roles=("secretariat",))
        session.add(Conflict(judge_id=panel.other_judge_id, entry_id=panel.entry, kind="work", declared_at=NOW))
        session.add(Conflict(judge_id=panel.judge_id, entry_id=panel.entry, kind="other", reason="OURREASON",
                             declared_at=NOW, declared_by=panel.judge.id))  # fmt: skip
    path = "/en/staff/editions/2026/conflicts/"
    page = Browser(app, staff).get(path)

    rows = [row.get_text(" ") for row in page.soup.select("main tbody tr")]
    assert len(rows) == 3
    assert "City of Quartzville" in rows[0]
    assert any("OURREASON" in row and "Another reason" in row for row in rows)
    assert any("Olga Other" in row and "Found by the site" in row for row in rows)
    for person in (panel.judge, panel.city):
        assert "OURREASON" not in Browser(app, person).get(path, 404).text
    assert "/login" in Browser(app).get(path, 303).location
    Browser(app, staff).get("/en/staff/editions/2099/conflicts/", 404)
    with database.transaction() as session:
        make_edition(session, "2027")
    assert "No conflicts of interest yet" in Browser(app, staff).get(path.replace("2026", "2027")).words
