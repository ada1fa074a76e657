"""Many cases made ready at once: analysis takes most of the time of a rebuild, so all processors share it."""

from __future__ import annotations

import os
import threading
from collections.abc import Collection, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context, parent_process

from portal.library.search.indexing import IndexedCase, index_case
from portal.library.search.korean import Lexicon
from portal.library.search.port import CaseDocument

MANY = 2_000
"""Cases from which on further processes, which take a second to start, are worth it."""

AHEAD = 2_000
"""Cases that may be ready before they are taken, so that memory stays bounded."""

_PER_ERRAND = 50

_lexicon = Lexicon()


def index_cases(documents: Collection[CaseDocument], lexicon: Lexicon) -> Iterator[IndexedCase]:
    """Give `index_case` of every document in order, with places kept; by several processes where there are many."""
    processors = len(os.sched_getaffinity(0))
    if len(documents) < MANY or processors < 2:
        yield from (index_case(document, lexicon, keep=True) for document in documents)
        return
    # Started anew and not forked: this process may have threads, and a copy of their locks would never open.
    fresh = get_context("spawn")
    with ProcessPoolExecutor(processors, fresh, initializer=_begin, initargs=(lexicon.names,)) as pool:
        waiting = iter(documents)
        while batch := list(islice(waiting, AHEAD)):
            yield from pool.map(_index, batch, chunksize=_PER_ERRAND)


def _begin(names: frozenset[str]) -> None:
    global _lexicon
    _lexicon = Lexicon(names)
    threading.Thread(target=_end_with_parent, name="library-prepare-end", daemon=True).start()


def _end_with_parent() -> None:
    """Leave nobody behind when the process that asked is killed."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _index(document: CaseDocument) -> IndexedCase:
    return index_case(document, _lexicon, keep=True)
