"""Cases as rows and records: what an export of a search holds, and how CSV, JSON and XLSX write it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from xlsxwriter import Workbook

from portal.i18n import choose
from portal.library import answers, details
from portal.library.details import Details
from portal.library.models import Case
from portal.library.records import dump_case

#: Most cases of one export.
MOST = 10_000
#: What begins a formula in a spreadsheet; a text that begins so gets an apostrophe before it in CSV.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
#: Most characters in a cell of XLSX.
_LONGEST_CELL = 32_767
#: Widths of columns of XLSX, in letters: of long texts and moments, and of all others.
_WIDTHS = {"id": 28, "url": 40, "title": 50, "summary": 60, "award": 30, "themes": 30, "sources": 40, "changed_at": 20}
_WIDTH = 14

Cell = str | int | float | Decimal | datetime | None

COLUMNS = (
    "id", "url", "title", "language", "original_language", "languages", "city", "country", "latitude", "longitude",
    "year", "kind", "award", "category", "rank", "rank_text", "edition", "organisation", "themes", "summary",
    "population", "income", "sdgs", "target_groups", "partners", "budget_amount", "budget_currency", "budget_years",
    "people_reached", "people_reached_date", "certainty", "sources", "version", "changed_at",
)  # fmt: skip


def row_of(case: Case, tag: str, site_url: str) -> list[Cell]:
    """Return a case as one row of COLUMNS in a reader's language; several values are divided by "; "."""
    title = answers.title_in(case, tag)
    told = details.load(Details, case.details)
    values: dict[str, Cell] = {
        "id": case.id,
        "url": f"{site_url}/c/{case.id}",
        "title": title.text,
        "language": title.language,
        "original_language": case.original_language,
        "languages": _joined(sorted(text.language for text in case.texts)),
        "city": answers.city_in(case, tag),
        "country": case.country,
        "latitude": case.latitude,
        "longitude": case.longitude,
        "year": case.year,
        "kind": case.kind,
        "award": case.award,
        "category": case.category,
        "rank": case.rank,
        "rank_text": case.rank_text,
        "edition": case.edition_slug,
        "organisation": case.organisation,
        "themes": _joined(case.themes),
        "summary": choose(answers.summaries(case), tag, case.original_language).text,
        "population": told.population,
        "income": told.income,
        "sdgs": _joined(map(str, told.sdgs)),
        "target_groups": _joined(told.target_groups),
        "partners": _joined(told.partners),
        "certainty": case.certainty,
        "sources": _joined(source.url or source.title for source in case.sources),
        "version": case.version,
        "changed_at": seen_change(case).replace(microsecond=0),
    }
    if told.budget:
        values["budget_amount"] = told.budget.amount
        values["budget_currency"], values["budget_years"] = told.budget.currency, told.budget.years
    if told.reach:
        values["people_reached"], values["people_reached_date"] = told.reach.people, told.reach.date
    return [values.get(column) for column in COLUMNS]


def _joined(values: Iterable[str]) -> str:
    return "; ".join(values)


def record_of(case: Case, site_url: str) -> dict[str, Any]:
    """Return a case as a public record: with its address and version, without what only its keepers need."""
    record = {name: value for name, value in dump_case(case).items() if name not in ("extra", "simulated")}
    return {
        **record,
        "url": f"{site_url}/c/{case.id}",
        "version": case.version,
        "changed_at": seen_change(case).isoformat(timespec="seconds"),
    }


def seen_change(case: Case) -> datetime:
    """Return the moment of the last change that the public could see, in UTC."""
    return max(case.visible_from or case.changed_at, case.changed_at).astimezone(UTC)


def as_csv(rows: Iterable[list[Cell]]) -> Iterator[str]:
    """Give CSV (RFC 4180) piece by piece; it begins with a byte order mark, by which Excel knows UTF-8."""
    yield "\ufeff" + _csv_line(list(COLUMNS))
    for row in rows:
        yield _csv_line([_harmless(cell) for cell in row])


def _csv_line(cells: list[Cell]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()


def _harmless(cell: Cell) -> Cell:
    if isinstance(cell, Decimal):
        return format(cell, "f")
    if isinstance(cell, datetime):
        return cell.isoformat()
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def as_json(total: int, records: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Give a JSON object with the number of cases found and a list of records, one a line."""
    yield f'{{"total": {total}, "cases": ['
    for place, record in enumerate(records):
        yield ("," if place else "") + "\n" + json.dumps(record, ensure_ascii=False)
    yield "\n]}\n"


def as_xlsx(rows: Iterable[list[Cell]], made_at: datetime) -> bytes:
    """Return a workbook of one sheet; texts stay texts, whatever they begin with, and moments are those of UTC."""
    file = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(file, options) as book:
        book.set_properties({"created": made_at.astimezone(UTC).replace(tzinfo=None)})
        sheet = book.add_worksheet("cases")
        sheet.freeze_panes(1, 0)
        for column, name in enumerate(COLUMNS):
            sheet.set_column(column, column, _WIDTHS.get(name, _WIDTH))
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        last = 0
        sheet.write_row(0, 0, COLUMNS, book.add_format({"bold": True}))
        for last, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(last, column, cell[:_LONGEST_CELL])
                elif isinstance(cell, datetime):
                    sheet.write_datetime(last, column, cell.astimezone(UTC).replace(tzinfo=None), moment)
                elif cell is not None:
                    sheet.write_number(last, column, float(cell))
        sheet.autofilter(0, 0, last, len(COLUMNS) - 1)
    return file.getvalue()
