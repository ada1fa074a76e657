"""The JSON interface, as its contract says."""

from __future__ import annotations

import gzip
import json
import re
import shlex
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import feedparser
import pytest
from flask import Flask, Response
from werkzeug.http import http_date

from portal import clock
from portal.config import ROOT
from portal.db import Database
from portal.library.actions import cases as actions
from portal.library.models import Case
from portal.library.opendata.door import PACE, dated
from portal.library.opendata.pace import Pace
from tests.browser import Browser
from tests.factories import make_user
from tests.portal.library.conftest import publish
from tests.statements import statements

ITEM = {"id", "title", "city", "country", "year", "rank", "category", "themes", "url", "highlight"}


def test_the_contract_holds(library: Database, browser: Browser) -> None:
    response = browser.client.get("/api/v1/cases?q=바기오&lang=ko&per_page=100&unknown=1")

    told = response.get_json()
    assert set(told) == {"total", "items", "facets"}
    assert told["total"] == 2
    assert told["items"][0] == {
        **told["items"][0], "id": "sscp-2024-baguio", "city": "바기오", "country": "PH", "year": 2024, "rank": "gold",
        "category": "people-centric", "url": "http://portal.test/c/sscp-2024-baguio",
    }  # fmt: skip
    assert all(set(item) == ITEM for item in told["items"])
    assert "<mark>바기오</mark>" in told["items"][0]["highlight"]
    assert told["items"][1]["category"] is None
    assert {one["value"]: one["count"] for one in told["facets"]["year"]} == {2024: 1, 2021: 1}
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_both_names_find_the_same(library: Database, browser: Browser) -> None:
    answers = [
        browser.client.get(f"/api/v1/cases?q={name}&lang={tag}").get_json()
        for name in ("바기오", "Baguio")
        for tag in ("ko", "en")
    ]

    assert [[item["id"] for item in one["items"]] for one in answers] == [
        ["sscp-2024-baguio", "hp-baguio-telemedicine-2021"]
    ] * 4


def test_everything_can_be_paged(library: Database, browser: Browser) -> None:
    ids = [
        item["id"]
        for page in (1, 2, 3)
        for item in browser.client.get(f"/api/v1/cases?per_page=30&page={page}").get_json()["items"]
    ]

    assert len(ids) == len(set(ids)) == 80


def test_filters_are_or_within_and_and_between(library: Database, browser: Browser) -> None:
    told = browser.client.get("/api/v1/cases?country=PH&country=IS&kind=prize-entry").get_json()

    assert {item["city"] for item in told["items"]} == {"Manila", "Baguio", "Reykjavik"}


BAD = ("per_page=", "page=", "year_from=1", "year_to=x", "per_page=0", "per_page=101", "per_page=x", "per_page=-1", "per_page=1e3", "page=0", "page=x", "year=20x4",
       "sort=best", "lang=%20k!", "q=" + "a" * 2001)  # fmt: skip
GOOD = ("per_page=1", "per_page=100", "page=10000", "lang=pt-BR", "lang=zh-Hant", "q=", "q=" + "a" * 2000)


def test_bad_values_get_a_sentence(library: Database, browser: Browser) -> None:
    for query in BAD:
        response = browser.client.get(f"/api/v1/cases?{query}")
        assert response.status_code == 422, query
        assert set(response.get_json()) == {"error"}
        assert response.get_json()["error"].endswith("."), query


def test_values_at_the_edge_are_good(library: Database, browser: Browser) -> None:
    for query in GOOD:
        assert browser.client.get(f"/api/v1/cases?{query}").status_code == 200, query


def withdraw(database: Database, case: str) -> None:
    with database.transaction() as session:
        actions.withdraw_case(session, session.get_one(Case, case), reason="secret", by=None, now=clock.now())


def test_a_case_is_told_in_all_its_languages(library: Database, browser: Browser) -> None:
    told = browser.client.get("/api/v1/cases/sscp-2024-baguio").get_json()

    assert (told["id"], told["city"], told["country"], told["year"]) == ("sscp-2024-baguio", "Baguio", "PH", 2024)
    assert told["title_ko"] == "바기오 스마트 건강관리 시스템"
    assert told["title_en"]
    assert told["url"] == "http://portal.test/c/sscp-2024-baguio"
    assert told["source_title"]
    assert "contact_email" not in told


def test_what_is_not_public_is_not_found_and_what_was_withdrawn_is_gone(library: Database, browser: Browser) -> None:
    publish(library, id="invented", simulated=True)
    publish(library, id="draft", result=False, visible_from=None)
    withdraw(library, "sscp-2024-baguio")
    before = browser.client.get("/api/v1/cases/nothing")

    for case in ("invented", "draft", "x" * 3000, "a%00b"):
        response = browser.client.get(f"/api/v1/cases/{case}")
        assert (response.status_code, response.data) == (404, before.data), case
    gone = browser.client.get("/api/v1/cases/sscp-2024-baguio")
    assert (gone.status_code, list(gone.get_json())) == (410, ["error"])
    assert b"secret" not in gone.data
    assert browser.client.get("/api/v1/statistics").get_json()["total"] == 79


def test_the_statistics_count_what_can_be_read(library: Database, browser: Browser) -> None:
    publish(library, id="invented", simulated=True, country="TZ")
    told = browser.client.get("/api/v1/statistics").get_json()

    assert told["total"] == 80
    assert set(told["counts"]) == {"year", "country", "theme", "category", "award"}
    for facet in ("year", "country", "theme", "category"):
        found = browser.client.get("/api/v1/cases?per_page=1").get_json()["facets"][facet]
        assert {one["value"]: one["count"] for one in told["counts"][facet]} == {
            one["value"]: one["count"] for one in found
        }
    years = [one["value"] for one in told["counts"]["year"]]
    assert years == sorted(years, reverse=True)
    assert "TZ" not in [one["value"] for one in told["counts"]["country"]]
    assert {"value": "Seoul Smart City Prize", "count": 23} in told["counts"]["award"]


def test_the_editions_say_what_can_be_read_of_them(library: Database, browser: Browser) -> None:
    told = browser.client.get("/api/v1/editions").get_json()
    items = {one["slug"]: one for one in told["items"]}

    assert told["total"] == len(items) >= 3
    assert items["2024"]["names"]["ko"]
    assert items["2024"]["url"] == "http://portal.test/en/results/2024"
    assert items["2024"]["cases"] == sum(
        one["count"]
        for one in browser.client.get("/api/v1/cases?year=2024&kind=prize-entry").get_json()["facets"]["kind"]
        if one["value"] == "prize-entry"
    )
    assert items["2026"]["prizes"] == items["2026"]["cases"] == 0
    assert items["2026"]["url"] is None


def test_errors_are_sentences(library: Database, browser: Browser) -> None:
    answers = [
        (404, browser.client.get("/api/v1/cases/nothing")),
        (404, browser.client.get("/api/v1/nothing")),
        (405, browser.client.post("/api/v1/cases")),
        (405, browser.client.delete("/api/v1/cases/sscp-2024-baguio")),
        (422, browser.client.get("/api/v1/cases?page=x")),
    ]
    for status, answer in answers:
        assert (answer.status_code, answer.mimetype, list(answer.get_json())) == (status, "application/json", ["error"])
        assert re.fullmatch(r"\w.+ .+\.", answer.get_json()["error"])
    assert set(answers[2][1].allow) == {"GET", "HEAD", "OPTIONS"}


ADDRESSES = (
    "/api/v1/cases", "/api/v1/cases/sscp-2024-baguio", "/api/v1/editions", "/api/v1/statistics", "/api/v1/openapi.json", "/api/v1/suggest?q=bag",
    "/c/sscp-2024-baguio.bib", "/c/sscp-2024-baguio.ris", "/c/sscp-2024-baguio.csl.json", "/en/cases.atom",
    "/en/cases.csv", "/en/cases.json", "/en/cases.xlsx", "/catalog.ttl", "/catalog.jsonld", "/oai?verb=Identify",
    "/en/results.atom",
)  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_other_sites_may_read_and_ask_whether_anything_changed(
    library: Database, browser: Browser, address: str
) -> None:
    for encoding in ("identity", "zstd"):
        first = browser.client.get(address, headers={"Accept-Encoding": encoding, "Origin": "https://other.example"})
        assert first.status_code == 200
        assert first.headers["Access-Control-Allow-Origin"] == "*"
        assert first.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert first.headers["Cache-Control"] == "no-cache"
        assert "Set-Cookie" not in first.headers
        with statements(library.engine) as sent:
            again = browser.client.get(
                address, headers={"Accept-Encoding": encoding, "If-None-Match": first.headers["ETag"]}
            )
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
        assert len(sent) <= (2 if address.startswith("/oai") else 1)  # OAI-PMH tells its moment: it is not kept
    asked = browser.client.options(address, headers={"Access-Control-Request-Method": "GET"})
    assert asked.status_code == 200
    if address != "/en/results.atom":
        assert asked.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    head = browser.client.head(address)
    assert (head.status_code, head.data) == (200, b"")


def test_who_is_signed_in_gets_marks_too(library: Database, app: Flask) -> None:
    with library.transaction() as session:
        reader = Browser(app, make_user(session, "Ann"))
    for address in ADDRESSES:
        for encoding in ("identity", "gzip"):
            headers = {"Accept-Encoding": encoding}
            first = reader.client.get(address, headers=headers)
            mark = first.headers["ETag"]
            again = reader.client.get(address, headers={**headers, "If-None-Match": mark})
            assert (first.status_code, again.status_code, again.data) == (200, 304, b""), address
            assert again.headers["ETag"] == mark
            assert reader.client.head(address, headers=headers).headers["ETag"] == mark
    page = reader.client.get("/en/developers")
    assert (page.status_code, "ETag" in page.headers) == (200, False)


@pytest.mark.parametrize("encoding", ["zstd", "br", "gzip"])
def test_every_text_is_compressed_for_who_takes_it(library: Database, browser: Browser, encoding: str) -> None:
    for address in ADDRESSES:
        plain = browser.client.get(address)
        packed = browser.client.get(address, headers={"Accept-Encoding": encoding})
        is_packed = not address.endswith(".xlsx") and len(plain.data) >= 500
        assert packed.headers.get("Content-Encoding") == (encoding if is_packed else None), address
        for one in (plain, packed):
            assert "Accept-Encoding" in {name.strip() for name in one.headers["Vary"].split(",")}, address
        if is_packed:
            assert len(packed.data) < len(plain.data)
        if encoding == "gzip" and is_packed and "oai" not in address:  # an answer of OAI-PMH names its second
            assert gzip.decompress(packed.data) == plain.data, address


def test_the_moment_of_the_last_change_is_a_mark_too(
    library: Database, app: Flask, browser: Browser, pass_time: Callable[[timedelta], None]
) -> None:
    publish(library, id="fresh")
    dated = ("/en/cases.atom", "/en/cases.csv", "/en/cases.xlsx", "/api/v1/cases/fresh")
    pass_time(timedelta(seconds=2))
    with library.transaction() as session:
        reader = Browser(app, make_user(session, "Ann"))
    for client in (browser.client, reader.client):
        for address in dated:
            moment = client.get(address).last_modified
            assert moment is not None, address
            for late, status in ((0, 304), (60, 304), (-1, 200)):
                asked = {"If-Modified-Since": http_date(moment + timedelta(seconds=late))}
                assert client.get(address, headers=asked).status_code == status, (address, late)
            asked = {"If-Modified-Since": http_date(moment), "If-None-Match": '"another"'}
            assert client.get(address, headers=asked).status_code == 200, "the mark is more exact"
            assert client.get(address, headers={"If-Modified-Since": "yesterday"}).status_code == 200
    withdraw(library, "fresh")
    asked = {"If-Modified-Since": http_date(moment)}
    for address in dated[:3]:
        assert browser.client.get(address, headers=asked).status_code == 200, address


def test_no_moment_is_told_while_its_second_lasts() -> None:
    now = clock.now()
    assert dated(Response(), now + timedelta(hours=1)).last_modified is None
    assert dated(Response(), None).last_modified is None
    assert dated(Response(), now - timedelta(seconds=1)).last_modified == (now - timedelta(seconds=1)).replace(
        microsecond=0
    )


def test_a_change_changes_every_mark(library: Database, browser: Browser) -> None:
    changing = [
        one
        for one in ADDRESSES
        if "baguio" not in one and "openapi" not in one and "suggest" not in one and "Identify" not in one
    ]
    before = {one: browser.client.get(one).headers["ETag"] for one in changing}
    publish(library, id="fresh", year=2027)
    for one in changing:
        after = browser.client.get(one, headers={"If-None-Match": before[one]})
        assert after.status_code == 200, one


def test_who_asks_too_often_is_told_when_to_come_back(
    library: Database, browser: Browser, app: Flask, monkeypatch: pytest.MonkeyPatch, without_models: Callable[[], None]
) -> None:
    without_models()  # while vectors are still to come, answers are not kept
    moment = [0.0]
    monkeypatch.setitem(app.extensions, PACE, Pace(2, 60, lambda: moment[0]))
    assert [browser.client.get(f"/api/v1/cases?q={n}").status_code for n in range(3)] == [200, 200, 429]
    moment[0] = 20.5
    late = browser.client.get("/en/cases.csv")
    assert (late.status_code, late.headers["Retry-After"], list(late.get_json())) == (429, "40", ["error"])
    assert "40" in late.get_json()["error"]
    assert late.headers["Access-Control-Allow-Origin"] == "*"
    assert (late.headers["RateLimit-Policy"], late.headers["RateLimit"]) == ('"address";q=2;w=60', '"address";r=0;t=40')
    assert {"RateLimit", "RateLimit-Policy"} <= set(late.headers["Access-Control-Expose-Headers"].split(", "))
    ready = browser.client.get("/api/v1/cases?q=1")
    assert (ready.headers["RateLimit-Policy"], "RateLimit" in ready.headers) == ('"address";q=2;w=60', False)
    assert browser.client.get("/api/v1/cases?q=1").status_code == 200, "what is ready made is not counted"
    assert browser.client.get("/en/cases").status_code == 200, "pages are not counted"
    other = {"REMOTE_ADDR": "192.0.2.7"}
    assert browser.client.get("/api/v1/statistics", environ_overrides=other).status_code == 200
    moment[0] = 60.0
    assert browser.client.get("/en/cases.csv").status_code == 200


def test_asking_writes_nothing(library: Database, browser: Browser) -> None:
    with statements(library.engine) as sent:
        for address in ADDRESSES:
            browser.client.get(address)
    assert [one for one in sent if not one.lstrip().upper().startswith(("SELECT", "PRAGMA", "WITH"))] == []


def test_the_pace_counts_networks_and_forgets() -> None:
    moment = [0.0]
    pace = Pace(1, 10, lambda: moment[0])
    assert pace.wait("2001:db8:1:2::1") == 0
    assert pace.wait("2001:db8:1:2:ffff::9") == 10
    assert pace.wait("2001:db8:1:3::1") == 0
    assert pace.wait("192.0.2.1") == 0
    assert pace.wait("192.0.2.2") == 0
    assert pace.wait("unknown") == 0
    moment[0] = 9.999
    assert pace.wait("192.0.2.1") == 1
    moment[0] = 10.0
    assert pace.wait("192.0.2.1") == 0


def feed(browser: Browser, address: str) -> Any:
    """Return a feed as a feed reader understands it."""
    found = feedparser.parse(browser.client.get(address).data)
    assert not found.bozo, found.get("bozo_exception")
    assert found.version == "atom10"
    return found


def test_new_cases_come_as_a_feed(library: Database, browser: Browser) -> None:
    publish(library, id="fresh")
    for tag, title in (("ko", "떠다니는 진료소 (잔지바르)"), ("en", "Floating clinic (Zanzibar)")):
        found = feed(browser, f"/{tag}/cases.atom")
        assert found.feed.id == f"http://portal.test/{tag}/cases.atom"
        assert len(found.entries) == 50
        first = found.entries[0]
        assert (first.id, first.title) == ("http://portal.test/c/fresh", title)
        assert first.link == f"http://portal.test/{tag}/cases/fresh"
        assert found.feed.updated_parsed >= first.updated_parsed
        words = {"ko": "건강", "en": "Health"}
        assert [(one.term, one.label) for one in first.tags] == [("health", words[tag])]


def test_any_search_can_be_followed(library: Database, browser: Browser) -> None:
    found = feed(browser, "/ko/cases.atom?q=바기오&kind=prize-entry&view=map&page=7")
    assert [one.id for one in found.entries] == ["http://portal.test/c/sscp-2024-baguio"]
    assert "바기오" in found.feed.title
    assert found.feed.links[0].href == "http://portal.test/ko/cases.atom?" + urlencode(
        {"q": "바기오", "kind": "prize-entry"}
    )
    assert found.feed.link == found.feed.links[0].href.replace("cases.atom", "cases")

    everything = feed(browser, "/en/cases.atom?country=PH&country=IS")
    assert everything.feed.title == "Chosen cases: Philippines, Iceland"
    spanned = feed(browser, "/ko/cases.atom?theme=health&year_from=2024")
    assert spanned.feed.title == "선택한 사례: 건강, 2024년부터"
    moments = [one.published_parsed for one in everything.entries]
    assert moments == sorted(moments, reverse=True)
    assert len(moments) == browser.client.get("/api/v1/cases?country=PH&country=IS").get_json()["total"]
    assert feed(browser, "/en/cases.atom?q=zzzyyy").entries == []
    assert browser.client.get("/en/cases.atom?year=x").status_code == 422


def test_results_are_a_feed_too(library: Database, browser: Browser) -> None:
    assert len(feed(browser, "/en/results.atom").entries) == 23


DOCUMENTED = re.findall(
    r"```\n(curl .+?)\n```\n+```json\n(.+?)\n```", (ROOT / "docs" / "api.md").read_text(encoding="utf-8"), flags=re.S
)


@pytest.mark.parametrize(("command", "shown"), DOCUMENTED, ids=[command[:60] for command, _ in DOCUMENTED])
def test_the_examples_of_the_documentation_are_true(
    library: Database, browser: Browser, command: str, shown: str
) -> None:
    words = shlex.split(command.replace("\\\n", " "))
    address = next(word for word in words if word.startswith("https://prize.example.org"))
    given = [words[place + 1] for place, word in enumerate(words) if word in ("-d", "--data-urlencode")]
    query = urlencode([tuple(one.split("=", 1)) for one in given])
    response = browser.client.get(address.removeprefix("https://prize.example.org") + (f"?{query}" if query else ""))

    differences = list(compare(json.loads(shown), response.get_json()))
    assert differences == []


def compare(shown: Any, told: Any, where: str = "") -> Any:
    """Give each place where an example says something else; "…" ends what is shown shortened."""
    if isinstance(shown, dict) and isinstance(told, dict):
        for name, value in shown.items():
            yield from compare(value, told.get(name, "nothing"), f"{where}.{name}")
    elif isinstance(shown, list) and isinstance(told, list) and len(shown) <= len(told):
        for place, value in enumerate(shown):
            yield from compare(value, told[place], f"{where}[{place}]")
    elif isinstance(shown, str) and isinstance(told, str):
        told = told.replace("http://portal.test", "https://prize.example.org")
        if not (told.startswith(shown[:-1]) if shown.endswith("…") else told == shown):
            yield where, shown, told
    elif shown != told:
        yield where, shown, told


def test_there_are_examples_of_every_kind() -> None:
    assert len(DOCUMENTED) >= 6


def test_suggestions_lead_somewhere(library: Database, browser: Browser) -> None:
    for tag, typed in (("ko", "바기"), ("en", "bagui"), ("xx", "bagui")):
        items = browser.client.get(f"/api/v1/suggest?q={typed}&lang={tag}").get_json()["items"]
        assert items, tag
        for one in items:
            page = one["url"].removeprefix("http://portal.test")
            assert page.startswith("/ko/" if tag == "ko" else "/en/")
            assert browser.get(page).status == 200
    assert browser.client.get("/api/v1/suggest").get_json() == {"items": []}
    assert browser.client.get("/api/v1/suggest?q=x&lang=%20k!").status_code == 422


def test_the_page_for_developers_leads_to_everything(library: Database, browser: Browser) -> None:
    for tag in ("ko", "en", "ar-XB"):
        page = browser.get(f"/{tag}/developers")
        links = [str(link["href"]).removeprefix("http://portal.test") for link in page.soup.select("main a")]
        for link in links:
            if not link.startswith("https://"):
                assert browser.client.get(link).status_code == 200, link
        assert len(links) == 14


def test_the_sitemap_names_every_kind_of_page(library: Database, browser: Browser) -> None:
    text = browser.client.get("/sitemap.xml").text
    for page in ("health", "statistics", "collections", "developers", "cases", "cases/sscp-2024-baguio"):
        assert f"<loc>http://portal.test/ko/{page}</loc>" in text
        assert f'hreflang="en" href="http://portal.test/en/{page}"' in text
        assert f'hreflang="x-default" href="http://portal.test/en/{page}"' in text
    sitemap = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    changed = {one.findtext(f"{sitemap}loc"): one.findtext(f"{sitemap}lastmod") for one in ET.fromstring(text)}
    told = browser.client.get("/api/v1/cases/sscp-2024-baguio").get_json()["changed_at"]
    assert changed["http://portal.test/ko/cases/sscp-2024-baguio"] == told
    assert changed["http://portal.test/ko/health"] is None
