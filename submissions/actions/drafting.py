"""Writes on a draft: start it, save answers, choose the language, begin again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import audit
from portal.accounts.models import Organisation
from portal.db import new_id
from portal.definitions import queries as definitions
from portal.definitions.rules import FilesField
from portal.editions.models import Category, Edition
from portal.errors import Refusal
from portal.i18n import sentence
from submissions import queries
from submissions.actions.guarding import lock, require_editable, require_open_call
from submissions.models import Attachment, Entry
from submissions.rules import (
    MOST_CHARACTERS_OF_AN_ANSWER,
    EntryState,
    cleaned,
    conflicting,
    size_of,
    title_of,
)


class ChangedElsewhere(Refusal):
    """Somebody saved other answers in the meantime; ``fields`` are the questions concerned."""

    def __init__(self, fields: Iterable[str]) -> None:
        self.fields = tuple(fields)
        super().__init__(
            sentence("These answers were changed in another window or by somebody else. Nothing was overwritten.")
        )


def create_entry(
    session: Session, *, edition: Edition, category: Category, organisation: Organisation, language: str,
    by: str | None, now: datetime,
) -> Entry:  # fmt: skip
    """Start a draft in a category.

    Raises Refusal when the call is not open, the applicant type does not fit, or a draft is being worked on already.
    """
    require_open_call(edition, now)
    if category.edition_id != edition.id:
        raise Refusal(sentence("This category does not belong to the edition."), field="category")
    if organisation.applicant_type not in category.applicant_types:
        raise Refusal(_wrong_type(organisation.applicant_type), field="category")
    form = definitions.get_form(
        session, edition_id=edition.id, category_key=category.key, applicant_type=organisation.applicant_type
    )
    if form is None:
        raise Refusal(sentence("There is no entry form for this category and applicant type yet."), field="category")
    # The row of the organisation is locked, so that two clicks at once cannot start two drafts.
    session.execute(select(Organisation.id).where(Organisation.id == organisation.id).with_for_update())
    if queries.get_open_entry(session, category_id=category.id, organisation_id=organisation.id) is not None:
        raise Refusal(
            sentence(
                "Your organisation is already working on an entry in this category. Please continue with that one."
            ),
            field="category",
        )
    entry = Entry(
        id=new_id(), edition=edition, category=category, organisation=organisation, form=form, created_by=by,
        applicant_type=organisation.applicant_type, language=language, title="", answers={}, changed_in={}, revision=0,
        state=EntryState.DRAFT, created_at=now, saved_at=now, attachments=[],
    )  # fmt: skip
    session.add(entry)
    session.flush()
    audit.note(session, "entry.create", f"entry:{entry.id}", by=by, now=now, category=category.key, form=form.key)
    return entry


def _wrong_type(applicant_type: str) -> str:
    return {
        "city": sentence("City governments cannot enter in this category. It is for individuals."),
        "corporation": sentence("Corporations cannot enter in this category. It is for individuals."),
        "institution": sentence("Institutions cannot enter in this category. It is for individuals."),
        "individual": sentence("Individuals can enter in the leadership category only."),
    }.get(applicant_type, sentence("This type of applicant cannot enter in this category."))


def save_draft(
    session: Session, entry: Entry, answers: Mapping[str, Any], *, by: str | None, now: datetime,
    revision: int | None = None,
) -> Entry:  # fmt: skip
    """Merge raw answers into a draft, even invalid ones, exactly as typed.

    ``revision`` is the one that the page was made from: answers that others changed since are not overwritten.
    Raises Refusal when the entry cannot be changed any more, ChangedElsewhere on a conflict. Unknown questions are
    left out; saving the same again changes nothing.
    """
    lock(session, entry)
    require_editable(session, entry, now)
    known = definitions.get_definition(entry.form).fields
    wanted = {
        key: cleaned(raw)
        for key, raw in answers.items()
        if key in known and not isinstance(known[key], FilesField)
    }  # fmt: skip
    for key, raw in wanted.items():
        if size_of(raw) > MOST_CHARACTERS_OF_AN_ANSWER:
            raise Refusal(
                sentence("This text is longer than %(limit)s characters and cannot be kept. Please shorten it."),
                limit=MOST_CHARACTERS_OF_AN_ANSWER, field=key,
            )  # fmt: skip
    changed = {key: raw for key, raw in wanted.items() if raw != entry.answers.get(key)}
    if not changed:
        return entry
    if revision is not None:
        clashing = conflicting(entry.answers, entry.changed_in, wanted, revision)
        if clashing:
            raise ChangedElsewhere(clashing)
    entry.revision += 1
    entry.answers = {**entry.answers, **changed}
    entry.changed_in = {**entry.changed_in, **dict.fromkeys(changed, entry.revision)}
    if "title" in changed:
        entry.title = title_of(entry.answers)
    entry.saved_at = now
    session.flush()
    audit.note(
        session, "entry.save", f"entry:{entry.id}", by=by, now=now, revision=entry.revision, questions=sorted(changed)
    )
    return entry


def choose_language(session: Session, entry: Entry, language: str, *, by: str | None, now: datetime) -> Entry:
    """Say in which language the answers are written; raise Refusal when the entry cannot be changed any more."""
    lock(session, entry)
    require_editable(session, entry, now)
    if entry.language != language:
        entry.language, entry.saved_at = language, now
        session.flush()
        audit.note(session, "entry.choose_language", f"entry:{entry.id}", by=by, now=now, language=language)
    return entry


def copy_entry(session: Session, entry: Entry, *, by: str | None, now: datetime) -> Entry:
    """Begin again with the answers and files of a withdrawn entry; raise Refusal as ``create_entry`` does."""
    if entry.state != EntryState.WITHDRAWN:
        raise Refusal(sentence("Only a withdrawn entry can be begun again."))
    fresh = create_entry(
        session, edition=entry.edition, category=entry.category, organisation=entry.organisation,
        language=entry.language, by=by, now=now,
    )  # fmt: skip
    save_draft(session, fresh, entry.answers, by=by, now=now)
    known = definitions.get_definition(fresh.form).fields
    for one in entry.attachments:
        if isinstance(known.get(one.field), FilesField):
            session.add(Attachment(
                id=new_id(), entry=fresh, file=one.file, field=one.field, name=one.name, credit=one.credit,
                alt_text=one.alt_text, added_at=now,
            ))  # fmt: skip
    session.flush()
    return fresh
