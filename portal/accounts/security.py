"""Flask-Security in this house: it reads the request's session, writes through the door, mails through the outbox."""

from __future__ import annotations

import base64
import hashlib
from typing import Any, cast

import flask
from flask import Flask, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login.utils import _user_context_processor
from flask_security import MailUtil, Security, current_user, password_changed, password_reset, user_authenticated
from flask_security.confirmable import confirm_email_token_status
from sqlalchemy.orm import scoped_session
from werkzeug.local import LocalProxy

from portal import audit, clock, mail
from portal.accounts import actions
from portal.accounts.datastore import Datastore, OnceOnlyTotp, note_about
from portal.accounts.forms import signing_in as forms
from portal.accounts.gates import put_gates
from portal.accounts.models import Role, User
from portal.accounts.rules import LEAST_PASSWORD_CHARACTERS
from portal.config import Settings
from portal.db import is_writing
from portal.forms import PlainAct
from portal.i18n import TRANSLATIONS
from portal.web import done, form_page, portal, session, visitor, writing

#: Template of the outbox for each mail that the library asks for; it asks for no other.
MAILS = {
    "security/email/welcome": "account_confirm",
    "security/email/confirmation_instructions": "account_confirm",
    "security/email/welcome_existing": "account_exists",
    "security/email/reset_instructions": "password_recover",
    "security/email/reset_notice": "password_changed",
    "security/email/change_notice": "password_changed",
}

FORMS: dict[str, Any] = {
    "login_form": forms.SignInForm,
    "register_form": forms.SignUpForm,
    "forgot_password_form": forms.RecoverForm,
    "send_confirmation_form": forms.ConfirmationForm,
    "reset_password_form": forms.NewPasswordForm,
    "change_password_form": forms.OtherPasswordForm,
    "verify_form": forms.PasswordAgainForm,
    "two_factor_setup_form": forms.SecondFactorForm,
    "two_factor_verify_code_form": forms.CodeForm,
    "two_factor_rescue_form": forms.RescueForm,
    "mf_recovery_form": forms.RecoveryCodeForm,
    "mf_recovery_codes_form": forms.RecoveryCodesForm,
}


class OutboxMailUtil(MailUtil):
    """Lays the library's mails into the outbox, to be rendered by a job in the language of the person."""

    def send_mail(
        self, template: str, subject: str, recipient: Any, sender: Any, body: str | None, html: str | None,
        **context: Any,
    ) -> None:  # fmt: skip
        """Queue one mail; only its codes and the person's name go along, the site's own address is put in later."""
        user: User = context["user"]
        codes = {
            name: context[key]
            for name, key in (("confirm", "confirmation_token"), ("recover", "reset_token"))
            if context.get(key)
        }
        mail.queue(
            writing(), MAILS[template], to=user.email, language=user.language, now=clock.now(), name=user.name, **codes
        )


def install(app: Flask, settings: Settings) -> Security:
    """Hang the account flows under the language prefix."""
    app.config.update(
        SECURITY_URL_PREFIX="/<lang:lang>",
        SECURITY_PASSWORD_HASH="argon2",
        SECURITY_PASSWORD_SINGLE_HASH=["argon2"],
        SECURITY_HASHING_SCHEMES=["hex_sha256"],  # of addresses in signed links: no secret, and done in every request
        SECURITY_PASSWORD_LENGTH_MIN=LEAST_PASSWORD_CHARACTERS,
        SECURITY_PASSWORD_SALT=settings.secret_key,
        SECURITY_PASSWORD_CONFIRM_REQUIRED=False,
        SECURITY_REGISTERABLE=True,
        SECURITY_SEND_REGISTER_EMAIL=True,
        SECURITY_USE_REGISTER_V2=True,
        SECURITY_CONFIRMABLE=True,
        SECURITY_CONFIRM_EMAIL_WITHIN="3 days",
        SECURITY_RECOVERABLE=True,
        SECURITY_RESET_PASSWORD_WITHIN="1 days",
        SECURITY_CHANGEABLE=True,
        SECURITY_RETURN_GENERIC_RESPONSES=True,
        SECURITY_TWO_FACTOR=True,
        SECURITY_TWO_FACTOR_ENABLED_METHODS=["authenticator"],
        SECURITY_TWO_FACTOR_RESCUE_EMAIL=False,
        SECURITY_TOTP_SECRETS={"1": settings.secret_key},
        SECURITY_TOTP_ISSUER="Smart City Prize",
        SECURITY_MULTI_FACTOR_RECOVERY_CODES=True,
        SECURITY_MULTI_FACTOR_RECOVERY_CODES_N=8,
        SECURITY_MULTI_FACTOR_RECOVERY_CODES_KEYS=[_fernet_key(settings.secret_key)],
        SECURITY_TWO_FACTOR_ALWAYS_VALIDATE=True,
        SECURITY_API_ENABLED_METHODS=["session"],
        SECURITY_EMAIL_SENDER=settings.mail_from,
        SECURITY_EMAIL_PLAINTEXT=False,
        SECURITY_EMAIL_HTML=False,
        SECURITY_EMAIL_VALIDATOR_ARGS={"check_deliverability": False, "test_environment": True},
        SECURITY_FLASH_MESSAGES=True,
        SECURITY_I18N_DIRNAME=["builtin", str(TRANSLATIONS)],
        SECURITY_POST_LOGIN_VIEW="accounts.desk",
        SECURITY_POST_LOGOUT_VIEW="pages.home",
        SECURITY_POST_REGISTER_VIEW="security.login",
        SECURITY_POST_RESET_VIEW="security.login",
        SECURITY_POST_CHANGE_VIEW="accounts.account",
        SECURITY_POST_VERIFY_VIEW="accounts.account",
        SECURITY_TWO_FACTOR_POST_SETUP_VIEW="accounts.account",
        SECURITY_TWO_FACTOR_ERROR_VIEW="security.login",
        SECURITY_CSRF_IGNORE_UNAUTH_ENDPOINTS=False,
        SECURITY_STATIC_FOLDER=None,
    )
    datastore = Datastore(cast(scoped_session[Any], LocalProxy(session)), User, Role)
    security = Security(
        app, datastore, mail_util_cls=OutboxMailUtil, totp_cls=OnceOnlyTotp, render_template=cast(Any, _render), **FORMS
    )
    security.want_json(lambda _: False)
    app.view_functions["security.confirm_email"] = confirm_email
    put_gates(app)
    # Pages know the visitor; the libraries below would read the person again before each of them, and for templates.
    app.template_context_processors[None].remove(_user_context_processor)
    app.before_request_funcs[None].remove(security.principal._on_before_request)
    app.before_request(_lead_to_second_factor)
    password_reset.connect(_password_was_reset, app)
    password_changed.connect(_password_was_changed, app)
    user_authenticated.connect(_has_signed_in, app)
    return security


def _render(template: str, **context: Any) -> ResponseReturnValue:
    """Render a page of the library; a refused form is answered 422."""
    refused = request.method == "POST" and any(
        name.endswith("_form") and getattr(form, "errors", None) for name, form in context.items()
    )
    return render_template(template, **context), 422 if refused else 200


def confirm_email(token: str) -> ResponseReturnValue:
    """Confirm an address: the mailed link shows one button, and the button confirms."""
    expired, invalid, user = cast(Any, confirm_email_token_status)(token)
    if expired or invalid or user is None:
        flash(gettext("This link is no longer valid. Ask for a new one here."), "error")
        return redirect(url_for("security.send_confirmation"), 303)
    if user.confirmed_at is not None:
        flash(gettext("Your e-mail address is confirmed already. You can sign in."), "info")
        return redirect(url_for("security.login"), 303)
    form = PlainAct(request.form)
    if request.method == "POST" and form.validate():
        actions.confirm_email(writing(), user, now=clock.now())
        return done(gettext("Thank you, your e-mail address is confirmed. You can sign in now."), "security.login")
    return form_page("security/confirm_email.html", form, email=user.email)


def _lead_to_second_factor() -> ResponseReturnValue | None:
    """Let staff without a second factor do nothing but set one up."""
    if current_app.config["SESSION_COOKIE_NAME"] not in request.cookies:
        return None
    if request.endpoint in (None, "static_file") or str(request.endpoint).startswith("security."):
        return None
    if not visitor().is_staff:
        return None
    user = current_user
    if not user.is_authenticated or not user.needs_second_factor or user.has_second_factor:
        return None
    return redirect(url_for("security.two_factor_setup"), 303)


def _password_was_reset(_: Flask, user: User, **kwargs: Any) -> None:
    """Who follows the mailed link has shown that the address is theirs."""
    actions.confirm_email(writing(), user, now=clock.now())
    user.invitation_hash = None
    note_about("person.reset-password", user)


def _password_was_changed(_: Flask, user: User, **kwargs: Any) -> None:
    note_about("person.change-password", user)


def _has_signed_in(_: Flask, user: User, **kwargs: Any) -> None:
    if is_writing(session()):
        session().add(audit.AccessRecord(at=clock.now(), kind="sign-in", key=f"person:{user.id}", actor=user.id))
    else:
        audit.record(portal().database, "sign-in", f"person:{user.id}", now=clock.now(), by=user.id)


def _fernet_key(secret: str) -> bytes:
    return base64.urlsafe_b64encode(hashlib.sha256(f"recovery codes\n{secret}".encode()).digest())


def session_key() -> str | None:
    """Return the key of the person whom the session cookie names: good only if an active person still has it."""
    found: str | None = flask.session.get("_user_id")
    return found
