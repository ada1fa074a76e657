"""Decisions: category, applicant type, quota, place and reason are checked; approval freezes them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from judging.actions.decisions import decide_prize, revoke_decision
from judging.actions.publication import approve_decisions, reopen_decisions
from judging.actions.rounds import close_round, open_round
from judging.actions.screening import screen_entry
from judging.models import Decision
from portal.audit import AuditText
from portal.db import Database
from portal.editions.models import Edition, Prize
from portal.errors import Refusal
from submissions.actions.handing_in import withdraw_entry
from submissions.models import Entry
from tests.judging.competition import Competition
from tests.races import race


@pytest.fixture
def competition(session: Session) -> Competition:
    """Return a competition with nothing decided."""
    return Competition(session)


def decide(competition: Competition, prize: Prize, entry: Entry, now: datetime, **values: object) -> Decision:
    """Decide a prize with a reason and a place."""
    given = {"place": 1, "reason": "Best of all.", **values}
    return decide_prize(competition.session, prize, entry, by=competition.staff.id, now=now, **given)  # type: ignore[arg-type]


def test_decide_prize_keeps_place_reason_and_person(competition: Competition, now: datetime) -> None:
    decision = decide(competition, competition.gold, competition.entries[0], now, reason="  Clear effect. ")
    assert (decision.place, decision.reason, decision.decided_by) == (1, "Clear effect.", competition.staff.id)


def test_decide_prize_refuses_what_does_not_fit(competition: Competition, now: datetime) -> None:
    city, company = competition.entries[0], competition.entries[4]
    for prize, entry, values, field in (
        (competition.tech_gold, city, {}, "entry"),
        (competition.gold, company, {}, "entry"),
        (competition.corporate, city, {}, "entry"),
        (competition.gold, city, {"reason": "  "}, "reason"),
        (competition.gold, city, {"place": None}, "place"),
        (competition.gold, city, {"place": 0}, "place"),
    ):
        with pytest.raises(Refusal) as refused:
            decide(competition, prize, entry, now, **values)
        assert refused.value.field == field
    city.state = "ineligible"
    competition.session.flush()
    with pytest.raises(Refusal, match="Only an eligible entry"):
        decide(competition, competition.gold, city, now)


def test_decide_prize_keeps_the_quota_and_allows_shared_places(competition: Competition, now: datetime) -> None:
    one, two, three, four = competition.entries[:4]
    decide(competition, competition.silver, one, now, place=2)
    assert decide(competition, competition.silver, two, now, place=2).place == 2
    with pytest.raises(Refusal) as refused:
        decide(competition, competition.silver, three, now, place=2)
    assert (refused.value.field, refused.value.values) == ("prize", {"quota": 2})
    decide(competition, competition.gold, four, now)


def test_special_mentions_stand_on_top_and_have_no_place(competition: Competition, now: datetime) -> None:
    winner, company = competition.entries[0], competition.entries[4]
    decide(competition, competition.gold, winner, now)
    assert decide(competition, competition.mention, winner, now, place=3).place is None
    assert decide(competition, competition.mention, company, now, place=None).place is None
    with pytest.raises(Refusal, match="this prize already"):
        decide(competition, competition.mention, winner, now)
    with pytest.raises(Refusal, match="another prize of its category"):
        decide(competition, competition.silver, winner, now)


def test_decide_prize_waits_for_the_rounds(session: Session, competition: Competition, now: datetime) -> None:
    late = competition.entries[5]
    late.state = "submitted"
    session.flush()
    open_round(session, competition.first, by=None, now=now)
    with pytest.raises(Refusal, match="still open"):
        decide(competition, competition.gold, competition.entries[0], now)
    close_round(session, competition.first, by=None, now=now)
    decide(competition, competition.gold, competition.entries[0], now)
    late.state = "eligible"
    session.flush()
    with pytest.raises(Refusal, match="did not stand"):
        decide(competition, competition.mention, late, now)


def test_revoke_decision_wants_a_reason_and_frees_the_prize(competition: Competition, now: datetime) -> None:
    session, staff = competition.session, competition.staff.id
    decision = decide(competition, competition.gold, competition.entries[0], now)
    with pytest.raises(Refusal) as refused:
        revoke_decision(session, decision, reason="", by=staff, now=now)
    assert refused.value.field == "reason"
    revoke_decision(session, decision, reason="A copy was found.", by=staff, now=now)
    assert session.scalars(select(Decision)).all() == []
    decide(competition, competition.gold, competition.entries[1], now)


def test_approval_freezes_and_reopening_frees(competition: Competition, now: datetime) -> None:
    session, edition, staff = competition.session, competition.edition, competition.staff.id
    with pytest.raises(Refusal, match="no decision"):
        approve_decisions(session, edition, reason="Committee.", by=staff, now=now)
    decision = decide(competition, competition.gold, competition.entries[0], now)
    with pytest.raises(Refusal) as refused:
        approve_decisions(session, edition, reason=" ", by=staff, now=now)
    assert refused.value.field == "reason"
    publication = approve_decisions(session, edition, reason="Committee of 24 Sep.", by=staff, now=now)
    assert (publication.approved_at, publication.approved_by) == (now, staff)
    for act in (
        lambda: decide(competition, competition.silver, competition.entries[1], now),
        lambda: revoke_decision(session, decision, reason="Why not.", by=staff, now=now),
    ):
        with pytest.raises(Refusal, match="approved and cannot"):
            act()
    with pytest.raises(Refusal, match="already"):
        approve_decisions(session, edition, reason="Again.", by=staff, now=now)
    reopen_decisions(session, edition, reason="A mistake.", by=staff, now=now)
    decide(competition, competition.silver, competition.entries[1], now)
    notes = [note.action for note in session.info["notes"]]
    assert notes == ["prize.decide", "publication.approve", "publication.reopen", "prize.decide"]
    assert session.scalars(select(AuditText)).all() == []


@pytest.mark.parametrize("way", ["ineligible", "withdrawn"])
def test_an_entry_that_leaves_at_this_moment_gets_no_prize(database: Database, now: datetime, way: str) -> None:
    with database.transaction() as session:
        competition = Competition(session)
        entry_id, prize_id, by = competition.entries[0].id, competition.gold.id, competition.staff.id

    def leave(session: Session) -> None:
        entry = session.get_one(Entry, entry_id)
        if way == "withdrawn":
            entry.edition.rounds[0].closes_at = now + timedelta(days=1)
            withdraw_entry(session, entry, reason="Why", by=by, now=now)
        else:
            screen_entry(session, entry, outcome="ineligible", reason="Why", by=by, now=now)

    def decide_late(session: Session) -> Decision:
        prize, entry = session.get_one(Prize, prize_id), session.get_one(Entry, entry_id)
        return decide_prize(session, prize, entry, place=1, reason="Best.", by=by, now=now)

    outcome = race(database, leave, decide_late)
    assert isinstance(outcome, Refusal), outcome
    assert outcome.field == "entry"


def test_nothing_is_decided_beside_an_approval(database: Database, now: datetime) -> None:
    with database.transaction() as session:
        competition = Competition(session)
        decide(competition, competition.silver, competition.entries[1], now)
        edition_id, entry_id, prize_id = competition.edition.id, competition.entries[0].id, competition.gold.id
        by = competition.staff.id

    def approve(session: Session) -> None:
        approve_decisions(session, session.get_one(Edition, edition_id), reason="Agreed.", by=by, now=now)

    def decide_late(session: Session) -> Decision:
        prize, entry = session.get_one(Prize, prize_id), session.get_one(Entry, entry_id)
        return decide_prize(session, prize, entry, place=1, reason="Best.", by=by, now=now)

    outcome = race(database, approve, decide_late)
    assert isinstance(outcome, Refusal), outcome
    assert "approved" in outcome.message
    twice = race(database, lambda _: None, approve)
    assert isinstance(twice, Refusal)


def test_decisions_wait_until_no_city_may_withdraw_any_more(competition: Competition, now: datetime) -> None:
    decide(competition, competition.gold, competition.entries[0], now)
    competition.second.closes_at = now + timedelta(seconds=1)  # announced, though it may never open
    with pytest.raises(Refusal, match="may withdraw"):
        approve_decisions(competition.session, competition.edition, reason="Agreed.", by=competition.staff.id, now=now)
    later = now + timedelta(seconds=1)
    approve_decisions(competition.session, competition.edition, reason="Agreed.", by=competition.staff.id, now=later)
