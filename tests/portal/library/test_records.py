"""One record format for import, export and history: read without loss, refused with the name of the fault."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock, seed
from portal.audit import AuditEvent
from portal.db import Database
from portal.errors import Refusal
from portal.library.actions import cases as actions
from portal.library.models import Case, CaseVersion
from portal.library.record_reader import read_cells, read_record
from portal.library.records import copy_of, dump_case, dump_copy, fold, merge, unfold
from tests.conftest import NOW


def row(**values: Any) -> dict[str, Any]:
    """Return a record that can be read, with some names changed; None takes a name out."""
    given = {
        "id": "walk-2026", "kind": "health-programme", "award": "(programme, no award)", "year": 2026,
        "city": "Zanzibar", "city_ko": "잔지바르", "country": "TZ", "themes": ["health"], "title_en": "Floating clinic",
        "summary_en": "A boat brings doctors.", "title_ko": "떠다니는 진료소", "source_title": "A paper, 2026-01-02",
        "source_url": "https://example.org/a", **values,
    }  # fmt: skip
    return {name: value for name, value in given.items() if value is not None}


def test_every_real_case_is_read_written_and_read_again_without_loss() -> None:
    for given in seed.read("cases.json"):
        copy = seed.case_copy(given)
        record = dump_copy(copy, everything=True)
        assert read_record(json.loads(json.dumps(record))) == copy
        assert read_record(fold(unfold(record))) == copy
        for name, value in given.items():
            if name not in ("extra_sources", "source_title") and value not in (None, "", []):
                assert record[name] == value, (given["id"], name)


def test_a_stored_case_says_what_its_record_said(session: Session) -> None:
    given = row(
        note="Only one source.", note_ko="출처 하나뿐이다.", certainty="partly", problem_ko="섬에는 병원이 없다.", lat=-6.2,
        geo_basis="approximate", extra={"old": 7}, contact_email="city@example.org", simulated=True,
        visible_from="2026-05-01T03:00:00+00:00", extra_sources=[{"title": "Another", "url": None}],
        details={"population": 5, "indicators": [{"name": {"en": "Visits"}, "value": "12.50", "source": 1}]},
    )  # fmt: skip
    case = actions.add_case(session, read_record(given), by=None, now=NOW)
    session.expire_all()
    record = dump_case(case, everything=True)
    assert record == {**given, "original_language": "en"}
    assert "contact_email" not in dump_case(case)
    assert read_record(record) == copy_of(case)


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"colour": "red"}, "colour", "no field “colour”"),
        ({"title_english": "x"}, "title_english", "no field"),
        ({"year": "2026"}, "year", "a whole number from 1900 to 2100"),
        ({"year": 1899}, "year", "from 1900"),
        ({"year": True}, "year", "whole number"),
        ({"year": 2101}, "year", "to 2100"),
        ({"kind": "miracle"}, "kind", "one of prize-entry, health-programme, other-award, not “miracle”"),
        ({"kind": None}, "kind", "is missing"),
        ({"country": "Tanzania"}, "country", "two letters"),
        ({"themes": "health"}, "themes", "a list of texts"),
        ({"themes": ["health", "magic"]}, "themes", "not “magic”"),
        ({"lat": 90.1}, "lat", "from -90 to 90"),
        ({"title_en": None, "title_ko": None, "summary_en": None}, "title_en", "title in at least one language"),
        ({"title_en": None}, "title_en", "“summary_en” is there"),
        ({"source_url": "ftp://x"}, "source_url", "whole web address"),
        ({"source_title": None}, "source_title", "is missing"),
        ({"extra_sources": [{"url": "https://x.org"}]}, "extra_sources[0]", "a title"),
        ({"extra_sources": [{"title": "a", "link": "b"}]}, "extra_sources[0].link", "no field"),
        ({"visible_from": "2026-05-01T03:00:00"}, "visible_from", "with its offset"),
        ({"contact_email": "nobody"}, "contact_email", "e-mail"),
        ({"id": "Not an id"}, "id", "small letters"),
        ({"simulated": "no"}, "simulated", "true or false"),
        ({"details": {"sdgs": [18]}}, "details.sdgs", "from 1 to 17"),
        ({"details": {"inhabitants": 5}}, "details", "no part “inhabitants”"),
        ({"details.budget.currency": "KRW"}, "details.budget", "needs “amount”"),
        ({"details": {"budget": {"amount": "5", "currency": "won"}}}, "details.budget.currency", "three letters"),
        ({"details": {"reach": {"people": 5, "source": 1}}}, "details.reach.source", "one of the 1 sources"),
        ({"details": {"reach": {"people": 5, "date": "2026-13"}}}, "details.reach.date", "a year, a month or a day"),
        ({"details": {"followers": [{"city": "X", "country": "XX"}]}}, "details.followers[0].country", "two letters"),
    ],
)  # fmt: skip
def test_a_fault_is_refused_with_its_field_and_what_is_expected(change: dict[str, Any], field: str, words: str) -> None:
    read_record(row())
    with pytest.raises(Refusal) as refused:
        read_record(row(**change))
    assert refused.value.field == field
    assert words in refused.value.message % refused.value.values


@pytest.mark.parametrize("change", [{"year": 1900}, {"year": 2100}, {"lat": 90}, {"details": {"sdgs": [1, 17]}},
                                    {"details": {"reach": {"people": 0, "source": 0}}}])  # fmt: skip
def test_limits_are_allowed(change: dict[str, Any]) -> None:
    read_record(row(**change))


@pytest.mark.parametrize("url", ["seed:001_e7710a.txt", None])
def test_a_source_may_have_no_public_address(url: str | None) -> None:
    extra = [{"title": "[seed 001] 머니투데이 2024-10-17", "url": "seed:001_e7710a.txt"}]
    read = read_record(row(source_title="[seed 000] A notice", extra_sources=extra) | {"source_url": url})
    title = "A notice" if url else "[seed 000] A notice"
    assert read.sources == ((title, None), ("머니투데이 2024-10-17", None))


def test_cells_of_a_csv_file_are_read_by_their_columns() -> None:
    cells = {
        "id": "walk-2026", "year": "2026", "lat": "-6.2", "themes": "health; ageing", "simulated": "FALSE",
        "details.population": "366000", "details.sdgs": "3;11", "details.partners": "One; Two", "summary_ko": "",
        "details.budget.amount": "1350000000", "details.budget.currency": "KRW",
        "details.indicators": '[{"name": {"en": "Visits"}, "value": 3}]',
    }  # fmt: skip
    read = read_cells(cells)
    assert read["year"] == 2026
    assert read["themes"] == ["health", "ageing"]
    assert "summary_ko" not in read
    copy = read_record(merge(row(), read))
    assert (copy.details.population, copy.details.sdgs, copy.details.partners) == (366000, (3, 11), ("One", "Two"))
    assert copy.details.budget is not None
    assert (str(copy.details.budget.amount), copy.details.budget.currency) == ("1350000000", "KRW")
    assert copy.details.indicators[0].name == {"en": "Visits"}
    with pytest.raises(Refusal, match="whole number"):
        read_record(read_cells({**row(themes=None), "year": "soon"}))


def invoke(app: Flask, path: Path, rows: Any, *options: str) -> Any:
    """Run the import of a file with these contents."""
    path.write_text(rows if isinstance(rows, str) else json.dumps(rows), encoding="utf-8")
    return app.test_cli_runner().invoke(args=["library", "import", str(path), *options])


def test_import_adds_changes_and_leaves_alone(app: Flask, database: Database, tmp_path: Path) -> None:
    file = tmp_path / "cases.json"
    assert invoke(app, file, [row(), row(id="other-2026")]).output == "2 added, 0 changed, 0 the same\n"
    assert invoke(app, file, [row(), row(id="other-2026")]).output == "0 added, 0 changed, 2 the same\n"
    patch = [{"id": "walk-2026", "summary_en": "", "details.population": 9}, row(id="other-2026")]
    assert invoke(app, file, patch).output == "0 added, 1 changed, 1 the same\n"
    with database.open() as session:
        case = session.get_one(Case, "walk-2026")
        assert (case.version, case.details) == (2, {"population": 9})
        assert {text.language: text.summary for text in case.texts} == {"en": "", "ko": ""}
        versions = session.execute(select(CaseVersion.case_id, CaseVersion.number).order_by("case_id", "number"))
        assert [tuple(one) for one in versions] == [("other-2026", 1), ("walk-2026", 1), ("walk-2026", 2)]
        assert session.get_one(CaseVersion, ("walk-2026", 1)).record["summary_en"] == "A boat brings doctors."
        events = session.scalars(select(AuditEvent).order_by(AuditEvent.sequence)).all()
        assert [event.action for event in events] == ["case.add", "case.add", "case.change"]
        assert events[-1].facts == {"version": 2, "fields": ["details.population", "summary_en"]}


def test_imported_cases_are_public_at_once_later_or_drafts(app: Flask, database: Database, tmp_path: Path) -> None:
    later = "2999-01-01T00:00:00+00:00"
    rows = [row(id="now-2026"), row(id="later-2026", visible_from=later)]
    invoke(app, tmp_path / "cases.json", rows)
    invoke(app, tmp_path / "cases.json", [row(id="draft-2026")], "--drafts")
    invoke(app, tmp_path / "cases.json", [row(id="draft-2026", year=2025)])
    with database.open() as session:
        seen = {case.id: case.visible_from and case.visible_from.year for case in session.scalars(select(Case))}
        year = session.get_one(Case, "draft-2026").year
    assert (seen, year) == ({"now-2026": clock.now().year, "later-2026": 2999, "draft-2026": None}, 2025)


def test_one_bad_record_stops_the_import_and_every_bad_one_is_named(
    app: Flask, database: Database, tmp_path: Path
) -> None:
    rows = [row(id="good-one"), row(year=0), row(id=None), {"id": "bare"}, "words", row(id="good-one")]
    result = invoke(app, tmp_path / "cases.json", rows)
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        "Record 2 (walk-2026): “year” must be a whole number from 1900 to 2100.",
        "Record 3: “id” is missing.",
        "Record 4 (bare): “city” is missing.",
        "Record 5: A record must be an object with names and values.",
        "Record 6 (good-one): The id “good-one” stands twice.",
        "Error: Nothing was imported.",
    ]
    with database.open() as session:
        assert session.scalar(select(func.count()).select_from(Case)) == 0


@pytest.mark.parametrize(("content", "words"), [("{", "is no JSON"), ("{}", "must hold a list")])
def test_a_file_that_is_no_list_is_refused(app: Flask, tmp_path: Path, content: str, words: str) -> None:
    result = invoke(app, tmp_path / "cases.json", content)
    assert result.exit_code == 1
    assert words in result.output


def test_the_real_cases_can_be_imported_over_themselves(library: Database, app: Flask) -> None:
    path = seed.DATA / "cases.json"
    result = app.test_cli_runner().invoke(args=["library", "import", str(path)])
    assert result.output == "0 added, 0 changed, 80 the same\n"
