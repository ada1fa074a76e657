"""Korean words: morphemes by MeCab with names kept whole, particles and endings dropped."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from portal.library.search.folding import fold
from portal.library.search.languages import primary

HANGUL = re.compile("[\uac00-\ud7a3]+")

PROVINCES_AND_METROPOLISES = frozenset(
    {
        *("서울", "부산", "대구", "인천", "광주", "대전", "울산", "세종", "경기", "강원", "충북", "충남", "충청북도"),
        *("충청남도", "전북", "전남", "전라북도", "전라남도", "경북", "경남", "경상북도", "경상남도", "제주"),
    }
)

_ADMINISTRATIVE = "특별자치시|특별자치도|특별시|광역시|시|도|군|구|현|주|시티"
_PARTICLE = (
    "에서는|에서도|에서의|에서|에게|에는|에도|에|으로는|으로도|으로|로는|로도|로|과의|와의|과|와|은|는|이|가|을|를|의|도|만|부터|까지|"
    "보다|처럼|이나|나|이라는|라는|이란|란|이며|며|이고|고|인|입니다|이다|엔|께서"
)
_AFTER_NAME = re.compile(f"(?:{_ADMINISTRATIVE})?(?:{_PARTICLE})?")

_CERTAIN = re.compile("(?P<noun>[\uac00-\ud7a3]{2,}?)(?:에서는|에서|에게|에는|으로|까지|부터|의|을|를|은|는|에)")
_ENDING = re.compile(
    f"(?:{_PARTICLE}|들(?:{_PARTICLE})?|적|적인|적으로|하다|하고|하는|하기|한|할|해|하여|되다|되는|된|형|용|별)"
)
MOST_ENDING = 5
"""Longest ending of a noun, in syllables, that is looked for."""

_NOUNS = {"NNG", "NNP", "XR", "NR"}
_VERBS = {"VV", "VA"}
_MINOR = {"MAG", "MM", "MAJ", "IC", "NP", "NNB", "NNBC"}
_MINOR_VERBS = {
    *("하", "되", "있", "없", "위하", "대하", "통하", "따르", "관하"),
    *("같", "받", "않", "의하", "인하", "알", "찾", "보", "싶"),
}
_CHUNK = 2_000


_LANGUAGE_MARK = "@"
_SPACELESS_NAME = re.compile("[\u0e00-\u0eff\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]{2,}")


_FIRST, _VOWELS, _FINALS = 0xAC00, 21, 28
_AS_FINAL = {"크": 1, "트": 19, "프": 17}
"""Last syllables of foreign names that people also write as the consonant under the syllable before."""
_GLIDING = {2, 6, 12, 17}
"""Vowels that begin with a glide: what is written 냐 is also written ㄴ야."""
_WEAK = 18
"""The vowel of 르, which bears no consonant of another syllable."""
_NIEUN, _SILENT, _NIEUN_FINAL = 2, 11, 4


def other_spellings(name: str) -> tuple[str, ...]:
    """Give other ways in which people write a foreign name: 레이캬빅 for 레이캬비크, 코냐 and 콘야 for 코니아."""
    if not HANGUL.fullmatch(name):
        return ()
    found: list[str] = []
    if len(name) >= 3 and name[-1] in _AS_FINAL and _is_open(name[-2]) and _vowel(name[-2]) != _WEAK:
        found.append(name[:-2] + chr(ord(name[-2]) + _AS_FINAL[name[-1]]))
    short = name.replace("니아", "냐")
    if short != name:
        found.append(short)
    for at in range(1, len(short)):
        first, rest = divmod(ord(short[at]) - _FIRST, _VOWELS * _FINALS)
        if first == _NIEUN and _vowel(short[at]) in _GLIDING and _is_open(short[at - 1]):
            together = chr(ord(short[at - 1]) + _NIEUN_FINAL) + chr(_FIRST + _SILENT * _VOWELS * _FINALS + rest)
            found.append(short[: at - 1] + together + short[at + 1 :])
    return tuple(found)


def _vowel(syllable: str) -> int:
    return (ord(syllable) - _FIRST) // _FINALS % _VOWELS


def _is_open(syllable: str) -> bool:
    return (ord(syllable) - _FIRST) % _FINALS == 0


def is_ending(text: str) -> bool:
    """Tell whether syllables at the end of a word can be a particle or the like and not part of the noun."""
    return _ENDING.fullmatch(text) is not None


def without_particle(word: str) -> str | None:
    """Give the noun before a particle that hardly any noun ends in; None when there is none."""
    found = _CERTAIN.fullmatch(word)
    return found["noun"] if found else None


class Lexicon:
    """Names that are never split, for example those of cities, and the languages in which texts are told.

    Equal names make an equal lexicon. A language is written among the names as @ and its tag.
    """

    __slots__ = ("_hash", "languages", "longest", "names", "spaceless")

    def __init__(self, names: Iterable[str] = (), languages: Iterable[str] = ()) -> None:
        """Keep Korean names whole, without spaces, and their longer words; and those of scripts without spaces.

        Single words in other letters are only known as names; texts are cut at spaces whatever they are.
        """
        kept = set(PROVINCES_AND_METROPOLISES)
        told = {"en", *(primary(tag) for tag in languages)}
        for name in names:
            if name.startswith(_LANGUAGE_MARK):
                told.add(name[1:])
                continue
            folded = fold(name).strip()
            words = folded.split()
            if words and all(HANGUL.fullmatch(word) for word in words):
                kept.add("".join(words))
                kept.update(word for word in words if len(word) >= 3)
            elif _SPACELESS_NAME.fullmatch(folded) or folded.isalpha():
                kept.add(folded)
        kept = {name for name in kept if len(name) >= 2}
        self.languages = frozenset(told)
        self.names = frozenset(kept | {_LANGUAGE_MARK + tag for tag in told})
        self.spaceless = frozenset(name for name in kept if _SPACELESS_NAME.fullmatch(name))
        self.longest = max(len(name) for name in kept if HANGUL.fullmatch(name))
        self._hash = hash(self.names)

    def __eq__(self, other: object) -> bool:
        """Compare the names."""
        return isinstance(other, Lexicon) and self.names == other.names

    def __hash__(self) -> int:
        """Hash the names, once: every word asked for in a cache is asked for with its lexicon."""
        return self._hash

    def covers(self, other: "Lexicon") -> bool:
        """Tell whether every name of the other lexicon is in this one."""
        return other.names <= self.names


@dataclass(frozen=True, slots=True)
class Morpheme:
    """A meaningful piece: `minor` ones count only when a question has nothing else; `noun` ones may join."""

    term: str
    start: int
    end: int
    noun: bool = True
    minor: bool = False


@cache
def _tagger() -> Any:
    # The dictionary is mapped on first use only: command lines and workers that never search do not pay for it.
    from mecab import MeCab

    return MeCab()


def _parts(word: Any) -> list[tuple[str, str]]:
    expression = word.feature.expression
    if not expression:
        return [(word.surface, word.pos.partition("+")[0])]
    parts: list[tuple[str, str]] = []
    for piece in expression.split("+"):
        surface, _, rest = piece.partition("/")
        parts.append((surface, rest.partition("/")[0]))
    return parts


def _parse(text: str) -> Iterator[tuple[int, Any]]:
    """Give the words of a text with their places; long texts are cut at spaces, for cost grows with the sentence."""
    start = 0
    while start < len(text):
        end = len(text)
        if end - start > _CHUNK:
            end = text.rfind(" ", start, start + _CHUNK)
            if end <= start:
                end = start + _CHUNK
        at = start
        for word in _tagger().parse(text[start:end]):
            # The tagger's own spans go wrong after more than one space.
            at = text.index(word.surface, at)
            yield at, word
            at += len(word.surface)
        start = end


def _named(folded: str, lexicon: Lexicon) -> tuple[str, list[Morpheme]]:
    """Blank the known names out of a text, keeping all places, and give them as morphemes."""
    found: list[Morpheme] = []
    blanked: list[str] = []
    done = 0
    for run in HANGUL.finditer(folded):
        word = run.group()
        for length in range(min(len(word), lexicon.longest), 1, -1):
            name = word[:length]
            if name not in lexicon.names:
                continue
            if _AFTER_NAME.fullmatch(word[length:]):
                taken = len(word)
            elif any(at + len(piece.surface) == length for at, piece in _parse(word)):
                taken = length
            else:
                continue
            found.append(Morpheme(name, run.start(), run.start() + length))
            blanked += [folded[done : run.start()], " " * taken]
            done = run.start() + taken
            break
    blanked.append(folded[done:])
    return "".join(blanked), found


def morphemes(folded: str, lexicon: Lexicon) -> list[Morpheme]:
    """Give the meaningful pieces of the Hangul in a folded text, in order of their place."""
    text, found = _named(folded, lexicon)
    prefix: tuple[str, int] | None = None
    for start, word in _parse(text) if HANGUL.search(text) else ():
        end = start + len(word.surface)
        if not HANGUL.search(word.surface):
            prefix = None
            continue
        if word.pos == "XPN":
            prefix = (word.surface, start)
            continue
        parts = _parts(word)
        plain = "".join(surface for surface, _ in parts) == word.surface
        place = start
        for surface, tag in parts:
            first, last = (place, place + len(surface)) if plain else (start, end)
            place += len(surface)
            if tag in _NOUNS or tag in ("UNKNOWN", "SY", "UNA", "NA"):
                if prefix and prefix[1] + len(prefix[0]) == first:
                    surface, first = prefix[0] + surface, prefix[1]
                found.append(Morpheme(surface, first, last))
            elif tag in _VERBS:
                found.append(Morpheme(surface + "다", first, last, noun=False, minor=surface in _MINOR_VERBS))
            elif tag in _MINOR:
                found.append(Morpheme(surface, first, last, noun=False, minor=True))
            prefix = None
    found.sort(key=lambda piece: (piece.start, piece.end))
    return found
