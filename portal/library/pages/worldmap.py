"""Maps of the world, drawn by the server as SVG: countries shaded by a count, or places that can be followed.

The outlines are Natural Earth's (public domain, by way of the npm package world-atlas, ISC), in the Equal Earth
projection, which shows areas in their true proportion; ``scripts/world_map.py`` made the file.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import asin, cos, pi, radians, sin, sqrt

from markupsafe import Markup, escape

from portal.config import ROOT

FILE = ROOT / "portal" / "data" / "world.tsv"

#: Units of the drawing; the southern edge lies below Cape Horn.
WIDTH, HEIGHT = 2_000, 872
_NORTH = 83.7
#: The meridian in the middle: the edges then run through the Bering Strait, and no country is cut.
MIDDLE = 11.0
#: Coefficients of the Equal Earth projection: Šavrič, Patterson and Jenny, 2018.
_A = (1.340264, -0.081106, 0.000893, 0.003796)

#: Lower ends of the shades, from the lightest to the darkest.
SHADES = (1, 2, 4, 8, 16)
#: Radius of a place, and how far places in one city move apart, in units of the drawing.
_RADIUS, _APART = 9, 12
_GOLDEN_ANGLE = pi * (3 - sqrt(5))


@dataclass(frozen=True, slots=True)
class Place:
    """A place on a map that leads somewhere; the label is read aloud and shown on hovering."""

    latitude: float
    longitude: float
    label: str
    url: str


def place(latitude: float, longitude: float) -> tuple[float, float]:
    """Return where a point of the earth (degrees) lies on the drawing."""
    return project(latitude, (longitude - MIDDLE + 180) % 360 - 180)


def project(latitude: float, east: float) -> tuple[float, float]:
    """Return where a point lies on the drawing by its latitude and its degrees east of the middle meridian."""
    across, up = _equal_earth(latitude, east)
    scale = WIDTH / (2 * _equal_earth(0, 180)[0])
    return WIDTH / 2 + across * scale, (_equal_earth(_NORTH, 0)[1] - up) * scale


def _equal_earth(latitude: float, longitude: float) -> tuple[float, float]:
    a, b, c, d = _A
    angle = asin(sqrt(3) / 2 * sin(radians(latitude)))
    square = angle * angle
    sixth = square**3
    slope = a + 3 * b * square + sixth * (7 * c + 9 * d * square)
    across = 2 * sqrt(3) * radians(longitude) * cos(angle) / (3 * slope)
    return across, angle * (a + b * square + sixth * (c + d * square))


@cache
def _shapes() -> tuple[Mapping[str, str], Mapping[str, tuple[int, int]]]:
    """Return the outlines of the countries, and the places of those that are too small for one."""
    lines = [line.split("\t") for line in FILE.read_text(encoding="utf-8").splitlines()]
    outlines = {code: drawn for code, drawn in lines if drawn.startswith("M")}
    dots = {code: drawn.split() for code, drawn in lines if code not in outlines}
    return outlines, {code: (int(x), int(y)) for code, (x, y) in dots.items()}


def shade_of(count: int) -> int:
    """Return the shade of a count: 1 for the lightest, as many as SHADES for the darkest; 0 for nothing."""
    return bisect_right(SHADES, count)


def world_map(counts: Mapping[str, int], *, label: str, title: Callable[[str, int], str]) -> Markup:
    """Return the world with each country (ISO 3166-1 alpha-2) shaded by its count.

    ``label`` names the drawing; ``title(code, count)`` says a country's number, as the table beside it does.
    """
    outlines, dots = _shapes()
    shaded = {code: count for code, count in counts.items() if count > 0}
    drawn = [_ground(code for code in outlines if code not in shaded)]
    for code, count in sorted(shaded.items()):
        shade = f'class="worldmap__country worldmap__country--{shade_of(count)}"'
        told = f"<title>{escape(title(code, count))}</title>"
        if code in outlines:
            drawn.append(f'<path {shade} d="{outlines[code]}">{told}</path>')
        elif code in dots:
            x, y = dots[code]
            drawn.append(f'<circle {shade} cx="{x}" cy="{y}" r="{_RADIUS}">{told}</circle>')
    return _drawing(label, drawn, role="img")


def point_map(places: Sequence[Place], *, label: str) -> Markup:
    """Return the world with places that are links; those in one city stand around it, so that each can be reached."""
    drawn = [_ground(_shapes()[0])]
    near: dict[tuple[int, int], int] = {}
    for one in places:
        x, y = place(one.latitude, one.longitude)
        cell = (round(x / _APART), round(y / _APART))
        nth = near[cell] = near.get(cell, -1) + 1
        distance, angle = _APART * sqrt(nth), nth * _GOLDEN_ANGLE
        drawn.append(
            f'<a href="{escape(one.url)}"><title>{escape(one.label)}</title><circle class="worldmap__place" '
            f'cx="{x + distance * cos(angle):.0f}" cy="{y + distance * sin(angle):.0f}" r="{_RADIUS}"/></a>'
        )
    return _drawing(label, drawn, role="group")


def _ground(codes: Iterable[str]) -> str:
    outlines = _shapes()[0]
    return f'<path class="worldmap__land" d="{"".join(outlines[code] for code in codes)}"/>'


def _drawing(label: str, drawn: list[str], *, role: str) -> Markup:
    return Markup(
        f'<svg class="worldmap" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="{role}" '
        f'aria-label="{escape(label)}">{"".join(drawn)}</svg>'
    )
