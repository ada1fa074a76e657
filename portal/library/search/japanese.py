"""Japanese words: short units by Sudachi in their usual spelling, particles and endings dropped."""

import threading
from collections.abc import Iterator
from functools import cache
from typing import Any

from portal.library.search.spaceless import Piece, whole_names

_DROPPED = {"助詞", "助動詞", "補助記号", "記号", "空白"}
_MINOR = {"副詞", "代名詞", "連体詞", "接続詞", "感動詞"}
_MINOR_WORDS = {
    *("為る", "居る", "有る", "無い", "成る", "出来る", "因る", "拠る", "依る", "行う", "於く", "付く"),
    *("等", "為", "事", "物", "様"),
}
_CHUNK = 8_000


@cache
def _dictionary() -> Any:
    # The small dictionary: mode A cuts into the same short units as the larger ones, in half the memory.
    from sudachipy import Dictionary

    return Dictionary(dict="small")


def _tokenizer() -> Any:
    """Return this thread's own tokenizer: one that two threads use at once raises."""
    if not hasattr(_OWN, "tokenizer"):
        from sudachipy import SplitMode

        _OWN.tokenizer = _dictionary().tokenizer(SplitMode.A)
    return _OWN.tokenizer


_OWN = threading.local()


def pieces(run: str, names: frozenset[str]) -> Iterator[Piece]:
    """Give the meaningful pieces of a run of Japanese letters."""
    for start in range(0, len(run), _CHUNK):
        found: list[Piece] = []
        for one in _tokenizer().tokenize(run[start : start + _CHUNK]):
            kind = one.part_of_speech()[0]
            if kind in _DROPPED:
                continue
            term = one.normalized_form()
            found.append(
                Piece(term, start + one.begin(), start + one.end(), minor=kind in _MINOR or term in _MINOR_WORDS)
            )
        yield from whole_names(run, found, names)
