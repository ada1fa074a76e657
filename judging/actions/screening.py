"""Screening: the secretariat's outcome for an entry, and the mail that tells the city."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from judging.models import Decision, RoundEntry
from judging.rules import MOST_CHARACTERS
from portal import audit, mail
from portal.accounts.models import User
from portal.db import new_id
from portal.editions.models import Round
from portal.errors import Refusal, check_length
from portal.i18n import sentence, written_moment
from submissions.models import Entry, Screening
from submissions.queries import get_screening
from submissions.rules import STANDING, EntryState

OUTCOMES = (EntryState.ELIGIBLE, EntryState.SENT_BACK, EntryState.INELIGIBLE)


def screen_entry(
    session: Session,
    entry: Entry,
    *,
    outcome: str,
    reason: str = "",
    reply_until: datetime | None = None,
    by: str,
    now: datetime,
    seen: str | None = None,
) -> Screening:
    """Record the outcome of screening and write to the city in its language.

    ``seen`` is the outcome that the page showed, by its id ("" for none). An entry found eligible while the first round
    is open joins it. Raises Refusal when another outcome was recorded since, the entry was not handed in, a reason is
    missing where the city needs one, the reply date has passed, or the entry holds a prize.
    """
    if outcome == EntryState.ELIGIBLE:  # a round that opens at this moment takes the entry, or this act does
        session.refresh(_first_round(session, entry), with_for_update={"of": Round})
    session.refresh(entry, with_for_update={"of": Entry})
    reason = reason.strip()
    latest = get_screening(session, entry.id)
    if seen is not None and seen != (latest.id if latest else ""):
        raise Refusal(
            sentence("Somebody else has recorded an outcome meanwhile. Please look at it before you record yours.")
        )
    if entry.state not in STANDING:
        raise Refusal(sentence("Only an entry that was handed in can be screened."))
    if outcome not in OUTCOMES:
        raise Refusal(sentence("Please choose an outcome."), field="outcome")
    if outcome != EntryState.ELIGIBLE and not reason:
        raise Refusal(sentence("Please tell the city the reason."), field="reason")
    check_length(reason, MOST_CHARACTERS, "reason")
    if outcome != EntryState.SENT_BACK:
        reply_until = None
    elif reply_until is not None and reply_until <= now:
        raise Refusal(sentence("The city needs time to reply: please choose a later moment."), field="reply_until")
    _check_not_too_late(session, entry, outcome)
    screening = Screening(
        id=new_id(),
        entry_id=entry.id,
        outcome=outcome,
        reason=reason,
        reply_until=reply_until,
        decided_at=now,
        decided_by=by,
    )
    session.add(screening)
    entry.state = outcome
    if outcome == EntryState.ELIGIBLE:
        _join_open_round(session, entry, now)
    session.flush()
    _write_to_city(session, entry, screening, now)
    audit.note(
        session, "entry.screen", f"entry:{entry.id}", by=by, now=now, text=reason or None, outcome=outcome,
        reply_until=reply_until.isoformat() if reply_until else None,
    )  # fmt: skip
    return screening


def _check_not_too_late(session: Session, entry: Entry, outcome: str) -> None:
    if outcome == EntryState.ELIGIBLE:
        return
    if session.scalar(select(Decision.id).where(Decision.entry_id == entry.id).limit(1)) is not None:
        raise Refusal(sentence("This entry has been given a prize. Please revoke that decision first."))
    if outcome == EntryState.SENT_BACK and _stands_in(session, _first_round(session, entry), entry):
        raise Refusal(sentence("Judges are reading this entry already, so it cannot be sent back any more."))


def _first_round(session: Session, entry: Entry) -> Round:
    return session.scalars(select(Round).where(Round.edition_id == entry.edition_id).order_by(Round.number)).all()[0]


def _stands_in(session: Session, stage: Round, entry: Entry) -> bool:
    query = select(RoundEntry.entry_id).where(RoundEntry.round_id == stage.id, RoundEntry.entry_id == entry.id)
    return session.scalar(query) is not None


def _join_open_round(session: Session, entry: Entry, now: datetime) -> None:
    first = _first_round(session, entry)
    if first.opened_at is None or first.closed_at is not None or _stands_in(session, first, entry):
        return
    session.add(RoundEntry(round_id=first.id, entry_id=entry.id, added_at=now))


def _write_to_city(session: Session, entry: Entry, screening: Screening, now: datetime) -> None:
    person = session.get_one(User, entry.created_by)
    until = screening.reply_until
    mail.queue(
        session, f"entry_{screening.outcome.replace('-', '_')}", to=person.email, language=person.language, now=now,
        name=person.name, title=entry.title, editions=dict(entry.edition.names), reason=screening.reason,
        entry=entry.id, reply_until=written_moment(until, entry.edition.time_zone, person.language) if until else None,
    )  # fmt: skip
