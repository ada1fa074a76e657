"""Which cases lie near to a case, by their themes, places and words, and what makes each of them near."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from portal.library.models import Case
from portal.library.search.folding import clean, fold
from portal.library.search.korean import HANGUL, Lexicon
from portal.library.search.languages import general_words
from portal.library.search.words import words

MOST_RELATED = 3
MOST_READ = 100
"""Cases whose words are compared: those nearest by their facts."""
MOST_NAMED = 3
"""Words that are named as common to two cases."""

COUNTRY, CATEGORY, WORDS = 0.2, 0.1, 3.0
"""What the same country, the same category and the cosine of the words weigh; equal themes weigh 1."""
LEAST_WORDS = 0.08
"""The least cosine by which a case is near that shares neither a theme nor the country."""

LEAST_RARITY = math.log(8)
"""How rare a word is at least that is named: one text of eight has it, or fewer."""

_NO_NAMES = Lexicon()
_RUN = re.compile(r"[\uac00-\ud7a3]+|[^\W\uac00-\ud7a3]+(?:[-\u2010\u2011][^\W\uac00-\ud7a3]+)*")
_SHORTEST = 2
_LATIN = 3


@dataclass(frozen=True, slots=True)
class Facts:
    """What a case is, as far as it makes cases near to each other."""

    id: str
    themes: frozenset[str]
    country: str
    category: str | None
    year: int


@dataclass(frozen=True, slots=True)
class Near:
    """A case near to another one, and what makes it so."""

    id: str
    themes: tuple[str, ...]
    same_country: bool
    same_category: bool
    words: tuple[str, ...]
    """Words that both tell and few others do, as the first one writes them."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a case tells in a language, and the names of its place, which say nothing of what it does."""

    title: str
    summary: str
    language: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text: where it is written first, how much it weighs, and whether the title has it."""

    start: int
    end: int
    weight: int
    in_title: bool


def facts_of(case: Case) -> Facts:
    """Return the facts of a case."""
    return Facts(case.id, frozenset(case.themes), case.country, case.category, case.year)


def list_nearest_by_facts(case: Facts, among: Iterable[Facts], most: int = MOST_READ) -> list[Facts]:
    """Return the other cases, those with most themes in common first, then by country, category and year."""
    others = (other for other in among if other.id != case.id)
    return sorted(others, key=lambda other: (-_alike(case, other), abs(other.year - case.year), other.id))[:most]


def choose_related(
    case: Facts, among: Sequence[Facts], told: Mapping[str, Told], themes: Sequence[str], most: int = MOST_RELATED
) -> list[Near]:
    """Return the cases nearest to a case, by facts and by words that few of the others have; ``themes`` give the order.

    Two texts are as near as the cosine of their words, each word weighed by how rare it is among all of them
    (Manning, Raghavan and Schütze, Introduction to Information Retrieval, 6.2 and 6.3).
    """
    written = {one: _words_of(text) for one, text in told.items()}
    known = Counter(term for terms in written.values() for term in terms)
    rarity = {term: math.log(len(written) / count) for term, count in known.items()}
    own, found = written.get(case.id, {}), list[tuple[float, int, str, Facts]]()
    for other in among:
        alike = _cosine(own, written.get(other.id, {}), rarity)
        if case.themes & other.themes or case.country == other.country or alike >= LEAST_WORDS:
            found.append((-_alike(case, other) - WORDS * alike, abs(other.year - case.year), other.id, other))
    return [
        Near(
            other.id,
            tuple(theme for theme in themes if theme in other.themes),
            other.country == case.country,
            case.category is not None and other.category == case.category,
            _name_common(told[case.id], told[other.id], rarity) if {case.id, other.id} <= told.keys() else (),
        )
        for *_, other in sorted(found, key=lambda one: one[:3])[:most]
    ]


def _alike(case: Facts, other: Facts) -> float:
    """Return how many of their themes two cases share, from 0 to 1, and what country and category add."""
    every = case.themes | other.themes
    shared = len(case.themes & other.themes) / len(every) if every else 0.0
    same_category = case.category is not None and case.category == other.category
    return shared + COUNTRY * (case.country == other.country) + CATEGORY * same_category


@lru_cache(maxsize=2_048)
def _words_of(told: Told) -> Mapping[str, Word]:
    """Return the words of a text that say something of a case, by term; those of the title weigh twice."""
    empty = general_words(told.language)
    names = {token.term for name in told.names for token in words(name, _NO_NAMES, told.language)}
    text, title = _text_of(told), len(clean(told.title))
    found: dict[str, Word] = {}
    for token in words(text, _NO_NAMES, told.language):
        shown = text[token.start : token.end]
        is_hangul = HANGUL.search(shown) is not None
        is_verb = is_hangul and token.term != fold(shown)
        is_short = len(shown) < (_LATIN if shown.isascii() and not shown.isupper() else _SHORTEST)
        is_empty = token.minor or token.term in names or fold(shown) in empty or any(map(str.isdigit, shown))
        if not (is_verb or is_short or is_empty):
            in_title = token.start < title
            found.setdefault(token.term, Word(token.start, token.end, 2 if in_title else 1, in_title))
    return found


def _text_of(told: Told) -> str:
    return clean(f"{told.title}. {told.summary}")


def _cosine(own: Mapping[str, Word], theirs: Mapping[str, Word], rarity: Mapping[str, float]) -> float:
    shared = sum(rarity[term] ** 2 * own[term].weight * theirs[term].weight for term in own if term in theirs)
    if not shared:
        return 0.0
    squares = [sum((rarity[term] * word.weight) ** 2 for term, word in terms.items()) for terms in (own, theirs)]
    return shared / math.sqrt(squares[0] * squares[1])


def _name_common(own: Told, other: Told, rarity: Mapping[str, float]) -> tuple[str, ...]:
    """Name the rarest words that both tell, one of them in its title: as they are written, neighbours together."""
    mine, theirs = _words_of(own), _words_of(other)
    common = [term for term in mine if term in theirs and (mine[term].in_title or theirs[term].in_title)]
    text, named = _text_of(own), dict[tuple[int, int], float]()
    for term in common:
        place = _whole(text, mine[term].start, mine[term].end, [(mine[one].start, mine[one].end) for one in common])
        named[place] = max(named.get(place, 0.0), rarity[term])
    rarest = sorted(named, key=lambda place: (-named[place], place))
    found = (text[start:end] for start, end in rarest if named[start, end] >= LEAST_RARITY)
    return tuple(islice(dict.fromkeys(word if not word.istitle() else word.lower() for word in found), MOST_NAMED))


def _whole(text: str, start: int, end: int, common: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Return the place of a word with what is written to it: parts by hyphens, and neighbours in the same Hangul."""
    around = next(run.span() for run in _RUN.finditer(text) if run.start() <= start < run.end())
    if HANGUL.search(text[start:end]):
        inside = [place for place in common if around[0] <= place[0] and place[1] <= around[1]]
        return min(place[0] for place in inside), max(place[1] for place in inside)
    return around
