"""One's own account: name, language, password and second factor."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal import clock
from portal.accounts import actions, queries
from portal.accounts.access import Accounts
from portal.accounts.forms.people import AccountForm
from portal.accounts.views.blueprint import pages
from portal.web import done, form_page, needs, refusals, session, visitor, writing


@pages.route("/account", methods=["GET", "POST"])
@needs(Accounts.DESK)
def account() -> ResponseReturnValue:
    """Show and change one's own account."""
    user = queries.get_user(session(), str(visitor().id))
    assert user is not None  # who is signed in is there
    form = AccountForm(request.form, obj=user)
    if request.method == "POST" and form.validate():
        with refusals(form):
            actions.change_account(
                writing(), user, name=form.name.data, language=form.language.data, by=user.id, now=clock.now()
            )
            return done(gettext("Your account was saved."), ".account")
    return form_page("accounts/account.html", form, user=user)


@pages.route("/account/sign-out-everywhere", methods=["POST"])
@needs(Accounts.DESK)
def leave_all_devices() -> ResponseReturnValue:
    """End all of one's own sessions, this one included."""
    user = queries.get_user(session(), str(visitor().id))
    assert user is not None
    actions.sign_out_everywhere(writing(), user, by=user.id, now=clock.now())
    return done(gettext("You were signed out on all devices."), "security.login")
