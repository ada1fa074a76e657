"""The decisions desk: prizes, what the standings propose, what is decided and why, and the approval."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from judging.access import Staff
from judging.actions.decisions import decide_prize, revoke_decision
from judging.actions.publication import approve_decisions, reopen_decisions
from judging.models import Decision, Publication
from judging.queries import decisions as queries
from judging.queries.screening import get_entry
from judging.queries.standings import StandingRow, list_proposals, list_standings
from judging.scoring import Proposal, display
from judging.staff_forms.fields import TYPE_LABELS
from judging.staff_forms.judging import DecisionForm, ReasonForm
from judging.staff_views.desk import edition_of, posted
from portal import clock
from portal.editions.models import Edition, Prize, Round
from portal.errors import Hidden
from portal.web import done, form_page, needs, refusals, session, visitor, writing

pages = Blueprint("staff_decisions", __name__, url_prefix="/<lang:lang>/staff/editions/<slug>/decisions")


@dataclass(frozen=True, slots=True)
class PrizeDesk:
    """A prize, its decisions, how many are still open, and whom the standings propose."""

    prize: Prize
    decisions: list[Decision]
    open: int
    winners: list[StandingRow]
    contested: list[StandingRow]
    contested_seats: int


@pages.route("/")
@needs(Staff.DECIDE_PRIZES)
def list_decisions(slug: str) -> ResponseReturnValue:
    """Show all prizes with their decisions and proposals."""
    edition = edition_of(slug)
    stage, desks, publication = _desks(edition)
    return render_template(
        "staff/list_decisions.html", edition=edition, stage=stage, desks=desks, publication=publication,
        given=sum(len(one.decisions) for one in desks), total=sum(one.prize.quota for one in desks), display=display,
        type_labels=TYPE_LABELS, is_judging=any(one.opened_at and not one.closed_at for one in edition.rounds),
    )  # fmt: skip


@pages.route("/prizes/<prize_id>", methods=["GET", "POST"])
@needs(Staff.DECIDE_PRIZES)
def decide(slug: str, prize_id: str) -> ResponseReturnValue:
    """Give a prize to an entry, with a reason."""
    edition = edition_of(slug)
    stage, desks, _ = _desks(edition)
    desk = next((one for one in desks if one.prize.id == prize_id), None)
    if desk is None:
        raise Hidden
    rows = list_standings(session(), stage) if stage else []
    form = DecisionForm(posted(), data=_suggested(desk, request.args.get("entry"), rows))
    form.entry.choices = [("", ""), *_choices(desk, rows, desks)]
    if request.method == "POST" and form.validate():
        entry = get_entry(session(), edition, form.entry.data)
        with refusals(form):
            if entry is None:
                raise Hidden
            decide_prize(
                writing(), desk.prize, entry, place=form.place.data, reason=form.reason.data, by=str(visitor().id),
                now=clock.now(),
            )  # fmt: skip
            return done(gettext("The decision was recorded."), ".list_decisions", slug=slug)
    return form_page("staff/decide_prize.html", form, edition=edition, desk=desk, stage=stage, type_labels=TYPE_LABELS)


@pages.route("/<decision_id>/revoke", methods=["GET", "POST"])
@needs(Staff.DECIDE_PRIZES)
def revoke(slug: str, decision_id: str) -> ResponseReturnValue:
    """Take a decision back, with a reason."""
    edition = edition_of(slug)
    decision = queries.get_decision(session(), edition.id, decision_id)
    if decision is None:
        raise Hidden
    form = ReasonForm(posted())
    if request.method == "POST" and form.validate():
        with refusals(form):
            revoke_decision(writing(), decision, reason=form.reason.data, by=str(visitor().id), now=clock.now())
            return done(gettext("The decision was revoked."), ".list_decisions", slug=slug)
    return form_page("staff/revoke_decision.html", form, edition=edition, decision=decision)


@pages.route("/approve", methods=["GET", "POST"])
@needs(Staff.DECIDE_PRIZES)
def approve(slug: str) -> ResponseReturnValue:
    """Approve all decisions, after showing them once more."""
    edition = edition_of(slug)
    form = ReasonForm(posted())
    if request.method == "POST" and form.validate():
        with refusals(form):
            approve_decisions(writing(), edition, reason=form.reason.data, by=str(visitor().id), now=clock.now())
            said = gettext("The decisions are approved. You can set the publication moment now.")
            return done(said, "staff_publication.show", slug=slug)
    listed = queries.list_decisions(session(), edition.id)
    return form_page("staff/approve_decisions.html", form, edition=edition, decisions=listed)


@pages.route("/reopen", methods=["GET", "POST"])
@needs(Staff.DECIDE_PRIZES)
def reopen(slug: str) -> ResponseReturnValue:
    """Take the approval back, with a reason."""
    edition = edition_of(slug)
    form = ReasonForm(posted())
    if request.method == "POST" and form.validate():
        with refusals(form):
            reopen_decisions(writing(), edition, reason=form.reason.data, by=str(visitor().id), now=clock.now())
            return done(gettext("Decisions can be changed again."), ".list_decisions", slug=slug)
    return form_page("staff/reopen_decisions.html", form, edition=edition)


def _desks(edition: Edition) -> tuple[Round | None, list[PrizeDesk], Publication | None]:
    """Return the round whose standings count, every prize with what is decided and proposed, and the publication."""
    prizes, publication = queries.list_prizes_and_publication(session(), edition.id)
    decisions = queries.list_decisions(session(), edition.id)
    stage = max((one for one in edition.rounds if one.opened_at), key=lambda one: one.number, default=None)
    rows = list_standings(session(), stage) if stage is not None and stage.closed_at is not None else []
    proposals = list_proposals(rows, prizes)
    named = {row.entry_id: row for row in rows}
    taken = {one.entry_id for one in decisions if one.prize.category_key is not None}
    desks = [
        _desk(prize, [one for one in decisions if one.prize_id == prize.id], proposals.get(prize.id), named, taken)
        for prize in prizes
    ]
    return stage, desks, publication


def _desk(
    prize: Prize,
    decisions: list[Decision],
    proposal: Proposal[str] | None,
    named: dict[str, StandingRow],
    taken: set[str],
) -> PrizeDesk:
    open_seats = max(0, prize.quota - len(decisions))
    winners = [named[one] for one in proposal.winners if one not in taken] if proposal and open_seats else []
    contested = [named[one] for one in proposal.contested if one not in taken] if proposal and open_seats else []
    return PrizeDesk(prize, decisions, open_seats, winners, contested, proposal.contested_seats if proposal else 0)


def _suggested(desk: PrizeDesk, entry_id: str | None, rows: list[StandingRow]) -> dict[str, object]:
    row = next((one for one in rows if one.entry_id == entry_id), None)
    if row is None:
        return {}
    return {"entry": row.entry_id, "place": row.type_place if desk.prize.category_key else None}


def _choices(desk: PrizeDesk, rows: list[StandingRow], desks: list[PrizeDesk]) -> list[tuple[str, str]]:
    """Return the entries that may win this prize, best first."""
    prize = desk.prize
    held = {
        one.entry_id
        for other in desks
        for one in other.decisions
        if other.prize.id == prize.id or (prize.category_key and other.prize.category_key)
    }
    return [
        (
            row.entry_id,
            f"{row.type_place or '–'} · {row.title} – {row.organisation}, {row.city} ({display(row.mean) or '–'})",
        )
        for row in rows
        if row.entry_id not in held
        and prize.category_key in (None, row.category_key)
        and prize.applicant_type in (None, row.applicant_type)
    ]
