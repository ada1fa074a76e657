"""The front door of health: every health case, with what is known of it and nothing more."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal

import pytest

from portal import clock
from portal.config import ROOT
from portal.db import Database
from portal.library.actions import cases as actions
from portal.library.details import Budget, Details, Indicator, Reach
from portal.library.models import Case
from portal.library.pages.health_views import FIELDS
from tests.browser import Browser, Page
from tests.portal.library.conftest import publish
from tests.statements import statements


def listed(page: Page) -> list[str]:
    return [row["id"] for row in page.soup.select(".programme")]


def test_every_health_case_stands_there_and_no_other(library: Database, browser: Browser) -> None:
    cases = json.loads((ROOT / "portal/data/cases.json").read_text(encoding="utf-8"))
    wanted = {case["id"] for case in cases if case["kind"] == "health-programme" or "health" in case["themes"]}
    for tag in ("ko", "en", "ar-XB"):
        page = browser.get(f"/{tag}/health")
        assert set(listed(page)) == wanted
        assert len(listed(page)) == len(wanted)


def test_a_number_stands_with_its_change_and_its_source(library: Database, browser: Browser) -> None:
    page = browser.get("/en/health")

    first = page.soup.select_one(".outcome")
    assert first.select_one(".change__before") is not None
    for fact in page.soup.select(".outcome__facts > div"):
        assert fact.select_one(".outcome__source").get_text(strip=True)
    seongnam = next(one for one in page.soup.select(".outcome") if "Seongnam" in one.get_text())
    assert seongnam.select_one(".outcome__source a")["href"].startswith("http")


def test_no_field_is_empty_and_each_count_is_what_its_link_shows(library: Database, browser: Browser) -> None:
    page = browser.get("/en/health")
    shown = {link["href"]: int(link.select_one(".fields__count").get_text()) for link in page.soup.select(".fields a")}

    assert 8 <= len(shown) <= len(FIELDS)
    for address, count in shown.items():
        assert count == len(listed(browser.get(address.partition("#")[0]))) > 0


def test_what_is_not_known_is_said(library: Database, browser: Browser) -> None:
    publish(library, id="mute", city="Addu", country="MV")  # too small for the list of cities
    publish(library, id="half", details=Details(population=50_000, partners=("Harbour Clinic",)))

    page = browser.get("/en/health")
    assert "neither population, budget, partners nor technology" in page.soup.find(id="mute").get_text()
    assert "Not stated in the sources: Budget, Technology" in page.soup.find(id="half").get_text(" ", strip=True)
    assert "Harbour Clinic" in page.soup.find(id="half").get_text()


@pytest.mark.parametrize(
    ("people", "band"), [(99_999, "small"), (100_000, "medium"), (999_999, "medium"), (1_000_000, "large")]
)
def test_cities_are_found_by_their_size(library: Database, browser: Browser, people: int, band: str) -> None:
    publish(library, id="sized", details=Details(population=people))
    publish(library, id="unsized", city="Addu", country="MV")  # too small for the list of cities
    for asked in ("small", "medium", "large"):
        found = listed(browser.get(f"/en/health?band={asked}"))
        assert ("sized" in found) == (asked == band)
        assert "unsized" not in found


def test_programmes_are_found_by_their_means(library: Database, browser: Browser) -> None:
    boats = ({"en": "Boats & more", "ko": "배"},)
    publish(library, id="rich", details=Details(budget=Budget(Decimal(5), "USD"), partners=("X",), technologies=boats))
    publish(library, id="poor", details=Details(technologies=boats))

    assert set(listed(browser.get("/en/health?technology=Boats+%26+more"))) == {"rich", "poor"}
    assert listed(browser.get("/ko/health?technology=Boats+%26+more&stated=budget&stated=partners")) == ["rich"]
    assert browser.page.soup.select_one("#sieve-technology option[selected]").get_text() == "배"


def test_odd_filters_are_answered(library: Database, browser: Browser) -> None:
    everything = len(listed(browser.get("/en/health")))
    for odd in ("field=x", "band=%EF%BF%BD", "stated=x", "field=&band="):
        assert len(listed(browser.get(f"/en/health?{odd}"))) == everything
    page = browser.get("/en/health?technology=" + "x" * 500)
    assert "No programme has all of this" in page.words


def test_nothing_hidden_is_there(library: Database, browser: Browser) -> None:
    before = browser.get("/en/health").text
    told = Details(reach=Reach(77_777), indicators=(Indicator({"en": "Secret measure"}, Decimal(5)),))
    publish(library, id="later", details=told, visible_from=clock.now() + timedelta(hours=1))
    publish(library, id="draft", details=told, visible_from=None, result=False)
    publish(library, id="invented", details=told, simulated=True, result=False)
    publish(library, id="gone", details=told)
    with library.transaction() as session:
        actions.withdraw_case(session, session.get(Case, "gone"), reason="Wish", by=None, now=clock.now())

    assert browser.get("/en/health").text == before
    for secret in ("Zanzibar", "77,777", "Secret measure"):
        assert secret not in before


def test_an_empty_site_says_what_will_be_here(database: Database, browser: Browser) -> None:
    page = browser.get("/en/health")
    assert "No health programme yet" in page.words
    assert page.soup.select(".fields, .outcomes, .sieve") == []


def test_it_is_read_in_few_statements(library: Database, browser: Browser) -> None:
    browser.get("/en/notices")
    with statements(library.engine) as sent:
        browser.get("/en/health")
    assert len(sent) <= 10, sent


def test_header_and_home_lead_there(library: Database, browser: Browser) -> None:
    page = browser.get("/en/")
    assert page.soup.select_one("main a[href='/en/health']") is not None
    assert page.soup.select_one(".site-nav a[href='/en/health']") is not None
    assert browser.get("/en/health").soup.select_one(".site-nav a[aria-current]")["href"] == "/en/health"
