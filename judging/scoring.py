"""The arithmetic of judging: totals, aggregates, places and proposals of winners, all in exact fractions."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import groupby
from typing import Generic, TypeVar

Number = int | Fraction | Decimal
"""What a score, a weight or a total may be. Floats are refused: 0.1 + 0.2 would break ties."""

K = TypeVar("K", bound=Hashable)
"""How the caller names an entry."""

C = TypeVar("C", bound=Hashable)
"""How the caller names a criterion or a panel."""


class ScoringError(ValueError):
    """A score sheet or a rule that cannot be computed; the text says why."""


class Aggregation(StrEnum):
    """How the totals of several judges become one total of the entry."""

    MEAN = "mean"
    MEDIAN = "median"
    TRIMMED_MEAN = "trimmed-mean"


DEFAULT_TRIM = Fraction(1, 5)
"""Share of the totals that a trimmed mean leaves out at each end: one of five, none below five."""


def exact(value: Number) -> Fraction:
    """Turn a whole number, decimal or fraction into a fraction.

    Raises TypeError for a float or a truth value, ScoringError for a decimal that is not a number.
    """
    if type(value) is Fraction:
        return value
    if isinstance(value, bool) or not isinstance(value, int | Fraction | Decimal):
        raise TypeError(f"scores and weights are exact numbers, not {type(value).__name__}")
    if isinstance(value, Decimal) and not value.is_finite():
        raise ScoringError(f"{value} is not a finite number")
    return Fraction(value)


def weighted_total(scores: Mapping[C, Number], weights: Mapping[C, Number]) -> Fraction:
    """Give the weighted mean of one score sheet, in the unit of the scores (a sheet full of 7s has the total 7).

    Raises ScoringError when a criterion is not scored, a score belongs to no criterion, a weight is negative, or no
    weight is above zero.
    """
    missing = [criterion for criterion in weights if criterion not in scores]
    if missing:
        raise ScoringError("not scored: " + ", ".join(str(criterion) for criterion in missing))
    unknown = [criterion for criterion in scores if criterion not in weights]
    if unknown:
        raise ScoringError("scored without a weight: " + ", ".join(str(criterion) for criterion in unknown))
    return _weighted_mean([(exact(scores[criterion]), exact(weight)) for criterion, weight in weights.items()])


def aggregate(totals: Iterable[Number], method: Aggregation, trim: Fraction = DEFAULT_TRIM) -> Fraction | None:
    """Give one total of an entry from the totals of its judges' sent score sheets; None when there is none.

    The trimmed mean leaves out floor(trim x n) totals at each end. The median of an even number is the mean of the
    middle two. Raises ScoringError when trim is not in [0, 1/2).
    """
    values = sorted(exact(total) for total in totals)
    if not 0 <= trim < Fraction(1, 2):
        raise ScoringError("the share to trim at each end must be at least 0 and less than one half")
    if not values:
        return None
    if method is Aggregation.MEAN:
        kept = values
    elif method is Aggregation.MEDIAN:
        middle = (len(values) - 1) // 2
        kept = values[middle : len(values) - middle]
    else:
        cut = int(trim * len(values))
        kept = values[cut : len(values) - cut]
    return sum(kept, Fraction(0)) / len(kept)


@dataclass(frozen=True, slots=True)
class Standing(Generic[K]):
    """One line of the standings. `place` is None when the entry has no total; `shared` when the place is."""

    entry: K
    total: Fraction | None
    place: int | None
    shared: bool = False


def rank(totals: Mapping[K, Fraction | None]) -> list[Standing[K]]:
    """Order entries by total, best first, with shared places on ties (1, 2, 2, 4).

    Entries without a total stand last and have no place. Entries that share a place keep the order in which they
    were given, so the caller decides how a tie is shown, never who is better.
    """
    placed = [(entry, exact(total)) for entry, total in totals.items() if total is not None]
    placed.sort(key=lambda pair: pair[1], reverse=True)  # reverse keeps equal elements in their given order
    standings: list[Standing[K]] = []
    for total, group in groupby(placed, key=lambda pair: pair[1]):
        entries = [entry for entry, _ in group]
        place = len(standings) + 1
        standings.extend(Standing(entry, total, place, shared=len(entries) > 1) for entry in entries)
    standings.extend(Standing(entry, None, None) for entry, total in totals.items() if total is None)
    return standings


def display(value: Number | None, places: int = 2) -> str:
    """Write a total with a fixed number of decimal places, half rounded to even; an empty string for no total.

    For reading only: never compare two displayed totals. Raises ScoringError for a negative number of places.
    """
    if places < 0:
        raise ScoringError("the number of decimal places cannot be negative")
    if value is None:
        return ""
    scaled = round(exact(value) * 10**places)  # Fraction.__round__ rounds half to even, exactly
    sign, digits = "-" if scaled < 0 else "", str(abs(scaled)).rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"


@dataclass(frozen=True, slots=True)
class Prize:
    """A prize of one category: how many there are and who may win it.

    `applicant_type` None is open to every type. Prizes are given in `order`, the highest first. A prize that is
    `on_top` of an entry (a special mention) follows no standings: it is never proposed, only decided.
    """

    rank: str
    quota: int
    applicant_type: str | None
    order: int
    on_top: bool = False


@dataclass(frozen=True, slots=True)
class Proposal(Generic[K]):
    """Who fits a prize by the standings.

    `winners` are beyond doubt. `contested_seats` of the prize lie on a tie: someone must choose among `contested` with
    a reason. `unfilled` seats have nobody who could take them.
    """

    prize: Prize
    winners: tuple[K, ...]
    contested: tuple[K, ...] = ()
    contested_seats: int = 0
    unfilled: int = 0


@dataclass(frozen=True, slots=True)
class Cut(Generic[K]):
    """The best of the standings up to a quota: those surely inside, and a tie on the line with its seats."""

    inside: tuple[K, ...]
    contested: tuple[K, ...]
    contested_seats: int


def cut(standings: Sequence[Standing[K]], quota: int, at_least: Fraction | None = None) -> Cut[K]:
    """Choose the best `quota` entries, such as the finalists; a tie on the line is left to a decision.

    Entries without a place, or with a total below `at_least`, are never chosen.
    """
    prize = Prize("", quota, None, 0)
    types = {standing.entry: "" for standing in standings}
    (proposal,) = propose_winners(standings, types, [prize], at_least)
    return Cut(proposal.winners, proposal.contested, proposal.contested_seats)


def propose_winners(
    standings: Sequence[Standing[K]],
    applicant_types: Mapping[K, str],
    prizes: Iterable[Prize],
    at_least: Fraction | None = None,
) -> list[Proposal[K]]:
    """Propose who gets which prize of one category, in the order of the prizes; nothing is decided on a tie.

    Prizes for the same applicant type form one ladder of seats (gold 1, silver 2, bronze 3 are six seats) that is
    filled down the standings. A tie inside one prize is no question; a tie that reaches over the edge of a prize, or of
    the last seat, makes the seats it touches contested. Prizes open to every type come after those of a type and go to
    entries that have none yet. Prizes on top of an entry are left out. Entries without a place, or with a total below
    `at_least`, get nothing, so a quota may stay unfilled.

    Raises ScoringError for a negative quota, KeyError for an entry without an applicant type.
    """
    ladders: dict[str | None, list[Prize]] = {}
    for prize in sorted((prize for prize in prizes if not prize.on_top), key=lambda prize: prize.order):
        if prize.quota < 0:
            raise ScoringError(f"the quota of {prize.rank} is negative")
        ladders.setdefault(prize.applicant_type, []).append(prize)
    ties = [tie for tie in _ties(standings) if at_least is None or tie.total >= at_least]
    proposals: list[Proposal[K]] = []
    left = _Left[K](ties)
    for applicant_type in sorted(ladders, key=lambda name: (name is None, name or "")):
        entrants = left.entrants(applicant_type, applicant_types)
        proposals.extend(_fill(ladders[applicant_type], entrants, left))
    return sorted(proposals, key=lambda proposal: proposal.prize.order)


@dataclass(slots=True)
class _Tie(Generic[K]):
    """Entries with one total. `size` is how many of them want a seat: fewer than named after a contested ladder."""

    total: Fraction
    entries: list[K]
    size: int


class _Left(Generic[K]):
    """Who has no prize yet, while the ladders are filled one after the other."""

    def __init__(self, ties: list[_Tie[K]]) -> None:
        self._ties = ties

    def entrants(self, applicant_type: str | None, applicant_types: Mapping[K, str]) -> list[_Tie[K]]:
        """Give the ties that compete on a ladder, best first."""
        if applicant_type is None:
            return [tie for tie in self._ties if tie.size]
        chosen: list[_Tie[K]] = []
        for tie in self._ties:
            entries = [entry for entry in tie.entries if applicant_types[entry] == applicant_type]
            if entries:
                # Each type has one ladder, so nobody of this type can have a prize yet.
                chosen.append(_Tie(tie.total, entries, len(entries)))
        return chosen

    def take(self, tie: _Tie[K], seats: int) -> None:
        """Note that a tie has taken seats; its names stay open while fewer seats than names are taken."""
        everyone = seats == tie.size == len(tie.entries)
        for held in self._ties:
            if held.total == tie.total:
                held.size -= seats
                if everyone:
                    held.entries = [entry for entry in held.entries if entry not in tie.entries]


def _fill(ladder: Sequence[Prize], entrants: Iterable[_Tie[K]], left: _Left[K]) -> list[Proposal[K]]:
    """Fill one ladder of prizes down the ties."""
    edges: list[int] = []
    for prize in ladder:
        edges.append((edges[-1] if edges else 0) + prize.quota)
    winners: list[list[K]] = [[] for _ in ladder]
    contested: list[list[K]] = [[] for _ in ladder]
    seats: list[int] = [0] * len(ladder)
    start = 0
    for tie in list(entrants):
        stop = start + tie.size
        touched = list(_touched(edges, start, stop))
        if not touched:
            break
        certain = len(touched) == 1 and touched[0][1] == tie.size == len(tie.entries)
        for index, count in touched:
            if certain:
                winners[index].extend(tie.entries)
            else:
                contested[index].extend(tie.entries)
                seats[index] += count
        left.take(tie, sum(count for _, count in touched))
        start = stop
    return [
        Proposal(
            prize,
            tuple(winners[index]),
            tuple(contested[index]),
            seats[index],
            prize.quota - len(winners[index]) - seats[index],
        )
        for index, prize in enumerate(ladder)
    ]


def _touched(edges: Sequence[int], start: int, stop: int) -> Iterator[tuple[int, int]]:
    """Give each prize whose seats overlap positions [start, stop), with the number of seats."""
    low = 0
    for index, high in enumerate(edges):
        overlap = min(high, stop) - max(low, start)
        if overlap > 0:
            yield index, overlap
        low = high


def _ties(standings: Sequence[Standing[K]]) -> list[_Tie[K]]:
    """Group placed entries of equal total, best first, whatever the order in which the standings are given."""
    groups: dict[Fraction, list[K]] = {}
    for standing in standings:
        if standing.total is not None and standing.place is not None:
            groups.setdefault(standing.total, []).append(standing.entry)
    return [_Tie(total, groups[total], len(groups[total])) for total in sorted(groups, reverse=True)]


def _weighted_mean(parts: Sequence[tuple[Fraction, Fraction]]) -> Fraction:
    """Give the mean of (value, weight) pairs."""
    if any(weight < 0 for _, weight in parts):
        raise ScoringError("a weight cannot be negative")
    whole = sum((weight for _, weight in parts), Fraction(0))
    if whole == 0:
        raise ScoringError("at least one weight must be above zero")
    return sum((value * weight for value, weight in parts), Fraction(0)) / whole
