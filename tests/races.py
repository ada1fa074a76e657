"""Two people at once: the second one acts while the first one's transaction is still open."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from portal.db import Database

#: How long the first one takes to finish, in seconds; the second one waits for a lock or runs past.
PAUSE = 0.3


def race(database: Database, first: Callable[[Session], object], second: Callable[[Session], Any]) -> Any:
    """Commit ``first`` while ``second`` is at work; return what the second one returned or the error it raised."""
    found: list[Any] = []

    def act() -> None:
        try:
            with database.transaction() as session:
                found.append(second(session))
        except Exception as error:
            found.append(error)

    thread = threading.Thread(target=act)
    with database.transaction() as session:
        first(session)
        session.flush()
        thread.start()
        thread.join(PAUSE)
    thread.join(30)
    return found[0]
