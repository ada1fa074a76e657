"""The doors: what a form that comes too late is answered."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal.accounts.models import Organisation
from portal.forms import small_number
from tests import factories
from tests.browser import Browser


def test_a_form_that_comes_after_the_session_ended_loses_nothing(app, database) -> None:
    with database.transaction() as session:
        user = factories.make_user(session)
    browser = Browser(app, user)
    browser.get("/en/organisations/new")
    typed = {"name": "City of Baguio", "city": "Baguio\nsecond line", "website": "“quoted” <b>"}
    browser.client.delete_cookie("session")
    page = browser.submit(typed, status=401)
    assert page.soup.h1.get_text(strip=True) == "You were signed out"
    browser.sign_in(user)
    again = browser.submit(status=422)  # the country is still missing: the form comes back, filled
    assert again.soup.select_one("[name=name]")["value"] == "City of Baguio"
    assert again.soup.select_one("[name=website]")["value"] == "“quoted” <b>"


def test_a_stale_token_gives_the_form_back_filled_and_changes_nothing(app, database) -> None:
    with database.transaction() as session:
        user = factories.make_user(session)
    browser = Browser(app, user)
    browser.get("/en/organisations/new")
    page = browser.submit({"csrf_token": "old", "name": "City of Baguio"}, status=422)
    assert page.soup.select_one("[name=name]")["value"] == "City of Baguio"
    assert "open for too long" in page.words


@pytest.mark.parametrize("path", ["/en/cases/a%00b", "/c/%00", "/api/v1/cases/%00", "/%00", "/en/collections/%00"])
def test_there_is_nothing_at_an_address_with_a_nul_letter(browser: Browser, path: str) -> None:
    assert browser.client.get(path).status_code == 404


@pytest.mark.parametrize("digits", [9, 10, 30, 5000])
def test_no_number_in_an_address_breaks_a_page(browser: Browser, digits: int) -> None:
    assert browser.client.get(f"/en/cases/anything/media/{'9' * digits}").status_code == 404
    assert browser.client.get(f"/en/notices?page={'9' * digits}").status_code == 404


@pytest.mark.parametrize(
    ("typed", "number"), [("0", 0), ("12", 12), ("9" * 9, 999_999_999), ("9" * 10, None), ("9" * 5000, None), ("-1", None),
                          ("", None), (None, None), ("x", None), ("²", None)],
)  # fmt: skip
def test_a_hidden_number_is_small_or_none(typed: str | None, number: int | None) -> None:
    assert small_number(typed) == number


@pytest.mark.parametrize(
    "path",
    ["/en/cases?q={}&country={}", "/api/v1/cases?q={}", "/en/login?next=/en/{}", "/en/compare?case={}",
     "/oai?verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:portal.test:{}", "/en/?{}=1"],
)  # fmt: skip
def test_a_question_loses_its_nul_letters(browser: Browser, path: str) -> None:
    with_nul, without = (browser.client.get(path.replace("{}", word)) for word in ("a%00b", "ab"))
    assert with_nul.status_code == without.status_code < 500
    assert browser.client.get(path.replace("{}", "%2500")).status_code < 500


@pytest.mark.parametrize("path", ["/en/cases", "/en/login", "/en/nothing", "/"])
@pytest.mark.parametrize("name", ["endpoint", "values", "self", "tag", "lang", "_external", "_anchor"])
def test_no_name_in_a_question_breaks_a_page(browser: Browser, path: str, name: str) -> None:
    without = browser.client.get(path)
    assert browser.client.get(f"{path}?{name}=x").status_code == without.status_code


def test_a_form_loses_its_nul_letters_before_anything_reads_them(app, database, browser: Browser) -> None:
    with database.transaction() as session:
        user = factories.make_user(session)
    browser.post("/en/login", {"email": "\0nobody@example.org\0", "password": "\0", "\0": "\0"}, status=422)
    browser.client.post("/oai", data={"verb": "GetRecord\0", "metadataPrefix": "oai_dc", "identifier": "\0"})
    signed_in = Browser(app, user)
    signed_in.get("/en/organisations/new")
    typed = {"applicant_type": "city\0", "name": "City of \0Baguio", "city": "Baguio\0", "country": "PH",
             "population": "36\x006000"}  # fmt: skip
    signed_in.submit(typed, follow=False)
    with database.open() as session:
        kept = session.scalars(select(Organisation)).one()
        assert (kept.name, kept.city, kept.population) == ("City of Baguio", "Baguio", 366_000)
