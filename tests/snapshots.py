"""Filled sites, kept by this process: a world is made once, and laid out again in a moment for each further test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Table, insert, select
from sqlalchemy.engine import Connection

from portal import clock
from portal.db import Base, Database
from portal.jobs import Job
from portal.library.search.generations import POINTER


@dataclass
class Snapshot:
    """All rows of a site, its search index, and what the test that asked for it gets."""

    thing: Any
    made_at: datetime
    rows: list[tuple[Table, list[dict[str, Any]]]] = field(default_factory=list)
    index: dict[str, bytes] = field(default_factory=dict)


_KEPT: dict[tuple[str, str], Snapshot] = {}


def filled(database: Database, name: str, make: Callable[[], Any], index: Path | None = None) -> Any:
    """Fill the empty database by ``make``, or as it was filled at first; return what ``make`` returned then.

    With ``index``, the folder of the search index is brought back too.
    """
    key = (str(database.engine.url), name)
    if key not in _KEPT:
        _KEPT[key] = Snapshot(make(), clock.now())
        _take(database, _KEPT[key], index)
    else:
        _lay_out(database, _KEPT[key], index)
    return _KEPT[key].thing


def _take(database: Database, kept: Snapshot, index: Path | None) -> None:
    with database.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            rows = [dict(row._mapping) for row in connection.execute(select(table))]
            if rows:
                kept.rows.append((table, rows))
    if index is not None:
        kept.index = {str(path.relative_to(index)): path.read_bytes() for path in _files(index)}


def _lay_out(database: Database, kept: Snapshot, index: Path | None) -> None:
    with _writing(database) as connection:
        for table, rows in kept.rows:
            if table is Job.__table__:  # waiting jobs are due as soon as they were in the world that was made
                passed = clock.now() - kept.made_at
                rows = [{**row, "due_at": row["due_at"] + (timedelta() if row["done_at"] else passed)} for row in rows]
            connection.execute(insert(table), rows)
    if index is not None and not _same(index / POINTER, kept.index[POINTER]):
        for name in sorted(kept.index, key=lambda one: one == POINTER):  # what it points to comes first
            path = index / name
            path.parent.mkdir(mode=0o700, exist_ok=True)
            fresh = path.with_name(path.name + ".new")
            fresh.touch(mode=0o600)
            fresh.write_bytes(kept.index[name])
            fresh.replace(path)


def _files(index: Path) -> Iterator[Path]:
    yield index / POINTER
    yield from (path for path in index.glob("g-*/*") if path.is_file())


def _same(path: Path, content: bytes) -> bool:
    return path.exists() and path.read_bytes() == content


@contextmanager
def _writing(database: Database) -> Iterator[Connection]:
    with database.engine.connect().execution_options(portal_writing=True) as connection, connection.begin():
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        yield connection
