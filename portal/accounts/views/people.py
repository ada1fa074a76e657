"""The administrator's pages of people: list, invite, roles, suspension, sessions."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal import audit, clock
from portal.accounts import actions, queries
from portal.accounts.access import Accounts
from portal.accounts.forms import InvitationForm, ReasonForm, RoleForm, one_of
from portal.accounts.models import User
from portal.accounts.rules import STAFF_ROLES
from portal.accounts.views.blueprint import pages
from portal.errors import Hidden
from portal.forms import Form, PlainAct
from portal.web import done, form_page, language, needs, portal, refusals, session, visitor, writing

STATES = ("active", "unconfirmed", "invited", "suspended", "demonstration")


@pages.route("/people")
@needs(Accounts.MANAGE_PEOPLE)
def list_people() -> ResponseReturnValue:
    """List the people with accounts."""
    words = request.args.get("q", "").strip()
    role = one_of(request.args.get("role", ""), (*STAFF_ROLES, "none"))
    state = one_of(request.args.get("state", ""), STATES)
    found = queries.list_people(
        session(), words=words, role=role, state=state, page=request.args.get("page", 1, type=int)
    )
    organisations = queries.list_organisations_of(session(), [user.id for user in found.rows])
    return render_template(
        "accounts/list_people.html", found=found, organisations=organisations, words=words, role=role, state=state,
        url_of_page=lambda page: url_for(
            ".list_people", page=page, q=words or None, role=role or None, state=state or None
        ),
    )  # fmt: skip


@pages.route("/people/invite", methods=["GET", "POST"])
@needs(Accounts.MANAGE_PEOPLE)
def invite_person() -> ResponseReturnValue:
    """Invite a person by mail."""
    form = InvitationForm(request.form, data={"language": language().tag})
    if request.method == "POST" and form.validate():
        with refusals(form):
            user, _ = actions.invite_person(
                writing(), email=form.email.data, name=form.name.data, roles=form.roles.data or (),
                language=form.language.data, by=visitor().id, now=clock.now(),
            )  # fmt: skip
            return done(
                gettext("The invitation to %(name)s is in the outbox.", name=user.name),
                ".show_person",
                person_id=user.id,
            )
    return form_page("accounts/invite_person.html", form)


@pages.route("/people/<person_id>")
@needs(Accounts.MANAGE_PEOPLE)
def show_person(person_id: str) -> ResponseReturnValue:
    """Show a person; that it was read is recorded first."""
    user = _found(person_id)
    audit.record(portal().database, "person.read", f"person:{user.id}", now=clock.now(), by=visitor().id)
    return _page(user)


@pages.route("/people/<person_id>/grant", methods=["POST"])
@needs(Accounts.MANAGE_PEOPLE)
def grant_role(person_id: str) -> ResponseReturnValue:
    """Give a person a role."""
    user, form = _found(person_id), RoleForm(request.form)
    if form.validate():
        with refusals(form):
            actions.grant_role(writing(), user, form.role.data, by=visitor().id, now=clock.now())
            return _done(user, gettext("The role was given."))
    return _page(user, form)


@pages.route("/people/<person_id>/revoke", methods=["POST"])
@needs(Accounts.MANAGE_PEOPLE)
def revoke_role(person_id: str) -> ResponseReturnValue:
    """Take a role from a person."""
    user, form = _found(person_id), RoleForm(request.form)
    if form.validate():
        with refusals(form):
            actions.revoke_role(writing(), user, form.role.data, by=visitor().id, now=clock.now())
            return _done(user, gettext("The role was taken away."))
    return _page(user, form)


@pages.route("/people/<person_id>/suspend", methods=["GET", "POST"])
@needs(Accounts.MANAGE_PEOPLE)
def suspend_person(person_id: str) -> ResponseReturnValue:
    """Shut a person out, with a reason."""
    user, form = _found(person_id), ReasonForm(request.form)
    if request.method == "POST" and form.validate():
        with refusals(form):
            actions.suspend_user(writing(), user, reason=form.reason.data, by=visitor().id, now=clock.now())
            return _done(user, gettext("The account was suspended, and its sessions ended."))
    return form_page("accounts/suspend_person.html", form, user=user)


@pages.route("/people/<person_id>/erase", methods=["GET", "POST"])
@needs(Accounts.MANAGE_PEOPLE)
def erase_person(person_id: str) -> ResponseReturnValue:
    """Erase what an account says of a person, with a reason."""
    user, form = _found(person_id), ReasonForm(request.form)
    if request.method == "POST" and form.validate():
        with refusals(form):
            actions.erase_user(writing(), user, reason=form.reason.data, by=visitor().id, now=clock.now())
            return done(gettext("The account was erased."), ".list_people")
    return form_page("accounts/erase_person.html", form, user=user)


@pages.route("/people/<person_id>/restore", methods=["POST"])
@needs(Accounts.MANAGE_PEOPLE)
def restore_person(person_id: str) -> ResponseReturnValue:
    """Let a suspended person in again."""
    user, form = _found(person_id), PlainAct(request.form)
    if form.validate():
        with refusals(form):
            actions.restore_user(writing(), user, reason="", by=visitor().id, now=clock.now())
            return _done(user, gettext("The account was restored."))
    return _page(user, form)


@pages.route("/people/<person_id>/sign-out", methods=["POST"])
@needs(Accounts.MANAGE_PEOPLE)
def sign_out_everywhere(person_id: str) -> ResponseReturnValue:
    """End all sessions of a person."""
    user, form = _found(person_id), PlainAct(request.form)
    if form.validate():
        with refusals(form):
            actions.sign_out_everywhere(writing(), user, by=visitor().id, now=clock.now())
            return _done(user, gettext("All sessions of this person were ended."))
    return _page(user, form)


@pages.route("/people/<person_id>/second-factor", methods=["GET", "POST"])
@needs(Accounts.MANAGE_PEOPLE)
def remove_second_factor(person_id: str) -> ResponseReturnValue:
    """Remove the second factor of a person who has lost it, with a reason."""
    user, form = _found(person_id), ReasonForm(request.form)
    if request.method == "POST" and form.validate():
        with refusals(form):
            actions.remove_second_factor(writing(), user, reason=form.reason.data, by=visitor().id, now=clock.now())
            return _done(user, gettext("The second factor was removed."))
    return form_page("accounts/remove_second_factor.html", form, user=user)


@pages.route("/people/<person_id>/invite-again", methods=["POST"])
@needs(Accounts.MANAGE_PEOPLE)
def invite_again(person_id: str) -> ResponseReturnValue:
    """Mail an invited person a new link."""
    user, form = _found(person_id), PlainAct(request.form)
    if form.validate():
        with refusals(form):
            actions.repeat_invitation(writing(), user, by=visitor().id, now=clock.now())
            return _done(user, gettext("A new invitation is in the outbox."))
    return _page(user, form)


def _found(person_id: str) -> User:
    user = queries.get_user(session(), person_id)
    if user is None:
        raise Hidden
    return user


def _done(user: User, message: str) -> ResponseReturnValue:
    flash(message, "success")
    if user.id == visitor().id:  # what was changed may be the very right to see this page
        return redirect(url_for("accounts.desk"), 303)
    return redirect(url_for(".show_person", person_id=user.id), 303)


def _page(user: User, form: Form | None = None) -> ResponseReturnValue:
    events = queries.list_events_about(session(), f"person:{user.id}")
    organisations = queries.list_organisations_of(session(), [user.id]).get(user.id, [])
    page = render_template(
        "accounts/show_person.html", user=user, organisations=organisations, events=events, form=form,
        held={role.name for role in user.roles}, roles=STAFF_ROLES,
    )  # fmt: skip
    return page, 422 if form is not None else 200
