"""The scoring room, in the browser: reading, saving, sending, stepping back."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from judging.models import Assignment, Conflict, Judge, Scorecard
from judging.queries.scorecards import get_sheet
from portal import clock
from portal.db import Database
from portal.editions.models import Round
from portal.files import FileStore
from portal.web import Portal
from submissions.models import Entry
from tests.browser import Browser, Page
from tests.factories import NOW, make_judge
from tests.judging.panel import CLOSES, IDENTITY, PDF, SECRETS, Panel, make_panel
from tests.statements import statements


@pytest.fixture(autouse=True)
def _still(monkeypatch: pytest.MonkeyPatch) -> None:
    set_clock(monkeypatch, NOW)


def set_clock(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    monkeypatch.setattr(clock, "now", lambda: moment)


@pytest.fixture
def panel(database: Database) -> Panel:
    with database.transaction() as session:
        return make_panel(session)


@pytest.fixture
def blind(database: Database) -> Panel:
    with database.transaction() as session:
        return make_panel(session, is_blind=True)


@pytest.fixture
def judge(app: Flask, panel: Panel) -> Browser:
    return Browser(app, panel.judge)


def fields(panel: Panel, one: str = "8", two: str = "7", comment: str = "Clear.") -> dict[str, str]:
    return {f"score_{panel.problem}": one, f"score_{panel.impact}": two, f"comment_{panel.problem}": comment}


def sheet_of(database: Database, assignment_id: str) -> dict[str, str]:
    with database.open() as session:
        sheet = get_sheet(session, session.get_one(Assignment, assignment_id))
        return {key: str(value) for key, value in sheet.scores.items()}


def test_the_room_shows_entry_and_sheet_and_nothing_of_others(judge: Browser, panel: Panel) -> None:
    page = judge.get(panel.room)

    assert "The people of Quartzville asked for it." in page.words
    assert "QUARTZFILE documents.pdf" in page.text
    assert "QUARTZFILE letter.pdf" not in page.text
    assert "Entry 1 of 2" in page.words
    assert len(page.soup.select(".score input[type=radio]")) == 22
    assert page.soup.select("input[type=radio][checked]") == []
    assert not [word for word in SECRETS if word in page.text]


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_blind_room_names_nobody_in_page_title_and_files(app: Flask, blind: Panel, language: str) -> None:
    browser = Browser(app, blind.judge)
    pages = [
        browser.get(f"/{language}/judging/assignments/{blind.assignment}{rest}") for rest in ("", "/send", "/conflict")
    ]
    for page in pages:
        whole = (page.text + str(page.response.headers)).casefold()
        assert not [word for word in (*SECRETS, *IDENTITY) if word.casefold() in whole]
        assert "Health for ■■■" in page.text
    assert "The people of ■■■ asked for it." in pages[0].words


def test_a_blind_attachment_has_a_neutral_name(app: Flask, blind: Panel, database: Database) -> None:
    store_files(app, database)
    browser = Browser(app, blind.judge)
    link = browser.get(blind.room).soup.select_one(".files a")
    assert link is not None

    response = browser.client.get(str(link["href"]), buffered=True)
    assert response.data == PDF
    assert "1.pdf" in response.headers["Content-Disposition"]
    assert "QUARTZ" not in str(response.headers)


def store_files(app: Flask, database: Database) -> None:
    from portal.files import StoredFile

    store: FileStore = app.extensions["portal"].store
    with database.open() as session:
        for file in session.scalars(select(StoredFile)):
            path = store.path(file.sha256)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(PDF)


def test_an_attachment_is_given_to_its_readers_only(app: Flask, panel: Panel, database: Database) -> None:
    store_files(app, database)
    path = f"{panel.room}/attachments/{panel.document}"
    judge = Browser(app, panel.judge)

    response = judge.client.get(path, buffered=True)
    assert (response.status_code, response.data) == (200, PDF)
    assert "QUARTZFILE documents.pdf" in response.headers["Content-Disposition"]
    assert "no-cache" in response.headers["Cache-Control"] or "no-store" in response.headers["Cache-Control"]
    judge.get(f"{panel.room}/attachments/{panel.letter}", 404)
    judge.get(f"/en/judging/assignments/{panel.second}/attachments/{panel.document}", 404)
    judge.get(f"/en/judging/assignments/{panel.others_assignment}/attachments/{panel.document}", 404)
    for person in (panel.city, panel.other):
        Browser(app, person).get(path, 404)
    assert "/login" in Browser(app).get(path, 303).location


def test_nobody_else_enters_a_room(app: Flask, panel: Panel, database: Database) -> None:
    rooms = [f"{panel.room}{rest}" for rest in ("", "/send", "/conflict")]
    for person in (panel.city, panel.other):
        for path in rooms:
            text = Browser(app, person).get(path, 404).text
            assert "Health for" not in text
            assert "asked for it" not in text
    for path in rooms:
        assert "/login" in Browser(app).get(path, 303).location
    judge = Browser(app, panel.judge)
    judge.get(f"/en/judging/assignments/{panel.others_assignment}", 404)
    judge.get(f"/en/judging/assignments/{panel.recused}", 404)
    judge.get("/en/judging/assignments/unknown", 404)
    for path in (panel.room, f"{panel.room}/draft", f"{panel.room}/send", f"{panel.room}/conflict"):
        Browser(app, panel.other).post(path, fields(panel), 404)
    assert sheet_of(database, panel.assignment) == {}


@pytest.mark.parametrize("change", ["undeclared", "unopened", "withdrawn", "removed"])
def test_a_room_closes_with_what_it_stands_on(app: Flask, panel: Panel, database: Database, change: str) -> None:
    with database.transaction() as session:
        judge = session.get_one(Judge, panel.judge_id)
        if change == "undeclared":
            judge.conflicts_declared_at = None
        elif change == "unopened":
            session.get_one(Round, panel.edition.rounds[0].id).opened_at = None
        elif change == "withdrawn":
            session.get_one(Entry, panel.entry).state = "withdrawn"
        else:
            judge.state = "removed"
    browser = Browser(app, panel.judge)
    assert "asked for it" not in browser.get(panel.room, 404).text
    browser.post(panel.room, fields(panel), 404)


def test_a_draft_is_saved_without_a_script(judge: Browser, panel: Panel, database: Database) -> None:
    judge.get(panel.room)
    page = judge.submit(
        {f"score_{panel.problem}": "8", f"comment_{panel.impact}": "Line one\r\nline two", "note": "mine"},
        form="form[data-autosave]", button="save",
    )  # fmt: skip

    assert "The draft was saved." in page.words
    assert sheet_of(database, panel.assignment) == {panel.problem: "8.00", panel.impact: "None"}
    checked = page.soup.select("input[type=radio][checked]")
    assert [(one["name"], one["value"]) for one in checked] == [(f"score_{panel.problem}", "8")]
    assert page.soup.select_one(f"#comment_{panel.impact}").get_text().strip() == "Line one\nline two"  # type: ignore[union-attr]
    assert "8.00 of 10" in page.words
    assert "1 of 2 criteria scored" in page.words


@pytest.mark.parametrize("value", ["11", "-1", "5.5", "many"])
def test_a_wrong_score_is_refused_at_its_place_and_nothing_typed_is_lost(
    judge: Browser, panel: Panel, database: Database, value: str
) -> None:
    judge.get(panel.room)
    page = judge.submit(
        {**fields(panel, one=value, comment="Typed <b>long</b>")}, form="form[data-autosave]", status=422
    )  # fmt: skip

    assert "A score is a whole number from 0 to 10." in page.words
    assert page.soup.select_one(f"#comment_{panel.problem}").get_text().strip() == "Typed <b>long</b>"  # type: ignore[union-attr]
    assert page.soup.select_one(f"input[name=score_{panel.impact}][checked]")["value"] == "7"  # type: ignore[index]
    assert sheet_of(database, panel.assignment) == {}


def test_a_tick_after_the_deadline_is_refused_and_the_text_stays(
    judge: Browser, panel: Panel, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge.get(panel.room)
    set_clock(monkeypatch, CLOSES)
    page = judge.submit(fields(panel, comment="Just too late"), form="form[data-autosave]", status=422)

    assert "Scoring in this round is closed" in page.words
    assert "Just too late" in page.text
    assert sheet_of(database, panel.assignment) == {}
    assert "does not count" in judge.get(panel.room).words


def test_a_stale_token_gives_the_form_back_filled(judge: Browser, panel: Panel, database: Database) -> None:
    judge.get(panel.room)
    page = judge.submit({**fields(panel, comment="Kept"), "csrf_token": "old"}, form="form[data-autosave]", status=422)
    assert "open for too long" in page.words
    assert "Kept" in page.text
    assert sheet_of(database, panel.assignment) == {}


def autosave(browser: Browser, panel: Panel, data: dict[str, str], status: int) -> dict[str, object]:
    token = browser.token()
    response = browser.client.post(
        f"{panel.room}/draft", data={**data, "csrf_token": token}, headers={"Accept": "application/json"}
    )
    assert response.status_code == status, response.text
    found: dict[str, object] = response.get_json()
    return found


def test_autosave_answers_with_revision_and_exact_total(judge: Browser, panel: Panel) -> None:
    first = autosave(judge, panel, {f"score_{panel.impact}": "7", "revision": "0"}, 200)
    assert first == {
        "fields": {"revision": "1"}, "shown": {"total": "7.00 of 10", "scored": "1 of 2 criteria scored"},
    }  # fmt: skip
    second = autosave(judge, panel, {**fields(panel, one="8"), "revision": "1"}, 200)
    assert second["shown"] == {"total": "7.60 of 10", "scored": "2 of 2 criteria scored"}


def test_autosave_refuses_with_a_sentence(
    app: Flask, judge: Browser, panel: Panel, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "whole number" in str(autosave(judge, panel, fields(panel, one="99"), 422)["message"])
    autosave(judge, panel, {**fields(panel), "revision": "0"}, 200)
    assert "another window" in str(autosave(judge, panel, {**fields(panel), "revision": "0"}, 409)["message"])
    assert "another window" in str(autosave(judge, panel, {**fields(panel), "revision": "x"}, 409)["message"])
    set_clock(monkeypatch, CLOSES)
    assert "closed" in str(autosave(judge, panel, {**fields(panel), "revision": "1"}, 409)["message"])
    response = app.test_client().post(f"{panel.room}/draft", data={}, headers={"Accept": "application/json"})
    assert (response.status_code, response.is_json) == (401, True)


def test_two_windows_meet_on_a_page_with_both_versions(app: Flask, panel: Panel, database: Database) -> None:
    one, two = Browser(app, panel.judge), Browser(app, panel.judge)
    for browser in (one, two):
        browser.get(panel.room)
    one.submit(fields(panel, "3", "4", "From the first"), form="form[data-autosave]")
    page = two.submit(
        {**fields(panel, "9", "10", 'From the "second"'), "note": "n2"}, form="form[data-autosave]", status=409
    )

    assert len(page.soup.select(".chip--warn")) == 3
    assert "From the first" in page.words
    assert 'From the "second"' in page.words
    assert sheet_of(database, panel.assignment) == {panel.problem: "3.00", panel.impact: "4.00"}
    assert not [word for word in SECRETS if word in page.text]
    kept = two.submit(form="main form")
    assert sheet_of(database, panel.assignment) == {panel.problem: "9.00", panel.impact: "10.00"}
    assert 'From the "second"' in kept.soup.select_one(f"#comment_{panel.problem}").get_text()  # type: ignore[union-attr]


def test_the_room_says_beforehand_that_words_are_needed(judge: Browser, panel: Panel) -> None:
    assert "write at least one comment or a note" in judge.get(panel.room).words


def test_sending_asks_once_and_leads_on_to_the_next_entry(judge: Browser, panel: Panel, database: Database) -> None:
    judge.get(panel.room)
    page = judge.submit(fields(panel), form="form[data-autosave]", button="check")
    assert "Send this score sheet?" in page.words
    assert "7.60 of 10" in page.words
    page = judge.submit(form="main form")

    assert "The score sheet was sent." in page.words
    assert page.soup.h1.get_text() == "Second title"  # type: ignore[union-attr]
    read = judge.get(panel.room)
    assert read.soup.select("form[data-autosave]") == []
    assert "cannot be changed any more" in read.words
    assert not [word for word in SECRETS if word in read.text]
    with database.open() as session:
        assert (
            session.scalars(select(Scorecard.sent_at).where(Scorecard.assignment_id == panel.assignment)).one() == NOW
        )
    assert judge.get(f"{panel.room}/send", 303).location == panel.room
    page = judge.post(panel.room, {**fields(panel, "1", "1", "Changed my mind"), "revision": "1"}, 422)
    assert "was sent and cannot be changed" in page.words
    assert "Changed my mind" in page.text


def test_the_last_sheet_leads_back_to_the_list(judge: Browser, panel: Panel) -> None:
    for path in (panel.room, f"/en/judging/assignments/{panel.second}"):
        judge.get(path)
        judge.submit(fields(panel), form="form[data-autosave]", button="check")
        page = judge.submit(form="main form")
    assert page.soup.h1.get_text() == "My reading list"  # type: ignore[union-attr]
    assert "2 of 2" in page.words
    assert "You have sent every score sheet of this round." in page.words


def test_an_incomplete_sheet_cannot_be_sent(judge: Browser, panel: Panel, database: Database) -> None:
    judge.get(panel.room)
    page = judge.submit({f"score_{panel.problem}": "8"}, form="form[data-autosave]", button="check")
    assert "These criteria have no score yet: Impact." in page.words
    assert page.soup.h1.get_text() == "The score sheet is not complete yet"  # type: ignore[union-attr]
    assert page.soup.select("main form") == []
    judge.post(f"{panel.room}/send", {"revision": "1"}, 422)
    judge.get(panel.room)
    page = judge.submit({f"score_{panel.impact}": "7"}, form="form[data-autosave]", button="check")
    assert "at least one comment or a note" in page.words
    with database.open() as session:
        assert (
            session.scalars(select(Scorecard.sent_at).where(Scorecard.assignment_id == panel.assignment)).one() is None
        )


def test_sending_sends_what_was_seen(judge: Browser, panel: Panel, database: Database) -> None:
    judge.get(panel.room)
    judge.submit(fields(panel), form="form[data-autosave]", button="check")
    autosave(judge, panel, {**fields(panel, "1", "1"), "revision": "1"}, 200)
    page = judge.post(f"{panel.room}/send", {"revision": "1"}, 422)
    assert "changed in another window" in page.words
    with database.open() as session:
        assert (
            session.scalars(select(Scorecard.sent_at).where(Scorecard.assignment_id == panel.assignment)).one() is None
        )


@pytest.mark.parametrize(("moment", "status"), [(CLOSES - timedelta(seconds=1), 303), (CLOSES, 422)])
def test_sending_ends_with_the_round(
    judge: Browser, panel: Panel, monkeypatch: pytest.MonkeyPatch, moment: datetime, status: int
) -> None:
    autosave(judge, panel, {**fields(panel), "revision": "0"}, 200)
    set_clock(monkeypatch, moment)
    judge.post(f"{panel.room}/send", {"revision": "1"}, status)


def test_a_conflict_found_while_reading_takes_the_entry_away(judge: Browser, panel: Panel, database: Database) -> None:
    judge.get(f"{panel.room}/conflict")
    page = judge.submit({"reason_entry": "My sister leads it."}, form="main form", status=422)
    assert "Please choose the kind of conflict." in page.words
    assert "My sister leads it." in page.text
    page = judge.submit({"kind_entry": "other", "reason_entry": " "}, form="main form", status=422)
    assert "Please say in a few words" in page.words
    page = judge.submit({"kind_entry": "family", "reason_entry": "My sister leads it."}, form="main form")

    assert "Quartzville" not in page.words
    judge.get(panel.room, 404)
    with database.open() as session:
        row = session.scalars(select(Conflict).where(Conflict.entry_id == panel.entry)).one()
        assert (row.kind, row.reason, row.judge_id) == ("family", "My sister leads it.", panel.judge_id)


def test_the_room_costs_at_most_ten_statements(app: Flask, judge: Browser, panel: Panel, database: Database) -> None:
    autosave(judge, panel, {**fields(panel), "revision": "0"}, 200)
    judge.get(panel.room)
    with statements(database.engine) as read:
        judge.get(panel.room)
    assert len(read) <= 10
    with statements(database.engine) as read:
        judge.get(f"{panel.room}/send")
    assert len(read) <= 10


def test_a_longer_scale_gets_a_number_field(app: Flask, panel: Panel, database: Database) -> None:
    from portal.editions.models import RuleSet

    with database.transaction() as session:
        session.scalars(select(RuleSet)).one().scale_max = 100
    judge = Browser(app, panel.judge)
    page: Page = judge.get(panel.room)
    assert len(page.soup.select(f"input#score_{panel.problem}[type=text]")) == 1
    judge.submit(fields(panel, "100", "0"), form="form[data-autosave]")
    assert sheet_of(database, panel.assignment) == {panel.problem: "100.00", panel.impact: "0.00"}
    judge.submit(fields(panel, "101", "0"), form="form[data-autosave]", status=422)


def test_korean_and_right_to_left_rooms_stand(app: Flask, judge: Browser, panel: Panel) -> None:
    site: Portal = app.extensions["portal"]
    assert "ar-XB" in site.languages
    for language in ("ko", "ar-XB"):
        assert (
            judge.get(f"/{language}/judging/assignments/{panel.assignment}").soup.h1.get_text()
            == "Health for quartzville"
        )  # type: ignore[union-attr]


def test_a_second_seat_in_another_edition_opens_nothing_here(app: Flask, panel: Panel, database: Database) -> None:
    from tests.factories import make_edition

    with database.transaction() as session:
        make_judge(session, make_edition(session, "2027"), panel.city)
    Browser(app, panel.city).get(panel.room, 404)
