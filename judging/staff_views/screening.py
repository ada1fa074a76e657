"""The screening desk: what waits, one entry to read, and its outcome."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from judging.access import Staff
from judging.actions.screening import screen_entry
from judging.queries import screening as queries
from judging.staff_forms.fields import TYPE_LABELS
from judging.staff_forms.judging import ScreeningForm
from judging.staff_views.desk import edition_of, posted
from portal import audit, clock
from portal.accounts.queries import list_events_about
from portal.countries import countries
from portal.editions.models import Edition
from portal.errors import Hidden
from portal.web import done, form_page, language, needs, portal, refusals, session, visitor, writing
from submissions.languages import own_name
from submissions.models import Entry
from submissions.queries import count_entries, get_submission
from submissions.reading import Reading, read_entry
from submissions.rules import EntryState

pages = Blueprint("staff_screening", __name__, url_prefix="/<lang:lang>/staff/editions/<slug>/entries")


@pages.route("/")
@needs(Staff.SCREEN_ENTRIES)
def list_entries(slug: str) -> ResponseReturnValue:
    """Show the entries that were handed in, filtered by state, category and country."""
    edition = edition_of(slug)
    chosen = {key: request.args.get(key, "") for key in ("state", "category", "country")}
    rows = queries.list_entries(session(), edition, **chosen)
    counts = count_entries(session(), edition.id)
    here = set(queries.list_countries(session(), edition))
    names = [(code, name) for code, name in countries(str(language().locale)) if code in here]
    return render_template(
        "staff/list_entries.html", edition=edition, rows=rows, counts=counts, chosen=chosen, countries=names,
        found=ngettext("%(num)s entry", "%(num)s entries", len(rows)),
        total=sum(counts.get(one, 0) for one in queries.SHOWN),
        states=queries.SHOWN, type_labels=TYPE_LABELS,
    )  # fmt: skip


@pages.route("/<entry_id>", methods=["GET", "POST"])
@needs(Staff.SCREEN_ENTRIES)
def screen(slug: str, entry_id: str) -> ResponseReturnValue:
    """Show an entry to read, and record its outcome."""
    edition = edition_of(slug)
    entry = _entry(edition, entry_id)
    form = ScreeningForm(posted())
    if request.method == "POST" and form.validate():
        with refusals(form):
            outcome = screen_entry(
                writing(), entry, outcome=form.outcome.data, reason=form.reason.data or "",
                reply_until=form.reply_until.moment(edition.time_zone), by=str(visitor().id), now=clock.now(),
                seen=form.seen.data,
            )  # fmt: skip
            said, following = _said(outcome.outcome), queries.next_to_screen(session(), edition, entry_id)
            if following is None:
                return done(said, ".list_entries", slug=slug)
            return done(said, ".screen", slug=slug, entry_id=following)
    audit.record(portal().database, "read entry", f"entry:{entry_id}", now=clock.now(), by=visitor().id)
    screenings = queries.list_screenings(session(), entry.id)
    form.seen.data = screenings[0].id if screenings else ""
    return form_page(
        "staff/screen_entry.html", form, edition=edition, entry=entry, reading=_reading(entry),
        screenings=screenings, language_name=own_name(entry.language),
        is_open=entry.state != EntryState.WITHDRAWN, why_withdrawn=_why_withdrawn(entry),
    )  # fmt: skip


def _entry(edition: Edition, entry_id: str) -> Entry:
    entry = queries.get_entry(session(), edition, entry_id)
    if entry is None:
        raise Hidden
    return entry


def _reading(entry: Entry) -> Reading:
    """Return what was handed in last, contacts included."""
    submission = get_submission(session(), entry.id)
    return read_entry(entry, language=language().tag, submission=submission, show_private=True)


def _why_withdrawn(entry: Entry) -> str | None:
    """Return the reason that the city gave, as the audit log keeps it."""
    if entry.state != EntryState.WITHDRAWN:
        return None
    events = list_events_about(session(), f"entry:{entry.id}")
    return next((one.text for one in events if one.event.action == "entry.withdraw"), None)


def _said(outcome: str) -> str:
    said: Mapping[str, str] = {
        EntryState.ELIGIBLE: gettext("The entry is eligible. The city gets a mail."),
        EntryState.SENT_BACK: gettext("The entry was sent back. The city gets a mail with your reason."),
        EntryState.INELIGIBLE: gettext("The entry is ineligible. The city gets a mail with your reason."),
    }
    return said[outcome]
