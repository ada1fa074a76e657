"""Reads of score sheets and of the criteria they are filled in by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from judging import scoring
from judging.models import Assignment, Scorecard
from judging.rules import list_missing
from portal.editions.models import Criterion, RuleSet
from portal.editions.rules import criteria_for


@dataclass(frozen=True, slots=True)
class Rubric:
    """What an entry is scored by: the scale and the criteria of its category."""

    scale_min: int
    scale_max: int
    criteria: tuple[Criterion, ...]

    @property
    def weights(self) -> dict[str, int]:
        """Criterion id → weight."""
        return {criterion.id: criterion.weight for criterion in self.criteria}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A score sheet as it stands; one that nobody has saved yet is empty."""

    revision: int
    note: str
    saved_at: datetime | None
    sent_at: datetime | None
    scores: dict[str, Decimal | None]
    comments: dict[str, str]

    @property
    def is_sent(self) -> bool:
        """Whether it is final."""
        return self.sent_at is not None


EMPTY = Sheet(0, "", None, None, {}, {})


def _rule_set(*only: InstrumentedAttribute[Any]) -> Select[RuleSet]:
    criteria = joinedload(RuleSet.criteria)
    return (
        select(RuleSet)
        .where(RuleSet.edition_id == bindparam("edition_id"))
        .order_by(RuleSet.frozen_at.is_(None), RuleSet.version.desc())
        .options(criteria.load_only(*only) if only else criteria)
        .limit(1)
    )


_WITH_WORDS = _rule_set()
_WITHOUT_WORDS = _rule_set(Criterion.category_key, Criterion.key, Criterion.position, Criterion.weight)


def get_rule_set(session: Session, edition_id: str, *, with_words: bool = True) -> RuleSet | None:
    """Return the rule set that an edition is judged by: the newest frozen one, else the newest.

    Without its words (labels, guidance, anchors) it is read in a third of the time, for arithmetic.
    """
    statement = _WITH_WORDS if with_words else _WITHOUT_WORDS
    return session.scalars(statement, {"edition_id": edition_id}).unique().first()


def get_rubric(session: Session, edition_id: str, category_key: str, *, with_words: bool = True) -> Rubric:
    """Return the rubric of a category; it has no criteria when the edition has no rule set."""
    rules = get_rule_set(session, edition_id, with_words=with_words)
    if rules is None:
        return Rubric(0, 10, ())
    return Rubric(rules.scale_min, rules.scale_max, tuple(criteria_for(rules.criteria, category_key)))


_SCORECARD = (
    select(Scorecard).where(Scorecard.assignment_id == bindparam("assignment_id")).options(joinedload(Scorecard.scores))
)


def get_scorecard(session: Session, assignment_id: str) -> Scorecard | None:
    """Return the score sheet of an assignment with its scores, if it was begun."""
    return session.scalars(_SCORECARD, {"assignment_id": assignment_id}).unique().one_or_none()


def get_sheet(session: Session, assignment: Assignment) -> Sheet:
    """Return the score sheet of an assignment as plain values."""
    card = get_scorecard(session, assignment.id)
    return EMPTY if card is None else read_sheet(card)


def read_sheet(card: Scorecard) -> Sheet:
    """Turn a stored score sheet into plain values."""
    return Sheet(
        card.revision, card.note, card.saved_at, card.sent_at,
        {score.criterion_id: score.value for score in card.scores},
        {score.criterion_id: score.comment for score in card.scores if score.comment},
    )  # fmt: skip


def total_of(rubric: Rubric, sheet: Sheet) -> Fraction | None:
    """Return the exact weighted total of a complete sheet in the unit of the scale; None while a score is missing."""
    given = {key: value for key, value in sheet.scores.items() if value is not None and key in rubric.weights}
    if list_missing(rubric.weights, given) or not sum(rubric.weights.values()):
        return None
    return scoring.weighted_total(given, rubric.weights)


def weighted_sum_of(rubric: Rubric, sheet: Sheet) -> int:
    """Return the sum of hundredths of points times weights of a complete sheet: the exact total before division."""
    return sum(int((sheet.scores[key] or 0) * 100) * weight for key, weight in rubric.weights.items())


def running_total_of(rubric: Rubric, sheet: Sheet) -> Fraction | None:
    """Return the exact weighted mean of the criteria scored so far; None while none with a weight is scored."""
    given = {key: value for key, value in sheet.scores.items() if value is not None and key in rubric.weights}
    weights = {key: rubric.weights[key] for key in given}
    return scoring.weighted_total(given, weights) if sum(weights.values()) else None
