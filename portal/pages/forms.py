"""Forms of staff: an information page, a notice, the site's settings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext
from wtforms import (
    BooleanField,
    EmailField,
    Field,
    FileField,
    HiddenField,
    StringField,
    TextAreaField,
)  # fmt: skip
from wtforms.validators import Email, InputRequired, Length, Optional

from portal.forms import DayAndTimeField, Form, WebAddressField
from portal.i18n import Language
from portal.pages import rules


def stripped(text: str | None) -> str:
    """Return what was typed without space at its ends."""
    return (text or "").strip()


class TitledForm(Form):
    """Base of forms of a text with a title."""

    title = StringField(
        lazy_gettext("Title"),
        [InputRequired(lazy_gettext("Write a title.")), Length(max=rules.MOST_TITLE_CHARACTERS)],
        filters=[stripped],
    )


class PageForm(TitledForm):
    """An information page in one language."""

    text = TextAreaField(
        lazy_gettext("Text"),
        [InputRequired(lazy_gettext("Write the text of the page.")), Length(max=rules.MOST_MARKDOWN_CHARACTERS)],
    )
    seen_at = HiddenField()


class NoticeForm(TitledForm):
    """A notice in one language, with the moment at which it appears."""

    text = TextAreaField(
        lazy_gettext("Text"),
        [InputRequired(lazy_gettext("Write the text of the notice.")), Length(max=rules.MOST_MARKDOWN_CHARACTERS)],
    )
    visible_from = DayAndTimeField(
        lazy_gettext("Appears at (Seoul time)"),
        [InputRequired(lazy_gettext("Write the day and time at which the notice appears."))],
        format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
    )
    source_url = WebAddressField(lazy_gettext("Address of the source"), [Optional(), Length(max=500)])

    def visible_moment(self) -> datetime:
        """Return the moment of appearance, in the zone in which it was written."""
        assert self.visible_from.data is not None, "read it after validation"
        moment: datetime = self.visible_from.data
        return moment.replace(tzinfo=ZoneInfo(rules.ZONE))


class SiteForm(Form):
    """The site's settings; the fields per language are added by ``site_form``."""

    contact_email = EmailField(
        lazy_gettext("Contact e-mail address"),
        [
            InputRequired(lazy_gettext("Write an e-mail address.")),
            Email(lazy_gettext("Write a whole e-mail address, such as name@example.org.")),
        ],
        filters=[stripped],
    )
    logo = FileField(lazy_gettext("Logo"))
    remove_logo = BooleanField(lazy_gettext("Use the prize's own mark instead of the uploaded logo"))

    languages: Sequence[Language] = ()

    def fields_of(self, tag: str) -> tuple[Field, Field, Field]:
        """Return the fields of a language: name, tagline, postal address."""
        return self[f"name-{tag}"], self[f"tagline-{tag}"], self[f"address-{tag}"]

    def texts(self, kind: str) -> dict[str, str]:
        """Return what was typed of a kind (name, tagline, address), by language."""
        return {language.tag: self[f"{kind}-{language.tag}"].data or "" for language in self.languages}


def site_form(languages: Sequence[Language]) -> type[SiteForm]:
    """Return the settings form for the languages that the site offers."""
    fields: dict[str, Any] = {"languages": languages}
    for language in languages:
        limit = [Length(max=rules.MOST_NAME_CHARACTERS)]
        fields[f"name-{language.tag}"] = StringField(lazy_gettext("Name of the prize"), limit, filters=[stripped])
        fields[f"tagline-{language.tag}"] = StringField(
            lazy_gettext("The prize in one line"), limit, filters=[stripped]
        )
        fields[f"address-{language.tag}"] = TextAreaField(
            lazy_gettext("Postal address"), [Length(max=500)], filters=[stripped]
        )
    return type("OfferedSiteForm", (SiteForm,), fields)
