"""The form of what enters: a city government, company or institution."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import HiddenField, IntegerField, RadioField, SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import TextInput

from portal.accounts.forms.fields import NextField, required, stripped
from portal.countries import countries
from portal.forms import Form, WebAddressField
from portal.web import language


class PeopleField(IntegerField):
    """A whole number, taken with the separators of thousands that people paste: 3,270,000."""

    widget = TextInput()

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the number; what was typed is shown again as it was."""
        super().process_formdata([re.sub(r"(?<=\d)[,.'’\s](?=\d{3}(?!\d))", "", typed) for typed in valuelist])


class OrganisationForm(NextField, Form):
    """A city government, company or institution that enters, or the office of an individual."""

    applicant_type = RadioField(
        _("Applicant type"), validators=[InputRequired(_("Choose what enters."))],
        choices=[
            SelectChoice("city", _("City government")), SelectChoice("corporation", _("Corporation")),
            SelectChoice("institution", _("Institution")), SelectChoice("individual", _("Individual")),
        ],
    )  # fmt: skip
    name = StringField(
        _("Name of the organisation"), validators=[*required(_("Enter the name.")), Length(max=200)],
        filters=[stripped], render_kw={"autocomplete": "organization"},
    )  # fmt: skip
    country = SelectField(
        _("Country"), validators=[InputRequired(_("Choose a country."))],
        choices=lambda: [SelectChoice("", gettext("Choose a country")), *countries(str(language().locale))],
        render_kw={"autocomplete": "country"},
    )  # fmt: skip
    region = StringField(
        _("Region or province"), validators=[Optional(), Length(max=120)], filters=[stripped],
        render_kw={"autocomplete": "address-level1"},
    )  # fmt: skip
    city = StringField(
        _("City"), validators=[*required(_("Enter the city.")), Length(max=120)], filters=[stripped],
        render_kw={"autocomplete": "address-level2"},
    )  # fmt: skip
    population = PeopleField(
        _("Population of the city"),
        validators=[
            Optional(),
            NumberRange(1, 100_000_000, message=_("Enter a number of people between 1 and 100,000,000.")),
        ],
        render_kw={"inputmode": "numeric"},
    )
    website = WebAddressField(_("Website"), validators=[Optional(), Length(max=300)], render_kw={"autocomplete": "url"})
    next = HiddenField()

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask a city, besides, how many people live there."""
        good = super().validate(extra_validators)
        if self.applicant_type.data == "city" and self.population.data is None and not self.population.errors:
            self.population.errors = [gettext("Enter how many people live in the city.")]
            return False
        return good
