"""Reads of standings: exact weighted means by category, places, agreement, and who fits which prize."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from math import lcm
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, func, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import Subquery

from judging import scoring
from judging.models import Assignment, RoundEntry, Scorecard
from portal.accounts.models import Organisation
from portal.editions.models import Category, Criterion, Prize, Round, RuleSet
from portal.editions.rules import criteria_for
from submissions.models import Entry
from submissions.rules import EntryState

#: Sent sheets are stored as sums of hundredths of points times weights: whole numbers are exact in every database.
HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Total:
    """What the judges of one entry say together, as whole numbers over one divisor: exact, and quick to compare."""

    judges: int
    mean: int
    divisor: int
    lowest: int
    highest: int
    unit: int


class StandingRow(NamedTuple):
    """One entry in the standings of its category; both places are None without a sent score sheet.

    ``type_place`` is the place among entries of the same applicant type: those that compete for the same prizes.
    """

    category_key: str
    place: int | None
    shared: bool
    type_place: int | None
    entry_id: str
    title: str
    language: str
    organisation: str
    city: str
    country: str
    applicant_type: str
    total: Total | None

    @property
    def judges(self) -> int:
        """How many score sheets were sent."""
        return self.total.judges if self.total else 0

    @property
    def mean(self) -> Fraction | None:
        """The exact total of all judges, in points of the scale."""
        return Fraction(self.total.mean, self.total.divisor) if self.total else None

    @property
    def lowest(self) -> Fraction | None:
        """The exact total of the strictest judge."""
        return Fraction(self.total.lowest, self.total.unit) if self.total else None

    @property
    def highest(self) -> Fraction | None:
        """The exact total of the most generous judge."""
        return Fraction(self.total.highest, self.total.unit) if self.total else None

    @property
    def spread(self) -> Fraction | None:
        """How far apart the highest and the lowest judge are, in points of the scale."""
        return Fraction(self.total.highest - self.total.lowest, self.total.unit) if self.total else None


def list_standings(session: Session, stage: Round) -> list[StandingRow]:
    """Return the entries that take part in a round, by category and place; equal means share a place.

    The mean, median or trimmed mean (as the rule set says) of the weighted totals of all sent score sheets. Entries
    whose judges have sent nothing yet stand last.
    """
    rules = _get_rules(session, stage.edition_id)
    if rules is None:
        return []
    query = (
        select(
            Entry.id, Entry.title, Entry.language, Entry.applicant_type, Category.key, Organisation.name,
            Organisation.city, Organisation.country, Category.position,
        )
        .join(RoundEntry, RoundEntry.entry_id == Entry.id)
        .join(Category, Category.id == Entry.category_id)
        .join(Organisation, Organisation.id == Entry.organisation_id)
        .where(RoundEntry.round_id == stage.id, Entry.state == EntryState.ELIGIBLE)
    )  # fmt: skip
    if rules.aggregation == scoring.Aggregation.MEAN:
        means = _means(stage)
        columns = (means.c.judges, means.c.total, means.c.lowest, means.c.highest)
        entries = session.execute(query.add_columns(*columns).outerjoin(means, means.c.entry_id == Entry.id)).all()
        units = rules.units({entry.key for entry in entries})
        totals = {entry.id: _total_of(entry, units[entry.key]) for entry in entries if entry.judges}
    else:
        entries = session.execute(query).all()
        units = rules.units({entry.key for entry in entries})
        totals = _aggregates(session, stage, rules.aggregation, {entry.id: units[entry.key] for entry in entries})
    return _rows(entries, totals)


@dataclass(frozen=True, slots=True)
class _Weight:
    """A criterion as far as standings need it."""

    category_key: str | None
    weight: int


@dataclass(frozen=True, slots=True)
class _Rules:
    """A rule set as far as standings need it."""

    aggregation: str
    weights: tuple[_Weight, ...]

    def units(self, category_keys: Iterable[str]) -> dict[str, int]:
        """Return what a stored sum of hundredths times weights is to be divided by, for each category."""
        return {key: HUNDRED * sum(one.weight for one in criteria_for(self.weights, key)) or 1 for key in category_keys}


def _get_rules(session: Session, edition_id: str) -> _Rules | None:
    """Return the newest frozen rule set, else the newest, in one statement and without its texts."""
    query = (
        select(RuleSet.id, RuleSet.aggregation, Criterion.category_key, Criterion.weight)
        .join(Criterion, Criterion.rule_set_id == RuleSet.id)
        .where(RuleSet.edition_id == edition_id)
        .order_by(RuleSet.frozen_at.is_(None), RuleSet.version.desc(), Criterion.position)
    )
    rows = session.execute(query).all()
    if not rows:
        return None
    mine = [row for row in rows if row.id == rows[0].id]
    return _Rules(rows[0].aggregation, tuple(_Weight(row.category_key, row.weight) for row in mine))


def _sent(stage: Round) -> tuple[ColumnElement[bool], ...]:
    """Return what makes a score sheet count in a round."""
    return Assignment.round_id == stage.id, Assignment.recused_at.is_(None), Scorecard.sent_at.is_not(None)


def _means(stage: Round) -> Subquery:
    """Select count, sum, lowest and highest of the sheets of each entry, in hundredths times weights."""
    total = Scorecard.weighted_sum
    return (
        select(
            Assignment.entry_id, func.count(total).label("judges"), func.sum(total).label("total"),
            func.min(total).label("lowest"), func.max(total).label("highest"),
        )
        .join(Scorecard, Scorecard.assignment_id == Assignment.id)
        .where(*_sent(stage))
        .group_by(Assignment.entry_id)
        .subquery()
    )  # fmt: skip


def _total_of(entry: Row[*tuple[Any, ...]], unit: int) -> Total:
    return Total(
        entry.judges, int(entry.total), entry.judges * unit, int(entry.lowest), int(entry.highest), unit
    )  # fmt: skip


def _aggregates(session: Session, stage: Round, method: str, units: Mapping[str, int]) -> dict[str, Total]:
    query = (
        select(Assignment.entry_id, Scorecard.weighted_sum)
        .join(Scorecard, Scorecard.assignment_id == Assignment.id)
        .where(*_sent(stage))
    )
    by_entry: dict[str, list[int]] = {}
    for entry_id, total in session.execute(query):
        if entry_id in units and total is not None:
            by_entry.setdefault(entry_id, []).append(total)
    found = {}
    for entry_id, given in by_entry.items():
        mean = scoring.aggregate(given, scoring.Aggregation(method))
        if mean is not None:
            unit = units[entry_id]
            found[entry_id] = Total(
                len(given), mean.numerator, mean.denominator * unit, min(given), max(given), unit
            )  # fmt: skip
    return found


def _rows(entries: Sequence[Row[*tuple[Any, ...]]], totals: Mapping[str, Total]) -> list[StandingRow]:
    rows: list[StandingRow] = []
    # Sorted here: databases differ in how they order letters, and a tie is shown in this order everywhere.
    entries = sorted(entries, key=attrgetter("position", "city", "name", "title", "id"))
    for key, group in groupby(entries, key=attrgetter("key")):
        listed = list(group)
        common = lcm(*(totals[entry.id].divisor for entry in listed if entry.id in totals))
        points = {
            entry.id: total.mean * (common // total.divisor)
            for entry in listed
            if (total := totals.get(entry.id)) is not None
        }
        # Sorting is stable: entries that share a place keep the order in which they were read.
        listed.sort(key=lambda entry: -points.get(entry.id, -1))
        places = rank_points([points.get(entry.id) for entry in listed])
        among: dict[str, list[int]] = {}
        for number, entry in enumerate(listed):
            among.setdefault(entry.applicant_type, []).append(number)
        type_places: list[int | None] = [None] * len(listed)
        for numbers in among.values():
            mine = rank_points([points.get(listed[number].id) for number in numbers])
            for number, (place, _) in zip(numbers, mine, strict=True):
                type_places[number] = place
        for entry, (place, shared), type_place in zip(listed, places, type_places, strict=True):
            rows.append(StandingRow(
                key, place, shared, type_place, entry.id, entry.title, entry.language, entry.name, entry.city,
                entry.country, entry.applicant_type, totals.get(entry.id),
            ))  # fmt: skip
    return rows


def rank_points(points: Sequence[int | None]) -> list[tuple[int | None, bool]]:
    """Return (place, shared) for points in falling order: the places of ``scoring.rank``, for whole numbers.

    None, which stands last, has no place.
    """
    found: list[tuple[int | None, bool]] = []
    place = 0
    for number, mine in enumerate(points):
        if mine is None:
            found.append((None, False))
            continue
        before = points[number - 1] if number else None
        after = points[number + 1] if number + 1 < len(points) else None
        if mine != before:
            place = number + 1
        found.append((place, mine in (before, after)))
    return found


def list_proposals(standings: Sequence[StandingRow], prizes: Iterable[Prize]) -> dict[str, scoring.Proposal[str]]:
    """Return, by id of the prize, who fits it by the standings; special mentions are never proposed."""
    given = list(prizes)
    found: dict[str, scoring.Proposal[str]] = {}
    for key in {prize.category_key for prize in given if prize.category_key is not None}:
        mine = {prize.position: prize for prize in given if prize.category_key == key}
        rows = [row for row in standings if row.category_key == key]
        ladder = [scoring.Prize(one.rank, one.quota, one.applicant_type, one.position) for one in mine.values()]
        types = {row.entry_id: row.applicant_type for row in rows}
        places = [scoring.Standing(row.entry_id, row.mean, row.place, row.shared) for row in rows]
        for proposal in scoring.propose_winners(places, types, ladder):
            found[mine[proposal.prize.order].id] = proposal
    return found


def propose_finalists(standings: Sequence[StandingRow], prizes: Iterable[Prize], wanted: int) -> set[str]:
    """Return the entries that go on by the standings: ``wanted`` seats shared out like the prizes, best first.

    Each kind of entry (category and applicant type) gets its share of the seats, at least as many as it has prizes. A
    tie on the last seat takes all of the tie: the secretariat chooses.
    """
    kinds: dict[tuple[str, str], list[StandingRow]] = {}
    for row in standings:
        if row.mean is not None:
            kinds.setdefault((row.category_key, row.applicant_type), []).append(row)
    seats = {
        kind: sum(
            prize.quota for prize in prizes if prize.category_key == kind[0] and prize.applicant_type in (None, kind[1])
        )
        for kind in kinds
    }
    total = sum(seats.values())
    chosen: set[str] = set()
    for kind, rows in kinds.items():
        count = max(seats[kind], round(Fraction(wanted * seats[kind], total)) if total else wanted)
        places = scoring.rank({row.entry_id: row.mean for row in rows})
        cut = scoring.cut(places, count)
        chosen |= {*cut.inside, *cut.contested}
    return chosen
