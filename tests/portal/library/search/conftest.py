"""The real cases as search documents."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from portal.library.search.memory import MemoryEngine
from portal.library.search.port import CaseDocument, CaseText, SearchPage, SearchQuery
from portal.library.search.whoosh_engine import WhooshEngine

CASES = Path(__file__).parents[4] / "portal" / "data" / "cases.json"
NOON = datetime(2026, 10, 6, 12, tzinfo=UTC)


def document(row: dict[str, Any]) -> CaseDocument:
    texts = {
        language: CaseText(row.get(f"title_{language}") or "", row.get(f"summary_{language}") or "")
        for language in ("ko", "en")
        if row.get(f"title_{language}")
    }
    return CaseDocument(
        id=row["id"],
        version=1,
        texts=texts,
        names=tuple(name for name in (row.get("city"), row.get("city_ko")) if name),
        year=row["year"],
        category=row["category"],
        rank=row["rank"],
        kind=row["kind"],
        country=row["country"],
        themes=tuple(row["themes"]),
        award=(row["award"],),
    )


def korean(identity: str, title: str, summary: str = "", **more: Any) -> CaseDocument:
    return CaseDocument(identity, 1, {"ko": CaseText(title, summary)}, **more)


@pytest.fixture(scope="session")
def documents() -> list[CaseDocument]:
    return [document(row) for row in json.loads(CASES.read_text(encoding="utf-8"))]


@pytest.fixture(scope="session")
def memory(documents: list[CaseDocument]) -> MemoryEngine:
    return MemoryEngine(documents)


@pytest.fixture(scope="session")
def embedded(documents: list[CaseDocument], tmp_path_factory: pytest.TempPathFactory) -> WhooshEngine:
    engine = WhooshEngine(tmp_path_factory.mktemp("search") / "index")
    engine.rebuild(documents, None)
    return engine


@pytest.fixture(params=["memory", "embedded"])
def ask(request: pytest.FixtureRequest) -> Callable[..., SearchPage]:
    engine = request.getfixturevalue(request.param)

    def answer(text: str = "", **more: Any) -> SearchPage:
        page: SearchPage = engine.search(SearchQuery(text, **more), now=NOON)
        return page

    return answer
