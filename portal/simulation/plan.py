"""What the plan of a simulated edition consists of: plain values, by number and never by database id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from portal.simulation.cities import City, Country
from portal.simulation.texts import Story
from portal.simulation.topics import Topic

FULL_ENTRIES, FULL_CITIES, FULL_COUNTRIES = 216, 123, 58
"""The reported size of the 2024 edition; other sizes scale from it."""

FULL_JUDGES = 16

LEAST_ENTRIES, LEAST_JUDGES = 20, 3

CATEGORIES = ("people-centric", "tech-innovation", "leadership")
CRITERIA = ("problem", "process", "budget", "implementation", "learning", "value")
HIGHEST_SCORE = 10

SEATS = {"city": 6, "corporation": 1, "institution": 1, "individual": 2}
"""How many prizes of a category wait for each applicant type; screening leaves at least that many entries."""


class Fate(StrEnum):
    """What happens to an entry between the draft and the first round."""

    ELIGIBLE = "eligible"
    RESUBMITTED = "resubmitted"  # sent back, corrected, handed in again, eligible
    INELIGIBLE = "ineligible"
    WITHDRAWN = "withdrawn"  # handed in, then taken back; counts nowhere
    DRAFT = "draft"  # never handed in; counts nowhere


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """A file to attach."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class PlannedOrganisation:
    """A city government, company, institution, or the office of a person nominated for leadership."""

    name: str
    applicant_type: str
    city: City
    contact: str
    email: str


@dataclass(frozen=True, slots=True, eq=False)
class PlannedEntry:
    """An entry with everything that its applicant will do, and its quality, which nobody in the portal sees."""

    number: int
    organisation: PlannedOrganisation
    category: str
    topic: Topic
    language: str
    story: Story
    files: tuple[PlannedFile, ...]
    fate: Fate
    submitted_at: datetime | None
    quality: float
    strengths: Mapping[str, float]

    @property
    def kind(self) -> tuple[str, str]:
        """Give what it competes with: category and applicant type."""
        return self.category, self.organisation.applicant_type

    @property
    def country(self) -> str:
        """Give the country of its city (ISO code)."""
        return self.organisation.city.country.code

    @property
    def title(self) -> str:
        """Give the title in the original language."""
        return self.story.title


@dataclass(frozen=True, slots=True)
class PlannedJudge:
    """A judge: what the secretariat knows (expertise, languages) and what only the plan knows (severity)."""

    number: int
    name: str
    email: str
    country: Country
    languages: tuple[str, ...]
    expertise: tuple[str, ...]
    severity: float
    declines: bool = False


@dataclass(frozen=True, slots=True)
class PlannedConflict:
    """A conflict of interest that a judge will declare; `reason` is a kind of the vocabulary."""

    judge: int
    entry: int
    reason: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """The moments of the edition."""

    call_opens_at: datetime
    call_closes_at: datetime
    screening_ends_at: datetime
    round_1_opens_at: datetime
    round_1_closes_at: datetime
    round_2_opens_at: datetime
    round_2_closes_at: datetime
    approved_at: datetime
    results_at: datetime


@dataclass(frozen=True, slots=True)
class World:
    """Everything that will happen: `entries` stand, `left_out` are drafts and withdrawn ones beside them."""

    seed: int
    slug: str
    year: int
    timeline: Timeline
    entries: tuple[PlannedEntry, ...]
    left_out: tuple[PlannedEntry, ...]
    judges: tuple[PlannedJudge, ...]
    declining: PlannedJudge
    conflicts: tuple[PlannedConflict, ...]

    @property
    def eligible(self) -> tuple[PlannedEntry, ...]:
        """Give the entries that go into the first round."""
        return tuple(entry for entry in self.entries if entry.fate in (Fate.ELIGIBLE, Fate.RESUBMITTED))
