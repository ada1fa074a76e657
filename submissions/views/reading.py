"""Entries on paper, attachments, and the empty forms that everybody may read beforehand."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from portal import audit, clock
from portal.access import Public
from portal.definitions import queries as definitions
from portal.editions import queries as editions
from portal.editions.models import Edition
from portal.errors import Hidden
from portal.web import language, needs, permitted, portal, session, visitor
from submissions import queries
from submissions.access import Entries
from submissions.downloads import send_attachment
from submissions.languages import own_name
from submissions.models import Entry
from submissions.reading import read_empty_form, read_entry
from submissions.views.blueprint import pages


@pages.route("/<entry_id>/print")
@needs(Entries.PRINT)
def print_entry(entry_id: str) -> ResponseReturnValue:
    """Show the whole entry on one page, as it is read and printed."""
    entry = permitted(queries.get_entry(session(), entry_id))
    _record_reading(entry)
    submission = (
        None if entry.organisation_id in visitor().organisations else queries.get_submission(session(), entry.id)
    )
    reading = read_entry(entry, language=language().tag, submission=submission, show_private=True)
    return render_template(
        "submissions/print_entry.html",
        entry=entry,
        reading=reading,
        language_name=own_name(entry.language),
        may_open=entry.organisation_id in visitor().organisations,
    )


@pages.route("/attachments/<attachment_id>")
@needs(Entries.DOWNLOAD)
def download(attachment_id: str) -> ResponseReturnValue:
    """Hand out an attachment."""
    attachment = permitted(queries.get_attachment(session(), attachment_id))
    _record_reading(attachment.entry)
    return send_attachment(attachment)


@pages.route("/forms/<slug>")
@needs(Public.READ)
def list_forms(slug: str) -> ResponseReturnValue:
    """List the entry forms of an edition."""
    edition = _public_edition(slug)
    forms = definitions.list_forms(session(), edition.id)
    return render_template("submissions/list_forms.html", edition=edition, forms=forms)


@pages.route("/forms/<slug>/<key>")
@needs(Public.READ)
def show_form(slug: str, key: str) -> ResponseReturnValue:
    """Show all questions of an entry form, for review and print only."""
    edition = _public_edition(slug)
    form = definitions.get_form_by_key(session(), edition_id=edition.id, key=key)
    if form is None:
        raise Hidden
    definition = definitions.get_definition(form)
    return render_template(
        "submissions/show_form.html", edition=edition, form=form, definition=definition,
        sections=read_empty_form(definition, language=language().tag),
    )  # fmt: skip


def _public_edition(slug: str) -> Edition:
    edition = editions.get_edition(session(), slug)
    if edition is None or not edition.is_published:
        raise Hidden
    return edition


def _record_reading(entry: Entry) -> None:
    """Write down that somebody from outside the organisation reads its data, before any of it leaves."""
    if entry.organisation_id not in visitor().organisations:
        audit.record(portal().database, "read entry", f"entry:{entry.id}", now=clock.now(), by=visitor().id)
