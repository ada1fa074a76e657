"""The engine without an index: looks at every case in turn; the oracle of the tests and the live fallback."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from portal.library.search.indexing import (
    IndexedCase,
    best_place,
    holds_phrase,
    index_case,
    lexicon_of,
    title_for,
)
from portal.library.search.patterns import Clause, Pattern, Question
from portal.library.search.port import CaseDocument, Facets, Hit, SearchPage, SearchQuery
from portal.library.search.questions import question_of, read_question
from portal.library.search.ranking import Standing, order, rarity, score, shown
from portal.library.search.spelling import Dictionary, Words, suggest


def _fits(case: IndexedCase, pattern: Pattern) -> bool:
    if pattern.prefix:
        return any(term.startswith(pattern.terms[0]) for term in case.weights)
    if not all(term in case.weights for term in pattern.terms):
        return False
    return not pattern.in_order or holds_phrase(case, pattern.terms)


def _satisfies(case: IndexedCase, clause: Clause) -> bool:
    return any(_fits(case, pattern) for pattern in clause.patterns) is not clause.negative


def _answers(case: IndexedCase, question: Question) -> bool:
    if not question.clauses:
        return question.empty
    return all(_satisfies(case, clause) for clause in question.clauses)


def _passes(case: IndexedCase, filters: dict[str, frozenset[str]], besides: str | None = None) -> bool:
    return all(
        facet == besides or any(value in values for value in case.facets[facet]) for facet, values in filters.items()
    )


class MemoryEngine:
    """Answers from a list of cases that the asker is allowed to see."""

    def __init__(self, documents: Iterable[CaseDocument], *, from_database: bool = False) -> None:
        """Make the cases ready; `from_database` marks every page as answered without the index."""
        kept = list(documents)
        self.lexicon = lexicon_of(kept)
        self._cases = [index_case(document, self.lexicon) for document in kept]
        self._from_database = from_database
        self._rarities: dict[str, float] = {}
        self._dictionary: Dictionary | None = None

    def _rarity(self, term: str) -> float:
        if term not in self._rarities:
            matching = sum(1 for case in self._cases if term in case.weights)
            self._rarities[term] = rarity(matching, len(self._cases))
        return self._rarities[term]

    def _count(self, question: Question, filters: dict[str, frozenset[str]]) -> int:
        return sum(1 for case in self._cases if _answers(case, question) and _passes(case, filters))

    def _suggestion(self, query: SearchQuery, filters: dict[str, frozenset[str]]) -> str | None:
        if self._dictionary is None:
            words = Counter(term for case in self._cases for term in case.weights if term.startswith("="))
            self._dictionary = Dictionary([Words(sorted(words))], words.__getitem__)
        return suggest(
            query.text,
            self._dictionary,
            lambda text: self._count(read_question(text, self.lexicon), filters),
        )

    def search(self, query: SearchQuery, *, now: datetime) -> SearchPage:
        """Answer a question from the given cases; the moment does not matter here, the asker chose what is visible."""
        question = question_of(query, self.lexicon)
        filters = query.filters()
        facets = Facets()
        found: list[tuple[Standing, IndexedCase]] = []
        for case in self._cases:
            if not _answers(case, question):
                continue
            for facet, counts in facets.counts.items():
                if _passes(case, filters, besides=facet):
                    for value in case.facets[facet]:
                        counts[value] = counts.get(value, 0) + 1
            if _passes(case, filters):
                weights = case.weights
                worth = score(
                    question,
                    lambda pattern, case=case: _fits(case, pattern),  # type: ignore[misc]
                    lambda term, weights=weights: weights.get(term, 0),  # type: ignore[misc]
                    self._rarity,
                    case.rank,
                )
                title = title_for(case.titles, query.language)
                found.append((Standing(case.id, worth, case.year, case.rank, title), case))
        key = order(query.sort, bool(question.clauses))
        found.sort(key=lambda pair: key(pair[0]))
        first = (query.page - 1) * query.per_page
        hits = tuple(
            Hit(case.id, case.version, *best_place(case.sequences, question, query.language), shown(standing.score))
            for standing, case in found[first : first + query.per_page]
        )
        return SearchPage(
            hits=hits,
            total=len(found),
            facets=facets.ordered(filters),
            suggestion=None if found or question.empty else self._suggestion(query, filters),
            page=query.page,
            per_page=query.per_page,
            from_database=self._from_database,
        )
