"""What stands around each view of Flask-Security: limits of attempts, the door's token, the right status of answers."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import flask
from flask import Flask, Response, abort, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import ImmutableMultiDict

from portal import audit, clock
from portal.accounts import limits
from portal.accounts.rules import is_of_this_site, normalize_email
from portal.db import is_writing
from portal.web import client_address, portal, session


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

#: Views of the library that this site does not use.
CLOSED = ("two_factor_rescue", "tf_select", "two_factor_setup_validate")
#: Views whose form asks for the address of an account.
ASKING_FOR_AN_ADDRESS = ("login", "register", "forgot_password", "send_confirmation")
#: Forms that answer alike whether or not there is such an account: after a good POST they lead to the sign-in page.
ALIKE = ("security.forgot_password", "security.send_confirmation")


def put_gates(app: Flask) -> None:
    """Put its gate around every view of the library, and close those that this site does not use."""
    for endpoint, view in app.view_functions.items():
        if endpoint.startswith("security."):
            name = endpoint.removeprefix("security.")
            app.view_functions[endpoint] = (
                _closed if name in CLOSED else _with_door(cast(Any, view), GATES.get(name, Gate()))
            )


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
