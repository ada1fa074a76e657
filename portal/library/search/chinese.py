"""Chinese words by jieba: the longest ones in their order, and the shorter ones inside them."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from portal.library.search.languages import minor_words
from portal.library.search.spaceless import Piece, whole_names

_CHUNK = 8_000


@cache
def _tokenizer() -> Any:
    from rjieba import Jieba

    return Jieba()


def pieces(run: str, names: frozenset[str]) -> Iterator[Piece]:
    """Give the words of a run of Chinese letters; `inner` ones stand inside a longer word."""
    small = minor_words("zh")
    for start in range(0, len(run), _CHUNK):
        told = _tokenizer().tokenize(run[start : start + _CHUNK], "search", True)
        found: list[Piece] = []
        inner: list[Piece] = []
        for word, first, last in told:
            piece = Piece(word, start + first, start + last, minor=word in small)
            while found and found[-1].start >= piece.start:
                inner.append(found.pop())
            if found and found[-1].end > piece.start:
                inner.append(piece)
            else:
                found.append(piece)
        yield from whole_names(run, found, names)
        for piece in inner:
            yield Piece(piece.term, piece.start, piece.end, minor=piece.minor, inner=True)
