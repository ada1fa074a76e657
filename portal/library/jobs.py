"""Background work of the library: the index follows the database, and texts get their meaning."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from portal import jobs
from portal.config import Settings
from portal.db import Database
from portal.jobs import Handler
from portal.library.actions.versions import INDEX_JOB
from portal.library.finding import finder_at, follow, remember_meanings
from portal.library.saved.searches import handlers as saved_handlers
from portal.library.search.encoding import Keeper, RemoteEncoder, models

#: The job that makes vectors of texts.
MEANING_JOB = "library.meaning"
#: Texts of one job, some seconds of work, and the pause before the first, so that the index comes first.
TEXTS_AT_ONCE, PAUSE = 25, timedelta(seconds=5)
#: How many seconds a job waits for a vector.
PATIENCE = 30.0


def handlers(settings: Settings) -> dict[str, Handler]:
    """Return the library's jobs."""

    def index(database: Database, payload: Mapping[str, Any], now: datetime) -> None:
        follow(database, finder_at(settings).engine, now)
        _plan_meanings(database, now + PAUSE)

    def meaning(database: Database, payload: Mapping[str, Any], now: datetime) -> None:
        hold_models(settings)
        if remember_meanings(database, RemoteEncoder(finder_at(settings).root, PATIENCE), TEXTS_AT_ONCE):
            _plan_meanings(database, now)

    return {INDEX_JOB: index, MEANING_JOB: meaning, **saved_handlers(settings)}


@cache
def hold_models(settings: Settings) -> Keeper:
    """Start the process that holds the models, once; for the process that does the jobs."""
    return Keeper(finder_at(settings).root)


def begin(database: Database, settings: Settings, now: datetime) -> None:
    """Start what the library needs while jobs are done: the models, and vectors of texts that have none for them."""
    hold_models(settings)
    _plan_meanings(database, now + PAUSE)


def _plan_meanings(database: Database, due_at: datetime) -> None:
    if models():
        with database.transaction() as session:
            jobs.enqueue(session, MEANING_JOB, {}, due_at=due_at, key="meaning")
