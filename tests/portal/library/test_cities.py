"""The people of cities: every line of the file, names as people write them, and what the pages say."""

from __future__ import annotations

import re

import pytest

from portal.countries import country_codes
from portal.db import Database
from portal.library.cities import FILE, Inhabitants, inhabitants_of
from portal.library.details import Details
from tests.browser import Browser
from tests.portal.library.conftest import publish


def test_every_line_is_a_city_once() -> None:
    rows = [line.split("\t") for line in FILE.read_text(encoding="utf-8").splitlines()]
    assert all(len(row) == 4 for row in rows)
    assert {row[0] for row in rows} <= country_codes()
    assert len({(row[0], row[1]) for row in rows}) == len(rows)
    assert all(re.fullmatch(r"[1-9]\d*", value) for row in rows for value in row[2:])


@pytest.mark.parametrize(("city", "country", "number"), [
    ("Seoul", "KR", "1835848"), ("São Paulo", "BR", "3448439"), ("sao  paulo", "BR", "3448439"), ("Gimhae", "KR", "1842943"),
])  # fmt: skip
def test_a_city_is_found_however_it_is_written(city: str, country: str, number: str) -> None:
    found = inhabitants_of(city, country)
    assert found is not None
    assert found.source == f"https://www.geonames.org/{number}"
    assert found.people > 100_000


@pytest.mark.parametrize(("city", "country"), [("Taoyuan", "TW"), ("Seoul", "JP"), ("Springfield", "US"), ("", "KR")])
def test_what_is_not_known_or_not_clear_is_not_guessed(city: str, country: str) -> None:
    assert inhabitants_of(city, country) is None


def test_what_the_case_says_comes_first(library: Database, browser: Browser) -> None:
    assert inhabitants_of("Seoul", "KR", 9) == Inhabitants(9)
    publish(library, id="stated", city="Seoul", country="KR", details=Details(population=9_386_034))
    publish(library, id="counted", city="Seoul", country="KR")
    assert "9,386,034" in browser.get("/en/cases/stated").words
    assert not browser.get("/en/cases/stated").soup.select("a[href*='geonames.org']")
    page = browser.get("/ko/cases/counted")
    assert [link["href"] for link in page.soup.select("a[href*='geonames.org']")] == [
        "https://www.geonames.org/1835848"
    ]


def test_programmes_of_health_are_chosen_by_the_size_of_their_city(library: Database, browser: Browser) -> None:
    whole, small = browser.get("/en/health"), browser.get("/en/health?band=small")
    assert "GeoNames" in whole.words
    titles = [one.get_text() for one in small.soup.select(".programme__title")]
    assert 0 < len(titles) < len(whole.soup.select(".programme__title"))
