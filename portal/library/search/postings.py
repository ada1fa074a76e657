"""Postings as arrays: a question is answered over all cases of an index at once.

An index consists of segments that never change once written, so what was read from one is kept. A segment's cases are
numbered from 0; in the whole index each segment begins at a multiple of 64, so that rows of bits can be put together.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from portal.library.search.indexing import IndexedCase, home_language, title_for
from portal.library.search.korean import Lexicon
from portal.library.search.patterns import Pattern, Question
from portal.library.search.port import (
    FACETS,
    FacetCount,
    Hit,
    Holding,
    SearchPage,
    SearchQuery,
    Sort,
    order_facet,
    value_key,
)
from portal.library.search.questions import question_of, read_question
from portal.library.search.ranking import MOST_COUNTED, MOST_PLACES, choose_place, rarity, score, shown
from portal.library.search.spelling import Dictionary, Words, suggest

MOST_KEPT = 4_000_000
"""Postings kept in memory, 12 bytes each; the oldest are forgotten beyond."""

_PLACE_BITS = np.uint64(MOST_PLACES)
_PLACES = np.uint64(2**MOST_PLACES - 1)
_BETWEEN = "\x1f"
_TEXT_END = "\x1e"

Numbers = NDArray[np.int32]
Mask = NDArray[np.bool_]
Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Postings:
    """The cases that hold a term, in order, and per case its count and places in one number."""

    numbers: Numbers
    values: NDArray[np.uint64]

    def at(self, numbers: NDArray[np.intp]) -> NDArray[np.uint64]:
        """Give the values at some cases, 0 where the term is not."""
        if numbers is self.numbers or (len(numbers) == len(self.numbers) and np.array_equal(numbers, self.numbers)):
            return self.values
        answer = np.zeros(len(numbers), np.uint64)
        if len(self.numbers):
            places = np.searchsorted(self.numbers, numbers)
            places[places == len(self.numbers)] = 0
            here = self.numbers[places] == numbers
            answer[here] = self.values[places[here]]
        return answer


class Kept:
    """Postings by term, no more than MOST_KEPT in all; the oldest are forgotten first."""

    def __init__(self) -> None:
        self._terms: dict[str, Postings] = {}
        self._size = 0
        self._lock = threading.Lock()
        self.get = self._terms.get

    def put(self, term: str, found: Postings) -> Postings:
        """Keep the postings of a term and give them back."""
        with self._lock:
            if term not in self._terms:
                self._terms[term] = found
                self._size += _weight(found)
            while self._size > MOST_KEPT:
                self._size -= _weight(self._terms.pop(next(iter(self._terms))))
        return found


def _weight(postings: Postings) -> int:
    """Count postings, and what arrays and their names take beside."""
    return len(postings.numbers) + 40


NOTHING = Postings(np.empty(0, np.int32), np.empty(0, np.uint64))


def pack(case: IndexedCase) -> dict[str, int]:
    """Give for each term of a case its weighted count and, one bit each, the places in which it is a word."""
    places = dict.fromkeys(case.weights, 0)
    for number, texts in enumerate(list(case.sequences.values())[:MOST_PLACES]):
        for words in texts:
            for word in words:
                if word:
                    places[word] |= 1 << number
    return {term: min(count, MOST_COUNTED) << MOST_PLACES | places[term] for term, count in case.weights.items()}


def string_words(case: IndexedCase) -> str:
    """String the words of a case together so that a phrase can be looked up in them."""
    texts = (words for texts in case.sequences.values() for words in texts)
    return _TEXT_END.join(_BETWEEN + _BETWEEN.join(words) + _BETWEEN for words in texts)


def string_phrase(terms: Sequence[str]) -> str:
    """String the words of a phrase together as `string_words` does."""
    return _BETWEEN + _BETWEEN.join(terms) + _BETWEEN


class Stored(NamedTuple):
    """What an index keeps of a case beside its postings."""

    id: str
    version: int
    year: int
    rank: int
    facets: Mapping[str, tuple[str, ...]]
    titles: Mapping[str, str]
    places: tuple[Place, ...]
    words: str


def stored(case: IndexedCase) -> Stored:
    """Give what is kept of a case."""
    places, words = tuple(case.sequences), string_words(case)
    return Stored(case.id, case.version, case.year, case.rank, dict(case.facets), dict(case.titles), places, words)


class Segment(ABC):
    """One segment of an index."""

    def __init__(self, cases: Iterable[Stored]) -> None:
        self.ids: list[str] = []
        self.versions: list[int] = []
        self.titles: list[Mapping[str, str]] = []
        self.title_languages: set[str] = set()
        self.places: list[tuple[Place, ...]] = []
        years: list[int] = []
        ranks: list[int] = []
        ends: list[int] = []
        texts: list[bytes] = []
        codes: dict[Place, int] = {}
        pairs: list[tuple[int, int]] = []
        known: dict[tuple[Place, ...], tuple[Place, ...]] = {}
        end = 0
        for number, case in enumerate(cases):
            self.ids.append(case.id)
            self.versions.append(case.version)
            self.titles.append(case.titles)
            self.title_languages.update(case.titles)
            self.places.append(known.setdefault(case.places, case.places))
            years.append(case.year)
            ranks.append(case.rank)
            text = case.words.encode()
            texts.append(text)
            end += len(text)
            ends.append(end)
            for facet, values in case.facets.items():
                for value in values:
                    pairs.append((number, codes.setdefault((facet, value), len(codes))))
        self.years = np.array(years, np.int32)
        self.ranks = np.array(ranks, np.int32)
        self._text = b"".join(texts)
        self._ends = [0, *ends]
        self.facet_values = list(codes)
        self.bits = np.zeros((-(-len(self.ids) // 64), len(codes)), np.uint64)
        if pairs:
            rows, columns = np.array(pairs, np.int64).T
            np.bitwise_or.at(self.bits, (rows >> 6, columns), np.uint64(1) << (rows & 63).astype(np.uint64))
        self._kept = Kept()
        self._orders: dict[str | None, tuple[list[Any], list[int]]] = {}
        self._lock = threading.Lock()

    @abstractmethod
    def read(self, term: str) -> Postings:
        """Read the postings of a term from the disk."""

    @abstractmethod
    def read_kept(self, number: int) -> bytes:
        """Read where the terms stand in the texts of a case; nothing when that cannot be read."""

    @abstractmethod
    def read_words(self) -> list[str]:
        """Read the terms that begin with '=', in order."""

    @cached_property
    def words(self) -> Words:
        """The written words, each begun with '='."""
        with self._lock:
            return Words(self.read_words())

    def postings(self, term: str) -> Postings:
        """Give the postings of a term, read once."""
        found = self._kept.get(term)
        if found is None:
            with self._lock:
                found = self.read(term)
            self._kept.put(term, found)
        return found

    def holds(self, number: int, phrase: bytes) -> bool:
        """Tell whether the words of a case hold a phrase."""
        return self._text.find(phrase, self._ends[number], self._ends[number + 1]) >= 0

    def order(self, language: str | None) -> tuple[list[Any], list[int]]:
        """Give the sort keys of the cases, their ids or titles in a language with ids, and the numbers in order."""
        known = self._orders.get(language)
        if known is None:
            keys: list[Any] = self.ids
            if language is not None:
                titles = (title_for(one, language) for one in self.titles)
                keys = [(title == "", title, one) for title, one in zip(titles, self.ids, strict=True)]
            known = self._orders[language] = (keys, sorted(range(len(keys)), key=keys.__getitem__))
        return known


class Cases:
    """All that one state of an index holds: its segments without what was deleted."""

    def __init__(self, parts: Sequence[tuple[Segment, Collection[int]]]) -> None:
        """Put segments together, each with the numbers of its deleted cases."""
        self.segments = [segment for segment, _ in parts]
        self.bases: list[int] = []
        size = 0
        for segment in self.segments:
            self.bases.append(size)
            size += len(segment.bits) * 64
        self.size = size
        self.live = np.zeros(size, np.bool_)
        self.years = np.zeros(size, np.int32)
        self.ranks = np.zeros(size, np.int32)
        self._whole: list[bool] = []
        versions: dict[str, int] = {}
        for base, (segment, deleted) in zip(self.bases, parts, strict=True):
            end = base + len(segment.ids)
            self.live[base:end] = True
            self.years[base:end] = segment.years
            self.ranks[base:end] = segment.ranks
            gone = set(deleted)
            self._whole.append(not gone)
            if gone:
                self.live[[base + number for number in gone]] = False
                kept = enumerate(zip(segment.ids, segment.versions, strict=True))
                versions.update(pair for number, pair in kept if number not in gone)
            else:
                versions.update(zip(segment.ids, segment.versions, strict=True))
        self.versions: Mapping[str, int] = versions
        self.count = len(versions)
        self.holding = Holding.of(versions)
        self.facets, self.bits = self._facets()
        sizes = [len(values) for _, values in self.facets.values()]
        self.column_facet = np.repeat(np.arange(len(sizes)), sizes)
        self.column_by_count = np.repeat([facet != "year" for facet in self.facets], sizes)
        self._kept = Kept()
        self._positions: dict[str | None, NDArray[np.int32]] = {}

    def _facets(self) -> tuple[dict[str, tuple[int, list[str]]], NDArray[np.uint64]]:
        """Give per facet its first column and its values, and the cases of every value as rows of bits."""
        values: dict[str, set[str]] = {facet: set() for facet in FACETS}
        for segment in self.segments:
            for facet, value in segment.facet_values:
                values[facet].add(value)
        facets: dict[str, tuple[int, list[str]]] = {}
        columns: dict[Place, int] = {}
        for facet, held in values.items():
            ordered = sorted(held, key=partial(value_key, facet))
            facets[facet] = (len(columns), ordered)
            for value in ordered:
                columns[facet, value] = len(columns)
        bits = np.zeros((self.size // 64, len(columns)), np.uint64)
        for base, segment in zip(self.bases, self.segments, strict=True):
            if segment.facet_values:
                there = [columns[pair] for pair in segment.facet_values]
                bits[base // 64 : base // 64 + len(segment.bits), there] = segment.bits
        return facets, bits

    def postings(self, term: str) -> Postings:
        """Give the living postings of a term in the whole index."""
        found = self._kept.get(term)
        if found is None:
            pieces = []
            for base, segment, whole in zip(self.bases, self.segments, self._whole, strict=True):
                piece = segment.postings(term)
                if len(piece.numbers):
                    numbers = piece.numbers + np.int32(base) if base else piece.numbers
                    if not whole:
                        living = self.live[numbers]
                        piece = Postings(numbers[living], piece.values[living])
                    elif base:
                        piece = Postings(numbers, piece.values)
                    pieces.append(piece)
            found = pieces[0] if len(pieces) == 1 else _together(pieces)
            self._kept.put(term, found)
        return found

    def rarity(self, term: str) -> float:
        """Weigh a term by how few cases hold it."""
        return rarity(len(self.postings(term).numbers), self.count)

    @cached_property
    def dictionary(self) -> Dictionary:
        """The written words of the living cases and of some deleted ones, which its counts tell apart."""
        return Dictionary([one.words for one in self.segments], lambda word: len(self.postings(word).numbers))

    def position(self, language: str | None) -> NDArray[np.int32]:
        """Give the position of every case in the order of ids, or of titles in a language."""
        if language is not None and not any(language in segment.title_languages for segment in self.segments):
            language = (
                "en"  # what `title_for` chooses then: nobody can make us keep an order for each invented language
            )
        known = self._positions.get(language)
        if known is None:
            keys: list[Any] = [None] * self.size
            numbers: list[int] = []
            for base, segment in zip(self.bases, self.segments, strict=True):
                found, order = segment.order(language)
                keys[base : base + len(found)] = found
                numbers += [base + number for number in order] if base else order
            if len(self.segments) > 1:
                numbers.sort(key=keys.__getitem__)  # runs in order: merging them is all there is to do
            known = self._positions[language] = np.zeros(self.size, np.int32)
            known[numbers] = np.arange(len(numbers), dtype=np.int32)
        return known

    def find(self, number: int) -> tuple[Segment, int]:
        """Give the segment of a case and its number there."""
        at = bisect_right(self.bases, number) - 1
        return self.segments[at], number - self.bases[at]

    def stand_at(self, ids: Collection[str]) -> list[int]:
        """Give the numbers of living cases as an index counts them that leaves no room between segments."""
        found: list[int] = []
        start = 0
        for base, segment in zip(self.bases, self.segments, strict=True):
            found += [start + at for at, one in enumerate(segment.ids) if one in ids and self.live[base + at]]
            start += len(segment.ids)
        return found

    def holding_phrase(self, among: Mask, terms: Sequence[str]) -> Mask:
        """Give those of the cases whose words hold a phrase."""
        phrase = string_phrase(terms).encode()
        mask = np.zeros(self.size, np.bool_)
        numbers = np.flatnonzero(among).tolist()
        mask[[one for one in numbers if self._holds(one, phrase)]] = True
        return mask

    def _holds(self, number: int, phrase: bytes) -> bool:
        segment, here = self.find(number)
        return segment.holds(here, phrase)


def _together(pieces: Sequence[Postings]) -> Postings:
    if not pieces:
        return NOTHING
    return Postings(
        np.concatenate([piece.numbers for piece in pieces]), np.concatenate([piece.values for piece in pieces])
    )


class Answer:
    """One question answered from one state of an index."""

    def __init__(self, cases: Cases, lexicon: Lexicon, query: SearchQuery) -> None:
        self.cases = cases
        self.lexicon = lexicon
        self.query = query
        self.question = question_of(query, lexicon)
        self._fitting: dict[Pattern, Mask] = {}
        self._found: dict[str, NDArray[np.uint64]] = {}

    def fitting(self, pattern: Pattern) -> Mask:
        """Give the cases that fit a pattern."""
        known = self._fitting.get(pattern)
        if known is None:
            known = self._fitting[pattern] = self._find_fitting(pattern)
        return known

    def _find_fitting(self, pattern: Pattern) -> Mask:
        mask = np.zeros(self.cases.size, np.bool_)
        if pattern.prefix:
            for term in self.cases.dictionary.beginning_with(pattern.terms[0]):
                mask[self.cases.postings(term).numbers] = True
            return mask
        mask[self.cases.postings(pattern.terms[0]).numbers] = True
        for term in pattern.terms[1:]:
            other = np.zeros(self.cases.size, np.bool_)
            other[self.cases.postings(term).numbers] = True
            mask &= other
        return self.cases.holding_phrase(mask, pattern.terms) if pattern.in_order else mask

    def matching(self, question: Question) -> Mask:
        """Give the cases that answer a question, filters aside."""
        if not question.clauses:
            return self.cases.live if question.empty else np.zeros_like(self.cases.live)
        mask = self.cases.live
        for clause in question.clauses:
            either = self.fitting(clause.patterns[0])
            for pattern in clause.patterns[1:]:
                either = either | self.fitting(pattern)
            mask = mask & ~either if clause.negative else mask & either
        return mask

    def allowed(self, facet: str, values: Collection[str]) -> NDArray[np.uint64]:
        """Give the cases that have any of the values, as bits."""
        first, held = self.cases.facets[facet]
        columns = [first + held.index(value) for value in values if value in held]
        return np.bitwise_or.reduce(self.cases.bits[:, columns], axis=1, dtype=np.uint64, initial=0)

    def page(self) -> SearchPage:
        """Put the answer together."""
        query = self.query
        filters = query.filters()
        allowed = {facet: self.allowed(facet, values) for facet, values in filters.items()}
        matching = np.packbits(self.matching(self.question), bitorder="little").view("<u8")
        facets = self._facets(matching, allowed, filters)
        found = self._numbers(matching, allowed)
        suggestion = None
        if not len(found) and not self.question.empty:
            suggestion = suggest(query.text, self.cases.dictionary, lambda text: self._count(text, allowed))
        scores = self._scores(found)
        chosen = self._choose(found, scores)
        told = [self.cases.find(number) for number in found[chosen].tolist()]
        return SearchPage(
            hits=self._hits(found, scores, chosen, told),
            total=len(found),
            facets=facets,
            suggestion=suggestion,
            page=query.page,
            per_page=query.per_page,
            kept=partial(_read_kept, told),
        )

    def _numbers(self, bits: NDArray[np.uint64], allowed: Mapping[str, NDArray[np.uint64]]) -> NDArray[np.intp]:
        for row in allowed.values():
            bits = bits & row
        return np.flatnonzero(np.unpackbits(bits.view(np.uint8), bitorder="little"))

    def _count(self, text: str, allowed: Mapping[str, NDArray[np.uint64]]) -> int:
        bits = np.packbits(self.matching(read_question(text, self.lexicon)), bitorder="little").view("<u8")
        for row in allowed.values():
            bits = bits & row
        return int(np.bitwise_count(bits).sum())

    def _counts(self, bits: NDArray[np.uint64], first: int, last: int) -> NDArray[np.int64]:
        """Count the cases of a row of bits in some columns of facet values."""
        rows = np.flatnonzero(bits)
        held = self.cases.bits[:, first:last]
        if 2 * len(rows) < len(bits):
            held, bits = held[rows], bits[rows]
        return np.bitwise_count(held & bits[:, None]).sum(axis=0, dtype=np.int64)

    def _facets(
        self,
        matching: NDArray[np.uint64],
        allowed: Mapping[str, NDArray[np.uint64]],
        filters: Mapping[str, frozenset[str]],
    ) -> dict[str, tuple[FacetCount, ...]]:
        cases = self.cases
        base = matching
        for row in allowed.values():
            base = base & row
        counted = self._counts(base, 0, cases.bits.shape[1])
        # Stable within each facet: years keep their order, other values are ordered by count, then by name.
        order = np.lexsort((np.where(cases.column_by_count, -counted, 0), cases.column_facet))
        pairs = list(zip(order.tolist(), counted[order].tolist(), strict=True))
        facets: dict[str, tuple[FacetCount, ...]] = {}
        for facet, (first, values) in cases.facets.items():
            last = first + len(values)
            if facet not in filters:
                facets[facet] = tuple(
                    [FacetCount(values[at - first], count) for at, count in pairs[first:last] if count]
                )
                continue
            aside = matching
            for other, row in allowed.items():
                if other != facet:
                    aside = aside & row
            counts = dict(zip(values, self._counts(aside, first, last).tolist(), strict=True))
            facets[facet] = order_facet(facet, counts, filters[facet])
        return facets

    def _scores(self, found: NDArray[np.intp]) -> NDArray[np.float64]:
        if not self.question.clauses or not len(found):
            return np.zeros(len(found))
        needed = {one.patterns[0] for one in self.question.clauses if not one.negative and len(one.patterns) == 1}

        def fits(pattern: Pattern) -> Any:
            return True if pattern in needed else self.fitting(pattern)[found]

        def count(term: str) -> NDArray[np.float64]:
            return counts_of(self._values(term, found))

        worth = score(self.question, fits, count, self.cases.rarity, self.cases.ranks[found])
        return np.broadcast_to(np.asarray(worth, np.float64), found.shape)

    def _values(self, term: str, found: NDArray[np.intp]) -> NDArray[np.uint64]:
        """Give counts and places of a term in the found cases."""
        known = self._found.get(term)
        if known is None:
            known = self._found[term] = self.cases.postings(term).at(found)
        return known

    def _choose(self, found: NDArray[np.intp], scores: NDArray[np.float64]) -> NDArray[np.intp]:
        """Give the places in the list of found cases that the page shows, in order."""
        query, cases = self.query, self.cases
        first, last = (query.page - 1) * query.per_page, query.page * query.per_page
        if first >= len(found):
            return np.empty(0, np.intp)
        if query.sort is Sort.RELEVANCE and self.question.clauses:
            near = _nearest(-scores, last)
            numbers = found[near]
            order = np.lexsort((cases.position(None)[numbers], -cases.years[numbers], -scores[near]))
            return near[order[first:last]]
        titles = cases.position(query.language)
        if query.sort is Sort.TITLE:
            near = _nearest(titles[found], last)
            return near[np.argsort(titles[found[near]])[first:last]]
        years, ranks = -cases.years[found], cases.ranks[found]
        first_key, second_key = (ranks, years) if query.sort is Sort.PRIZE else (years, ranks)
        near = _nearest(first_key, last)
        order = np.lexsort((titles[found[near]], second_key[near], first_key[near]))
        return near[order[first:last]]

    def _hits(
        self,
        found: NDArray[np.intp],
        scores: NDArray[np.float64],
        chosen: NDArray[np.intp],
        told: Sequence[tuple[Segment, int]],
    ) -> tuple[Hit, ...]:
        places = [segment.places[here] for segment, here in told]
        best = best_places(self.question, self.query.language, places, lambda term: self._values(term, found)[chosen])
        return tuple(
            Hit(segment.ids[here], segment.versions[here], *place, shown(worth))
            for (segment, here), place, worth in zip(told, best, scores[chosen].tolist(), strict=True)
        )


def _read_kept(told: Sequence[tuple[Segment, int]], identity: str) -> bytes:
    for segment, here in told:
        if segment.ids[here] == identity:
            return segment.read_kept(here)
    return b""


def best_places(
    question: Question,
    language: str,
    places: Sequence[tuple[Place, ...]],
    values: Callable[[str], NDArray[np.uint64]],
) -> list[Place]:
    """Tell for some cases in which language and field each answers best; ``values`` are those of a term in them."""
    touches: list[list[int]] = []
    for clause in question.clauses:
        if not clause.negative:
            where = np.zeros(len(places), np.uint64)
            for pattern in clause.patterns:
                for term in () if pattern.prefix else pattern.terms:
                    where |= values(term)
            touches.append((where & _PLACES).tolist())
    known: dict[tuple[int, ...], Place] = {}
    best = []
    for row, there in enumerate(places):
        touching = [one[row] for one in touches]
        mark = (id(there), *touching)
        place = known.get(mark)
        if place is None:
            home = home_language((place for place, _ in there if place), language)
            touched = [sum(one >> bit & 1 for one in touching) for bit in range(min(len(there), MOST_PLACES))]
            place = known[mark] = choose_place(there, touched, language, home)
        best.append(place)
    return best


def counts_of(values: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Take the weighted counts out of the values of postings."""
    return (values >> _PLACE_BITS).astype(np.float64)


def _nearest(keys: NDArray[Any], most: int) -> NDArray[np.intp]:
    """Give the places of the smallest keys, at least so many, with all that tie with the last."""
    if len(keys) <= 4 * most:
        return np.arange(len(keys))
    return np.flatnonzero(keys <= np.partition(keys, most - 1)[most - 1])
