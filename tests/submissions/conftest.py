"""A city with the real entry forms and a call that is open now."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from portal import clock
from portal.accounts.models import Organisation, User
from portal.db import Database
from portal.definitions.models import FormDefinition
from portal.editions.models import Edition
from submissions.models import Entry
from tests.browser import Browser
from tests.factories import keep, make_edition, make_entry, make_organisation, make_user
from tests.statements import statements

FORMS = json.loads((Path(__file__).parents[2] / "portal/data/forms.json").read_text(encoding="utf-8"))


def real_form(key: str) -> dict[str, Any]:
    """Return the definition of a real form."""
    form = next(form for form in FORMS["forms"] if form["key"] == key)
    return {"sections": [{"key": name, **FORMS["sections"][name]} for name in form["sections"]]}


def full_answers(key: str = "people-centric-city") -> dict[str, Any]:
    """Return valid answers to every required question of a real form."""
    return {
        field["key"]: _answer(field)
        for section in real_form(key)["sections"]
        for field in section["fields"]
        if field["required"] and field["kind"] != "files"
    }


def _answer(field: dict[str, Any]) -> Any:
    match field["kind"]:
        case "text":
            return "KRW" if field.get("max_characters") == 3 else f"A line about {field['key']}"
        case "paragraph":
            return f"First paragraph about {field['key']}.\n\nSecond paragraph."
        case "choice":
            return field["options"][0]["value"] if "options" in field else "pilot"
        case "choices":
            first = {"themes": "health", "target_groups": "women", "sdgs": "3"}
            return [field["options"][0]["value"] if "options" in field else first[field["vocabulary"]]]
        case "table":
            row = {column["key"]: _answer(column) for column in field["columns"]}
            return [row for _ in range(max(1, field["min_rows"]))]
        case kind:
            return {"number": "2001", "date": "2024-03-01", "country": "PH", "email": "a@example.org", "phone": "+82 2 1234",
                    "url": "https://example.org", "consent": "y"}[kind]  # fmt: skip


@dataclass
class City:
    """A city with a draft, the people around it, and a browser for each."""

    app: Flask
    user: User
    organisation: Organisation
    edition: Edition
    entry: Entry

    @property
    def path(self) -> str:
        """The address of the entry."""
        return f"/en/entries/{self.entry.id}"

    def browser(self, user: User | None = None) -> Browser:
        """Return the browser of a person; the applicant's without an argument."""
        return Browser(self.app, user or self.user)


@pytest.fixture
def make_city(app: Flask, database: Database) -> Callable[..., City]:
    """Make a city whose entry form is the real one; keywords change the edition or, with ``entry_``, the entry."""

    def make(form: str = "people-centric-city", category: int = 0, **values: Any) -> City:
        now = clock.now()
        entry_values = {
            name.removeprefix("entry_"): values.pop(name) for name in list(values) if name.startswith("entry_")
        }
        values = {"call_opens_at": now - timedelta(days=3), "call_closes_at": now + timedelta(days=3), **values}
        kind = {"leadership-individual": "individual"}.get(form, "city" if form.endswith("city") else "corporation")
        with database.transaction() as session:
            user = make_user(session, "Ann")
            organisation = make_organisation(session, user, applicant_type=kind)
            edition = make_edition(session, **values)
            stored = session.query(FormDefinition).filter_by(edition_id=edition.id).one()
            stored.definition = real_form(form)
            entry = make_entry(
                session, edition, organisation, user,
                **{"answers": {}, "title": "", "category_id": edition.categories[category].id, **entry_values},
            )  # fmt: skip
            for one in (edition, organisation, entry):
                keep(session, one)
        return City(app, user, organisation, edition, entry)

    return make


@pytest.fixture
def city(make_city: Callable[..., City]) -> City:
    """A city with an empty draft while the call is open."""
    return make_city()


@pytest.fixture
def read_entry_row(database: Database) -> Callable[[str], Entry]:
    """Read an entry as it lies in the database."""

    def read(entry_id: str) -> Entry:
        with database.open() as session:
            entry = session.get_one(Entry, entry_id)
            assert entry.attachments is not None
            return entry

    return read


@pytest.fixture
def count_statements(database: Database) -> Callable[[Callable[[], object]], int]:
    """Count the SQL statements that an act takes."""

    def count(act: Callable[[], object]) -> int:
        with statements(database.engine) as sent:
            act()
        return len(sent)

    return count
