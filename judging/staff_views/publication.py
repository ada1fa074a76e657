"""The publication desk: texts in further languages, the moment, a preview, and the way back before it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from judging.access import Staff
from judging.actions import publication as actions
from judging.models import Decision
from judging.queries import decisions as queries
from judging.staff_forms.fields import on_clock
from judging.staff_forms.judging import ReasonForm, ScheduleForm, winner_text_form
from judging.staff_views.desk import edition_of, posted
from portal import clock
from portal.errors import Hidden
from portal.web import done, form_page, needs, offered_languages, refusals, session, visitor, writing

pages = Blueprint("staff_publication", __name__, url_prefix="/<lang:lang>/staff/editions/<slug>/publication")


@pages.route("/", methods=["GET", "POST"])
@needs(Staff.PUBLISH_RESULTS)
def show(slug: str) -> ResponseReturnValue:
    """Show where the publication stands; a POST schedules it."""
    edition, now = edition_of(slug), clock.now()
    planned = edition.results_at if edition.results_at and edition.results_at > now else None
    form = ScheduleForm(posted(), data={"visible_from": on_clock(planned, edition.time_zone)})
    if request.method == "POST" and form.validate():
        with refusals(form):
            moment: datetime | None = form.visible_from.moment(edition.time_zone)
            if moment is not None:
                actions.schedule_publication(
                    writing(), edition, visible_from=moment, by=str(visitor().id), now=clock.now()
                )  # fmt: skip
            said = gettext("The publication is scheduled. Nothing is public before its moment.")
            return done(said, ".show", slug=slug)
    return form_page(
        "staff/show_publication.html", form, edition=edition, moment=now,
        publication=queries.get_publication(session(), edition.id),
        winners=_winners(queries.list_decisions(session(), edition.id)),
        texts=queries.get_winner_texts(session(), edition.id), writing_languages=offered_languages(),
    )  # fmt: skip


@pages.route("/cancel", methods=["GET", "POST"])
@needs(Staff.PUBLISH_RESULTS)
def cancel(slug: str) -> ResponseReturnValue:
    """Cancel the publication before its moment, with a reason."""
    edition = edition_of(slug)
    form = ReasonForm(posted())
    if request.method == "POST" and form.validate():
        with refusals(form):
            actions.cancel_publication(
                writing(), edition, reason=form.reason.data, by=str(visitor().id), now=clock.now()
            )  # fmt: skip
            return done(gettext("The publication was cancelled. Nothing was shown to the public."), ".show", slug=slug)
    publication = queries.get_publication(session(), edition.id)
    return form_page("staff/cancel_publication.html", form, edition=edition, publication=publication)


@pages.route("/preview")
@needs(Staff.PUBLISH_RESULTS)
def preview(slug: str) -> ResponseReturnValue:
    """Show the results as the public will see them; only the secretariat can open this page."""
    edition = edition_of(slug)
    decisions = queries.list_decisions(session(), edition.id)
    groups: dict[str, list[Decision]] = {}
    for one in decisions:  # in the order of the prizes; special mentions come last
        groups.setdefault(one.prize.category_key or "", []).append(one)
    return render_template(
        "staff/preview_results.html", edition=edition, groups=groups,
        publication=queries.get_publication(session(), edition.id),
        texts=queries.get_winner_texts(session(), edition.id),
    )  # fmt: skip


@pages.route("/texts/<entry_id>/<tag>", methods=["GET", "POST"])
@needs(Staff.PUBLISH_RESULTS)
def write_text(slug: str, entry_id: str, tag: str) -> ResponseReturnValue:
    """Write a winner's title and summary in a further language."""
    edition = edition_of(slug)
    decisions = queries.list_decisions(session(), edition.id)
    entry = next((one.entry for one in decisions if one.entry_id == entry_id), None)
    target = next((one for one in offered_languages() if one.tag == tag), None)
    if entry is None or target is None or target.tag == entry.language:
        raise Hidden
    row = queries.get_winner_texts(session(), edition.id).get((entry_id, tag))
    written = (row.title, row.summary, row.city) if row else ("", "", "")
    form = winner_text_form(target, *written)(posted())
    if request.method == "POST" and form.validate():
        with refusals(form):
            actions.write_winner_text(
                writing(), entry, language=tag, title=form["title"].data or "", summary=form["summary"].data or "",
                city=form["city"].data or "", by=str(visitor().id), now=clock.now(),
            )  # fmt: skip
            return done(gettext("Saved."), ".show", slug=slug)
    return form_page("staff/write_winner_text.html", form, edition=edition, entry=entry, target=target)


def _winners(decisions: Sequence[Decision]) -> list[Decision]:
    """Return one decision for each winning entry, the highest."""
    seen: dict[str, Decision] = {}
    for one in decisions:
        seen.setdefault(one.entry_id, one)
    return list(seen.values())
