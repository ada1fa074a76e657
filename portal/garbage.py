"""Garbage is looked for between pieces of work, never in the midst of one.

CPython 3.11 may start a collection at any allocation, also while an object's attributes are half way into their
dictionary. Where SQLAlchemy lets go of its rows such a collection may come to the same row, and its attributes are then
freed twice: the process ends. Collections between requests also take their time from nobody's answer.
"""

from __future__ import annotations

import gc

#: How many new containers make a collection worth its time, and every how manyth collection looks at old ones too.
YOUNG, OLD = 5_000, 20


def collect_only_between() -> None:
    """Leave it to ``collect_if_due`` when garbage is collected in this process."""
    gc.disable()


def collect_if_due() -> None:
    """Collect garbage if there may be enough of it."""
    young, _, old = gc.get_count()
    if young >= YOUNG:
        gc.collect(2 if old >= OLD else 1)
