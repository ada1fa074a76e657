"""The list of one's entries, starting one, and the overview of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from wtforms.fields.choices import SelectChoice

from portal import clock
from portal.accounts.models import Organisation
from portal.definitions import queries as definitions
from portal.editions import queries as editions
from portal.editions.models import Edition
from portal.web import done, form_page, language, needs, permitted, refusals, session, visitor, writing
from submissions import queries
from submissions.access import Entries
from submissions.actions import drafting as actions
from submissions.forms import LanguageForm, StartForm
from submissions.languages import own_name
from submissions.models import Entry, Screening
from submissions.progress import SectionProgress, SectionState, Step, list_progress, next_step
from submissions.rules import EntryState, is_call_open, is_editable, is_withdrawable
from submissions.views.blueprint import pages


@dataclass(frozen=True, slots=True)
class Standing:
    """An entry with everything that its pages say about its progress."""

    entry: Entry
    sections: list[SectionProgress]
    screening: Screening | None
    step: Step
    is_editable: bool
    is_withdrawable: bool
    is_call_open: bool
    due_at: datetime | None
    withdrawal_ends_at: datetime | None

    @property
    def asked(self) -> int:
        """How many sections count: those that may stay empty, and do, are left out."""
        return sum(section.state != SectionState.OPTIONAL for section in self.sections)

    @property
    def done(self) -> int:
        """How many of them need nothing more."""
        return sum(section.state == SectionState.DONE for section in self.sections)

    @property
    def can_begin_again(self) -> bool:
        """Whether a new draft can take over its answers."""
        return self.entry.state == EntryState.WITHDRAWN and self.is_call_open

    @property
    def is_complete(self) -> bool:
        """Whether it could be handed in."""
        return self.done == self.asked


def standing_of(entry: Entry, screening: Screening | None, now: datetime) -> Standing:
    """Work out how an entry stands."""
    edition = entry.edition
    sections = list_progress(definitions.get_definition(entry.form), entry.answers, entry.attachments)
    reply_until = screening.reply_until if screening and screening.outcome == "sent-back" else None
    call_open = is_call_open(edition.call_opens_at, edition.call_closes_at, now)
    step = next_step(
        entry.state, is_complete=all(section.is_done for section in sections), opens_at=edition.call_opens_at,
        closes_at=edition.call_closes_at, reply_until=reply_until, now=now,
    )  # fmt: skip
    withdrawal_ends_at = queries.get_withdrawal_end(edition)
    due_at = {Step.CONTINUE: edition.call_closes_at, Step.SUBMIT: edition.call_closes_at, Step.COMPLETE: reply_until}
    return Standing(
        entry, sections, screening, step,
        is_editable=is_editable(entry.state, call_open=call_open, reply_until=reply_until, now=now),
        is_withdrawable=is_withdrawable(entry.state, ends_at=withdrawal_ends_at, now=now),
        is_call_open=call_open, due_at=due_at.get(step), withdrawal_ends_at=withdrawal_ends_at,
    )  # fmt: skip


@pages.route("/")
@needs(Entries.LIST)
def list_entries() -> ResponseReturnValue:
    """List the entries of the visitor's organisations with their next steps."""
    now = clock.now()
    entries = queries.list_own_entries(session(), visitor().organisations)
    screenings = queries.list_screenings(session(), [entry.id for entry in entries])
    rows = [standing_of(entry, screenings.get(entry.id), now) for entry in entries]
    return render_template(
        "submissions/list_entries.html", rows=rows, open_edition=editions.get_open_edition(session(), now=now),
        has_organisation=bool(visitor().organisations),
    )  # fmt: skip


@pages.route("/new", methods=["GET", "POST"])
@needs(Entries.START)
def start() -> ResponseReturnValue:
    """Choose category, organisation and language, and begin."""
    now = clock.now()
    edition = editions.get_open_edition(session(), now=now)
    organisations = queries.list_organisations(session(), str(visitor().id))
    if edition is None or not organisations:
        return render_template("submissions/start.html", edition=edition, organisations=organisations, form=None)
    form = StartForm(request.form, data={"language": language().tag, **_first_choices(organisations, edition)})
    form.organisation.choices = [SelectChoice(one.id, one.name) for one in organisations]
    form.category.choices = [SelectChoice(one.key, _name(one.names)) for one in edition.categories]
    if request.method == "POST" and form.validate():
        with refusals(form):
            entry = actions.create_entry(
                writing(), edition=edition,
                category=next(one for one in edition.categories if one.key == form.category.data),
                organisation=next(one for one in organisations if one.id == form.organisation.data),
                language=form.language.data, by=visitor().id, now=now,
            )  # fmt: skip
            return redirect(url_for(".show", entry_id=entry.id), 303)
    return form_page(
        "submissions/start.html",
        form,
        edition=edition,
        organisations=organisations,
    )


@pages.route("/<entry_id>")
@needs(Entries.OPEN)
def show(entry_id: str) -> ResponseReturnValue:
    """Show what is done, what is left and what comes next."""
    entry = permitted(queries.get_entry(session(), entry_id))
    standing = standing_of(entry, queries.get_screening(session(), entry.id), clock.now())
    return render_template(
        "submissions/show.html", standing=standing, entry=entry, language_name=own_name(entry.language)
    )


@pages.route("/<entry_id>/language", methods=["GET", "POST"])
@needs(Entries.EDIT)
def choose_language(entry_id: str) -> ResponseReturnValue:
    """Change the language in which the answers are written."""
    entry = permitted(queries.get_entry(session(), entry_id))
    form = LanguageForm(request.form, data={"language": entry.language})
    if request.method == "POST" and form.validate():
        with refusals(form):
            actions.choose_language(writing(), entry, form.language.data, by=visitor().id, now=clock.now())
            return done(gettext("The language was saved."), ".show", entry_id=entry_id)
    return form_page("submissions/choose_language.html", form, entry=entry)


def _first_choices(organisations: list[Organisation], edition: Edition) -> dict[str, str]:
    """Choose for the visitor where there is only one choice, or where an address names a category."""
    chosen = {"organisation": organisations[0].id} if len(organisations) == 1 else {}
    wished = request.args.get("category", "")
    return {**chosen, "category": wished} if wished in {one.key for one in edition.categories} else chosen


def _name(names: dict[str, str]) -> str:
    return names.get(language().tag) or names.get("en") or next(iter(names.values()), "")
