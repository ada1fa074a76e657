"""The words that questions choose from: the vocabularies of ``portal/data`` and the countries of ISO 3166-1."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache

from babel import Locale

from portal.config import ROOT

#: Codes of CLDR that name no country: unions, outlying places, pseudo-regions.
_NO_COUNTRY = frozenset(["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"])


@cache
def vocabularies() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """Return every vocabulary: name → value → text per language; those of another shape are left out."""
    found = json.loads((ROOT / "portal" / "data" / "vocabulary.json").read_text(encoding="utf-8"))
    return {
        name: words
        for name, words in found.items()
        if isinstance(words, dict) and all(isinstance(text, dict) and "en" in text for text in words.values())
    }


@cache
def country_codes() -> frozenset[str]:
    """Return the alpha-2 codes of all countries."""
    names: Mapping[str, str] = Locale.parse("en").territories
    return frozenset(code for code in names if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRY)


@cache
def countries(locale: str) -> tuple[tuple[str, str], ...]:
    """Return (code, name) of all countries by name, as they are called in a locale (``ko``, ``zh_Hant``)."""
    names: Mapping[str, str] = Locale.parse(locale).territories
    found = [(code, names.get(code, code)) for code in country_codes()]
    return tuple(sorted(found, key=lambda pair: (pair[1].casefold(), pair[0])))
