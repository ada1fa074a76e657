"""Reading of questions: words, "phrases", -exclusions, AND, OR, NOT, parentheses, field:values and prefix*.

Any input gives a question: signs that make no sense are read as spaces between words.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache, reduce
from itertools import combinations, pairwise, product

from portal.library.search.folding import clean, fold
from portal.library.search.korean import HANGUL, Lexicon, without_particle
from portal.library.search.languages import (
    general_words,
    guess_language,
    minor_words,
    script_for,
    script_of,
    scripts_in,
)
from portal.library.search.port import LONGEST_QUERY, QueryTooLong, Reach, SearchQuery
from portal.library.search.thesaurus import anywhere_term, concepts, name_of
from portal.library.search.words import (
    FIELD_MARK,
    LONGEST_JOIN,
    LONGEST_WORD,
    NO_LANGUAGE,
    Role,
    Token,
    analyse,
    cut,
    field_term,
    foreign,
    words,
)

MOST_CLAUSES = 64
"""Words and phrases of a question that are read; what follows is put aside."""

AWARD_MARK = "@"
"""Begins the everyday words in names of awards, which only a question of several words can mean."""

LONG_NAME = 3
"""From this number of words on, a question can mean the name of an award."""

FORGIVEN_FROM = 3
"""From this number of words on, a plain question is answered by cases that lack one of them."""

_FORGIVEN_TO = 10
_MOST_WORDS = 8
_DEEPEST = 12
_FIRST_YEAR, _LAST_YEAR = 1900, 2100

FIELD_NAMES = {
    **{name: name for name in ("title", "city", "country", "year", "theme", "award", "category")},
    "제목": "title", "도시": "city", "국가": "country", "나라": "country", "연도": "year", "주제": "theme",
    "상": "award", "부문": "category",
}  # fmt: skip
"""Fields that a question may name before a colon, in English and Korean."""

_QUOTES = '"\u201c\u201d\u201e\u00ab\u00bb\u300c\u300d'
_ITEM = re.compile(
    r"(?P<minus>(?<![^\s(])[-\u2212](?=[^\s)]))?"
    rf"(?:(?P<field>{'|'.join(FIELD_NAMES)})[:\uff1a](?=[^\s)]))?"
    rf"(?:[{_QUOTES}](?P<phrase>[^{_QUOTES}]*)[{_QUOTES}]"
    r"|(?P<open>[(\uff08])"
    r"|(?P<close>[)\uff09])"
    rf"|(?P<word>[^\s{_QUOTES}()\uff08\uff09]+))",
    re.IGNORECASE,
)
_YEARS = re.compile(r"(?P<from>\d{4})?(?P<to>(?:\.{2,}|[-~\u2013\u2026\u301c\uff5e])(?P<last>\d{4})?)?")
_SHORTEST_PREFIX = 2
_SPACED = {"Latin", "Cyrillic", "Greek", "Arabic", "Hebrew", "Armenian", "Devanagari", "Tamil"}
_UNFINISHED = re.compile("[\uac00-\ud7a3]{2,}[\u3131-\u318e]")
"""A Korean word whose last syllable is only begun."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way to satisfy a clause: all terms in the case, in a row if `in_order`, only begun with if `prefix`."""

    terms: tuple[str, ...]
    in_order: bool = False
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """Satisfied by any of its patterns."""

    patterns: tuple[Pattern, ...]
    negative: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """All clauses must hold; `empty` asks for everything, and no clause without `empty` finds nothing."""

    clauses: tuple[Clause, ...] = ()
    empty: bool = False
    plain: bool = False
    """Nothing but words: no operator, phrase, field or exclusion."""
    languages: frozenset[str] = frozenset()
    """The languages in which the words may be meant."""
    parts: int = 0
    """Expressions and unknown words of a question that looks abroad."""

    @property
    def terms(self) -> frozenset[str]:
        """Terms to mark in texts."""
        return frozenset(
            term.rpartition(FIELD_MARK)[2]
            for clause in self.clauses
            if not clause.negative
            for pattern in clause.patterns
            if not pattern.prefix
            for term in pattern.terms
            if not term.startswith(AWARD_MARK) and (FIELD_MARK not in term or term.startswith("title"))
        )

    @property
    def runs(self) -> tuple[tuple[str, ...], ...]:
        """Pairs of letters in a row to mark in texts: one pair alone may stand anywhere."""
        return tuple(
            pattern.terms
            for clause in self.clauses
            if not clause.negative
            for pattern in clause.patterns
            if pattern.in_order
        )

    @property
    def prefixes(self) -> tuple[str, ...]:
        """Beginnings of words to mark in texts."""
        return tuple(
            pattern.terms[0]
            for clause in self.clauses
            if not clause.negative
            for pattern in clause.patterns
            if pattern.prefix
        )


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A word, phrase or field of the question as read, before neighbours are looked at."""

    patterns: tuple[Pattern, ...]
    minor: bool = False
    hangul: str | None = None
    general: bool = False
    """The word helps to rank, but need not be there when others are."""
    alphabetic: str | None = None
    """The folded word if it is one of letters that its neighbour may be written together with."""
    told: tuple[tuple[int, int, str], ...] = ()
    """Where its words stand in the question, and their terms."""


@dataclass(frozen=True, slots=True)
class _Expression:
    """Where the question says something that the thesaurus knows, and the terms of the concepts."""

    start: int
    end: int
    terms: tuple[str, ...]

    def covers(self, start: int, end: int) -> bool:
        """Tell whether a word stands inside."""
        return self.start <= start and end <= self.end


@dataclass(frozen=True, slots=True)
class _Group:
    """Parts of which all must hold, or any if `either`; nothing in it may if `negative`."""

    parts: "tuple[_Leaf | _Group, ...]"
    either: bool = False
    negative: bool = False


_Part = _Leaf | _Group


class _Reader:
    """Reads one question."""

    def __init__(self, text: str, lexicon: Lexicon, typing: bool) -> None:
        self.text = text
        self.lexicon = lexicon
        self.typing = typing
        self.matches = list(_ITEM.finditer(text))[: MOST_CLAUSES * 2]
        self.at = 0
        self.leaves = 0
        self.plain = True
        scripts = scripts_in(text)
        latin = frozenset(tag for tag in lexicon.languages if script_for(tag) == "Latin")
        self.main = guess_language(fold(text).split(), latin, "en")
        han = {tag for tag in ("ja", "zh") if tag in lexicon.languages}
        self.han = tuple(sorted(han & {"ja"} if "Kana" in scripts and "ja" in han else han))
        self.scripts = scripts

    def languages(self, word: str) -> tuple[str, ...]:
        """Give the languages that a word may be of."""
        found: list[str] = []
        for script in sorted(scripts_in(word)):
            if script in ("Han", "Kana"):
                found += self.han
            elif script == "Hangul":
                found.append("ko")
            else:
                own = [tag for tag in sorted(self.lexicon.languages) if script_for(tag) == script]
                found += own or foreign(script)
        return (*dict.fromkeys(found), NO_LANGUAGE)

    def expressions(self) -> tuple[_Expression, ...]:
        """Give the expressions of the thesaurus in the question; of those inside one another, the longest."""
        found: dict[tuple[int, int], list[str]] = {}
        spaceless = {"Han": self.han or ("ja", "zh"), "Kana": ("ja",), "Thai": ("th",)}
        others = (tag for script in sorted(self.scripts & set(spaceless)) for tag in spaceless[script])
        for language in dict.fromkeys((*self.languages(self.text)[:-1], *others)):
            for token in analyse(self.text, self.lexicon, language):
                if token.role is Role.CONCEPT:
                    found.setdefault((token.start, token.end), []).append(token.term)
        return tuple(
            _Expression(start, end, tuple(dict.fromkeys(terms)))
            for (start, end), terms in sorted(found.items())
            if not any(a <= start and end <= b and (a, b) != (start, end) for a, b in found)
        )

    def read(self, depth: int = 0) -> _Group:
        """Read up to the closing parenthesis or the end."""
        alternatives: list[list[_Part]] = [[]]
        negate = False
        while self.at < len(self.matches):
            match = self.matches[self.at]
            self.at += 1
            if match["close"] is not None:
                if depth:
                    break
                continue
            word = match["word"]
            bare = match["minus"] is None and match["field"] is None
            inside = alternatives[0] and self.at < len(self.matches) and self.matches[self.at]["close"] is None
            if bare and word in ("OR", "||", "|") and inside:
                self.plain = False
                if alternatives[-1]:
                    alternatives.append([])
                continue
            if bare and word in ("AND", "&&", "&", "+") and inside:
                self.plain = False
                continue
            if bare and word == "NOT" and self.at < len(self.matches):
                self.plain = False
                negate = True
                continue
            part = self._part(match, depth)
            if negate or match["minus"] is not None:
                self.plain = False
                part = _Group((part,), negative=True) if part else None
            negate = False
            if part:
                alternatives[-1].append(part)
        groups = [_Group(tuple(parts)) for parts in alternatives if parts]
        if len(groups) == 1:
            return groups[0]
        return self._either(groups)

    def _either(self, groups: list[_Group]) -> _Group:
        """Join alternatives; what is excluded in any of them is excluded from the whole."""
        excluded = tuple(part for group in groups for part in group.parts if _is_negative(part))
        kept = [tuple(part for part in group.parts if not _is_negative(part)) for group in groups]
        wanted = tuple(_Group(parts) for parts in kept if parts)
        return _Group((*((_Group(wanted, either=True),) if wanted else ()), *excluded))

    def _part(self, match: re.Match[str], depth: int) -> _Part | None:
        field = FIELD_NAMES[match["field"].lower()] if match["field"] else None
        if match["open"] is not None:
            self.plain = self.plain and field is None
            inner = self.read(depth + 1) if depth < _DEEPEST else _Group(())
            if field:
                inner = _in_field(inner, field)
            return inner if inner.parts else None
        if self.leaves >= MOST_CLAUSES:
            return None
        leaves = self._leaves(match, field)
        self.leaves += len(leaves)
        if field or match["phrase"] is not None:
            self.plain = False
        return leaves[0] if len(leaves) == 1 else _Group(tuple(leaves)) if leaves else None

    def _leaves(self, match: re.Match[str], field: str | None) -> list[_Leaf]:
        word: str | None = match["word"]
        if word is None:
            phrase = match["phrase"]
            if field == "year" and (years := _years(phrase)):
                return [_Leaf(years)]
            patterns = self._phrase(phrase)
            return [_Leaf(_marked(patterns, field) if field else patterns)] if patterns else []
        if field == "year":
            years = _years(word)
            if years:
                return [_Leaf(years)]
            field = None
        unfinished = self.typing and match.end() == len(self.text)
        if _UNFINISHED.fullmatch(word) and match.end() == len(self.text):
            word = word[:-1] + "*"
        begun: tuple[Pattern, ...] = ()
        if (word.endswith("*") and len(word) > 1) or unfinished:
            begun = self._prefix(word.rstrip("*"))
            if begun and not field:
                if not unfinished or word.endswith("*"):
                    self.plain = False
                    return [_Leaf(begun)]
                return [_Leaf(tuple(dict.fromkeys((*self._patterns(word), *begun))))]
        leaves = self._words(word, match.start("word"))
        return (
            [replace(leaf, patterns=_marked(leaf.patterns, field), hangul=None) for leaf in leaves] if field else leaves
        )

    def _words(self, word: str, at: int) -> list[_Leaf]:
        """Give the parts of a word as typed: several for a run of letters without spaces."""
        languages = self.languages(word)
        if len(languages) == 2 and languages[0] in ("ja", "zh", "th"):
            return self._cut(word, languages[0], at)
        patterns = self._patterns(word)
        if not patterns:
            return []
        folded = fold(word)
        plain = [token for token in analyse(word, self.lexicon, self.main) if token.role is Role.WORD and token.term]
        minor = all(token.minor for token in plain)
        general = all(token.minor or self._is_general(token, word) for token in plain)
        hangul = folded if HANGUL.fullmatch(folded) else None
        alphabetic = folded if hangul is None and folded.isalpha() and script_of(folded) in _SPACED else None
        told = [token for token in plain if minor or not token.minor]
        told = [token for token in told if not self._is_general(token, word)] or told
        places = tuple((at + token.start, at + token.end, token.term) for token in told)
        return [_Leaf(patterns, minor, hangul, general, alphabetic, places)]

    def _is_general(self, token: Token, word: str) -> bool:
        """Tell whether a token of a word is one that any case could hold."""
        spelled = fold(word[token.start : token.end])
        if HANGUL.match(spelled):
            return token.term in general_words("ko")
        return any(spelled in general_words(tag) for tag in (self.main, *self.han))

    def _cut(self, word: str, language: str, at: int) -> list[_Leaf]:
        """Cut a run without spaces whose language is known."""
        leaves: list[_Leaf] = []
        folded = fold(word)
        for run in re.finditer(r"[^\W_]+(?:[\u0e00-\u0eff]+)?|[\u0e00-\u0eff]+", folded):
            script = script_of(run.group())
            if script not in ("Han", "Kana", "Thai"):
                patterns = self._patterns(run.group())
                leaves += [_Leaf(patterns, run.group() in minor_words(self.main))] if patterns else []
                continue
            for piece in cut(run.group(), language, self.lexicon):
                spelled = run.group()[piece.start : piece.end]
                if piece.inner or not spelled.strip():
                    continue
                patterns = self._letters(spelled) if language == "th" or len(spelled) >= 3 else ()
                if language != "th":
                    patterns = (Pattern((f"{language}:{piece.term[:LONGEST_WORD]}",)), *patterns)
                patterns = (*patterns, Pattern(("=" + spelled[:LONGEST_WORD],)))
                start = at + run.start() + piece.start
                told = ((start, start + len(spelled), patterns[0].terms[0]),)
                leaves.append(_Leaf(patterns, piece.minor, None, spelled in general_words(language), told=told))
        return leaves

    def _letters(self, run: str) -> tuple[Pattern, ...]:
        pairs = tuple(token.term for token in analyse(run, self.lexicon, NO_LANGUAGE) if token.role is Role.LETTERS)
        return (Pattern(pairs, in_order=len(pairs) > 1),) if pairs else ()

    def _patterns(self, word: str) -> tuple[Pattern, ...]:
        """Give the ways in which a word may stand in a text, one for each language that it may be of."""
        patterns: list[Pattern] = []
        for language in self.languages(word):
            tokens = [token for token in analyse(word, self.lexicon, language) if token.term]
            plain = [token for token in tokens if token.role is Role.WORD]
            if not plain:
                continue
            minor = all(token.minor for token in plain)
            told = [token for token in plain if minor or not token.minor]
            told = [token for token in told if not self._is_general(token, word)] or told
            kept = tuple(dict.fromkeys(token.term for token in told))
            loose = language in ("ja", "zh") and any(token.end - token.start == 1 for token in plain)
            patterns.append(Pattern(kept, in_order=loose and len(kept) > 1))
            start, end = plain[0].start, plain[-1].end
            patterns += [
                Pattern((token.term,))
                for token in tokens
                if token.role is Role.JOINED and token.start <= start and token.end >= end
            ]
        whole = fold(word)
        if HANGUL.fullmatch(whole) and len(whole) <= LONGEST_JOIN:
            patterns.append(Pattern((whole,)))
        patterns += self._without_particle(whole)
        if not patterns or (script_of(word) in ("Han", "Kana", "Thai") and len(whole) >= 3):
            patterns += self._letters(word)
        return tuple(dict.fromkeys(patterns))

    def _without_particle(self, word: str) -> list[Pattern]:
        """Give the noun before a particle that the tagger took for a part of it: 강동구의 is 강동구 too."""
        noun = without_particle(word) if HANGUL.fullmatch(word) else None
        ends = {token.end for token in analyse(word, self.lexicon, "ko") if token.role is Role.WORD}
        if noun is None or (ends and max(ends) <= len(noun)):
            return []
        terms = [token.term for token in words(noun, self.lexicon, "ko") if not token.minor]
        return [Pattern(tuple(dict.fromkeys(terms)))] if terms else []

    def _phrase(self, phrase: str) -> tuple[Pattern, ...]:
        found: list[Pattern] = []
        for language in self.languages(phrase):
            tokens = analyse(phrase, self.lexicon, language)
            terms = tuple(token.term for token in tokens if token.role is Role.WORD and token.term)
            if terms:
                found.append(Pattern(terms, in_order=len(terms) > 1))
        if not any(one.isascii() and one.isalnum() for one in phrase) and not HANGUL.search(phrase):
            found += self._letters(phrase)
        return tuple(dict.fromkeys(found))

    def _prefix(self, word: str) -> tuple[Pattern, ...]:
        whole = fold(word)
        if not _SHORTEST_PREFIX <= len(whole) <= LONGEST_WORD or not whole.isalnum():
            return ()
        return (Pattern(("=" + whole,), prefix=True),)


def _is_negative(part: _Part) -> bool:
    return isinstance(part, _Group) and part.negative


def _marked(patterns: Iterable[Pattern], field: str) -> tuple[Pattern, ...]:
    """Let patterns ask in one field only; beginnings of words are looked for in all."""
    return tuple(
        dict.fromkeys(
            pattern
            if pattern.prefix
            else replace(pattern, terms=tuple(field_term(field, term) for term in pattern.terms))
            for pattern in patterns
        )
    )


def _in_field(part: _Group, field: str) -> _Group:
    parts = tuple(
        _in_field(one, field) if isinstance(one, _Group) else _Leaf(_marked(one.patterns, field), one.minor)
        for one in part.parts
    )
    return replace(part, parts=parts)


def _years(text: str) -> tuple[Pattern, ...]:
    """Read a year or a span of years such as 2020..2023, 2020.. or ..2023."""
    found = _YEARS.fullmatch(text.strip())
    if found is None or not (found["from"] or found["last"]):
        return ()
    first = int(found["from"] or _FIRST_YEAR)
    last = int(found["last"] or _LAST_YEAR) if found["to"] else first
    first, last = sorted((first, last))
    span = range(max(first, _FIRST_YEAR), min(last, _LAST_YEAR) + 1)
    return tuple(Pattern((field_term("year", f"={year}"),)) for year in span) or (
        Pattern((field_term("year", f"={first}"),)),
    )


def _neighbours(leaves: list[_Leaf]) -> list[_Leaf]:
    """Let two or three neighbouring Korean words also be written as one: 스마트 도시 asks the same as 스마트도시."""
    merged: list[_Leaf] = []
    at = 0
    while at < len(leaves):
        end = at
        while end < len(leaves) and leaves[end].hangul is not None and not leaves[end].minor:
            end += 1
        run = leaves[at:end]
        if len(run) == 2:
            together = tuple(dict.fromkeys(term for leaf in run for term in leaf.patterns[0].terms))
            combined = [Pattern(together)]
            for index, leaf in enumerate(run):
                for pattern in leaf.patterns[1:]:
                    others = (term for other, one in enumerate(run) if other != index for term in one.patterns[0].terms)
                    combined.append(Pattern(tuple(dict.fromkeys((*pattern.terms, *others)))))
            whole = "".join(term for leaf in run for term in leaf.patterns[0].terms)
            if len(whole) <= LONGEST_JOIN:
                combined.append(Pattern((whole,)))
            told = tuple(one for leaf in run for one in leaf.told)
            merged.append(_Leaf(tuple(dict.fromkeys(combined)), told=told))
            at = end
        elif run:
            merged += run
            at = end
        else:
            merged.append(leaves[at])
            at += 1
    return merged


def _flat(group: _Group) -> Iterator[_Part]:
    """Give the parts of a group with its inner groups of the same kind opened."""
    for part in group.parts:
        if isinstance(part, _Group) and not part.negative and (not part.either or len(part.parts) == 1):
            yield from _flat(part)
        else:
            yield part


def _in_other_words(leaf: _Leaf, expressions: Iterable[_Expression]) -> _Leaf:
    """Let what the thesaurus knows also be said in other words, beside the words that it does not know."""
    others: list[Pattern] = []
    for one in expressions:
        beside = tuple(term for start, end, term in leaf.told if not one.covers(start, end))
        if len(beside) < len(leaf.told):
            others += [Pattern((term, *beside)) for term in one.terms]
    return replace(leaf, patterns=tuple(dict.fromkeys((*leaf.patterns, *others)))) if others else leaf


def _clauses(group: _Group, expressions: tuple[_Expression, ...] = ()) -> list[Clause]:
    """Turn a group into clauses that must all hold."""

    def row_clauses() -> list[Clause]:
        leaves = (_in_other_words(leaf, expressions) for leaf in _joined(_neighbours(row)))
        return [Clause(leaf.patterns) for leaf in leaves]

    if group.either:
        choices = [_clauses(_Group((part,))) for part in group.parts]
        size = reduce(lambda many, one: many * max(1, len(one)), choices, 1)
        if size > MOST_CLAUSES:
            # Too many ways: any word of it will do.
            choices = [[Clause(tuple(p for clause in one for p in clause.patterns))] for one in choices]
        return [
            Clause(tuple(dict.fromkeys(pattern for clause in way for pattern in clause.patterns)))
            for way in product(*(one for one in choices if one))
        ]
    parts = list(_flat(group))
    telling = [part for part in parts if not (isinstance(part, _Leaf) and part.minor)]
    if any(not _is_negative(part) for part in telling):
        parts = telling
    clauses: list[Clause] = []
    row: list[_Leaf] = []
    general = [part for part in parts if isinstance(part, _Leaf) and part.general]
    if any(not _is_negative(part) and part not in general for part in parts):
        parts = [part for part in parts if part not in general]
    else:
        general = []
    for part in parts:
        if isinstance(part, _Leaf):
            row.append(part)
            continue
        clauses += row_clauses()
        row = []
        if part.negative:
            clauses += _excluding(part)
        else:
            clauses += _clauses(part)
    clauses += row_clauses()
    return clauses + _ranking_only(clauses, general)


def _joined(leaves: list[_Leaf]) -> list[_Leaf]:
    """Let two neighbouring words in letters also be written as one: smart band asks the same as smartband."""
    joined = list(leaves)
    for at, (left, right) in enumerate(pairwise(leaves)):
        if left.alphabetic and right.alphabetic and not (left.minor or right.minor):
            whole = (Pattern(("=" + left.alphabetic + right.alphabetic,)),)
            joined[at] = replace(joined[at], patterns=joined[at].patterns + whole)
            joined[at + 1] = replace(joined[at + 1], patterns=joined[at + 1].patterns + whole)
    return joined


def _ranking_only(clauses: list[Clause], general: list[_Leaf]) -> list[Clause]:
    """Let words help to rank that need not be there: any of them, or what is there anyway."""
    there = [pattern for clause in clauses if not clause.negative for pattern in clause.patterns]
    if not general:
        return []
    return [Clause(tuple(dict.fromkeys((*there, *(pattern for leaf in general for pattern in leaf.patterns)))))]


def _excluding(group: _Group) -> list[Clause]:
    """Exclude what holds all parts of a group: (-(a b) leaves a alone)."""
    wanted = [clause for clause in _clauses(replace(group, negative=False)) if not clause.negative]
    if len(wanted) < 2:
        return [replace(clause, negative=True) for clause in wanted]
    loose = all(not (pattern.in_order or pattern.prefix) for clause in wanted for pattern in clause.patterns)
    if not loose or reduce(lambda many, one: many * len(one.patterns), wanted, 1) > MOST_CLAUSES:
        return [Clause(tuple(dict.fromkeys(p for clause in wanted for p in clause.patterns)), negative=True)]
    ways = product(*(clause.patterns for clause in wanted))
    together = (Pattern(tuple(dict.fromkeys(term for pattern in way for term in pattern.terms))) for way in ways)
    return [Clause(tuple(dict.fromkeys(together)), negative=True)]


def _forgiving(clauses: list[Clause]) -> list[Clause]:
    """Let one of many words be missing: of any two, one must be there."""
    if not FORGIVEN_FROM <= len(clauses) <= _FORGIVEN_TO:
        return clauses
    return [Clause(tuple(dict.fromkeys(one.patterns + other.patterns))) for one, other in combinations(clauses, 2)]


def _holding_most(clauses: list[Clause]) -> list[Clause]:
    """Ask for more than half of the words: of any that are as many as may be missing and one, one must be there."""
    missing = (len(clauses) - 1) // 2
    if not FORGIVEN_FROM <= len(clauses) <= _MOST_WORDS:
        return _forgiving(clauses)
    rows = combinations([one.patterns for one in clauses], missing + 1)
    return [Clause(tuple(dict.fromkeys(pattern for patterns in row for pattern in patterns))) for row in rows]


def _abroad(whole: _Group, expressions: tuple[_Expression, ...]) -> Question:
    """Ask for what the thesaurus knows, in any language; words that it does not know count as parts not found."""
    patterns = dict.fromkeys(Pattern((anywhere_term(term),)) for one in expressions for term in one.terms)
    leaves = [part for part in _flat(whole) if isinstance(part, _Leaf) and not part.minor and not part.general]
    unknown = {
        place
        for leaf in leaves
        for place in leaf.told
        if not any(one.covers(place[0], place[1]) for one in expressions)
    }
    return Question((Clause(tuple(patterns)),) if patterns else (), plain=True, parts=len(expressions) + len(unknown))


def _with_awards(clauses: list[Clause]) -> list[Clause]:
    """Let a question of several words also mean the name of an award."""
    asked = {term for clause in clauses if not clause.negative for term in clause.patterns[0].terms}
    if len(asked) < LONG_NAME:
        return clauses
    mark: Callable[[Pattern], Pattern] = lambda one: replace(one, terms=tuple(AWARD_MARK + term for term in one.terms))  # noqa: E731
    return [
        clause
        if clause.negative
        else replace(
            clause,
            patterns=clause.patterns
            + tuple(mark(one) for one in clause.patterns if not one.prefix and _may_name_award(one)),
        )
        for clause in clauses
    ]


def _may_name_award(pattern: Pattern) -> bool:
    return all(term.startswith("en:") or HANGUL.match(term) for term in pattern.terms)


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
    reader = _Reader(asked if typing else asked.rstrip(), lexicon, typing)
    whole = reader.read()
    expressions = reader.expressions() if reader.plain else ()
    languages: frozenset[str] = frozenset(reader.languages(asked)) - {NO_LANGUAGE}
    if reader.scripts == {"Latin"}:
        languages = frozenset({reader.main})
    if reader.plain and reach is Reach.ABROAD:
        return replace(_abroad(whole, expressions), languages=languages)
    kept = (replace(one, terms=tuple(filter(_means_the_same, one.terms))) for one in expressions)
    expressions = tuple(one for one in kept if one.terms)
    clauses = _clauses(whole, expressions)
    clauses = _with_awards([clause for clause in clauses if clause.patterns])
    clauses = list(dict.fromkeys(clauses))  # what is said twice asks for no more
    if reader.plain:
        clauses = _holding_most(clauses) if reach is Reach.MOST else _forgiving(clauses)
    return Question(tuple(clauses), plain=reader.plain, languages=languages)


def question_of(query: SearchQuery, lexicon: Lexicon) -> Question:
    """Return the question that a query asks, read once for all who need it. Raises QueryTooLong."""
    return read_question(query.text, lexicon, query.typing, query.reach)


def _means_the_same(term: str) -> bool:
    return concepts()[name_of(term)].is_same
