"""Figures: every number on the page and in the download is what a query over the library says."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.db import Database
from portal.editions.models import Claim
from portal.library.actions import cases as actions
from portal.library.models import Case, Result
from portal.library.pages.results_views import funnel
from portal.library.pages.statistics_views import figures_of
from portal.library.regions import region_of
from tests.browser import Browser, Page
from tests.portal.library.conftest import publish
from tests.statements import statements


def table(page: Page, caption: str) -> dict[str, int]:
    """Return the rows of a table, those folded under it too."""
    tables = [one for one in page.soup.select("table") if one.caption.get_text() == caption]
    assert tables, caption
    return {
        row.th.get_text(): int(row.select_one("td.number").get_text())
        for one in tables
        for row in one.select("tbody tr")
    }


def downloaded(browser: Browser, path: str) -> list[tuple[str, str, int]]:
    answer = browser.client.get(path)
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    head, *rows = csv.reader(io.StringIO(answer.get_data(as_text=True)))
    assert head == ["counted_by", "value", "count"]
    return [(by, value, int(count)) for by, value, count in rows]


def real(session: Session) -> list[Case]:
    return list(session.scalars(select(Case).where(~Case.simulated, Case.withdrawn_at.is_(None))))


def test_every_number_is_what_the_database_says(library: Database, browser: Browser) -> None:
    page = browser.get("/en/statistics")
    with library.open() as session:
        cases = real(session)
        by_year = {str(year): n for year, n in session.execute(select(Case.year, func.count()).group_by(Case.year))}
        by_country = dict(session.execute(select(Case.country, func.count()).group_by(Case.country)).all())

    large = [value.get_text() for value in page.soup.select(".stat__value")]
    themes = Counter(theme for case in cases for theme in case.themes)
    cities = {(case.city, case.country) for case in cases}
    assert large == [str(len(cases)), str(len(cities)), str(len(by_country)), str(len(themes))]
    assert table(page, "Cases by year") == by_year
    countries = table(page, "Cases by country")
    assert sorted(countries.values()) == sorted(by_country.values())
    assert countries["South Korea"] == by_country["KR"]
    assert sum(table(page, "Cases by region").values()) == len(cases)
    assert table(page, "Cases by region")["Africa"] == sum(region_of(case.country) == "africa" for case in cases)
    assert sorted(table(page, "Cases by theme").values()) == sorted(themes.values())
    assert table(page, "Cases by theme")["Health"] == themes["health"]
    assert sum(table(page, "Cases by kind").values()) == len(cases)
    assert sum(table(page, "Cases by category").values()) == sum(case.category is not None for case in cases)


def test_map_chart_table_and_download_say_the_same(library: Database, browser: Browser) -> None:
    page = browser.get("/en/statistics")
    rows = downloaded(browser, "/en/statistics.csv")

    countries = table(page, "Cases by country")
    titles = [title.get_text() for title in page.soup.select(".worldmap title")]
    assert sorted(titles) == sorted(f"{name}: {n} case{'s' * (n != 1)}" for name, n in countries.items())
    assert page.soup.select_one(".worldmap")["aria-label"]
    assert sorted(n for by, _, n in rows if by == "country") == sorted(countries.values())
    years = [(value, n) for by, value, n in rows if by == "year"]
    names = [one.get_text() for one in page.soup.select(".chart__name")]
    assert names == [year for year, _ in years]
    assert [int(one.get_text()) for one in page.soup.select(".chart__value")] == [n for _, n in years if n]
    assert ("total", "cases", 80) in rows


def test_years_without_cases_stand_in_the_chart() -> None:
    assert figures_of([]).years == []


def test_nothing_hidden_is_counted(library: Database, browser: Browser) -> None:
    before = browser.get("/en/statistics").text, downloaded(browser, "/en/statistics.csv")
    publish(library, id="later", visible_from=clock.now() + timedelta(hours=1))
    publish(library, id="draft", visible_from=None, result=False)
    publish(library, id="invented", simulated=True)
    publish(library, id="gone", result=False)
    with library.transaction() as session:
        actions.withdraw_case(session, session.get(Case, "gone"), reason="Wish", by=None, now=clock.now())

    assert (browser.get("/en/statistics").text, downloaded(browser, "/en/statistics.csv")) == before
    assert "Tanzania" not in before[0]


def test_an_edition_counts_its_published_prizes(library: Database, browser: Browser) -> None:
    publish(library, id="later", edition_slug="2024", year=2024, visible_from=clock.now() + timedelta(hours=1))
    with library.open() as session:
        prizes = list(
            session.scalars(select(Result).where(Result.edition_slug == "2024", Result.visible_from <= clock.now()))
        )
    page = browser.get("/en/results/2024/statistics")

    assert sum(table(page, "Prizes by country").values()) == len(prizes)
    assert sum(table(page, "Prizes by region").values()) == len(prizes)
    assert len(page.soup.select(".worldmap title")) == len({prize.country for prize in prizes})
    rows = downloaded(browser, "/en/results/2024/statistics.csv")
    assert ("total", "prizes", len(prizes)) in rows
    assert {by for by, *_ in rows} == {"total", "region", "country", "category", "rank"}
    assert "Tanzania" not in page.text
    assert not any(value == "TZ" for _, value, _ in rows)
    browser.get("/en/results/1999/statistics.csv", status=404)


def test_a_funnel_needs_two_known_stages() -> None:
    def claim(value: str) -> Claim:
        return Claim(position=0, key="x", value=value, texts={}, source_title="Paper", source_url=None)

    assert funnel({"entries": [claim("240")]}, {}) == []
    assert funnel({"entries": [claim("about 240")], "finalists": [claim("42")]}, {}) == []
    stages = funnel({"entries": [claim("240"), claim("250")], "finalists": [claim("42")]}, {"winners": 20})
    assert [(stage.key, stage.count, stage.claim is None) for stage in stages] == [
        ("entries", 240, False), ("finalists", 42, False), ("winners", 20, True),
    ]  # fmt: skip


def test_an_empty_site_counts_nothing(database: Database, browser: Browser) -> None:
    assert "Nothing to count yet" in browser.get("/en/statistics").words
    assert downloaded(browser, "/en/statistics.csv") == [("total", "cases", 0), ("total", "cities", 0)]


def test_figures_are_read_in_few_statements(library: Database, browser: Browser) -> None:
    browser.get("/en/notices")
    for path in ("/en/statistics", "/en/results/2024/statistics"):
        with statements(library.engine) as sent:
            browser.get(path)
        assert len(sent) <= 10, sent


def test_pages_stand_in_every_language(library: Database, browser: Browser) -> None:
    for tag in ("ko", "ar-XB"):
        for path in ("statistics", "results/2023/statistics", "collections", "compare"):
            assert browser.get(f"/{tag}/{path}").soup.html["lang"] == tag
