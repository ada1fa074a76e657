"""Reading an entry: every kind of answer, and what a judge must not see."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from flask import Flask, g, render_template_string
from sqlalchemy.orm import Session

from portal.definitions.models import FormDefinition
from submissions.models import Entry
from submissions.reading import read_entry
from tests.factories import make_edition, make_entry, make_organisation, make_user

FORMS = json.loads((Path(__file__).parents[2] / "portal/data/forms.json").read_text(encoding="utf-8"))


def real_form(key: str) -> dict[str, Any]:
    form = next(form for form in FORMS["forms"] if form["key"] == key)
    return {"sections": [{"key": name, **FORMS["sections"][name]} for name in form["sections"]]}


ANSWERS = {
    "contact_name": "Secret Person", "contact_email": "secret@example.org", "contact_phone": "+82 2 1111 2222",
    "title": "아이 돌봄 <b>길</b>", "summary": "First line.\nSecond line.", "themes": ["health", "nonsense"],
    "stage": "pilot", "started_on": "2024.3.1", "ended_on": "soon", "beneficiaries": "1,250",
    "budget": [{"source": "own", "amount": "12.5", "note": ""}, {"source": "", "amount": " ", "note": ""}],
    "links": [{"title": "Film", "url": "javascript:alert(1)"}, {"title": "Page", "url": "https://example.org/a"}],
    "earlier_awards": [{"award": "Prize", "year": "2024", "result": "Gold"}],
    "consent_personal_data": "y",
}  # fmt: skip


def entry_of(session: Session) -> Entry:
    user = make_user(session)
    edition = make_edition(session)
    form = session.query(FormDefinition).filter_by(edition_id=edition.id).one()
    form.definition = real_form("people-centric-city")
    organisation = make_organisation(session, user, name="City of Leakville", city="Leakville", country="IS")
    return make_entry(session, edition, organisation, user, answers=ANSWERS, language="ko")


def values_of(session: Session, key: str, language: str = "en") -> list[Any]:
    reading = read_entry(entry_of(session), language=language, show_private=True)
    answer = next(answer for section in reading.sections for answer in section.answers if answer.key == key)
    return [(value.kind, value.value or (value.label.text if value.label else value.text)) for value in answer.values]


def test_values_are_read_by_their_kind(session: Session) -> None:
    assert values_of(session, "started_on") == [("date", date(2024, 3, 1))]


def test_invalid_values_are_shown_as_typed(session: Session) -> None:
    assert values_of(session, "ended_on") == [("raw", "soon")]


def test_numbers_are_read_with_their_separators(session: Session) -> None:
    assert values_of(session, "beneficiaries") == [("number", Decimal(1250))]


def test_years_have_no_separators(session: Session) -> None:
    reading = read_entry(entry_of(session), language="en")
    awards = next(a for s in reading.sections for a in s.answers if a.key == "earlier_awards")
    assert [(value.kind, value.text) for row in awards.rows for value in row if "2024" in value.text] == [
        ("raw", "2024")
    ]


def test_labels_stand_in_the_readers_language_and_unknown_values_stay(session: Session) -> None:
    assert values_of(session, "themes", "ko") == [("label", "건강"), ("raw", "nonsense")]


def test_empty_rows_are_left_out(session: Session) -> None:
    reading = read_entry(entry_of(session), language="en")
    budget = next(a for s in reading.sections for a in s.answers if a.key == "budget")
    assert [[value.kind for value in row] for row in budget.rows] == [["label", "number", "text"]]


def test_only_whole_web_addresses_become_links(session: Session) -> None:
    reading = read_entry(entry_of(session), language="en")
    links = next(a for s in reading.sections for a in s.answers if a.key == "links")
    assert [row[1].kind for row in links.rows] == ["raw", "url"]


def shown(app: Flask, entry: Entry, **how: Any) -> str:
    template = (
        '{% from "submissions/_answers.html" import answers, facts %}'
        "{{ reading.title }}{{ facts(reading) }}{{ answers(reading) }}"
    )
    with app.test_request_context("/"):
        g.language = app.extensions["portal"].languages["en"]
        return render_template_string(template, reading=read_entry(entry, language="en", **how))


SECRETS = ("Leakville", "Iceland", "366,000", "Secret Person", "secret@example.org", "+82 2 1111 2222")


def test_a_blind_judge_sees_neither_city_nor_contacts(app: Flask, session: Session) -> None:
    entry = entry_of(session)
    assert all(secret in shown(app, entry, show_private=True) for secret in SECRETS)
    assert [secret for secret in SECRETS if secret in shown(app, entry, hide_identity=True, show_private=True)] == []


def test_an_open_judge_sees_the_city_but_no_contacts(app: Flask, session: Session) -> None:
    page = shown(app, entry_of(session))
    assert [secret for secret in SECRETS if secret in page] == ["Leakville", "Iceland", "366,000"]


def test_typed_markup_is_shown_as_text_and_no_script_is_linked(app: Flask, session: Session) -> None:
    page = shown(app, entry_of(session))
    assert "&lt;b&gt;길" in page
    assert "<b>길" not in page
    assert 'href="javascript' not in page
    assert '<a href="https://example.org/a"' in page
