"""Stored definitions as WTForms classes, made once for each form, section and language, and kept.

Fields hold raw answers: nothing is converted or dropped, so that a draft gives back exactly what was typed. Whether the
answers are right is asked with ``check``, by the same rules that decide at submission.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

import wtforms
from flask_babel import format_decimal, gettext
from wtforms.fields.choices import Choice, SelectChoice
from wtforms.widgets import EmailInput, TelInput, TextInput, URLInput

from portal.countries import countries
from portal.definitions.completeness import Attached, Fault, as_date, check_section, filled_rows, is_yes
from portal.definitions.models import FormDefinition
from portal.definitions.rules import (
    AnyField,
    ChoiceField,
    ChoicesField,
    Column,
    ConsentField,
    CountryField,
    DateField,
    EmailField,
    FilesField,
    NumberField,
    ParagraphField,
    PhoneField,
    Section,
    TableField,
    TextField,
    UrlField,
)
from portal.forms import Form
from portal.i18n import choose, folder_of, offered, sentence

#: Up to this many answers a choice is a list of radio buttons, beyond it a drop-down list.
_MOST_RADIOS = 7
_MOST_KEPT = 1000
_kept: dict[tuple[str, int, str, str], type[SectionForm]] = {}


class Needed:
    """Marks a field as required without refusing anything: drafts may be empty."""

    field_flags: ClassVar[dict[str, bool]] = {"required": True}

    def __call__(self, form: Any, field: Any) -> None:
        """Accept everything."""


class _Raw:
    """A field that keeps text exactly as it came and that knows whether anything came for it."""

    name: str
    data: Any
    was_sent: bool = False

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """Take what was sent, else what is stored; boxes that are not ticked are sent by nobody, ``shown`` tells."""
        boxes = isinstance(self, BooleanField | SelectMultipleField) and formdata is not None and "shown" in formdata
        self.was_sent = boxes or (formdata is not None and self.name in formdata)
        super().process(formdata, data, extra_filters)  # type: ignore[misc]


class TextAnswer(_Raw, wtforms.StringField):
    """One line."""

    def process_data(self, value: Any) -> None:
        """Show anything stored as text."""
        self.data = "" if value is None else str(value)


class DateAnswer(TextAnswer):
    """A day: the browser's own calendar, or plain text while what was typed is no day."""

    def __call__(self, **kwargs: Any) -> Any:
        """Render the input that does not lose the text."""
        if _is_plain_day(self.data):
            kwargs.setdefault("type", "date")
        return super().__call__(**kwargs)


class AnswerTextAreaField(_Raw, wtforms.TextAreaField):
    """Several lines."""

    process_data = TextAnswer.process_data

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take the text with plain line breaks: browsers send two signs for one, scripts only one."""
        if valuelist:
            self.data = valuelist[0].replace("\r\n", "\n")


class RadioField(_Raw, wtforms.RadioField):
    """One of a few answers."""

    process_data = TextAnswer.process_data

    def process_formdata(self, valuelist: list[str]) -> None:
        """Keep what came, known or not."""
        if valuelist:
            self.data = valuelist[0]


class SelectField(RadioField, wtforms.SelectField):
    """One of many answers; a stored value that is not on the list stays on it."""

    widget = wtforms.SelectField.widget

    def iter_choices(self) -> Iterator[Any]:
        """Yield the choices, an unknown stored one last."""
        yield from super().iter_choices()
        if self.data and self.data not in (choice.value for choice in self.choices):
            yield Choice(self.data, self.data, True, {})


class SelectMultipleField(_Raw, wtforms.SelectMultipleField):
    """Some of several answers, as check boxes."""

    def process_data(self, value: Any) -> None:
        """Show a stored list, or a single stored value as a list of one."""
        self.data = [str(one) for one in value] if isinstance(value, list | tuple) else [str(value)] if value else []

    def process_formdata(self, valuelist: list[str]) -> None:
        """Keep what came, known or not."""
        self.data = list(valuelist)

    def iter_choices(self) -> Iterator[Any]:
        """Yield the choices, unknown stored ones last."""
        known = set()
        for choice in self.choices:
            known.add(choice.value)
            yield Choice(choice.value, choice.label, choice.value in self.data, {})
        for value in self.data:
            if value not in known:
                yield Choice(value, value, True, {})


class BooleanField(_Raw, wtforms.BooleanField):
    """A consent: ``"y"`` or nothing."""

    def process_data(self, value: Any) -> None:
        """Show a stored yes as ticked."""
        self.data = is_yes(value)


class TableAnswer(wtforms.Field):
    """Rows of answers, in inputs named ``<question>-<row>-<column>``; a hidden ``<question>-rows`` tells of none."""

    was_sent = False

    def __init__(self, label: str, *, question: TableField, columns: list[ShownColumn], **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.question, self.columns = question, columns

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """Take the rows that were sent, in their order, without the empty ones; else those stored."""
        self.data: list[dict[str, Any]] = [dict(row) for row in data if isinstance(row, Mapping)] if data else []
        self.process_errors: list[str] = []
        if formdata is None:
            return
        self.was_sent = f"{self.name}-rows" in formdata
        place = re.compile(rf"{re.escape(self.name)}-(\d{{1,4}})-([a-z][a-z0-9_]*)")
        keys = {column.key for column in self.columns}
        rows: dict[int, dict[str, Any]] = {}
        for name in formdata:
            found = place.fullmatch(name)
            if found and found[2] in keys:
                rows.setdefault(int(found[1]), {})[found[2]] = formdata.getlist(name)[0]
        if rows or self.was_sent:
            self.was_sent = True
            self.data = [dict(row) for _, row in filled_rows([rows[number] for number in sorted(rows)])]

    def shown_rows(self, wished: int = 0) -> list[dict[str, Any]]:
        """Return the rows to show: those filled, then empty ones up to the least or the wished number."""
        least = max(self.question.least_rows, 1, wished)
        return self.data + [{} for _ in range(min(least, self.question.max_rows) - len(self.data))]

    def errors_at(self, row: int, column: str) -> list[str]:
        """Return the sentences about one cell."""
        return [text for text, (at, key) in self.cell_errors if (at, key) == (row, column)]

    cell_errors: list[tuple[str, tuple[int, str]]] = []  # noqa: RUF012 - replaced by check, never changed


class ShownColumn:
    """A column of a table in a language."""

    def __init__(self, column: Column, language: str, locale: str) -> None:
        self.key, self.kind, self.required = column.key, column.kind, column.required
        self.label = choose(column.label, language).text
        self.choices = _choices(column, language, locale)
        self.max_characters = column.max_characters if isinstance(column, TextField) else None

    def input_type(self, value: str) -> str:
        """Return the type of the input; a day that is none yet stays plain text, so that it is not lost."""
        if self.kind == "date":
            return "date" if _is_plain_day(value) else "text"
        return {"email": "email", "url": "url", "phone": "tel"}.get(self.kind, "text")

    @property
    def mode(self) -> str | None:
        """Which keyboard a phone should show."""
        return {"number": "decimal", "email": "email", "url": "url", "phone": "tel"}.get(self.kind)


class SectionForm(Form):
    """The form of one section in one language."""

    section: ClassVar[Section]
    language: ClassVar[str]

    def answers(self) -> dict[str, Any]:
        """Return the raw answers that were sent; what was not sent at all is left out, so that nothing is lost."""
        found: dict[str, Any] = {}
        for key, question in self.section.by_key.items():
            field = self._fields.get(key)
            if field is None or not field.was_sent:
                continue
            found[key] = ("y" if field.data else "") if isinstance(question, ConsentField) else field.data
        return found

    def check(self, attachments: Iterable[Attached] = (), *, only_wrong: bool = False) -> list[tuple[str, str]]:
        """Lay the faults at their fields; return (sentence, id of the input) for each, in the order of the form.

        ``only_wrong`` leaves out what is merely not answered yet.
        """
        answers = {key: field.data for key, field in self._fields.items()}
        lines = []
        for fault in check_section(self.section, answers, attachments):
            if only_wrong and fault.is_missing:
                continue
            text = sentence_of(fault, self.language)
            lines.append((text, anchor_of(fault, self.section.by_key[fault.field])))
            field = self._fields.get(fault.field)
            if isinstance(field, TableAnswer) and fault.row is not None and fault.column is not None:
                field.cell_errors = [*field.cell_errors, (text, (fault.row, fault.column))]
            elif field is not None:
                field.errors = [*field.errors, text]
        return lines


def section_form(form: FormDefinition, section: Section, language: str) -> type[SectionForm]:
    """Return the form class of a section in a language, made on its first use."""
    key = (form.id, form.version, section.key, language)
    found = _kept.get(key)
    if found is None:
        if len(_kept) >= _MOST_KEPT:
            _kept.clear()
        found = _kept[key] = make_section_form(section, language)
    return found


def make_section_form(section: Section, language: str) -> type[SectionForm]:
    """Make the form class of a section in a language."""
    locale = str(offered(pseudo=True)[language].locale) if language in offered(pseudo=True) else folder_of("en").name
    fields = {
        question.key: made for question in section.fields if (made := _field(question, language, locale)) is not None
    }
    return type(f"{section.key.title()}Form", (SectionForm,), {**fields, "section": section, "language": language})


def sentence_of(fault: Fault, language: str) -> str:
    """Return the sentence of a fault in a language, its question named as that language has it."""
    question = choose(fault.label, language).text
    if fault.row is not None:
        question = gettext(
            sentence("%(question)s: line %(line)s, %(column)s"),
            question=question, line=fault.row + 1, column=choose(fault.column_label, language).text,
        )  # fmt: skip
    values = {key: format_decimal(value) if isinstance(value, int) else value for key, value in fault.values.items()}
    return gettext(fault.message, question=question, **values)


def anchor_of(fault: Fault, question: AnyField) -> str:
    """Return the id of the input that a fault is about."""
    if fault.row is not None:
        return f"{fault.field}-{fault.row}-{fault.column}"
    if isinstance(question, TableField):
        return f"{fault.field}-0-{question.columns[0].key}"
    grouped = isinstance(question, ChoicesField) or (isinstance(question, ChoiceField) and _is_short(question))
    return f"{fault.field}-0" if grouped else fault.field


def _is_plain_day(text: str) -> bool:
    """Tell whether a browser's calendar can show what is stored."""
    return not text or bool(re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) and as_date(text))


def _is_short(question: ChoiceField) -> bool:
    return len(question.choices) <= _MOST_RADIOS


def _field(question: AnyField, language: str, locale: str) -> Any:
    label = choose(question.label, language).text
    common: dict[str, Any] = {
        "description": choose(question.help, language).text,
        "validators": [Needed()] if question.required else [],
    }
    match question:
        case FilesField():
            return None
        case TableField():
            columns = [ShownColumn(column, language, locale) for column in question.columns]
            return TableAnswer(label, question=question, columns=columns, **common)
        case ParagraphField():
            return AnswerTextAreaField(label, **common)
        case ConsentField():
            return BooleanField(label, **common)
        case ChoicesField() | ChoiceField() | CountryField():
            return _choice_field(question, label, _select_choices(question, language, locale), common)
        case DateField():
            return DateAnswer(label, **common)
        case NumberField():
            return TextAnswer(label, render_kw={"inputmode": "decimal"}, **common)
        case EmailField():
            return TextAnswer(label, widget=EmailInput(), render_kw={"autocomplete": "off"}, **common)
        case UrlField():
            return TextAnswer(label, widget=URLInput(), **common)
        case PhoneField():
            return TextAnswer(label, widget=TelInput(), render_kw={"autocomplete": "off"}, **common)
        case _:
            return TextAnswer(label, widget=TextInput(), **common)


def _choice_field(
    question: ChoicesField | ChoiceField | CountryField, label: str, choices: list[SelectChoice], common: dict[str, Any]
) -> Any:
    if isinstance(question, ChoicesField):
        return SelectMultipleField(label, choices=choices, validate_choice=False, **common)
    if isinstance(question, ChoiceField) and _is_short(question):
        return RadioField(label, choices=choices, validate_choice=False, **common)
    return SelectField(label, choices=[SelectChoice("", ""), *choices], validate_choice=False, **common)


def _select_choices(question: AnyField, language: str, locale: str) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in _choices(question, language, locale)]


def _choices(question: AnyField | Column, language: str, locale: str) -> list[tuple[str, str]]:
    if isinstance(question, CountryField):
        return list(countries(locale))
    if isinstance(question, ChoiceField | ChoicesField):
        return [(value, choose(text, language).text) for value, text in question.choices.items()]
    return []
