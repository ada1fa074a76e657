"""Flask-Security in this house: it reads the request's session, writes through the door, mails through the outbox."""

from __future__ import annotations

import base64
import functools
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import flask
from flask import Flask, Response, abort, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login.utils import _user_context_processor
from flask_security import (
    MailUtil,
    Security,
    SQLAlchemySessionUserDatastore,
    current_user,
    password_changed,
    password_reset,
    user_authenticated,
)  # fmt: skip
from flask_security.confirmable import confirm_email_token_status
from flask_security.totp import Totp
from passlib.exc import UsedTokenError
from sqlalchemy import inspect, or_, update
from sqlalchemy.orm import scoped_session
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.local import LocalProxy

from portal import audit, clock, mail
from portal.accounts import actions, forms, limits
from portal.accounts.models import Role, User
from portal.accounts.rules import LEAST_PASSWORD_CHARACTERS, is_of_this_site, normalize_email
from portal.config import Settings
from portal.db import is_writing
from portal.forms import PlainAct
from portal.i18n import TRANSLATIONS
from portal.web import client_address, done, form_page, portal, session, visitor, writing

#: Template of the outbox for each mail that the library asks for; it asks for no other.
MAILS = {
    "security/email/welcome": "account_confirm",
    "security/email/confirmation_instructions": "account_confirm",
    "security/email/welcome_existing": "account_exists",
    "security/email/reset_instructions": "password_recover",
    "security/email/reset_notice": "password_changed",
    "security/email/change_notice": "password_changed",
}

#: Views of the library that this site does not use.
CLOSED = ("two_factor_rescue", "tf_select", "two_factor_setup_validate")

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


class Datastore(SQLAlchemySessionUserDatastore):
    """Flask-Security's datastore: the door commits, not it, and its changes stand in the audit log."""

    def commit(self) -> None:
        """Flush only."""
        if is_writing(session()):
            session().flush()

    def put(self, model: Any) -> Any:
        """Take a changed or new row into the write transaction; changes made before it opened are kept."""
        if not is_writing(session()):
            state = inspect(model)
            changed = {
                name: getattr(model, name)
                for name in (state.mapper.column_attrs.keys() if state.persistent else ())
                if state.attrs[name].history.has_changes()
            }
            writing()
            for name, value in changed.items():
                setattr(model, name, value)
        session().add(model)
        return model

    def delete(self, model: Any) -> None:
        """Delete a row in the write transaction."""
        writing().delete(model)

    def find_user(self, case_insensitive: bool = False, **kwargs: Any) -> User | None:
        """Find a person; demonstration accounts are not there outside demonstration mode."""
        if "email" in kwargs:
            kwargs["email"] = normalize_email(str(kwargs["email"] or ""))
        user = cast(User | None, super().find_user(**kwargs))
        demonstration = portal().settings.demonstration
        if user is None or (user.is_demonstration and not demonstration):
            return None
        user.needs_second_factor = user.is_staff and not demonstration  # type: ignore[misc]
        return user

    def create_user(self, **kwargs: Any) -> User:
        """Add the person who signs up."""
        return actions.create_user(
            writing(), email=kwargs["email"], name=kwargs["name"], language=kwargs["language"],
            password_hash=kwargs["password"], confirmed=False, now=clock.now(),
        )  # fmt: skip

    def tf_set(self, user: Any, primary_method: str, totp_secret: str | None = None, phone: str | None = None) -> None:
        """Keep the authenticator that a person has set up."""
        is_new = bool(totp_secret) and user.tf_totp_secret != totp_secret
        super().tf_set(user, primary_method, totp_secret, phone)
        if is_new:
            _note("person.set-up-second-factor", user)

    def tf_reset(self, user: Any) -> None:
        """Forget the authenticator."""
        super().tf_reset(user)
        _note("person.switch-off-second-factor", user)

    def mf_set_recovery_codes(self, user: Any, rcs: list[str] | None) -> None:
        """Keep new recovery codes; the old ones end."""
        super().mf_set_recovery_codes(user, rcs)
        _note("person.make-recovery-codes", user)

    def mf_delete_recovery_code(self, user: Any, idx: int) -> bool:
        """Use a recovery code up."""
        codes = list(user.mf_recovery_codes or [])
        if not 0 <= idx < len(codes):
            return False
        del codes[idx]
        user.mf_recovery_codes = codes
        self.put(user)
        _note("person.use-recovery-code", user)
        return True


class OnceOnlyTotp(Totp):
    """Takes each code of an authenticator once, as RFC 6238 (5.2) wants it."""

    def get_last_counter(self, user: Any) -> int | None:
        """Return the time step of the last code that was taken."""
        return cast(int | None, user.tf_last_counter)

    def set_last_counter(self, user: Any, tmatch: Any) -> None:
        """Keep the time step of a code; raise UsedTokenError when it was taken at this very moment elsewhere."""
        is_newer = or_(User.tf_last_counter.is_(None), User.tf_last_counter < tmatch.counter)
        keep = update(User).where(User.id == user.id, is_newer).values(tf_last_counter=tmatch.counter)
        if cast(Any, writing().execute(keep)).rowcount == 0:
            raise UsedTokenError


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
    for endpoint, view in app.view_functions.items():
        if endpoint.startswith("security."):
            name = endpoint.removeprefix("security.")
            app.view_functions[endpoint] = (
                _closed if name in CLOSED else _with_door(cast(Any, view), GATES.get(name, Gate()))
            )
    # Pages know the visitor; the libraries below would read the person again before each of them, and for templates.
    app.template_context_processors[None].remove(_user_context_processor)
    app.before_request_funcs[None].remove(security.principal._on_before_request)
    app.before_request(_lead_to_second_factor)
    password_reset.connect(_password_was_reset, app)
    password_changed.connect(_password_was_changed, app)
    user_authenticated.connect(_has_signed_in, app)
    return security


@dataclass(frozen=True, slots=True)
class Gate:
    """What is counted at a view: every attempt, or (``failures``) those that do not lead on."""

    by_address: limits.Limit | None = None
    by_account: limits.Limit | None = None
    failures: bool = False
    by_both: limits.Limit | None = None


_GUESSES = Gate(limits.FAILED_BY_ADDRESS, limits.FAILED_BY_ACCOUNT, failures=True)

GATES = {
    "login": Gate(limits.FAILED_BY_ADDRESS, limits.FAILED_EVERYWHERE, failures=True, by_both=limits.FAILED_HERE),
    "verify": _GUESSES,
    "change_password": _GUESSES,
    "two_factor_token_validation": _GUESSES,
    "mf_recovery": _GUESSES,
    "register": Gate(limits.SIGN_UPS_BY_ADDRESS, limits.MAILS_BY_ACCOUNT),
    "forgot_password": Gate(limits.MAILS_BY_ADDRESS, limits.MAILS_BY_ACCOUNT),
    "send_confirmation": Gate(limits.MAILS_BY_ADDRESS, limits.MAILS_BY_ACCOUNT),
}

#: Views whose form asks for the address of an account.
ASKING_FOR_AN_ADDRESS = ("login", "register", "forgot_password", "send_confirmation")

#: Forms that answer alike whether or not there is such an account: after a good POST they lead to the sign-in page.
ALIKE = ("security.forgot_password", "security.send_confirmation")


def _with_door(view: Callable[..., ResponseReturnValue], gate: Gate) -> Callable[..., ResponseReturnValue]:
    """Put the door's rules around a view of the library: limits, our token, answers with the right status."""

    @functools.wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        g.csrf_valid = True  # the door has looked at the token; our forms and ``writing()`` refuse a stale one
        _forget_foreign_next()
        if request.method != "POST":
            return _see_other(current_app.make_response(view(*args, **kwargs)))
        if request.endpoint == "security.logout":
            return _sign_out(view)
        address, account = client_address(), _account_key()
        both = f"{account} {address}" if account else ""
        keys = [(gate.by_address, address), (gate.by_account, account), (gate.by_both, both)]
        for limit, key in keys:
            if limit is not None and key:
                limits.check(limit, key)
        if not gate.failures:
            _count(keys)
        answer = _see_other(current_app.make_response(view(*args, **kwargs)))
        if answer.status_code == 303:
            return answer
        if gate.failures and not is_writing(session()):
            _count(keys)
        if answer.status_code == 200 and request.endpoint in ALIKE:
            if not is_writing(session()):  # nobody to write to: one write all the same, so that time tells nothing
                audit.record(portal().database, "mail.to-nobody", "", now=clock.now())
            return redirect(url_for("security.login"), 303)
        return answer

    return guarded


def _see_other(answer: Response) -> Response:
    if answer.status_code == 302:
        answer.status_code = 303
    return answer


def _forget_foreign_next() -> None:
    """Take a wanted page away that is none of this site before the library looks at it."""
    for source in ("args", "form"):
        values = getattr(request, source)
        if any(not is_of_this_site(wanted) for wanted in values.getlist("next")):
            setattr(request, source, ImmutableMultiDict(pair for pair in values.items(multi=True) if pair[0] != "next"))


def _count(keys: list[tuple[limits.Limit | None, str]]) -> None:
    for limit, key in keys:
        if limit is not None and key:
            limits.count(limit, key)


def _account_key() -> str:
    """Return what names the account that a form is about, whether or not there is one.

    Only forms that ask for an address are about the one that is typed: whoever guesses codes must not choose the key.
    """
    if str(request.endpoint).removeprefix("security.") in ASKING_FOR_AN_ADDRESS:
        return normalize_email(request.form.get("email", ""))
    return str(flask.session.get("tf_user_id") or flask.session.get("_user_id") or "")


def _sign_out(view: Callable[..., ResponseReturnValue]) -> ResponseReturnValue:
    if g.get("csrf_failed"):
        return render_template("security/logout_user.html"), 400
    answer = current_app.make_response(view())
    flask.session.clear()  # nothing of the person stays in the browser; public pages come from the cache again
    answer.status_code = 303
    return answer


def _closed(*args: Any, **kwargs: Any) -> ResponseReturnValue:
    abort(404)


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
    _note("person.reset-password", user)


def _password_was_changed(_: Flask, user: User, **kwargs: Any) -> None:
    _note("person.change-password", user)


def _has_signed_in(_: Flask, user: User, **kwargs: Any) -> None:
    if is_writing(session()):
        session().add(audit.AccessRecord(at=clock.now(), kind="sign-in", key=f"person:{user.id}", actor=user.id))
    else:
        audit.record(portal().database, "sign-in", f"person:{user.id}", now=clock.now(), by=user.id)


def _note(action: str, user: User) -> None:
    audit.note(writing(), action, f"person:{user.id}", by=user.id, now=clock.now())


def _fernet_key(secret: str) -> bytes:
    return base64.urlsafe_b64encode(hashlib.sha256(f"recovery codes\n{secret}".encode()).digest())


def session_key() -> str | None:
    """Return the key of the person whom the session cookie names: good only if an active person still has it."""
    found: str | None = flask.session.get("_user_id")
    return found
