"""Marking of what was found: segments of the stored text, never markup.

Where the terms of a text stand is kept with the index (`keep_places`), so that marking needs no analysis.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple
from zlib import crc32

from portal.library.search.folding import clean
from portal.library.search.korean import Lexicon
from portal.library.search.patterns import Question
from portal.library.search.words import BREAK, PAIR, Role, Token, analyse

EXCERPT = 180
"""Letters of an excerpt, about; half of that for Hangul and Han, which say more per letter."""

_SENTENCE_END = re.compile(r"[.!?\u3002\uff01\uff1f]\s")
_LOOK_BACK = 40
_NOT_DENSE = re.compile("[^\u2e80-\U0010ffff]+")
# Control characters part what is kept, for none is in a term: texts, their sections, terms, a term and its places.
_TEXT, _SECTION, _TERM, _AT = b"\x1c", b"\x1d", b"\x1f", b"\x1e"
_WRITTEN = ord("=")


class Segment(NamedTuple):
    """A piece of text and whether it is marked."""

    text: str
    marked: bool = False


Mark = tuple[int, int, str]
"""A found place in the cleaned text: its start, its end below zero (so that marks sort by themselves), its term."""


@dataclass(frozen=True)
class _Wanted:
    """What a question asks to be marked, made ready once for all texts of a page."""

    question: Question

    @cached_property
    def terms(self) -> list[tuple[str, bytes]]:
        """Terms that are marked wherever they stand, and what to look for in kept places."""
        told = self.question.terms
        return [(term, _TERM + term.encode() + _AT) for term in told if not term.startswith(PAIR)]

    @cached_property
    def plain(self) -> frozenset[str]:
        """The same terms alone."""
        return frozenset(term for term, _ in self.terms)

    @cached_property
    def prefixes(self) -> tuple[str, ...]:
        """Beginnings of words."""
        return self.question.prefixes

    @cached_property
    def runs(self) -> frozenset[tuple[str, ...]]:
        """Pairs of letters: in a row where the question asks so, because one pair alone stands in many words."""
        runs = self.question.runs
        in_runs = {one for run in runs for one in run}
        alone = {(term,) for term in self.question.terms if term.startswith(PAIR) and term not in in_runs}
        return frozenset(run for run in {*runs, *alone} if run[0].startswith(PAIR))

    @cached_property
    def anything(self) -> bool:
        """Tell whether there is anything to mark."""
        return bool(self.terms or self.prefixes or self.runs)


_latest: tuple[Question, _Wanted] = (Question(), _Wanted(Question()))


def _wanted(question: Question) -> _Wanted:
    """Give what a question wants; all texts of a page are marked for the same one."""
    global _latest
    known = _latest
    if known[0] is not question:
        known = _latest = (question, _Wanted(question))
    return known[1]


def _key(language: str, field: str) -> bytes:
    return f"{language}.{field}".encode()


def _is_own(text: str) -> bytes:
    """Give a check that tells a text from another."""
    return b"%08x" % crc32(text.encode("utf-8", "surrogatepass"))


def keep_places(texts: Iterable[tuple[str, str, str, tuple[Token, ...]]]) -> bytes:
    """Write down where the terms stand in the texts of a case: language, field, text and tokens of each.

    Per text: its check; each term with its places, those as they are written in a section of their own; the pairs of
    letters in their order, and the places of these.
    """
    written: list[bytes] = []
    for language, field, text, tokens in texts:
        terms: dict[str, list[str]] = {}
        surfaces: dict[str, list[str]] = {}
        letters: list[str] = []
        places: list[str] = []
        for token in tokens:
            if token.role is Role.LETTERS or token is BREAK:
                letters.append(token.term)
                places.append(f"{token.start} {token.end}")
            elif token.term:
                kept = surfaces if token.role is Role.SURFACE else terms
                kept.setdefault(token.term, []).append(f"{token.start} {token.end}")
        sections = [_key(language, field), _is_own(text), _strung(terms), _strung(surfaces)]
        if len(letters) > letters.count(""):
            sections += [_TERM.join((b"", *(one.encode() for one in letters), b"")), " ".join(places).encode()]
        written.append(_SECTION.join(sections))
    return b"".join(_TEXT + one + _SECTION for one in written) + _TEXT


def _strung(terms: Mapping[str, list[str]]) -> bytes:
    return b"".join(_TERM + term.encode() + _AT + " ".join(at).encode() for term, at in terms.items()) + _TERM


def _sections(kept: bytes, text: str, language: str, field: str) -> list[bytes]:
    """Give what is kept of a text; nothing when the text has changed since, or was never there."""
    begin = _TEXT + _key(language, field) + _SECTION
    start = kept.find(begin)
    if start < 0:
        return []
    start += len(begin)
    check, *sections = kept[start : kept.index(_TEXT, start)].split(_SECTION)
    return sections if check == _is_own(text) else []


def _found_in(sections: list[bytes], wanted: _Wanted) -> list[Mark]:
    """Find what is wanted in the kept places of a text."""
    marks: list[Mark] = []
    terms, surfaces = sections[0], sections[1]
    for term, needle in wanted.terms:
        at = terms.find(needle)
        if at >= 0:
            _add_marks(marks, terms, at + len(needle), term)
        if needle[1] == _WRITTEN:
            at = surfaces.find(needle)
            if at >= 0:
                _add_marks(marks, surfaces, at + len(needle), term)
    for prefix in wanted.prefixes:
        needle = _TERM + prefix.encode()
        at = surfaces.find(needle)
        while at >= 0:
            told = surfaces.index(_AT, at)
            _add_marks(marks, surfaces, told + 1, surfaces[at + 1 : told].decode())
            at = surfaces.find(needle, told)
    if wanted.runs and len(sections) > 3:
        pairs = [one.decode() for one in sections[2].split(_TERM)[1:-1]]
        numbers = list(map(int, sections[3].split()))
        marks += _rows(pairs, numbers[::2], numbers[1::2], wanted)
    return marks


def _add_marks(marks: list[Mark], kept: bytes, at: int, term: str) -> None:
    numbers = kept[at : kept.index(_TERM, at)].split()
    for place in range(0, len(numbers), 2):
        marks.append((int(numbers[place]), -int(numbers[place + 1]), term))


def _found_by_analysis(tokens: tuple[Token, ...], wanted: _Wanted) -> Iterator[Mark]:
    """Find what is wanted in a text of which nothing is kept."""
    letters = []
    for token in tokens:
        if token.role is Role.LETTERS or token is BREAK:
            letters.append(token)
        elif token.term in wanted.plain or (
            token.role is Role.SURFACE and wanted.prefixes and token.term.startswith(wanted.prefixes)
        ):
            yield token.start, -token.end, token.term
    if wanted.runs:
        starts, ends = [one.start for one in letters], [one.end for one in letters]
        yield from _rows([one.term for one in letters], starts, ends, wanted)


def _rows(told: list[str], starts: list[int], ends: list[int], wanted: _Wanted) -> Iterator[Mark]:
    """Find the pairs of letters that stand in a row as it is asked."""
    for run in wanted.runs:
        for at in range(len(told) - len(run) + 1):
            if told[at] == run[0] and tuple(told[at : at + len(run)]) == run:
                yield starts[at], -ends[at + len(run) - 1], "".join(run)


def find_marks(
    text: str, question: Question, lexicon: Lexicon, language: str = "en", field: str = "", kept: bytes = b""
) -> list[Mark]:
    """Find what the question asks for in a text, in order; compounds with spaces count too.

    ``kept`` are the places that the index keeps of the case; without those of this very text it is analysed.
    """
    wanted = _wanted(question)
    if not wanted.anything:
        return []
    sections = _sections(kept, text, language, field) if kept else []
    marks = _found_in(sections, wanted) if sections else _found_by_analysis(analyse(text, lexicon, language), wanted)
    return sorted(marks)


def _merged(marks: list[Mark]) -> list[tuple[int, int]]:
    places: list[tuple[int, int]] = []
    for start, below, _ in marks:
        if places and start <= places[-1][1]:
            places[-1] = (places[-1][0], max(places[-1][1], -below))
        else:
            places.append((start, -below))
    return places


def _cut(text: str, places: list[tuple[int, int]], start: int, end: int) -> tuple[Segment, ...]:
    segments: list[Segment] = []
    done = start
    for first, last in places:
        first, last = max(first, start), min(last, end)
        if first >= last:
            continue
        if first > done:
            segments.append(Segment(text[done:first]))
        segments.append(Segment(text[first:last], marked=True))
        done = last
    if done < end:
        segments.append(Segment(text[done:end]))
    return tuple(segments)


def highlight(
    text: str, question: Question, lexicon: Lexicon, language: str = "en", field: str = "", kept: bytes = b""
) -> tuple[Segment, ...]:
    """Mark a whole text; joining the segments gives `clean(text)`."""
    shown = clean(text)
    return _cut(shown, _merged(find_marks(text, question, lexicon, language, field, kept)), 0, len(shown))


def _sentence_start(text: str, at: int) -> int:
    """Go back to the start of the sentence if it is near, else to the start of a word."""
    near = max(0, at - _LOOK_BACK - 1)
    ends = [found.end() for found in _SENTENCE_END.finditer(text, near, at)]
    if ends:
        return ends[-1]
    if at <= _LOOK_BACK:
        return 0
    space = text.rfind(" ", 0, at - _LOOK_BACK // 2)
    return space + 1 if at - space <= 2 * _LOOK_BACK else at


def _is_dense(text: str) -> bool:
    """Tell whether more than a quarter of the letters at the start are Hangul, Han or the like."""
    first = text[:200]
    return not first.isascii() and 4 * len(_NOT_DENSE.sub("", first)) > len(first)


def _best_start(marks: list[Mark], size: int) -> int:
    """Give the first place from which most different terms are near."""
    everything = len({term for _, _, term in marks})
    best = first = 0
    best_start = marks[0][0]
    for start, _, _ in marks if everything > 1 else ():
        while marks[first][0] < start:
            first += 1
        near: set[str] = set()
        for other, below, term in marks[first:]:
            if other > start + size:
                break
            if -below <= start + size:
                near.add(term)
        if len(near) > best:
            best, best_start = len(near), start
            if best == everything:
                break
    return best_start


def excerpt(
    text: str,
    question: Question,
    lexicon: Lexicon,
    language: str = "en",
    size: int = EXCERPT,
    field: str = "",
    kept: bytes = b"",
) -> tuple[Segment, ...]:
    """Choose the part of a text that answers best and mark it; cut ends carry an ellipsis."""
    shown = clean(text)
    if _is_dense(shown):
        size = size * 5 // 9
    marks = find_marks(text, question, lexicon, language, field, kept)
    places = _merged(marks)
    if len(shown) <= size:
        return _cut(shown, places, 0, len(shown))
    start = _sentence_start(shown, _best_start(marks, size)) if marks else 0
    end = min(len(shown), start + size)
    if end < len(shown):
        space = shown.rfind(" ", start + size * 2 // 3, end)
        end = space if space > 0 else end
        # A mark is never cut in the middle.
        end = next((last for first, last in places if first < end < last), end)
    segments = _cut(shown, places, start, end)
    before = (Segment("\u2026"),) if start else ()
    after = (Segment("\u2026"),) if end < len(shown) else ()
    return before + segments + after
