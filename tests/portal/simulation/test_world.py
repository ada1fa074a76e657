"""The plan of a simulated edition: sizes, rules that it keeps, and equality for equal seeds."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import statistics
from collections import Counter
from datetime import timedelta

import pikepdf
import pytest

from portal.simulation.cities import CITIES, COUNTRIES
from portal.simulation.dice import Dice
from portal.simulation.papers import text_pdf
from portal.simulation.plan import CATEGORIES, CRITERIA, SEATS, Fate, World
from portal.simulation.scores import comment_scores, finalist_quotas, reviews_possible, score_entry
from portal.simulation.texts import MARK
from portal.simulation.topics import TOPICS
from portal.simulation.world import build_world

SIZES = [(20, 3), (24, 4), (100, 7), (216, 16), (400, 30)]


@pytest.fixture(scope="module")
def full() -> World:
    return build_world(1)


def fingerprint(world: World) -> str:
    """Hash everything that a world says, scores included."""
    said = [
        dataclasses.asdict(world),
        [score_entry(world, 1, entry, judge) for entry in world.entries for judge in world.judges],
    ]
    return hashlib.sha256(json.dumps(said, default=repr, sort_keys=True).encode()).hexdigest()


# --- The table of cities ---


def test_cities_are_enough_distinct_and_complete() -> None:
    assert len(CITIES) >= 140
    assert len(COUNTRIES) >= 60
    assert len({(city.country.code, city.name) for city in CITIES}) == len(CITIES)
    assert len({country.code for country in COUNTRIES}) == len(COUNTRIES)
    assert all(city.population > 0 and city.population % 1000 == 0 for city in CITIES)
    assert all(any("가" <= letter <= "힣" for letter in city.name_ko + city.country.name_ko) for city in CITIES)


# --- Sizes ---


@pytest.mark.parametrize("seed", [1, 2, 3, 2024])
def test_full_size_has_the_reported_cities_and_countries(seed: int) -> None:
    world = build_world(seed, entries=216, judges=16)
    places = {(entry.organisation.city.country.code, entry.organisation.city.name) for entry in world.entries}
    assert len(world.entries) == 216
    assert len(places) == 123
    assert len({country for country, _ in places}) == 58
    assert len(world.judges) == 16
    assert Counter(entry.kind for entry in world.eligible).total() == 216 - 9


def test_full_size_has_forty_two_finalists(full: World) -> None:
    assert sum(finalist_quotas(full).values()) == 42


@pytest.mark.parametrize(("entries", "judges"), SIZES)
@pytest.mark.parametrize("seed", [1, 7])
def test_every_size_can_fill_its_prizes_and_judge_its_entries(seed: int, entries: int, judges: int) -> None:
    world = build_world(seed, entries, judges)
    assert (len(world.entries), len(world.judges)) == (entries, judges)
    available = Counter(entry.kind for entry in world.eligible)
    for category in CATEGORIES[:2]:
        assert all(available[category, kind] >= SEATS[kind] for kind in ("city", "corporation", "institution"))
    assert available["leadership", "individual"] >= SEATS["individual"]
    assert {kind for category, kind in available if category == "leadership"} == {"individual"}
    fates = Counter(entry.fate for entry in world.entries)
    assert set(fates) == {Fate.ELIGIBLE, Fate.RESUBMITTED, Fate.INELIGIBLE}
    assert {entry.fate for entry in world.left_out} == {Fate.DRAFT, Fate.WITHDRAWN}
    assert reviews_possible(world, 3) == 3 or judges < 7
    assert reviews_possible(world, 3) >= 1


@pytest.mark.parametrize(("entries", "judges", "text"), [(19, 3, "at least 20 entries"), (20, 2, "at least 3 judges")])
def test_a_smaller_edition_is_refused(entries: int, judges: int, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        build_world(1, entries, judges)


# --- Determinism ---


def test_the_same_seed_gives_the_same_world_and_another_seed_another() -> None:
    assert fingerprint(build_world(5, 40, 5)) == fingerprint(build_world(5, 40, 5))
    assert fingerprint(build_world(5, 40, 5)) != fingerprint(build_world(6, 40, 5))


def test_dice_are_the_same_on_every_python_version() -> None:
    dice = Dice(1, "golden")
    assert [dice.below(1000) for _ in range(6)] == [81, 991, 420, 761, 339, 343]
    assert "".join(dice.shuffled("abcdefgh")) == "fagebdhc"
    assert [dice.bell(1.0).hex() for _ in range(2)] == ["-0x1.ac5ee0fb2f901p-1", "-0x1.6b66902eacf24p-2"]


def test_scores_do_not_depend_on_the_order_of_scoring(full: World) -> None:
    entry, judge = full.entries[10], full.judges[4]
    first = score_entry(full, 1, entry, judge)
    for other in full.entries[:5]:
        score_entry(full, 1, other, judge)
    assert score_entry(full, 1, entry, judge) == first
    assert score_entry(full, 2, entry, judge) != first


# --- Entries ---


def test_an_organisation_enters_a_category_at_most_once() -> None:
    for world in (build_world(3), build_world(3, entries=900, judges=40)):
        entered = Counter((entry.category, entry.organisation.name) for entry in (*world.entries, *world.left_out))
        assert set(entered.values()) == {1}


def test_entries_are_marked_as_simulated_in_their_language(full: World) -> None:
    for entry in full.entries:
        korean = entry.organisation.city.country.code == "KR"
        assert entry.language == ("ko" if korean else "en")
        ending = "(모의)" if korean else "(simulated)"
        assert (entry.title[-len(ending) :], entry.organisation.name[-len(ending) :]) == (ending, ending)
        assert entry.story.paragraphs["problem"].startswith(MARK[entry.language])
        assert "{" not in "".join(entry.story.paragraphs.values())
    assert sum(entry.language == "ko" for entry in full.entries) > 3
    assert len({entry.title for entry in full.entries}) == 216


def test_entries_arrive_inside_the_call_and_topics_fit_the_category(full: World) -> None:
    for entry in full.entries:
        assert entry.submitted_at is not None
        assert full.timeline.call_opens_at < entry.submitted_at < full.timeline.call_closes_at - timedelta(seconds=59)
        assert entry.topic in TOPICS[entry.category]
    assert len({entry.submitted_at for entry in full.entries}) == len(full.entries)
    assert all((entry.submitted_at is None) is (entry.fate is Fate.DRAFT) for entry in full.left_out)


def test_timeline_runs_forward(full: World) -> None:
    moments = list(dataclasses.asdict(full.timeline).values())
    assert moments == sorted(moments)
    assert full.timeline.results_at.isoformat() == "2024-10-10T07:00:00+00:00"


def test_attachments_are_valid_pdf_files(full: World) -> None:
    papers = [paper for entry in full.entries for paper in entry.files]
    assert len(papers) >= 72
    assert len({paper.name for paper in papers}) == len(papers)
    with pikepdf.open(io.BytesIO(papers[0].content)) as pdf:
        assert not pdf.check_pdf_syntax()
        assert b"(SIMULATED DOCUMENT)" in pdf.pages[0].Contents.read_bytes()


def test_text_pdf_escapes_what_would_break_a_string() -> None:
    with pikepdf.open(io.BytesIO(text_pdf(["a (b) \\ c", "서울"]))) as pdf:
        assert not pdf.check_pdf_syntax()
        assert rb"(a \(b\) \\ c) Tj" in pdf.pages[0].Contents.read_bytes()


# --- Judges ---


def test_judges_are_spread_over_countries_and_one_declines(full: World) -> None:
    assert len({judge.country for judge in full.judges}) == 16
    assert full.judges[0].country.code == "KR"
    assert [judge.declines for judge in (*full.judges, full.declining)] == [False] * 16 + [True]
    assert len({judge.email for judge in (*full.judges, full.declining)}) == 17


def test_conflicts_are_with_eligible_entries_and_lower_what_is_possible(full: World) -> None:
    eligible = {entry.number: entry for entry in full.eligible}
    assert len(full.conflicts) == 8
    assert {conflict.entry for conflict in full.conflicts} <= set(eligible)
    one = full.conflicts[0]
    country = eligible[one.entry].organisation.city.country
    lone = dataclasses.replace(full, entries=(eligible[one.entry],), conflicts=())
    free = sum(judge.country != country for judge in full.judges)
    assert reviews_possible(lone, 99) == free
    assert reviews_possible(dataclasses.replace(lone, conflicts=(one,)), 99) == free - 1
    assert reviews_possible(lone, 3) == 3


def test_scores_are_whole_numbers_on_the_scale_and_follow_quality_and_severity(full: World) -> None:
    sheets = {(e.number, j.number): score_entry(full, 1, e, j) for e in full.entries for j in full.judges}
    assert {tuple(sheet) for sheet in sheets.values()} == {CRITERIA}
    assert {type(score) for sheet in sheets.values() for score in sheet.values()} == {int}
    assert all(0 <= score <= 10 for sheet in sheets.values() for score in sheet.values())

    def mean_by(position: int, number: int) -> float:
        return statistics.mean(sum(sheet.values()) for key, sheet in sheets.items() if key[position] == number)

    quality = [entry.quality for entry in full.entries]
    severity = [judge.severity for judge in full.judges]
    assert statistics.correlation(quality, [mean_by(0, entry.number) for entry in full.entries]) > 0.9
    assert statistics.correlation(severity, [mean_by(1, judge.number) for judge in full.judges]) > 0.9


def test_comments_are_in_a_language_that_judge_and_entry_share(full: World) -> None:
    korean = next(entry for entry in full.entries if entry.language == "ko")
    reads, does_not = full.judges[1], full.judges[2]
    assert ("ko" in reads.languages, "ko" in does_not.languages) == (True, False)
    for judge, mark in ((reads, "(모의)"), (does_not, "(simulated)")):
        comments = comment_scores(full, 1, korean, judge, score_entry(full, 1, korean, judge))
        assert set(comments) == set(CRITERIA)
        assert all(comment.endswith(mark) for comment in comments.values())
