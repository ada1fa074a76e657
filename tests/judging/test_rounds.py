"""Rounds: opened once, assigned within the rules, closed, finalists chosen with a reason."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from judging.actions.conflicts import declare_conflicts
from judging.actions.rounds import assign_entries, choose_finalists, close_round, open_round
from judging.actions.scorecards import save_scorecard, send_scorecard
from judging.actions.screening import screen_entry
from judging.models import Assignment, Judge, RoundEntry
from portal.accounts.models import Membership
from portal.db import Database
from portal.editions.models import Round
from portal.editions.queries import get_newest_rules
from portal.errors import Refusal
from portal.mail import MailMessage
from submissions.models import Entry
from tests.judging.competition import Competition
from tests.judging.panel import make_panel
from tests.races import race


@pytest.fixture
def competition(session: Session) -> Competition:
    """Return a competition before its first round."""
    return Competition(session)


def test_open_round_takes_all_eligible_entries_and_freezes_the_rules(
    session: Session, competition: Competition, now: datetime
) -> None:
    for entry, state in zip(competition.entries, ("submitted", "sent-back", "ineligible", "withdrawn"), strict=False):
        entry.state = state
    session.flush()
    assert open_round(session, competition.first, by=None, now=now) == 2
    stored = session.scalars(select(RoundEntry.entry_id)).all()
    assert set(stored) == {entry.id for entry in competition.entries[4:]}
    rules = get_newest_rules(session, competition.edition.id)
    assert rules is not None
    assert rules.frozen_at == now
    assert competition.first.opened_at == now
    with pytest.raises(Refusal, match="already"):
        open_round(session, competition.first, by=None, now=now)


def test_open_round_refuses_when_its_end_has_passed(session: Session, competition: Competition, now: datetime) -> None:
    competition.first.closes_at = now
    session.flush()
    with pytest.raises(Refusal, match="has passed"):
        open_round(session, competition.first, by=None, now=now)
    open_round(session, competition.first, by=None, now=now - timedelta(seconds=1))


def test_open_round_refuses_an_empty_or_untimely_round(
    session: Session, competition: Competition, now: datetime
) -> None:
    with pytest.raises(Refusal, match="close the round before"):
        open_round(session, competition.second, by=None, now=now)
    for entry in competition.entries:
        entry.state = "submitted"
    session.flush()
    with pytest.raises(Refusal, match="nothing to judge"):
        open_round(session, competition.first, by=None, now=now)


def test_assign_entries_fills_every_entry_evenly_and_in_different_orders(
    session: Session, competition: Competition, now: datetime
) -> None:
    with pytest.raises(Refusal, match="only while the round is open"):
        assign_entries(session, competition.first, seed=1, by=None, now=now)
    open_round(session, competition.first, by=None, now=now)
    assert assign_entries(session, competition.first, seed=1, by=None, now=now) == 12
    rows = session.scalars(select(Assignment)).all()
    assert set(Counter(row.entry_id for row in rows).values()) == {2}
    assert set(Counter(row.judge_id for row in rows).values()) == {3}
    for judge in competition.judges:
        assert sorted(row.position for row in rows if row.judge_id == judge.id) == [1, 2, 3]
    letters = session.scalars(select(MailMessage).where(MailMessage.template == "judge_assigned")).all()
    assert sorted(letter.recipient for letter in letters) == sorted(user.email for user in competition.judge_users)
    assert {letter.context["count"] for letter in letters} == {3}
    assert assign_entries(session, competition.first, seed=2, by=None, now=now) == 0
    assert len(session.scalars(select(MailMessage)).all()) == len(letters)


def test_assign_entries_replaces_a_judge_in_conflict(session: Session, competition: Competition, now: datetime) -> None:
    open_round(session, competition.first, by=None, now=now)
    assign_entries(session, competition.first, seed=1, by=None, now=now)
    taken = session.scalars(select(Assignment)).first()
    assert taken is not None
    judge = session.get_one(Judge, taken.judge_id)
    declare_conflicts(session, judge, {taken.entry_id: ("work", "")}, by=judge.user_id, now=now)
    assert assign_entries(session, competition.first, seed=1, by=None, now=now) == 1
    readers = session.scalars(
        select(Assignment.judge_id).where(Assignment.entry_id == taken.entry_id, Assignment.recused_at.is_(None))
    ).all()
    assert len(set(readers)) == 2
    assert taken.judge_id not in readers


def test_assign_entries_gives_nothing_to_a_suspended_person(
    session: Session, competition: Competition, now: datetime
) -> None:
    open_round(session, competition.first, by=None, now=now)
    competition.judge_users[0].active = False
    session.flush()
    assign_entries(session, competition.first, seed=1, by=None, now=now)
    assert competition.judges[0].id not in set(session.scalars(select(Assignment.judge_id)))


def test_assign_entries_says_why_it_is_impossible(session: Session, competition: Competition, now: datetime) -> None:
    open_round(session, competition.first, by=None, now=now)
    for judge in competition.judges:
        judge.state = "invited"
    session.flush()
    with pytest.raises(Refusal, match="No judge has accepted"):
        assign_entries(session, competition.first, seed=1, by=None, now=now)
    competition.judges[0].state = "accepted"
    session.flush()
    with pytest.raises(Refusal) as few:
        assign_entries(session, competition.first, seed=1, by=None, now=now)
    assert few.value.values == {"reviews": 2, "judges": 1}
    competition.judges[1].state, competition.judges[1].country = "accepted", "PH"
    session.flush()
    with pytest.raises(Refusal) as stuck:
        assign_entries(session, competition.first, seed=1, by=None, now=now)
    assert stuck.value.values == {
        "title": "Plan Baguio", "reviews": 2, "free": 1, "country": 1, "conflicts": 0, "others": 0,
    }  # fmt: skip
    assert session.scalars(select(Assignment)).all() == []


def test_close_round_closes_once(session: Session, competition: Competition, now: datetime) -> None:
    with pytest.raises(Refusal, match="not been opened"):
        close_round(session, competition.first, by=None, now=now)
    open_round(session, competition.first, by=None, now=now)
    close_round(session, competition.first, by=None, now=now)
    assert competition.first.closed_at == now
    with pytest.raises(Refusal, match="already"):
        close_round(session, competition.first, by=None, now=now)


def test_choose_finalists_fills_the_next_round(session: Session, competition: Competition, now: datetime) -> None:
    first, chosen = competition.first, [entry.id for entry in competition.entries[:3]]
    open_round(session, first, by=None, now=now)
    with pytest.raises(Refusal, match="close this round"):
        choose_finalists(session, first, chosen, reason="Best.", by=None, now=now)
    close_round(session, first, by=None, now=now)
    for wrong, reason, field in (([], "Best.", "entries"), (chosen, " ", "reason"), (["other"], "Best.", "entries")):
        with pytest.raises(Refusal) as refused:
            choose_finalists(session, first, wrong, reason=reason, by=None, now=now)
        assert refused.value.field == field
    choose_finalists(session, first, chosen[:1], reason="Best.", by=None, now=now)
    assert choose_finalists(session, first, chosen, reason="Better.", by=None, now=now) == 3
    query = select(RoundEntry.entry_id).where(RoundEntry.round_id == competition.second.id)
    assert set(session.scalars(query)) == set(chosen)
    open_round(session, competition.second, by=None, now=now)
    with pytest.raises(Refusal, match="stay as they are"):
        choose_finalists(session, first, chosen, reason="Late.", by=None, now=now)
    with pytest.raises(Refusal, match="no further round"):
        choose_finalists(session, competition.second, chosen, reason="Best.", by=None, now=now)


def test_nobody_is_given_an_entry_of_their_own_organisation(
    session: Session, competition: Competition, now: datetime
) -> None:
    entry, user = competition.entries[0], competition.judge_users[0]
    session.add(Membership(user_id=user.id, organisation_id=entry.organisation_id, joined_at=now))
    competition.judges[0].conflicts_declared_at = None
    open_round(session, competition.first, by=None, now=now)
    assign_entries(session, competition.first, seed=1, by=None, now=now)
    rows = session.scalars(select(Assignment).where(Assignment.entry_id == entry.id)).all()
    assert rows
    assert competition.judges[0].id not in {row.judge_id for row in rows}


def test_an_entry_found_eligible_while_the_round_opens_is_in_it(database: Database, now: datetime) -> None:
    with database.transaction() as session:
        competition = Competition(session)
        late = competition.entries[0]
        late.state = "submitted"
        stage_id, entry_id, by = competition.first.id, late.id, competition.staff.id

    def opening(session: Session) -> None:
        open_round(session, session.get_one(Round, stage_id), by=by, now=now)

    def screening(session: Session) -> str:
        screen_entry(session, session.get_one(Entry, entry_id), outcome="eligible", by=by, now=now)
        return "screened"

    assert race(database, opening, screening) == "screened"
    with database.open() as session:
        assert session.get(RoundEntry, (stage_id, entry_id)) is not None


def test_no_score_sheet_is_sent_beside_the_closing_of_its_round(database: Database, now: datetime) -> None:
    with database.transaction() as session:
        panel = make_panel(session)
        assignment = session.get_one(Assignment, panel.assignment)
        scores = {panel.problem: (Decimal(8), "Clear."), panel.impact: (Decimal(7), "")}
        save_scorecard(session, assignment, scores, by=panel.judge.id, now=now)
        stage_id, assignment_id, by = assignment.round_id, panel.assignment, panel.judge.id

    def close(session: Session) -> None:
        close_round(session, session.get_one(Round, stage_id), by=by, now=now)

    outcome = race(
        database, close,
        lambda session: send_scorecard(session, session.get_one(Assignment, assignment_id), by=by, now=now),
    )  # fmt: skip
    assert isinstance(outcome, Refusal)
    assert "closed" in outcome.message
