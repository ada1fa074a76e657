"""The base of every form: translated messages, and refusals of actions shown like its own errors."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import g
from flask_babel import get_domain, get_locale, gettext
from wtforms import DateTimeLocalField, URLField
from wtforms import Form as PlainForm
from wtforms.i18n import get_translations
from wtforms.meta import DefaultMeta
from wtforms.validators import ValidationError

from portal.errors import Refusal
from portal.i18n import moment_text, sentence
from portal.webaddress import completed, is_web_address

STALE = sentence("This page was open for too long. Nothing is lost: please check and send it again.")


def small_number(typed: str | None) -> int | None:
    """Return a whole number of at most nine digits as an address or a hidden field says it; None for all else."""
    return int(typed) if typed and typed.isdecimal() and len(typed) < 10 else None


class Translations:
    """Ask our catalogue first, then the one that WTForms brings along."""

    def gettext(self, string: str) -> str:
        """Translate one message."""
        ours = gettext(string)
        return ours if ours != string else str(_wtforms_catalogue().gettext(string))

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        """Translate one message with its number."""
        ours = get_domain().get_translations().ngettext(singular, plural, n)
        return ours if ours not in (singular, plural) else str(_wtforms_catalogue().ngettext(singular, plural, n))


def _wtforms_catalogue() -> Any:
    return get_translations([str(get_locale()), "en"])


class Meta(DefaultMeta):
    """The site's form settings; the token is checked at the door for every POST."""

    csrf = False
    locales = ("en",)

    def get_translations(self, form: Any) -> Translations:
        """Return the translations for the request's language."""
        return Translations()


class Form(PlainForm):
    """Base of the site's forms."""

    Meta = Meta
    #: Sentences about the form as a whole.
    form_errors: list[str]

    def validate(self, extra_validators: Any = None) -> bool:
        """Check all fields and the page's token; what was typed stays in the form."""
        good = super().validate(extra_validators)
        if g.get("csrf_failed"):
            self.form_errors.append(gettext(STALE))
            return False
        return good

    def refuse(self, refusal: Refusal) -> None:
        """Show a refusal at its field, or at the top of the form."""
        target = self._fields.get(refusal.field or "")
        if target is None:
            self.form_errors.append(translated(refusal))
        else:
            target.errors = [*target.errors, translated(refusal)]


class DayAndTimeField(DateTimeLocalField):
    """A day and a time of years that every clock and every database knows, in whatever zone."""

    YEARS = range(1900, 9000)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed; raise ValueError for a year that nobody can mean."""
        super().process_formdata(valuelist)
        typed: datetime | None = getattr(self, "data", None)
        if typed is not None and typed.year not in self.YEARS:
            self.data = None
            raise ValueError(gettext("Please give a day and a time, for example 2026-05-29T23:59."))


class WebAddressField(URLField):
    """A web address, taken with or without its beginning."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Complete what was typed."""
        self.data = completed(valuelist[0]) if valuelist else None

    def pre_validate(self, form: Any) -> None:
        """Refuse what is no web address."""
        if self.data and not is_web_address(self.data):
            raise ValidationError(gettext("Enter a whole address, such as https://example.org."))


class PlainAct(Form):
    """A form with nothing but its button."""


def translated(refusal: Refusal) -> str:
    """Return the sentence of a refusal in the request's language."""
    if not refusal.values:
        return gettext(refusal.message)
    values = {
        name: moment_text(value, get_locale()) if isinstance(value, datetime) else value
        for name, value in refusal.values.items()
    }
    return gettext(refusal.message, **values)
