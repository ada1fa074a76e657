"""Thai questions: cut by BudouX into phrases that are then looked up letter by letter; no dictionary is needed."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from portal.library.search.languages import minor_words
from portal.library.search.spaceless import Piece, whole_names


@cache
def _parser() -> Any:
    from budoux import load_default_thai_parser

    return load_default_thai_parser()


def pieces(run: str, names: frozenset[str]) -> Iterator[Piece]:
    """Give the phrases of a run of Thai letters."""
    small = minor_words("th")
    at = 0
    found: list[Piece] = []
    for word in _parser().parse(run):
        found.append(Piece(word, at, at + len(word), minor=word in small))
        at += len(word)
    yield from whole_names(run, found, names)
