"""Fields of the editors' forms: open choices, lines that grow, and numbers as they are typed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import SelectField, SelectMultipleField

from portal.definitions.forms import TableAnswer
from portal.definitions.vocabulary import vocabularies
from portal.forms import small_number
from portal.i18n import choose

MOST_LINES = 60


def stripped(text: str | None) -> str:
    """Return what was typed with plain line breaks and without space at its ends."""
    return (text or "").replace("\r\n", "\n").strip()


def whole_number(text: str | None) -> Any:
    """Return a whole number where one was typed, else the text, for the record's reader to refuse."""
    typed = stripped(text).replace(",", "").replace(" ", "")
    return int(typed) if re.fullmatch(r"\d{1,18}", typed) else typed or None


def decimal_number(text: str | None) -> Any:
    """Return a number where one was typed, else the text, for the record's reader to refuse."""
    typed = stripped(text).replace("−", "-")
    try:
        return float(typed) if typed else None
    except ValueError:
        return typed


def as_typed(value: Any) -> str:
    """Return a value of a record as it stands in a field."""
    return "" if value is None else str(value)


def words_of(vocabulary: str, tag: str) -> list[tuple[str, str]]:
    """Return the values of a vocabulary with their words in a language."""
    return [(value, choose(texts, tag).text) for value, texts in vocabularies()[vocabulary].items()]


class OpenSelectField(SelectField):
    """One of several values; a stored one that is not among them stays."""

    def __init__(self, label: Any, choices: Iterable[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(label, choices=list(choices), validate_choice=False, **kwargs)


class OpenMultiCheckboxField(SelectMultipleField):
    """Some of several values, as check boxes."""

    def __init__(self, label: Any, choices: Iterable[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(label, choices=list(choices), validate_choice=False, **kwargs)

    def ordered(self) -> list[str]:
        """Return what is ticked: stored values in their own order, then the new ones."""
        ticked, stored = self.data or [], self.object_data or []
        return [*(one for one in stored if one in ticked), *(one for one in ticked if one not in stored)]


class Column:
    """A column of lines: its name in the line, its words, and what is typed there."""

    def __init__(
        self, key: str, label: Any, *, kind: str = "text", required: bool = False,
        choices: Sequence[tuple[str, Any]] = (), long: bool = False,
    ) -> None:  # fmt: skip
        self.key, self.label, self.kind, self.required, self.choices = key, label, kind, required, list(choices)
        self.max_characters = 400 if long else None
        self.mode = {"number": "decimal", "url": "url"}.get(kind)

    def input_type(self, _: str) -> str:
        """Return the type of the input."""
        return "url" if self.kind == "url" else "text"


class Shape:
    """How many lines there may be."""

    def __init__(self, least: int = 0, most: int = MOST_LINES) -> None:
        self.least_rows, self.max_rows = least, most


class Lines(TableAnswer):
    """Lines that are added and removed without a script; an empty one counts for nothing."""

    def __init__(self, label: Any, columns: Sequence[Column], **kwargs: Any) -> None:
        super().__init__(label, question=Shape(), columns=list(columns), **kwargs)  # type: ignore[arg-type]


def without_removed_line(sent: MultiDict[str, str]) -> MultiDict[str, str]:
    """Return what was sent without the line whose remove button was pressed."""
    name, _, row = sent.get("remove_row", "").partition(":")
    number = small_number(row)
    if number is None:
        return sent
    return MultiDict(pair for pair in sent.items(multi=True) if not pair[0].startswith(f"{name}-{number}-"))
