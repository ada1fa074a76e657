"""A library with the real cases and results, and helpers to count and to compare."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from portal import clock, seed
from portal.config import Settings
from portal.db import Database
from portal.library import finding
from portal.library.actions.cases import add_case
from portal.library.actions.publication import add_result
from portal.library.copies import CaseCopy, ResultCopy, Telling
from portal.library.models import Case
from portal.library.search import encoding
from tests.snapshots import filled


@pytest.fixture
def without_models(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Let the packages of the models be gone from now on."""

    def take_away() -> None:
        monkeypatch.setattr(encoding, "find_spec", lambda name: None)
        encoding.models.cache_clear()

    yield take_away
    monkeypatch.undo()
    encoding.models.cache_clear()


def case_copy(**values: Any) -> CaseCopy:
    """Return a small case in Korean and English."""
    given: dict[str, Any] = {
        "kind": "prize-entry", "award": "Seoul Smart City Prize", "year": 2026, "city": "Zanzibar", "country": "TZ",
        "city_names": {"en": "Zanzibar", "ko": "잔지바르"}, "original_language": "en", "edition_slug": "2026",
        "category": "people-centric", "rank": "gold", "themes": ("health",), "visible_from": clock.now(),
        "texts": {
            "en": Telling("Floating clinic", "A boat brings doctors to the islands."),
            "ko": Telling("떠다니는 진료소", "배가 의사를 섬으로 데려간다."),
        },
        **values,
    }  # fmt: skip
    return CaseCopy(**given)


def result_copy(case: Case, **values: Any) -> ResultCopy:
    """Return the prize of a case."""
    given: dict[str, Any] = {
        "edition_slug": case.edition_slug or "", "year": case.year, "category": case.category, "rank": case.rank,
        "prize_names": {"en": "Gold prize", "ko": "금상"}, "position": 0, "place": 1, "organisation": "City of Zanzibar",
        "city": case.city, "city_names": case.city_names, "country": case.country,
        "titles": {text.language: text.title for text in case.texts}, "original_language": "en",
        "visible_from": case.visible_from, "case_id": case.id, "simulated": case.simulated, **values,
    }  # fmt: skip
    return ResultCopy(**given)


def publish(database: Database, *, result: bool = True, **values: Any) -> str:
    """Add a case with its prize and return the case's id."""
    with database.transaction() as session:
        case = add_case(session, case_copy(**values), by=None, now=clock.now())
        if result:
            add_result(session, result_copy(case), by=None, now=clock.now())
        return case.id


@pytest.fixture
def library(database: Database, settings: Settings, do_jobs: Callable[[datetime], int]) -> Database:
    """The database with the real editions, cases and results, and its index."""

    def make() -> None:
        with database.transaction() as session:
            seed.load(session, now=clock.now(), demonstration=False)
        do_jobs(clock.now() + timedelta(seconds=1))

    filled(database, "library", make, settings.index / finding.FOLDER)
    return database
