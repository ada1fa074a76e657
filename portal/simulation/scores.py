"""How the judges of a simulated edition score and comment, and how many entries go on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from portal.simulation.dice import Dice
from portal.simulation.plan import CRITERIA, FULL_ENTRIES, HIGHEST_SCORE, SEATS, PlannedEntry, PlannedJudge, World
from portal.simulation.texts import write_comment

_FINALISTS = {"city": 12, "corporation": 4, "institution": 3, "individual": 4}


def score_entry(
    world: World, round_number: int, entry: PlannedEntry, judge: PlannedJudge, criteria: Iterable[str] = CRITERIA
) -> dict[str, int]:
    """Give the whole-number scores (0 to 10) of one judge for one entry, by key of the criterion.

    They depend on the seed, the round and the two alone, so that the order of scoring does not matter. Model: quality
    of the entry + its strength in the criterion + severity of the judge + chance, rounded.
    """
    dice = Dice(world.seed, "scores", round_number, entry.number, judge.number)
    noise = 1.0 if round_number == 1 else 0.7
    overall = entry.quality + judge.severity + dice.bell(noise * 0.6)
    return {
        criterion: min(HIGHEST_SCORE, max(0, round(overall + entry.strengths.get(criterion, 0.0) + dice.bell(noise))))
        for criterion in criteria
    }


def comment_scores(
    world: World, round_number: int, entry: PlannedEntry, judge: PlannedJudge, scores: Mapping[str, int]
) -> dict[str, str]:
    """Write the judge's comment on each criterion, in Korean for Korean entries that the judge can read."""
    dice = Dice(world.seed, "comments", round_number, entry.number, judge.number)
    language = "ko" if entry.language == "ko" and "ko" in judge.languages else "en"
    return {criterion: write_comment(dice, score, language) for criterion, score in scores.items()}


def reviews_possible(world: World, wanted: int) -> int:
    """Tell how many judges can read each eligible entry: as many as wanted, or what the entry with the fewest allows.

    A judge may not read entries of their own country or those they are in conflict with.
    """
    conflicts = {(conflict.judge, conflict.entry) for conflict in world.conflicts}
    free = (
        sum(
            judge.country != entry.organisation.city.country and (judge.number, entry.number) not in conflicts
            for judge in world.judges
        )
        for entry in world.eligible
    )
    return min(wanted, *free)


def finalist_quotas(world: World) -> dict[tuple[str, str], int]:
    """Tell how many entries of each category and applicant type go on: 42 in a full edition, never less than prizes."""
    counts: dict[tuple[str, str], int] = {}
    for entry in world.eligible:
        counts[entry.kind] = counts.get(entry.kind, 0) + 1
    size = min(len(world.entries), FULL_ENTRIES) / FULL_ENTRIES
    return {
        (category, kind): min(count, max(SEATS[kind], round(_FINALISTS[kind] * size)))
        for (category, kind), count in sorted(counts.items())
    }
