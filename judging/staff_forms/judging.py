"""Forms of the work of a year: screening, judges, finalists, decisions, publication."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import (
    EmailField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Email, InputRequired, Length, NumberRange, Optional

from judging.rules import MOST_CHARACTERS
from judging.staff_forms.fields import ManyCheckboxListField, MomentField, build_form
from portal.forms import Form
from portal.i18n import Language


class ReasonForm(Form):
    """A reason, kept in the audit log."""

    reason = TextAreaField(_("Reason"), [InputRequired(_("Please give the reason.")), Length(max=MOST_CHARACTERS)])


class ScreeningForm(Form):
    """The outcome of screening."""

    outcome = RadioField(
        _("Outcome"),
        [InputRequired(_("Please choose an outcome."))],
        choices=[("eligible", _("Eligible")), ("sent-back", _("Sent back")), ("ineligible", _("Ineligible"))],
    )
    reason = TextAreaField(
        _("Reason"), [Optional(), Length(max=MOST_CHARACTERS)],
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
    return build_form({
        "title": StringField(_("Title"), [Optional(), Length(max=200)], default=title),
        "summary": TextAreaField(_("Summary"), [Optional(), Length(max=MOST_CHARACTERS)], default=summary),
        "city": StringField(
            _("City (%(language)s)", language=language.name), [Optional(), Length(max=120)], default=city
        ),
    })  # fmt: skip
