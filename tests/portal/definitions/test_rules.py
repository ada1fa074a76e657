"""Definitions: what is refused, with a sentence that names the place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from portal.definitions.rules import DefinitionError, read_definition

FORMS = json.loads((Path(__file__).parents[3] / "portal/data/forms.json").read_text(encoding="utf-8"))


def form_with(*fields: dict[str, Any]) -> dict[str, Any]:
    filled = [
        {"label": {"en": "Question"}, "key": f"question_{number}", **field} for number, field in enumerate(fields)
    ]
    return {"sections": [{"key": "project", "title": {"en": "Project"}, "fields": filled}]}


@pytest.mark.parametrize("form", FORMS["forms"], ids=lambda form: form["key"])
def test_every_real_form_is_accepted(form: dict[str, Any]) -> None:
    definition = read_definition({"sections": [{"key": key, **FORMS["sections"][key]} for key in form["sections"]]})
    assert [section.key for section in definition.sections] == form["sections"]


CHOICES = {"kind": "choices", "vocabulary": "themes"}
COLUMN = {"key": "a", "kind": "text", "label": {"en": "A"}}


@pytest.mark.parametrize(
    ("field", "place", "complaint"),
    [
        ({"kind": "text", "max_characters": 0}, "max_characters", "greater than 0"),
        ({"kind": "text", "max_characters": 5, "max_words": 5}, "question_0", "either characters or words"),
        ({"kind": "text", "label": {"en": " "}}, "question_0", "needs a label"),
        ({"kind": "text", "key": "revision"}, "revision", "cannot be the key"),
        ({"kind": "text", "key": "Title"}, "key", "match"),
        ({"kind": "text", "surprise": 1}, "surprise", "not permitted"),
        ({"kind": "sound"}, "question_0", "sound"),
        ({"kind": "choice"}, "question_0", "either options or a vocabulary"),
        ({"kind": "choice", "vocabulary": "nowhere"}, "question_0", "no vocabulary “nowhere”"),
        ({"kind": "choice", "options": [{"value": "a", "label": {}}] * 2}, "question_0", "stands twice"),
        ({**CHOICES, "min_choices": 3, "max_choices": 2}, "question_0", "do not fit"),
        ({"kind": "number", "min": 2, "max": 1}, "question_0", "greater"),
        ({"kind": "table", "columns": []}, "columns", "at least 1"),
        ({"kind": "table", "columns": [COLUMN, COLUMN]}, "question_0", "column stands twice"),
        ({"kind": "table", "columns": [COLUMN], "min_rows": 3, "max_rows": 2}, "question_0", "least rows"),
        ({"kind": "files", "accept": ["exe"]}, "accept", "pdf"),
    ],
)
def test_a_wrong_field_is_refused_at_its_place(field: dict[str, Any], place: str, complaint: str) -> None:
    with pytest.raises(DefinitionError) as refusal:
        read_definition(form_with(field))
    line = next(line for line in str(refusal.value).splitlines() if place in line)
    assert line.startswith("sections › “project” › fields › ")
    assert complaint in line


def test_a_key_may_stand_only_once_in_a_form() -> None:
    with pytest.raises(DefinitionError, match="the question “a” stands twice"):
        read_definition(form_with({"kind": "text", "key": "a"}, {"kind": "date", "key": "a"}))


def test_a_form_needs_a_section_and_a_section_needs_a_question() -> None:
    for raw in ({"sections": []}, form_with()):
        with pytest.raises(DefinitionError, match="at least 1"):
            read_definition(raw)
