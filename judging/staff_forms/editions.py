"""Forms of the set-up of an edition: names, timeline, categories, prizes, rounds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, NumberRange, Optional

from judging.staff_forms.fields import (
    LONG,
    TYPE_LABELS,
    ManyCheckboxListField,
    MomentField,
    build_form,
    in_languages,
    on_clock,
)
from portal.editions.models import Category, Edition, Prize, Round
from portal.editions.rules import APPLICANT_TYPES
from portal.forms import Form
from portal.i18n import Language

#: Zones that an edition may run in: one for each offset where cities of the prize live.
ZONES = (
    "Pacific/Auckland", "Australia/Sydney", "Asia/Seoul", "Asia/Tokyo", "Asia/Singapore", "Asia/Manila", "Asia/Taipei",
    "Asia/Jakarta", "Asia/Bangkok", "Asia/Ho_Chi_Minh", "Asia/Dhaka", "Asia/Kolkata", "Asia/Karachi", "Asia/Dubai",
    "Asia/Tehran", "Europe/Istanbul", "Africa/Nairobi", "Africa/Addis_Ababa", "Africa/Cairo", "Europe/Helsinki",
    "Europe/Berlin", "Europe/Paris", "Africa/Lagos", "Europe/London", "Africa/Dakar", "UTC", "America/Sao_Paulo",
    "America/New_York", "America/Bogota", "America/Mexico_City", "America/Los_Angeles",
)  # fmt: skip

MOMENT_LABELS = {
    "call_opens_at": _("The call opens"), "call_closes_at": _("The call closes"),
    "screening_ends_at": _("Screening ends"), "ceremony_at": _("Award ceremony"),
    "results_at": _("Results are announced"),
}  # fmt: skip

#: What is sent for "no category" and for "every type of applicant".
NONE = "-"


def new_edition_form(languages: Sequence[Language]) -> type[Form]:
    """Return the form of a new edition."""
    return build_form({
        "year": IntegerField(_("Year"), [InputRequired(_("Please give the year.")), NumberRange(2000, 2200)]),
        "slug": StringField(
            _("Address"), [InputRequired(_("Please give the address."))],
            description=_("The last part of the public address, such as 2026. It cannot be changed later."),
        ),
        **in_languages("name", _("Name"), languages, {}, required=True),
    })  # fmt: skip


def names_form(edition: Edition, languages: Sequence[Language]) -> type[Form]:
    """Return the form of an edition's names, theme, zone and reading mode."""
    zones = sorted({*ZONES, edition.time_zone})
    return build_form({
        **in_languages("name", _("Name"), languages, edition.names, required=True),
        **in_languages("theme", _("Theme"), languages, edition.themes, most=300),
        "time_zone": SelectField(
            _("Time zone"), choices=zones, default=edition.time_zone,
            description=_("Every deadline of this edition is shown on the clock of this zone."),
        ),
        "is_blind": BooleanField(
            _("Judges read blind"), default=edition.is_blind,
            description=_("City and organisation are hidden from the judges. Fixed once a round has opened."),
        ),
    })  # fmt: skip


def timeline_form(
    edition: Edition,
    moments: Mapping[str, datetime | None],
    labels: Mapping[str, Any],
    languages: Sequence[Language],
) -> type[Form]:
    """Return the form of a timeline, every moment on the clock of the edition's zone."""
    fields: dict[str, Any] = {
        key: MomentField(labels[key], [Optional()], default=on_clock(moment, edition.time_zone))
        for key, moment in moments.items()
    }
    fields |= in_languages("place", _("Place of the ceremony"), languages, edition.ceremony_place, most=300)
    return build_form(fields)


def categories_form(categories: Iterable[Category], languages: Sequence[Language]) -> type[Form]:
    """Return the form of all categories of an edition."""
    fields: dict[str, Any] = {}
    for one in categories:
        fields |= in_languages(f"{one.key}_name", _("Name"), languages, one.names, required=True)
        fields |= in_languages(f"{one.key}_motto", _("Core value"), languages, one.mottos)
        fields |= in_languages(
            f"{one.key}_description", _("Description"), languages, one.descriptions, kind=TextAreaField, most=LONG
        )
        fields[f"{one.key}_applicant_types"] = ManyCheckboxListField(
            _("Who may enter"),
            choices=[(key, TYPE_LABELS[key]) for key in APPLICANT_TYPES],
            default=one.applicant_types,
        )
    return build_form(fields)


def new_category_form(keys: Iterable[str], labels: Mapping[str, str]) -> type[Form]:
    """Return the form of a further category: one of those that the edition does not have."""
    return build_form({
        "key": RadioField(
            _("Category"), [InputRequired(_("Please choose a category."))],
            choices=[(key, labels[key]) for key in keys],
        ),
        "applicant_types": ManyCheckboxListField(
            _("Who may enter"), choices=[(key, TYPE_LABELS[key]) for key in APPLICANT_TYPES]
        ),
    })  # fmt: skip


def prizes_form(prizes: Iterable[Prize], languages: Sequence[Language]) -> type[Form]:
    """Return the form of all prizes of an edition."""
    fields: dict[str, Any] = {}
    for one in prizes:
        fields |= in_languages(f"prize_{one.id}_name", _("Name"), languages, one.names, required=True)
        fields[f"quota_{one.id}"] = IntegerField(
            _("How many"), [InputRequired(_("Please give a number.")), NumberRange(0, 100)], default=one.quota
        )
    return build_form(fields)


def new_prize_form(
    categories: Iterable[tuple[str, str]], ranks: Iterable[tuple[str, str]], languages: Sequence[Language]
) -> type[Form]:
    """Return the form of a further prize; ``categories`` and ``ranks`` are (key, words)."""
    return build_form({
        "category": SelectField(
            _("Category"), choices=[*categories, (NONE, _("On top of any entry"))],
            validators=[InputRequired(_("Please choose a category."))],
        ),
        "rank": SelectField(
            _("Rank"), choices=list(ranks), validators=[InputRequired(_("Please choose a rank."))]
        ),
        "applicant_type": SelectField(
            _("For"), choices=[(NONE, _("All applicants")), *TYPE_LABELS.items()], default=NONE
        ),
        "quota": IntegerField(
            _("How many"), [InputRequired(_("Please give a number.")), NumberRange(0, 100)], default=1,
            description=_("A quota is the most that can be given; it may stay unfilled."),
        ),
        **in_languages("name", _("Name"), languages, {}),
    })  # fmt: skip


def rounds_form(rounds: Iterable[Round]) -> type[Form]:
    """Return the form of an edition's rounds."""
    fields: dict[str, Any] = {}
    for one in rounds:
        fields[f"round_{one.number}_reviews"] = IntegerField(
            _("Judges for each entry"), [InputRequired(_("Please give a number.")), NumberRange(1, 30)],
            default=one.reviews_per_entry,
        )  # fmt: skip
        fields[f"round_{one.number}_finalists"] = IntegerField(
            _("Finalists that go on"), [Optional(), NumberRange(1, 10_000)], default=one.finalists
        )
    return build_form(fields)
