"""Forms about entries; the entry form itself is made from its stored definition."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import RadioField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from portal.forms import Form
from submissions.languages import entry_languages


def _language_choices() -> list[SelectChoice]:
    return [SelectChoice(tag, name) for tag, name in entry_languages().items()]


class StartForm(Form):
    """Which category, for whom, in which language."""

    organisation = RadioField(
        _("For which organisation do you enter?"),
        validators=[InputRequired(_("Please choose the organisation that enters."))],
    )
    category = RadioField(
        _("In which category?"), validators=[InputRequired(_("Please choose a category."))]
    )  # fmt: skip
    language = SelectField(
        _("In which language will you write?"),
        choices=_language_choices,
        description=_("The language of your answers. The questions are shown in the language of this page."),
    )


class LanguageForm(Form):
    """In which language the answers are written."""

    language = SelectField(_("In which language are your answers?"), choices=_language_choices)


class WithdrawForm(Form):
    """Why an entry is taken back."""

    reason = TextAreaField(
        _("Why do you withdraw it?"),
        validators=[Length(max=1000, message=_("Please use at most 1,000 characters."))],
        description=_("Only the secretariat reads this."),
    )
