"""The page behind the link in a judge's mail: who invites, what it means, accept or decline."""

from __future__ import annotations

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_security.utils import hash_password, login_user

from judging.access import Judging
from judging.actions import judges as actions
from judging.forms import NewJudgeForm
from judging.models import Judge
from judging.queries import judges as queries
from judging.rules import JudgeState
from judging.views.blueprint import pages
from portal import clock
from portal.accounts import actions as accounts
from portal.accounts import queries as people
from portal.forms import Form, PlainAct
from portal.web import done, form_page, language, needs, refusals, session, visitor, writing


@pages.route("/invitations/<code>", methods=["GET", "POST"])
@needs(Judging.ANSWER_INVITATION)
def accept_invitation(code: str) -> ResponseReturnValue:
    """Show an invitation, and accept it with the account of who is here or with a new one."""
    judge = queries.get_invitation(session(), code)
    if judge is None or not _is_open(judge):
        return _not_open(judge)
    if visitor().signed_in:
        return _accept_with_account(judge, code)
    if people.get_user_by_email(session(), judge.email) is not None:
        return _show(judge, code, PlainAct(), has_account=True)
    return _accept_with_new_account(judge, code)


@pages.route("/invitations/<code>/decline", methods=["GET", "POST"])
@needs(Judging.ANSWER_INVITATION)
def decline_invitation(code: str) -> ResponseReturnValue:
    """Ask once, then decline an invitation."""
    judge = queries.get_invitation(session(), code)
    if judge is None or not _is_open(judge):
        return _not_open(judge)
    form = PlainAct(request.form)
    if request.method == "POST" and form.validate():
        with refusals(form):
            actions.decline_invitation(writing(), judge, by=visitor().id, now=clock.now())
            return redirect(url_for(".accept_invitation", code=code), 303)
    page = render_template("judging/decline_invitation.html", judge=judge, code=code, form=form)
    return page, 422 if form.form_errors else 200


def _accept_with_account(judge: Judge, code: str) -> ResponseReturnValue:
    form = PlainAct(request.form)
    if request.method == "POST" and form.validate():
        with refusals(form):
            actions.accept_invitation(writing(), judge, user_id=str(visitor().id), now=clock.now())
            return _welcome(judge)
    return _show(judge, code, form)


def _accept_with_new_account(judge: Judge, code: str) -> ResponseReturnValue:
    form = NewJudgeForm(request.form, data={"name": judge.name})
    if request.method == "POST" and form.validate() and (password := _checked_password(form, judge)) is not None:
        hashed = hash_password(password)  # slow, so before the write transaction
        with refusals(form):
            now = clock.now()
            user = accounts.create_user(
                writing(),
                email=judge.email,
                name=form["name"].data,
                language=language().tag,
                password_hash=hashed,
                now=now,
            )
            session().flush()
            actions.accept_invitation(session(), judge, user_id=user.id, now=now)
            login_user(user, authn_via=["password"])
            return _welcome(judge)
    return _show(judge, code, form)


def _checked_password(form: Form, judge: Judge) -> str | None:
    """Return the password as it is to be hashed; None with the reasons in the form when it is too weak."""
    checker = current_app.extensions["security"]._password_util
    faults, password = checker.validate(form["password"].data, True, email=judge.email, name=form["name"].data)
    if faults:
        form["password"].errors = [*form["password"].errors, *(str(fault) for fault in faults)]
        return None
    return str(password)


def _welcome(judge: Judge) -> ResponseReturnValue:
    return done(gettext("Thank you. You are a judge now."), ".declare_conflicts", slug=judge.edition.slug)


def _show(judge: Judge, code: str, form: Form, *, has_account: bool = False) -> ResponseReturnValue:
    return form_page(
        "judging/invitation.html", form, judge=judge, code=code, has_account=has_account,
        edition=judge.edition, rounds=judge.edition.rounds,
        ends_at=queries.get_invitation_end(judge.invited_at, judge.edition),
    )  # fmt: skip


def _is_open(judge: Judge) -> bool:
    ends_at = queries.get_invitation_end(judge.invited_at, judge.edition)
    return judge.state == JudgeState.INVITED and clock.now() <= ends_at


def _not_open(judge: Judge | None) -> ResponseReturnValue:
    """Say in a sentence why a link cannot be used: unknown, replaced, answered, or too old."""
    state = judge.state if judge else None
    return render_template("judging/invitation_over.html", judge=judge, state=state), 404 if judge is None else 200
