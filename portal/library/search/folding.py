"""Folding of text for search: letters lose case, width and accents, and each knows where it came from."""

import re
import unicodedata

_SPECIAL = str.maketrans(
    {"ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ı": "i", "æ": "ae", "œ": "oe", "ħ": "h", "ŀ": "l", "ŋ": "n"}
)
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_ARABIC_MARKS = range(0x064B, 0x0660)
_DROPPED = {0x0640, 0x00AD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF}
_COMPATIBILITY_JAMO = range(0x3130, 0x3190)


def clean(text: str) -> str:
    """Compose letters and put a space for each control character and lone surrogate."""
    if text.isascii() and text.isprintable():
        return text
    return _UNWANTED.sub(" ", unicodedata.normalize("NFC", _UNWANTED.sub(" ", text)))


def _fold_letter(letter: str) -> str:
    code = ord(letter)
    if 0xAC00 <= code <= 0xD7A3:
        return letter
    if code in _DROPPED or code in _ARABIC_MARKS or 0x0300 <= code < 0x0370:
        return ""
    if code in _COMPATIBILITY_JAMO:
        return letter
    folded = unicodedata.normalize("NFKC", letter).casefold()
    parts = unicodedata.normalize("NFD", folded)
    kept = "".join(part for part in parts if not 0x0300 <= ord(part) < 0x0370)
    return unicodedata.normalize("NFC", kept).translate(_SPECIAL)


def fold(text: str) -> str:
    """Fold a text without keeping track of places."""
    cleaned = clean(text)
    return cleaned.lower() if cleaned.isascii() else "".join(map(_fold_letter, cleaned))


def fold_with_places(text: str) -> tuple[str, list[int] | None]:
    """Fold a cleaned text; also give for each folded letter its place in the text (None when they are the same)."""
    if text.isascii():
        return text.lower(), None
    pieces: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        piece = _fold_letter(letter)
        pieces.append(piece)
        places.extend([place] * len(piece))
    return "".join(pieces), places
