"""The arithmetic of judging: exact totals, shared places, quotas with ties on both edges."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judging.scoring import (
    Aggregation,
    Number,
    Prize,
    Proposal,
    ScoringError,
    Standing,
    aggregate,
    cut,
    display,
    exact,
    propose_winners,
    rank,
    weighted_total,
)

F = Fraction

SEOUL = [
    Prize("gold", 1, "city", 1),
    Prize("silver", 2, "city", 2),
    Prize("bronze", 3, "city", 3),
    Prize("corporate", 1, "corporation", 4),
    Prize("institution", 1, "institution", 5),
    Prize("special-mention", 3, None, 6, on_top=True),
]

totals = st.fractions(min_value=0, max_value=10, max_denominator=60)


def standings_of(*given_totals: int | Fraction | None) -> list[Standing[str]]:
    """Rank entries a, b, c … with these totals."""
    return rank({chr(97 + i): None if t is None else F(t) for i, t in enumerate(given_totals)})


def proposed(standings: list[Standing[str]], prizes: list[Prize], **kinds: str) -> dict[str, Proposal[str]]:
    """Propose winners by rank; whoever is not named is a city."""
    types = {standing.entry: kinds.get(standing.entry, "city") for standing in standings}
    return {proposal.prize.rank: proposal for proposal in propose_winners(standings, types, prizes)}


# --- One score sheet ---


def test_weighted_total_is_the_weighted_mean_on_the_scale_of_the_scores() -> None:
    assert weighted_total({"need": 8, "impact": 5}, {"need": 1, "impact": 3}) == F(23, 4)


def test_weighted_total_takes_decimals_and_fractions_exactly() -> None:
    weights: dict[str, Number] = {"a": Decimal("0.1"), "b": Decimal("0.2"), "c": F(1, 3)}
    assert weighted_total({"a": 1, "b": Decimal("2.5"), "c": 3}, weights) == F(16, 10) / F(19, 30)


def test_weighted_total_ignores_a_criterion_of_weight_zero_but_wants_its_score() -> None:
    assert weighted_total({"a": 4, "b": 9}, {"a": 1, "b": 0}) == 4
    with pytest.raises(ScoringError, match="not scored: b"):
        weighted_total({"a": 4}, {"a": 1, "b": 0})


@pytest.mark.parametrize(
    ("scores", "weights", "text"),
    [
        ({"a": 1}, {"a": 1, "b": 1, "c": 1}, "not scored: b, c"),
        ({"a": 1, "z": 1}, {"a": 1}, "scored without a weight: z"),
        ({"a": 1, "b": 1}, {"a": 2, "b": -1}, "a weight cannot be negative"),
        ({"a": 1}, {"a": 0}, "at least one weight must be above zero"),
        ({}, {}, "at least one weight must be above zero"),
    ],
)
def test_weighted_total_refuses_what_cannot_be_computed(
    scores: dict[str, int], weights: dict[str, int], text: str
) -> None:
    with pytest.raises(ScoringError, match=text):
        weighted_total(scores, weights)


@pytest.mark.parametrize("value", [0.5, True, "3", None])
def test_exact_refuses_what_is_not_an_exact_number(value: Any) -> None:
    with pytest.raises(TypeError, match="exact numbers"):
        exact(value)


@pytest.mark.parametrize("value", ["NaN", "Infinity"])
def test_exact_refuses_decimals_that_are_no_numbers(value: str) -> None:
    with pytest.raises(ScoringError, match="not a finite number"):
        exact(Decimal(value))


@given(st.lists(st.tuples(st.integers(0, 10), st.integers(1, 100)), min_size=1), st.data())
def test_weighted_total_rises_with_every_score(pairs: list[tuple[int, int]], data: st.DataObject) -> None:
    weights = {i: weight for i, (_, weight) in enumerate(pairs)}
    scores = {i: score for i, (score, _) in enumerate(pairs)}
    better = {**scores, (raised := data.draw(st.sampled_from(sorted(scores)))): scores[raised] + 1}
    assert weighted_total(better, weights) - weighted_total(scores, weights) == F(
        weights[raised], sum(weights.values())
    )


@given(st.lists(st.tuples(st.integers(0, 10), st.integers(1, 100)), min_size=1), st.integers(1, 1000))
def test_weighted_total_does_not_depend_on_the_unit_of_the_weights(pairs: list[tuple[int, int]], unit: int) -> None:
    scores = {i: score for i, (score, _) in enumerate(pairs)}
    plain = weighted_total(scores, {i: weight for i, (_, weight) in enumerate(pairs)})
    assert weighted_total(scores, {i: F(weight, unit) for i, (_, weight) in enumerate(pairs)}) == plain
    assert min(scores.values()) <= plain <= max(scores.values())


# --- Several judges ---


@pytest.mark.parametrize(
    ("method", "expected"),
    [(Aggregation.MEAN, F(26, 5)), (Aggregation.MEDIAN, F(6)), (Aggregation.TRIMMED_MEAN, F(16, 3))],
)
def test_aggregate_of_five_judges(method: Aggregation, expected: Fraction) -> None:
    assert aggregate([10, 0, 6, 3, 7], method) == expected


def test_aggregate_median_of_an_even_number_is_the_mean_of_the_middle_two() -> None:
    assert aggregate([1, 9, 4, 5], Aggregation.MEDIAN) == F(9, 2)


@pytest.mark.parametrize(("judges", "expected"), [(4, F(3, 2)), (5, F(2)), (9, F(4)), (10, F(9, 2))])
def test_aggregate_trims_one_at_each_end_from_five_judges_on(judges: int, expected: Fraction) -> None:
    assert aggregate(range(judges), Aggregation.TRIMMED_MEAN) == expected
    skewed = [*range(judges - 1), 1000]
    kept_out = aggregate(skewed, Aggregation.TRIMMED_MEAN) == expected
    assert kept_out is (judges >= 5)


@pytest.mark.parametrize("trim", [F(-1, 10), F(1, 2)])
def test_aggregate_refuses_a_share_that_leaves_nothing(trim: Fraction) -> None:
    with pytest.raises(ScoringError, match="share to trim"):
        aggregate([1, 2, 3], Aggregation.TRIMMED_MEAN, trim)


def test_aggregate_just_below_one_half_trims_to_the_median() -> None:
    assert aggregate([1, 2, 9], Aggregation.TRIMMED_MEAN, F(49, 100)) == 2


@pytest.mark.parametrize("method", list(Aggregation))
def test_aggregate_without_a_sent_score_sheet_is_none(method: Aggregation) -> None:
    assert aggregate([], method) is None


@pytest.mark.parametrize("method", list(Aggregation))
def test_aggregate_of_one_judge_is_that_judge(method: Aggregation) -> None:
    assert aggregate([F(1, 3)], method) == F(1, 3)


@given(st.lists(totals, min_size=1), st.sampled_from(Aggregation), st.randoms(use_true_random=False))
def test_aggregate_does_not_depend_on_the_order_of_judges(
    values: list[Fraction], method: Aggregation, random: Any
) -> None:
    shuffled = list(values)
    random.shuffle(shuffled)
    assert aggregate(shuffled, method) == aggregate(values, method)


@given(st.lists(totals, min_size=1), st.sampled_from(Aggregation), totals, st.data())
def test_aggregate_never_falls_when_a_judge_gives_more(
    values: list[Fraction], method: Aggregation, more: Fraction, data: st.DataObject
) -> None:
    raised = data.draw(st.integers(0, len(values) - 1))
    better = [value + more if i == raised else value for i, value in enumerate(values)]
    before, after = aggregate(values, method), aggregate(better, method)
    assert before is not None
    assert after is not None
    assert min(values) <= before <= after <= max(better)


@given(st.integers(0, 10), st.integers(1, 50))
def test_aggregate_of_thirds_is_exact_where_floats_are_not(score: int, judges: int) -> None:
    third = weighted_total({"a": score, "b": 0, "c": 0}, {"a": 1, "b": 1, "c": 1})
    assert third * 3 == score
    assert aggregate([third] * judges, Aggregation.MEAN) == F(score, 3)


def test_a_tie_that_floats_would_break_stays_a_tie() -> None:
    tenths = aggregate([Decimal("0.1"), Decimal("0.2")], Aggregation.MEAN)
    assert 0.1 + 0.2 != 0.3
    assert [s.place for s in rank({"a": tenths, "b": F(3, 20)})] == [1, 1]


# --- Places ---


def test_rank_shares_places_and_skips_after_them() -> None:
    assert standings_of(5, 9, None, 7, 7, 1, None) == [
        Standing("b", F(9), 1),
        Standing("d", F(7), 2, shared=True),
        Standing("e", F(7), 2, shared=True),
        Standing("a", F(5), 4),
        Standing("f", F(1), 5),
        Standing("c", None, None),
        Standing("g", None, None),
    ]


def test_rank_of_nothing_is_empty_and_zero_is_a_total() -> None:
    assert rank({}) == []
    assert rank({"a": F(0), "b": None}) == [Standing("a", F(0), 1), Standing("b", None, None)]


@given(st.dictionaries(st.integers(), st.none() | totals), st.randoms(use_true_random=False))
def test_rank_places_do_not_depend_on_the_order_given(by_entry: dict[int, Fraction | None], random: Any) -> None:
    pairs = list(by_entry.items())
    random.shuffle(pairs)
    expected = {s.entry: (s.place, s.shared) for s in rank(by_entry)}
    assert {s.entry: (s.place, s.shared) for s in rank(dict(pairs))} == expected


@given(st.dictionaries(st.integers(), totals, min_size=1))
def test_rank_place_is_one_more_than_the_number_of_better_entries(by_entry: dict[int, Fraction]) -> None:
    for standing in rank(by_entry):
        assert standing.total is not None
        assert standing.place == 1 + sum(other > standing.total for other in by_entry.values())
        assert standing.shared is (sum(other == standing.total for other in by_entry.values()) > 1)


# --- Display ---


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (F(1, 3), 2, "0.33"),
        (F(2, 3), 4, "0.6667"),
        (F(1, 8), 2, "0.12"),
        (F(3, 8), 2, "0.38"),
        (F(5, 2), 0, "2"),
        (F(7, 2), 0, "4"),
        (F(-1, 8), 2, "-0.12"),
        (F(-1, 1000), 2, "0.00"),
        (F(1, 100), 2, "0.01"),
        (10, 2, "10.00"),
        (Decimal("7.125"), 2, "7.12"),
        (None, 2, ""),
    ],
)
def test_display_rounds_half_to_even(value: Any, places: int, text: str) -> None:
    assert display(value, places) == text


def test_display_refuses_a_negative_number_of_places() -> None:
    with pytest.raises(ScoringError, match="decimal places"):
        display(1, -1)


@given(st.fractions(max_denominator=10_000), st.integers(0, 6))
def test_display_is_within_half_a_unit_of_the_value(value: Fraction, places: int) -> None:
    assert abs(Fraction(display(value, places)) - value) <= F(1, 2 * 10**places)


# --- Prizes with quotas ---


def test_propose_winners_fills_each_ladder_by_applicant_type() -> None:
    standings = standings_of(10, 9, 8, 7, 6, 5, 4, 3, 2, 1)
    got = proposed(standings, SEOUL, a="corporation", b="institution", j="corporation")
    assert got == {
        "gold": Proposal(SEOUL[0], ("c",)),
        "silver": Proposal(SEOUL[1], ("d", "e")),
        "bronze": Proposal(SEOUL[2], ("f", "g", "h")),
        "corporate": Proposal(SEOUL[3], ("a",)),
        "institution": Proposal(SEOUL[4], ("b",)),
    }


def test_propose_winners_leaves_a_quota_unfilled() -> None:
    leadership = Prize("leadership", 2, "individual", 1)
    got = proposed(standings_of(5, None), [leadership], a="individual", b="individual")
    assert got["leadership"] == Proposal(leadership, ("a",), unfilled=1)


def test_propose_winners_with_a_tie_inside_one_prize_has_no_question() -> None:
    got = proposed(standings_of(9, 8, 8, 7, 7, 7, 6), SEOUL)
    assert got["silver"] == Proposal(SEOUL[1], ("b", "c"))
    assert got["bronze"] == Proposal(SEOUL[2], ("d", "e", "f"))
    assert not any(proposal.contested_seats for proposal in got.values())


def test_propose_winners_with_a_tie_over_the_edge_of_two_prizes_needs_a_decision() -> None:
    got = proposed(standings_of(9, 9, 8, 7, 7, 7), SEOUL)
    assert got["gold"] == Proposal(SEOUL[0], (), ("a", "b"), 1)
    assert got["silver"] == Proposal(SEOUL[1], ("c",), ("a", "b"), 1)
    assert got["bronze"] == Proposal(SEOUL[2], ("d", "e", "f"))


def test_propose_winners_with_a_tie_over_the_last_seat_needs_a_decision() -> None:
    got = proposed(standings_of(9, 8, 8, 7, 7, 6, 6, 1), SEOUL)
    assert got["bronze"] == Proposal(SEOUL[2], ("d", "e"), ("f", "g"), 1)
    got = proposed(standings_of(9, 8, 8, 7, 7, 6, 5, 5), SEOUL)
    assert got["bronze"] == Proposal(SEOUL[2], ("d", "e", "f"))


def test_propose_winners_when_everybody_ties_decides_nothing() -> None:
    got = proposed(standings_of(*[5] * 7), SEOUL)
    everyone = tuple("abcdefg")
    assert [(p.winners, p.contested, p.contested_seats) for p in got.values()] == [
        ((), everyone, 1),
        ((), everyone, 2),
        ((), everyone, 3),
        ((), (), 0),
        ((), (), 0),
    ]


def test_propose_winners_keeps_a_tie_of_other_types_apart() -> None:
    got = proposed(standings_of(9, 9, 9, 8, 8), SEOUL, a="corporation", b="institution")
    assert got["gold"].winners == ("c",)
    assert got["corporate"].winners == ("a",)
    assert got["institution"].winners == ("b",)


def test_propose_winners_gives_nothing_below_the_base_line_or_without_a_place() -> None:
    standings = standings_of(9, 7, F(699, 100), None)
    types = dict.fromkeys("abcd", "city")
    silver = propose_winners(standings, types, SEOUL, at_least=F(7))[1]
    assert silver == Proposal(SEOUL[1], ("b",), unfilled=1)
    assert propose_winners(standings_of(None, None), types, [SEOUL[0]]) == [Proposal(SEOUL[0], (), unfilled=1)]


def test_propose_winners_with_quota_zero_and_negative() -> None:
    assert propose_winners(standings_of(1), {"a": "city"}, [Prize("gold", 0, "city", 1)])[0].winners == ()
    with pytest.raises(ScoringError, match="quota of gold is negative"):
        propose_winners(standings_of(1), {"a": "city"}, [Prize("gold", -1, "city", 1)])


def test_a_prize_open_to_all_goes_to_those_who_have_none() -> None:
    public = Prize("innovation", 1, None, 9)
    got = proposed(standings_of(9, 8, 7), [SEOUL[0], SEOUL[3], public], b="corporation")
    assert got["innovation"] == Proposal(public, ("c",))
    got = proposed(standings_of(9, 9, 7), [SEOUL[0], public])
    assert got["innovation"] == Proposal(public, (), ("a", "b"), 1)


@given(
    st.dictionaries(st.integers(), st.tuples(st.none() | st.integers(0, 6), st.sampled_from(["city", "corporation"]))),
    st.lists(st.tuples(st.integers(0, 4), st.sampled_from(["city", "corporation", None])), max_size=5),
    st.randoms(use_true_random=False),
)
def test_propose_winners_properties(
    entries: dict[int, tuple[int | None, str]], ladder: list[tuple[int, str | None]], random: Any
) -> None:
    prizes = [Prize(f"rank {i}", quota, kind, i) for i, (quota, kind) in enumerate(ladder)]
    by_entry = {entry: None if total is None else F(total) for entry, (total, _) in entries.items()}
    types = {entry: kind for entry, (_, kind) in entries.items()}
    proposals = propose_winners(rank(by_entry), types, prizes)

    won = [entry for proposal in proposals for entry in proposal.winners]
    assert len(won) == len(set(won)), "nobody wins twice"
    for proposal in proposals:
        seats = len(proposal.winners) + proposal.contested_seats + proposal.unfilled
        assert (seats, proposal.unfilled >= 0) == (proposal.prize.quota, True)
        named = [*proposal.winners, *proposal.contested]
        assert all(by_entry[entry] is not None for entry in named)
        assert all(proposal.prize.applicant_type in (None, types[entry]) for entry in named)
        assert not set(proposal.winners) & set(proposal.contested)
        assert bool(proposal.contested) is (proposal.contested_seats > 0)

    pairs = list(by_entry.items())
    random.shuffle(pairs)
    again = propose_winners(rank(dict(pairs)), types, list(reversed(prizes)))
    assert [(p.prize, set(p.winners), set(p.contested), p.contested_seats) for p in again] == [
        (p.prize, set(p.winners), set(p.contested), p.contested_seats) for p in proposals
    ]


# --- Finalists ---


def test_cut_at_the_line_and_over_it() -> None:
    assert cut(standings_of(9, 8, 8, 7), 3).inside == ("a", "b", "c")
    line = cut(standings_of(9, 8, 8, 7), 2)
    assert (line.inside, line.contested, line.contested_seats) == (("a",), ("b", "c"), 1)
    everyone = cut(standings_of(9, None), 5)
    assert (everyone.inside, everyone.contested) == (("a",), ())
    assert cut(standings_of(9, 8), 5, at_least=F(9)).inside == ("a",)
