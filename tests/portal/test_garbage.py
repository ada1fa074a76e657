"""When garbage is collected: only where the site says so."""

from __future__ import annotations

import gc
import weakref

from portal import garbage
from portal.db import Database


class Knot:
    """Something that only a collection can free."""

    def __init__(self) -> None:
        self.itself = self


def test_garbage_waits_for_the_end_of_a_piece_of_work(database: Database) -> None:
    gc.collect()
    seen = weakref.ref(Knot())
    with database.open():
        few = [[] for _ in range(1000)]  # type: ignore[var-annotated]
    assert seen() is not None  # too little to be worth a collection
    with database.open():
        many = [[] for _ in range(garbage.YOUNG)]  # type: ignore[var-annotated]
        assert seen() is not None  # in the midst of the work
    assert seen() is None
    assert len(few) + len(many) == garbage.YOUNG + 1000
