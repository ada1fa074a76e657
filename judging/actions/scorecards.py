"""What a judge does with a score sheet: save it as a draft, and send it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from sqlalchemy import inspect
from sqlalchemy.orm import Session

from judging import scoring
from judging.models import Assignment, Score, Scorecard
from judging.queries.assignments import get_assignment_to_score
from judging.queries.scorecards import Rubric, get_rubric, get_scorecard, read_sheet, total_of, weighted_sum_of
from judging.rules import MOST_CHARACTERS, EditedElsewhere, has_words, is_on_scale, list_missing
from portal import audit
from portal.db import new_id
from portal.editions.models import Round
from portal.editions.rules import is_round_open
from portal.errors import Refusal, check_length
from portal.i18n import sentence
from submissions.rules import EntryState


def save_scorecard(
    session: Session,
    assignment: Assignment,
    scores: Mapping[str, tuple[Decimal | None, str]],
    *,
    note: str = "",
    revision: int | None = None,
    by: str | None,
    now: datetime,
) -> Scorecard:
    """Save a score sheet as a draft: criterion id → score (or None) and comment, comments kept as typed.

    Criteria that are not named keep what they have. Raises EditedElsewhere when ``revision`` is given and is not the
    stored one, Refusal when the sheet is sent, the round is not open, or a score is not on the scale.
    """
    card = _lock(session, assignment)
    _check_writable(session, assignment, card, now)
    if revision is not None and revision != (card.revision if card else 0):
        raise EditedElsewhere(sentence("This score sheet was changed in another window since you opened it."))
    rubric = _rubric(session, assignment)
    _check_scores(rubric, scores)
    check_length(note, MOST_CHARACTERS, "note")
    if card is None:
        card = Scorecard(id=new_id(), assignment_id=assignment.id, revision=0, note="", saved_at=now, scores=[])
        session.add(card)
    changed = _take_scores(card, scores)
    if not changed and card.note == note and card.revision:
        return card
    facts = {key: None if value is None else str(value) for key, (value, _) in changed.items()}
    words = {key: comment for key, (_, comment) in changed.items() if comment}
    card.note, card.saved_at, card.revision = note, now, card.revision + 1
    session.flush()
    audit.note(
        session, "scorecard.save", f"scorecard:{card.id}", by=by, now=now,
        text=json.dumps(words, ensure_ascii=False, sort_keys=True) if words else None,
        assignment=assignment.id, revision=card.revision, scores=facts,
    )  # fmt: skip
    return card


def send_scorecard(
    session: Session, assignment: Assignment, *, by: str | None, now: datetime, revision: int | None = None
) -> Scorecard:
    """Make a score sheet final; afterwards it cannot be changed.

    ``revision`` is the one that the judge has seen. Raises Refusal when it is not the stored one, a criterion has no
    score, nothing is said in words, the sheet is sent already, or the round is not open.
    """
    card = _lock(session, assignment)
    _check_writable(session, assignment, card, now)
    if revision is not None and revision != (card.revision if card else 0):
        raise Refusal(
            sentence("This score sheet was changed in another window. Please look at it again before sending.")
        )
    rubric = _rubric(session, assignment)
    sheet = read_sheet(card) if card else None
    if card is None or sheet is None or not rubric.criteria or list_missing(rubric.weights, sheet.scores):
        raise Refusal(sentence("Please score every criterion before you send the score sheet."))
    if not has_words(sheet.comments.values(), sheet.note):
        raise Refusal(sentence("Please write at least one comment or a note before you send the score sheet."))
    total = total_of(rubric, sheet)
    card.sent_at, card.weighted_sum = now, weighted_sum_of(rubric, sheet)
    session.flush()
    audit.note(
        session, "scorecard.send", f"scorecard:{card.id}", by=by, now=now,
        assignment=assignment.id, revision=card.revision, total=scoring.display(total, 4),
        scores={key: str(sheet.scores[key]) for key in rubric.weights},
    )  # fmt: skip
    return card


def _rubric(session: Session, assignment: Assignment) -> Rubric:
    return get_rubric(session, assignment.round.edition_id, assignment.entry.category.key, with_words=False)


def _lock(session: Session, assignment: Assignment) -> Scorecard | None:
    """Make two writers of one sheet wait for each other, also before it has a row, and whoever closes the round."""
    (identity,) = inspect(assignment).identity or ()  # ``assignment.id`` would read the whole row once more
    get_assignment_to_score(session, identity, lock=True)
    if session.get_bind().dialect.name != "sqlite":  # there nobody else writes meanwhile
        session.refresh(assignment.round, with_for_update={"of": Round, "read": True})
    return get_scorecard(session, identity)


def _check_writable(session: Session, assignment: Assignment, card: Scorecard | None, now: datetime) -> None:
    if assignment.recused_at is not None:
        raise Refusal(sentence("You declared a conflict of interest with this entry, so it cannot be scored."))
    if assignment.entry.state != EntryState.ELIGIBLE:
        raise Refusal(sentence("This entry no longer takes part, so it cannot be scored."))
    if card is not None and card.sent_at is not None:
        raise Refusal(sentence("This score sheet was sent and cannot be changed any more."))
    stage = assignment.round
    if not is_round_open(stage.opened_at, stage.closed_at, stage.closes_at, now):
        raise Refusal(sentence("Scoring in this round is closed, so the score sheet cannot be changed."))


def _check_scores(rubric: Rubric, scores: Mapping[str, tuple[Decimal | None, str]]) -> None:
    for criterion_id, (value, comment) in scores.items():
        if criterion_id not in rubric.weights:
            raise Refusal(sentence("This criterion does not belong to the entry's category."))
        if value is not None and not is_on_scale(value, rubric.scale_min, rubric.scale_max):
            raise Refusal(
                sentence("A score is a whole number from %(low)s to %(high)s."),
                field=f"score_{criterion_id}", low=rubric.scale_min, high=rubric.scale_max,
            )  # fmt: skip
        check_length(comment, MOST_CHARACTERS, f"comment_{criterion_id}")


def _take_scores(
    card: Scorecard, scores: Mapping[str, tuple[Decimal | None, str]]
) -> dict[str, tuple[Decimal | None, str]]:
    """Put the values into the sheet and return those that are new."""
    stored = {score.criterion_id: score for score in card.scores}
    changed: dict[str, tuple[Decimal | None, str]] = {}
    for criterion_id, (value, comment) in scores.items():
        score = stored.get(criterion_id)
        if score is None:
            if value is None and not comment:
                continue
            card.scores.append(Score(criterion_id=criterion_id, value=value, comment=comment))
        elif (score.value, score.comment) != (value, comment):
            score.value, score.comment = value, comment
        else:
            continue
        changed[criterion_id] = (value, comment)
    return changed
