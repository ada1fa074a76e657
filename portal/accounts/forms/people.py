"""Forms about a person: their own account, an invitation, roles and what the secretariat does with them."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import EmailField, SelectChoice, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import Email, Length, Optional
from wtforms.validators import ValidationError as Invalid

from portal.accounts.forms.fields import languages, password_field, required, stripped
from portal.accounts.rules import LEAST_PASSWORD_CHARACTERS, STAFF_ROLES
from portal.forms import Form


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
