"""The contract of every engine: the totals, facets, places and orders of the one that looks at every case."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

import pytest
from sqlalchemy import text

from portal.db import Database
from portal.library.search.korean import Lexicon
from portal.library.search.memory import MemoryEngine
from portal.library.search.port import (
    CaseDocument,
    CaseText,
    Holding,
    IndexBehind,
    IndexMissing,
    SearchPage,
    SearchQuery,
    Sort,
)
from portal.library.search.postgres_engine import SCHEMA, PostgresEngine
from portal.library.search.whoosh_engine import WhooshEngine
from tests.portal.library.search.conftest import NOON, korean
from tests.portal.library.search.test_answers import random_query

SOAK = bool(os.environ.get("SOAK"))
SEED = int(os.environ.get("SOAK_SEED", "2026"))
EARLY = NOON - timedelta(days=30)
SECOND = timedelta(seconds=1)


class Engine(Protocol):
    """What the index job and readers ask of an engine."""

    def search(self, query: SearchQuery, *, now: datetime, holding: Holding | None = None) -> SearchPage: ...
    def lexicon(self, now: datetime) -> Lexicon: ...
    def rebuild(self, documents: Iterable[CaseDocument], valid_from: datetime | None) -> object: ...
    def follow(
        self,
        moment: datetime | None,
        wanted: Mapping[str, int],
        load: Callable[[Collection[str]], Iterable[CaseDocument]],
    ) -> bool: ...
    def retire(self, keep: Collection[datetime | None]) -> None: ...


@pytest.fixture(params=["embedded", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "embedded":
        yield WhooshEngine(tmp_path / "index")
        return
    if not os.environ.get("TEST_DATABASE_URL"):
        pytest.skip("no PostgreSQL: set TEST_DATABASE_URL")
    database: Database = request.getfixturevalue("database")
    yield PostgresEngine(database.engine)
    with database.engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE"))


WORDS = {
    "en": [
        "health",
        "city",
        "data",
        "care",
        "water",
        "school",
        "traffic",
        "bridge",
        "river",
        "school's",
        "co-operation",
        "2024",
        "São",
        "old",
        "new",
        "the",
        "of",
    ],
    "ko": [
        "건강",
        "관리",
        "건강관리",
        "스마트",
        "도시",
        "스마트도시",
        "서울시가",
        "시민",
        "노인을",
        "데이터",
        "상시",
        "전시",
        "대전시",
        "교통의",
        "학교에서",
    ],
    "fr": ["santé", "ville", "données", "l'eau", "école"],
}


def invent(chance: random.Random, number: int, version: int = 1) -> CaseDocument:
    def told(language: str, count: int) -> str:
        words = chance.choices(WORDS[language], k=count)
        return " ".join(word + ("." if chance.random() < 0.2 else "") for word in words)

    languages = chance.sample(list(WORDS), chance.randint(1, 3))
    return CaseDocument(
        id=f"case-{number:04}",
        version=version,
        texts={
            language: CaseText(
                told(language, chance.randint(0, 4)),
                told(language, chance.randint(0, 12)),
                told(language, chance.choice((0, 20))),
            )
            for language in languages
        },
        names=tuple(chance.sample(("바기오", "Baguio", "São Paulo", "서울"), chance.randint(0, 2))),
        year=chance.choice((2023, 2024, 2025, None)),
        category=chance.choice(("people-centric", "tech-innovation", None)),
        rank=chance.choice(("gold", "silver", "winner", "unheard of", None)),
        kind=chance.choice(("prize-entry", "other-award")),
        country=chance.choice(("KR", "PH", "IS")),
        region=chance.choice(("asia", "europe", None)),
        themes=tuple(chance.sample(("health", "mobility", "data-ai"), chance.randint(0, 3))),
        sdgs=tuple(chance.sample(("3", "11"), chance.randint(0, 2))),
        targets=tuple(chance.sample(("children", "elderly"), chance.randint(0, 2))),
        award=("Seoul Smart City Prize",) if chance.random() < 0.5 else (),
    )


def ask(chance: random.Random) -> SearchQuery:
    """A question of words, phrases, exclusions, alternatives and beginnings, with filters."""
    if chance.random() < 0.3:
        return random_query(chance)
    language = chance.choice(list(WORDS))
    pieces = []
    for _ in range(chance.choice((0, 1, 1, 2, 2, 3))):
        one, other = chance.choices(WORDS[language], k=2)
        pieces.append(chance.choice((one, one, one, f'"{one} {other}"', f"-{one}", f"{one} OR {other}", one[:3] + "*")))
    filters = {
        "years": (2023, 2024), "ranks": ("gold", "nothing"), "regions": ("asia",), "sdgs": ("3", "11"),
        "targets": ("children",), "languages": ("ko", "fr"), "themes": ("health", "data-ai"),
    }  # fmt: skip
    return SearchQuery(
        " ".join(pieces),
        chance.choice(("ko", "en", "fr", "de")),
        sort=chance.choice(list(Sort)),
        page=chance.choice((1, 1, 2, 9)),
        per_page=chance.choice((1, 5, 20, 100)),
        typing=chance.random() < 0.1,
        **{name: values for name, values in filters.items() if chance.random() < 0.15},  # type: ignore[arg-type]
    )


def loader(documents: Mapping[str, CaseDocument]) -> Callable[[Collection[str]], Iterable[CaseDocument]]:
    return lambda ids: [documents[one] for one in ids]


@pytest.mark.heavy
def test_answers_equal_those_of_looking_at_every_case(engine: Engine, counted: Callable[[str], None]) -> None:
    chance = random.Random(SEED)
    cases, changes, questions = (400, 20, 1_000) if SOAK else (150, 6, 90)
    counted(f"{questions} questions to {cases} cases, seed {SEED}")
    documents = {one.id: one for one in (invent(chance, number) for number in range(cases))}
    engine.follow(None, {one.id: 1 for one in documents.values()}, loader(documents))
    number = cases
    answered = with_filters = 0
    for _ in range(changes):
        for _ in range(chance.randint(1, 12)):
            kind = chance.random()
            if kind < 0.4:
                documents[f"case-{number:04}"] = invent(chance, number)
                number += 1
            elif kind < 0.7:
                one = chance.choice(list(documents.values()))
                documents[one.id] = invent(chance, int(one.id[5:]), one.version + 1)
            else:
                del documents[chance.choice(list(documents))]
        engine.follow(None, {one.id: one.version for one in documents.values()}, loader(documents))
        oracle = MemoryEngine(documents.values())
        oracle.lexicon = engine.lexicon(NOON)
        holding = Holding.of({one.id: one.version for one in documents.values()})
        for _ in range(questions // changes):
            query = ask(chance)
            expected = oracle.search(query, now=NOON)
            assert engine.search(query, now=NOON, holding=holding) == expected, query
            answered += expected.total > 0
            with_filters += bool(query.filters())
    assert answered > questions // 3
    assert with_filters > questions // 4


def test_a_question_with_one_answer_is_not_mistaken_for_none(engine: Engine) -> None:
    engine.rebuild([korean("one", "바기오 건강 관리", names=("바기오",), year=2024)], None)

    assert [hit.id for hit in engine.search(SearchQuery("건강관리", "ko"), now=NOON).hits] == ["one"]
    assert engine.search(SearchQuery("바교오", "ko"), now=NOON).suggestion == "바기오"


def test_letters_that_queries_are_written_with_are_only_letters(engine: Engine) -> None:
    engine.rebuild([korean("one", "it's a 'quoted' \\ word: a&b | c!", year=2024)], None)

    for asked in ("'", "it's", "'quoted'", "\\", "a&b", "|", "!", ":*", "%", "_", "$1", ":p1", "') OR 1=1 --", "quo*"):
        assert engine.search(SearchQuery(asked, "ko"), now=NOON).total in (0, 1), asked
    assert engine.search(SearchQuery("a&b", "ko"), now=NOON).total == 1


def test_a_moment_to_come_shows_nothing_before_it(engine: Engine) -> None:
    old = korean("old", "바기오 건강 관리", names=("바기오",))
    secret = korean("secret", "레이캬비크 비밀작", names=("레이캬비크",), country="IS")
    engine.follow(EARLY, {"old": 1}, loader({"old": old}))
    before = [engine.search(SearchQuery(one, "ko"), now=NOON - SECOND) for one in ("", "레이캬비크", "비밀작", "비*")]

    engine.follow(NOON, {"old": 1, "secret": 1}, loader({"old": old, "secret": secret}))

    after = [engine.search(SearchQuery(one, "ko"), now=NOON - SECOND) for one in ("", "레이캬비크", "비밀작", "비*")]
    assert after == before
    assert engine.search(SearchQuery("레이캬비크", "ko"), now=NOON).total == 1
    engine.retire([NOON])
    with pytest.raises(IndexMissing):
        engine.search(SearchQuery("", "ko"), now=NOON - SECOND)


def test_what_is_missing_or_behind_is_told(engine: Engine) -> None:
    with pytest.raises(IndexMissing):
        engine.search(SearchQuery("바기오"), now=NOON)
    old = korean("old", "바기오")

    assert engine.follow(EARLY, {"old": 1}, loader({"old": old}))
    assert not engine.follow(EARLY, {"old": 1}, loader({"old": old}))
    with pytest.raises(IndexBehind):
        engine.search(SearchQuery(""), now=NOON, holding=Holding.of({"old": 2}))
