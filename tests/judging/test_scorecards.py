"""Saving and sending score sheets."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from judging.actions.scorecards import save_scorecard, send_scorecard
from judging.models import Assignment, Scorecard
from judging.queries.scorecards import EMPTY, get_rubric, get_sheet, running_total_of, total_of
from judging.rules import MOST_CHARACTERS, EditedElsewhere
from portal import audit
from portal.db import Database
from portal.editions.models import Criterion, RuleSet
from portal.errors import Refusal
from tests.factories import (
    NOW,
    keep,
    make_assignment,
    make_edition,
    make_entry,
    make_judge,
    make_organisation,
    make_user,
)  # fmt: skip
from tests.races import race

CLOSES = NOW + timedelta(days=10)
SECOND = timedelta(seconds=1)


class World(NamedTuple):
    assignment: Assignment
    problem: str
    impact: str
    judge: str


@pytest.fixture
def world(session: Session) -> World:
    return set_up(session)


def set_up(session: Session) -> World:
    edition, judge, city = make_edition(session), make_user(session, "Judge"), make_user(session, "City")
    stage = edition.rounds[0]
    stage.opened_at, stage.closes_at = NOW, CLOSES
    entry = make_entry(session, edition, make_organisation(session, city), city, state="eligible")
    assignment = make_assignment(session, make_judge(session, edition, judge), entry)
    ids = {c.key: c.id for c in session.scalars(select(Criterion))}
    return World(assignment, ids["problem"], ids["impact"], judge.id)


def full(world: World, one: int = 8, two: int = 7) -> dict[str, tuple[Decimal | None, str]]:
    return {world.problem: (Decimal(one), "Clear."), world.impact: (Decimal(two), "")}


def save(session: Session, world: World, scores: dict[str, tuple[Decimal | None, str]], **values: object) -> Scorecard:
    return save_scorecard(session, world.assignment, scores, **{"by": world.judge, "now": NOW, **values})  # type: ignore[arg-type]


def test_save_scorecard_keeps_a_half_filled_draft_as_typed(session: Session, world: World) -> None:
    card = save(session, world, {world.problem: (Decimal(8), "  raw\n"), world.impact: (None, "later")}, note=" n ")

    sheet = get_sheet(session, world.assignment)
    assert sheet.scores == {world.problem: Decimal(8), world.impact: None}
    assert sheet.comments == {world.problem: "  raw\n", world.impact: "later"}
    assert (sheet.note, sheet.revision, sheet.saved_at, sheet.sent_at) == (" n ", 1, NOW, None)
    assert card.assignment_id == world.assignment.id


def test_save_scorecard_can_take_a_score_back_and_keeps_unnamed_criteria(session: Session, world: World) -> None:
    save(session, world, full(world))
    save(session, world, {world.problem: (None, "")})

    sheet = get_sheet(session, world.assignment)
    assert sheet.scores == {world.problem: None, world.impact: Decimal(7)}
    assert sheet.revision == 2


def test_save_scorecard_without_change_is_no_new_revision(session: Session, world: World) -> None:
    save(session, world, full(world), note="n")
    assert save(session, world, full(world), note="n").revision == 1
    assert save(session, world, full(world), note="m").revision == 2


@pytest.mark.parametrize("value", ["0", "10", "5"])
def test_save_scorecard_takes_both_ends_of_the_scale(session: Session, world: World, value: str) -> None:
    save(session, world, {world.problem: (Decimal(value), "")})
    assert get_sheet(session, world.assignment).scores == {world.problem: Decimal(value)}


@pytest.mark.parametrize("value", ["-1", "11", "5.5", "10.01", "NaN", "Infinity"])
def test_save_scorecard_refuses_what_is_not_on_the_scale(session: Session, world: World, value: str) -> None:
    with pytest.raises(Refusal) as refused:
        save(session, world, {world.problem: (Decimal(value), "")})
    assert (refused.value.field, refused.value.values) == (f"score_{world.problem}", {"low": 0, "high": 10})
    assert get_sheet(session, world.assignment) == EMPTY


def test_save_scorecard_refuses_a_longer_comment_or_note(session: Session, world: World) -> None:
    long = "가" * (MOST_CHARACTERS + 1)
    with pytest.raises(Refusal) as refused:
        save(session, world, {world.problem: (None, long)})
    assert refused.value.field == f"comment_{world.problem}"
    with pytest.raises(Refusal) as refused:
        save(session, world, {}, note=long)
    assert refused.value.field == "note"
    assert save(session, world, {world.problem: (None, long[1:])}, note=long[1:]).revision == 1


def test_save_scorecard_refuses_a_criterion_of_another_rule_set(session: Session, world: World) -> None:
    other = make_edition(session, "2027")
    strange = session.scalars(select(Criterion).join(RuleSet).where(RuleSet.edition_id == other.id)).first()
    assert strange is not None
    with pytest.raises(Refusal, match="does not belong"):
        save(session, world, {strange.id: (Decimal(5), "")})


def test_save_scorecard_notices_another_window(session: Session, world: World) -> None:
    save(session, world, {world.problem: (Decimal(3), "first")}, revision=0)
    with pytest.raises(EditedElsewhere):
        save(session, world, {world.problem: (Decimal(9), "second")}, revision=0)
    assert get_sheet(session, world.assignment).comments == {world.problem: "first"}
    assert save(session, world, {world.problem: (Decimal(9), "second")}, revision=1).revision == 2


@pytest.mark.parametrize("moment", [NOW, CLOSES - SECOND])
def test_a_sheet_is_taken_until_the_closing_second(session: Session, world: World, moment: object) -> None:
    save(session, world, full(world), now=moment)
    card = send_scorecard(session, world.assignment, by=world.judge, now=moment)  # type: ignore[arg-type]
    assert card.sent_at == moment


def test_no_sheet_is_taken_from_the_closing_second_on(session: Session, world: World) -> None:
    save(session, world, full(world))
    for moment in (CLOSES, CLOSES + SECOND):
        with pytest.raises(Refusal, match="closed"):
            save(session, world, full(world, 1), now=moment)
        with pytest.raises(Refusal, match="closed"):
            send_scorecard(session, world.assignment, by=world.judge, now=moment)


def test_no_sheet_is_taken_in_a_round_that_is_not_open(session: Session, world: World) -> None:
    stage = world.assignment.round
    for opened_at, closed_at in [(None, None), (NOW, NOW)]:
        stage.opened_at, stage.closed_at = opened_at, closed_at
        session.flush()
        with pytest.raises(Refusal, match="closed"):
            save(session, world, full(world))


def test_no_sheet_is_taken_for_a_recused_or_withdrawn_entry(session: Session, world: World) -> None:
    save(session, world, full(world))
    world.assignment.recused_at = NOW
    session.flush()
    for act in (lambda: save(session, world, full(world)), lambda: send(session, world)):
        with pytest.raises(Refusal, match="conflict of interest"):
            act()
    world.assignment.recused_at, world.assignment.entry.state = None, "withdrawn"
    session.flush()
    for act in (lambda: save(session, world, full(world)), lambda: send(session, world)):
        with pytest.raises(Refusal, match="no longer takes part"):
            act()


def send(session: Session, world: World) -> Scorecard:
    return send_scorecard(session, world.assignment, by=world.judge, now=NOW)


def test_send_scorecard_needs_every_score(session: Session, world: World) -> None:
    with pytest.raises(Refusal, match="every criterion"):
        send(session, world)
    save(session, world, {world.problem: (Decimal(0), "Weak."), world.impact: (None, "?")})
    with pytest.raises(Refusal, match="every criterion"):
        send(session, world)
    save(session, world, {world.impact: (Decimal(0), "")})
    assert send(session, world).sent_at == NOW


def test_send_scorecard_needs_something_in_words(session: Session, world: World) -> None:
    save(session, world, {world.problem: (Decimal(8), " "), world.impact: (Decimal(7), "\n")})
    with pytest.raises(Refusal, match="comment or a note"):
        send(session, world)
    save(session, world, {}, note="Convincing.")
    assert send(session, world).sent_at == NOW


def test_a_sent_sheet_cannot_be_changed(session: Session, world: World) -> None:
    save(session, world, full(world))
    send(session, world)
    with pytest.raises(Refusal, match="cannot be changed"):
        save(session, world, full(world, 10, 10))
    with pytest.raises(Refusal, match="cannot be changed"):
        send(session, world)
    assert get_sheet(session, world.assignment).scores[world.problem] == Decimal(8)


def test_totals_are_exact(session: Session, world: World) -> None:
    rubric = get_rubric(session, world.assignment.round.edition_id, "people-centric")
    assert (rubric.scale_min, rubric.scale_max, list(rubric.weights.values())) == (0, 10, [60, 40])
    assert running_total_of(rubric, EMPTY) is None
    save(session, world, {world.impact: (Decimal(7), "")})
    sheet = get_sheet(session, world.assignment)
    assert (running_total_of(rubric, sheet), total_of(rubric, sheet)) == (Fraction(7), None)
    save(session, world, full(world))
    assert total_of(rubric, get_sheet(session, world.assignment)) == Fraction(38, 5)


def test_the_rubric_is_the_frozen_rule_set_and_the_categorys_own_criteria(session: Session, world: World) -> None:
    edition_id = world.assignment.round.edition_id
    frozen = keep(session, RuleSet(edition_id=edition_id, version=2, created_at=NOW, frozen_at=NOW, scale_max=5))
    keep(session, RuleSet(edition_id=edition_id, version=3, created_at=NOW))
    for category, key in [(None, "all"), ("leadership", "vision")]:
        keep(session, Criterion(rule_set_id=frozen.id, category_key=category, key=key, position=0, weight=100,
                                labels={"en": key}, guidance={}))  # fmt: skip
    session.refresh(frozen)

    assert get_rubric(session, edition_id, "people-centric").scale_max == 5
    assert [c.key for c in get_rubric(session, edition_id, "people-centric").criteria] == ["all"]
    assert [c.key for c in get_rubric(session, edition_id, "leadership").criteria] == ["vision"]


def test_every_change_is_recorded_with_scores_as_facts_and_words_apart(database: Database) -> None:
    with database.transaction() as session:
        world = set_up(session)
        save(session, world, full(world), note="My own note")
        save(session, world, {world.impact: (Decimal(9), "")})
        send(session, world)

    with database.open() as session:
        events = session.scalars(select(audit.AuditEvent).order_by(audit.AuditEvent.sequence)).all()
        assert [event.action for event in events] == ["scorecard.save", "scorecard.save", "scorecard.send"]
        assert events[0].facts["scores"] == {world.problem: "8", world.impact: "7"}
        assert events[1].facts["scores"] == {world.impact: "9"}
        assert events[2].facts["total"] == "8.4000"
        assert all(event.actor == world.judge for event in events)
        texts = session.scalars(select(audit.AuditText)).all()
        assert [text.value for text in texts] == [f'{{"{world.problem}": "Clear."}}']
        assert "Clear." not in str([event.facts for event in events])
        assert "My own note" not in str([(event.facts, text.value) for event in events for text in texts])
        assert audit.verify(session) == (3, [])


def test_what_is_sent_is_what_was_seen_even_beside_another_device(database: Database) -> None:
    with database.transaction() as session:
        world = set_up(session)
        save(session, world, full(world, 8, 7))
    assignment_id = world.assignment.id

    def save_beside(session: Session) -> None:
        save_scorecard(session, session.get_one(Assignment, assignment_id), full(world, 1, 1), by=world.judge, now=NOW)

    def send(session: Session) -> Scorecard:
        assignment = session.get_one(Assignment, assignment_id)
        return send_scorecard(session, assignment, revision=1, by=world.judge, now=NOW)

    outcome = race(database, save_beside, send)
    assert isinstance(outcome, Refusal)
    assert "another window" in outcome.message
