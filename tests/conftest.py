"""One site per test process, emptied between tests; a clock that stands still where a test wants it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium
from sqlalchemy import create_engine, delete, event, text
from sqlalchemy.orm import Session

from portal import clock
from portal.app import create_app
from portal.catalogues import compile_catalogues
from portal.config import Settings, read_settings
from portal.db import Base, Database, begin_writing
from portal.jobs import run_due
from portal.library.jobs import MEANING_JOB
from portal.library.opendata import door
from portal.library.pages import pdf_views
from portal.pagecache import PageCache
from tests import live
from tests.browser import Browser

NOW = datetime(2026, 5, 1, 3, 0, tzinfo=UTC)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what the tests of a soak counted."""
    if os.environ.get("SOAK"):
        for report in terminalreporter.getreports("passed"):
            for name, value in report.user_properties:
                if name == "counted":
                    terminalreporter.write_line(f"{report.nodeid.rpartition('::')[2]}: {value}")


@pytest.fixture
def counted(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Tell what a test counted, for the end of a soak."""
    return partial(record_property, "counted")


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Settings:
    """Settings of this process's own site: SQLite, or a PostgreSQL database of its own under TEST_DATABASE_URL."""
    environ = {
        "PORTAL_INSTANCE": str(tmp_path_factory.mktemp("instance")),
        "SITE_URL": "http://portal.test",
        "PSEUDO_LANGUAGE": "1",
    }
    server = os.environ.get("TEST_DATABASE_URL")
    if server:
        name = f"portal_test_{worker_id}"
        engine = create_engine(server.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
            connection.execute(text(f"CREATE DATABASE {name}"))
        engine.dispose()
        environ["DATABASE_URL"] = server.rpartition("/")[0] + "/" + name
    return read_settings(environ)


@pytest.fixture(scope="session")
def whole_app(settings: Settings) -> Iterator[Flask]:
    """The application of this process."""
    compile_catalogues()
    app = create_app(settings)
    app.testing = True
    database: Database = app.extensions["portal"].database
    if settings.is_sqlite:  # no test cuts the power: waiting for the disk would double their time
        event.listen(database.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    app.extensions["job_handlers"][MEANING_JOB] = lambda *_: None  # seconds of work; its own tests call it themselves
    app.extensions["security"].pwd_context.update(argon2__rounds=1, argon2__memory_cost=64)  # dear hashes cost minutes
    Base.metadata.create_all(database.engine)
    yield app
    database.engine.dispose()


@pytest.fixture
def app(whole_app: Flask) -> Iterator[Flask]:
    """The application with an empty database, emptied again afterwards."""
    yield whole_app
    ready_made = whole_app.wsgi_app
    while not isinstance(ready_made, PageCache):
        ready_made = ready_made.app
    ready_made.kept.clear()
    ready_made.version.moments = (-1, [])
    whole_app.extensions["memory"].forget()
    whole_app.extensions["shared_pages"].forget()
    for pace in (door.PACE, pdf_views.PACE):
        whole_app.extensions[pace].forget()
    database: Database = whole_app.extensions["portal"].database
    with database.engine.connect().execution_options(portal_writing=True) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            names = ", ".join(table.name for table in Base.metadata.sorted_tables)
            connection.execute(text(f"TRUNCATE {names} CASCADE"))
        else:
            for table in reversed(Base.metadata.sorted_tables):
                connection.execute(delete(table))


@pytest.fixture
def database(app: Flask) -> Database:
    """The database of the site."""
    found: Database = app.extensions["portal"].database
    return found


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A writing session for rules, queries and actions, rolled back afterwards."""
    with database.open() as session:
        begin_writing(session)
        yield session
        session.rollback()


@pytest.fixture
def now() -> datetime:
    """The moment at which a test happens."""
    return NOW


@pytest.fixture
def pass_time(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Let the site's clock jump ahead, so that no test waits for a moment or runs a race against it."""
    ahead = timedelta()
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + ahead)

    def jump(by: timedelta) -> None:
        nonlocal ahead
        ahead += by

    return jump


@pytest.fixture
def browser(app: Flask) -> Browser:
    """A client that criticises every page it gets."""
    return Browser(app)


@pytest.fixture
def outbox(app: Flask, settings: Settings) -> Iterator[Path]:
    """The folder in which mails land, empty at the start."""
    settings.outbox.mkdir(exist_ok=True)
    for letter in settings.outbox.iterdir():
        letter.unlink()
    yield settings.outbox


@pytest.fixture
def do_jobs(app: Flask, database: Database):
    """Do the jobs that are due at a moment."""

    def do(moment: datetime = NOW) -> int:
        return run_due(database, app.extensions["job_handlers"], lambda: moment)

    return do


@pytest.fixture(scope="session")
def worker_id(request: pytest.FixtureRequest) -> str:
    """The name of this test process."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """One real browser for all walks of this process."""
    with live.chromium() as browser:
        yield browser
