"""The judges' desk: who is invited, who has answered, who reads how much."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from judging.access import Staff
from judging.actions.judges import invite_judge, remove_judge
from judging.models import Judge
from judging.queries.judges import get_invitation_end, get_judge
from judging.queries.progress import list_judges as list_judge_rows
from judging.staff_forms.judging import InviteForm, ReasonForm
from judging.staff_views.desk import edition_of, posted
from portal import clock
from portal.countries import countries
from portal.definitions.vocabulary import vocabularies
from portal.editions.models import Edition
from portal.errors import Hidden
from portal.i18n import choose
from portal.web import done, form_page, language, needs, offered_languages, refusals, session, visitor, writing
from submissions.languages import entry_languages

pages = Blueprint("staff_judges", __name__, url_prefix="/<lang:lang>/staff/editions/<slug>/judges")


@pages.route("/")
@needs(Staff.MANAGE_JUDGES)
def list_judges(slug: str) -> ResponseReturnValue:
    """Show the judges of an edition with their answers and loads."""
    edition = edition_of(slug)
    return render_template(
        "staff/list_judges.html", edition=edition, rows=list_judge_rows(session(), edition.id),
        language_names=entry_languages(), ends_at=lambda row: get_invitation_end(row.invited_at, edition),
    )  # fmt: skip


@pages.route("/invite", methods=["GET", "POST"])
@needs(Staff.MANAGE_JUDGES)
def invite(slug: str) -> ResponseReturnValue:
    """Invite an expert by mail; for somebody invited before, a new link is sent."""
    edition = edition_of(slug)
    form = _invite_form(request.args.get("again"), edition)
    if request.method == "POST" and form.validate():
        with refusals(form):
            judge, _ = invite_judge(
                writing(), edition=edition, email=form.email.data, name=form.name.data, country=form.country.data,
                affiliation=form.affiliation.data or "", languages=form.languages.data, expertise=form.expertise.data,
                language=form.language.data, by=visitor().id, now=clock.now(),
            )  # fmt: skip
            said = gettext("The invitation to %(name)s is on its way.", name=judge.name)
            return done(said, ".list_judges", slug=slug)
    return form_page("staff/invite_judge.html", form, edition=edition)


@pages.route("/<judge_id>/remove", methods=["GET", "POST"])
@needs(Staff.MANAGE_JUDGES)
def remove(slug: str, judge_id: str) -> ResponseReturnValue:
    """End a judge's part in an edition, with a reason."""
    edition = edition_of(slug)
    judge = _judge(edition, judge_id)
    form = ReasonForm(posted())
    if request.method == "POST" and form.validate():
        with refusals(form):
            remove_judge(writing(), judge, reason=form.reason.data, by=visitor().id, now=clock.now())
            said = gettext("%(name)s is no judge of this edition any more.", name=judge.name)
            if judge.answered_at is None:
                said = gettext("The invitation of %(name)s was withdrawn.", name=judge.name)
            return done(said, ".list_judges", slug=slug)
    return form_page("staff/remove_judge.html", form, edition=edition, judge=judge)


def _judge(edition: Edition, judge_id: str) -> Judge:
    judge = get_judge(session(), judge_id)
    if judge is None or judge.edition_id != edition.id:
        raise Hidden
    return judge


def _invite_form(again: str | None, edition: Edition) -> InviteForm:
    """Return the form, filled with what is known of somebody who is invited once more."""
    known = {}
    if again and request.method == "GET":
        judge = _judge(edition, again)
        known = {
            "name": judge.name, "email": judge.email, "country": judge.country or "", "affiliation": judge.affiliation,
            "languages": list(judge.languages), "expertise": list(judge.expertise),
        }  # fmt: skip
    form = InviteForm(posted(), data=known)
    themes = vocabularies()["themes"]
    form.country.choices = [("", ""), *countries(str(language().locale))]
    site = [one.tag for one in offered_languages()]
    form.languages.choices = sorted(entry_languages().items(), key=lambda pair: (pair[0] not in site, pair[1]))
    form.expertise.choices = [(key, choose(texts, language().tag).text) for key, texts in themes.items()]
    form.language.choices = [(one.tag, one.name) for one in offered_languages()]
    return form
