"""Did you mean: the one word of the visible dictionary that is a single slip away, counted in jamo for Hangul."""

import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from portal.library.search.folding import clean, fold
from portal.library.search.korean import HANGUL, MOST_ENDING, is_ending

_MOST_WORDS = 8
_MOST_CANDIDATES = 5
_LONGEST = 30
_SHORTEST = 4
_SHORTEST_HANGUL = 4
_MOST_TRIED = 24
_SHORTEST_PART = 3


def letters(word: str) -> str:
    """Spell a word in the units in which people mistype: jamo for Hangul, letters for the rest."""
    return unicodedata.normalize("NFD", word) if HANGUL.search(word) else word


def one_slip(left: str, right: str) -> bool:
    """Tell whether one letter was added, left out, replaced, or swapped with its neighbour."""
    if left == right or abs(len(left) - len(right)) > 1:
        return False
    start = 0
    shortest = min(len(left), len(right))
    while start < shortest and left[start] == right[start]:
        start += 1
    end = 0
    while end < shortest - start and left[-1 - end] == right[-1 - end]:
        end += 1
    rest_left, rest_right = left[start : len(left) - end], right[start : len(right) - end]
    if len(rest_left) <= 1 and len(rest_right) <= 1:
        return True
    return len(rest_left) == 2 and rest_left == rest_right[::-1]


_FACTOR = 0x9E3779B97F4A7C15


def _remainders(spelled: Sequence[str]) -> tuple[NDArray[np.uint32], NDArray[np.int32]]:
    """Give marks of what each word is, and of what is left when any one letter is left out; and whose marks they are.

    Two words that are one slip apart share such a remainder. Marks are sums of letters by powers of an odd number,
    so they are made for all words at once; the few that agree by chance are told apart by `one_slip`.
    """
    lengths = np.array([len(word) for word in spelled], np.int64)
    codes = np.frombuffer("".join(spelled).encode("utf-32-le", "surrogatepass"), "<u4").astype(np.uint64)
    powers = np.cumprod(np.full(int(lengths.max(initial=0)) + 1, _FACTOR, np.uint64), dtype=np.uint64)
    ends = np.cumsum(lengths)
    places = np.arange(len(codes)) - np.repeat(ends - lengths, lengths)
    before = np.concatenate((np.zeros(1, np.uint64), np.cumsum(codes * powers[places + 1], dtype=np.uint64)))
    after = np.concatenate((np.zeros(1, np.uint64), np.cumsum(codes * powers[places], dtype=np.uint64)))
    first, last = np.repeat(ends - lengths, lengths), np.repeat(ends, lengths)
    whole = before[ends] - before[ends - lengths]
    shorter = before[:-1] - before[first] + after[last] - after[1:]
    owners = np.concatenate((np.arange(len(spelled)), np.repeat(np.arange(len(spelled)), lengths)))
    return (np.concatenate((whole, shorter)) >> np.uint64(32)).astype(np.uint32), owners.astype(np.int32)


class Words:
    """Written words, sorted, each begun with '='; those near to another are looked up and not searched for."""

    def __init__(self, words: Sequence[str]) -> None:
        self.sorted = words

    def beginning_with(self, prefix: str) -> Iterator[str]:
        """Give the words that begin so."""
        at = bisect_left(self.sorted, prefix)
        while at < len(self.sorted) and self.sorted[at].startswith(prefix):
            yield self.sorted[at]
            at += 1

    def __contains__(self, word: str) -> bool:
        """Tell whether a word is among them."""
        at = bisect_left(self.sorted, word)
        return at < len(self.sorted) and self.sorted[at] == word

    @cached_property
    def _marks(self) -> tuple[NDArray[np.uint32], NDArray[np.int32]]:
        marks, owners = _remainders([letters(word[1:]) for word in self.sorted])
        order = np.argsort(marks)
        return marks[order], owners[order]

    def near(self, spelled: str) -> set[str]:
        """Give the words that may be one slip away from a spelling; some are not."""
        marks, owners = self._marks
        asked = np.unique(_remainders([spelled])[0])
        spans = zip(np.searchsorted(marks, asked), np.searchsorted(marks, asked, "right"), strict=True)
        return {self.sorted[owner] for first, last in spans for owner in owners[first:last].tolist()}


class Dictionary:
    """The written words of the visible cases, in one list or several."""

    def __init__(self, parts: Sequence[Words], visible: Callable[[str], int]) -> None:
        """Keep the words; `visible` counts the cases that hold a word now, for some may be withdrawn."""
        self._parts = parts
        self._visible = visible

    def beginning_with(self, prefix: str) -> set[str]:
        """Give the words that begin so."""
        return {word for part in self._parts for word in part.beginning_with(prefix)}

    def has(self, word: str) -> bool:
        """Tell whether a visible case holds a word."""
        return any("=" + word in part for part in self._parts) and self._visible("=" + word) > 0

    def near(self, word: str) -> list[str]:
        """Give the words one slip away: those with the same first letter first, then the most used."""
        spelled = letters(word)
        size = len(spelled)
        if size > _LONGEST or size < (_SHORTEST_HANGUL if HANGUL.search(word) else _SHORTEST):
            return []
        close: list[tuple[bool, int, str]] = []
        for entry in {entry for part in self._parts for entry in part.near(spelled)}:
            candidate = entry[1:]
            if one_slip(spelled, letters(candidate)):
                count = self._visible(entry)
                if count:
                    close.append((letters(candidate)[0] != spelled[0], -count, candidate))
        return [candidate for _, _, candidate in sorted(close)[:_MOST_CANDIDATES]]


def _nearest(word: str, dictionary: Dictionary) -> Iterator[str]:
    """Give what a mistyped word may be, the likeliest first: as a whole, without its particle, or in one part."""
    yield from dictionary.near(word)
    if not HANGUL.fullmatch(word):
        halves = ((word[:at], word[at:]) for at in range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1))
        yield from (f"{left} {right}" for left, right in halves if dictionary.has(left) and dictionary.has(right))
        return
    for length in range(min(MOST_ENDING, len(word) - 2), 0, -1):
        if is_ending(word[-length:]):
            yield from dictionary.near(word[:-length])
    for at in range(2, len(word) - 1):
        left, right = word[:at], word[at:]
        if dictionary.has(left):
            yield from (f"{left} {near}" for near in dictionary.near(right))
        if dictionary.has(right):
            yield from (f"{near} {right}" for near in dictionary.near(left))


def suggest(text: str, dictionary: Dictionary, count: Callable[[str], int]) -> str | None:
    """Give the question with its unknown words put right, if that has answers; `count` asks how many."""
    words = clean(text).split()
    if not words or len(words) > _MOST_WORDS:
        return None
    put_right: list[str] = []
    changed = False
    for word in words:
        bare = fold(word).strip("\"'.,!?()")
        near = iter(()) if bare.isdecimal() or count(bare) else islice(_nearest(bare, dictionary), _MOST_TRIED)
        best = next((candidate for candidate in near if count(candidate)), None)
        put_right.append(best or word)
        changed = changed or best is not None
    answer = " ".join(put_right)
    return answer if changed and count(answer) else None
