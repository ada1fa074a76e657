"""How the finalists and winners of a simulated edition are decided, approved and published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import count

from sqlalchemy import select
from sqlalchemy.orm import Session

from judging import scoring
from judging.actions import decisions as decision_actions
from judging.actions import publication as publication_actions
from judging.actions import rounds as round_actions
from judging.queries import standings as standings_queries
from portal.editions.models import Prize
from portal.simulation.dice import Dice
from portal.simulation.plan import PlannedEntry
from portal.simulation.scene import DAY, Scene
from portal.simulation.scores import finalist_quotas
from portal.simulation.texts import tell_story

Means = Mapping[PlannedEntry, Fraction]

LEADERSHIP_GIVEN = 1
"""Of the two leadership prizes one stays unfilled, as in 2024."""


def choose_finalists(scene: Scene) -> None:
    """Send the best of each category and applicant type to the second round; a tie on the line is decided."""
    with scene.transaction() as session:
        means = _means(scene, session, 1)
        chosen: list[PlannedEntry] = []
        for kind, quota in finalist_quotas(scene.world).items():
            standings = scoring.rank({entry: mean for entry, mean in means.items() if entry.kind == kind})
            line = scoring.cut(standings, quota)
            chosen += [*line.inside, *line.contested[: line.contested_seats]]
        round_actions.choose_finalists(
            session, scene.round(session, 1), [scene.entries[entry.number] for entry in chosen],
            reason="Simulated: the best of each category and applicant type; ties were settled by the panel.",
            by=scene.secretariat, now=scene.time.round_1_closes_at + 2 * DAY,
        )  # fmt: skip


def decide(scene: Scene) -> None:
    """Give the prizes by the standings of the second round, and the special mentions on top."""
    begin = scene.time.round_2_closes_at + 3 * DAY
    # Decisions are listed by their moment: a minute apart, their order never falls back on random ids.
    moments = (begin + timedelta(minutes=minute) for minute in count())
    with scene.transaction() as session:
        means, first = _means(scene, session, 2), _means(scene, session, 1)
        query = select(Prize).where(Prize.edition_id == scene.edition_id).order_by(Prize.position)
        prizes = list(session.scalars(query))
        winners: set[PlannedEntry] = set()
        for category in dict.fromkeys(prize.category_key for prize in prizes):
            own = [prize for prize in prizes if prize.category_key == category]
            if category is None:
                for entry in _mentions(means, winners, sum(prize.quota for prize in own)):
                    _give(
                        scene,
                        session,
                        own[0],
                        entry,
                        None,
                        "Simulated: for its example to other cities.",
                        next(moments),
                    )
                continue
            for prize, entry, place in _winners(own, category, means, first):
                winners.add(entry)
                reason = f"Simulated: mean of {scoring.display(means[entry])} in the second round."
                _give(scene, session, prize, entry, place, reason, next(moments))


def publish(scene: Scene) -> None:
    """Let the committee approve, and set the moment of publication."""
    by, now = scene.secretariat, scene.time.approved_at
    with scene.transaction() as session:
        edition = scene.edition(session)
        reason = "Simulated: approved by the committee."
        publication_actions.approve_decisions(session, edition, reason=reason, by=by, now=now)
        publication_actions.schedule_publication(
            session, edition, visible_from=scene.time.results_at, by=by, now=now + timedelta(hours=1)
        )


def _means(scene: Scene, session: Session, number: int) -> Means:
    """Return the means of a round as the secretariat sees them, in the order of the plan's numbers."""
    rows = standings_queries.list_standings(session, scene.round(session, number))
    means = {row.entry_id: row.mean for row in rows}
    found = {entry: means.get(scene.entries[entry.number]) for entry in scene.world.entries}
    return {entry: mean for entry, mean in found.items() if mean is not None}


def _winners(
    prizes: Sequence[Prize], category: str, means: Means, first: Means
) -> Iterator[tuple[Prize, PlannedEntry, int]]:
    """Give each prize of a category its winners, with their places among their applicant type.

    Where a tie lies across the edge of a prize, the panel looks at the first round, then at the number in the plan: the
    same decision for the same seed.
    """
    entrants = {entry: mean for entry, mean in means.items() if entry.category == category}
    types = {entry: entry.organisation.applicant_type for entry in entrants}
    ladders = [
        scoring.Prize(prize.rank, _given(prize), prize.applicant_type, position)
        for position, prize in enumerate(prizes)
    ]
    seated: dict[str, list[PlannedEntry]] = {}
    for proposal in scoring.propose_winners(scoring.rank(entrants), types, ladders):
        ladder = seated.setdefault(proposal.prize.applicant_type or "", [])
        open_seats = [entry for entry in proposal.contested if entry not in ladder]
        open_seats.sort(key=lambda entry: (-first[entry], entry.number))
        above = len(ladder)
        chosen = [*proposal.winners, *open_seats[: proposal.contested_seats]]
        chosen.sort(key=lambda entry: -entrants[entry])
        ladder += chosen
        for entry in chosen:
            peers = [other for other in chosen if entrants[other] == entrants[entry]]
            first_of_place = entry if entry in open_seats else peers[0]
            yield prizes[proposal.prize.order], entry, above + 1 + chosen.index(first_of_place)


def _given(prize: Prize) -> int:
    return min(prize.quota, LEADERSHIP_GIVEN) if prize.category_key == "leadership" else prize.quota


def _mentions(means: Means, winners: set[PlannedEntry], most: int) -> list[PlannedEntry]:
    """Choose the best finalists: of different countries and without a prize, as far as there are such."""
    best = [standing.entry for standing in scoring.rank(means)]
    best.sort(key=lambda entry: entry in winners)  # stable: the standings decide among equals
    chosen: list[PlannedEntry] = []
    for entry in best:
        if entry.country not in {other.country for other in chosen}:
            chosen.append(entry)
    chosen += [entry for entry in best if entry not in chosen]
    return chosen[:most]


def _give(
    scene: Scene, session: Session, prize: Prize, planned: PlannedEntry, place: int | None, reason: str, now: datetime
) -> None:
    """Record a decision, and the winner's text in the other language of the site."""
    entry, by = scene.entry(session, planned), scene.secretariat
    decision_actions.decide_prize(session, prize, entry, place=place, reason=reason, by=by, now=now)
    other = "en" if planned.language == "ko" else "ko"
    dice = Dice(scene.world.seed, "story", planned.number)
    story = tell_story(dice, planned.topic, planned.organisation.city, other, str(planned.number))
    city = planned.organisation.city
    publication_actions.write_winner_text(
        session, entry, language=other, title=story.title, summary=story.paragraphs["summary"],
        city=city.name_ko if other == "ko" else city.name, by=by, now=now,
    )  # fmt: skip
