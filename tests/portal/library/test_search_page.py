"""The search page: its layouts and addresses, spans of years, suggestions, and what answers in other languages only."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from portal import clock
from portal.db import Database
from portal.library import queries
from portal.library.actions import cases as actions
from portal.library.asking import LAST_YEAR, Asked, BadParameter, View, read_asked
from portal.library.copies import Telling
from portal.library.finding import Finder
from portal.library.models import Case
from portal.library.pages import search_views
from portal.library.search.korean import Lexicon
from portal.library.search.port import Hit
from portal.library.search.questions import read_question
from portal.library.search.ranking import rank_order
from tests.browser import Browser, Page
from tests.portal.library.conftest import publish
from tests.statements import statements

VIEWS = ("cards", "table", "map", "timeline")


def found(page: Page) -> list[str]:
    """Return the ids of the cases that a page lists, in any layout, in order, each once."""
    links = page.soup.select("#found .card__title a, #found .table th a, #found .lines:not(#elsewhere .lines) a")
    return list(dict.fromkeys(link["href"].rsplit("/", 1)[1] for link in links if "/cases/" in link["href"]))


def suggested(browser: Browser, typed: str, language: str = "en") -> list[dict]:
    return browser.client.get(f"/{language}/suggestions", query_string={"q": typed}).get_json()["items"]


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("language", ["ko", "en", "ar-XB"])
def test_every_layout_stands_in_every_language(library: Database, browser: Browser, view: str, language: str) -> None:
    for query in ("", "&q=health", "&q=zzzz", "&year_from=2020&year_to=2023", "&sort=title"):
        page = browser.get(f"/{language}/cases?view={view}{query}")
        current = page.soup.select(".views [aria-current]")
        assert len(current) == (0 if "zzzz" in query else 1)


def test_layouts_show_the_same_cases(library: Database, browser: Browser) -> None:
    cards = found(browser.get("/en/cases?q=Baguio"))

    assert len(cards) > 1
    for view in VIEWS[1:]:
        assert set(found(browser.get(f"/en/cases?q=Baguio&view={view}"))) == set(cards), view


def test_map_and_timeline_show_everything_found(library: Database, browser: Browser) -> None:
    everything = browser.get("/en/cases?view=timeline")
    total = int(everything.soup.select_one(".library__count").get_text().split()[0])

    assert len(found(everything)) == total > 50
    years = [int(head.get_text().split()[0]) for head in everything.soup.select(".timeline__head")]
    assert years == sorted(years, reverse=True)
    assert len(set(years)) == len(years)
    mapped = browser.get("/en/cases?view=map")
    assert len(mapped.soup.select(".worldmap a")) == total
    assert len(found(mapped)) == total
    assert mapped.soup.select(".pagination") == everything.soup.select(".pagination") == []


def test_a_bound_is_said(library: Database, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(search_views.PER_VIEW, View.TIMELINE, 3)

    page = browser.get("/en/cases?view=timeline&page=2")
    assert len(found(page)) == 3
    assert "The first 3 of 80 cases are shown here" in page.words
    monkeypatch.setitem(search_views.PER_VIEW, View.TIMELINE, 80)
    assert "are shown here" not in browser.get("/en/cases?view=timeline").words


def test_a_case_without_a_place_stands_in_the_list(
    library: Database, browser: Browser, do_jobs: Callable[[datetime], int]
) -> None:
    publish(library, id="nowhere")
    do_jobs(clock.now() + timedelta(seconds=1))

    page = browser.get("/en/cases?q=Zanzibar&view=map")
    assert found(page) == ["nowhere"]
    assert page.soup.select(".worldmap") == []
    assert "1 case has no known place" in page.words


def test_table_is_sorted_by_its_headings(library: Database, browser: Browser) -> None:
    page = browser.get("/en/cases?view=table&sort=title&theme=health")

    title, year, prize = page.soup.select(".table thead a")
    assert title["href"] == "/en/cases?theme=health&sort=title&view=table"
    assert year["href"] == "/en/cases?theme=health&sort=newest&view=table"
    assert title.parent["aria-sort"] == "ascending"
    assert not year.parent.has_attr("aria-sort")
    titles = [link.get_text().casefold() for link in page.soup.select(".table tbody th a")]
    assert titles == sorted(titles)
    assert prize["href"] == "/en/cases?theme=health&sort=prize&view=table"


def test_the_highest_prize_comes_first_wherever_cases_are_listed(library: Database, browser: Browser) -> None:
    with library.open() as session:
        cases = {case.id: case for case in session.scalars(select(Case))}

    def places(ids: Iterable[str]) -> list[tuple[int, int]]:
        return [(rank_order(cases[one].rank), -cases[one].year) for one in ids]

    everything = places(cases)
    assert len(set(everything)) > 10
    answers = [found(browser.get(f"/en/cases?sort=prize&view={view}")) for view in ("cards", "table", "map")]
    answers += [found(browser.get("/en/cases?q=city&sort=prize"))]
    answers += [[one["id"] for one in browser.client.get(address).get_json()[name]] for address, name in (
        ("/en/cases.json?sort=prize", "cases"), ("/api/v1/cases?sort=prize&per_page=100", "items"))]  # fmt: skip
    for ids in answers:
        assert len(ids) > 5
        assert places(ids) == sorted(places(ids))
    assert answers[4] == answers[5]
    assert len(answers[4]) == len(cases)
    chosen = browser.get("/en/cases?sort=prize").soup.select_one(".library__sorts [aria-current]")
    assert chosen.get_text() == "Highest prize first"


def test_facets_of_region_goal_and_group_narrow_and_count(library: Database, browser: Browser) -> None:
    def total(query: str) -> int:
        return int(browser.get(f"/en/cases?{query}").soup.select_one(".library__count").get_text().split()[0])

    def counts(facet: str, query: str = "") -> dict[str, int]:
        boxes = browser.get(f"/en/cases?{query}").soup.select(f'.facets input[name="{facet}"]')
        return {box["value"]: int(box.find_parent("label").select_one(".facet__count").text) for box in boxes}

    regions, goals, groups = counts("region"), counts("sdg"), counts("target")
    assert regions["asia"] > regions["europe"] > 3
    assert sum(regions.values()) == total("")
    assert goals["3"] > 10
    assert groups["older-people"] > 3
    for facet, value, count in (("region", "europe", regions["europe"]), ("sdg", "3", goals["3"]),
                                ("target", "older-people", groups["older-people"])):  # fmt: skip
        assert total(f"{facet}={value}") == count
        assert counts(facet, f"{facet}={value}") == counts(facet)  # what is chosen does not hide the others
    assert total("region=europe&region=asia") == regions["europe"] + regions["asia"]
    both = counts("target", "region=asia")
    assert total("region=asia&target=older-people") == both["older-people"] <= groups["older-people"]
    assert sum(both.values()) < sum(groups.values())


def test_state_is_kept_by_every_way_on(library: Database, browser: Browser) -> None:
    page = browser.get("/en/cases?q=health&country=KR&year_from=2020&view=table")

    facets, search = (
        {one["name"]: one["value"] for one in page.soup.select(f"{form} input[type=hidden]")}
        for form in ("form.facets", "main form.search")
    )
    assert facets == {"q": "health", "view": "table"}
    assert search == {"country": "KR", "year_from": "2020", "view": "table"}
    assert page.soup.select_one("input[name=year_from]:not([type=hidden])")["value"] == "2020"
    chips = {chip.get_text(" ", strip=True): chip["href"] for chip in page.soup.select(".facet-chips a.chip")}
    assert chips["Remove filter: from 2020"] == "/en/cases?q=health&country=KR&view=table"
    assert chips["Remove filter: South Korea"] == "/en/cases?q=health&year_from=2020&view=table"
    timeline = page.soup.select(".views a")[3]["href"]
    assert timeline == "/en/cases?q=health&country=KR&year_from=2020&view=timeline"


def test_years_range(library: Database, browser: Browser) -> None:
    def years(query: str) -> set[int]:
        page = browser.get(f"/en/cases?view=timeline&{query}")
        return {int(head.get_text().split()[0]) for head in page.soup.select(".timeline__head")}

    assert years("year_from=2022&year_to=2024") == {2022, 2023, 2024}
    assert years("year_from=2024&year_to=2022") == {2022, 2023, 2024}
    assert years("year_from=2024") == {2024, 2025}
    assert years("year_to=2014") == {2013, 2014}
    assert years("year_from=2025&year=2013") == {2013, 2025}
    assert years("year_from=soon") == years("")
    assert years("year_from=2100") == set()
    page = browser.get("/en/cases?year_from=2024")
    assert page.soup.select("#found .card") != []
    ticked = page.soup.select("input[name=year][checked]")
    assert ticked == []
    values = [box["value"] for box in page.soup.select("input[name=year]")]
    assert "2023" in values
    assert "1999" not in values


def test_an_address_is_read_and_written_alike() -> None:
    asked = Asked("health", {"year": ("2024",), "sdg": ("3",)}, 2020, 2023, view=View.MAP)

    assert read_asked(MultiDict(asked.pairs())) == asked
    assert Asked().pairs() == []
    assert read_asked(MultiDict({"view": "3d", "year_from": "20", "year_to": "9999"})) == Asked(year_to=LAST_YEAR)
    with pytest.raises(BadParameter):
        read_asked(MultiDict({"year_from": "20"}), strict=True)


def test_facets_with_one_value_are_left_out(database: Database, browser: Browser) -> None:
    publish(database)
    names = {box["name"] for box in browser.get("/en/cases").soup.select(".facets input[type=checkbox]")}
    assert "kind" not in names
    chosen = {box["name"] for box in browser.get("/en/cases?kind=prize-entry").soup.select(".facets input[checked]")}
    assert chosen == {"kind"}


def test_suggestions_name_themes_countries_cities_and_cases(library: Database, browser: Browser) -> None:
    labels = [item["label"] for item in suggested(browser, "hea")]
    assert labels[0] == "Health"
    assert "Philippines" in [item["label"] for item in suggested(browser, "phil")]
    bag = suggested(browser, "bag")
    assert bag[0] == {"label": "Baguio", "note": "City", "url": "/en/cases?q=Baguio", "language": None}
    assert "/en/cases/sscp-2024-baguio" in {item["url"] for item in bag}
    korean = suggested(browser, "바기", "ko")
    assert korean[0]["label"] == "바기오"
    assert korean[0]["url"] == "/ko/cases?q=%EB%B0%94%EA%B8%B0%EC%98%A4"
    for item in bag + korean:
        browser.get(item["url"])


@pytest.mark.parametrize("typed", ["", "   ", "zzzzzz", "x" * 5_000, "(((", '"', "<script>"])
def test_odd_letters_are_answered(library: Database, browser: Browser, typed: str) -> None:
    response = browser.client.get("/en/suggestions", query_string={"q": typed})

    assert response.status_code == 200
    assert set(response.get_json()) == {"items", "status"}


def test_suggestions_need_few_statements_and_are_kept(library: Database, browser: Browser) -> None:
    browser.client.get("/healthz")
    with statements(library.engine) as sent:
        first = browser.client.get("/en/suggestions?q=heal")
    assert len(sent) <= 10
    with statements(library.engine) as sent:
        assert browser.client.get("/en/suggestions?q=heal").data == first.data
    assert len(sent) <= 1


def test_the_page_works_as_a_plain_form(library: Database, browser: Browser) -> None:
    field = browser.get("/en/cases").soup.select_one("main form.search input[type=search]")

    assert field.find_parent("form")["data-suggest"] == "/en/suggestions"
    assert not field.has_attr("role")
    assert not field.has_attr("aria-controls")


HIDDEN = "Xylographia"


@pytest.fixture
def hidden(library: Database, do_jobs: Callable[[datetime], int]) -> dict[str, str]:
    """Cases that the public must never meet: one to come, a draft, a simulated one and one withdrawn."""
    texts = {"en": Telling(f"{HIDDEN} health", f"Secret {HIDDEN} tele-clinic"), "ko": Telling(f"{HIDDEN} 건강")}
    place = {"city": HIDDEN, "city_names": {"en": HIDDEN}, "country": "GL", "themes": ("tourism",), "texts": texts,
             "latitude": 64.2, "longitude": -51.7, "result": False}  # fmt: skip
    ids = {
        "to come": publish(library, id="to-come", visible_from=clock.now() + timedelta(hours=1), **place),
        "draft": publish(library, id="a-draft", visible_from=None, **place),
        "simulated": publish(library, id="made-up", simulated=True, **place),
        "withdrawn": publish(library, id="gone", **place),
    }
    do_jobs(clock.now() + timedelta(seconds=1))
    with library.transaction() as session:
        case = session.get_one(Case, ids["withdrawn"])
        actions.withdraw_case(session, case, reason="asked for", by=None, now=clock.now())
    return ids


def test_hidden_cases_are_in_no_layout_and_no_suggestion(
    library: Database, browser: Browser, hidden: dict[str, str], do_jobs: Callable[[datetime], int]
) -> None:
    for _ in range(2):  # before and after the index has followed
        for view in VIEWS:
            for query in (f"q={HIDDEN}", f"q=city:{HIDDEN}", "country=GL", "theme=tourism", ""):
                page = browser.get(f"/en/cases?view={view}&{query}")
                assert not set(hidden.values()) & set(found(page)), (view, query)
                page.soup.select_one("main form.search input[type=search]").decompose()
                if not query.startswith("q="):
                    assert HIDDEN not in page.text, (view, query)
        for typed in (HIDDEN[:4], HIDDEN, "Secret", "Greenl", "tele-cl"):
            for language in ("en", "ko"):
                text = browser.client.get(f"/{language}/suggestions", query_string={"q": typed}).text
                assert HIDDEN not in text, typed
                assert "Greenland" not in text, typed
                assert not [one for one in hidden.values() if one in text], typed
        do_jobs(clock.now() + timedelta(seconds=2))


def test_a_shown_case_is_in_every_layout_and_suggested(
    library: Database, browser: Browser, do_jobs: Callable[[datetime], int]
) -> None:
    publish(library, id="shown", city=HIDDEN, city_names={"en": HIDDEN}, latitude=64.2, longitude=-51.7, country="GL")
    do_jobs(clock.now() + timedelta(seconds=1))

    for view in VIEWS:
        assert found(browser.get(f"/en/cases?view={view}&q={HIDDEN}")) == ["shown"]
    assert "/en/cases/shown" in {item["url"] for item in suggested(browser, HIDDEN[:4])}
    assert "Greenland" in {item["label"] for item in suggested(browser, "Greenl")}


def test_what_answers_in_other_languages_is_a_group_of_its_own(
    library: Database, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = Finder.find

    def find(self, session, query, **values):  # type: ignore[no-untyped-def]
        answer = plain(self, session, query, **values)
        return replace(answer, elsewhere=((Hit("sscp-2024-baguio", 1, "ko", "summary", 0.5), near),))

    with library.open() as session:
        near = queries.list_cases(session, ["sscp-2024-baguio"], now=clock.now())["sscp-2024-baguio"]
    monkeypatch.setattr(Finder, "find", find)
    page = browser.get("/en/cases?q=zzzz")
    assert "No case found" in page.words
    assert [link.get_text(strip=True) for link in page.soup.select(".take-along a")] == [
        "Save this search", "Feed of new cases",
    ]  # fmt: skip
    group = page.soup.select_one("#elsewhere")
    assert [link["href"] for link in group.select("a")] == ["/en/cases/sscp-2024-baguio"]
    assert "Korean, in the summary" in " ".join(group.get_text(" ").split())
    assert "See what was found in other languages: 1 case" in page.words
    beside = browser.get("/en/cases?q=Reykjavik&view=table")
    assert beside.soup.select_one(".library__count").get_text().startswith(f"{len(found(beside))} case")
    assert beside.soup.select_one("#elsewhere") is not None


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_examples_of_the_help_mean_what_they_say(
    app: Flask, library: Database, browser: Browser, language: str
) -> None:
    page = browser.get(f"/{language}/cases")
    examples = page.soup.select(".examples dt a")

    assert len(examples) == 7
    for link in examples:
        question = read_question(link.get_text(), Lexicon())
        assert question.clauses, link.get_text()
        assert not question.plain, link.get_text()
        assert found(browser.get(link["href"])), link.get_text()


@pytest.mark.parametrize("view", VIEWS)
def test_layouts_need_few_statements_and_are_light(library: Database, browser: Browser, view: str) -> None:
    browser.client.get("/healthz")
    for query in ("", "&q=health", "&q=zzz+yyy&theme=food"):
        with statements(library.engine) as sent:
            browser.get(f"/ko/cases?view={view}{query}")
        assert 0 < len(sent) <= 10, query + "\n" + "\n".join(sent)
    response = browser.client.get(f"/ko/cases?view={view}", headers={"Accept-Encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip"
    assert len(response.data) <= 60_000


@pytest.mark.parametrize("address", ["/", "/health", "/cases"])
def test_every_search_box_suggests(library: Database, browser: Browser, address: str) -> None:
    for language in ("ko", "en"):
        box = browser.get(f"/{language}{address}").soup.select_one("main form[role=search]")
        assert box["data-suggest"] == f"/{language}/suggestions"
        assert box["action"] == f"/{language}/cases"


def test_no_public_page_of_the_library_stands_alone(library: Database, browser: Browser) -> None:
    footer = {link["href"] for link in browser.get("/en/").soup.select("footer a")}
    for page in ("cases", "health", "collections", "statistics", "compare", "developers", "results", "winners"):
        assert f"/en/{page}" in footer
    assert not [address for address in footer if "untranslated" in address or "/staff" in address]
