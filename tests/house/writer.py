"""A writer to be killed: saves one numbered record after the other and says so only after its commit."""

from __future__ import annotations

import sys

from portal import audit, clock, jobs
from portal.config import read_settings
from portal.db import Database


def main() -> None:
    """Write until killed; each acknowledged number stands alone on a line."""
    name = sys.argv[1]
    database = Database(read_settings().database_url)
    number = 0
    while True:
        with database.transaction() as session:
            audit.note(session, "test.write", f"{name}:{number}", by=None, now=clock.now(), text=f"text {number}")
            jobs.enqueue(session, "test.job", {"name": name, "number": number}, due_at=clock.now())
        print(number, flush=True)
        number += 1


if __name__ == "__main__":
    main()
