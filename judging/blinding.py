"""Hiding who entered: in a blind edition names of organisation, city and country are blotted out of what is read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from babel.core import Locale, UnknownLocaleError

from submissions.reading import ReadAnswer, Reading, ReadValue

BLOT = "■■■"
#: Shorter names would blot out ordinary words.
FEWEST_CHARACTERS = 2
#: Answers that name a person or the city of a project; the latter stands in a section that judges do not read.
NAMING = ("nominee_name", "project_city")
#: What may stand between the words of a name.
_GAPS = r"[\s\-\u2010-\u2015_]+"


def names_to_hide(name: str, city: str, website: str | None = None, *others: str | None) -> tuple[str, ...]:
    """Return what gives an applicant away, the longest first: its name, its city, its web address, and others."""
    host = re.sub(r"^https?://(www\.)?", "", website or "").partition("/")[0]
    found = {(part or "").strip() for part in (name, city, host, *others)}
    return tuple(
        sorted((part for part in found if len(part) >= FEWEST_CHARACTERS), key=lambda part: (-len(part), part))
    )


def names_in_answers(answers: Mapping[str, object]) -> tuple[str, ...]:
    """Return the names that an entry gives beside its organisation's: a nominee, and the city of a project."""
    return tuple(str(answers.get(key) or "") for key in NAMING)


@lru_cache(maxsize=1024)
def country_names(code: str, written_in: str) -> tuple[str, ...]:
    """Return what a country is called in English and in the language of an entry."""
    found = set()
    for tag in ("en", written_in):
        try:
            found.add(Locale.parse(tag, sep="-").territories.get(code, ""))
        except (ValueError, UnknownLocaleError):
            continue
    return tuple(found)


def blotted(text: str, names: Iterable[str]) -> str:
    """Return a text in which the names are blotted out, whatever their case, accents and spaces; the rest stays."""
    composed = unicodedata.normalize("NFC", text)
    folded, places = _folded(composed)
    kept, end = [], 0
    for found in _pattern(tuple(names)).finditer(folded):
        start, after = places[found.start()], places[found.end() - 1] + 1
        if start >= end:
            kept += [composed[end:start], BLOT]
            end = after
    return "".join([*kept, composed[end:]]) if kept else text


@lru_cache(maxsize=4096)
def blotted_title(title: str, names: tuple[str, ...]) -> str:
    """Return a title in which the names are blotted out; lists of hundreds show the same ones again and again."""
    return blotted(title, names)


def blotted_reading(reading: Reading, names: Iterable[str]) -> Reading:
    """Return an entry in which the names are blotted out of everything that somebody wrote."""
    names = tuple(names)
    sections = tuple(
        replace(section, answers=tuple(_blotted_answer(answer, names) for answer in section.answers))
        for section in reading.sections
    )
    return replace(reading, title=blotted(reading.title, names), sections=sections)


def _blotted_answer(answer: ReadAnswer, names: tuple[str, ...]) -> ReadAnswer:
    return replace(
        answer,
        values=tuple(_blotted_value(value, names) for value in answer.values),
        rows=tuple(tuple(_blotted_value(value, names) for value in row) for row in answer.rows),
        files=tuple(replace(file, alt_text=blotted(file.alt_text, names)) for file in answer.files),
    )


def _blotted_value(value: ReadValue, names: tuple[str, ...]) -> ReadValue:
    if value.kind not in ("text", "paragraph", "url", "raw"):
        return value
    text = blotted(value.text, names)
    if text != value.text and value.kind == "url":
        return replace(value, kind="raw", text=BLOT)  # the rest of an address may give the applicant away too
    return replace(value, text=text)


def _folded(composed: str) -> tuple[str, Sequence[int]]:
    """Return a text in small letters without accents, and the place in the text of each of its letters."""
    if composed.isascii():
        return composed.lower(), range(len(composed))
    letters, places = [], []
    for place, char in enumerate(composed):
        for letter in _plain(char):
            letters.append(letter)
            places.append(place)
    return "".join(letters), places


@lru_cache(maxsize=8192)
def _plain(char: str) -> str:
    """Return a character in small letters and without accents; a syllable of Hangul stays whole."""
    if char.isascii() or "가" <= char <= "힣":
        return char.lower()
    parts = unicodedata.normalize("NFKD", char.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part)) or char


@lru_cache(maxsize=512)
def _pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    """Match a folded name as a word of its own; in scripts without spaces, and before Korean particles, anywhere."""
    parts = []
    for name in names:
        folded = _folded(unicodedata.normalize("NFC", name))[0]
        words = re.split(_GAPS, folded.strip())
        start = r"(?<![^\W\d_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3])" if folded[:1].isascii() else ""
        end = r"(?![a-z])" if folded[-1:].isascii() else ""
        gap = _GAPS if folded.isascii() else f"(?:{_GAPS})?"
        parts.append(start + gap.join(re.escape(word) for word in words) + end)
    return re.compile("|".join(parts) or r"(?!)")
