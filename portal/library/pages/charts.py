"""Charts drawn by the server as SVG; the figures always stand in a table beside them."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

#: Units of a chart of columns: width of a column with its gap, of the column itself, and height of the tallest.
_STEP, _WIDTH, _TALLEST = 27, 19, 110
_HEAD, _FOOT = 16, 18


def columns(rows: Sequence[tuple[str, int]], *, label: str) -> Markup:
    """Return a chart of upright columns, one for each (name, count), with its name under it and its count above."""
    most = max((count for _, count in rows), default=0) or 1
    drawn = []
    for place, (name, count) in enumerate(rows):
        x, height = place * _STEP + (_STEP - _WIDTH) / 2, round(_TALLEST * count / most, 1)
        middle, top = x + _WIDTH / 2, _HEAD + _TALLEST - height
        value = f'<text class="chart__value" x="{middle}" y="{top - 4}">{count}</text>' if count else ""
        drawn.append(
            f'<rect class="chart__column" x="{x}" y="{top}" width="{_WIDTH}" height="{height}"/>{value}'
            f'<text class="chart__name" x="{middle}" y="{_HEAD + _TALLEST + 13}">{escape(name)}</text>'
        )
    return Markup(
        f'<svg class="chart" viewBox="0 0 {max(1, len(rows)) * _STEP} {_HEAD + _TALLEST + _FOOT}" role="img" '
        f'aria-label="{escape(label)}">{"".join(drawn)}</svg>'
    )


def bar(share: float) -> Markup:
    """Return a lying bar for a share from 0 to 1; the number beside it says the same, so it is not read aloud."""
    width = round(min(max(share, 0), 1) * 100, 1)
    return Markup(
        '<svg class="chart-bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        f'<rect width="{width}" height="10"/></svg>'
    )
