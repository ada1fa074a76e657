"""Standings: exact means, shared places on ties, only what was sent, and proposals within the quotas."""

from __future__ import annotations

import random
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from sqlalchemy.orm import Session

from judging.actions.rounds import open_round
from judging.actions.scorecards import save_scorecard, send_scorecard
from judging.models import Assignment
from judging.queries import decisions as decision_queries
from judging.queries.progress import count_round, list_judges, list_round_entries, list_waiting
from judging.queries.standings import list_proposals, list_standings, propose_finalists, rank_points
from judging.scoring import display, rank
from judging.staff_views.standings import written
from portal.db import Database
from tests.factories import keep
from tests.judging.competition import Competition
from tests.statements import statements


@pytest.fixture
def competition(session: Session, now: datetime) -> Competition:
    """Return a competition in its first round (weights 60 and 40), with nothing assigned."""
    found = Competition(session)
    open_round(session, found.first, by=None, now=now)
    return found


def assign(competition: Competition, judge: int, entry: int, now: datetime, **values: object) -> Assignment:
    """Assign one entry to one judge."""
    found: Assignment = keep(competition.session, Assignment(
        round_id=competition.first.id, judge_id=competition.judges[judge].id, entry_id=competition.entries[entry].id,
        position=1, assigned_at=now, **values,
    ))  # fmt: skip
    return found


def test_list_standings_gives_exact_means_and_shared_places(
    session: Session, competition: Competition, now: datetime
) -> None:
    # Baguio: 8.0 and 7.0 and 7.6; Curitiba: 7.6 and 7.6 (a different way to the same 7.6 of Miri); Miri: 7.6
    competition.score(assign(competition, 0, 0, now), 8, 8)
    competition.score(assign(competition, 1, 0, now), 7, 7)
    competition.score(assign(competition, 2, 0, now), 8, 7)
    competition.score(assign(competition, 0, 1, now), 8, 7)
    competition.score(assign(competition, 1, 1, now), 6, 10)
    competition.score(assign(competition, 2, 2, now), 8, 7)
    rows = list_standings(session, competition.first)
    assert [(row.city, row.place, row.shared, row.mean, row.judges) for row in rows] == [
        ("Curitiba", 1, True, Fraction(76, 10), 2),
        ("Miri", 1, True, Fraction(76, 10), 1),
        ("Baguio", 3, False, Fraction(226, 30), 3),
        ("Kragujevac", None, False, None, 0),
        ("Nairobi", None, False, None, 0),
        ("Tampere", None, False, None, 0),
    ]
    assert [display(row.mean) for row in rows[:4]] == ["7.60", "7.60", "7.53", ""]
    assert (rows[2].lowest, rows[2].highest, rows[2].spread) == (Fraction(7), Fraction(8), Fraction(1))
    assert rows[3].spread is None


def test_list_standings_adds_what_judges_sent(session: Session, competition: Competition, now: datetime) -> None:
    one, two = competition.criteria
    for judge, (first, second) in enumerate(((7, 8), (9, 4))):
        assignment = assign(competition, judge, 0, now)
        scores = {one.id: (Decimal(first), "Good."), two.id: (Decimal(second), "")}
        save_scorecard(session, assignment, scores, by=None, now=now)
        send_scorecard(session, assignment, by=None, now=now)
    row = list_standings(session, competition.first)[0]
    assert (row.mean, row.lowest, row.highest) == (Fraction(72, 10), Fraction(7), Fraction(74, 10))


def test_list_standings_counts_only_what_was_sent_by_those_who_may_judge(
    session: Session, competition: Competition, now: datetime
) -> None:
    competition.score(assign(competition, 0, 0, now), 4, 4)
    competition.score(assign(competition, 1, 0, now), 10, 10, sent=None)
    competition.score(assign(competition, 2, 0, now, recused_at=now), 10, 10)
    competition.score(assign(competition, 0, 1, now), 10, 10)
    competition.entries[1].state = "ineligible"
    session.flush()
    rows = list_standings(session, competition.first)
    assert [(row.city, row.mean, row.judges) for row in rows if row.mean is not None] == [("Baguio", Fraction(4), 1)]
    assert "Curitiba" not in {row.city for row in rows}


@pytest.mark.parametrize(("method", "mean"), [("median", Fraction(5)), ("trimmed-mean", Fraction(20, 4))])
def test_list_standings_follows_the_rule_set(
    session: Session, competition: Competition, now: datetime, method: str, mean: Fraction
) -> None:
    competition.edition.rule_sets[0].aggregation = method
    session.flush()
    for judge, value in enumerate((1, 5, 5, 9)):
        competition.score(assign(competition, judge, 0, now), value, value)
    row = list_standings(session, competition.first)[0]
    assert (row.mean, row.judges, row.lowest, row.highest) == (mean, 4, Fraction(1), Fraction(9))


def test_list_proposals_follow_standings_types_and_quotas(
    session: Session, competition: Competition, now: datetime
) -> None:
    for entry, value in enumerate((6, 9, 7, 7, 8, 5)):
        competition.score(assign(competition, 0, entry, now), value, value)
    ids = [entry.id for entry in competition.entries]
    prizes = decision_queries.list_prizes(session, competition.edition.id)
    proposals = list_proposals(list_standings(session, competition.first), prizes)
    assert proposals[competition.gold.id].winners == (ids[1],)
    assert set(proposals[competition.silver.id].winners) == {ids[2], ids[3]}
    assert proposals[competition.corporate.id].winners == (ids[4],)
    assert proposals[competition.tech_gold.id].unfilled == 1
    assert competition.mention.id not in proposals


def test_propose_finalists_shares_seats_like_prizes_and_takes_whole_ties(
    session: Session, competition: Competition, now: datetime
) -> None:
    for entry, value in enumerate((6, 9, 7, 7, 8, 5)):
        competition.score(assign(competition, 0, entry, now), value, value)
    rows = list_standings(session, competition.first)
    prizes = decision_queries.list_prizes(session, competition.edition.id)
    cities = {row.entry_id: row.city for row in rows}
    # three city seats and one corporate seat; no prize waits for institutions
    assert {cities[one] for one in propose_finalists(rows, prizes, 4)} == {"Curitiba", "Miri", "Kragujevac", "Tampere"}
    competition.gold.quota = 0
    competition.silver.quota = 2
    assert {cities[one] for one in propose_finalists(rows, prizes, 2)} == {"Curitiba", "Miri", "Kragujevac", "Tampere"}


def test_progress_counts_sheets_by_judge_entry_and_edition(
    session: Session, competition: Competition, now: datetime
) -> None:
    competition.score(assign(competition, 0, 0, now), 5, 5)
    competition.score(assign(competition, 0, 1, now), 5, 5, sent=None)
    assign(competition, 1, 0, now)
    assign(competition, 2, 0, now, recused_at=now)
    judges = {row.name: (row.assigned, row.begun, row.sent) for row in list_judges(session, competition.edition.id)}
    assert judges == {"Ada": (2, 1, 1), "Bo": (1, 0, 0), "Chris": (0, 0, 0), "Dana": (0, 0, 0)}
    assert [row.assigned for row in list_judges(session, competition.edition.id, competition.second)] == [0, 0, 0, 0]
    rows = list_round_entries(session, competition.first)
    assert {row.city: (row.assigned, row.sent, row.recused) for row in rows if row.assigned} == {
        "Baguio": (2, 1, 1), "Curitiba": (1, 0, 0),
    }  # fmt: skip
    count = count_round(rows, 2)
    assert (count.entries, count.assigned, count.sent, count.lacking) == (6, 3, 1, 9)
    competition.entries[5].state = "submitted"
    competition.judges[3].state = "invited"
    session.flush()
    waiting = list_waiting(session)[competition.edition.id]
    assert (waiting.to_screen, waiting.standing, waiting.unanswered, waiting.judges, waiting.missing_sheets) == (
        1, 6, 1, 3, 2,
    )  # fmt: skip
    competition.entries[1].state = "withdrawn"
    session.flush()
    ada = next(row for row in list_judges(session, competition.edition.id) if row.name == "Ada")
    assert (ada.assigned, ada.begun, ada.sent) == (1, 0, 1)  # as in the round's own figures


def test_list_standings_takes_few_statements(
    session: Session, database: Database, competition: Competition, now: datetime
) -> None:
    for entry in range(6):
        competition.score(assign(competition, 0, entry, now), 5, 5)
    with statements(database.engine) as said:
        list_standings(session, competition.first)
    assert len(said) == 2


@pytest.mark.parametrize("seed", range(20))
def test_whole_numbers_give_the_places_and_digits_of_exact_fractions(seed: int) -> None:
    dice = random.Random(seed)
    points = sorted((dice.choice([None, *range(8)]) for _ in range(12)), key=lambda one: -1 if one is None else one)[
        ::-1
    ]
    standings = rank({number: None if one is None else Fraction(one) for number, one in enumerate(points)})
    assert rank_points(points) == [(one.place, one.shared) for one in standings]
    for _ in range(50):
        number, divisor = dice.randrange(1, 60_000), dice.choice([7, 200, 1000, 30_000])
        assert written(number, divisor, ".") == display(Fraction(number, divisor))
