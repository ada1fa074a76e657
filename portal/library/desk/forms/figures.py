"""The form of a case's context and figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext
from wtforms import StringField, TextAreaField

from portal.countries import countries
from portal.forms import small_number
from portal.i18n import Language
from portal.library.desk.forms.fields import (
    Column,
    Lines,
    OpenMultiCheckboxField,
    OpenSelectField,
    as_typed,
    stripped,
    whole_number,
    words_of,
)
from portal.library.desk.forms.records import RecordForm


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
                "years": stripped(self["budget_years"].data), "source": whole_number(self["budget_source"].data),
            })  # fmt: skip
            reach = _filled({
                "people": whole_number(self["reach_people"].data), "date": stripped(self["reach_date"].data),
                "source": whole_number(self["reach_source"].data),
            })  # fmt: skip
            return {
                "details.population": whole_number(self["population"].data),
                "details.income": self["income"].data or None,
                "details.target_groups": self["target_groups"].ordered(),
                "details.sdgs": [goal for one in self["sdgs"].ordered() if (goal := small_number(one)) is not None],
                "details.partners": [line.strip() for line in lines if line.strip()],
                "details.technologies": [_texts(row, "name") for row in self["technologies"].data],
                "details.budget": budget, "details.reach": reach,
                "details.indicators": [_indicator(row) for row in self["indicators"].data],
                "details.statements": [
                    _filled({"subject": _texts(row, "subject"), "text": _texts(row, "text"),
                             "date": stripped(row.get("date")), "source": whole_number(row.get("source"))})
                    for row in self["statements"].data
                ],
                "details.followers": [
                    _filled({"city": stripped(row.get("city")), "country": stripped(row.get("country")),
                             "year": whole_number(row.get("year")), "source": whole_number(row.get("source"))})
                    for row in self["followers"].data
                ],
            }  # fmt: skip

        @classmethod
        def data_of(cls, flat: Mapping[str, Any]) -> dict[str, Any]:
            budget, reach = flat.get("details.budget") or {}, flat.get("details.reach") or {}
            indicators, statements = flat.get("details.indicators") or [], flat.get("details.statements") or []
            return {
                "population": as_typed(flat.get("details.population")), "income": flat.get("details.income") or "",
                "target_groups": flat.get("details.target_groups") or [],
                "sdgs": [str(goal) for goal in flat.get("details.sdgs") or []],
                "partners": "\n".join(flat.get("details.partners") or []),
                "technologies": [_untexts("name", one) for one in flat.get("details.technologies") or []],
                **{f"budget_{name}": as_typed(budget.get(name)) for name in ("amount", "currency", "years", "source")},
                **{f"reach_{name}": as_typed(reach.get(name)) for name in ("people", "date", "source")},
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
        "date": stripped(row.get("date")), "source": whole_number(row.get("source")),
    })  # fmt: skip


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


def _rest(one: Mapping[str, Any]) -> dict[str, str]:
    return {name: as_typed(value) for name, value in one.items() if not isinstance(value, Mapping)}
