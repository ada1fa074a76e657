"""What an engine keeps of a case: weighed terms, word order, facets and sort keys; and where it answers best."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from portal.library.search.folding import fold
from portal.library.search.highlighting import keep_places
from portal.library.search.korean import Lexicon
from portal.library.search.patterns import AWARD_MARK, Clause, Question
from portal.library.search.port import CaseDocument
from portal.library.search.ranking import FIELDS, choose_place, rank_order
from portal.library.search.thesaurus import anywhere_term
from portal.library.search.words import BREAK, NO_LANGUAGE, Role, Token, analyse, field_term

_PLAIN_AWARD_WORDS = (
    "Seoul smart city cities healthy health healthcare prize award awards best practice recognition international "
    "global world public service innovation urban digital programme open call selected pilot living site town "
    "서울 스마트 도시 스마트시티 시티 건강 건강도시 상 어워드 우수사례 우수 사례 인정 국제 혁신 세계 공공 공모 선정 "
    "사업 수상 디지털 헬스케어 생활 현장 시범 스마트타운 타운 대구 파트너십 월드"
)
_WHO = "en:who"
"""The World Health Organization, and no pronoun, in the name of an award."""

_WORD, _LETTERS, _CONCEPT = Role.WORD, Role.LETTERS, Role.CONCEPT

Sequence = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IndexedCase:
    """One case made ready: `sequences` holds the words per (language, field), with '' between sentences."""

    id: str
    version: int
    weights: Mapping[str, int]
    sequences: Mapping[tuple[str, str], tuple[Sequence, ...]]
    facets: Mapping[str, tuple[str, ...]]
    year: int
    rank: int
    titles: Mapping[str, str]
    kept: bytes = b""
    """Where the terms stand in its texts, as `keep_places` writes it."""


def _parts(document: CaseDocument) -> Iterable[tuple[str, str, str]]:
    for language, text in document.texts.items():
        for field, content in (("title", text.title), ("summary", text.summary), ("body", text.body)):
            if content:
                yield language, field, content
    for name in dict.fromkeys(document.names):
        yield "", "names", name
    for award in dict.fromkeys(document.award):
        yield "", "award", award
    for theme in dict.fromkeys(document.labels.get("theme", ())):
        if theme not in document.themes:
            yield "", "theme", theme
    if document.year is not None:
        yield "", "year", str(document.year)


_ANALYSED_AS = {"names": NO_LANGUAGE, "year": NO_LANGUAGE, "award": "en", "theme": "en"}
"""Languages of texts that are told in none: names keep their spelling, names of awards are mostly English."""


def _field_terms(document: CaseDocument, lexicon: Lexicon) -> Iterator[str]:
    """Give the terms that a question finds only when it names the field."""
    told = {**document.facet_values(), **document.labels}
    labels: dict[str, tuple[str, ...]] = {field: told.get(field, ()) for field in ("theme", "category", "country")}
    labels["city"] = document.labels.get("city") or document.names
    labels["award"] = document.award
    labels["year"] = (str(document.year),) if document.year is not None else ()
    for field, names in labels.items():
        for name in dict.fromkeys(names):
            yield from _label_terms(field, name, lexicon)


@lru_cache(maxsize=4_096)
def _label_terms(field: str, name: str, lexicon: Lexicon) -> tuple[str, ...]:
    """Give the terms of a label, which many cases share, in one field."""
    analysed = (analyse(name.replace("-", " "), lexicon, language) for language in (NO_LANGUAGE, "en"))
    return tuple(dict.fromkeys(field_term(field, token.term) for tokens in analysed for token in tokens if token.term))


@cache
def _plain_award_words() -> frozenset[str]:
    return frozenset(token.term for token in analyse(_PLAIN_AWARD_WORDS, Lexicon()) if token.role is Role.WORD)


@lru_cache(maxsize=1_024)
def _award_tokens(name: str, lexicon: Lexicon) -> tuple[Token, ...]:
    """Mark the everyday words of an award's name: 'Seoul' must not find every entry of the Seoul Smart City Prize."""
    plain = _plain_award_words()
    tokens = analyse(name, lexicon, _ANALYSED_AS["award"])
    marked: list[Token] = []
    telling = [
        token
        for token in tokens
        if token.role is Role.WORD and token.term not in plain and (not token.minor or token.term == _WHO)
    ]
    for token in tokens:
        tells = any(token.start <= one.start and one.end <= token.end for one in telling)
        if not token.term or tells:
            marked.append(token)
        elif token.role is not Role.SURFACE:
            marked.append(replace(token, term=AWARD_MARK + token.term))
    return tuple(marked)


def index_case(document: CaseDocument, lexicon: Lexicon, *, keep: bool = False) -> IndexedCase:
    """Make a case ready for searching; ``keep`` also writes down where the terms stand in its texts."""
    weights: dict[str, int] = {}
    sequences: dict[tuple[str, str], tuple[Sequence, ...]] = {}
    analysed = []
    for language, field, content in _parts(document):
        if field == "award":
            tokens = _award_tokens(content, lexicon)
        else:
            tokens = analyse(content, lexicon, language or _ANALYSED_AS[field])
        if keep and language:
            analysed.append((language, field, content, tokens))
        worth = FIELDS[field]
        words: list[str] = []
        letters: list[str] = []
        concepts: list[str] = []
        for token in tokens:
            term, role = token.term, token.role
            if role is _CONCEPT:
                if not language:
                    continue
                concepts.append(term)
                anywhere = anywhere_term(term)
                weights[anywhere] = weights.get(anywhere, 0) + worth
            if term:
                weights[term] = weights.get(term, 0) + worth
            if role is _LETTERS:
                letters.append(term)
            elif role is _WORD:
                words.append(term)
                if token is BREAK:
                    letters.append(term)
        found = (*sequences.get((language, field), ()), tuple(words))
        if any(letters):
            found = (*found, tuple(letters))
        if concepts:
            found = (*found, tuple(concepts))
        sequences[language, field] = found
        if field == "title":
            for token in tokens:
                if token.term:
                    term = field_term(field, token.term)
                    weights[term] = weights.get(term, 0) + worth
    for (_, field), texts in list(sequences.items()):
        if field == "title":
            marked = (tuple(field_term(field, word) if word else word for word in words) for words in texts)
            sequences["", "title"] = (*sequences.get(("", "title"), ()), *marked)
    for term in _field_terms(document, lexicon):
        weights.setdefault(term, 1)
    return IndexedCase(
        id=document.id,
        version=document.version,
        weights=weights,
        sequences=sequences,
        facets=document.facet_values(),
        year=document.year or 0,
        rank=rank_order(document.rank),
        titles={language: fold(text.title) for language, text in document.texts.items() if text.title},
        kept=keep_places(analysed),
    )


def lexicon_of(documents: Iterable[CaseDocument]) -> Lexicon:
    """Collect the names that are never split, and the languages of the texts, from the cases themselves."""
    names: set[str] = set()
    languages: set[str] = set()
    for document in documents:
        names.update(document.names)
        languages.update(document.texts)
    return Lexicon(names, languages)


def in_a_row(terms: Sequence, words: Sequence) -> bool:
    """Tell whether the terms stand next to each other in a list of words."""
    size = len(terms)
    return any(words[at : at + size] == terms for at in range(len(words) - size + 1))


def holds_phrase(case: IndexedCase, terms: Sequence) -> bool:
    """Tell whether a text of the case holds the words in a row."""
    return any(in_a_row(terms, words) for texts in case.sequences.values() for words in texts)


def title_for(titles: Mapping[str, str], language: str) -> str:
    """Choose the title to sort by: the reader's language, then English, then any."""
    return titles.get(language) or titles.get("en") or next(iter(titles.values()), "")


def _touches(clause: Clause, words: frozenset[str]) -> int:
    return sum(1 for pattern in clause.patterns if not pattern.prefix for term in pattern.terms if term in words)


def home_language(languages: Iterable[str], language: str) -> str:
    """Choose the language in which a case is shown: the reader's own if it is told in it, else its first."""
    told = list(dict.fromkeys(languages))
    return language if language in told else next(iter(told), language)


def best_place(
    sequences: Mapping[tuple[str, str], tuple[Sequence, ...]], question: Question, language: str
) -> tuple[str, str]:
    """Tell in which language and field a case answers best; the reader's own language wins ties."""
    home = home_language((place for place, _ in sequences if place), language)
    if question.empty or not question.clauses:
        return home, "title"
    touched: list[int] = []
    for texts in sequences.values():
        held = frozenset(word for words in texts for word in words)
        touched.append(sum(1 for clause in question.clauses if not clause.negative and _touches(clause, held)))
    return choose_place(list(sequences), touched, language, home)
