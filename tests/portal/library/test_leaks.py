"""What the public must not see enters no answer: one case of each hidden kind, looked for at every address of the API."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from openpyxl import load_workbook

from portal import clock
from portal.config import ROOT
from portal.db import Database
from portal.library.actions.cases import withdraw_case
from portal.library.copies import Telling
from portal.library.details import Details, Reach
from portal.library.models import Case
from tests.browser import Browser
from tests.portal.library.conftest import publish

#: Of each kind of case: a word that is asked for, and a country and a year that no other case has.
KINDS = {
    "draft": ("qorvexdraft", "NR", 1911), "embargoed": ("qorvexembargo", "TV", 1912),
    "simulated": ("qorvexsimulated", "KI", 1913), "withdrawn": ("qorvexwithdrawn", "PW", 1914),
    "shown": ("qorvexshown", "WS", 1915),
}  # fmt: skip
IDS = {kind: f"case-{place}-of-five" for place, kind in enumerate(KINDS)}

#: Every address of docs/api.md, and the pages on which cases are counted or grouped. ``{word}`` is looked for.
ADDRESSES = (
    "/api/v1/cases", "/api/v1/cases?q={word}", "/api/v1/cases?q={start}*", "/api/v1/cases?country={country}",
    "/api/v1/cases?year={year}&lang=ko", "/api/v1/cases/{id}", "/api/v1/suggest?q={word}",
    "/api/v1/suggest?q={start}&lang=ko", "/api/v1/editions", "/api/v1/statistics", "/api/v1/openapi.json", "/api/v1",
    "/en/cases.csv", "/en/cases.csv?q={word}", "/ko/cases.json", "/ko/cases.json?country={country}", "/en/cases.xlsx",
    "/en/cases.xlsx?q={word}", "/c/{id}.bib", "/c/{id}.ris", "/c/{id}.csl.json?lang=ko", "/en/cases.atom",
    "/ko/cases.atom?q={word}", "/en/results.atom", "/oai?verb=Identify", "/oai?verb=ListSets",
    "/oai?verb=ListRecords&metadataPrefix=oai_dc", "/oai?verb=ListIdentifiers&metadataPrefix=oai_dc",
    "/oai?verb=ListRecords&metadataPrefix=oai_dc&set=year-{year}",
    "/oai?verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:portal.test:{id}", "/catalog.ttl", "/catalog.jsonld",
    "/sitemap.xml", "/en/cases?q={word}", "/ko/cases?q={word}", "/ko/cases?q={start}*&view=table",
    "/en/cases?country={country}&view=map", "/ko/cases?view=timeline", "/ko/suggestions?q={start}",
    "/en/statistics", "/en/health", "/en/winners", "/en/collections",
)  # fmt: skip


@pytest.fixture
def planted(library: Database, do_jobs: Callable[[datetime], int]) -> Database:
    """The library with one more case of each kind; the withdrawn one still stands in the index."""
    now = clock.now()
    for kind, (word, country, year) in KINDS.items():
        telling = Telling(f"{word} lantern", f"secret-{kind} summary", body=f"secret-{kind} body")
        moment = {"draft": None, "embargoed": now + timedelta(days=1)}.get(kind, now)
        publish(
            library, id=IDS[kind], result=kind in ("embargoed", "simulated", "shown"), simulated=kind == "simulated",
            visible_from=moment, country=country, year=year, city=f"Qorvex {kind}ville", edition_slug=None,
            city_names={"en": f"Qorvex {kind}ville", "ko": f"{word}시"}, texts={"en": telling, "ko": telling},
            organisation=f"secret-{kind} office", sources=((f"secret-{kind} paper", f"https://example.org/{kind}"),),
            details=Details(partners=(f"secret-{kind} partner",), reach=Reach(7)),
        )  # fmt: skip
    do_jobs(now + timedelta(seconds=1))
    with library.transaction() as session:
        case = session.get_one(Case, IDS["withdrawn"])
        withdraw_case(session, case, reason="secret-withdrawn reason", by=None, now=clock.now())
    return library


def told(browser: Browser, address: str) -> str:
    """Return everything that an answer says, whatever it is packed in."""
    response = browser.client.get(address)
    assert response.status_code in (200, 404, 410), address
    if response.mimetype.endswith("spreadsheetml.sheet"):
        return str(list(load_workbook(io.BytesIO(response.data)).active.values))
    return response.get_data(as_text=True)


def answers(browser: Browser, kind: str) -> Iterator[tuple[str, str]]:
    word, country, year = KINDS[kind]
    for address in ADDRESSES:
        asked = address.format(word=word, start=word[:-3], country=country, year=year, id=IDS[kind])
        yield asked, told(browser, asked)


def test_hidden_cases_enter_no_answer(planted: Database, browser: Browser, do_jobs: Callable[[datetime], int]) -> None:
    for is_indexed_again in (False, True):
        for kind in KINDS.keys() - {"shown"}:
            for address, text in answers(browser, kind):
                faults = [mark for mark in (f"secret-{kind}", f"{kind}ville", "lantern") if mark in text]
                if "lantern" in faults and f"{KINDS['shown'][0]} lantern" in text:
                    faults.remove("lantern")
                named = IDS[kind] in text and not (
                    "GetRecord" in address or (kind == "withdrawn" and "/oai" in address)
                )
                assert (faults, named) == ([], False), (kind, address, is_indexed_again)
        do_jobs(clock.now() + timedelta(seconds=1))


def test_hidden_cases_are_counted_nowhere(planted: Database, browser: Browser) -> None:
    whole = browser.client.get("/api/v1/cases?per_page=100").get_json()
    statistics = browser.client.get("/api/v1/statistics").get_json()
    assert (whole["total"], statistics["total"]) == (81, 81)
    assert browser.client.get("/en/cases.json").get_json()["total"] == 81
    for counts in (whole["facets"], statistics["counts"]):
        for facet, place in (("country", 1), ("year", 2)):
            values = {one["value"] for one in counts[facet]}
            assert {kind for kind, marks in KINDS.items() if marks[place] in values} == {"shown"}
    catalogue = told(browser, "/catalog.ttl")
    assert f'"{KINDS["shown"][2]}"^^xsd:gYear' in catalogue  # the earliest year of all: no earlier one is told


def test_the_shown_one_is_found_where_the_hidden_ones_are_looked_for(planted: Database, browser: Browser) -> None:
    silent = {
        "/api/v1/editions", "/api/v1/statistics", "/api/v1", "/api/v1/openapi.json", "/catalog.ttl", "/catalog.jsonld",
        "/oai?verb=Identify", "/oai?verb=ListSets", "/en/statistics", "/en/health", "/en/collections", "/sitemap.xml",
        "/oai?verb=ListRecords&metadataPrefix=oai_dc", "/oai?verb=ListIdentifiers&metadataPrefix=oai_dc",
        "/en/results.atom", "/en/winners", "/api/v1/cases",
    }  # fmt: skip
    marks = ("lantern", "secret-shown", "shownville", IDS["shown"])
    missed = [
        address for address, text in answers(browser, "shown") if address not in silent and not any(
            mark in text for mark in marks
        )
    ]  # fmt: skip
    assert missed == []


def test_every_address_of_the_documentation_is_asked() -> None:
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    named = {one.partition("?")[0] for one in re.findall(r"`(?:GET )?(/[^\s`]*)`", text)}
    endings = {".csv", ".json", ".xlsx"}
    asked = {address.partition("?")[0] for address in ADDRESSES} | endings

    def is_asked(path: str) -> bool:
        shape = re.escape(path).replace("<language>", "[a-z]+").replace("<id>", r"\{id\}")
        return any(re.fullmatch(shape, one) for one in asked)

    rest = {path for path in named if not is_asked(path)}
    assert rest <= {"/c/<id>", "/catalog", "/healthz", "/readyz", "/64", "/oai"}, rest
