"""How answers are ranked: every weight and every formula of the library's search, for all engines alike.

The formulas take numbers or arrays of numbers. Engines that look at one case give numbers, engines that look at many
give arrays; both then add in the same order, so that scores are equal to the last bit.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from portal.library.search.patterns import Pattern, Question
from portal.library.search.port import Sort

FIELDS = {"title": 4, "names": 4, "summary": 2, "body": 1, "award": 1, "year": 1, "theme": 1}
"""Searched fields, best first, with the weight of one occurrence."""

RANKS = ("gold", "silver", "bronze", "corporate", "institution", "leadership", "special-mention", "winner", "finalist")
"""Ranks from the highest; a higher rank breaks near ties."""

SATURATION = 3.0
"""The weighted count at which a term says half of what it can say (k of BM25)."""

MOST_PLACES = 48
"""Places (a field in a language) of one case that are told apart; those beyond are searched, but never named."""

MOST_COUNTED = 32_767
"""Highest weighted count of a term in a case; far above, a count says nothing more."""

PREFIX_SCORE = 0.5
"""What the beginning of a word says, however rare the words that begin so."""

RANK_BONUS = 0.01
"""What one rank adds, as a share of the score."""


def rank_order(rank: str | None) -> int:
    """Give 0 for gold and larger numbers for lower ranks."""
    return RANKS.index(rank) if rank in RANKS else len(RANKS)


def rarity(matching: int, everything: int) -> float:
    """Weigh a term by how few cases hold it (the inverse document frequency of BM25, never negative)."""
    return math.log(1 + (everything - matching + 0.5) / (matching + 0.5))


def score(
    question: Question,
    fits: Callable[[Pattern], Any],
    count: Callable[[str], Any],
    rarity_of: Callable[[str], float],
    rank: Any,
) -> Any:
    """Add up what the fitting patterns say; rare words and heavy fields count more, a higher rank a little.

    ``fits`` gives truth values and ``count`` the weighted counts of a term, of one case or of many. Use operators that
    numbers and arrays share, and none that sums or reduces.
    """
    total: Any = 0.0
    for clause in question.clauses:
        if clause.negative:
            continue
        for pattern in clause.patterns:
            fitting = fits(pattern)
            if pattern.prefix:
                total = total + fitting * PREFIX_SCORE
                continue
            for term in pattern.terms:
                counted = count(term)
                total = total + fitting * (rarity_of(term) * counted / (counted + SATURATION))
    return total * (1 + RANK_BONUS * (len(RANKS) - rank))


def choose_place(
    places: Sequence[tuple[str, str]], touched: Sequence[int], language: str, home: str
) -> tuple[str, str]:
    """Choose the language and field in which a case answers best, given how many clauses touch each of its places.

    The reader's own language wins ties, then the heavier field, then the earlier place. ``home`` is the language in
    which the case is shown, told where a place has none or no place is touched.
    """
    fields = list(FIELDS)
    best: tuple[tuple[int, bool, int], tuple[str, str]] | None = None
    for (place, field), touches in zip(places[:MOST_PLACES], touched, strict=False):
        if touches:
            key = (touches, place in ("", language), -fields.index(field))
            if best is None or key > best[0]:
                best = (key, (place or home, field))
    return best[1] if best else (home, "title")


def shown(value: float) -> float:
    """Round a score for showing; orders compare what is not rounded."""
    return round(float(value), 6)


@dataclass(frozen=True, slots=True)
class Standing:
    """All that the order of a result list looks at."""

    id: str
    score: float
    year: int
    rank: int
    title: str


def order(sort: Sort, asked: bool) -> Callable[[Standing], tuple[object, ...]]:
    """Give the sort key of an order; without a question, relevance means newest first."""
    if sort is Sort.TITLE:
        return lambda one: (one.title == "", one.title, one.id)
    if sort is Sort.PRIZE:
        return lambda one: (one.rank, -one.year, one.title == "", one.title, one.id)
    if sort is Sort.NEWEST or not asked:
        return lambda one: (-one.year, one.rank, one.title == "", one.title, one.id)
    return lambda one: (-one.score, -one.year, one.id)
