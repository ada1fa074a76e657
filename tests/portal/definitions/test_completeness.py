"""Completeness: both edges of every limit, and the sentence for each fault."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from portal.definitions.completeness import as_date, as_number, completeness
from portal.definitions.rules import read_definition
from tests.portal.definitions.test_rules import form_with
from tests.submissions.conftest import full_answers, real_form


@dataclass
class File:
    field: str = "question_0"
    name: str = "a.png"
    credit: str = "Ann"
    alt_text: str = "A bridge"


def faults_of(field: dict[str, Any], raw: Any, files: list[File] | None = None) -> list[str]:
    """Return each fault as ``row.column: sentence``, or only its sentence."""
    found = completeness(read_definition(form_with(field)), {"question_0": raw}, files or [])
    filled = [(fault, fault.message % {"question": "Q", **fault.values}) for fault in found]
    return [f"{fault.row}.{fault.column}: {text}" if fault.column else text for fault, text in filled]


TEXT = {"kind": "text", "max_characters": 5}
WORDS = {"kind": "paragraph", "max_words": 2}
CHOICES = {"kind": "choices", "vocabulary": "sdgs", "min_choices": 2, "max_choices": 3}
NUMBER = {"kind": "number", "min": 1990, "max": 2100}
FILES = {"kind": "files", "accept": ["image"], "max_files": 2}
TABLE = {
    "kind": "table", "required": True, "min_rows": 2, "max_rows": 3,
    "columns": [{"key": "a", "kind": "number", "required": True, "label": {"en": "A"}},
                {"key": "b", "kind": "text", "max_characters": 3, "label": {"en": "B"}}],
}  # fmt: skip
ROW = {"a": "1", "b": "abc"}
GOOD: list[tuple[dict[str, Any], Any]] = [
    (TEXT, "12345"), (TEXT, "가나다라마"), (TEXT, ""), (TEXT, None), (WORDS, "a b"), (CHOICES, ["1", "2"]),
    (CHOICES, ["1", "2", "3"]), (CHOICES, []), (NUMBER, "1990"), (NUMBER, "2,100"), (NUMBER, ""), (TABLE, [ROW, ROW]),
    (TABLE, [ROW] * 3), (TABLE, [ROW, ROW, {"a": "", "b": " "}]), ({"kind": "date"}, "2024-02-29"),
    ({"kind": "country"}, "KR"), ({"kind": "email"}, "a.b@c-d.co.kr"), ({"kind": "url"}, "https://서울.kr/길?a=b"),
    ({"kind": "phone"}, "+82 (0)2-123-4567"), ({"kind": "consent", "required": True}, "y"),
    ({"kind": "consent", "required": True}, True), ({"kind": "consent"}, ""), ({"kind": "choice", "vocabulary": "stages"}, "pilot"),
]  # fmt: skip


@pytest.mark.parametrize(("field", "raw"), GOOD)
def test_good_answers_have_no_fault(field: dict[str, Any], raw: Any) -> None:
    assert faults_of(field, raw) == []


@pytest.mark.parametrize(
    ("field", "raw", "sentences"),
    [
        (TEXT, "123456", ["“Q” is too long: 6 characters of at most 5."]),
        (TEXT, "a\nb", ["“Q” must be one line."]),
        ({**TEXT, "required": True}, " \n", ["“Q” is not answered yet."]),
        (WORDS, "a b c", ["“Q” is too long: 3 words of at most 2."]),
        (CHOICES, ["1"], ["“Q”: please choose at least 2. Chosen now: 1."]),
        (CHOICES, ["1", "1"], ["“Q”: please choose at least 2. Chosen now: 1."]),
        (CHOICES, ["1", "2", "3", "4"], ["“Q”: please choose at most 3. Chosen now: 4."]),
        (CHOICES, ["1", "99"], ["“Q”: please choose one of the answers shown."]),
        ({**CHOICES, "required": True}, [], ["“Q”: nothing is chosen yet."]),
        ({"kind": "choice", "vocabulary": "stages"}, "moon", ["“Q”: please choose one of the answers shown."]),
        (NUMBER, "1989", ["“Q” must be 1990 or more."]),
        (NUMBER, "2100.5", ["“Q” must be 2100 or less."]),
        (NUMBER, "many", ["“Q” must be a number, such as 1250 or 3.5."]),
        ({"kind": "date"}, "2023-02-29", ["“Q” must be a date, such as 2026-03-31."]),
        ({"kind": "date"}, "1899-12-31", ["“Q” must be a date, such as 2026-03-31."]),
        ({"kind": "country"}, "EU", ["“Q”: please choose a country from the list."]),
        ({"kind": "email"}, "a@b", ["“Q” must be an e-mail address, such as name@example.org."]),
        ({"kind": "url"}, "javascript:alert(1)", ["“Q” must be a whole web address, such as https://example.org."]),
        ({"kind": "phone"}, "call me", ["“Q” must be a telephone number, such as +82 2 1234 5678."]),
        ({"kind": "consent", "required": True}, "", ["This consent is needed: “Q”"]),
        (TABLE, [], ["“Q” is not answered yet."]),
        (TABLE, [ROW], ["“Q” needs at least 2 lines. Filled in now: 1."]),
        (TABLE, [ROW] * 4, ["“Q” takes at most 3 lines. Filled in now: 4."]),
        (
            TABLE,
            [ROW, {"b": "abcd"}],
            ["1.a: “Q” is not answered yet.", "1.b: “Q” is too long: 4 characters of at most 3."],
        ),
        (
            {**TABLE, "required": False, "min_rows": 0},
            [{"a": "x"}],
            ["0.a: “Q” must be a number, such as 1250 or 3.5."],
        ),
    ],
)
def test_each_fault_has_its_sentence(field: dict[str, Any], raw: Any, sentences: list[str]) -> None:
    assert faults_of(field, raw) == sentences


def test_photographs_need_a_credit_and_a_description_and_are_limited() -> None:
    assert faults_of(FILES, None, [File(), File()]) == []
    assert faults_of(FILES, None, [File()] * 3) == ["“Q” takes at most 2 files. Attached now: 3."]
    assert faults_of({**FILES, "required": True}, None) == ["“Q”: no file is attached yet."]
    assert faults_of(FILES, None, [File(credit=" ", alt_text="")]) == [
        "“Q”: please say who made “a.png”.",
        "“Q”: please describe “a.png” for people who cannot see it.",
    ]
    assert faults_of({**FILES, "accept": ["pdf", "image"]}, None, [File(credit="", alt_text="")]) == []


@pytest.mark.parametrize("raw", [["a"], {"a": 1}, 5, True, [["x"]], "x" * 100])
@pytest.mark.parametrize("field", [field for field, _ in GOOD], ids=lambda field: field["kind"])
def test_answers_of_any_shape_are_judged_and_never_break(field: dict[str, Any], raw: Any) -> None:
    assert all(isinstance(text, str) for text in faults_of(field, raw))


@pytest.mark.parametrize("key", ["people-centric-city", "tech-innovation-organisation", "leadership-individual"])
def test_real_forms_can_be_completed_and_name_everything_that_is_missing(key: str) -> None:
    definition = read_definition(real_form(key))
    assert completeness(definition, full_answers(key)) == []
    missing = {fault.field for fault in completeness(definition, {})}
    assert missing == {key for key, field in definition.fields.items() if field.required}


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("1250", "1250"), ("1,250", "1250"), ("1,250.5", "1250.5"), ("1.250.000,5", "1250000.5"), ("3,5", "3.5"),
        ("1 250", "1250"), ("1\u00a0250", "1250"), ("１２", "12"), ("٣٫٥", "3.5"), ("۱۲", "12"), ("-4", "-4"), ("−4", "-4"), (".5", "0.5"),
    ],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(raw: str, value: str) -> None:
    assert as_number(raw) == Decimal(value)


@pytest.mark.parametrize("raw", ["", "1e5", "NaN", "1,25,0", "12.3.4", "--1", "½", "9" * 19])
def test_what_is_no_number_is_none(raw: str) -> None:
    assert as_number(raw) is None


@pytest.mark.parametrize("raw", ["2026-03-31", "2026.3.31", "2026. 3. 31.", "2026/03/31"])
def test_days_are_read_year_first(raw: str) -> None:
    assert str(as_date(raw)) == "2026-03-31"


@pytest.mark.parametrize("raw", ["", "31.3.2026", "2026-13-01", "2026-00-01", "spring 2026"])
def test_what_is_no_day_is_none(raw: str) -> None:
    assert as_date(raw) is None
