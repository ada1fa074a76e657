"""Fields and words that the secretariat's forms share: moments on a zone's clock, texts per language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _
from wtforms import Field, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length, Optional

from portal.errors import Refusal
from portal.forms import DayAndTimeField, Form
from portal.i18n import Language, sentence

TYPE_LABELS = {
    "city": _("City government"), "corporation": _("Corporation"), "institution": _("Institution"),
    "individual": _("Individual"),
}  # fmt: skip

#: The longest description, in characters.
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


def build_form(fields: Mapping[str, Any], base: type[Form] = Form) -> type[Form]:
    """Return a form class with these fields, in this order."""
    return type("BuiltForm", (base,), dict(fields))


def in_languages(
    stem: str, label: Any, languages: Iterable[Language], texts: Mapping[str, str], *, kind: type[Field] = StringField,
    required: bool = False, most: int = 200,
) -> dict[str, Any]:  # fmt: skip
    """Return a field ``<stem>_<tag>`` for each language, filled with its text."""
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
