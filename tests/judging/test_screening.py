"""Screening: three outcomes, reasons where the city needs them, a mail in its language."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from judging.actions.decisions import decide_prize
from judging.actions.rounds import open_round
from judging.actions.screening import screen_entry
from judging.models import RoundEntry
from portal.errors import Refusal
from portal.mail import MailMessage
from submissions.models import Screening
from tests.judging.competition import Competition


@pytest.fixture
def competition(session: Session) -> Competition:
    """Return a competition whose first entry waits for screening."""
    found = Competition(session)
    found.entries[0].state = "submitted"
    session.flush()
    return found


def test_screen_entry_records_the_outcome_and_writes_to_the_city(
    session: Session, competition: Competition, now: datetime
) -> None:
    entry, staff = competition.entries[0], competition.staff
    until = now + timedelta(days=7)
    screen_entry(session, entry, outcome="sent-back", reason=" No budget. ", reply_until=until, by=staff.id, now=now)
    stored = session.scalars(select(Screening)).one()
    assert (entry.state, stored.outcome, stored.reason, stored.reply_until) == (
        "sent-back", "sent-back", "No budget.", until,
    )  # fmt: skip
    letter = session.scalars(select(MailMessage)).one()
    assert (letter.recipient, letter.language, letter.template) == (
        competition.city_user.email, "ko", "entry_sent_back",
    )  # fmt: skip
    assert letter.context["reason"] == "No budget."
    assert letter.context["reply_until"].startswith("2026년 5월 8일 ")
    assert letter.context["reply_until"].endswith(" (UTC+9)")


@pytest.mark.parametrize("outcome", ["sent-back", "ineligible"])
@pytest.mark.parametrize("reason", ["", "  "])
def test_screen_entry_wants_a_reason(
    session: Session, competition: Competition, now: datetime, outcome: str, reason: str
) -> None:
    with pytest.raises(Refusal) as refused:
        screen_entry(session, competition.entries[0], outcome=outcome, reason=reason, by=competition.staff.id, now=now)
    assert refused.value.field == "reason"
    assert competition.entries[0].state == "submitted"


def test_screen_entry_takes_a_reply_date_from_the_next_second_on(
    session: Session, competition: Competition, now: datetime
) -> None:
    entry, by = competition.entries[0], competition.staff.id
    with pytest.raises(Refusal) as refused:
        screen_entry(session, entry, outcome="sent-back", reason="No.", reply_until=now, by=by, now=now)
    assert refused.value.field == "reply_until"
    later = now + timedelta(seconds=1)
    screen_entry(session, entry, outcome="sent-back", reason="No.", reply_until=later, by=by, now=now)
    assert entry.state == "sent-back"


@pytest.mark.parametrize("state", ["draft", "withdrawn"])
def test_screen_entry_refuses_what_was_not_handed_in(
    session: Session, competition: Competition, now: datetime, state: str
) -> None:
    competition.entries[0].state = state
    session.flush()
    with pytest.raises(Refusal):
        screen_entry(session, competition.entries[0], outcome="eligible", by=competition.staff.id, now=now)


def test_an_entry_found_eligible_late_joins_the_open_round(
    session: Session, competition: Competition, now: datetime
) -> None:
    assert open_round(session, competition.first, by=None, now=now) == 5
    screen_entry(session, competition.entries[0], outcome="eligible", by=competition.staff.id, now=now)
    query = select(RoundEntry.entry_id).where(RoundEntry.round_id == competition.first.id)
    assert competition.entries[0].id in session.scalars(query).all()


def test_screen_entry_does_not_send_back_what_judges_read(
    session: Session, competition: Competition, now: datetime
) -> None:
    open_round(session, competition.first, by=None, now=now)
    entry, by = competition.entries[1], competition.staff.id
    with pytest.raises(Refusal, match="reading this entry"):
        screen_entry(session, entry, outcome="sent-back", reason="Late.", by=by, now=now)
    screen_entry(session, entry, outcome="ineligible", reason="A copy.", by=by, now=now)
    assert entry.state == "ineligible"


def test_screen_entry_keeps_winners_eligible(session: Session, competition: Competition, now: datetime) -> None:
    entry, by = competition.entries[1], competition.staff.id
    decide_prize(session, competition.gold, entry, place=1, reason="Best.", by=by, now=now)
    with pytest.raises(Refusal, match="given a prize"):
        screen_entry(session, entry, outcome="ineligible", reason="A copy.", by=by, now=now)
