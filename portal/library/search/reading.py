"""Reading of questions: words, "phrases", -exclusions, AND, OR, NOT, parentheses, field:values and prefix*.

Any input gives a question: signs that make no sense are read as spaces between words.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from portal.library.search.folding import fold
from portal.library.search.korean import HANGUL, Lexicon, without_particle
from portal.library.search.languages import (
    city_words,
    general_words,
    guess_language,
    minor_words,
    script_for,
    script_of,
    scripts_in,
)
from portal.library.search.patterns import Pattern
from portal.library.search.words import (
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
class Leaf:
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
class Expression:
    """Where the question says something that the thesaurus knows, and the terms of the concepts."""

    start: int
    end: int
    terms: tuple[str, ...]

    def covers(self, start: int, end: int) -> bool:
        """Tell whether a word stands inside."""
        return self.start <= start and end <= self.end


@dataclass(frozen=True, slots=True)
class Group:
    """Parts of which all must hold, or any if `either`; nothing in it may if `negative`."""

    parts: "tuple[Leaf | Group, ...]"
    either: bool = False
    negative: bool = False


Part = Leaf | Group


class Reader:
    """Reads one question."""

    def __init__(self, text: str, lexicon: Lexicon, typing: bool, wide: bool = False) -> None:
        """Take the question; a wide reading asks for no city, for every case is about one."""
        self.text = text
        self.lexicon = lexicon
        self.typing = typing
        self.wide = wide
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
        return (*self._written_in(scripts_in(word)), NO_LANGUAGE)

    def meant_languages(self) -> frozenset[str]:
        """Give the languages that the whole question may be of: AI and 3D do not make a Korean one English."""
        if self.scripts == {"Latin"}:
            return frozenset({self.main})
        return frozenset(self._written_in(self.scripts - {"Latin"}))

    def _written_in(self, scripts: frozenset[str]) -> dict[str, None]:
        found: list[str] = []
        for script in sorted(scripts):
            if script in ("Han", "Kana"):
                found += self.han
            elif script == "Hangul":
                found.append("ko")
            else:
                own = [tag for tag in sorted(self.lexicon.languages) if script_for(tag) == script]
                found += own or foreign(script)
        return dict.fromkeys(found)

    def expressions(self) -> tuple[Expression, ...]:
        """Give the expressions of the thesaurus in the question; of those inside one another, the longest."""
        found: dict[tuple[int, int], list[str]] = {}
        spaceless = {"Han": self.han or ("ja", "zh"), "Kana": ("ja",), "Thai": ("th",)}
        others = (tag for script in sorted(self.scripts & set(spaceless)) for tag in spaceless[script])
        for language in dict.fromkeys((*self.languages(self.text)[:-1], *others)):
            for token in analyse(self.text, self.lexicon, language):
                if token.role is Role.CONCEPT:
                    found.setdefault((token.start, token.end), []).append(token.term)
        return tuple(
            Expression(start, end, tuple(dict.fromkeys(terms)))
            for (start, end), terms in sorted(found.items())
            if not any(a <= start and end <= b and (a, b) != (start, end) for a, b in found)
        )

    def names(self) -> tuple[str, ...]:
        """Give the known names among the words of the question, folded."""
        said = (fold(self.text[token.start : token.end]) for token in self._tokens(self.text))
        return tuple(dict.fromkeys(name for name in said if name in self.lexicon.names))

    def asks_for_places(self, whole: Group) -> bool:
        """Tell whether all that a question asks for is known names."""
        leaves = [part for part in flat(whole) if isinstance(part, Leaf) and not (part.minor or part.general)]
        told = [self.text[start:end] for leaf in leaves for start, end, _ in leaf.told]
        return bool(told) and all(fold(word) in self.lexicon.names for word in told)

    def read(self, depth: int = 0) -> Group:
        """Read up to the closing parenthesis or the end."""
        alternatives: list[list[Part]] = [[]]
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
                part = Group((part,), negative=True) if part else None
            negate = False
            if part:
                alternatives[-1].append(part)
        groups = [Group(tuple(parts)) for parts in alternatives if parts]
        if len(groups) == 1:
            return groups[0]
        return self._either(groups)

    def _either(self, groups: list[Group]) -> Group:
        """Join alternatives; what is excluded in any of them is excluded from the whole."""
        excluded = tuple(part for group in groups for part in group.parts if is_negative(part))
        kept = [tuple(part for part in group.parts if not is_negative(part)) for group in groups]
        wanted = tuple(Group(parts) for parts in kept if parts)
        return Group((*((Group(wanted, either=True),) if wanted else ()), *excluded))

    def _part(self, match: re.Match[str], depth: int) -> Part | None:
        field = FIELD_NAMES[match["field"].lower()] if match["field"] else None
        if match["open"] is not None:
            self.plain = self.plain and field is None
            inner = self.read(depth + 1) if depth < _DEEPEST else Group(())
            if field:
                inner = _in_field(inner, field)
            return inner if inner.parts else None
        if self.leaves >= MOST_CLAUSES:
            return None
        leaves = self._leaves(match, field)
        self.leaves += len(leaves)
        if field or match["phrase"] is not None:
            self.plain = False
        return leaves[0] if len(leaves) == 1 else Group(tuple(leaves)) if leaves else None

    def _leaves(self, match: re.Match[str], field: str | None) -> list[Leaf]:
        word: str | None = match["word"]
        if word is None:
            phrase = match["phrase"]
            if field == "year" and (years := _years(phrase)):
                return [Leaf(years)]
            patterns = self._phrase(phrase)
            return [Leaf(_marked(patterns, field) if field else patterns)] if patterns else []
        if field == "year":
            years = _years(word)
            if years:
                return [Leaf(years)]
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
                    return [Leaf(begun)]
                return [Leaf(tuple(dict.fromkeys((*self._patterns(word), *begun))))]
        leaves = self._words(word, match.start("word"))
        return (
            [replace(leaf, patterns=_marked(leaf.patterns, field), hangul=None) for leaf in leaves] if field else leaves
        )

    def _words(self, word: str, at: int) -> list[Leaf]:
        """Give the parts of a word as typed: several for a run of letters without spaces."""
        languages = self.languages(word)
        if len(languages) == 2 and languages[0] in ("ja", "zh", "th"):
            return self._cut(word, languages[0], at)
        patterns = self._patterns(word)
        if not patterns:
            return []
        folded = fold(word)
        plain = self._tokens(word)
        minor = all(token.minor for token in plain)
        general = self._says_little(word) or self._is_plain_city(word, at)
        hangul = folded if HANGUL.fullmatch(folded) else None
        alphabetic = folded if hangul is None and folded.isalpha() and script_of(folded) in _SPACED else None
        told = [token for token in plain if minor or not token.minor]
        told = [token for token in told if not self._is_general(token, word)] or told
        places = tuple((at + token.start, at + token.end, token.term) for token in told)
        return [Leaf(patterns, minor, hangul, general, alphabetic, places)]

    def _tokens(self, word: str) -> list[Token]:
        return [token for token in analyse(word, self.lexicon, self.main) if token.role is Role.WORD and token.term]

    def _says_little(self, word: str) -> bool:
        """Tell whether a word is small, or one that any case could hold."""
        return fold(word) in general_words(self._language(word)) or all(
            token.minor or self._is_general(token, word) for token in self._tokens(word)
        )

    def _language(self, word: str) -> str:
        return "ko" if HANGUL.search(word) else self.main

    def _is_plain_city(self, word: str, at: int) -> bool:
        """Tell whether a word asks for cities and what stands before it, if anything, names a place or says little."""
        said = [fold(word[token.start : token.end]) for token in self._tokens(word) if not token.minor]
        if not said or not city_words(self._language(word)).issuperset(said):
            return False
        before = self.text[:at].split()[-1:]
        return self.wide or all(self._says_little(one) or self._is_named(one) for one in before)

    def _is_named(self, word: str) -> bool:
        return fold(word) in self.lexicon.names or all(
            token.minor or token.term in self.lexicon.names for token in self._tokens(word)
        )

    def _is_general(self, token: Token, word: str) -> bool:
        """Tell whether a token of a word is one that any case could hold."""
        spelled = fold(word[token.start : token.end])
        if HANGUL.match(spelled):
            return token.term in general_words("ko")
        return any(spelled in general_words(tag) for tag in (self.main, *self.han))

    def _cut(self, word: str, language: str, at: int) -> list[Leaf]:
        """Cut a run without spaces whose language is known."""
        leaves: list[Leaf] = []
        folded = fold(word)
        for run in re.finditer(r"[^\W_]+(?:[\u0e00-\u0eff]+)?|[\u0e00-\u0eff]+", folded):
            script = script_of(run.group())
            if script not in ("Han", "Kana", "Thai"):
                patterns = self._patterns(run.group())
                leaves += [Leaf(patterns, run.group() in minor_words(self.main))] if patterns else []
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
                leaves.append(Leaf(patterns, piece.minor, None, spelled in general_words(language), told=told))
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


def is_negative(part: Part) -> bool:
    """Tell whether a part excludes."""
    return isinstance(part, Group) and part.negative


def flat(group: Group) -> Iterator[Part]:
    """Give the parts of a group with its inner groups of the same kind opened."""
    for part in group.parts:
        if isinstance(part, Group) and not part.negative and (not part.either or len(part.parts) == 1):
            yield from flat(part)
        else:
            yield part


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


def _in_field(part: Group, field: str) -> Group:
    parts = tuple(
        _in_field(one, field) if isinstance(one, Group) else Leaf(_marked(one.patterns, field), one.minor)
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
