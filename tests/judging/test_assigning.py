"""Assignment: hard rules kept, loads even, the same for a seed, and a reason where it is impossible."""

from __future__ import annotations

import random
import time
from collections import Counter

import pytest

from judging.assigning import Impossible, Paper, Plan, Reader, plan_assignment

COUNTRIES = ["KR", "DE", "BR", "PH", "KE", "US", "FR", "VN"]
THEMES = ["health", "mobility", "energy", "safety", "culture"]


def make_world(seed: int, papers: int, readers: int) -> tuple[list[Paper], list[Reader], set[tuple[str, str]]]:
    """Return invented entries, judges and conflicts."""
    dice = random.Random(seed)
    entries = [
        Paper(
            f"e{n}", frozenset({dice.choice(COUNTRIES)}), dice.choice(["en", "ko"]), frozenset(dice.sample(THEMES, 2))
        )
        for n in range(papers)
    ]
    judges = [
        Reader(f"j{n}", COUNTRIES[n % len(COUNTRIES)], frozenset(dice.choice([{"en"}, {"en", "ko"}])),
               frozenset(dice.sample(THEMES, 2)))
        for n in range(readers)
    ]  # fmt: skip
    conflicts = {(dice.choice(judges).id, dice.choice(entries).id) for _ in range(papers // 10)}
    return entries, judges, conflicts


def loads(plan: Plan) -> Counter[str]:
    """Count the entries of each judge."""
    return Counter(judge for judges in plan.readers.values() for judge in judges)


@pytest.mark.parametrize("seed", range(12))
def test_plan_keeps_the_hard_rules_and_even_loads(seed: int) -> None:
    papers, readers, conflicts = make_world(seed, 20 + seed * 5, 6 + seed % 5)
    plan = plan_assignment(papers, readers, conflicts, reviews=3, seed=seed)
    country = {reader.id: reader.country for reader in readers}
    assert set(plan.readers) == {paper.id for paper in papers}
    for paper in papers:
        judges = plan.readers[paper.id]
        assert len(set(judges)) == len(judges) == 3
        assert not any(country[judge] in paper.countries for judge in judges)
        assert not any((judge, paper.id) in conflicts for judge in judges)
    counts = loads(plan)
    assert max(counts.values()) - min(counts.values()) <= 1
    given = {judge: sorted(order) for judge, order in plan.orders.items()}
    assert given == {
        judge: sorted(paper for paper, judges in plan.readers.items() if judge in judges) for judge in counts
    }


def test_plan_is_the_same_for_a_seed_and_differs_between_seeds() -> None:
    papers, readers, conflicts = make_world(1, 60, 8)
    first = plan_assignment(papers, readers, conflicts, reviews=3, seed=7)
    assert plan_assignment(papers, readers, conflicts, reviews=3, seed=7) == first
    assert plan_assignment(papers, readers, conflicts, reviews=3, seed=8) != first


def test_plan_does_not_depend_on_ids() -> None:
    papers, readers, conflicts = make_world(2, 40, 7)
    plan = plan_assignment(papers, readers, conflicts, reviews=2, seed=3)
    renamed = plan_assignment(
        [Paper("x" + paper.id[::-1], paper.countries, paper.language, paper.themes) for paper in papers],
        [Reader("y" + one.id[::-1], one.country, one.languages, one.expertise) for one in readers],
        {("y" + judge[::-1], "x" + paper[::-1]) for judge, paper in conflicts},
        reviews=2, seed=3,
    )  # fmt: skip
    expected = {"x" + paper[::-1]: {"y" + one[::-1] for one in judges} for paper, judges in plan.readers.items()}
    assert {paper: set(judges) for paper, judges in renamed.readers.items()} == expected


def test_reading_orders_differ_between_judges() -> None:
    papers = [Paper(f"e{n}", frozenset({"KR"})) for n in range(12)]
    readers = [Reader(name, "DE") for name in "abc"]
    plan = plan_assignment(papers, readers, set(), reviews=3, seed=1)
    assert {judge: len(order) for judge, order in plan.orders.items()} == {"a": 12, "b": 12, "c": 12}
    assert len(set(plan.orders.values())) == 3


def test_loads_are_evened_out_along_chains() -> None:
    # c may read only e3, which b would take; b must give e3 to c and take over from a.
    papers = [Paper(f"e{n}", frozenset({"KR"})) for n in range(4)]
    readers = [Reader("a", "DE"), Reader("b", "FR"), Reader("c", "PH")]
    conflicts = {("c", "e0"), ("c", "e1"), ("c", "e2"), ("b", "e0"), ("b", "e1")}
    plan = plan_assignment(papers, readers, conflicts, reviews=1, seed=1)
    assert loads(plan) == {"a": 2, "b": 1, "c": 1}


def test_languages_are_preferred_when_loads_allow() -> None:
    papers = [Paper("ko", frozenset({"KR"}), "ko"), Paper("en", frozenset({"PH"}), "en")]
    readers = [Reader("a", "DE", frozenset({"en"})), Reader("b", "DE", frozenset({"ko"}))]
    for seed in range(8):
        plan = plan_assignment(papers, readers, set(), reviews=1, seed=seed)
        assert plan.readers == {"ko": ("b",), "en": ("a",)}


def test_held_assignments_stay_and_only_the_missing_ones_are_planned() -> None:
    papers = [Paper("e0", frozenset({"KR"})), Paper("e1", frozenset({"KR"}))]
    readers = [Reader(name, "DE") for name in "abc"]
    plan = plan_assignment(papers, readers, {("a", "e0")}, reviews=2, seed=1, held={"e0": {"a"}, "e1": {"a", "b"}})
    assert plan.readers == {"e0": ("c",)}


def test_impossible_entries_are_named_with_their_causes() -> None:
    papers = [Paper("fine", frozenset({"KR"})), Paper("stuck", frozenset({"DE"}))]
    readers = [Reader("a", "DE"), Reader("b", "FR"), Reader("c", "PH")]
    plan = plan_assignment(papers, readers, {("b", "stuck")}, reviews=2, seed=1)
    assert plan == Plan(impossible=(Impossible("stuck", free=1, same_country=1, in_conflict=1),))
    assert plan_assignment(papers, readers, set(), reviews=2, seed=1).impossible == ()


def test_plan_of_a_full_edition_is_quick() -> None:
    papers, readers, conflicts = make_world(5, 216, 16)
    begun = time.perf_counter()
    plan = plan_assignment(papers, readers, conflicts, reviews=3, seed=1)
    assert time.perf_counter() - begun < 10
    assert sorted(loads(plan).values()) == [40] * 8 + [41] * 8
