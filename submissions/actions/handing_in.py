"""Submit and withdraw an entry."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import audit, mail
from portal.accounts.models import User
from portal.db import new_id
from portal.definitions import queries as definitions
from portal.definitions.completeness import Fault, completeness
from portal.errors import Refusal
from portal.i18n import sentence, written_moment
from submissions import queries
from submissions.actions.guarding import lock, require_editable
from submissions.models import Attachment, Entry, Submission
from submissions.rules import (
    EntryState,
    checksum,
    is_call_open,
    is_withdrawable,
    make_receipt_code,
)


class Incomplete(Refusal):
    """The entry cannot be submitted yet; ``faults`` says what is missing or wrong."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(
            sentence("The entry cannot be submitted yet: %(count)s answers are missing or must be corrected."),
            count=len({(fault.field, fault.row, fault.column) for fault in self.faults}),
        )


def submit_entry(
    session: Session, entry: Entry, *, by: str | None, now: datetime, revision: int | None = None
) -> Submission:
    """Hand an entry in: freeze what it says, give it a receipt code, and mail the receipt.

    Raises Refusal after the deadline, in a wrong state or when the answers are not those of ``revision`` any more,
    Incomplete when something is missing or wrong.
    """
    lock(session, entry)
    require_editable(session, entry, now)
    if revision is not None and revision != entry.revision:
        raise Refusal(
            sentence("The answers were changed in another window. Please look at them again before submitting.")
        )
    faults = completeness(definitions.get_definition(entry.form), entry.answers, entry.attachments)
    if faults:
        raise Incomplete(faults)
    before = queries.get_submission(session, entry.id)
    handed_in = [_handed_in(attachment) for attachment in entry.attachments]
    content = {
        "entry": entry.id,
        "form": [entry.form.key, entry.form.version],
        "language": entry.language,
        "answers": entry.answers,
        "attachments": handed_in,
    }
    submission = Submission(
        id=new_id(), entry_id=entry.id, number=before.number + 1 if before else 1, answers=dict(entry.answers),
        attachments=handed_in, checksum=checksum(content), submitted_at=now, submitted_by=by or entry.created_by,
    )  # fmt: skip
    session.add(submission)
    entry.state = EntryState.SUBMITTED
    entry.submitted_at = now
    entry.receipt_code = entry.receipt_code or _new_receipt_code(session, entry.edition.year)
    session.flush()
    audit.note(
        session, "entry.submit", f"entry:{entry.id}", by=by, now=now, number=submission.number,
        checksum=submission.checksum,
    )  # fmt: skip
    _write_to(
        session, entry, submission.submitted_by, "entry_received", now, checksum=submission.checksum,
        number=submission.number,
    )  # fmt: skip
    return submission


def withdraw_entry(session: Session, entry: Entry, *, reason: str, by: str | None, now: datetime) -> Entry:
    """Take an entry back, or discard a draft.

    Raises Refusal when it is too late for that, or without a reason once the call has closed.
    """
    lock(session, entry)
    edition = entry.edition
    ends_at = queries.get_withdrawal_end(edition)
    if entry.state == EntryState.WITHDRAWN:
        raise Refusal(sentence("This entry was withdrawn already."))
    if not is_withdrawable(entry.state, ends_at=ends_at, now=now):
        raise Refusal(sentence("An entry can be withdrawn until judging ends. Please write to the secretariat."))
    call_open = is_call_open(edition.call_opens_at, edition.call_closes_at, now)
    if entry.state != EntryState.DRAFT and not call_open and not reason.strip():
        raise Refusal(
            sentence("The call has closed and others are at work on this entry: please say why you withdraw it."),
            field="reason",
        )
    was_draft = entry.state == EntryState.DRAFT
    entry.state, entry.withdrawn_at = EntryState.WITHDRAWN, now
    session.flush()
    audit.note(session, "entry.withdraw", f"entry:{entry.id}", by=by, now=now, text=reason.strip() or None)
    if not was_draft:
        _write_to(session, entry, by or entry.created_by, "entry_withdrawn", now, call_open=call_open)
    return entry


def _new_receipt_code(session: Session, year: int) -> str:
    while True:
        code = make_receipt_code(year)
        if session.scalar(select(Entry.id).where(Entry.receipt_code == code)) is None:
            return code


def _handed_in(attachment: Attachment) -> dict[str, Any]:
    return {
        "id": attachment.id, "field": attachment.field, "name": attachment.name, "sha256": attachment.file.sha256,
        "size": attachment.file.size, "content_type": attachment.file.content_type, "credit": attachment.credit,
        "alt_text": attachment.alt_text,
    }  # fmt: skip


def _write_to(session: Session, entry: Entry, user_id: str, template: str, now: datetime, **context: Any) -> None:
    user = session.get(User, user_id)
    if user is None:
        return
    mail.queue(
        session, template, to=user.email, language=user.language, now=now, name=user.name, title=entry.title,
        code=entry.receipt_code, entry=entry.id, edition=entry.edition.names, category=entry.category.names,
        organisation=entry.organisation.name,
        moment=written_moment(now, entry.edition.time_zone, user.language), **context,
    )  # fmt: skip
