"""The round desk: open, assign, watch, close; and the choice of finalists."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from judging.access import Staff
from judging.actions import rounds as actions
from judging.queries.progress import count_round, list_judges, list_round_entries, list_waiting
from judging.rules import JudgeState
from judging.staff_forms.judging import AssignForm
from judging.staff_views.desk import edition_of, posted, round_of
from portal import clock
from portal.forms import PlainAct
from portal.web import done, form_page, needs, refusals, session, visitor, writing

pages = Blueprint("staff_rounds", __name__, url_prefix="/<lang:lang>/staff/editions/<slug>/rounds/<int:number>")


@pages.route("/", methods=["GET", "POST"])
@needs(Staff.RUN_ROUNDS)
def show(slug: str, number: int) -> ResponseReturnValue:
    """Show how far a round has come, by judge and by entry; a POST assigns what is missing."""
    edition = edition_of(slug)
    stage = round_of(edition, number)
    form = AssignForm(posted(), data={"seed": edition.year})
    if request.method == "POST" and form.validate():
        with refusals(form):
            new = actions.assign_entries(writing(), stage, seed=form.seed.data, by=visitor().id, now=clock.now())
            said = ngettext("%(num)s new assignment was made.", "%(num)s new assignments were made.", new)
            none = gettext("Every entry has its judges already.")
            return done(said if new else none, ".show", slug=slug, number=number)
    rows = list_round_entries(session(), stage)
    judges = [
        one for one in list_judges(session(), edition.id, stage) if one.state == JudgeState.ACCEPTED or one.assigned
    ]
    return form_page(
        "staff/show_round.html", form, edition=edition, stage=stage, rows=rows, judges=judges,
        count=count_round(rows, stage.reviews_per_entry),
        accepted=sum(one.state == JudgeState.ACCEPTED for one in judges),
        undeclared=sum(one.conflicts_declared_at is None for one in judges if one.state == JudgeState.ACCEPTED),
        previous=next((one for one in edition.rounds if one.number == number - 1), None),
        following=next((one for one in edition.rounds if one.number == number + 1), None),
    )  # fmt: skip


@pages.route("/open", methods=["GET", "POST"])
@needs(Staff.RUN_ROUNDS)
def open_round(slug: str, number: int) -> ResponseReturnValue:
    """Open a round, after asking once."""
    edition = edition_of(slug)
    stage = round_of(edition, number)
    form = PlainAct(posted())
    if request.method == "POST" and form.validate():
        with refusals(form):
            count = actions.open_round(writing(), stage, by=visitor().id, now=clock.now())
            said = ngettext("The round is open with %(num)s entry.", "The round is open with %(num)s entries.", count)
            return done(said, ".show", slug=slug, number=number)
    accepted = [one for one in list_judges(session(), edition.id) if one.state == JudgeState.ACCEPTED]
    return form_page(
        "staff/open_round.html", form, edition=edition, stage=stage, accepted=len(accepted),
        call_is_open=edition.call_closes_at is not None and edition.call_closes_at > clock.now(),
        waiting=list_waiting(session()).get(edition.id),
    )  # fmt: skip


@pages.route("/close", methods=["GET", "POST"])
@needs(Staff.RUN_ROUNDS)
def close_round(slug: str, number: int) -> ResponseReturnValue:
    """Close a round, after asking once."""
    edition = edition_of(slug)
    stage = round_of(edition, number)
    form = PlainAct(posted())
    if request.method == "POST" and form.validate():
        with refusals(form):
            actions.close_round(writing(), stage, by=visitor().id, now=clock.now())
            said = gettext("The round is closed. No score sheet can be changed any more.")
            return done(said, ".show", slug=slug, number=number)
    count = count_round(list_round_entries(session(), stage), stage.reviews_per_entry)
    return form_page("staff/close_round.html", form, edition=edition, stage=stage, count=count)
