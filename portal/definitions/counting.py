"""How long a text is, counted so that no script is treated worse than another.

Characters are what a reader would call one: a syllable of Korean, a Thai letter with its marks, an emoji with its
modifiers each count once. White space at both ends does not count, a line break counts once however it was typed.
Words are runs of letters and digits. Scripts without spaces have no such runs: there each Chinese character or kana
counts as one word, as word processors do it, and four letters of Thai, Lao, Khmer or Burmese count as one.
"""

from __future__ import annotations

import re
import unicodedata

_JOINER = "\u200d"
_VIRAMA = 9
_JOINING = re.compile(
    "[\u0e33\u0eb3\u1160-\u11ff\U0001f3fb-\U0001f3ff]"  # sara am, conjoining vowels and finals, skin tones
)
_FLAG_PAIR = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
_LINE_BREAK = re.compile("\r\n?|\u2028|\u2029|\x85")
_IDEOGRAPH = re.compile(
    "[\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
_SPACELESS = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]+")
_WORD = re.compile(r"\w+(?:['’.\-]\w+)*")
_LETTERS_OF_A_WORD = 4


def normalised(text: str) -> str:
    """Return a text in NFC with plain line breaks and without white space at its ends."""
    return unicodedata.normalize("NFC", _LINE_BREAK.sub("\n", text)).strip()


def count_characters(text: str) -> int:
    """Count the characters as a reader would: combining marks, joiners and invisible signs are not counted."""
    text = normalised(text)
    if text.isascii():
        return len(text)
    text = _FLAG_PAIR.sub("⚑", text)
    count, joined = 0, False
    for char in text:
        if char == _JOINER:
            joined = True
            continue
        if unicodedata.combining(char) == _VIRAMA:  # joins the next letter to a conjunct
            joined = True
            continue
        if not joined and unicodedata.category(char) not in ("Mn", "Me", "Mc", "Cf") and not _JOINING.match(char):
            count += 1
        joined = False
    return count


def count_words(text: str) -> int:
    """Count the words; see the module's note for scripts that are written without spaces."""
    text = normalised(text)
    ideographs = len(_IDEOGRAPH.findall(text))
    text = _IDEOGRAPH.sub(" ", text)
    spaceless = sum(-(-count_characters(run) // _LETTERS_OF_A_WORD) for run in _SPACELESS.findall(text))
    return ideographs + spaceless + len(_WORD.findall(_SPACELESS.sub(" ", text)))
