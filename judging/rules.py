"""Rules of judging: who may answer an invitation, what a score may be, and when a score sheet can be sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from portal.errors import Refusal

#: Scores are whole points of the rule set's scale.
STEP = Decimal(1)
#: Up to this many points are shown as radio buttons side by side; a longer scale gets a number field.
MOST_CHOICES = 11
#: The longest comment, note and reason, in characters.
MOST_CHARACTERS = 4000


#: How long the link of an invitation works; a new one can be sent at any time.
INVITATION_DAYS = 21


class JudgeState(StrEnum):
    """Where a judge stands."""

    INVITED = "invited"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    REMOVED = "removed"


class ConflictKind(StrEnum):
    """Why a judge must not score an entry; the same keys as ``conflict_kinds`` in portal/data/vocabulary.json."""

    WORK = "work"
    MONEY = "money"
    FAMILY = "family"
    SAME_COUNTRY = "same-country"
    ADVISED = "advised"
    OTHER = "other"


class EditedElsewhere(Refusal):
    """The score sheet was saved from another window since this one was opened."""


def invitation_ends_at(invited_at: datetime, rounds_end_at: Iterable[datetime | None]) -> datetime:
    """Return until when an invitation can be answered: some weeks, but not beyond judging where its end is known."""
    ends = invited_at + timedelta(days=INVITATION_DAYS)
    rounds = list(rounds_end_at)
    judging_ends = max((moment for moment in rounds if moment is not None), default=None)
    return ends if judging_ends is None or None in rounds else min(ends, judging_ends)


def is_on_scale(value: Decimal, minimum: int, maximum: int, step: Decimal = STEP) -> bool:
    """Tell whether a score lies on the rule set's scale, both ends included, at one of its steps."""
    return value.is_finite() and minimum <= value <= maximum and (value - minimum) % step == 0


def list_missing(criteria: Iterable[str], scores: Mapping[str, Decimal | None]) -> list[str]:
    """Return the ids of the criteria that have no score yet, in the order given."""
    return [criterion for criterion in criteria if scores.get(criterion) is None]


def has_words(comments: Iterable[str], note: str) -> bool:
    """Tell whether a score sheet says anything in words: a comment on some criterion, or a note."""
    return any(text.strip() for text in (*comments, note))
