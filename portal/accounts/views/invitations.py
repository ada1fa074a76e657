"""The page of an invitation's link: the invited person sets a password."""

from __future__ import annotations

from unicodedata import normalize

from flask import g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_security import hash_password

from portal import clock
from portal.access import Public
from portal.accounts import actions, limits, queries, rules
from portal.accounts.forms.people import PasswordForm
from portal.accounts.views.blueprint import pages
from portal.web import client_address, done, form_page, needs, refusals, session, writing


@pages.route("/invitation/<code>", methods=["GET", "POST"])
@needs(Public.READ)
def accept_invitation(code: str) -> ResponseReturnValue:
    """Show the invitation, and set the password of who accepts it."""
    g.private = True
    limits.check(limits.FAILED_BY_ADDRESS, client_address())
    code_hash = actions.hash_code(code)
    user = queries.get_user_by_invitation(session(), code_hash)
    if user is None or not user.active or not rules.is_invitation_open(user.invited_at, clock.now()):
        if user is None:
            limits.count(limits.FAILED_BY_ADDRESS, client_address())
        return render_template("accounts/invitation_closed.html"), 404
    form = PasswordForm(request.form)
    if request.method == "POST" and form.validate():
        # Normalised as at sign-in: the same Hangul can be typed in two encodings. Hashed before the transaction opens.
        hashed = hash_password(normalize("NFKD", form.password.data))
        with refusals(form):
            writing_session = writing()
            actions.accept_invitation(writing_session, user, password_hash=hashed, now=clock.now())
            return done(gettext("Your password is set. Please sign in with it."), "security.login")
    return form_page("accounts/accept_invitation.html", form, user=user)
