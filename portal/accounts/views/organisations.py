"""Organisations: adding one's own, changing what it says of itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts import actions, queries
from portal.accounts.access import Accounts
from portal.accounts.forms.organisations import OrganisationForm
from portal.accounts.views.blueprint import pages
from portal.web import form_page, needs, permitted, refusals, session, visitor, writing

FIELDS = ("name", "applicant_type", "city", "country", "population", "region", "website")


@pages.route("/organisations/new", methods=["GET", "POST"])
@needs(Accounts.CREATE_ORGANISATION)
def create_organisation() -> ResponseReturnValue:
    """Add an organisation, oneself as its first member."""
    form = OrganisationForm(request.form, data={"next": request.args.get("next", "")})
    if request.method == "POST" and form.validate():
        with refusals(form):
            actions.create_organisation(writing(), user_id=str(visitor().id), now=clock.now(), **_values(form))
            flash(gettext("Your organisation was saved. You can begin an entry now."), "success")
            return redirect(form.next.data or url_for("accounts.desk"), 303)
    return form_page("accounts/create_organisation.html", form)


@pages.route("/organisations/<organisation_id>", methods=["GET", "POST"])
@needs(Accounts.EDIT_ORGANISATION)
def edit_organisation(organisation_id: str) -> ResponseReturnValue:
    """Change an organisation."""
    organisation = permitted(queries.get_organisation(session(), organisation_id))
    form = OrganisationForm(request.form, obj=organisation)
    now = clock.now()
    is_fixed = not visitor().is_staff and _is_being_judged(session(), organisation_id, now=now)
    if request.method == "POST" and form.validate():
        with refusals(form):
            db = writing()
            is_fixed = not visitor().is_staff and _is_being_judged(db, organisation_id, now=now)
            actions.change_organisation(db, organisation, by=visitor().id, now=now, is_fixed=is_fixed, **_values(form))
            flash(gettext("The organisation was saved."), "success")
            return redirect(form.next.data or url_for("accounts.desk"), 303)
    members = queries.list_members(session(), organisation_id)
    return form_page(
        "accounts/edit_organisation.html", form, organisation=organisation, members=members, is_fixed=is_fixed
    )


def _is_being_judged(db: Session, organisation_id: str, *, now: datetime) -> bool:
    """Ask the rooms above, which know entries, whether an organisation has one that is being judged."""
    found: bool = current_app.extensions["is_being_judged"](db, organisation_id, now=now)
    return found


def _values(form: OrganisationForm) -> dict[str, Any]:
    return {name: form[name].data for name in FIELDS}
