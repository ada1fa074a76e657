"""Checking the answers, submitting, the receipt, and taking an entry back."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal import clock
from portal.definitions import queries as definitions
from portal.definitions.completeness import Fault
from portal.definitions.forms import anchor_of, sentence_of
from portal.errors import Refusal
from portal.forms import PlainAct
from portal.web import done, form_page, language, needs, permitted, refusals, session, visitor, writing
from submissions import queries
from submissions.access import Entries
from submissions.actions.drafting import copy_entry
from submissions.actions.handing_in import Incomplete, submit_entry, withdraw_entry
from submissions.forms import WithdrawForm
from submissions.languages import own_name
from submissions.models import Entry
from submissions.reading import read_entry
from submissions.rules import EntryState
from submissions.views.blueprint import pages
from submissions.views.editing import revision_of
from submissions.views.entries import standing_of


@pages.route("/<entry_id>/check", methods=["GET", "POST"])
@needs(Entries.SUBMIT)
def check(entry_id: str) -> ResponseReturnValue:
    """Look at all answers once more, and hand the entry in."""
    now = clock.now()
    entry = permitted(queries.get_entry(session(), entry_id))
    form, lines = PlainAct(request.form), []
    if request.method == "POST" and form.validate():
        try:
            submit_entry(writing(), entry, by=visitor().id, now=now, revision=revision_of(request.form))
            return redirect(url_for(".receipt", entry_id=entry_id), 303)
        except Incomplete as incomplete:
            session().rollback()
            lines = [_line(entry, fault) for fault in incomplete.faults]
        except Refusal as refusal:
            session().rollback()
            if entry.state == EntryState.SUBMITTED:  # pressed twice, or handed in from another window
                return redirect(url_for(".receipt", entry_id=entry_id), 303)
            form.refuse(refusal)
    standing = standing_of(entry, queries.get_screening(session(), entry.id), now)
    refused = bool(lines or form.form_errors)
    if not standing.is_editable and not refused:
        return redirect(url_for(".show", entry_id=entry_id), 303)
    faults = [fault for section in standing.sections for fault in section.faults]
    page = render_template(
        "submissions/check.html", entry=entry, standing=standing, form=form, lines=lines,
        reading=read_entry(entry, language=language().tag, show_private=True), language_name=own_name(entry.language),
        faulty={fault.field for fault in faults},
    )  # fmt: skip
    return page, 422 if refused else 200


@pages.route("/<entry_id>/receipt")
@needs(Entries.READ_RECEIPT)
def receipt(entry_id: str) -> ResponseReturnValue:
    """Show what proves that the entry was handed in, and what was handed in."""
    entry = permitted(queries.get_entry(session(), entry_id))
    submission = queries.get_submission(session(), entry.id)
    return render_template(
        "submissions/receipt.html", entry=entry, submission=submission, language_name=own_name(entry.language),
        standing=standing_of(entry, queries.get_screening(session(), entry.id), clock.now()),
        reading=read_entry(entry, language=language().tag, submission=submission, show_private=True),
        kept_files={attachment.id for attachment in entry.attachments},
    )  # fmt: skip


@pages.route("/<entry_id>/withdraw", methods=["GET", "POST"])
@needs(Entries.WITHDRAW)
def withdraw(entry_id: str) -> ResponseReturnValue:
    """Ask once, then take the entry back or discard the draft."""
    now = clock.now()
    entry = permitted(queries.get_entry(session(), entry_id))
    standing = standing_of(entry, None, now)
    form = WithdrawForm(request.form)
    if request.method == "POST" and form.validate():
        with refusals(form):
            withdraw_entry(writing(), entry, reason=form.reason.data or "", by=visitor().id, now=now)
            said = gettext("The entry was withdrawn.") if entry.was_submitted else gettext("The draft was discarded.")
            return done(said, ".show", entry_id=entry_id)
    elif not standing.is_withdrawable:
        return redirect(url_for(".show", entry_id=entry_id), 303)
    return form_page("submissions/withdraw.html", form, entry=entry, standing=standing)


@pages.route("/<entry_id>/begin-again", methods=["POST"])
@needs(Entries.EDIT)
def begin_again(entry_id: str) -> ResponseReturnValue:
    """Start a new draft with the answers and files of a withdrawn entry."""
    entry = permitted(queries.get_entry(session(), entry_id))
    fresh = copy_entry(writing(), entry, by=visitor().id, now=clock.now())
    return redirect(url_for(".show", entry_id=fresh.id), 303)


def _line(entry: Entry, fault: Fault) -> tuple[str, str]:
    question = definitions.get_definition(entry.form).fields[fault.field]
    place = url_for(".edit_section", entry_id=entry.id, key=fault.section, check=1, _anchor=anchor_of(fault, question))
    return sentence_of(fault, language().tag), place
