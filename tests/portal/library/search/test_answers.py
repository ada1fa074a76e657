"""What a reader finds: the same from every engine."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.library.search.memory import MemoryEngine
from portal.library.search.port import CaseDocument, QueryTooLong, SearchPage, SearchQuery, Sort
from portal.library.search.whoosh_engine import WhooshEngine
from tests.portal.library.search.conftest import NOON, korean

Ask = Callable[..., SearchPage]


def ids(page: SearchPage) -> list[str]:
    return [hit.id for hit in page.hits]


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("text", ["바기오", "Baguio", "바기오의", "BAGUIO"])
def test_names_find_a_city_in_every_language(ask: Ask, text: str, language: str) -> None:
    assert ids(ask(text, language=language)) == ["sscp-2024-baguio", "hp-baguio-telemedicine-2021"]


@pytest.mark.parametrize("text", ["레이캬비크의", "Reykjavik", "Reykjavík", "레이캬비크에서는"])
def test_particles_and_accents_do_not_hide_a_city(ask: Ask, text: str) -> None:
    assert ids(ask(text)) == ["sscp-2024-reykjavik"]


@pytest.mark.parametrize("text", ["sao paulo", "São Paulo", "상파울루", "상파울루가"])
def test_accents_fold(ask: Ask, text: str) -> None:
    assert ids(ask(text)) == ["sscp-2023-saopaulo"]


def test_compounds_meet_with_and_without_spaces(ask: Ask) -> None:
    assert ids(ask("건강관리"))[0] == "sscp-2024-baguio"
    assert ids(ask("건강관리", per_page=100)) == ids(ask("건강 관리", per_page=100))
    assert ids(ask("스마트도시", per_page=100)) == ids(ask("스마트 도시", per_page=100))
    assert ask("스마트도시").total > 0


def test_the_name_of_the_award_needs_more_than_one_of_its_words(ask: Ask) -> None:
    entries = ask(kinds=("prize-entry",)).total

    assert ask("Seoul Smart City Prize", per_page=100).total >= entries
    assert "sscp-2023-odense" not in ids(ask("Seoul", per_page=100))
    assert "sscp-2023-odense" not in ids(ask("smart city", per_page=100))
    assert "mc-2022-amman" in ids(ask("Mayors Challenge", per_page=100))
    assert "mc-2022-amman" in ids(ask("Bloomberg", per_page=100))


def test_phrases_exclusions_and_alternatives(ask: Ask) -> None:
    both = ask("smart city", per_page=100)
    phrase = ask('"smart city"', per_page=100)
    without = ask('smart city -"smart city"', per_page=100)

    assert 0 < phrase.total < both.total
    assert set(ids(phrase)) | set(ids(without)) == set(ids(both))
    assert set(ids(phrase)).isdisjoint(ids(without))
    assert ask("Baguio OR Reykjavik").total == 3
    assert ask("-Baguio").total == 78


def test_unfinished_words_are_found_while_typing(ask: Ask) -> None:
    assert ask("reykj").total == 0
    assert ids(ask("reykj", typing=True)) == ["sscp-2024-reykjavik"]
    assert ids(ask("reykj*")) == ["sscp-2024-reykjavik"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("바교오", "바기오"), ("Bagiuo", "baguio"), ("reykjavk", "reykjavik"), ("건강괸리", "건강관리")],
)
def test_slips_are_put_right(ask: Ask, typed: str, meant: str) -> None:
    page = ask(typed)

    assert (page.total, page.suggestion) == (0, meant)


def test_facets_count_with_their_own_filter_put_aside(ask: Ask) -> None:
    page = ask("", ranks=("gold", "silver"), years=(2023,))

    counts = {count.value: (count.count, count.chosen) for count in page.facets["rank"]}
    assert counts["gold"] == (2, True)
    assert counts["bronze"] == (3, False)
    assert sum(count.count for count in page.facets["year"] if count.chosen) == page.total


def test_a_chosen_value_stays_listed_when_nothing_is_left(ask: Ask) -> None:
    page = ask("Baguio", countries=("IS",))

    assert page.total == 0
    assert [(count.value, count.count) for count in page.facets["country"] if count.chosen] == [("IS", 0)]


def test_hits_tell_language_and_field(ask: Ask) -> None:
    by_name = ask("바기오", language="en").hits[0]
    by_text = ask("걷기", language="en").hits[0]

    assert (by_name.language, by_name.field) == ("en", "names")
    assert (by_text.language, by_text.field) == ("ko", "summary")


def test_sorting_and_paging(ask: Ask) -> None:
    first = ask("", sort=Sort.NEWEST, per_page=30)
    rest = [ask("", sort=Sort.NEWEST, per_page=30, page=number) for number in (2, 3)]

    assert first.pages == 3
    assert len({*ids(first), *ids(rest[0]), *ids(rest[1])}) == 80
    assert ids(ask("", page=99)) == []


def test_texts_may_be_missing() -> None:
    documents = [CaseDocument("bare", 1, {}), korean("only-korean", "바기오 걷기")]
    engine = MemoryEngine(documents)

    assert engine.search(SearchQuery("걷기", "en"), now=NOON).hits[0].language == "ko"
    assert engine.search(SearchQuery("", "en"), now=NOON).total == 2


def test_words_inside_other_words_are_not_found() -> None:
    engine = MemoryEngine(
        [
            korean("trial", "신약 임상시험 지원"),
            korean("always", "상시 모집"),
            korean("daejeon", "대전시의 교통"),
            korean("show", "시민 전시"),
        ]
    )

    assert ids(engine.search(SearchQuery("상시", "ko"), now=NOON)) == ["always"]
    assert ids(engine.search(SearchQuery("전시", "ko"), now=NOON)) == ["show"]
    assert ids(engine.search(SearchQuery("대전시", "ko"), now=NOON)) == ["daejeon"]


def test_the_longest_question_is_answered_and_a_longer_one_refused(ask: Ask) -> None:
    assert ask("a" * 2_000).total == 0
    assert ask("가" * 666 + "aa").total == 0
    with pytest.raises(QueryTooLong):
        ask("a" * 2_001)
    with pytest.raises(QueryTooLong):
        ask("가" * 667)
    with pytest.raises(QueryTooLong):
        ask("a" * 1_000_000)


PIECES = [
    *(
        "건강",
        "건강관리",
        "스마트도시",
        "스마트",
        "도시",
        "서울시가",
        "레이캬비크의",
        "바기오",
        "치매",
        "노인을",
        "시민",
        "은",
    ),
    *("Baguio", "health", "city", "smart", "digital", "platform", "2024", "São", "the", "Seoul", "Prize", "Smart"),
    *('"smart city"', '"건강 관리"', "-health", "-시민", "heal*", "디*", "OR", "AND", '"', "-", "*", "(", "[", "~"),
    *(":", "\\", "\0", "\ud800", "😀", "東京", "مدينة", "ที่", "a의", "시", "reykjavk", "2023", "", ")"),
]
FILTERS: dict[str, tuple[Any, ...]] = {
    "years": (2023, 2024, 2025, 1999),
    "categories": ("people-centric", "tech-innovation", "nothing"),
    "ranks": ("gold", "silver", "winner"),
    "countries": ("KR", "PH", "IS"),
    "themes": ("health", "mobility", "data-ai"),
    "kinds": ("prize-entry", "other-award"),
}


def random_query(chance: random.Random) -> SearchQuery:
    filters = {
        name: tuple(chance.sample(values, chance.randint(1, 2)))
        for name, values in FILTERS.items()
        if chance.random() < 0.2
    }
    return SearchQuery(
        text=" ".join(chance.choices(PIECES, k=chance.choice((0, 1, 1, 2, 2, 3, 4)))),
        language=chance.choice(("ko", "en", "fr")),
        sort=chance.choice(list(Sort)),
        page=chance.choice((1, 1, 2)),
        per_page=chance.choice((1, 20, 100)),
        typing=chance.random() < 0.2,
        **filters,
    )


def test_engines_agree_on_everything(memory: MemoryEngine, embedded: WhooshEngine) -> None:
    chance = random.Random(2_026)

    answered = 0
    for _ in range(300):
        query = random_query(chance)
        expected = memory.search(query, now=NOON)
        assert embedded.search(query, now=NOON) == expected, query
        answered += expected.total > 0

    assert answered > 100


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=60))
def test_any_input_is_answered_alike(memory: MemoryEngine, embedded: WhooshEngine, text: str) -> None:
    query = SearchQuery(text, "ko")

    assert embedded.search(query, now=NOON) == memory.search(query, now=NOON)
