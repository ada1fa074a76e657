"""Draw a cover for a case that has no photograph: a city plan made of its city, its themes and its rank."""

import hashlib
from collections.abc import Iterator, Sequence

from markupsafe import Markup

WIDTH, HEIGHT, CELL = 640, 360, 80
COLUMNS, ROWS = WIDTH // CELL, HEIGHT // CELL + 1  # the last row is cut in half, as a plan is by its sheet

PALETTES: dict[str | None, tuple[tuple[str, str, str, str, str], ...]] = {
    "people-centric": (
        ("#f6d9c4", "#c8401a", "#0f5148", "#f0b23e", "#fbf3e6"),
        ("#7d2411", "#f3a37f", "#f6d9c4", "#f0b23e", "#c8401a"),
        ("#f7e6cf", "#e0653a", "#22578f", "#8fb8a6", "#7d2411"),
    ),
    "tech-innovation": (
        ("#d3e0f4", "#224f9f", "#10231f", "#e8703f", "#f5f8fd"),
        ("#142f66", "#8fb0ea", "#d3e0f4", "#f0b23e", "#3f74cf"),
        ("#dfeae6", "#2f67b8", "#0f5148", "#f0b23e", "#142f66"),
    ),
    "leadership": (
        ("#efd9e6", "#7b2b5f", "#10231f", "#f0b23e", "#fbf2f7"),
        ("#4a1738", "#cf86b3", "#efd9e6", "#f0b23e", "#7b2b5f"),
        ("#f3e6da", "#9a3d78", "#0f5148", "#e8703f", "#4a1738"),
    ),
    None: (
        ("#d8e8e0", "#0f5148", "#1f3a5f", "#e8703f", "#f6faf7"),
        ("#0d3f38", "#7fbfa9", "#d8e8e0", "#f0b23e", "#2c7a69"),
        ("#e9e6d3", "#2c7a69", "#10231f", "#c8401a", "#8fb8a6"),
    ),
}
MEDALS = {"gold": ("#e3b23c", "#fff3c4"), "silver": ("#aab6be", "#f4f8fa"), "bronze": ("#b9713a", "#f6d9c0")}

FAMILIES: dict[str, tuple[str, ...]] = {
    "care": ("health", "digital-health", "prevention", "mental-health", "tobacco", "wearables", "sanitation"),
    "people": ("welfare", "ageing", "youth", "disability", "gender", "participation", "digital-inclusion"),
    "nature": ("environment", "climate", "energy", "food"),
    "street": ("mobility", "safety", "industry", "urban-planning", "jobs"),
    "signal": ("data-ai", "e-government", "governance"),
    "stage": ("education", "culture", "housing", "tourism"),
}
FAMILY_OF = {theme: family for family, themes in FAMILIES.items() for theme in themes}


def _numbers(*parts: str) -> Iterator[int]:
    """Yield a stream of bytes that is the same for the same parts, on every machine."""
    seed = "\x1f".join(parts).encode()
    counter = 0
    while True:
        yield from hashlib.blake2b(seed + counter.to_bytes(4, "big"), digest_size=64).digest()
        counter += 1


def _quarter(x: int, y: int, turn: int, size: int = CELL) -> str:
    """Return the path of a quarter disc in a cell, its corner at one of four turns."""
    s = size
    return (
        f"M{x} {y}h{s}a{s} {s} 0 0 1-{s} {s}z",
        f"M{x + s} {y}v{s}a{s} {s} 0 0 1-{s}-{s}z",
        f"M{x + s} {y + s}h-{s}a{s} {s} 0 0 1 {s}-{s}z",
        f"M{x} {y + s}v-{s}a{s} {s} 0 0 1 {s} {s}z",
    )[turn % 4]


def _disc(x: int, y: int, radius: int) -> str:
    """Return the path of a disc in the middle of a cell."""
    c = CELL // 2
    return f"M{x + c - radius} {y + c}a{radius} {radius} 0 1 0 {2 * radius} 0a{radius} {radius} 0 1 0-{2 * radius} 0z"


def _tile(family: str, x: int, y: int, turn: int) -> str:
    """Return the path of one tile of a family of themes; four turns make four relatives."""
    if family == "care":
        if turn % 2:
            return _disc(x, y, 34)
        return f"M{x + 28} {y + 10}h24v18h18v24h-18v18h-24v-18h-18v-24h18z"
    if family == "people":
        if turn % 2:
            return _disc(x, y - 18, 17) + f"M{x} {y + 80}a40 36 0 0 1 80 0z"
        return f"M{x} {y}h80a40 40 0 0 1-80 0zm0 40h80a40 40 0 0 1-80 0z"
    if family == "nature":
        leaf = (f"M{x} {y}q80 0 80 80q-80 0-80-80z", f"M{x + 80} {y}q0 80-80 80q0-80 80-80z")[turn % 2]
        return leaf if turn < 2 else _quarter(x, y, turn)
    if family == "street":
        if turn % 2:
            return f"M{x} {y}h22l58 58v22h-22l-58-58zM{x + 50} {y}h30v30zM{x} {y + 50}v30h30z"
        return f"M{x} {y + 8}h80v18h-80zm0 46h80v18h-80z"
    if family == "signal":
        if turn % 2:
            return (
                f"M{x + 8} {y + 8}h28v28h-28zm36 36h28v28h-28z" + ("m0-36h28v28h-28z", "m-36 0h28v28h-28z")[turn // 2]
            )
        return f"M{x + 10} {y + 80}v-28h14v28zm23 0v-50h14v50zm23 0v-72h14v72z"
    if family == "stage":
        return (f"M{x} {y + 80}v-30l40-40 40 40v30z", f"M{x + 40} {y}l40 40-40 40-40-40z")[turn % 2]
    return (_quarter(x, y, turn), f"M{x} {y + 80}l40-72 40 72z")[turn % 2]


def cover_svg(case_id: str, city: str, themes: Sequence[str], rank: str | None, category: str | None) -> Markup:
    """Return a decorative SVG (640 by 360 units, below 2.5 kB) that is always the same for the same case.

    The category gives the colours, the city the plan, the themes the tiles, and a medal rank its sun.
    """
    plan = _numbers("plan", city, case_id)
    palettes = PALETTES.get(category, PALETTES[None])
    ground, first, second, third, fourth = palettes[next(plan) % len(palettes)]
    families = [FAMILY_OF.get(theme, "plain") for theme in themes][:3] or ["plain"]
    layers: dict[str, list[str]] = {second: [], fourth: [], first: [], third: []}
    blocks: list[str] = []
    room = 1950  # characters of paths: keeps the whole drawing below 2.5 kB

    sun_x, sun_y = (4 + next(plan) % 3) * CELL, next(plan) % 2 * CELL
    for row in range(ROWS):
        for column in range(COLUMNS):
            x, y = column * CELL, row * CELL
            in_sun = sun_x <= x < sun_x + 2 * CELL and sun_y <= y < sun_y + 2 * CELL
            weight, colour, turn = next(plan), next(plan), next(plan) % 4
            if in_sun or weight < 60 or room < 0:
                continue
            family = families[(column + row + next(plan) % 2) % len(families)]
            tile = _tile(family, x, y, turn)
            room -= len(tile) + (20 if weight > 210 else 0)
            if weight > 210:
                blocks.append(f"M{x} {y}h80v80h-80")
                layers[fourth if colour % 3 else third].append(tile)
            else:
                layers[(first, first, second, third, fourth)[colour % 5]].append(tile)

    disc, shine = MEDALS.get(rank or "", (third, ground))
    middle_x, middle_y = sun_x + CELL, sun_y + CELL
    drawn = [f'<path fill="{ground}" d="M0 0h640v360H0z"/>']
    if blocks:
        drawn.append(f'<path fill="{first}" d="{"".join(blocks)}"/>')
    drawn += [f'<path fill="{colour}" d="{"".join(paths)}"/>' for colour, paths in layers.items() if paths]
    drawn.append(f'<circle cx="{middle_x}" cy="{middle_y}" r="80" fill="{disc}"/>')
    if rank in MEDALS:
        drawn.append(f'<circle cx="{middle_x}" cy="{middle_y}" r="56" fill="none" stroke="{shine}" stroke-width="6"/>')
    elif rank is not None:
        drawn.append(f'<circle cx="{middle_x}" cy="{middle_y}" r="38" fill="{shine}"/>')
    return Markup(
        '<svg viewBox="0 0 640 360" width="640" height="360" '
        f'preserveAspectRatio="xMidYMid slice" aria-hidden="true" focusable="false">{"".join(drawn)}</svg>'
    )
