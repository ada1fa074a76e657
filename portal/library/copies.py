"""Cases and prizes as plain values: what is handed to the library, whoever hands it down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from portal.library.details import Details


@dataclass(frozen=True, slots=True)
class Telling:
    """A case in the words of one language; the parts after the summary are Markdown, and each may be missing."""

    title: str
    summary: str = ""
    problem: str = ""
    solution: str = ""
    outcomes: str = ""
    lessons: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True)
class CaseCopy:
    """A case as plain values: texts per language, sources as (title, address); without a moment it is a draft."""

    kind: str
    award: str
    year: int
    city: str
    country: str
    original_language: str
    texts: Mapping[str, Telling]
    visible_from: datetime | None
    id: str | None = None
    edition_slug: str | None = None
    category: str | None = None
    rank: str | None = None
    rank_text: str = ""
    organisation: str = ""
    city_names: Mapping[str, str] = field(default_factory=dict)
    latitude: float | None = None
    longitude: float | None = None
    themes: tuple[str, ...] = ()
    certainty: str = "sure"
    certainty_notes: Mapping[str, str] = field(default_factory=dict)
    sources: tuple[tuple[str, str | None], ...] = ()
    details: Details = field(default_factory=Details)
    contact_email: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class ResultCopy:
    """A published prize as plain values."""

    edition_slug: str
    year: int
    category: str | None
    rank: str
    prize_names: Mapping[str, str]
    position: int
    place: int | None
    organisation: str
    city: str
    country: str
    titles: Mapping[str, str]
    original_language: str
    visible_from: datetime
    city_names: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    case_id: str | None = None
    simulated: bool = False
