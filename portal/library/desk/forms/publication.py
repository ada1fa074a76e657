"""Forms of what appears and when: a case, a collection, a withdrawal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext
from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import Optional

from portal.errors import Refusal
from portal.forms import DayAndTimeField, Form
from portal.i18n import Language, sentence
from portal.library.desk.forms.fields import stripped

#: The clock by which editors set moments.
ZONE = "Asia/Seoul"


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
