"""Forms of the secretariat: set-up of editions, screening, judges, finalists, decisions, publication."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _
from wtforms import (
    BooleanField,
    EmailField,
    Field,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Email, InputRequired, Length, NumberRange, Optional

from portal.editions.models import Category, Criterion, Edition, Prize, Round
from portal.editions.rules import APPLICANT_TYPES, CriterionDraft, criteria_for
from portal.errors import Refusal
from portal.forms import DayAndTimeField, Form
from portal.i18n import Language, sentence

#: Zones that an edition may run in: one for each offset where cities of the prize live.
ZONES = (
    "Pacific/Auckland", "Australia/Sydney", "Asia/Seoul", "Asia/Tokyo", "Asia/Singapore", "Asia/Manila", "Asia/Taipei",
    "Asia/Jakarta", "Asia/Bangkok", "Asia/Ho_Chi_Minh", "Asia/Dhaka", "Asia/Kolkata", "Asia/Karachi", "Asia/Dubai",
    "Asia/Tehran", "Europe/Istanbul", "Africa/Nairobi", "Africa/Addis_Ababa", "Africa/Cairo", "Europe/Helsinki",
    "Europe/Berlin", "Europe/Paris", "Africa/Lagos", "Europe/London", "Africa/Dakar", "UTC", "America/Sao_Paulo",
    "America/New_York", "America/Bogota", "America/Mexico_City", "America/Los_Angeles",
)  # fmt: skip

TYPE_LABELS = {
    "city": _("City government"), "corporation": _("Corporation"), "institution": _("Institution"),
    "individual": _("Individual"),
}  # fmt: skip

MOMENT_LABELS = {
    "call_opens_at": _("The call opens"), "call_closes_at": _("The call closes"),
    "screening_ends_at": _("Screening ends"), "ceremony_at": _("Award ceremony"),
    "results_at": _("Results are announced"),
}  # fmt: skip

LONG = 4000


class MomentField(DayAndTimeField):
    """A day and a time on the clock of a zone; ``moment(zone)`` gives the aware moment."""

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        formats = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"]
        kwargs.setdefault("render_kw", {"step": "1"})
        super().__init__(label, validators, format=formats, **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed; a wrong one is kept and refused with our own words."""
        try:
            super().process_formdata([value.strip() for value in valuelist])
        except ValueError as wrong:
            raise ValueError(self.gettext("Please give a day and a time, for example 2026-05-29T23:59.")) from wrong

    def moment(self, zone: str) -> datetime | None:
        """Return the moment on a zone's clock; raise Refusal for a time that the clocks leap over.

        A time that comes twice, when the clocks go back, is its first; a stored second one that was not touched stays.
        """
        found: datetime | None = self.data
        if found is None:
            return None
        first, second = (found.replace(tzinfo=ZoneInfo(zone), fold=fold) for fold in (0, 1))
        if on_clock(first.astimezone(UTC), zone) != found:
            raise Refusal(
                sentence("The clocks go forward then: this time does not exist in this zone."), field=self.name
            )
        stored = self.object_data
        return second if isinstance(stored, datetime) and stored == found and stored.fold else first


class ManyCheckboxListField(SelectMultipleField):
    """Check boxes of which any number may be ticked."""


def on_clock(moment: datetime | None, zone: str) -> datetime | None:
    """Return a moment as a naive one on a zone's clock, for a form."""
    return None if moment is None else moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def texts_of(form: Form, stem: str, languages: Iterable[Language]) -> dict[str, str]:
    """Return tag → text of the fields ``<stem>_<tag>``, white space around them taken away."""
    return {tag.tag: (form[f"{stem}_{tag.tag}"].data or "").strip() for tag in languages}


def _build(fields: Mapping[str, Any], base: type[Form] = Form) -> type[Form]:
    """Return a form class with these fields, in this order."""
    return type("BuiltForm", (base,), dict(fields))


def _in_languages(
    stem: str, label: Any, languages: Iterable[Language], texts: Mapping[str, str], *, kind: type[Field] = StringField,
    required: bool = False, most: int = 200,
) -> dict[str, Any]:  # fmt: skip
    fields = {}
    for language in languages:
        checks = [Length(max=most)]
        fields[f"{stem}_{language.tag}"] = kind(
            _("%(label)s (%(language)s)", label=label, language=language.name),
            [
                InputRequired(_("Please fill in “%(label)s (%(language)s)”.", label=label, language=language.name)),
                *checks,
            ]
            if required
            else [Optional(), *checks],
            default=texts.get(language.tag, ""),
        )
    return fields


def new_edition_form(languages: Sequence[Language]) -> type[Form]:
    """Return the form of a new edition."""
    return _build({
        "year": IntegerField(_("Year"), [InputRequired(_("Please give the year.")), NumberRange(2000, 2200)]),
        "slug": StringField(
            _("Address"), [InputRequired(_("Please give the address."))],
            description=_("The last part of the public address, such as 2026. It cannot be changed later."),
        ),
        **_in_languages("name", _("Name"), languages, {}, required=True),
    })  # fmt: skip


def names_form(edition: Edition, languages: Sequence[Language]) -> type[Form]:
    """Return the form of an edition's names, theme, zone and reading mode."""
    zones = sorted({*ZONES, edition.time_zone})
    return _build({
        **_in_languages("name", _("Name"), languages, edition.names, required=True),
        **_in_languages("theme", _("Theme"), languages, edition.themes, most=300),
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
    fields |= _in_languages("place", _("Place of the ceremony"), languages, edition.ceremony_place, most=300)
    return _build(fields)


def categories_form(categories: Iterable[Category], languages: Sequence[Language]) -> type[Form]:
    """Return the form of all categories of an edition."""
    fields: dict[str, Any] = {}
    for one in categories:
        fields |= _in_languages(f"{one.key}_name", _("Name"), languages, one.names, required=True)
        fields |= _in_languages(f"{one.key}_motto", _("Core value"), languages, one.mottos)
        fields |= _in_languages(
            f"{one.key}_description", _("Description"), languages, one.descriptions, kind=TextAreaField, most=LONG
        )
        fields[f"{one.key}_applicant_types"] = ManyCheckboxListField(
            _("Who may enter"),
            choices=[(key, TYPE_LABELS[key]) for key in APPLICANT_TYPES],
            default=one.applicant_types,
        )
    return _build(fields)


def prizes_form(prizes: Iterable[Prize], languages: Sequence[Language]) -> type[Form]:
    """Return the form of all prizes of an edition."""
    fields: dict[str, Any] = {}
    for one in prizes:
        fields |= _in_languages(f"prize_{one.id}_name", _("Name"), languages, one.names, required=True)
        fields[f"quota_{one.id}"] = IntegerField(
            _("How many"), [InputRequired(_("Please give a number.")), NumberRange(0, 100)], default=one.quota
        )
    return _build(fields)


def new_category_form(keys: Iterable[str], labels: Mapping[str, str]) -> type[Form]:
    """Return the form of a further category: one of those that the edition does not have."""
    return _build({
        "key": RadioField(
            _("Category"), [InputRequired(_("Please choose a category."))],
            choices=[(key, labels[key]) for key in keys],
        ),
        "applicant_types": ManyCheckboxListField(
            _("Who may enter"), choices=[(key, TYPE_LABELS[key]) for key in APPLICANT_TYPES]
        ),
    })  # fmt: skip


#: What is sent for "no category" and for "every type of applicant".
NONE = "-"


def new_prize_form(
    categories: Iterable[tuple[str, str]], ranks: Iterable[tuple[str, str]], languages: Sequence[Language]
) -> type[Form]:
    """Return the form of a further prize; ``categories`` and ``ranks`` are (key, words)."""
    return _build({
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
        **_in_languages("name", _("Name"), languages, {}),
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
    return _build(fields)


#: The group of criteria that all categories share, in field names.
SHARED = "all"


def criteria_form(
    groups: Mapping[str, Sequence[Criterion]], languages: Sequence[Language], aggregation: str, scale_max: int
) -> type[Form]:
    """Return the form of a rule set: every group's criteria and one empty place at its end."""
    fields: dict[str, Any] = {
        "aggregation": SelectField(
            _("How several judges become one total"),
            choices=[
                ("mean", _("Mean of all judges")), ("median", _("Median of all judges")),
                ("trimmed-mean", _("Mean without the highest and the lowest fifth")),
            ],
            default=aggregation,
        ),
        "scale_max": IntegerField(
            _("Highest score"), [InputRequired(_("Please give a number.")), NumberRange(1, 100)], default=scale_max
        ),
    }  # fmt: skip
    for group, criteria in groups.items():
        for place in range(len(criteria) + 1):
            one = criteria[place] if place < len(criteria) else None
            stem = f"{group}_{place}"
            fields |= _in_languages(f"{stem}_label", _("Criterion"), languages, one.labels if one else {})
            fields[f"{stem}_weight"] = IntegerField(
                _("Weight"), [Optional(), NumberRange(0, 100)], default=one.weight if one else None
            )
            fields |= _in_languages(
                f"{stem}_guidance", _("Guidance"), languages, one.guidance if one else {}, kind=TextAreaField, most=LONG
            )
    return _build(fields)


def criteria_groups(criteria: Sequence[Criterion], categories: Iterable[Category]) -> dict[str, Sequence[Criterion]]:
    """Return group → criteria: those shared by all categories, then each category's own."""
    shared = [one for one in criteria if one.category_key is None]
    own = {
        category.key: [one for one in criteria_for(criteria, category.key) if one.category_key is not None]
        for category in categories
    }
    return {SHARED: shared, **{key: listed for key, listed in own.items() if listed}}


def criteria_of(
    form: Form, groups: Mapping[str, Sequence[Criterion]], languages: Sequence[Language]
) -> list[CriterionDraft]:
    """Return the criteria as typed; one whose names are all empty is left out."""
    drafts = []
    for group, criteria in groups.items():
        keys = [one.key for one in criteria]
        for place in range(len(criteria) + 1):
            stem = f"{group}_{place}"
            labels = texts_of(form, f"{stem}_label", languages)
            if not any(labels.values()):
                continue
            old = criteria[place] if place < len(criteria) else None
            number = place + 1
            while old is None and f"criterion-{number}" in keys:
                number += 1
            drafts.append(CriterionDraft(
                key=old.key if old else f"criterion-{number}", weight=form[f"{stem}_weight"].data or 0, labels=labels,
                guidance=texts_of(form, f"{stem}_guidance", languages), category_key=None if group == SHARED else group,
                anchors=old.anchors if old else {},
            ))  # fmt: skip
    return drafts


class ScreeningForm(Form):
    """The outcome of screening."""

    outcome = RadioField(
        _("Outcome"),
        [InputRequired(_("Please choose an outcome."))],
        choices=[("eligible", _("Eligible")), ("sent-back", _("Sent back")), ("ineligible", _("Ineligible"))],
    )
    reason = TextAreaField(
        _("Reason"), [Optional(), Length(max=LONG)],
        description=_("The city reads it in the mail. It is needed when the entry is sent back or ineligible."),
    )  # fmt: skip
    reply_until = MomentField(
        _("Reply until"), [Optional()], description=_("Only for an entry that is sent back. Empty: no limit.")
    )
    seen = HiddenField()  # the latest outcome that the page showed, by its id


class InviteForm(Form):
    """An invitation to judge."""

    name = StringField(_("Name"), [InputRequired(_("Please give the name of the judge.")), Length(max=200)])
    email = EmailField(_("E-mail"), [InputRequired(_("Please give the e-mail address of the judge.")), Email()])
    country = SelectField(
        _("Country"), [InputRequired(_("Please choose the country."))],
        description=_("Nobody judges an entry of their own country."),
    )  # fmt: skip
    affiliation = StringField(_("Organisation or profession"), [Optional(), Length(max=200)])
    languages = ManyCheckboxListField(_("Languages the judge reads"))
    expertise = ManyCheckboxListField(_("Expertise"))
    language = SelectField(_("Language of the mail"))


class ReasonForm(Form):
    """A reason, kept in the audit log."""

    reason = TextAreaField(_("Reason"), [InputRequired(_("Please give the reason.")), Length(max=LONG)])


class AssignForm(Form):
    """The seed of an assignment: the same seed gives the same assignment."""

    seed = IntegerField(
        _("Seed"), [InputRequired(_("Please give a whole number.")), NumberRange(0, 2**31 - 1)],
        description=_("Any whole number. The same seed gives the same assignment, so that others can check it."),
    )  # fmt: skip


class FinalistsForm(ReasonForm):
    """The entries that go on."""

    entries = SelectMultipleField(_("Finalists"), validate_choice=False)


class DecisionForm(ReasonForm):
    """A prize for an entry."""

    entry = SelectField(_("Entry"), [InputRequired(_("Please choose an entry."))])
    place = IntegerField(
        _("Place"), [Optional(), NumberRange(1, 1000)],
        description=_("The place among the applicants of this type in the category. Two winners may share one."),
    )  # fmt: skip


class ScheduleForm(Form):
    """The moment of publication."""

    visible_from = MomentField(_("Publication moment"), [InputRequired(_("Please give a day and a time."))])


def winner_text_form(language: Language, title: str = "", summary: str = "", city: str = "") -> type[Form]:
    """Return the form of a winner's title, summary and city in a further language."""
    return _build({
        "title": StringField(_("Title"), [Optional(), Length(max=200)], default=title),
        "summary": TextAreaField(_("Summary"), [Optional(), Length(max=LONG)], default=summary),
        "city": StringField(
            _("City (%(language)s)", language=language.name), [Optional(), Length(max=120)], default=city
        ),
    })  # fmt: skip
