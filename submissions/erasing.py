"""What is taken out of entries, or deleted with them, once it has been kept long enough."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import audit
from portal.definitions import queries as definitions
from portal.definitions.rules import ConsentField
from submissions.models import Attachment, Entry, Submission

#: Answers about a person that judges read too, so that they stand in no private section.
NAMED = frozenset({"nominee_name", "nominee_position"})


def erase_contacts(session: Session, entry: Entry, *, now: datetime) -> bool:
    """Take the answers and files of private sections out of an entry and out of all that was handed in.

    Consents stay, as proof that they were given. Returns whether there was anything to erase.
    """
    private = NAMED | {
        key
        for section in definitions.get_definition(entry.form).sections
        if section.private
        for key, question in section.by_key.items()
        if not isinstance(question, ConsentField)
    }
    found = False
    submissions = session.scalars(select(Submission).where(Submission.entry_id == entry.id)).all()
    everything: list[Entry | Submission] = [entry, *submissions]
    for held in everything:
        if not private.isdisjoint(held.answers):
            held.answers = {key: value for key, value in held.answers.items() if key not in private}
            found = True
    for submission in submissions:
        files = [file for file in submission.attachments if file.get("field") not in private]
        if len(files) != len(submission.attachments):
            submission.attachments, found = files, True
    for attachment in [one for one in entry.attachments if one.field in private]:
        _remove(session, entry, attachment)
        found = True
    if found:
        session.flush()
        audit.note(session, "entry.erase-contacts", f"entry:{entry.id}", by=None, now=now)
    return found


def delete_entry(session: Session, entry: Entry, *, now: datetime) -> None:
    """Delete an entry that was never handed in, with its attachments."""
    if entry.was_submitted:
        raise ValueError("An entry that was handed in is not deleted.")
    for attachment in list(entry.attachments):
        _remove(session, entry, attachment)
    session.flush()
    entry_id = entry.id
    session.delete(entry)
    session.flush()
    audit.note(session, "entry.delete", f"entry:{entry_id}", by=None, now=now)


def _remove(session: Session, entry: Entry, attachment: Attachment) -> None:
    entry.attachments.remove(attachment)
    session.delete(attachment)
