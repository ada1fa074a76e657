"""Rules of an edition: the order of its timeline, what its rule set must hold, which criteria a category has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeVar

from portal.errors import Refusal
from portal.i18n import sentence

APPLICANT_TYPES = ("city", "corporation", "institution", "individual")
AGGREGATIONS = ("mean", "median", "trimmed-mean")
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
#: What the weights of a category's criteria must add up to.
FULL_WEIGHT = 100


class HasCategory(Protocol):
    """Anything that belongs to one category or, with None, to all."""

    @property
    def category_key(self) -> str | None:
        """The key of the category."""


Belonging = TypeVar("Belonging", bound=HasCategory)


def criteria_for(criteria: Iterable[Belonging], category_key: str) -> list[Belonging]:
    """Return the criteria of a category: its own where it has some, else those of all categories."""
    everything = list(criteria)
    own = [criterion for criterion in everything if criterion.category_key == category_key]
    return own or [criterion for criterion in everything if criterion.category_key is None]


@dataclass(frozen=True, slots=True)
class CriterionDraft:
    """A criterion as somebody wishes it to be."""

    key: str
    weight: int
    labels: Mapping[str, str]
    guidance: Mapping[str, str]
    category_key: str | None = None
    anchors: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def check_slug(slug: str) -> None:
    """Raise Refusal when a text cannot stand in an address."""
    if not SLUG.fullmatch(slug) or len(slug) > 40:
        raise Refusal(
            sentence("Please use small letters, digits and single hyphens, at most 40 of them."), field="slug"
        )


def check_names(names: Mapping[str, str]) -> None:
    """Raise Refusal when an edition has no English name: it is what other languages fall back to."""
    if not names.get("en", "").strip():
        raise Refusal(sentence("Please give the edition a name in English."), field="name_en")


def check_timeline(moments: Mapping[str, datetime | None]) -> None:
    """Raise Refusal at the first moment that comes before the one it must follow; unset moments are left out.

    Keys in order: ``call_opens_at``, ``call_closes_at``, ``screening_ends_at``, ``round_N_opens_at`` and
    ``round_N_closes_at`` for each round, ``results_at``.
    """
    last: datetime | None = None
    before = ""
    for key, moment in sorted(moments.items(), key=lambda pair: order_of(pair[0])):
        if moment is None or key == "ceremony_at":
            continue
        if last is not None and moment < last:
            raise Refusal(sentence("“%(step)s” must not lie before “%(before)s”."), field=key, step=key, before=before)
        if last is not None and key == "call_closes_at" and moment == last:
            raise Refusal(sentence("The call must be open for some time before it closes."), field=key)
        last, before = moment, key


def order_of(key: str) -> tuple[int, int, int]:
    """Return where a moment stands in the process."""
    fixed = {"call_opens_at": 0, "call_closes_at": 1, "screening_ends_at": 2, "ceremony_at": 4, "results_at": 5}
    if key in fixed:
        return fixed[key], 0, 0
    _, number, what, _ = key.split("_")
    return 3, int(number), 0 if what == "opens" else 1


def check_criteria(criteria: Sequence[CriterionDraft], category_keys: Sequence[str]) -> None:
    """Raise Refusal unless every category has criteria, each with a label, and weights that add up to 100."""
    keys = [(criterion.category_key, criterion.key) for criterion in criteria]
    if len(set(keys)) != len(keys):
        raise Refusal(sentence("Two criteria of a category have the same key."))
    for criterion in criteria:
        if criterion.weight < 0:
            raise Refusal(sentence("A weight cannot be negative."))
        if not criterion.labels.get("en", "").strip():
            raise Refusal(sentence("Every criterion needs a name in English."))
    for category in category_keys:
        mine = criteria_for(criteria, category)
        if not mine:
            raise Refusal(sentence("Every category needs at least one criterion."))
        total = sum(criterion.weight for criterion in mine)
        if total != FULL_WEIGHT:
            raise Refusal(sentence("The weights add up to %(total)s. They must add up to 100."), total=total)


def is_round_open(
    opened_at: datetime | None, closed_at: datetime | None, closes_at: datetime | None, now: datetime
) -> bool:
    """Tell whether judges may score: opened by the secretariat, not closed by it, and before the closing second."""
    return opened_at is not None and closed_at is None and (closes_at is None or now < closes_at)


class Phase(StrEnum):
    """Where an edition stands, for the secretariat."""

    HIDDEN = "hidden"
    UPCOMING = "upcoming"
    CALL_OPEN = "call-open"
    SCREENING = "screening"
    JUDGING = "judging"
    DECIDING = "deciding"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"


def phase_of(
    *,
    is_published: bool,
    call_opens_at: datetime | None,
    call_closes_at: datetime | None,
    rounds: Iterable[tuple[datetime | None, datetime | None]],
    visible_from: datetime | None,
    now: datetime,
) -> Phase:
    """Tell where an edition stands; ``rounds`` are (opened, closed), ``visible_from`` is its publication moment."""
    given = list(rounds)
    if visible_from is not None:
        return Phase.PUBLISHED if visible_from <= now else Phase.SCHEDULED
    if any(opened is not None and closed is None for opened, closed in given):
        return Phase.JUDGING
    if given and all(closed is not None for _, closed in given):
        return Phase.DECIDING
    if any(opened is not None for opened, _ in given):
        return Phase.JUDGING
    if not is_published:
        return Phase.HIDDEN
    if call_opens_at is None or now < call_opens_at:
        return Phase.UPCOMING
    if call_closes_at is None or now < call_closes_at:
        return Phase.CALL_OPEN
    return Phase.SCREENING
