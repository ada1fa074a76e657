"""The words that questions choose from: the vocabularies of ``portal/data``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache

from portal.config import ROOT


@cache
def vocabularies() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """Return every vocabulary: name → value → text per language; those of another shape are left out."""
    found = json.loads((ROOT / "portal" / "data" / "vocabulary.json").read_text(encoding="utf-8"))
    return {
        name: words
        for name, words in found.items()
        if isinstance(words, dict) and all(isinstance(text, dict) and "en" in text for text in words.values())
    }
