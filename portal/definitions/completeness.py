"""Whether answers are complete and right: what is missing, what is wrong, with the sentence for the person.

Answers are kept raw, as they were typed: a string for every kind but these. ``choices``: a list of values. ``consent``:
``"y"`` or ``""`` (``True`` and ``False`` are understood too). ``table``: a list of rows, each a mapping of column to
string. Files are not answers: they are counted from the attachments.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as default
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from portal.countries import country_codes
from portal.definitions.counting import count_characters, count_words
from portal.definitions.rules import (
    AnyField,
    ChoiceField,
    ChoicesField,
    Column,
    ConsentField,
    CountryField,
    DateField,
    Definition,
    EmailField,
    FilesField,
    NumberField,
    ParagraphField,
    PhoneField,
    Section,
    TableField,
    TextField,
    UrlField,
)  # fmt: skip
from portal.i18n import sentence
from portal.webaddress import is_web_address

Answers = Mapping[str, Any]


class Attached(Protocol):
    """What completeness must know of an attachment."""

    field: str
    name: str
    credit: str
    alt_text: str


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is missing or wrong: its place, and a sentence whose ``%(question)s`` is the question's label."""

    section: str
    field: str
    label: Mapping[str, str]
    message: str
    values: Mapping[str, object] = default(default_factory=dict)
    is_missing: bool = False
    row: int | None = None  # from 0
    column: str | None = None
    column_label: Mapping[str, str] = default(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Finding:
    """A fault of one value, its place not yet known."""

    message: str
    values: Mapping[str, object] = default(default_factory=dict)
    is_missing: bool = False


UNANSWERED = sentence("“%(question)s” is not answered yet.")
UNCHOSEN = sentence("“%(question)s”: nothing is chosen yet.")
CONSENT_MISSING = sentence("This consent is needed: “%(question)s”")
TOO_MANY_CHARACTERS = sentence("“%(question)s” is too long: %(count)s characters of at most %(limit)s.")
TOO_MANY_WORDS = sentence("“%(question)s” is too long: %(count)s words of at most %(limit)s.")
ONE_LINE = sentence("“%(question)s” must be one line.")
UNKNOWN_CHOICE = sentence("“%(question)s”: please choose one of the answers shown.")
TOO_FEW_CHOICES = sentence("“%(question)s”: please choose at least %(least)s. Chosen now: %(count)s.")
TOO_MANY_CHOICES = sentence("“%(question)s”: please choose at most %(most)s. Chosen now: %(count)s.")
NO_NUMBER = sentence("“%(question)s” must be a number, such as 1250 or 3.5.")
NUMBER_TOO_SMALL = sentence("“%(question)s” must be %(least)s or more.")
NUMBER_TOO_GREAT = sentence("“%(question)s” must be %(most)s or less.")
NO_DATE = sentence("“%(question)s” must be a date, such as 2026-03-31.")
NO_COUNTRY = sentence("“%(question)s”: please choose a country from the list.")
NO_EMAIL = sentence("“%(question)s” must be an e-mail address, such as name@example.org.")
NO_URL = sentence("“%(question)s” must be a whole web address, such as https://example.org.")
NO_PHONE = sentence("“%(question)s” must be a telephone number, such as +82 2 1234 5678.")
TOO_FEW_ROWS = sentence("“%(question)s” needs at least %(least)s lines. Filled in now: %(count)s.")
TOO_MANY_ROWS = sentence("“%(question)s” takes at most %(most)s lines. Filled in now: %(count)s.")
NO_FILE = sentence("“%(question)s”: no file is attached yet.")
TOO_MANY_FILES = sentence("“%(question)s” takes at most %(most)s files. Attached now: %(count)s.")
NO_CREDIT = sentence("“%(question)s”: please say who made “%(name)s”.")
NO_ALT_TEXT = sentence("“%(question)s”: please describe “%(name)s” for people who cannot see it.")

_EMAIL = re.compile(r"[^@\s<>,;]+@(?:[^@\s.<>,;]+\.)+[^@\s.<>,;]{2,}")
_PHONE = re.compile(r"\+?[\d\s().\-/]{5,30}(?:\s*(?:ext\.?|x|#)\s*\d{1,6})?", re.IGNORECASE)
_THOUSANDS = (re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?"), re.compile(r"\d{1,3}(\.\d{3}){2,}(,\d+)?"))
_DATE = re.compile(r"(\d{4})\s*[-./]\s*(\d{1,2})\s*[-./]\s*(\d{1,2})\.?")
_FIRST_YEAR, _LAST_YEAR = 1900, 2200


def completeness(definition: Definition, answers: Answers, attachments: Iterable[Attached] = ()) -> list[Fault]:
    """Return everything that is missing or wrong, in the order of the form."""
    attached = list(attachments)
    return [fault for section in definition.sections for fault in check_section(section, answers, attached)]


def check_section(section: Section, answers: Answers, attachments: Iterable[Attached] = ()) -> list[Fault]:
    """Return what is missing or wrong in one section."""
    attached = list(attachments)
    return [
        fault
        for question in section.fields
        for fault in check_field(
            section.key, question, answers.get(question.key), [one for one in attached if one.field == question.key]
        )
    ]


def check_field(section: str, question: AnyField, raw: Any, attached: Iterable[Attached] = ()) -> Iterator[Fault]:
    """Yield the faults of one question."""
    if isinstance(question, TableField):
        yield from _check_table(section, question, raw)
        return
    found = _check_files(question, list(attached)) if isinstance(question, FilesField) else check_value(question, raw)
    for finding in found:
        yield Fault(section, question.key, question.label, finding.message, finding.values, finding.is_missing)


def check_value(question: AnyField | Column, raw: Any) -> Iterator[_Finding]:
    """Yield what is wrong with the raw answer to a question that is neither a table nor files."""
    if is_blank(question, raw):
        if question.required:
            message = CONSENT_MISSING if isinstance(question, ConsentField) else UNANSWERED
            chosen = isinstance(question, ChoiceField | ChoicesField | CountryField)
            yield _Finding(UNCHOSEN if chosen else message, is_missing=True)
        return
    match question:
        case TextField() | ParagraphField():
            yield from _check_text(question, str(raw))
        case ChoiceField():
            if not (isinstance(raw, str) and raw in question.choices):
                yield _Finding(UNKNOWN_CHOICE)
        case ChoicesField():
            yield from _check_choices(question, raw)
        case NumberField():
            yield from _check_number(question, raw)
        case DateField() if as_date(raw) is None:
            yield _Finding(NO_DATE)
        case CountryField() if not (isinstance(raw, str) and raw in country_codes()):
            yield _Finding(NO_COUNTRY)
        case EmailField() if not _EMAIL.fullmatch(str(raw).strip()) or len(str(raw)) > 254:
            yield _Finding(NO_EMAIL)
        case UrlField() if not is_web_address(raw):
            yield _Finding(NO_URL)
        case PhoneField() if not _PHONE.fullmatch(str(raw).strip()):
            yield _Finding(NO_PHONE)
        case _:
            return


def is_blank(question: AnyField | Column, raw: Any) -> bool:
    """Tell whether a question was not answered at all."""
    if isinstance(question, ConsentField):
        return not is_yes(raw)
    if isinstance(question, ChoicesField):
        return not raw
    if isinstance(question, TableField):
        return not filled_rows(raw)
    return raw is None or not str(raw).strip()


def is_yes(raw: Any) -> bool:
    """Tell whether a raw answer agrees."""
    return raw is True or raw in ("y", "yes", "true", "on", "1")


def filled_rows(raw: Any) -> list[tuple[int, Mapping[str, Any]]]:
    """Return the rows of a table that hold anything, with their places from 0."""
    rows = raw if isinstance(raw, list) else []
    return [
        (place, row)
        for place, row in enumerate(rows)
        if isinstance(row, Mapping) and any(str(cell).strip() for cell in row.values() if cell is not None)
    ]


def as_number(raw: Any) -> Decimal | None:
    """Read a number as people write it: any digits, separators of thousands, decimal point or comma; else None."""
    text = "".join(
        str(unicodedata.digit(char)) if unicodedata.category(char) == "Nd" else char
        for char in unicodedata.normalize("NFKC", str(raw))
        if not char.isspace() and char not in "'’_"
    ).replace("−", "-").replace("٫", ".").replace("٬", ",")  # fmt: skip
    sign, text = (text[0], text[1:]) if text[:1] in ("-", "+") else ("", text)
    if _THOUSANDS[0].fullmatch(text):
        text = text.replace(",", "")
    elif _THOUSANDS[1].fullmatch(text):
        text = text.replace(".", "").replace(",", ".")
    else:
        text = text.replace(",", ".")
    return Decimal(sign + text) if re.fullmatch(r"\d{1,18}(\.\d{1,9})?|\.\d{1,9}", text) else None


def as_date(raw: Any) -> date | None:
    """Read a day written year first, as 2026-03-31, 2026.3.31. or 2026/03/31; else None."""
    found = _DATE.fullmatch(str(raw).strip())
    if not found or not _FIRST_YEAR <= int(found[1]) <= _LAST_YEAR:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def _check_text(question: TextField | ParagraphField, text: str) -> Iterator[_Finding]:
    if isinstance(question, TextField) and "\n" in text.strip():
        yield _Finding(ONE_LINE)
    if question.max_characters and (count := count_characters(text)) > question.max_characters:
        yield _Finding(TOO_MANY_CHARACTERS, {"count": count, "limit": question.max_characters})
    if question.max_words and (count := count_words(text)) > question.max_words:
        yield _Finding(TOO_MANY_WORDS, {"count": count, "limit": question.max_words})


def _check_choices(question: ChoicesField, raw: Any) -> Iterator[_Finding]:
    chosen = raw if isinstance(raw, list) else [raw]
    if any(not isinstance(value, str) or value not in question.choices for value in chosen):
        yield _Finding(UNKNOWN_CHOICE)
    elif len(set(chosen)) < question.min_choices:
        yield _Finding(TOO_FEW_CHOICES, {"least": question.min_choices, "count": len(set(chosen))})
    elif question.max_choices is not None and len(set(chosen)) > question.max_choices:
        yield _Finding(TOO_MANY_CHOICES, {"most": question.max_choices, "count": len(set(chosen))})


def _check_number(question: NumberField, raw: Any) -> Iterator[_Finding]:
    value = as_number(raw)
    if value is None:
        yield _Finding(NO_NUMBER)
    elif question.min is not None and value < Decimal(str(question.min)):
        yield _Finding(NUMBER_TOO_SMALL, {"least": f"{question.min:g}"})
    elif question.max is not None and value > Decimal(str(question.max)):
        yield _Finding(NUMBER_TOO_GREAT, {"most": f"{question.max:g}"})


def _check_files(question: FilesField, attached: list[Attached]) -> Iterator[_Finding]:
    if question.required and not attached:
        yield _Finding(NO_FILE, is_missing=True)
    if len(attached) > question.max_files:
        yield _Finding(TOO_MANY_FILES, {"most": question.max_files, "count": len(attached)})
    if question.takes_only_images:
        for one in attached:
            if not one.credit.strip():
                yield _Finding(NO_CREDIT, {"name": one.name}, is_missing=True)
            if not one.alt_text.strip():
                yield _Finding(NO_ALT_TEXT, {"name": one.name}, is_missing=True)


def _check_table(section: str, question: TableField, raw: Any) -> Iterator[Fault]:
    rows = filled_rows(raw)
    if not rows and question.least_rows:
        yield Fault(section, question.key, question.label, UNANSWERED, is_missing=True)
    elif len(rows) < question.least_rows:
        values = {"least": question.least_rows, "count": len(rows)}
        yield Fault(section, question.key, question.label, TOO_FEW_ROWS, values, is_missing=True)
    if len(rows) > question.max_rows:
        values = {"most": question.max_rows, "count": len(rows)}
        yield Fault(section, question.key, question.label, TOO_MANY_ROWS, values)
    for place, row in rows:
        for column in question.columns:
            for finding in check_value(column, row.get(column.key)):
                yield Fault(
                    section, question.key, question.label, finding.message, finding.values, finding.is_missing,
                    row=place, column=column.key, column_label=column.label,
                )  # fmt: skip
