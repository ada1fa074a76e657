"""The life of an entry: every second that decides, every state."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from submissions.progress import Step, next_step
from submissions.rules import (
    EntryState,
    checksum,
    cleaned,
    conflicting,
    is_call_open,
    is_editable,
    is_withdrawable,
    make_receipt_code,
    place_key,
    size_of,
    title_of,
    withdrawal_ends_at,
)  # fmt: skip

OPENS, CLOSES = datetime(2026, 2, 13, 1, 0, tzinfo=UTC), datetime(2026, 5, 29, 14, 59, 59, tzinfo=UTC)
TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("now", "is_open"),
    [(OPENS - TICK, False), (OPENS, True), (CLOSES - TICK, True), (CLOSES, False), (CLOSES + TICK, False)],
)
def test_call_is_open_from_its_first_to_before_its_last_second(now: datetime, is_open: bool) -> None:
    assert is_call_open(OPENS, CLOSES, now) is is_open


def test_call_without_dates_is_closed() -> None:
    assert not is_call_open(None, CLOSES, OPENS)
    assert not is_call_open(OPENS, None, OPENS)


@pytest.mark.parametrize("state", EntryState)
@pytest.mark.parametrize("call_open", [True, False])
def test_only_drafts_in_the_call_and_sent_back_entries_can_be_changed(state: EntryState, call_open: bool) -> None:
    assert is_editable(state, call_open=call_open, reply_until=None, now=OPENS) is (
        state == EntryState.SENT_BACK or (state == EntryState.DRAFT and call_open)
    )


def test_a_reply_counts_until_before_its_last_second() -> None:
    for now, editable in ((CLOSES - TICK, True), (CLOSES, False)):
        assert is_editable("sent-back", call_open=False, reply_until=CLOSES, now=now) is editable


def test_drafts_can_always_be_discarded_and_entries_withdrawn_until_before_the_last_second() -> None:
    in_time = {state.value for state in EntryState if is_withdrawable(state, ends_at=CLOSES, now=CLOSES - TICK)}
    assert in_time == {"draft", "submitted", "sent-back", "eligible"}
    assert {state.value for state in EntryState if is_withdrawable(state, ends_at=CLOSES, now=CLOSES)} == {"draft"}
    assert {state.value for state in EntryState if is_withdrawable(state, ends_at=None, now=OPENS)} == {"draft"}


def test_withdrawing_ends_with_judging_where_its_end_is_known() -> None:
    later = CLOSES + timedelta(days=30)
    assert withdrawal_ends_at(CLOSES, []) == CLOSES
    assert withdrawal_ends_at(CLOSES, [None, later, None]) == later
    assert withdrawal_ends_at(CLOSES, [OPENS]) == CLOSES  # a round of an odd timeline takes nothing away
    assert withdrawal_ends_at(None, [later]) is None


@pytest.mark.parametrize(
    ("state", "is_complete", "now", "step"),
    [
        ("draft", False, OPENS, Step.CONTINUE),
        ("draft", True, OPENS, Step.SUBMIT),
        ("draft", True, CLOSES, Step.MISSED),
        ("submitted", True, CLOSES, Step.WAIT_FOR_SCREENING),
        ("sent-back", False, CLOSES, Step.COMPLETE),
        ("eligible", True, CLOSES, Step.WAIT_FOR_RESULTS),
        ("ineligible", True, CLOSES, Step.INELIGIBLE),
        ("withdrawn", True, OPENS, Step.WITHDRAWN),
    ],
)
def test_every_state_has_its_next_step(state: str, is_complete: bool, now: datetime, step: Step) -> None:
    found = next_step(state, is_complete=is_complete, opens_at=OPENS, closes_at=CLOSES, reply_until=None, now=now)
    assert found == step


def test_a_missed_reply_is_said() -> None:
    found = next_step("sent-back", is_complete=True, opens_at=OPENS, closes_at=CLOSES, reply_until=CLOSES, now=CLOSES)
    assert found == Step.REPLY_MISSED


def test_receipt_codes_are_readable_and_differ() -> None:
    codes = {make_receipt_code(2026) for _ in range(200)}
    assert len(codes) == 200
    assert all(re.fullmatch("2026-[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}", code) for code in codes)


def test_checksum_depends_on_content_and_not_on_order() -> None:
    assert checksum({"a": 1, "b": ["한", "x"]}) == checksum({"b": ["한", "x"], "a": 1})
    assert checksum({"a": 1}) != checksum({"a": "1"})
    assert checksum({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


def test_places_are_the_same_without_regard_to_case_width_and_spaces() -> None:
    assert place_key(" São  Paulo", "br") == place_key("são paulo", "BR")
    assert place_key("ＳＥＯＵＬ", "KR") == place_key("Seoul", "KR")
    assert place_key("San José", "CR") != place_key("San José", "US")


def test_conflicts_are_only_those_that_would_overwrite_what_is_newer() -> None:
    stored, changed = {"a": "1", "b": "2", "c": "3"}, {"a": 5, "b": 7, "c": 7}
    assert conflicting(stored, changed, {"a": "x", "b": "y", "c": "3"}, 5) == ["b"]
    assert conflicting(stored, changed, {"a": "x", "b": "y"}, 7) == []


def test_cleaning_removes_only_what_no_database_keeps() -> None:
    raw = {"a": ["x\x00y", "\ud800z"], "b": "👍\r\n\u200e"}
    assert cleaned(raw) == {"a": ["xy", "z"], "b": "👍\r\n\u200e"}
    assert size_of({"a": ["xx", None], "b": "y"}) == 3


def test_titles_of_lists_are_one_line_and_not_too_long() -> None:
    assert title_of({"title": " a\n b "}) == "a b"
    assert title_of({"title": None}) == ""
    assert len(title_of({"title": "x" * 300})) == 200
