"""The forms of the account library in our words: signing up and in, passwords, the second factor."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

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
from wtforms import EmailField, RadioField, SelectChoice, SelectField, StringField
from wtforms.validators import Length, StopValidation

from portal.accounts.forms.fields import NextField, languages, password_field, required, stripped
from portal.forms import STALE, Meta
from portal.i18n import sentence
from portal.web import language


def email_field(account: Any) -> EmailField:
    """Return the field of an address that the library looks up with the validator ``account``."""
    return EmailField(
        _("E-mail address"),
        validators=[*required(_("Enter your e-mail address.")), EmailValidation(verify=True), account],
        filters=[stripped], render_kw={"autocomplete": "email", "spellcheck": "false"},
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
