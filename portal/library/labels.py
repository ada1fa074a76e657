"""Words that belong to the data and not to the interface: names of awards, and ranks as sources give them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from portal.config import ROOT

NO_AWARD = "("
"""Begins the label of a case that won nothing: a programme or a congress."""


@cache
def _vocabulary() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / "portal" / "data" / "vocabulary.json").read_text(encoding="utf-8"))
    return found


def award_texts(award: str) -> Mapping[str, str]:
    """Return the names of an award per language; an unknown one keeps its own name."""
    found: Mapping[str, str] = _vocabulary()["awards"].get(award) or {"en": award}
    return found


def rank_texts(rank_text: str) -> Mapping[str, str]:
    """Return a rank as its source words it, per language; an unknown wording stays as it is."""
    found: Mapping[str, str] = _vocabulary()["rank_texts"].get(rank_text) or ({"en": rank_text} if rank_text else {})
    return found


def award_names(award: str) -> tuple[str, ...]:
    """Return the names under which an award can be searched; none where nothing was won."""
    if not award or award.startswith(NO_AWARD):
        return ()
    return tuple(dict.fromkeys((award, *award_texts(award).values())))


def theme_texts(theme: str) -> Mapping[str, str]:
    """Return the name of a theme per language; an unknown one keeps its own word."""
    found: Mapping[str, str] = _vocabulary()["themes"].get(theme) or {"en": theme}
    return found


def theme_names(theme: str) -> tuple[str, ...]:
    """Return the names of a theme in all languages."""
    return tuple(_vocabulary()["themes"].get(theme, {}).values())


def category_names(category: str | None) -> tuple[str, ...]:
    """Return the names of a category in all languages, its official one included."""
    found = _vocabulary()["categories"].get(category, {})
    named = [found.get("official_name", ""), *found.get("label", {}).values()]
    return tuple(dict.fromkeys(name for name in (category, *named) if name))


def region_names(region: str) -> tuple[str, ...]:
    """Return the names of a region of the world in all languages."""
    return tuple(_vocabulary()["regions"].get(region, {}).values())
