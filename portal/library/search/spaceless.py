"""What scripts without spaces have in common: pieces of a run of letters, and names kept whole."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """A word of a run and its place in it; `inner` ones stand inside a longer word."""

    term: str
    start: int
    end: int
    minor: bool = False
    inner: bool = False


def whole_names(run: str, pieces: list[Piece], names: frozenset[str]) -> Iterator[Piece]:
    """Put neighbouring pieces together that make a name; the parts stay beside it."""
    longest = max(map(len, names), default=0)
    at = 0
    while at < len(pieces):
        last = at
        for end in range(at + 1, len(pieces)):
            if pieces[end].end - pieces[at].start > longest or pieces[end].start != pieces[end - 1].end:
                break
            if run[pieces[at].start : pieces[end].end] in names:
                last = end
        if last > at:
            yield Piece(run[pieces[at].start : pieces[last].end], pieces[at].start, pieces[last].end)
            for part in pieces[at : last + 1]:
                yield Piece(part.term, part.start, part.end, part.minor, inner=True)
        else:
            yield pieces[at]
        at = last + 1
