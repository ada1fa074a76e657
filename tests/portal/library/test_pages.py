"""What the public sees of cases and results."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import product

from portal import clock
from portal.db import Database
from portal.library import queries
from portal.library.actions import cases as actions
from portal.library.copies import Telling
from portal.library.models import Case
from tests.browser import Browser
from tests.portal.library.conftest import publish
from tests.statements import statements

LANGUAGES = ("ko", "en", "ar-XB")
ATOM = "{http://www.w3.org/2005/Atom}"


def found(page) -> list[str]:
    return [link["href"].rsplit("/", 1)[1] for link in page.soup.select(".library__found .card__title a")]


def test_every_page_stands_in_every_language(library: Database, browser: Browser) -> None:
    for language, path in product(LANGUAGES, (
        "cases", "cases?q=health", "cases?q=zzzz&theme=food", "cases?page=3", "cases/sscp-2023-dublin",
        "cases/sscp-2024-miri", "results", "results/2023", "results/2024/statistics", "winners",
    )):  # fmt: skip
        page = browser.get(f"/{language}/{path}")
        assert page.soup.html["lang"] == language


def test_empty_pages_say_what_will_be_here(database: Database, browser: Browser) -> None:
    assert "No results have been published yet" in browser.get("/en/results").words
    assert "No winners yet" in browser.get("/en/winners").words
    assert "No case found" in browser.get("/en/cases").words


SEARCHES = {
    "바기오": "sscp-2024-baguio",
    "Baguio": "sscp-2024-baguio",
    "레이캬비크의": "sscp-2024-reykjavik",
    "Reykjavik": "sscp-2024-reykjavik",
    "건강관리": "sscp-2024-baguio",
    "Philippines telemedicine": "hp-baguio-telemedicine-2021",
    "필리핀 바기오": "sscp-2024-baguio",
}


def test_search_finds_in_both_languages(library: Database, browser: Browser) -> None:
    for language in ("ko", "en"):
        for question, first in SEARCHES.items():
            assert found(browser.get(f"/{language}/cases?q={question}"))[0] == first, (language, question)


def test_what_was_found_is_marked(library: Database, browser: Browser) -> None:
    page = browser.get("/ko/cases?q=건강관리")

    assert "건강관리" in {mark.get_text() for mark in page.soup.select(".card__title mark")}


def test_markup_in_questions_and_texts_stays_text(library: Database, browser: Browser) -> None:
    publish(library, texts={"en": Telling("<b>Bold</b> clinic", "A <script>alert(1)</script> clinic")}, id="bold")

    page = browser.get("/en/cases?q=<script>")
    assert page.soup.select_one("input[name=q]")["value"] == "<script>"
    assert page.soup.select(".card script") == []
    case = browser.get("/en/cases/bold")
    assert case.soup.h1.get_text() == "<b>Bold</b> clinic"


def test_facets_narrow_and_chips_undo(library: Database, browser: Browser) -> None:
    page = browser.get("/en/cases?country=PH&year=2024")
    wanted = {"sscp-2024-baguio", "who-2024-pasig"}
    assert wanted <= set(found(page))

    chips = {chip.get_text(" ", strip=True): chip["href"] for chip in page.soup.select(".facet-chips a.chip")}
    assert chips["Remove filter: 2024"] == "/en/cases?country=PH"
    assert chips["Remove filter: Philippines"] == "/en/cases?year=2024"


def test_zero_results_help(library: Database, browser: Browser) -> None:
    slip = browser.get("/ko/cases?q=바교오")
    assert slip.soup.select_one(".library__ways a")["href"] == "/ko/cases?q=%EB%B0%94%EA%B8%B0%EC%98%A4"

    narrow = browser.get("/en/cases?q=Baguio&country=IS")
    assert "Remove all filters: 2 cases" in narrow.words

    words = browser.get("/en/cases?q=Baguio+Reykjavik")
    assert "Look for any of the words: 3 cases" in words.words


def test_a_question_that_is_too_long_is_kept_and_refused(library: Database, browser: Browser) -> None:
    browser.get("/en/cases?q=" + "a" * 2000)
    page = browser.get("/en/cases?q=" + "a" * 2001, status=422)

    assert "too long" in page.words
    assert page.soup.select_one("input[name=q]")["value"] == "a" * 2001


ODD = ("page=0", "page=x", "page=99", "year=abc", "sort=x", "theme=%EF%BF%BD", "q=%27%22*(", "q=%ED%A0%80", "country=")


def test_odd_addresses_are_answered(library: Database, browser: Browser) -> None:
    for query in ODD:
        browser.get(f"/en/cases?{query}")


def test_a_case_shows_sources_doubts_and_both_texts(library: Database, browser: Browser) -> None:
    page = browser.get("/ko/cases/sscp-2023-dublin")

    assert page.soup.h1.get_text() == "시민참여형 스마트시티 교육(ANF)"
    assert page.soup.select_one(".case__sources a")["href"] == "https://etnews.com/20230926000204"
    assert "ANF의 원래 명칭은 확인하지 못했다" in page.words
    assert page.soup.select_one(".case__other [lang=en] h2").get_text() == "ANF: smart-city learning with citizens"
    assert "http://portal.test/c/sscp-2023-dublin" in page.words
    told = json.loads(page.soup.select_one("script[type='application/ld+json']").get_text())
    assert told["@id"] == "http://portal.test/c/sscp-2023-dublin"
    assert len(page.soup.select(".case__related .card")) == 3


def test_a_case_of_this_site_leads_to_its_results(library: Database, browser: Browser) -> None:
    publish(library, id="own", organisation="City of Zanzibar", sources=(("Seoul Smart City Prize 2026", None),))

    page = browser.get("/en/cases/own")
    assert page.soup.select_one("section[aria-labelledby=sources] a")["href"] == "/en/results/2026"
    assert "text without a public address" not in page.words


def test_a_missing_language_falls_back_visibly(library: Database, browser: Browser) -> None:
    publish(
        library,
        id="only-korean",
        texts={"ko": Telling("떠다니는 진료소", "배가 의사를 데려간다.")},
        original_language="ko",
    )

    page = browser.get("/en/cases/only-korean")
    assert page.soup.h1["lang"] == "ko"
    assert "It is shown in Korean" in page.words
    assert "Shown in Korean" in browser.get("/en/cases?q=진료소").words


def test_the_permanent_address_leads_to_the_reader_s_language(library: Database, browser: Browser) -> None:
    korean = browser.get("/c/sscp-2024-baguio", status=302, headers={"Accept-Language": "ko,en;q=0.5"})
    english = browser.get("/c/sscp-2024-baguio", status=302, headers={"Accept-Language": "en"})

    assert (korean.location, english.location) == ("/ko/cases/sscp-2024-baguio", "/en/cases/sscp-2024-baguio")
    browser.get("/c/nothing", status=404)
    browser.get("/en/cases/nothing", status=404)


def test_a_withdrawn_case_leaves_everything_but_its_address(
    library: Database, browser: Browser, do_jobs: Callable[[datetime], int]
) -> None:
    with library.transaction() as session:
        case = session.get_one(Case, "sscp-2024-baguio")
        actions.withdraw_case(session, case, reason="asked for", by=None, now=clock.now())

    for _ in range(2):  # before and after the index has followed
        assert found(browser.get("/en/cases?q=Baguio")) == ["hp-baguio-telemedicine-2021"]
        page = browser.get("/en/cases/sscp-2024-baguio", status=410)
        assert "City health management system" not in page.text
        assert "sscp-2024-baguio" not in browser.get("/en/results/2024").text
        do_jobs(clock.now() + timedelta(seconds=1))


def test_results_stand_by_category_with_sourced_figures(library: Database, browser: Browser) -> None:
    page = browser.get("/en/results/2024")

    heads = [head.get_text() for head in page.soup.select(".band h2")]
    assert heads == ["People-centric", "Tech-innovation", "Leadership"]
    figures = [one.get_text() for one in page.soup.select(".stat__value")]
    assert figures == ["216", "123", "58", "20"]
    assert page.words.count("Reported by") == 4
    assert "Counted in this site's database" not in page.words


def test_figures_that_contradict_each_other_stand_side_by_side(library: Database, browser: Browser) -> None:
    page = browser.get("/en/results/2024/statistics")

    heads = {head.get_text(): head for head in page.soup.select(".claims__label")}
    entries = heads["Entries"].parent
    assert [one.get_text() for one in entries.select(".claim__value")] == ["216", "220", "280"]


def test_an_edition_without_results_has_no_results_page(library: Database, browser: Browser) -> None:
    browser.get("/en/results/2026", status=404)
    browser.get("/en/results/nothing", status=404)


def test_the_hall_shows_every_real_prize(library: Database, browser: Browser) -> None:
    page = browser.get("/en/winners")

    assert len(page.soup.select(".card")) == 23
    assert [one.get_text() for one in page.soup.select(".stat__value")] == ["3", "23", "23", "20"]


def test_the_feed_is_atom(library: Database, browser: Browser) -> None:
    response = browser.client.get("/ko/results.atom")

    feed = ElementTree.fromstring(response.data)
    assert response.mimetype == "application/atom+xml"
    assert len(feed.findall(f"{ATOM}entry")) == 23
    links = {entry.find(f"{ATOM}link").get("href") for entry in feed.findall(f"{ATOM}entry")}
    assert "http://portal.test/ko/cases/sscp-2024-baguio" in links


def test_simulated_data_stays_apart(library: Database, browser: Browser, do_jobs: Callable[[datetime], int]) -> None:
    from tests.factories import make_edition

    with library.transaction() as session:
        make_edition(session, "simulated-1", simulated=True, year=2024)
    case = publish(library, simulated=True, edition_slug="simulated-1", year=2024, id="invented")
    do_jobs(clock.now() + timedelta(seconds=1))

    for path in ("cases?q=Zanzibar", "cases", "winners", "results/2024"):
        assert "invented" not in browser.get(f"/en/{path}").text, path
    for path in ("/api/v1/cases?q=Zanzibar", "/en/results.atom", "/ko/results.atom"):
        assert b"invented" not in browser.client.get(path).data, path
    for path in (f"cases/{case}", "results/simulated-1", "results/simulated-1/statistics"):
        page = browser.get(f"/en/{path}")
        assert page.soup.select_one("meta[name=robots]")["content"] == "noindex", path
        assert "Simulated data" in page.words, path
    assert "Counted in this site's database" in browser.get("/en/results/simulated-1/statistics").words
    assert browser.get("/en/results").soup.h1.get_text() == "Results 2025"
    with library.open() as session:
        assert [one.slug for one in queries.list_editions_with_results(session, now=clock.now()) if one.simulated] == [
            "simulated-1"
        ]


PAGES = (
    "cases", "cases?q=건강", "cases?q=zzz+yyy&theme=food", "cases/sscp-2024-baguio", "results", "results/2024",
    "results/2024/statistics", "winners",
)  # fmt: skip


def test_no_page_needs_more_than_ten_statements(library: Database, browser: Browser) -> None:
    browser.client.get("/healthz")  # the moments of all rooms are read once after each change of content
    for path in PAGES:
        with statements(library.engine) as sent:
            browser.get(f"/ko/{path}")
        assert 0 < len(sent) <= 10, path + "\n" + "\n".join(sent)


def test_a_full_library_page_is_light(library: Database, browser: Browser) -> None:
    response = browser.client.get("/ko/cases", headers={"Accept-Encoding": "gzip"})

    assert response.headers["Content-Encoding"] == "gzip"
    assert len(response.data) <= 60_000


def test_anonymous_pages_are_kept_and_carry_no_cookie(
    library: Database, browser: Browser, without_models: Callable[[], None]
) -> None:
    without_models()  # while vectors are still to come, answers to questions are not kept
    for path in ("/ko/cases", "/en/cases/sscp-2024-baguio", "/ko/results", "/api/v1/cases?q=Baguio"):
        first = browser.client.get(path)
        with statements(library.engine) as sent:
            again = browser.client.get(path)
        assert "Set-Cookie" not in first.headers
        assert again.data == first.data
        assert len(sent) <= 1, path


def test_an_answer_without_the_index_is_not_kept(database: Database, browser: Browser) -> None:
    publish(database, id="fresh")

    page = browser.get("/en/cases?q=Zanzibar")
    assert found(page) == ["fresh"]
    assert "search index is being renewed" in page.words


def test_a_published_case_is_searchable_after_the_job(
    library: Database, browser: Browser, do_jobs: Callable[[datetime], int]
) -> None:
    publish(library, id="fresh")
    do_jobs(clock.now() + timedelta(seconds=1))

    page = browser.get("/ko/cases?q=잔지바르의")
    assert found(page) == ["fresh"]
    assert "검색 색인을 새로" not in page.words


def test_a_refused_encoding_is_not_given_from_what_is_kept(library: Database, browser: Browser) -> None:
    for asked, given in (("zstd, gzip", "zstd"), ("zstd;q=0, gzip", "gzip"), ("zstd, gzip", "zstd")):
        assert browser.client.get("/ko/cases", headers={"Accept-Encoding": asked}).headers["Content-Encoding"] == given
