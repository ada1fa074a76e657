"""How many people live in a city: what a case states, else what GeoNames counts."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

from portal.library.search.folding import fold

FILE = Path(__file__).resolve().parents[1] / "data" / "cities.tsv"
GEONAMES = "https://www.geonames.org/"


class Inhabitants(NamedTuple):
    """The people of a city, who counts them, and at which address; nobody where the case's own sources say it."""

    people: int
    counted_by: str = ""
    source: str | None = None


def inhabitants_of(city: str, country: str, stated: int | None = None) -> Inhabitants | None:
    """Return the people of a city by its English name and its country's ISO 3166-1 alpha-2 code; None if unknown."""
    if stated is not None:
        return Inhabitants(stated)
    return _counted().get((country, key_of(city)))


def key_of(city: str) -> str:
    """Return the name under which a city is looked up: without accents, capitals, spaces and signs."""
    return "".join(letter for letter in fold(city) if letter.isalnum())


@cache
def _counted() -> dict[tuple[str, str], Inhabitants]:
    """Read the cities of GeoNames, about 6,000, once per process."""
    found: dict[tuple[str, str], Inhabitants] = {}
    for line in FILE.read_text(encoding="utf-8").splitlines():
        country, name, number, people = line.split("\t")
        found[country, key_of(name)] = Inhabitants(int(people), "GeoNames", GEONAMES + number)
    return found
