"""The city's pages: the way from an empty list to a receipt, and who finds what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal import clock
from portal.accounts.models import Organisation
from portal.audit import AccessRecord
from portal.db import Database
from portal.editions.models import Edition
from submissions.models import Entry, Screening, Submission
from tests.browser import Browser
from tests.factories import make_entry, make_judge, make_organisation, make_user
from tests.submissions.conftest import City, full_answers, real_form


def test_pages_of_an_entry_open_in_both_languages(city: City) -> None:
    browser = city.browser()
    for tag in ("en", "ko"):
        browser.get(f"/{tag}/entries/")
        browser.get(f"/{tag}/entries/new")
        base = f"/{tag}/entries/{city.entry.id}"
        browser.get(base)
        for section in real_form("people-centric-city")["sections"]:
            page = browser.get(f"{base}/sections/{section['key']}")
            assert page.soup.h1.get_text(strip=True) == section["title"][tag]
            browser.get(f"{base}/sections/{section['key']}?check=1")
        for path in ("check", "print", "withdraw", "language"):
            browser.get(f"{base}/{path}")
        browser.get(f"/{tag}/entries/forms/2026")
        browser.get(f"/{tag}/entries/forms/2026/everything")


def test_whole_way_from_start_to_receipt(city: City, read_entry_row: Callable[[str], Entry]) -> None:
    browser, answers = city.browser(), full_answers()
    for section in real_form("people-centric-city")["sections"]:
        browser.get(f"{city.path}/sections/{section['key']}")
        fields = {}
        for field in section["fields"]:
            value = answers.get(field["key"])
            if field["kind"] == "table" and value:
                for row, cells in enumerate(value):
                    fields |= {f"{field['key']}-{row}-{column}": cell for column, cell in cells.items()}
            elif value is not None:
                fields[field["key"]] = value
        browser.submit({**fields, "go": "next"}, form="form[data-autosave]")
    assert browser.page.soup.h1.get_text() == "Check your answers"
    browser.submit()
    assert "Receipt 2026-" in browser.page.words
    row = read_entry_row(city.entry.id)
    assert row.answers == {**row.answers, **answers}
    assert row.state == "submitted"
    browser.get("/en/entries/")
    browser.get(city.path)
    browser.get(f"{city.path}/print")


def complete(city: City, database: Database) -> City:
    """Answer everything."""
    with database.transaction() as session:
        session.get_one(Entry, city.entry.id).answers = full_answers()
    return city


def test_submitting_twice_leads_to_one_receipt(make_city: Callable[..., City], database: Database) -> None:
    city = complete(make_city(), database)
    first, second = city.browser(), city.browser()
    for browser in (first, second):
        browser.get(f"{city.path}/check")
    assert "Receipt 2026-" in first.submit().words
    assert second.submit().soup.h1.get_text() == first.page.soup.h1.get_text()  # type: ignore[union-attr]
    with database.open() as session:
        assert session.scalar(select(func.count()).select_from(Submission)) == 1


def test_only_what_was_looked_at_is_submitted(make_city: Callable[..., City], database: Database) -> None:
    city = complete(make_city(), database)
    browser, other = city.browser(), city.browser()
    browser.get(f"{city.path}/check")
    other.get(f"{city.path}/sections/project")
    other.submit({"pitch": "Quite another pitch", "go": "exit"}, form="form[data-autosave]")
    page = browser.submit(status=422)
    assert "The answers were changed in another window." in page.words
    assert "Quite another pitch" in page.words
    assert "Receipt 2026-" in browser.submit().words


def test_save_and_continue_keeps_wrong_answers_and_names_them(
    city: City, read_entry_row: Callable[[str], Entry]
) -> None:
    browser = city.browser()
    browser.get(f"{city.path}/sections/project")
    page = browser.submit({"title": "Night bus", "started_on": "spring", "go": "next"}, form="form[data-autosave]")
    assert page.response.request.full_path == f"{city.path}/sections/project?check=1"
    summary = page.soup.select_one(".error-summary")
    assert "“Start of the project” must be a date, such as 2026-03-31." in summary.get_text()
    assert (
        page.soup.select_one(summary.find("a", string=lambda text: "Start of the project" in text)["href"])["value"]
        == "spring"
    )
    answers = read_entry_row(city.entry.id).answers
    assert (answers["title"], answers["started_on"]) == ("Night bus", "spring")
    page = browser.submit({"started_on": "2024-03-01", "go": "next"}, form="form[data-autosave]")
    assert page.soup.h1.get_text() == "The problem and the people"


def test_save_and_exit_leads_to_the_overview(city: City) -> None:
    browser = city.browser()
    browser.get(f"{city.path}/sections/project")
    page = browser.submit({"title": "Night bus", "go": "exit"}, form="form[data-autosave]")
    assert page.soup.h1.get_text() == "Night bus"
    assert "1 of 9 questions answered" in page.words


def test_lines_of_a_table_are_added_and_removed_without_a_script(
    city: City, read_entry_row: Callable[[str], Entry]
) -> None:
    browser, form = city.browser(), "form[data-autosave]"
    browser.get(f"{city.path}/sections/resources")
    page = browser.submit({"budget-0-source": "own", "budget-0-amount": "1", "add_row": "budget"}, form=form)
    assert [tag["name"] for tag in page.soup.select("[name^=budget-][name$=-amount]")] == [
        "budget-0-amount",
        "budget-1-amount",
    ]
    page = browser.submit({"budget-1-amount": "2", "add_row": "budget"}, form=form)
    assert len(browser.submit({"add_row": "budget"}, form=form).soup.select("[name^=budget-][name$=-amount]")) == 4
    browser.submit({"remove_row": "budget:0"}, form=form)
    assert [row["amount"] for row in read_entry_row(city.entry.id).answers["budget"]] == ["2"]
    browser.submit({"remove_row": "budget:0"}, form=form)
    assert read_entry_row(city.entry.id).answers["budget"] == []


def test_autosave_answers_with_moment_and_revision(city: City, read_entry_row: Callable[[str], Entry]) -> None:
    browser = city.browser()
    page = browser.get(f"{city.path}/sections/project")
    form = page.soup.select_one("form[data-autosave]")
    answer = browser.post(form["data-autosave"], {"title": "Típed", "revision": "0"}, status=200).response.get_json()
    assert answer["revision"] == 1
    assert answer["fields"] == {"revision": 1}
    assert answer["saved_at"].endswith("+00:00")
    assert read_entry_row(city.entry.id).title == "Típed"
    answer = browser.post(form["data-autosave"], {"title": "Other", "revision": "0"}, status=409).response.get_json()
    assert "another window" in answer["message"]
    assert "both texts" in answer["message"]
    stale = browser.post(form["data-autosave"], {"title": "No token", "revision": "1"}, status=400, token=False)
    assert "open for too long" in stale.response.get_json()["message"]
    assert read_entry_row(city.entry.id).title == "Típed"


def test_two_tabs_show_both_texts_and_lose_nothing(city: City, read_entry_row: Callable[[str], Entry]) -> None:
    one, two, path = city.browser(), city.browser(), f"{city.path}/sections/project"
    one.get(path)
    two.get(path)
    one.submit({"title": "First <b>title</b>", "go": "exit"}, form="form[data-autosave]")
    page = two.submit({"title": "Second title", "pitch": "Kept", "go": "exit"}, form="form[data-autosave]", status=409)
    assert "First <b>title</b>" in page.soup.select_one("form .notice").get_text()
    assert page.soup.find(id="title")["value"] == "Second title"
    assert page.soup.find(id="pitch")["value"] == "Kept"
    assert not page.soup.select("form[data-autosave]"), "the script must not overwrite before the person has chosen"
    assert read_entry_row(city.entry.id).answers["title"] == "First <b>title</b>"
    two.submit({"title": "Both titles", "go": "exit"}, form="form.entry-form")
    answers = read_entry_row(city.entry.id).answers
    assert (answers["title"], answers["pitch"]) == ("Both titles", "Kept")


def test_a_stale_page_gives_the_form_back_filled(city: City, read_entry_row: Callable[[str], Entry]) -> None:
    browser = city.browser()
    browser.get(f"{city.path}/sections/project")
    page = browser.submit(
        {"title": "Typed", "csrf_token": "stale", "go": "next"}, form="form[data-autosave]", status=422
    )
    assert "Nothing is lost" in page.words
    assert page.soup.find(id="title")["value"] == "Typed"
    assert read_entry_row(city.entry.id).title == ""


def test_after_the_deadline_nothing_is_taken_and_everything_saved_is_readable(
    make_city: Callable[..., City], database: Database, read_entry_row: Callable[[str], Entry]
) -> None:
    city = make_city(entry_answers=full_answers(), entry_title="Night bus")
    browser, late = city.browser(), city.browser()
    browser.get(f"{city.path}/sections/project")
    late.get(f"{city.path}/check")
    with database.transaction() as session:
        session.get_one(Edition, city.edition.id).call_closes_at = clock.now() - timedelta(seconds=1)
    page = browser.submit({"title": "Too late", "go": "next"}, form="form[data-autosave]", status=422)
    assert "The call for entries closed on" in page.soup.select_one(".error-summary").get_text()
    assert "(UTC+9)" in page.soup.select_one(".error-summary").get_text()
    assert page.soup.find(id="title")["value"] == "Too late"
    page = late.submit(status=422)
    assert "The call for entries closed on" in page.soup.select_one(".error-summary").get_text()
    assert read_entry_row(city.entry.id).answers == full_answers()
    assert "was not submitted and is not judged" in browser.get(city.path).words
    assert "A line about pitch" in browser.get(f"{city.path}/print").words
    assert browser.get(f"{city.path}/sections/project", 303).location.endswith(city.path)
    assert browser.get(f"{city.path}/check", 303).location.endswith(city.path)
    assert "No call for entries is open" in browser.get("/en/entries/new").words


def test_submitting_an_incomplete_entry_lists_every_place_with_its_link(make_city: Callable[..., City]) -> None:
    city = make_city(entry_answers={**full_answers(), "title": "", "started_on": "soon"})
    browser = city.browser()
    page = browser.get(f"{city.path}/check")
    assert "1 answer is missing; 1 answer must be corrected" in page.words
    assert not page.soup.select("main form[method=post]")
    page = browser.post(f"{city.path}/check", status=422)
    links = [link["href"] for link in page.soup.select(".error-summary a")]
    assert links == [f"{city.path}/sections/project?check=1#{key}" for key in ("title", "started_on")]
    target = browser.get(links[0].partition("#")[0])
    assert target.soup.find(id="title")["aria-invalid"] == "true"


def test_withdraw_asks_once_and_can_begin_again(
    make_city: Callable[..., City], read_entry_row: Callable[[str], Entry]
) -> None:
    city = make_city(entry_answers=full_answers(), entry_title="Night bus")
    browser = city.browser()
    browser.get(f"{city.path}/check")
    browser.submit()
    page = browser.get(f"{city.path}/withdraw")
    assert page.soup.h1.get_text() == "Withdraw this entry?"
    assert read_entry_row(city.entry.id).state == "submitted"
    page = browser.submit({"reason": "x" * 1001}, status=422)
    assert page.soup.find(id="reason").get_text().strip() == "x" * 1001
    page = browser.submit({"reason": "A better one follows"})
    assert read_entry_row(city.entry.id).state == "withdrawn"
    page = browser.submit(form="main form[action$=begin-again]")
    assert page.soup.h1.get_text() == "A line about title"
    assert page.response.request.path != city.path
    assert "This entry was withdrawn" in browser.get(f"{city.path}/receipt").words


def test_a_discarded_draft_says_so_and_is_nothing_for_the_secretariat(
    make_city: Callable[..., City], database: Database, app: Flask
) -> None:
    city = make_city(entry_answers=full_answers(), entry_title="Night bus")
    with database.transaction() as session:
        slug = session.get_one(Entry, city.entry.id).edition.slug
        helper = make_user(session, "Mina", roles=("secretariat",))
    browser = city.browser()
    browser.get(f"{city.path}/withdraw")
    page = browser.submit()
    assert "The draft was discarded." in page.words
    assert "This draft was discarded. It had not been submitted." in page.words
    assert "Discarded" in browser.get("/en/entries/").words
    assert "Withdrawn" not in browser.page.words
    desk = Browser(app, helper)
    assert "Night bus" not in desk.get(f"/en/staff/editions/{slug}/entries/").words
    desk.get(f"/en/staff/editions/{slug}/entries/{city.entry.id}", 404)


def test_after_the_call_withdrawing_takes_a_reason_and_cannot_be_undone(
    make_city: Callable[..., City], read_entry_row: Callable[[str], Entry], database: Database, app: Flask
) -> None:
    city = make_city(entry_answers=full_answers(), entry_title="Night bus")
    browser = city.browser()
    browser.get(f"{city.path}/check")
    browser.submit()
    with database.transaction() as session:
        edition = session.get_one(Entry, city.entry.id).edition
        edition.call_opens_at, edition.call_closes_at = (clock.now() - timedelta(days=days) for days in (20, 10))
        edition.rounds[0].closes_at = clock.now() + timedelta(days=10)
        slug = edition.slug
        helper = make_user(session, "Mina", roles=("secretariat",))
    assert browser.get(city.path).soup.select_one('main a[href$="/withdraw"]')
    page = browser.get(f"{city.path}/withdraw")
    assert "you cannot undo this" in page.words
    assert "(optional)" not in page.soup.select_one("label[for=reason]").get_text()
    page = browser.submit({"reason": ""}, status=422)
    assert "please say why" in page.soup.select_one("#reason-error").get_text()
    page = browser.submit({"reason": "Our new council wishes it"})
    assert "The entry was withdrawn." in page.words
    assert read_entry_row(city.entry.id).state == "withdrawn"
    assert not page.soup.select("main form[action$=begin-again]")
    seen = Browser(app, helper).get(f"/en/staff/editions/{slug}/entries/{city.entry.id}")
    assert "Our new council wishes it" in seen.words


def test_starting_names_the_wrong_type_at_the_category(city: City) -> None:
    browser = city.browser()
    page = browser.get("/en/entries/new")
    assert page.soup.select("input[name=organisation][checked]"), "the only organisation is chosen already"
    page = browser.submit({"category": "leadership"}, status=422)
    assert "City governments cannot enter in this category." in page.soup.select_one("fieldset#category").get_text()
    assert "Please choose a category." in browser.submit({"category": []}, status=422).words
    page = browser.submit({"category": "people-centric"}, status=422)
    assert "already working on an entry in this category" in page.words
    page = browser.submit({"category": "tech-innovation", "language": "ar"})
    assert page.soup.h1.get_text() == "Entry without a title"
    assert "العربية" in page.words


def test_people_without_an_organisation_are_led_to_it(app: Flask, city: City, database: Database) -> None:
    with database.transaction() as session:
        stranger = make_user(session, "Stranger")
    browser = city.browser(stranger)
    for path in ("/en/entries/", "/en/entries/new"):
        page = browser.get(path)
        assert page.soup.select('main a[href*="/organisations/new"]')


PAGES = ("", "/sections/project", "/check", "/print", "/withdraw", "/language", "/receipt")


def test_entries_are_not_found_for_others_and_anonymous_people_sign_in(
    make_city: Callable[..., City], database: Database
) -> None:
    city = make_city(entry_answers=full_answers(), entry_title="Secret title", entry_receipt_code="2026-AAAA-BBBB")
    with database.transaction() as session:
        other, judge = make_user(session, "Other"), make_user(session, "Judge")
        make_organisation(session, other, name="Elsewhere")
        make_judge(session, session.get_one(Edition, city.edition.id), judge)
        secretary = make_user(session, "Secretary", roles=("secretariat",))
    for person in (other, judge, secretary):
        browser = city.browser(person)
        for page in PAGES:
            assert "Secret title" not in browser.get(city.path + page, 404).text
        for page in (
            "/sections/project",
            "/sections/project/draft",
            "/check",
            "/withdraw",
            "/begin-again",
            "/language",
        ):
            assert "Secret title" not in browser.post(city.path + page, {"title": "Stolen"}, 404).text
        assert "Secret title" not in browser.get("/en/entries/").text
    anonymous = Browser(city.app)
    for page in PAGES:
        assert "/en/login" in anonymous.get(city.path + page, 303).location
    assert (
        anonymous.client.post(city.path + "/sections/project/draft", headers={"Accept": "application/json"}).status_code
        == 401
    )
    assert "Secret title" in city.browser().get(city.path).text


def test_what_must_be_completed_stands_on_every_section(make_city: Callable[..., City], database: Database) -> None:
    city = make_city(entry_answers=full_answers(), entry_title="Night bus")
    browser = city.browser()
    assert "sent the entry back" not in browser.get(f"{city.path}/sections/project").words
    browser.get(f"{city.path}/check")
    browser.submit()
    with database.transaction() as session:
        secretary = make_user(session, "Secretary", roles=("secretariat",))
        session.get_one(Entry, city.entry.id).state = "sent-back"
        session.add(Screening(
            entry_id=city.entry.id, outcome="sent-back", reason="The budget is missing.", decided_at=clock.now(),
            decided_by=secretary.id,
        ))  # fmt: skip
    notice = browser.get(f"{city.path}/sections/project").soup.select_one("main .notice--warn")
    assert "The budget is missing." in notice.get_text()


def test_the_secretariat_prints_what_was_handed_in_and_its_reading_is_recorded(
    make_city: Callable[..., City], database: Database
) -> None:
    city = make_city(entry_answers=full_answers(), entry_title="Night bus")
    browser = city.browser()
    browser.get(f"{city.path}/check")
    browser.submit()
    with database.transaction() as session:
        secretary = make_user(session, "Secretary", roles=("secretariat",))
        entry = session.get_one(Entry, city.entry.id)
        entry.state, entry.answers = "sent-back", {**entry.answers, "pitch": "Being rewritten"}
    page = city.browser(secretary).get(f"{city.path}/print")
    assert "A line about pitch" in page.words
    assert "Being rewritten" not in page.words
    with database.open() as session:
        records = session.query(AccessRecord).filter_by(kind="read entry").all()
        assert [(record.key, record.actor) for record in records] == [(f"entry:{city.entry.id}", secretary.id)]


def test_empty_forms_are_public_for_published_editions_only(city: City, database: Database) -> None:
    anonymous = Browser(city.app)
    page = anonymous.get("/ko/entries/forms/2026/everything")
    assert "사업 제목" in page.words
    anonymous.get("/en/entries/forms/2026/nothing", 404)
    with database.transaction() as session:
        session.get_one(Edition, city.edition.id).is_published = False
    for path in ("/en/entries/forms/2026", "/en/entries/forms/2026/everything"):
        assert "Title of the project" not in anonymous.get(path, 404).text


def test_the_list_takes_as_many_statements_for_one_entry_as_for_four(
    city: City, database: Database, count_statements: Callable[[Callable[[], object]], int]
) -> None:
    browser = city.browser()
    browser.get("/en/entries/")
    one = count_statements(lambda: browser.get("/en/entries/"))
    with database.transaction() as session:
        for state in ("submitted", "eligible", "withdrawn"):
            make_entry(
                session, session.get_one(Edition, city.edition.id), session.get_one(Organisation, city.organisation.id),
                city.user, state=state,
            )  # fmt: skip
    four = count_statements(lambda: browser.get("/en/entries/"))
    assert one == four <= 10
    for page in ("", "/sections/project", "/check", "/print"):
        assert count_statements(lambda page=page: browser.get(city.path + page)) <= 10, page


@pytest.mark.parametrize("form", ["people-centric-organisation", "leadership-individual", "tech-innovation-city"])
def test_every_section_of_every_form_opens_also_right_to_left(make_city: Callable[..., City], form: str) -> None:
    city = make_city(form, category=2 if form.startswith("leadership") else 0, entry_answers=full_answers(form))
    browser = city.browser()
    for section in real_form(form)["sections"]:
        browser.get(f"/ar-XB/entries/{city.entry.id}/sections/{section['key']}?check=1")
    browser.get(f"/ar-XB/entries/{city.entry.id}/check")
    browser.submit()
    assert browser.page.soup.html["dir"] == "rtl"
