"""Writes on the attachments of an entry: add a file, describe it, remove it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from portal import audit, files
from portal.db import new_id
from portal.definitions import queries as definitions
from portal.definitions.rules import FilesField
from portal.errors import Refusal
from portal.files import StagedFile
from portal.i18n import sentence
from submissions.actions.guarding import lock, require_editable
from submissions.models import Attachment, Entry
from submissions.rules import (
    cleaned,
)

_LONGEST_CREDIT, _LONGEST_ALT_TEXT = 160, 500


def attach_file(
    session: Session, entry: Entry, *, field: str, staged: StagedFile, credit: str = "", alt_text: str = "",
    by: str | None, now: datetime,
) -> Attachment:  # fmt: skip
    """Attach a staged file to a question.

    Raises Refusal when the entry cannot be changed, the question takes no files or no more of them, or the same
    content is attached already.
    """
    lock(session, entry)
    require_editable(session, entry, now)
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
    lock(session, attachment.entry)
    require_editable(session, attachment.entry, now)
    attachment.credit, attachment.alt_text = credit, alt_text
    attachment.entry.saved_at = now
    session.flush()
    audit.note(session, "entry.describe", f"entry:{attachment.entry_id}", by=by, now=now, attachment=attachment.id)
    return attachment


def remove_attachment(session: Session, attachment: Attachment, *, by: str | None, now: datetime) -> None:
    """Take a file off an entry; what was handed in before keeps its record of it."""
    entry = attachment.entry
    lock(session, entry)
    require_editable(session, entry, now)
    attachment_id = attachment.id
    entry.attachments.remove(attachment)
    session.delete(attachment)
    entry.saved_at = now
    session.flush()
    audit.note(session, "entry.remove_attachment", f"entry:{entry.id}", by=by, now=now, attachment=attachment_id)


def _short(text: str, longest: int) -> str:
    return str(cleaned(" ".join(text.split())))[:longest]
