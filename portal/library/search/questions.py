"""The question that a query asks, read once for all who need it."""

from dataclasses import replace
from functools import lru_cache

from portal.library.search.clauses import clauses_of, forgiving, holding_most, look_abroad, with_awards
from portal.library.search.folding import clean
from portal.library.search.korean import Lexicon
from portal.library.search.patterns import Question
from portal.library.search.port import LONGEST_QUERY, QueryTooLong, Reach, SearchQuery
from portal.library.search.reading import Reader
from portal.library.search.thesaurus import concepts, name_of


@lru_cache(maxsize=1_024)
def read_question(text: str, lexicon: Lexicon, typing: bool = False, reach: Reach = Reach.ALL) -> Question:
    """Read a question; how far it reaches matters only where it is nothing but words.

    Raises QueryTooLong for more than LONGEST_QUERY bytes of UTF-8; nothing else, whatever the input.
    """
    if len(text) > LONGEST_QUERY or len(text.encode("utf-8", "replace")) > LONGEST_QUERY:
        raise QueryTooLong
    asked = clean(text)
    if not asked.strip():
        return Question(empty=True)
    reader = Reader(asked if typing else asked.rstrip(), lexicon, typing, wide=reach is Reach.MOST)
    whole = reader.read()
    expressions = reader.expressions() if reader.plain else ()
    languages = reader.meant_languages()
    if reader.plain and reach is Reach.ABROAD:
        return replace(look_abroad(whole, expressions, reader.names()), languages=languages)
    kept = (replace(one, terms=tuple(filter(_means_the_same, one.terms))) for one in expressions)
    expressions = tuple(one for one in kept if one.terms)
    clauses = clauses_of(whole, expressions)
    clauses = with_awards([clause for clause in clauses if clause.patterns])
    clauses = list(dict.fromkeys(clauses))  # what is said twice asks for no more
    if reader.plain:
        clauses = holding_most(clauses) if reach is Reach.MOST else forgiving(clauses)
    placed = reader.plain and reader.asks_for_places(whole)
    return Question(tuple(clauses), plain=reader.plain, languages=languages, placed=placed)


def question_of(query: SearchQuery, lexicon: Lexicon) -> Question:
    """Return the question that a query asks, read once for all who need it. Raises QueryTooLong."""
    return read_question(query.text, lexicon, query.typing, query.reach)


def _means_the_same(term: str) -> bool:
    return concepts()[name_of(term)].is_same
