"""Forms of a case: its beginning, its facts, its text in a language, its sources."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from flask_babel import lazy_gettext
from wtforms import EmailField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired

from portal.countries import countries
from portal.errors import Refusal
from portal.forms import Form
from portal.i18n import Language
from portal.library import records
from portal.library.desk.forms.fields import (
    Column,
    Lines,
    OpenMultiCheckboxField,
    OpenSelectField,
    as_typed,
    decimal_number,
    stripped,
    whole_number,
    words_of,
)
from portal.library.desk.forms.records import RecordForm, name_in_words

CATEGORIES = (
    ("people-centric", lazy_gettext("People-centric")), ("tech-innovation", lazy_gettext("Tech-innovation")),
    ("leadership", lazy_gettext("Leadership")),
)  # fmt: skip


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
            "year": whole_number(self.year.data),
        }  # fmt: skip

    def refuse(self, refusal: Refusal) -> None:
        """Show a refusal at its field, whatever language it names."""
        if (refusal.field or "").startswith("title_"):
            refusal.field = "title"
        if field := self._fields.get(refusal.field or ""):
            name_in_words(refusal, field)
        super().refuse(refusal)


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
            return found | {"year": whole_number(year), "lat": decimal_number(lat), "lon": decimal_number(lon),
                            "themes": self["themes"].ordered()}  # fmt: skip

        @classmethod
        def data_of(cls, flat: Mapping[str, Any]) -> dict[str, Any]:
            found = {name: flat.get(name) for name in (*texts, *picks, "contact_email", "themes")}
            found |= {field: flat.get(name) for field, name in notes.items()}
            return found | {name: as_typed(flat.get(name)) for name in ("year", "lat", "lon")}

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
