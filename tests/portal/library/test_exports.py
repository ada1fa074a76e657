"""Exports of a search: what the page finds, whole, as CSV, JSON and XLSX."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from portal import clock
from portal.config import ROOT
from portal.db import Database
from portal.library.actions.cases import withdraw_case
from portal.library.copies import Telling
from portal.library.details import Budget, Details, Reach
from portal.library.models import Case
from portal.library.opendata import download_views, exports
from tests.browser import Browser
from tests.portal.library.conftest import publish

SEARCHES = ("", "?q=건강", "?theme=health&year=2024&sort=title", "?country=PH&page=3&view=map", "?q=zzzyyy")


def csv_rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


@pytest.mark.parametrize("search", SEARCHES)
def test_an_export_holds_what_the_search_finds(library: Database, browser: Browser, search: str) -> None:
    path = re.sub(r"&(page|view)=\w+", "", search)
    told = browser.client.get(f"/api/v1/cases{path}{'&' if path else '?'}per_page=100&lang=ko").get_json()
    wanted = [item["id"] for item in told["items"]]

    as_csv = csv_rows(browser.client.get(f"/ko/cases.csv{search}").data)
    as_json = browser.client.get(f"/ko/cases.json{search}").get_json()
    book = load_workbook(io.BytesIO(browser.client.get(f"/ko/cases.xlsx{search}").data))
    head, *rows = book.active.values

    assert [row["id"] for row in as_csv] == wanted
    assert as_json["total"] == len(wanted)
    assert [case["id"] for case in as_json["cases"]] == wanted
    assert head == exports.COLUMNS
    assert [row[0] for row in rows] == wanted
    for row, line in zip(rows, as_csv, strict=True):
        for name, told in zip(head, row, strict=True):
            cell = f"{told.isoformat()}+00:00" if isinstance(told, datetime) else told
            same = (
                Decimal(line[name]) == Decimal(str(cell))
                if isinstance(cell, int | float)
                else line[name] == (cell or "")
            )
            assert same, name


def test_all_hits_come_whatever_is_read_at_once(
    library: Database, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = browser.client.get("/en/cases.csv?q=city").data
    monkeypatch.setattr(download_views, "_BATCH", 7)
    assert browser.client.get("/en/cases.csv?q=city").data == whole
    assert len(csv_rows(whole)) > 7
    assert len(csv_rows(browser.client.get("/en/cases.csv").data)) == 80
    monkeypatch.setattr(exports, "MOST", 14)
    assert len(csv_rows(browser.client.get("/en/cases.csv").data)) == 14


HOSTILE = ('=HYPERLINK("http://x")', "+1", "-1+1", "@SUM(A1)", "\t=1", "＝1", 'a "quoted", text\nof two lines', "'=1")


def test_no_cell_is_a_formula(library: Database, browser: Browser, do_jobs: Callable[[datetime], int]) -> None:
    for number, title in enumerate(HOSTILE):
        telling = Telling(title, "-")
        publish(library, id=f"hostile-{number}", result=False, organisation=title, texts={"en": telling}, latitude=-6.1)
    do_jobs(clock.now() + timedelta(seconds=1))

    rows = {row["id"]: row for row in csv_rows(browser.client.get("/en/cases.csv?country=TZ").data)}
    book = load_workbook(io.BytesIO(browser.client.get("/en/cases.xlsx?country=TZ").data))
    head, *lines = book.active.rows
    names = [cell.value for cell in head]
    sheet = {line[names.index("id")].value: dict(zip(names, line, strict=True)) for line in lines}

    told = {one["id"]: one for one in browser.client.get("/en/cases.json?country=TZ").get_json()["cases"]}

    for number, title in enumerate(HOSTILE):
        row, cells = rows[f"hostile-{number}"], sheet[f"hostile-{number}"]
        assert row["organisation"][0] not in "=+-@\t\r＝＋－＠"
        assert row["organisation"].removeprefix("'") == title.removeprefix("'")
        assert row["summary"] == "'-"
        assert row["latitude"] == "-6.1"
        assert cells["organisation"].data_type == "s"
        assert cells["organisation"].value == title
        assert cells["latitude"].value == -6.1
        assert told[f"hostile-{number}"]["organisation"] == title


def test_numbers_stay_numbers_and_nothing_internal_is_told(
    library: Database, browser: Browser, do_jobs: Callable[[datetime], int]
) -> None:
    told = Details(
        population=1_000_000, budget=Budget(Decimal("2500000.50"), "TZS", "2024–2026"), reach=Reach(3_000, "2026-01"),
        partners=("Clinic", "School"), sdgs=(3, 11),
    )  # fmt: skip
    publish(library, id="numbers", result=False, details=told, contact_email="secret@example.org",
            extra={"entry": "secret-entry"})  # fmt: skip
    do_jobs(clock.now() + timedelta(seconds=1))
    found = {ending: browser.client.get(f"/en/cases.{ending}?country=TZ").data for ending in ("csv", "json", "xlsx")}

    head, row = load_workbook(io.BytesIO(found["xlsx"])).active.values
    cells = dict(zip(head, row, strict=True))
    assert (cells["population"], cells["budget_amount"], cells["people_reached"]) == (1_000_000, 2_500_000.5, 3_000)
    assert {type(cells[name]) for name in ("year", "version", "population")} == {int}
    told_at = browser.client.get("/api/v1/cases/numbers").get_json()["changed_at"]
    assert cells["changed_at"].replace(tzinfo=UTC) == datetime.fromisoformat(told_at)
    assert told_at.encode() in found["csv"]
    assert load_workbook(io.BytesIO(found["xlsx"])).active.auto_filter.ref == "A1:AH2"
    assert (cells["sdgs"], cells["partners"]) == ("3; 11", "Clinic; School")
    assert json.loads(found["json"])["cases"][0]["details"]["budget"]["amount"] == "2500000.50"
    for data in (found["csv"], found["json"], browser.client.get("/api/v1/cases/numbers").data):
        assert b"secret" not in data
    assert "secret" not in str(list(load_workbook(io.BytesIO(found["xlsx"])).active.values))


def test_the_file_says_what_it_is(library: Database, browser: Browser) -> None:
    response = browser.client.get("/ko/cases.csv")

    assert response.data.startswith("\ufeffid,url,title".encode())
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
    assert response.headers["Content-Disposition"] == 'attachment; filename="cases-ko.csv"'
    assert response.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("ending", ["csv", "json", "xlsx"])
def test_an_unchanged_export_is_not_sent_again(library: Database, browser: Browser, ending: str) -> None:
    path = f"/en/cases.{ending}?country=PH"
    first = browser.client.get(path)
    mark = {"If-None-Match": first.headers["ETag"]}
    assert browser.client.get(path).data == first.data
    assert browser.client.get(path, headers=mark).status_code == 304
    assert browser.client.head(path, headers=mark).status_code == 304
    assert browser.client.get(path.replace("PH", "IS"), headers=mark).status_code == 200
    assert browser.client.get(path.replace("/en/", "/ko/"), headers=mark).status_code == 200

    with library.transaction() as session:
        withdraw_case(session, session.get_one(Case, "sscp-2024-baguio"), reason="", by=None, now=clock.now())
    again = browser.client.get(path, headers=mark)
    assert again.status_code == 200
    if ending != "xlsx":
        assert b"sscp-2024-baguio" not in again.data


def test_a_question_that_cannot_be_read_is_refused_before_the_file_begins(library: Database, browser: Browser) -> None:
    for ending in ("csv", "json", "xlsx"):
        for bad in ("year=20x4", "sort=best", "page=0", "q=" + "a" * 2001):
            response = browser.client.get(f"/en/cases.{ending}?{bad}")
            assert (response.status_code, response.mimetype) == (422, "application/json"), bad
            assert response.get_json()["error"].endswith(".")
    browser.get("/en/cases.pdf", status=404)


def test_every_column_is_described() -> None:
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8").partition("## Exports")[2].partition("\n## ")[0]
    described = [
        name for line in re.findall(r"^\| (`.*?) \|", text, flags=re.M) for name in re.findall(r"`(\w+)`", line)
    ]
    assert described == list(exports.COLUMNS)


def test_rows_are_written_one_by_one() -> None:
    asked = []

    def rows():
        for number in range(1_000):
            asked.append(number)
            yield [1] * len(exports.COLUMNS)

    written = exports.as_csv(rows())
    next(written), next(written)
    assert asked == [0]
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    assert exports.as_xlsx(rows(), moment) == exports.as_xlsx(rows(), moment)
    assert exports.as_xlsx(rows(), moment) != exports.as_xlsx(rows(), moment + timedelta(days=1))
