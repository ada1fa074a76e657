"""Writes of submissions: start, save, attach, submit, withdraw. The caller's door commits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import audit, files, mail
from portal.accounts.models import Organisation, User
from portal.db import new_id
from portal.definitions import queries as definitions
from portal.definitions.completeness import Fault, completeness
from portal.definitions.rules import FilesField
from portal.editions.models import Category, Edition
from portal.errors import Refusal
from portal.files import StagedFile
from portal.i18n import sentence, written_moment
from submissions import queries
from submissions.models import Attachment, Entry, Submission
from submissions.rules import (
    MOST_CHARACTERS_OF_AN_ANSWER,
    EntryState,
    checksum,
    cleaned,
    conflicting,
    is_call_open,
    is_editable,
    is_withdrawable,
    make_receipt_code,
    size_of,
    title_of,
)

_LONGEST_CREDIT, _LONGEST_ALT_TEXT = 160, 500


class Incomplete(Refusal):
    """The entry cannot be submitted yet; ``faults`` says what is missing or wrong."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(
            sentence("The entry cannot be submitted yet: %(count)s answers are missing or must be corrected."),
            count=len({(fault.field, fault.row, fault.column) for fault in self.faults}),
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
    _require_open_call(edition, now)
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
    _lock(session, entry)
    _require_editable(session, entry, now)
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
    _lock(session, entry)
    _require_editable(session, entry, now)
    if entry.language != language:
        entry.language, entry.saved_at = language, now
        session.flush()
        audit.note(session, "entry.choose_language", f"entry:{entry.id}", by=by, now=now, language=language)
    return entry


def attach_file(
    session: Session, entry: Entry, *, field: str, staged: StagedFile, credit: str = "", alt_text: str = "",
    by: str | None, now: datetime,
) -> Attachment:  # fmt: skip
    """Attach a staged file to a question.

    Raises Refusal when the entry cannot be changed, the question takes no files or no more of them, or the same
    content is attached already.
    """
    _lock(session, entry)
    _require_editable(session, entry, now)
    question = definitions.get_definition(entry.form).fields.get(field)
    if not isinstance(question, FilesField):
        raise Refusal(sentence("This question takes no files."), field=field)
    present = [one for one in entry.attachments if one.field == field]
    if len(present) >= question.max_files:
        raise Refusal(
            sentence("At most %(most)s files can be attached here. Please remove one first."),
            most=question.max_files, field=field,
        )  # fmt: skip
    stored = files.keep(session, staged, now=now)
    if any(one.file_id == stored.id for one in present):
        raise Refusal(sentence("“%(name)s” is attached here already."), name=staged.name, field=field)
    attachment = Attachment(
        id=new_id(), entry=entry, file=stored, field=field, name=staged.name, credit=_short(credit, _LONGEST_CREDIT),
        alt_text=_short(alt_text, _LONGEST_ALT_TEXT), added_at=now,
    )  # fmt: skip
    session.add(attachment)
    entry.saved_at = now
    session.flush()
    audit.note(
        session, "entry.attach", f"entry:{entry.id}", by=by, now=now, attachment=attachment.id, sha256=staged.sha256
    )
    return attachment


def describe_attachment(
    session: Session, attachment: Attachment, *, credit: str, alt_text: str, by: str | None, now: datetime
) -> Attachment:
    """Change the credit and the description of an attachment; raise Refusal when the entry cannot be changed."""
    credit, alt_text = _short(credit, _LONGEST_CREDIT), _short(alt_text, _LONGEST_ALT_TEXT)
    if (credit, alt_text) == (attachment.credit, attachment.alt_text):
        return attachment
    _lock(session, attachment.entry)
    _require_editable(session, attachment.entry, now)
    attachment.credit, attachment.alt_text = credit, alt_text
    attachment.entry.saved_at = now
    session.flush()
    audit.note(session, "entry.describe", f"entry:{attachment.entry_id}", by=by, now=now, attachment=attachment.id)
    return attachment


def remove_attachment(session: Session, attachment: Attachment, *, by: str | None, now: datetime) -> None:
    """Take a file off an entry; what was handed in before keeps its record of it."""
    entry = attachment.entry
    _lock(session, entry)
    _require_editable(session, entry, now)
    attachment_id = attachment.id
    entry.attachments.remove(attachment)
    session.delete(attachment)
    entry.saved_at = now
    session.flush()
    audit.note(session, "entry.remove_attachment", f"entry:{entry.id}", by=by, now=now, attachment=attachment_id)


def submit_entry(
    session: Session, entry: Entry, *, by: str | None, now: datetime, revision: int | None = None
) -> Submission:
    """Hand an entry in: freeze what it says, give it a receipt code, and mail the receipt.

    Raises Refusal after the deadline, in a wrong state or when the answers are not those of ``revision`` any more,
    Incomplete when something is missing or wrong.
    """
    _lock(session, entry)
    _require_editable(session, entry, now)
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
    _lock(session, entry)
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


def _lock(session: Session, entry: Entry) -> None:
    """Read what the act decides on once more, so that two people at once cannot both go by the old state."""
    session.flush()
    session.refresh(entry, ["state", "revision", "answers", "changed_in", "receipt_code"], with_for_update=True)


def _require_open_call(edition: Edition, now: datetime) -> None:
    opens, closes = edition.call_opens_at, edition.call_closes_at
    if is_call_open(opens, closes, now):
        return
    if opens is None or closes is None:
        raise Refusal(sentence("The dates of this call for entries have not been set yet."))
    if now < opens:
        raise Refusal(
            sentence("The call for entries opens on %(moment)s."), moment=opens.astimezone(ZoneInfo(edition.time_zone))
        )
    raise Refusal(
        sentence("The call for entries closed on %(moment)s. What was saved before is kept, but nothing can be added."),
        moment=closes.astimezone(ZoneInfo(edition.time_zone)),
    )


def _require_editable(session: Session, entry: Entry, now: datetime) -> None:
    if entry.state == EntryState.DRAFT:
        _require_open_call(entry.edition, now)
        return
    if entry.state != EntryState.SENT_BACK:
        raise Refusal(
            sentence("This entry was withdrawn and cannot be changed any more.")
            if entry.state == EntryState.WITHDRAWN
            else sentence("This entry was submitted and cannot be changed any more.")
        )
    screening = queries.get_screening(session, entry.id)
    reply_until = screening.reply_until if screening else None
    if not is_editable(entry.state, call_open=False, reply_until=reply_until, now=now) and reply_until is not None:
        raise Refusal(
            sentence("The time to complete this entry ended on %(moment)s. Please write to the secretariat."),
            moment=reply_until.astimezone(ZoneInfo(entry.edition.time_zone)),
        )


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


def _short(text: str, longest: int) -> str:
    return str(cleaned(" ".join(text.split())))[:longest]


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
