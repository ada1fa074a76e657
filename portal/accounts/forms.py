"""Forms of accounts: those of the account library in our words, and the room's own."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from types import SimpleNamespace
from typing import Any, cast

from babel.core import Locale
from flask import g
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_security import hash_password
from flask_security.forms import (
    ChangePasswordForm,
    EmailValidation,
    ForgotPasswordForm,
    LoginForm,
    RegisterFormV2,
    ResetPasswordForm,
    SendConfirmationForm,
    TwoFactorRescueForm,
    TwoFactorSetupForm,
    TwoFactorVerifyCodeForm,
    VerifyForm,
    unique_user_email,
    valid_user_email,
)
from flask_security.recovery_codes import MfRecoveryCodesForm, MfRecoveryForm
from wtforms import (
    EmailField,
    HiddenField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)  # fmt: skip
from wtforms.validators import Email, InputRequired, Length, NumberRange, Optional, Regexp, StopValidation
from wtforms.validators import ValidationError as Invalid
from wtforms.widgets import TextInput

from portal.accounts.rules import LEAST_PASSWORD_CHARACTERS, STAFF_ROLES, is_of_this_site
from portal.forms import Form, Meta, WebAddressField
from portal.i18n import sentence
from portal.web import language, portal

STALE = sentence("This page was open for too long. Nothing is lost: please check and send it again.")


def stripped(value: str | None) -> str | None:
    """Take the space around typed text away."""
    return value.strip() if isinstance(value, str) else value


class PeopleField(IntegerField):
    """A whole number, taken with the separators of thousands that people paste: 3,270,000."""

    widget = TextInput()

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the number; what was typed is shown again as it was."""
        super().process_formdata([re.sub(r"(?<=\d)[,.'’\s](?=\d{3}(?!\d))", "", typed) for typed in valuelist])


def required(message: Any) -> list[Any]:
    """Return the validators of a field that must be filled, spaces alone not counting."""
    return [InputRequired(message), Regexp(r".*\S", message=message)]


def languages() -> list[SelectChoice]:
    """Return the offered languages, each by its own name."""
    return [SelectChoice(one.tag, one.name) for one in portal().languages.values()]


def countries(locale: Locale) -> list[SelectChoice]:
    """Return the countries of ISO 3166-1 with their CLDR names, sorted as the language sorts."""
    found = {code: name for code, name in locale.territories.items() if is_country(code)}
    return [SelectChoice(code, name) for code, name in sorted(found.items(), key=lambda pair: sort_key(pair[1]))]


#: Two-letter codes of CLDR that are no countries: outlying places, unions, the unknown, and test regions.
_NO_COUNTRIES = frozenset(["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"])


def is_country(code: str) -> bool:
    """Tell whether a territory code names a country or area of ISO 3166-1."""
    return len(code) == 2 and code.isalpha() and code not in _NO_COUNTRIES


def sort_key(name: str) -> str:
    """Accents apart, the order of code points is right for Latin letters and for Hangul syllables."""
    plain = unicodedata.normalize("NFKD", name) if name and name[0] < "\u1100" else name
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).casefold()


def email_field(account: Any) -> EmailField:
    """Return the field of an address that the library looks up with the validator ``account``."""
    return EmailField(
        _("E-mail address"),
        validators=[*required(_("Enter your e-mail address.")), EmailValidation(verify=True), account],
        filters=[stripped], render_kw={"autocomplete": "email", "spellcheck": "false"},
    )  # fmt: skip


def password_field(label: Any, message: Any, *, new: bool) -> PasswordField:
    """Return a field for a password; what is typed is never sent back."""
    return PasswordField(
        label, validators=[InputRequired(message), Length(max=1000)],
        render_kw={"autocomplete": "new-password" if new else "current-password"},
    )  # fmt: skip


def is_email(text: str) -> bool:
    """Tell whether a text has the form of an e-mail address."""
    try:
        EmailValidation(verify=True)(cast(Any, None), cast(Any, SimpleNamespace(data=text)))
    except (ValueError, StopValidation):
        return False
    return True


class DoorForm:
    """What the account library's forms share with ours: messages of both catalogues, and the token of the door."""

    Meta = Meta

    def validate(self, **kwargs: Any) -> bool:
        """Refuse a page whose token is stale, keeping what was typed."""
        if g.get("csrf_failed"):
            self.form_errors.append(gettext(STALE))  # type: ignore[attr-defined]
            return False
        return bool(super().validate(**kwargs))  # type: ignore[misc]


class NextField:
    """A form that leads on to the wanted page, on this site only."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        wanted = self.next  # type: ignore[attr-defined]
        if wanted.data and not is_of_this_site(wanted.data):
            wanted.data = ""


_SIGN_IN_ASKS = {"email": sentence("Enter your e-mail address."), "password": sentence("Enter your password.")}


class SignInForm(DoorForm, NextField, LoginForm):
    """Address and password."""

    email = EmailField(
        _("E-mail address"), validators=required(_("Enter your e-mail address.")), filters=[stripped],
        render_kw={"autocomplete": "username", "spellcheck": "false"},
    )  # fmt: skip
    password = password_field(_("Password"), _("Enter your password."), new=False)
    remember = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.password.description = ""  # the library puts markup there

    def validate(self, **kwargs: Any) -> bool:
        """Check address and password; only who knows both learns what else stands in the way."""
        if super().validate(**kwargs):
            return True
        if empty := [one for one in (self.email, self.password) if not one.data]:  # the library would call them wrong
            self.form_errors += [gettext(_SIGN_IN_ASKS[one.name]) for one in empty]
            self.email.errors, self.password.errors = [], []
            return False
        if not self.user_authenticated:
            return False
        self.email.errors = []
        if self.user is not None and not self.user.is_active:
            self.form_errors.append(gettext("This account is suspended. Please write to the secretariat."))
        elif self.requires_confirmation:
            self.form_errors.append(
                gettext("Please confirm your e-mail address first: open the link in the mail that we sent you.")
            )
        return False


class SignUpForm(DoorForm, NextField, RegisterFormV2):
    """A new account."""

    name = StringField(
        _("Your name"), validators=[*required(_("Enter your name.")), Length(max=120)], filters=[stripped],
        render_kw={"autocomplete": "name"},
    )  # fmt: skip
    email = email_field(unique_user_email)
    password = password_field(_("Password"), _("Enter a password."), new=True)
    language = SelectField(_("Language of our mails to you"), choices=languages)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("data", {"language": language().tag})
        super().__init__(*args, **kwargs)


class AddressForm(DoorForm):
    """An address to write to; whether it has an account is not told, but what is no address is refused."""

    def validate(self, **kwargs: Any) -> bool:
        """Check the address; a fault of writing stands above the form, where the library does not wipe it away."""
        if super().validate(**kwargs):
            return True
        field: Any = self.email  # type: ignore[attr-defined]
        if not field.data or not is_email(field.data):
            self.form_errors.append(gettext("Enter a whole e-mail address."))  # type: ignore[attr-defined]
        return False


class RecoverForm(AddressForm, ForgotPasswordForm):
    """Whose password is to be set anew."""

    email = email_field(valid_user_email)

    def validate(self, **kwargs: Any) -> bool:
        """Take as long for a known address as the library takes for an unknown one."""
        good = super().validate(**kwargs)
        if good:
            hash_password("not a password")
        return good


class ConfirmationForm(AddressForm, SendConfirmationForm):
    """Who wants the confirmation mail again."""

    email = email_field(valid_user_email)


class NewPasswordForm(DoorForm, ResetPasswordForm):
    """A new password, by a mailed link."""

    password = password_field(_("New password"), _("Enter a password."), new=True)
    password_confirm = None


class OtherPasswordForm(DoorForm, ChangePasswordForm):
    """A new password, by someone who knows the old one."""

    password = password_field(_("Your present password"), _("Enter your present password."), new=False)
    new_password = password_field(_("New password"), _("Enter a password."), new=True)
    new_password_confirm = None


class PasswordAgainForm(DoorForm, NextField, VerifyForm):
    """The password once more, before a change of what protects the account."""

    password = password_field(_("Password"), _("Enter your password."), new=False)


class SecondFactorForm(DoorForm, TwoFactorSetupForm):
    """Setting up or switching off the second factor."""

    setup = RadioField(choices=[SelectChoice("authenticator"), SelectChoice("disable")], validate_choice=False)


class CodeForm(DoorForm, TwoFactorVerifyCodeForm):
    """The code of the authenticator."""

    code = StringField(
        _("Six-digit code"), validators=required(_("Enter the code that your authenticator shows.")),
        filters=[lambda typed: typed.replace(" ", "") if isinstance(typed, str) else typed],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )  # fmt: skip


class RescueForm(DoorForm, TwoFactorRescueForm):
    """Ways out that the library offers beside the code; our page names them itself."""

    help_setup = RadioField(choices=[SelectChoice("help")])


class RecoveryCodeForm(DoorForm, MfRecoveryForm):
    """One of the recovery codes."""

    code = StringField(
        _("Recovery code"), validators=required(_("Enter one of your recovery codes.")), filters=[stripped],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )  # fmt: skip


class RecoveryCodesForm(DoorForm, MfRecoveryCodesForm):
    """Making new recovery codes."""


class AccountForm(Form):
    """One's own name and language."""

    name = StringField(
        _("Your name"), validators=[*required(_("Enter your name.")), Length(max=120)], filters=[stripped],
        render_kw={"autocomplete": "name"},
    )  # fmt: skip
    language = SelectField(_("Language of our mails to you"), choices=languages)


class PasswordForm(Form):
    """The first password of an invited person."""

    password = password_field(_("Password"), _("Enter a password."), new=True)

    def validate_password(self, field: Any) -> None:
        """Hold a password to the same rules as at sign-up."""
        if len(field.data or "") < LEAST_PASSWORD_CHARACTERS:
            raise Invalid(gettext("Use at least %(count)s characters.", count=LEAST_PASSWORD_CHARACTERS))


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
        choices=lambda: [SelectChoice("", gettext("Choose a country")), *countries(language().locale)],
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


class InvitationForm(Form):
    """A person to invite."""

    name = StringField(_("Name"), validators=[*required(_("Enter the name.")), Length(max=120)], filters=[stripped])
    email = EmailField(
        _("E-mail address"),
        validators=[*required(_("Enter the e-mail address.")), Email(_("Enter a whole e-mail address."))],
        filters=[stripped],
    )
    language = SelectField(_("Language of our mails to this person"), choices=languages)
    roles = SelectMultipleField(
        _("Roles"), validators=[Optional()],
        choices=[SelectChoice("secretariat", _("Secretariat")), SelectChoice("administrator", _("Administrator"))],
    )  # fmt: skip


class ReasonForm(Form):
    """A reason that goes into the audit log."""

    reason = TextAreaField(
        _("Reason"), validators=[*required(_("Write the reason.")), Length(max=1000)], filters=[stripped]
    )


class RoleForm(Form):
    """One role to give or to take."""

    role = SelectField(_("Role"), choices=[SelectChoice(name, name) for name in STAFF_ROLES])


def one_of(value: str, allowed: Collection[str]) -> str:
    """Return a filter's value if it is one that the page offers, else nothing."""
    return value if value in allowed else ""
