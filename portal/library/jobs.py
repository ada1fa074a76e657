"""Background work of the library: the index follows the database, and texts get their meaning."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from portal import jobs
from portal.config import Settings
from portal.db import Database
from portal.jobs import Handler
from portal.library.actions import INDEX_JOB
from portal.library.finding import finder_at, follow, remember_meanings
from portal.library.saved.searches import handlers as saved_handlers
from portal.library.search import crosslingual

#: The job that makes vectors of texts.
MEANING_JOB = "library.meaning"
#: Texts of one job, some seconds of work, and the pause before it, so that the index comes first.
TEXTS_AT_ONCE, PAUSE = 100, timedelta(seconds=5)


def handlers(settings: Settings) -> dict[str, Handler]:
    """Return the library's jobs."""

    def plan(database: Database, now: datetime) -> None:
        if crosslingual.is_installed():
            with database.transaction() as session:
                jobs.enqueue(session, MEANING_JOB, {}, due_at=now + PAUSE, key="meaning")

    def index(database: Database, payload: Mapping[str, Any], now: datetime) -> None:
        follow(database, finder_at(settings).engine, now)
        plan(database, now)

    def meaning(database: Database, payload: Mapping[str, Any], now: datetime) -> None:
        answer_meanings(settings)
        if remember_meanings(database, finder_at(settings).encoder, TEXTS_AT_ONCE):
            plan(database, now)

    return {INDEX_JOB: index, MEANING_JOB: meaning, **saved_handlers(settings)}


def answer_meanings(settings: Settings) -> None:
    """Let this process hold the model and answer the others; for the one that does the jobs."""
    finder = finder_at(settings)
    if not isinstance(finder.encoder, crosslingual.LocalEncoder):
        finder.encoder = crosslingual.LocalEncoder()
        crosslingual.listen(finder.root, finder.encoder)
