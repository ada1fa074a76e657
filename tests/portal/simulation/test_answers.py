"""The answers of simulated entries are complete for every form of the prize, and for forms nobody has thought of."""

from __future__ import annotations

import json
from typing import Any

import pytest

from portal.config import ROOT
from portal.definitions.completeness import completeness
from portal.definitions.rules import Definition, FilesField, read_definition
from portal.simulation.answers import answer_form
from portal.simulation.plan import PlannedEntry
from portal.simulation.world import build_world

FORMS = json.loads((ROOT / "portal" / "data" / "forms.json").read_text(encoding="utf-8"))


def form_for(entry: PlannedEntry) -> Definition:
    """Read the form of an entry's category and applicant type."""
    form = next(
        form
        for form in FORMS["forms"]
        if entry.category in form["categories"] and entry.organisation.applicant_type in form["applicant_types"]
    )
    return read_definition({"sections": [{"key": key, **FORMS["sections"][key]} for key in form["sections"]]})


def test_every_entry_of_the_full_edition_is_complete() -> None:
    world = build_world(1)
    forms = set()
    for entry in (*world.entries, *world.left_out):
        definition = form_for(entry)
        answers = answer_form(world.seed, entry, definition)
        assert [(fault.field, fault.message) for fault in completeness(definition, answers)] == []
        assert set(answers) == {key for key, field in definition.fields.items() if not isinstance(field, FilesField)}
        assert (answers["title"], answers["contact_email"]) == (entry.title, entry.organisation.email)
        forms.add((entry.category, entry.organisation.applicant_type))
    assert len(forms) == 7


def test_answers_are_the_same_for_the_same_seed() -> None:
    world = build_world(1, 20, 3)
    entry = world.entries[0]
    assert answer_form(1, entry, form_for(entry)) == answer_form(1, entry, form_for(entry))


LABEL = {"en": "Q", "ko": "질문"}
KINDS: list[dict[str, Any]] = [
    {"kind": "text", "max_characters": 20},
    {"kind": "paragraph"},
    {"kind": "choice", "options": [{"value": "a", "label": LABEL}]},
    {"kind": "choices", "vocabulary": "themes", "min_choices": 2},
    {"kind": "number", "min": 5},
    {"kind": "number", "max": 0.5},
    {"kind": "date"},
    {"kind": "country"},
    {"kind": "email"},
    {"kind": "url"},
    {"kind": "phone"},
    {"kind": "consent"},
    {"kind": "table", "min_rows": 2, "columns": [{"key": "a", "kind": "date", "label": LABEL, "required": True}]},
]


@pytest.mark.parametrize("required", [True, False])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: str(kind["kind"]))
def test_an_unknown_question_of_any_kind_is_answered(kind: dict[str, Any], required: bool) -> None:
    field = {"key": "unheard_of", "label": LABEL, "required": required, **kind}
    definition = read_definition({"sections": [{"key": "new", "title": LABEL, "fields": [field]}]})
    entry = build_world(1, 20, 3).entries[0]
    assert completeness(definition, answer_form(1, entry, definition)) == []
