"""Who reads which entry, and in which order: pure, seeded, the same on every machine for the same seed.

Hard: so many judges for each entry, nobody with a conflict of interest, nobody of its country. Then loads are as
even as those allow (no move or chain of moves could bring two judges closer). Then, loads kept, judges who read the
entry's language and know its themes are preferred, by exchanges of pairs until none helps.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

#: An unread language weighs more than all expertise.
FOREIGN_LANGUAGE, UNKNOWN_THEME = 3, 1
#: Sweeps of exchanges; in practice two or three leave nothing to improve.
MOST_SWEEPS = 6


@dataclass(frozen=True, slots=True)
class Paper:
    """An entry as assignment sees it; ``countries`` are those of its organisation and its project."""

    id: str
    countries: frozenset[str]
    language: str = ""
    themes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Reader:
    """A judge as assignment sees it."""

    id: str
    country: str | None
    languages: frozenset[str] = frozenset()
    expertise: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Impossible:
    """An entry that too few judges may read: how many may, and what keeps the others from it."""

    paper: str
    free: int
    same_country: int
    in_conflict: int


@dataclass(frozen=True, slots=True)
class Plan:
    """New readers by entry, and new entries by judge in reading order; or what makes it impossible."""

    readers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    orders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    impossible: tuple[Impossible, ...] = ()


def plan_assignment(
    papers: Sequence[Paper],
    readers: Sequence[Reader],
    conflicts: Set[tuple[str, str]],
    *,
    reviews: int,
    seed: int,
    held: Mapping[str, Set[str]] | None = None,
) -> Plan:
    """Choose the missing readers of each entry; ``conflicts`` are (judge, entry), ``held`` are assignments that stay.

    The plan depends on the seed and on the order in which entries and judges are given, never on their ids.
    """
    held = held or {}
    barred = {(judge, paper) for judge, paper in conflicts}
    allowed = [
        {
            number
            for number, reader in enumerate(readers)
            if reader.country not in paper.countries and (reader.id, paper.id) not in barred
        }
        for paper in papers
    ]
    impossible = tuple(
        _explain(paper, readers, barred, len(allowed[number]))
        for number, paper in enumerate(papers)
        if len(allowed[number] | _numbers(held, paper, readers)) < reviews
    )
    if impossible:
        return Plan(impossible=impossible)
    kept = [_numbers(held, paper, readers) for paper in papers]
    work = _Work(papers, readers, [free - stays for free, stays in zip(allowed, kept, strict=True)], kept, seed)
    work.fill(reviews)
    work.even_out()
    work.exchange()
    return Plan(
        readers={
            paper.id: tuple(readers[number].id for number in sorted(work.chosen[index]))
            for index, paper in enumerate(papers)
            if work.chosen[index]
        },
        orders={
            reader.id: tuple(papers[index].id for index in order_for(seed, number, work.papers_of(number)))
            for number, reader in enumerate(readers)
            if work.papers_of(number)
        },
    )


def order_for(seed: int, reader: int, papers: Sequence[int]) -> list[int]:
    """Return papers in a judge's own reading order: it stays the same for a seed and differs from judge to judge."""
    return sorted(papers, key=lambda paper: _draw(seed, "order", reader, paper))


def _draw(seed: int, *parts: object) -> bytes:
    """Return a random-looking key; unlike a generator's state it does not depend on what was drawn before."""
    return hashlib.sha256(":".join(map(str, (seed, *parts))).encode()).digest()


def _numbers(held: Mapping[str, Set[str]], paper: Paper, readers: Sequence[Reader]) -> set[int]:
    mine = held.get(paper.id, frozenset())
    return {number for number, reader in enumerate(readers) if reader.id in mine} if mine else set()


def _explain(paper: Paper, readers: Sequence[Reader], barred: Set[tuple[str, str]], free: int) -> Impossible:
    local = sum(reader.country in paper.countries for reader in readers)
    conflicted = sum(
        reader.country not in paper.countries and (reader.id, paper.id) in barred for reader in readers
    )  # fmt: skip
    return Impossible(paper.id, free, local, conflicted)


class _Work:
    """The assignment in the making; papers and readers are their positions in what was given."""

    def __init__(
        self,
        papers: Sequence[Paper],
        readers: Sequence[Reader],
        allowed: Sequence[set[int]],
        kept: Sequence[set[int]],
        seed: int,
    ) -> None:
        self.allowed, self.kept = allowed, kept
        self.chosen: list[set[int]] = [set() for _ in papers]
        self.load = [sum(number in stays for stays in kept) for number in range(len(readers))]
        self.cost = [
            [_dislike(paper, reader) if number in allowed[index] else 0 for number, reader in enumerate(readers)]
            for index, paper in enumerate(papers)
        ]
        self.lot = sorted(range(len(readers)), key=lambda number: _draw(seed, "reader", number))
        self.rank = {number: place for place, number in enumerate(self.lot)}
        # Entries that few may read come first; among equals the lot decides.
        self.queue = sorted(
            range(len(papers)), key=lambda index: (len(allowed[index]), _draw(seed, "paper", index))
        )  # fmt: skip

    def fill(self, reviews: int) -> None:
        """Give every paper its readers, least loaded first."""
        for index in self.queue:
            for _ in range(reviews - len(self.kept[index])):
                free = self.allowed[index] - self.chosen[index]
                best = min(free, key=lambda one: (self.load[one], self.cost[index][one], self.rank[one]))
                self.chosen[index].add(best)
                self.load[best] += 1

    def even_out(self) -> None:
        """Move papers along chains of judges while that brings two loads closer."""
        while (chain := self._chain()) is not None:
            for giver, index, taker in chain:
                self.chosen[index].remove(giver)
                self.chosen[index].add(taker)
            self.load[chain[0][0]] -= 1
            self.load[chain[-1][2]] += 1

    def _chain(self) -> list[tuple[int, int, int]] | None:
        """Find moves (from, paper, to) that end at a judge with at least two papers fewer than the first."""
        for start in sorted(self.lot, key=lambda number: -self.load[number]):
            if self.load[start] - min(self.load) < 2:
                return None
            came: dict[int, tuple[int, int]] = {}
            seen, waiting = {start}, deque([start])
            while waiting:
                giver = waiting.popleft()
                for index in self.queue:
                    if giver not in self.chosen[index]:
                        continue
                    for taker in sorted(self.allowed[index] - self.chosen[index] - seen, key=self.rank.__getitem__):
                        seen.add(taker)
                        came[taker] = (giver, index)
                        if self.load[start] - self.load[taker] >= 2:
                            return self._walk(came, start, taker)
                        waiting.append(taker)
        return None

    @staticmethod
    def _walk(came: Mapping[int, tuple[int, int]], start: int, end: int) -> list[tuple[int, int, int]]:
        chain: list[tuple[int, int, int]] = []
        while end != start:
            giver, index = came[end]
            chain.append((giver, index, end))
            end = giver
        return chain[::-1]

    def exchange(self) -> None:
        """Let two judges exchange two papers wherever that suits languages and themes better."""
        for _ in range(MOST_SWEEPS):
            pairs = [(index, number) for index in self.queue for number in sorted(self.chosen[index])]
            better = False
            for place, (first, one) in enumerate(pairs):
                if not self.cost[first][one] or one not in self.chosen[first]:
                    continue
                for second, other in pairs[:place] + pairs[place + 1 :]:
                    if self._suits(first, one, second, other):
                        self.chosen[first] ^= {one, other}
                        self.chosen[second] ^= {one, other}
                        better = True
                        break
            if not better:
                return

    def _suits(self, first: int, one: int, second: int, other: int) -> bool:
        if first == second or one == other or other not in self.chosen[second]:
            return False
        if other not in self.allowed[first] or one not in self.allowed[second]:
            return False
        if other in self.chosen[first] or one in self.chosen[second]:
            return False
        now = self.cost[first][one] + self.cost[second][other]
        return self.cost[first][other] + self.cost[second][one] < now

    def papers_of(self, number: int) -> list[int]:
        """Return the new papers of a judge."""
        return [index for index, chosen in enumerate(self.chosen) if number in chosen]


def _dislike(paper: Paper, reader: Reader) -> int:
    foreign = bool(paper.language and reader.languages and paper.language not in reader.languages)
    stranger = bool(paper.themes and reader.expertise and not paper.themes & reader.expertise)
    return FOREIGN_LANGUAGE * foreign + UNKNOWN_THEME * stranger
