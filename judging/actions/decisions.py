"""Decisions: who gets which prize, with a reason, within the quotas."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from judging.models import Decision, Publication, RoundEntry
from judging.rules import MOST_CHARACTERS
from portal import audit
from portal.db import new_id
from portal.editions.models import Edition, Prize, Round
from portal.errors import Refusal, check_length
from portal.i18n import sentence
from submissions.models import Entry
from submissions.rules import EntryState


def decide_prize(
    session: Session, prize: Prize, entry: Entry, *, place: int | None, reason: str, by: str, now: datetime
) -> Decision:
    """Give a prize to an entry. Two winners may share a place; a special mention stands on top and has none.

    Raises Refusal when decisions are approved, a round is still open, the entry is not eligible or of another category
    or applicant type, all prizes of the kind are given, or the reason or place is missing.
    """
    check_not_approved(session, prize.edition_id)
    session.refresh(prize, with_for_update={"of": Prize})
    session.refresh(entry, ["state"], with_for_update={"of": Entry})  # it may just be withdrawn or screened
    is_mention = prize.category_key is None
    if entry.edition_id != prize.edition_id or entry.state != EntryState.ELIGIBLE:
        raise Refusal(sentence("Only an eligible entry of this edition can be given a prize."), field="entry")
    if not is_mention and entry.category.key != prize.category_key:
        raise Refusal(sentence("This prize belongs to another category than the entry."), field="entry")
    if prize.applicant_type is not None and entry.applicant_type != prize.applicant_type:
        raise Refusal(sentence("This prize is for another type of applicant than the entry's."), field="entry")
    _check_rounds(session, prize, entry)
    held = list(session.scalars(select(Decision).where(Decision.entry_id == entry.id)))
    if any(one.prize_id == prize.id for one in held):
        raise Refusal(sentence("This entry has been given this prize already."), field="entry")
    if not is_mention and any(one.prize.category_key is not None for one in held):
        raise Refusal(sentence("This entry has been given another prize of its category already."), field="entry")
    given = session.scalar(select(func.count()).where(Decision.prize_id == prize.id)) or 0
    if given >= prize.quota:
        raise Refusal(sentence("All %(quota)s of these prizes have been given."), field="prize", quota=prize.quota)
    if not is_mention and (place is None or place < 1):
        raise Refusal(sentence("Please give the place, a whole number from 1."), field="place")
    decision = Decision(
        id=new_id(),
        edition_id=prize.edition_id,
        prize_id=prize.id,
        entry_id=entry.id,
        place=None if is_mention else place,
        reason=checked_reason(reason),
        decided_at=now,
        decided_by=by,
    )
    session.add(decision)
    session.flush()
    audit.note(
        session, "prize.decide", f"decision:{decision.id}", by=by, now=now, text=decision.reason,
        edition=prize.edition_id, prize=prize.id, entry=entry.id, place=decision.place,
    )  # fmt: skip
    return decision


def revoke_decision(session: Session, decision: Decision, *, reason: str, by: str, now: datetime) -> None:
    """Take a decision back, with a reason. Raises Refusal once decisions are approved."""
    check_not_approved(session, decision.edition_id)
    reason = checked_reason(reason)
    session.delete(decision)
    session.flush()
    audit.note(
        session, "prize.revoke", f"decision:{decision.id}", by=by, now=now, text=reason,
        edition=decision.edition_id, prize=decision.prize_id, entry=decision.entry_id,
    )  # fmt: skip


def check_not_approved(session: Session, edition_id: str) -> None:
    """Raise Refusal when an edition's decisions are approved; else keep others from approving them meanwhile."""
    session.execute(select(Edition.id).where(Edition.id == edition_id).with_for_update())  # as who approves does
    query = select(Publication).where(Publication.edition_id == edition_id).with_for_update()
    publication = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if publication is not None and publication.approved_at is not None:
        raise Refusal(sentence("The decisions are approved and cannot be changed any more."))


def checked_reason(reason: str) -> str:
    """Return a reason without white space around it; raise Refusal when it is missing or too long."""
    reason = reason.strip()
    if not reason:
        raise Refusal(sentence("Please give the reason."), field="reason")
    check_length(reason, MOST_CHARACTERS, "reason")
    return reason


def _check_rounds(session: Session, prize: Prize, entry: Entry) -> None:
    rounds = list(session.scalars(select(Round).where(Round.edition_id == prize.edition_id).order_by(Round.number)))
    if any(one.opened_at is not None and one.closed_at is None for one in rounds):
        raise Refusal(sentence("A round of judging is still open. Please close it before you decide."))
    judged = [one for one in rounds if one.opened_at is not None]
    if judged and not any(session.get(RoundEntry, (one.id, entry.id)) for one in judged):
        raise Refusal(sentence("This entry did not stand in any round of judging."), field="entry")
