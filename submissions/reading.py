"""An entry as it is read: sections, questions and answers in the reader's language, for cities, staff and judges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from portal.definitions import queries as definitions
from portal.definitions.completeness import as_date, as_number, filled_rows, is_blank, is_yes
from portal.definitions.rules import (
    AnyField,
    ChoiceField,
    ChoicesField,
    Column,
    ConsentField,
    CountryField,
    DateField,
    Definition,
    FilesField,
    NumberField,
    ParagraphField,
    Section,
    TableField,
    TextField,
    UrlField,
)
from portal.i18n import Chosen, choose
from portal.webaddress import completed, is_web_address
from submissions.models import Attachment, Entry, Submission


@dataclass(frozen=True, slots=True)
class ReadValue:
    """One answer to show.

    ``kind`` says how: ``text`` and ``paragraph`` are in the entry's language, ``label`` is in the reader's,
    ``number`` and ``date`` hold ``value``, ``country`` holds the code, ``url`` an address that is safe to link,
    ``raw`` is anything that is not (yet) what the question asks for.
    """

    kind: str
    text: str = ""
    value: Decimal | date | None = None
    label: Chosen | None = None


@dataclass(frozen=True, slots=True)
class ReadFile:
    """An attachment to show; ``id`` is that of the Attachment row."""

    id: str
    name: str
    size: int
    content_type: str
    credit: str
    alt_text: str

    @property
    def is_image(self) -> bool:
        """Whether it can be shown as a picture."""
        return self.content_type.startswith("image/")


_FILE_FACTS = ("id", "name", "size", "content_type", "credit", "alt_text")


@dataclass(frozen=True, slots=True)
class ReadAnswer:
    """A question with its answer; which of ``values``, ``rows`` and ``files`` is filled depends on ``kind``."""

    key: str
    kind: str
    label: Chosen
    required: bool
    values: tuple[ReadValue, ...] = ()
    agreed: bool = False
    columns: tuple[Chosen, ...] = ()
    rows: tuple[tuple[ReadValue, ...], ...] = ()
    files: tuple[ReadFile, ...] = ()

    @property
    def is_answered(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.values or self.rows or self.files or self.agreed)


@dataclass(frozen=True, slots=True)
class ReadSection:
    """A section with its answers."""

    key: str
    title: Chosen
    intro: Chosen
    private: bool
    criteria: tuple[str, ...]
    answers: tuple[ReadAnswer, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """A whole entry as one reader may see it; ``language`` is the one its texts are written in."""

    title: str
    language: str
    category: Chosen
    hides_identity: bool
    applicant_type: str
    organisation: str = ""
    city: str = ""
    country: str = ""
    population: int | None = None
    sections: tuple[ReadSection, ...] = field(default=())

    def section(self, key: str) -> ReadSection | None:
        """Return a section by its key."""
        return next((section for section in self.sections if section.key == key), None)


def read_entry(
    entry: Entry, *, language: str, submission: Submission | None = None, show_private: bool = False,
    hide_identity: bool = False,
) -> Reading:  # fmt: skip
    """Return an entry as it is read in a language.

    ``submission``: show what was handed in then, not what is being changed now. ``show_private``: with the sections
    on contacts and consents (cities and secretariat only; judges never see them). ``hide_identity``: without
    organisation, city, country and population, without private sections, and with neutral file names, whatever
    ``show_private`` says.
    """
    definition = definitions.get_definition(entry.form)
    answers = submission.answers if submission else entry.answers
    files = _files_of(() if submission else entry.attachments, submission)
    title = " ".join(str(answers.get("title") or entry.title or "").split())
    sections = tuple(
        read_section(section, answers, files, language=language, neutral_names=hide_identity)
        for section in definition.sections
        if not section.private or (show_private and not hide_identity)
    )
    known = {} if hide_identity else _identity(entry)
    category = choose(entry.category.names, language)
    return Reading(title, entry.language, category, hide_identity, entry.applicant_type, sections=sections, **known)


def read_empty_form(definition: Definition, *, language: str) -> tuple[ReadSection, ...]:
    """Return the sections and questions of a form without answers."""
    return tuple(read_section(section, {}, {}, language=language) for section in definition.sections)


def read_section(
    section: Section, answers: Mapping[str, Any], files: Mapping[str, tuple[ReadFile, ...]], *, language: str,
    neutral_names: bool = False,
) -> ReadSection:  # fmt: skip
    """Return one section with its answers."""
    return ReadSection(
        section.key, choose(section.title, language), choose(section.intro, language), section.private,
        section.criteria,
        tuple(
            _read_answer(question, answers.get(question.key), files.get(question.key, ()), language, neutral_names)
            for question in section.fields
        ),
    )  # fmt: skip


def _identity(entry: Entry) -> dict[str, Any]:
    by = entry.organisation
    return {"organisation": by.name, "city": by.city, "country": by.country, "population": by.population}


def _files_of(attachments: Iterable[Attachment], submission: Submission | None) -> dict[str, tuple[ReadFile, ...]]:
    if submission is not None:
        kept: Iterable[tuple[str, ReadFile]] = [
            (one["field"], ReadFile(**{key: one[key] for key in _FILE_FACTS})) for one in submission.attachments
        ]  # fmt: skip
    else:
        kept = [
            (one.field, ReadFile(one.id, one.name, one.file.size, one.file.content_type, one.credit, one.alt_text))
            for one in attachments
        ]
    found: dict[str, tuple[ReadFile, ...]] = {}
    for key, file in kept:
        found[key] = (*found.get(key, ()), file)
    return found


def _read_answer(
    question: AnyField, raw: Any, files: tuple[ReadFile, ...], language: str, neutral_names: bool
) -> ReadAnswer:
    label = choose(question.label, language)
    if isinstance(question, FilesField):
        if neutral_names:
            files = tuple(_without_name(file, number) for number, file in enumerate(files, 1))
        return ReadAnswer(question.key, question.kind, label, question.required, files=files)
    if isinstance(question, TableField):
        rows = tuple(
            tuple(_read_value(column, row.get(column.key), language) for column in question.columns)
            for _, row in filled_rows(raw)
        )
        columns = tuple(choose(column.label, language) for column in question.columns)
        return ReadAnswer(question.key, question.kind, label, question.required, columns=columns, rows=rows)
    if isinstance(question, ConsentField):
        return ReadAnswer(question.key, question.kind, label, question.required, agreed=is_yes(raw))
    if is_blank(question, raw):
        return ReadAnswer(question.key, question.kind, label, question.required)
    parts = raw if isinstance(question, ChoicesField) and isinstance(raw, list) else [raw]
    values = tuple(_read_value(question, part, language) for part in parts)
    return ReadAnswer(question.key, question.kind, label, question.required, values=values)


def _read_value(question: AnyField | Column, raw: Any, language: str) -> ReadValue:
    text = "" if raw is None else str(raw).strip()
    match question:
        case TextField() | ParagraphField():
            return ReadValue(question.kind, text)
        case ChoiceField() | ChoicesField() if text in question.choices:
            return ReadValue("label", text, label=choose(question.choices[text], language))
        case NumberField() if _is_year(question):
            return ReadValue("raw", text)
        case NumberField() if (number := as_number(text)) is not None:
            return ReadValue("number", text, value=number)
        case DateField() if (day := as_date(text)) is not None:
            return ReadValue("date", text, value=day)
        case CountryField():
            return ReadValue("country", text)
        case UrlField() if is_web_address(text):
            return ReadValue("url", completed(text))
        case _:
            return ReadValue("raw", text)


def _is_year(question: AnyField | Column) -> bool:
    """Tell whether only numbers of four digits fit: a year, which nobody writes as 2,026."""
    least, most = getattr(question, "min", None), getattr(question, "max", None)
    return least is not None and most is not None and 1000 <= least <= most <= 9999


def _without_name(file: ReadFile, number: int) -> ReadFile:
    """Give a file a name that tells nothing; its credit names people or cities and goes too."""
    ending = file.name.rpartition(".")[2].lower()
    return ReadFile(file.id, f"{number}.{ending}", file.size, file.content_type, "", file.alt_text)
