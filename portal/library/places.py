"""Names under which people look for places: other names of cities and countries, and the parts of the world."""

from __future__ import annotations

from functools import cache

from babel import Locale

from portal.config import ROOT
from portal.i18n import offered
from portal.library.labels import region_names
from portal.library.models import Case
from portal.library.regions import region_of
from portal.library.search.korean import other_spellings

#: Every case is found by names in these languages, whatever languages the site offers.
ALWAYS = ("ko", "en")


@cache
def _others() -> dict[tuple[str, str], tuple[str, ...]]:
    """Read further names of countries, regions, areas and cities, by (kind, key); an area by its countries."""
    _, *rows = (ROOT / "portal" / "data" / "places.tsv").read_text(encoding="utf-8").splitlines()
    cells = (row.split("\t") for row in rows)
    return {(kind, key): tuple(names.split("; ")) for kind, key, names in cells}


def city_names(case: Case) -> tuple[str, ...]:
    """Return the names under which the city of a case is looked for; those of several words also as one word."""
    official = (case.city, *case.city_names.values())
    others = (other for name in official for other in _others().get(("city", name), ()))
    named = [name for name in (*official, *others) if name]
    if case.country != "KR":
        named += [other for name in named for other in other_spellings(name)]
    return tuple(dict.fromkeys((*named, *(_together(name) for name in named if name.count(" ") == 1))))


def country_names(code: str) -> tuple[str, ...]:
    """Return the names of a country in every offered language, in Korean and English, and those in common use."""
    tags = dict.fromkeys((*ALWAYS, *offered()))
    names = (Locale.parse(tag, sep="-").territories.get(code) for tag in tags)
    return (*(name for name in names if name), *map(_together, _others().get(("country", code), ())))


@cache
def area_names(code: str) -> tuple[str, ...]:
    """Return the names of the parts of the world to which a country belongs: Africa, the Nordic countries."""
    region = region_of(code)
    areas = (names for (kind, countries), names in _others().items() if kind == "area" and code in countries.split())
    further = (*_others().get(("region", region), ()), *(name for names in areas for name in names))
    return (*region_names(region), *map(_together, further))


def _together(name: str) -> str:
    """Write a name of two words as one, as which neighbouring words are looked for too: south alone says little."""
    return name.replace(" ", "") if name.isascii() else name
