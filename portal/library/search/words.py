"""Words of a text: made once here, the same for every engine, for documents and for questions."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import cache, lru_cache

from portal.library.search import chinese, japanese, thai, thesaurus
from portal.library.search.folding import clean, fold, fold_with_places
from portal.library.search.korean import HANGUL, Lexicon, morphemes
from portal.library.search.languages import STEMMERS, is_plain, minor_words, primary, script_for, script_of, stem
from portal.library.search.spaceless import Piece

LONGEST_WORD = 64
"""Letters of a word that are kept; the rest is cut, in documents and questions alike."""

PAIR = "2:"
"""Begins a pair of letters."""

LONGEST_JOIN = 12
"""Longest compound, in letters, that is made of neighbouring Korean nouns."""

_MOST_JOINED = 4
_NUMBER = r"[0-9]+(?:[.,][0-9]+)+"
_HAN = "\u2e80-\u2fdf\u3005\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_SPACELESS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
_PIECE = re.compile(
    f"(?P<number>{_NUMBER})"
    f"|(?P<hangul>[\uac00-\ud7a3]+)"
    f"|(?P<spaceless>[{_HAN}{_SPACELESS}]+)"
    f"|(?P<word>[^\\W_\uac00-\ud7a3{_HAN}{_SPACELESS}](?:[^\\W_\uac00-\ud7a3{_HAN}{_SPACELESS}]|[\u0900-\u0dff\u1200-\u139f])*)"
    "|(?P<stop>[.!?;:\u3002\uff01\uff1f\n\u2022\u00b7]+)"
)
_JOINERS = {"-", "\u2010", "\u2011", "'", "\u2019", "&", "/"}


class Role(IntEnum):
    """What a token is for."""

    WORD = 0
    """A word of the text; words have places, so phrases are made of them."""
    SURFACE = 1
    """A word as it is written, begun with '='; for completion and spelling."""
    JOINED = 2
    """Neighbouring words written as one, a shorter word inside a longer one, or another stem."""
    LETTERS = 3
    """Two neighbouring letters of a script without spaces, begun with PAIR."""
    CONCEPT = 4
    """An expression of the thesaurus."""


@dataclass(frozen=True, slots=True)
class Token:
    """A term and the part of the cleaned text it stands for; `minor` ones count only when nothing else is asked."""

    term: str
    start: int
    end: int
    role: Role = Role.WORD
    minor: bool = False


BREAK = Token("", 0, 0, minor=True)
"""Between two sentences: no phrase and no compound crosses it."""

NO_LANGUAGE = "und"
"""The tag of names and the like: words are kept as they are written."""

_FOREIGN = {"Arabic": "ar", "Cyrillic": "ru", "Devanagari": "hi", "Greek": "el", "Latin": "en", "Tamil": "ta"}
"""The language of words in a script that is not the text's own."""


FIELD_MARK = "#"
"""Stands between the name of a field and a term that is asked for in this field only."""


def field_term(field: str, term: str) -> str:
    """Give the term that stands only in one field."""
    return f"{field}{FIELD_MARK}{term}"


def foreign(script: str) -> tuple[str, ...]:
    """Give the language in which words of a script are read where no text tells."""
    return (_FOREIGN[script],) if script in _FOREIGN else ()


def _letters(piece: str, start: int) -> Iterator[Token]:
    """Pairs of neighbouring letters, in their order, for scripts without spaces."""
    if len(piece) == 1:
        yield Token(PAIR + piece, start, start + 1, Role.LETTERS)
    for at in range(len(piece) - 1):
        yield Token(PAIR + piece[at : at + 2], start + at, start + at + 2, Role.LETTERS)


def cut(run: str, language: str, lexicon: Lexicon) -> Iterator[Piece]:
    """Cut a run of letters without spaces into the words of a language; nothing for one that is not known."""
    if language == "ja":
        return japanese.pieces(run, lexicon.spaceless)
    if language == "zh":
        return chinese.pieces(run, lexicon.spaceless)
    if language == "th":
        return thai.pieces(run, lexicon.spaceless)
    return iter(())


def _spaceless(run: str, start: int, language: str, lexicon: Lexicon) -> Iterator[Token]:
    """Words of a run in a script without spaces, and its pairs of letters."""
    is_han = script_of(run) in ("Han", "Kana")
    if language in ("ja", "zh") and is_han:
        for piece in cut(run, language, lexicon):
            first, last = start + piece.start, start + piece.end
            role = Role.JOINED if piece.inner else Role.WORD
            yield Token(f"{language}:{piece.term[:LONGEST_WORD]}", first, last, role, piece.minor)
            if last - first > 1:
                yield Token("=" + run[piece.start : piece.end][:LONGEST_WORD], first, last, Role.SURFACE, piece.minor)
    elif is_han or language == NO_LANGUAGE:
        yield Token("=" + run[:LONGEST_WORD], start, start + len(run))
    yield from _letters(run, start)


def _stems(spelled: str, folded: str, language: str) -> list[str]:
    """The stem of a word as it is written, and of the word without accents where that is another."""
    found = [fold(stem(spelled, language))]
    if not spelled.isascii():
        found.append(stem(folded, language))
    return list(dict.fromkeys(found))


def _alphabetic(matches: list[re.Match[str]], language: str, spelling: Callable[[int, int], str]) -> Iterator[Token]:
    """Words of one run whose pieces are joined by hyphens and the like."""
    script = script_of(matches[0].group())
    if language != NO_LANGUAGE and script is not None and script != script_for(language):
        language = _FOREIGN.get(script, NO_LANGUAGE)
    small = minor_words(language) if language != NO_LANGUAGE else frozenset()
    for match in matches:
        word = match.group()[:LONGEST_WORD]
        minor = word in small
        start, end = match.span()
        if match.lastgroup == "number":
            word = word.replace(",", "").rstrip(".")
        if language in STEMMERS and is_plain(word):
            first, *others = _stems(spelling(start, end)[:LONGEST_WORD], word, language)
            yield Token(f"{language}:{first}", start, end, Role.WORD, minor)
            for other in others:
                yield Token(f"{language}:{other}", start, end, Role.JOINED, minor)
            yield Token("=" + word, start, end, Role.SURFACE, minor)
        else:
            yield Token("=" + word, start, end, Role.WORD, minor)
    if len(matches) > 1:
        whole = "".join(match.group() for match in matches)[:LONGEST_WORD]
        start, end = matches[0].start(), matches[-1].end()
        if language in STEMMERS and is_plain(whole):
            yield Token(f"{language}:{stem(whole, language)}", start, end, Role.JOINED)
        yield Token("=" + whole, start, end, Role.JOINED)


def _latin_runs(folded: str) -> Iterator[list[re.Match[str]] | re.Match[str]]:
    """Group neighbouring Latin pieces that a single joiner ties; give everything else one by one."""
    run: list[re.Match[str]] = []
    for match in _PIECE.finditer(folded):
        tied = bool(run) and match.start() - run[-1].end() == 1 and folded[run[-1].end()] in _JOINERS
        if match.lastgroup in ("word", "number"):
            if tied and match.group() == "s" and folded[match.start() - 1] in "'\u2019":
                continue
            if run and not tied:
                yield run
                run = []
            run.append(match)
            continue
        if run:
            yield run
            run = []
        yield match
    if run:
        yield run


def _joined(nouns: list[Token]) -> Iterator[Token]:
    """Compounds of neighbouring nouns, so that words with and without spaces meet."""
    for first in range(len(nouns)):
        whole = nouns[first].term
        for last in range(first + 1, min(first + _MOST_JOINED, len(nouns))):
            whole += nouns[last].term
            if len(whole) > LONGEST_JOIN:
                break
            start, end = nouns[first].start, nouns[last].end
            yield Token(whole, start, end, Role.JOINED)
            if end - start == len(whole):
                yield Token("=" + whole, start, end, Role.SURFACE)


def _analyse(text: str, lexicon: Lexicon, language: str) -> Iterator[Token]:
    folded, places = fold_with_places(text)
    pieces = morphemes(folded, lexicon) if HANGUL.search(folded) else []
    following = 0
    nouns: list[Token] = []

    def spelling(start: int, end: int) -> str:
        return (text[start:end] if places is None else text[places[start] : places[end - 1] + 1]).casefold()

    def placed(token: Token) -> Token:
        if places is None:
            return token
        return Token(token.term, places[token.start], places[token.end - 1] + 1, token.role, token.minor)

    def close() -> Iterator[Token]:
        yield from map(placed, _joined(nouns))
        nouns.clear()

    for item in _latin_runs(folded):
        if isinstance(item, list):
            yield from close()
            yield from map(placed, _alphabetic(item, language, spelling))
        elif item.lastgroup == "hangul":
            while following < len(pieces) and pieces[following].start < item.end():
                piece = pieces[following]
                following += 1
                token = Token(piece.term[:LONGEST_WORD], piece.start, piece.end, Role.WORD, piece.minor)
                if piece.noun:
                    nouns.append(token)
                    yield placed(Token("=" + token.term, piece.start, piece.end, Role.SURFACE))
                else:
                    yield from close()
                yield placed(token)
        elif item.lastgroup == "spaceless":
            yield from close()
            yield from map(placed, _spaceless(item.group(), item.start(), language, lexicon))
        else:
            yield from close()
            yield BREAK
    yield from close()


def _in_letters(tokens: Iterable[Token]) -> bool:
    return any(token.role is Role.LETTERS for token in tokens)


@cache
def _expressions(language: str) -> thesaurus.Expressions:
    """Cut the expressions of a language as its texts are cut: into words, or into pairs of letters."""

    def rows() -> Iterator[tuple[tuple[str, ...], str]]:
        for concept in thesaurus.concepts().values():
            for said in concept.said.get(language, ()):
                tokens = tuple(_analyse(clean(said), Lexicon(), language))
                role = Role.LETTERS if _in_letters(tokens) else Role.WORD
                terms = tuple(token.term for token in tokens if token.role is role and token.term)
                if terms and (role is Role.WORD or len(said) >= thesaurus.SHORTEST_RUN):
                    yield terms, thesaurus.concept_term(language, concept.name)

    return thesaurus.Expressions(rows())


def _concepts(tokens: tuple[Token, ...], language: str) -> Iterator[Token]:
    """Find the expressions of the thesaurus among the words of a text, and among its pairs of letters."""
    if language not in thesaurus.languages():
        return
    known = _expressions(language)
    for role in (Role.WORD, Role.LETTERS):
        row = [token for token in tokens if token.role is role]
        for first, last, concept in known.find([token.term for token in row]):
            if role is Role.WORD or row[last].start - row[first].start == last - first:
                yield Token(concept, row[first].start, row[last].end, Role.CONCEPT)


@lru_cache(maxsize=2_048)
def analyse(text: str, lexicon: Lexicon, language: str = "en") -> tuple[Token, ...]:
    """Give the tokens of a text in a language (or NO_LANGUAGE); places are those of `clean(text)`."""
    language = primary(language)
    tokens = tuple(_analyse(clean(text), lexicon, language))
    return (*tokens, *_concepts(tokens, language))


def words(text: str, lexicon: Lexicon, language: str = "en") -> list[Token]:
    """Give only the words of a text, in order."""
    return [token for token in analyse(text, lexicon, language) if token.role is Role.WORD and token.term]
