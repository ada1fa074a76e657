"""Forms of the editors: each shows some names of a case's record, and gives back what was typed for them."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from flask_babel import gettext, lazy_gettext
from werkzeug.datastructures import MultiDict
from wtforms import (
    EmailField,
    FileField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)  # fmt: skip
from wtforms.validators import DataRequired, Optional

from portal.definitions.forms import TableAnswer
from portal.definitions.vocabulary import countries, vocabularies
from portal.errors import Refusal
from portal.forms import DayAndTimeField, Form, small_number, translated
from portal.i18n import Language, choose, sentence
from portal.library import records

#: The clock by which editors set moments.
ZONE = "Asia/Seoul"
MOST_LINES = 60
CATEGORIES = (
    ("people-centric", lazy_gettext("People-centric")), ("tech-innovation", lazy_gettext("Tech-innovation")),
    ("leadership", lazy_gettext("Leadership")),
)  # fmt: skip


def stripped(text: str | None) -> str:
    """Return what was typed with plain line breaks and without space at its ends."""
    return (text or "").replace("\r\n", "\n").strip()


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


def _name_in_words(refusal: Refusal, field: Any) -> None:
    """Let a refusal call a field as the page calls it, not as a record does."""
    if refusal.values.get("where") == refusal.field and not isinstance(field, Lines):
        refusal.values["where"] = field.label.text


class RecordForm(Form):
    """Base of forms about a record; ``seen`` is the version that is being edited."""

    seen = HiddenField()
    version_note = StringField(lazy_gettext("What you changed, for readers of the history"), filters=[stripped])

    @abstractmethod
    def changes(self) -> dict[str, Any]:
        """Return what was typed, by the names of the record."""

    @classmethod
    @abstractmethod
    def data_of(cls, flat: Mapping[str, Any]) -> dict[str, Any]:
        """Return a flat record as the fields show it."""

    def seen_version(self) -> int | None:
        """Return the version that was being edited."""
        return small_number(self.seen.data)

    def refuse(self, refusal: Refusal) -> None:
        """Show a refusal at its field, and at its cell when it is about a line."""
        where = (refusal.field or "").removeprefix("details.")
        name, _, rest = where.partition("[")
        field = self._fields.get(name) or self._fields.get(name.replace(".", "_"))
        if field is None:
            super().refuse(refusal)
            return
        _name_in_words(refusal, field)
        field.errors = [*field.errors, translated(refusal)]
        if isinstance(field, Lines) and (place := re.match(r"(\d+)\]\.?([a-z_]*)", rest)):
            column = place[2] or str(refusal.values.get("name", ""))
            cell = next((one.key for one in field.columns if one.key.split("_")[0] == column.split("_")[0]), column)
            field.cell_errors = [*field.cell_errors, (translated(refusal), (int(place[1]), cell))]


def _whole(text: str | None) -> Any:
    """Return a whole number where one was typed, else the text, for the record's reader to refuse."""
    typed = stripped(text).replace(",", "").replace(" ", "")
    return int(typed) if re.fullmatch(r"\d{1,18}", typed) else typed or None


def _decimal(text: str | None) -> Any:
    typed = stripped(text).replace("−", "-")
    try:
        return float(typed) if typed else None
    except ValueError:
        return typed


def _amount(text: str | None) -> Any:
    """Return an amount as a record writes it: separators of thousands are left out."""
    return stripped(text).replace(",", "").replace(" ", "").replace("−", "-") or None


def _filled(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}


def _texts(row: Mapping[str, Any], stem: str) -> dict[str, str]:
    """Return the texts of a line whose columns are named ``stem_tag``."""
    return {
        name.removeprefix(f"{stem}_"): text
        for name, value in row.items()
        if name.startswith(f"{stem}_") and (text := stripped(str(value or "")))
    }


def _untexts(stem: str, texts: Mapping[str, str] | None) -> dict[str, str]:
    return {f"{stem}_{tag}": text for tag, text in (texts or {}).items()}


def words_of(vocabulary: str, tag: str) -> list[tuple[str, str]]:
    """Return the values of a vocabulary with their words in a language."""
    return [(value, choose(texts, tag).text) for value, texts in vocabularies()[vocabulary].items()]


def facts_form(languages: Sequence[Language], tag: str, locale: str) -> type[RecordForm]:
    """Return the form of the facts of a case, in a language of the desk."""
    others = [one for one in languages if one.tag != "en"]
    texts = ("award", "edition_slug", "rank_text", "organisation", "city", *(f"city_{one.tag}" for one in others))
    notes = {"remark": "note", **{f"remark_{one.tag}": f"note_{one.tag}" for one in others}}
    picks = ("kind", "category", "rank", "country", "certainty", "original_language")

    class FactsForm(RecordForm):
        def changes(self) -> dict[str, Any]:
            found: dict[str, Any] = {name: stripped(self[name].data) for name in (*texts, *picks, "contact_email")}
            found |= {name: stripped(self[field].data) for field, name in notes.items()}
            year, lat, lon = self["year"].data, self["lat"].data, self["lon"].data
            return found | {"year": _whole(year), "lat": _decimal(lat), "lon": _decimal(lon),
                            "themes": self["themes"].ordered()}  # fmt: skip

        @classmethod
        def data_of(cls, flat: Mapping[str, Any]) -> dict[str, Any]:
            found = {name: flat.get(name) for name in (*texts, *picks, "contact_email", "themes")}
            found |= {field: flat.get(name) for field, name in notes.items()}
            return found | {name: _shown(flat.get(name)) for name in ("year", "lat", "lon")}

    nothing = [("", "")]
    fields: dict[str, Any] = {
        "original_language": OpenSelectField(
            lazy_gettext("Original language"), [(one.tag, one.name) for one in languages]
        ),
        "kind": OpenSelectField(lazy_gettext("Kind of case"), words_of("kinds", tag)),
        "award": StringField(lazy_gettext("Award")),
        "edition_slug": StringField(lazy_gettext("Edition of this prize (its address, such as 2026)")),
        "category": OpenSelectField(lazy_gettext("Category"), [*nothing, *CATEGORIES]),
        "rank": OpenSelectField(lazy_gettext("Rank"), [*nothing, *words_of("ranks", tag)]),
        "rank_text": StringField(lazy_gettext("Rank as the source words it")),
        "year": StringField(lazy_gettext("Year")),
        "organisation": StringField(lazy_gettext("Organisation")),
        "city": StringField(lazy_gettext("City (English)")),
    }
    fields |= {f"city_{one.tag}": StringField(lazy_gettext("City (%(language)s)", language=one.name)) for one in others}
    fields |= {
        "country": OpenSelectField(lazy_gettext("Country"), [*nothing, *countries(locale)]),
        "lat": StringField(lazy_gettext("Latitude")),
        "lon": StringField(lazy_gettext("Longitude")),
        "themes": OpenMultiCheckboxField(lazy_gettext("Themes"), words_of("themes", tag)),
        "certainty": OpenSelectField(lazy_gettext("Certainty"), words_of("certainty", tag)),
        "remark": TextAreaField(lazy_gettext("What the sources leave open (English)")),
    }
    fields |= {
        f"remark_{one.tag}": TextAreaField(
            lazy_gettext("What the sources leave open (%(language)s)", language=one.name)
        )
        for one in others
    }
    fields["contact_email"] = EmailField(lazy_gettext("Contact of the city, for readers' questions; never shown"))
    return type("OfferedFactsForm", (FactsForm,), fields)


class TextForm(RecordForm):
    """A case in one language; fields are the parts of the text."""

    title = StringField(lazy_gettext("Title"), filters=[stripped])
    summary = TextAreaField(lazy_gettext("Summary"), filters=[stripped])
    problem = TextAreaField(lazy_gettext("The problem"), filters=[stripped])
    solution = TextAreaField(lazy_gettext("The solution"), filters=[stripped])
    outcomes = TextAreaField(lazy_gettext("What came of it"), filters=[stripped])
    lessons = TextAreaField(lazy_gettext("What others can learn"), filters=[stripped])
    body = TextAreaField(lazy_gettext("Further text"), filters=[stripped])
    tag: ClassVar[str] = "en"

    def changes(self) -> dict[str, Any]:
        """Return the parts by the names of the record."""
        return {f"{part}_{self.tag}": self[part].data for part in records.PARTS}

    @classmethod
    def data_of(cls, flat: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parts in the form's language."""
        return {part: flat.get(f"{part}_{cls.tag}", "") for part in records.PARTS}

    def refuse(self, refusal: Refusal) -> None:
        """Show a refusal at the part that it names."""
        if refusal.field:
            refusal.field = refusal.field.removesuffix(f"_{self.tag}")
        super().refuse(refusal)


def text_form(tag: str) -> type[TextForm]:
    """Return the form of a case's text in a language."""
    return type("TaggedTextForm", (TextForm,), {"tag": tag})


class SourcesForm(RecordForm):
    """The sources of a case in their order."""

    sources = Lines(
        lazy_gettext("Sources"),
        [
            Column("title", lazy_gettext("What it is called, with its date"), required=True, long=True),
            Column("url", lazy_gettext("Address"), kind="url"),
        ],
    )

    def changes(self) -> dict[str, Any]:
        """Return the first source and the further ones."""
        rows = [(stripped(row.get("title")), stripped(row.get("url")) or None) for row in self.sources.data]
        first, further = (rows[0], rows[1:]) if rows else (("", None), [])
        return {
            "source_title": first[0], "source_url": first[1],
            "extra_sources": [{"title": title, "url": url} for title, url in further],
        }  # fmt: skip

    @classmethod
    def data_of(cls, flat: Mapping[str, Any]) -> dict[str, Any]:
        """Return all sources as lines."""
        first = {"title": flat.get("source_title") or "", "url": flat.get("source_url") or ""}
        further = [{"title": one["title"], "url": one.get("url") or ""} for one in flat.get("extra_sources") or []]
        return {"sources": [first, *further] if first["title"] or first["url"] else further}

    def refuse(self, refusal: Refusal) -> None:
        """Show a refusal at its line: the first source stands alone in a record, the further ones in a list."""
        field = (refusal.field or "").replace("source_", "sources[0].")
        if place := re.match(r"extra_sources\[(\d+)\]\.?(.*)", field):
            field = f"sources[{int(place[1]) + 1}].{place[2] or 'title'}"
        refusal.field = field
        super().refuse(refusal)


def figures_form(
    languages: Sequence[Language], tag: str, locale: str, sources: Sequence[str]
) -> type[RecordForm]:  # fmt: skip
    """Return the form of context and figures, in the languages that are written there; ``sources`` are titles."""
    named = [("", ""), *((str(place), f"{place + 1}. {title[:60]}") for place, title in enumerate(sources))]
    source = Column("source", lazy_gettext("Source"), choices=named)
    date = Column("date", lazy_gettext("Date (2024, 2024-03 or 2024-03-31)"))

    def told(stem: str, label: Any, *, required: bool = False, long: bool = False) -> list[Column]:
        return [
            Column(
                f"{stem}_{one.tag}", lazy_gettext("%(field)s (%(language)s)", field=label, language=one.name),
                required=required, long=long,
            )
            for one in languages
        ]  # fmt: skip

    class FiguresForm(RecordForm):
        population = StringField(lazy_gettext("Population of the city"))
        income = OpenSelectField(lazy_gettext("Income of the country"), [("", ""), *words_of("income_bands", tag)])
        target_groups = OpenMultiCheckboxField(lazy_gettext("Whom it is meant for"), words_of("target_groups", tag))
        sdgs = OpenMultiCheckboxField(
            lazy_gettext("Sustainable Development Goals"),
            [(value, f"{value}. {word}") for value, word in words_of("sdgs", tag)],
        )
        partners = TextAreaField(lazy_gettext("Partners, one a line"))
        technologies = Lines(lazy_gettext("Technologies"), told("name", lazy_gettext("Name"), required=True))
        budget_amount = StringField(lazy_gettext("Budget: amount"))
        budget_currency = StringField(lazy_gettext("Budget: currency, such as KRW"))
        budget_years = StringField(lazy_gettext("Budget: years, as the source words them"))
        budget_source = OpenSelectField(lazy_gettext("Budget: source"), named)
        reach_people = StringField(lazy_gettext("People reached"))
        reach_date = StringField(lazy_gettext("People reached: date"))
        reach_source = OpenSelectField(lazy_gettext("People reached: source"), named)
        indicators = Lines(
            lazy_gettext("Results in figures"),
            [
                *told("name", lazy_gettext("Indicator"), required=True),
                Column("value", lazy_gettext("Value"), kind="number", required=True),
                *told("unit", lazy_gettext("Unit")),
                date,
                Column("baseline", lazy_gettext("Value before"), kind="number"),
                Column("baseline_date", lazy_gettext("Date of the value before")),
                source,
            ],
        )
        statements = Lines(
            lazy_gettext("Statements of sources, side by side"),
            [
                *told("subject", lazy_gettext("What it is about"), required=True),
                *told("text", lazy_gettext("What the source says"), required=True, long=True),
                date,
                source,
            ],
        )
        followers = Lines(
            lazy_gettext("Who followed"),
            [
                Column("city", lazy_gettext("City"), required=True),
                Column("country", lazy_gettext("Country"), required=True, choices=countries(locale)),
                Column("year", lazy_gettext("Year"), kind="number"),
                source,
            ],
        )

        def changes(self) -> dict[str, Any]:
            lines = (self["partners"].data or "").splitlines()
            budget = _filled({
                "amount": _amount(self["budget_amount"].data),
                "currency": stripped(self["budget_currency"].data).upper(),
                "years": stripped(self["budget_years"].data), "source": _whole(self["budget_source"].data),
            })  # fmt: skip
            reach = _filled({
                "people": _whole(self["reach_people"].data), "date": stripped(self["reach_date"].data),
                "source": _whole(self["reach_source"].data),
            })  # fmt: skip
            return {
                "details.population": _whole(self["population"].data),
                "details.income": self["income"].data or None,
                "details.target_groups": self["target_groups"].ordered(),
                "details.sdgs": [goal for one in self["sdgs"].ordered() if (goal := small_number(one)) is not None],
                "details.partners": [line.strip() for line in lines if line.strip()],
                "details.technologies": [_texts(row, "name") for row in self["technologies"].data],
                "details.budget": budget, "details.reach": reach,
                "details.indicators": [_indicator(row) for row in self["indicators"].data],
                "details.statements": [
                    _filled({"subject": _texts(row, "subject"), "text": _texts(row, "text"),
                             "date": stripped(row.get("date")), "source": _whole(row.get("source"))})
                    for row in self["statements"].data
                ],
                "details.followers": [
                    _filled({"city": stripped(row.get("city")), "country": stripped(row.get("country")),
                             "year": _whole(row.get("year")), "source": _whole(row.get("source"))})
                    for row in self["followers"].data
                ],
            }  # fmt: skip

        @classmethod
        def data_of(cls, flat: Mapping[str, Any]) -> dict[str, Any]:
            budget, reach = flat.get("details.budget") or {}, flat.get("details.reach") or {}
            indicators, statements = flat.get("details.indicators") or [], flat.get("details.statements") or []
            return {
                "population": _shown(flat.get("details.population")), "income": flat.get("details.income") or "",
                "target_groups": flat.get("details.target_groups") or [],
                "sdgs": [str(goal) for goal in flat.get("details.sdgs") or []],
                "partners": "\n".join(flat.get("details.partners") or []),
                "technologies": [_untexts("name", one) for one in flat.get("details.technologies") or []],
                **{f"budget_{name}": _shown(budget.get(name)) for name in ("amount", "currency", "years", "source")},
                **{f"reach_{name}": _shown(reach.get(name)) for name in ("people", "date", "source")},
                "indicators": [
                    {**_rest(one), **_untexts("name", one.get("name")), **_untexts("unit", one.get("unit"))}
                    for one in indicators
                ],
                "statements": [
                    {**_rest(one), **_untexts("subject", one.get("subject")), **_untexts("text", one.get("text"))}
                    for one in statements
                ],
                "followers": [_rest(one) for one in flat.get("details.followers") or []],
            }  # fmt: skip

    return FiguresForm


def _indicator(row: Mapping[str, Any]) -> dict[str, Any]:
    return _filled({
        "name": _texts(row, "name"), "value": _amount(row.get("value")), "unit": _texts(row, "unit"),
        "baseline": _amount(row.get("baseline")), "baseline_date": stripped(row.get("baseline_date")),
        "date": stripped(row.get("date")), "source": _whole(row.get("source")),
    })  # fmt: skip


def _shown(value: Any) -> str:
    return "" if value is None else str(value)


def _rest(one: Mapping[str, Any]) -> dict[str, str]:
    return {name: _shown(value) for name, value in one.items() if not isinstance(value, Mapping)}


def without_removed_line(sent: MultiDict[str, str]) -> MultiDict[str, str]:
    """Return what was sent without the line whose remove button was pressed."""
    name, _, row = sent.get("remove_row", "").partition(":")
    number = small_number(row)
    if number is None:
        return sent
    return MultiDict(pair for pair in sent.items(multi=True) if not pair[0].startswith(f"{name}-{number}-"))


class NewCaseForm(Form):
    """The least that a case begins with; a draft."""

    language = SelectField(lazy_gettext("Original language"), validate_choice=False)
    title = StringField(lazy_gettext("Title"), [DataRequired(lazy_gettext("Write the title."))], filters=[stripped])
    kind = SelectField(lazy_gettext("Kind of case"), validate_choice=False)
    award = StringField(
        lazy_gettext("Award"),
        [DataRequired(lazy_gettext("Write the name of the award, or in brackets what it is."))], filters=[stripped],
    )  # fmt: skip
    city = StringField(
        lazy_gettext("City (English)"), [DataRequired(lazy_gettext("Write the name of the city in English."))],
        filters=[stripped],
    )  # fmt: skip
    country = SelectField(
        lazy_gettext("Country"), [DataRequired(lazy_gettext("Choose a country."))], validate_choice=False
    )
    year = StringField(lazy_gettext("Year"), [DataRequired(lazy_gettext("Please give the year."))], filters=[stripped])

    def record(self) -> dict[str, Any]:
        """Return what was typed as a record."""
        tag = self.language.data or "en"
        return {
            "original_language": tag, f"title_{tag}": self.title.data, "kind": self.kind.data,
            "award": self.award.data, "city": self.city.data, "country": self.country.data,
            "year": _whole(self.year.data),
        }  # fmt: skip

    def refuse(self, refusal: Refusal) -> None:
        """Show a refusal at its field, whatever language it names."""
        if (refusal.field or "").startswith("title_"):
            refusal.field = "title"
        if field := self._fields.get(refusal.field or ""):
            _name_in_words(refusal, field)
        super().refuse(refusal)


class MomentForm(Form):
    """When something appears: now, at a moment, or not yet."""

    when = RadioField(
        lazy_gettext("When does it appear?"),
        choices=[
            ("now", lazy_gettext("At once")),
            ("later", lazy_gettext("At a moment")),
            ("draft", lazy_gettext("Not yet: it stays a draft")),
        ],
        validate_choice=False,
    )
    visible_from = DayAndTimeField(
        lazy_gettext("Moment (Seoul time)"), [Optional()], format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
    )

    def moment(self, now: datetime) -> datetime | None:
        """Return the chosen moment, None for a draft; raises Refusal when it is not written."""
        if self.when.data == "draft":
            return None
        if self.when.data != "later":
            return now
        if self.visible_from.data is None:
            raise Refusal(sentence("Write the day and time at which it appears."), field="visible_from")
        moment: datetime = self.visible_from.data
        return moment.replace(tzinfo=ZoneInfo(ZONE))


def local_moment(moment: datetime | None) -> datetime | None:
    """Return a moment as the field for it shows it."""
    return moment.astimezone(ZoneInfo(ZONE)).replace(tzinfo=None, second=0, microsecond=0) if moment else None


def picture_form(languages: Sequence[Language], *, with_file: bool) -> type[Form]:
    """Return the form of a picture: the file, its credit, and its words per language."""
    fields: dict[str, Any] = {"picture": FileField(lazy_gettext("Picture"))} if with_file else {}
    fields["credit"] = StringField(lazy_gettext("Who made the picture?"), filters=[stripped])
    fields |= {
        f"alt_{one.tag}": StringField(
            lazy_gettext("What can be seen? (%(language)s)", language=one.name), filters=[stripped]
        )
        for one in languages
    }
    return type("PictureForm", (Form,), fields)


def withdraw_form(languages: Sequence[Language]) -> type[Form]:
    """Return the form of a withdrawal: why, for readers of the case's address."""
    fields = {
        f"reason_{one.tag}": TextAreaField(
            lazy_gettext("Reason for readers (%(language)s)", language=one.name), filters=[stripped]
        )
        for one in languages
    }
    return type("WithdrawForm", (Form,), fields)


def collection_form(languages: Sequence[Language]) -> type[MomentForm]:
    """Return the form of a collection: its address, names and leads, and when it appears."""
    fields: dict[str, Any] = {"slug": StringField(lazy_gettext("Address"), filters=[stripped])}
    for one in languages:
        fields[f"name_{one.tag}"] = StringField(
            lazy_gettext("Name (%(language)s)", language=one.name), filters=[stripped]
        )
        fields[f"lead_{one.tag}"] = TextAreaField(
            lazy_gettext("What it shows (%(language)s)", language=one.name), filters=[stripped]
        )
    return type("CollectionForm", (MomentForm,), fields)


class ImportForm(Form):
    """A file of records."""

    file = FileField(lazy_gettext("File (JSON or CSV)"))


def name_of(name: str, languages: Mapping[str, Language]) -> str:
    """Return the words for a name of the record, as the history shows it."""
    found = re.fullmatch(r"(title|summary|problem|solution|outcomes|lessons|body|city|note)_([A-Za-z-]+)", name)
    stem, tag = (found[1], found[2]) if found else (name, "en" if name in ("city", "note") else "")
    label = str(NAMES.get(stem, stem))
    if not tag:
        return label
    language = languages.get(tag)
    return gettext("%(field)s (%(language)s)", field=label, language=language.name if language else tag)


NAMES: dict[str, Any] = {
    "kind": lazy_gettext("Kind of case"), "award": lazy_gettext("Award"), "edition_slug": lazy_gettext("Edition"),
    "category": lazy_gettext("Category"), "rank": lazy_gettext("Rank"),
    "rank_text": lazy_gettext("Rank as the source words it"), "year": lazy_gettext("Year"),
    "organisation": lazy_gettext("Organisation"), "city": lazy_gettext("City"), "country": lazy_gettext("Country"),
    "lat": lazy_gettext("Latitude"), "lon": lazy_gettext("Longitude"),
    "geo_basis": lazy_gettext("Where the coordinates come from"), "themes": lazy_gettext("Themes"),
    "certainty": lazy_gettext("Certainty"), "note": lazy_gettext("What the sources leave open"),
    "original_language": lazy_gettext("Original language"), "source_title": lazy_gettext("First source"),
    "source_url": lazy_gettext("Address of the first source"), "extra_sources": lazy_gettext("Further sources"),
    "contact_email": lazy_gettext("Contact of the city"), "visible_from": lazy_gettext("Appears at"),
    "pictures": lazy_gettext("Pictures"),
    "title": lazy_gettext("Title"), "summary": lazy_gettext("Summary"), "problem": lazy_gettext("The problem"),
    "solution": lazy_gettext("The solution"), "outcomes": lazy_gettext("What came of it"),
    "lessons": lazy_gettext("What others can learn"), "body": lazy_gettext("Further text"),
    "details.population": lazy_gettext("Population of the city"),
    "details.income": lazy_gettext("Income of the country"),
    "details.budget": lazy_gettext("Budget"), "details.partners": lazy_gettext("Partners"),
    "details.technologies": lazy_gettext("Technologies"), "details.target_groups": lazy_gettext("Whom it is meant for"),
    "details.sdgs": lazy_gettext("Sustainable Development Goals"), "details.reach": lazy_gettext("People reached"),
    "details.indicators": lazy_gettext("Results in figures"), "details.followers": lazy_gettext("Who followed"),
    "details.statements": lazy_gettext("Statements of sources, side by side"),
}  # fmt: skip
