"""Makes portal/data/world.tsv from Natural Earth: the outlines of the countries in the Equal Earth projection.

    npm pack world-atlas@2.0.2 && tar xf world-atlas-2.0.2.tgz
    .venv/bin/python scripts/world_map.py package/countries-110m.json package/countries-50m.json

The coarse file gives the outlines; countries that are too small to stand in it become a dot at their place in the
finer one. Antarctica, where nobody governs a city, is left out. Each line is a code, a tab, and an SVG path or a place.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from babel.core import get_global

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from portal.library.pages.worldmap import FILE, MIDDLE, project

#: Countries that the source gives no ISO 3166-1 number for, by the name it uses.
UNNUMBERED = {"Kosovo": "XK"}

Point = tuple[int, int]


def main() -> int:
    """Write the file and say how large it became."""
    coarse, fine = (json.loads(Path(path).read_text(encoding="utf-8")) for path in sys.argv[1:3])
    outlines: dict[str, str] = {}
    for code, rings in _countries(coarse):
        outlines[code] = outlines.get(code, "") + "".join(_path(ring) for ring in rings)
    dots = {
        code: "{} {}".format(*_middle(max(rings, key=len))) for code, rings in _countries(fine) if code not in outlines
    }
    lines = [f"{code}\t{drawn}\n" for code, drawn in sorted({**outlines, **dots}.items())]
    FILE.write_text("".join(lines), encoding="utf-8")
    print(f"{FILE}: {FILE.stat().st_size} bytes, {len(outlines)} outlines, {len(dots)} dots")
    return 0


def _countries(topology: dict[str, Any]) -> Iterator[tuple[str, list[list[Point]]]]:
    """Give each country's ISO 3166-1 alpha-2 code ("-" without one) and its outer and inner rings on the drawing."""
    arcs = [list(_unfolded(arc, topology["transform"])) for arc in topology["arcs"]]
    numbers = get_global("territory_aliases")
    for country in topology["objects"]["countries"]["geometries"]:
        code = (numbers.get(country.get("id", "")) or [UNNUMBERED.get(country["properties"]["name"], "-")])[0]
        polygons = country["arcs"] if country["type"] == "MultiPolygon" else [country["arcs"]]
        if code != "AQ":
            yield code, [_ring(ring, arcs) for polygon in polygons for ring in polygon]


def _unfolded(arc: list[list[int]], transform: dict[str, list[float]]) -> Iterator[tuple[float, float]]:
    """Give the latitudes and longitudes of an arc of a TopoJSON file, whose positions are differences on a grid."""
    (scale_x, scale_y), (origin_x, origin_y) = transform["scale"], transform["translate"]
    x = y = 0
    for step_x, step_y in arc:
        x, y = x + step_x, y + step_y
        yield y * scale_y + origin_y, x * scale_x + origin_x


def _ring(indices: list[int], arcs: list[list[tuple[float, float]]]) -> list[Point]:
    """Join arcs to a ring and project it; an index below 0 means the complement's arc, walked backwards.

    A ring that crosses the antimeridian goes on beyond it instead of jumping to the other edge.
    """
    ring: list[Point] = []
    beside = None
    for latitude, longitude in _walked(indices, arcs):
        east = longitude - MIDDLE
        near = 0 if beside is None else beside
        beside = near + (east - near + 180) % 360 - 180
        across, down = project(latitude, beside)
        point = (round(across), round(down))
        if not ring or point != ring[-1]:
            ring.append(point)
    return ring


def _walked(indices: Iterable[int], arcs: list[list[tuple[float, float]]]) -> Iterator[tuple[float, float]]:
    for index in indices:
        yield from arcs[index] if index >= 0 else reversed(arcs[~index])


def _path(ring: list[Point]) -> str:
    """Return a ring as the data of an SVG path with relative steps; nothing when it has no area on the map."""
    if len(set(ring)) < 3:
        return ""
    steps = [(bx - ax, by - ay) for (ax, ay), (bx, by) in pairwise(ring[:-1])]
    joined = "".join(f"{'' if not n or x < 0 else ' '}{x}{'' if y < 0 else ' '}{y}" for n, (x, y) in enumerate(steps))
    return f"M{ring[0][0]} {ring[0][1]}l{joined}z"


def _middle(ring: list[Point]) -> Point:
    """Return the middle of a small ring's frame."""
    return tuple((min(values) + max(values)) // 2 for values in zip(*ring, strict=True))  # type: ignore[return-value]


if __name__ == "__main__":
    sys.exit(main())
