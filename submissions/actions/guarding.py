"""What every change of an entry asks first: the newest state, an open call, an entry that may be changed."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from portal.editions.models import Edition
from portal.errors import Refusal
from portal.i18n import sentence
from submissions import queries
from submissions.models import Entry
from submissions.rules import (
    EntryState,
    is_call_open,
    is_editable,
)


def lock(session: Session, entry: Entry) -> None:
    """Read what the act decides on once more, so that two people at once cannot both go by the old state."""
    session.flush()
    session.refresh(entry, ["state", "revision", "answers", "changed_in", "receipt_code"], with_for_update=True)


def require_open_call(edition: Edition, now: datetime) -> None:
    """Raise Refusal outside the call for entries, and say when it is."""
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


def require_editable(session: Session, entry: Entry, now: datetime) -> None:
    """Raise Refusal when an entry cannot be changed: handed in, withdrawn, or too late."""
    if entry.state == EntryState.DRAFT:
        require_open_call(entry.edition, now)
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
