"""Hiding who entered: in a blind edition names of organisation and city are blotted out of what a judge reads."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from submissions.reading import ReadAnswer, Reading, ReadValue

BLOT = "■■■"
#: Shorter names would blot out ordinary words.
FEWEST_CHARACTERS = 2


def names_to_hide(name: str, city: str, website: str | None = None, person: str = "") -> tuple[str, ...]:
    """Return what gives an applicant away, the longest first: its name, its city, its web address, a nominee."""
    host = re.sub(r"^https?://(www\.)?", "", website or "").partition("/")[0]
    found = {part.strip() for part in (name, city, host, person)}
    return tuple(
        sorted((part for part in found if len(part) >= FEWEST_CHARACTERS), key=lambda part: (-len(part), part))
    )


def blotted(text: str, names: Iterable[str]) -> str:
    """Return a text in which the names are blotted out, whatever their case; other words stay as they are."""
    folded = text.casefold()
    if not any(name.casefold() in folded for name in names):
        return text
    return _pattern(tuple(names)).sub(BLOT, text)


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


@lru_cache(maxsize=512)
def _pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    """Match a name as a word of its own; in scripts without spaces, and before Korean particles, anywhere."""
    parts = []
    for name in names:
        start = r"(?<![^\W\d_])" if name[0].isascii() else ""
        end = r"(?![A-Za-z])" if name[-1].isascii() else ""
        parts.append(start + r"\s+".join(re.escape(word) for word in name.split()) + end)
    return re.compile("|".join(parts), re.IGNORECASE)
