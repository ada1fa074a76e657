"""Names under which places are looked for: other names, adjectives and parts of the world."""

from __future__ import annotations

import pytest
from babel import Locale

from portal.config import ROOT
from portal.library.places import area_names, country_names
from portal.library.regions import REGIONS
from portal.library.search.korean import Lexicon
from portal.library.search.memory import MemoryEngine
from portal.library.search.port import CaseDocument, CaseText, SearchQuery
from portal.library.search.questions import read_question
from tests.portal.library.search.conftest import NOON

ROWS = [
    line.split("\t") for line in (ROOT / "portal" / "data" / "places.tsv").read_text(encoding="utf-8").splitlines()[1:]
]


def test_every_row_names_something_that_exists_and_no_name_twice() -> None:
    territories = set(Locale("en").territories)
    for kind, key, names in ROWS:
        told = names.split("; ")
        assert all(name == name.strip() and name for name in told)
        assert len(set(told)) == len(told)
        if kind in ("country", "area"):
            assert set(key.split()) <= territories, key
        elif kind == "region":
            assert key in REGIONS
        else:
            assert kind == "city"
    keys = [(kind, key) for kind, key, _ in ROWS]
    assert len(set(keys)) == len(keys)


def test_countries_have_their_adjective_and_areas() -> None:
    assert {"Greece", "그리스", "Greek"} <= set(country_names("GR"))
    assert {"Europe", "유럽", "European", "남유럽", "Balkan"} <= set(area_names("GR"))
    assert {"Nordic", "북유럽"} <= set(area_names("FI"))
    assert not {"Nordic", "북유럽"} & set(area_names("EE"))
    assert "SouthAfrican" in country_names("ZA")
    assert area_names("XX") == ("Asia", "아시아", "Asian")


def placed(identity: str, country: str, text: str) -> CaseDocument:
    return CaseDocument(
        identity,
        1,
        {"en": CaseText(text), "ko": CaseText(text)},
        country=country,
        names=(*country_names(country), *area_names(country)),
    )


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("Greek city", "en", {"athens"}),
        ("cities in Greece", "en", {"athens"}),
        ("그리스 도시", "ko", {"athens"}),
        ("터키 도시들", "ko", {"konya"}),
        ("아프리카의 도시 사례", "ko", {"kampala", "pretoria"}),
        ("African cities", "en", {"kampala", "pretoria"}),
        ("South African city", "en", {"pretoria"}),
        ("북유럽 우수사례", "ko", {"tampere"}),
        ("Nordic best practices", "en", {"tampere"}),
        ("smart city", "en", {"dublin"}),
        ("스마트 도시", "ko", {"seoul"}),
        ("도시", "ko", {"seoul"}),
    ],
)
def test_a_city_of_a_country_need_not_be_called_one(text: str, language: str, found: set[str]) -> None:
    documents = [
        placed("athens", "GR", "naloxone"),
        placed("konya", "TR", "bicycle"),
        placed("kampala", "UG", "sludge"),
        placed("pretoria", "ZA", "water"),
        placed("tampere", "FI", "tram"),
        placed("dublin", "IE", "smart city academy"),
        placed("smart", "IE", "smart bins"),
        placed("seoul", "KR", "스마트 도시 축제"),
        placed("busan", "KR", "스마트 쓰레기통"),
    ]
    page = MemoryEngine(documents).search(SearchQuery(text, language), now=NOON)
    assert {hit.id for hit in page.hits} == found


@pytest.mark.parametrize(
    ("text", "placed"),
    [
        ("북유럽 도시", True),
        ("그리스의 우수 사례", True),
        ("Greek city", True),
        ("그리스 자전거", False),
        ("도시", False),
        ("Greek -city", False),
        ("", False),
    ],
)
def test_a_question_for_places_alone_is_known_as_one(text: str, placed: bool) -> None:
    lexicon = Lexicon(["그리스", "북유럽", "Greek"], ["ko", "en"])
    assert read_question(text, lexicon).placed is placed
