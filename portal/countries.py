"""Countries and their names: the codes of ISO 3166-1, and Kosovo's (XK), which the standard leaves to its users."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from babel import Locale

from portal.i18n import sort_key

#: Two-letter codes of CLDR that name no country: outlying places, unions, the unknown, and test regions.
_NO_COUNTRY = frozenset(["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"])


@cache
def country_codes() -> frozenset[str]:
    """Return the two-letter codes of all countries."""
    names: Mapping[str, str] = Locale.parse("en").territories
    return frozenset(code for code in names if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRY)


@cache
def countries(locale: str) -> tuple[tuple[str, str], ...]:
    """Return (code, name) of all countries by name, as they are called in a locale (``ko``, ``zh_Hant``)."""
    names: Mapping[str, str] = Locale.parse(locale).territories
    found = [(code, names.get(code, code)) for code in country_codes()]
    return tuple(sorted(found, key=lambda pair: (sort_key(pair[1]), pair[0])))
