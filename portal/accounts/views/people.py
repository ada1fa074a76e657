"""The administrator's pages of people: list, invite, roles, suspension, sessions."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal import audit, clock
from portal.accounts import actions, queries, wording
from portal.accounts.access import Accounts
from portal.accounts.forms.fields import one_of
from portal.accounts.forms.people import InvitationForm, ReasonForm, RoleForm
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
    form = RoleForm(request.form)
    return _carry_out(person_id, form, actions.grant_role, gettext("The role was given."), role=form.role.data)


@pages.route("/people/<person_id>/revoke", methods=["POST"])
@needs(Accounts.MANAGE_PEOPLE)
def revoke_role(person_id: str) -> ResponseReturnValue:
    """Take a role from a person."""
    form = RoleForm(request.form)
    return _carry_out(person_id, form, actions.revoke_role, gettext("The role was taken away."), role=form.role.data)


@pages.route("/people/<person_id>/suspend", methods=["GET", "POST"])
@needs(Accounts.MANAGE_PEOPLE)
def suspend_person(person_id: str) -> ResponseReturnValue:
    """Shut a person out, with a reason."""
    said = gettext("The account was suspended, and its sessions ended.")
    return _ask_why(person_id, "accounts/suspend_person.html", actions.suspend_user, said)


@pages.route("/people/<person_id>/erase", methods=["GET", "POST"])
@needs(Accounts.MANAGE_PEOPLE)
def erase_person(person_id: str) -> ResponseReturnValue:
    """Erase what an account says of a person, with a reason."""
    said = gettext("The account was erased.")
    return _ask_why(person_id, "accounts/erase_person.html", actions.erase_user, said)


@pages.route("/people/<person_id>/restore", methods=["POST"])
@needs(Accounts.MANAGE_PEOPLE)
def restore_person(person_id: str) -> ResponseReturnValue:
    """Let a suspended person in again."""
    form, said = PlainAct(request.form), gettext("The account was restored.")
    return _carry_out(person_id, form, actions.restore_user, said, reason="")


@pages.route("/people/<person_id>/sign-out", methods=["POST"])
@needs(Accounts.MANAGE_PEOPLE)
def sign_out_everywhere(person_id: str) -> ResponseReturnValue:
    """End all sessions of a person."""
    form, said = PlainAct(request.form), gettext("All sessions of this person were ended.")
    return _carry_out(person_id, form, actions.sign_out_everywhere, said)


@pages.route("/people/<person_id>/second-factor", methods=["GET", "POST"])
@needs(Accounts.MANAGE_PEOPLE)
def remove_second_factor(person_id: str) -> ResponseReturnValue:
    """Remove the second factor of a person who has lost it, with a reason."""
    said = gettext("The second factor was removed.")
    return _ask_why(person_id, "accounts/remove_second_factor.html", actions.remove_second_factor, said)


@pages.route("/people/<person_id>/invite-again", methods=["POST"])
@needs(Accounts.MANAGE_PEOPLE)
def invite_again(person_id: str) -> ResponseReturnValue:
    """Mail an invited person a new link."""
    form, said = PlainAct(request.form), gettext("A new invitation is in the outbox.")
    return _carry_out(person_id, form, actions.repeat_invitation, said)


def _carry_out(
    person_id: str, form: Form, act: Callable[..., object], said: str, **values: object
) -> ResponseReturnValue:
    """Carry out an act that the person's own page offers, and come back to that page."""
    user = _found(person_id)
    if form.validate():
        with refusals(form):
            act(writing(), user, **values, by=visitor().id, now=clock.now())
            return _done(user, said)
    return _page(user, form)


def _ask_why(person_id: str, template: str, act: Callable[..., object], said: str) -> ResponseReturnValue:
    """Ask for a reason on a page of its own, then carry out the act."""
    user, form = _found(person_id), ReasonForm(request.form)
    if request.method == "POST" and form.validate():
        with refusals(form):
            act(writing(), user, reason=form.reason.data, by=visitor().id, now=clock.now())
            return _done(user, said)
    return form_page(template, form, user=user)


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
        held={role.name for role in user.roles}, roles=STAFF_ROLES, wording=wording,
    )  # fmt: skip
    return page, 422 if form is not None else 200
