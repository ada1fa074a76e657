"""Processes of the crash test: one that publishes and withdraws cases until it is killed, one that reads all the time."""

from __future__ import annotations

import os
import random
import select
import sys
import time

from portal import clock, logs
from portal.app import create_app
from portal.config import read_settings
from portal.db import Database
from portal.library import finding
from portal.library.actions import cases as actions
from portal.library.copies import Telling
from portal.library.models import Case
from tests.portal.library.conftest import case_copy

#: Seconds in which a reader looks at a page and the others come to their turn.
PAUSE = 0.02 if os.environ.get("SOAK") else 0.1


def write(name: str, seed: int, most: int) -> None:
    """Change the library; each acknowledged change stands alone on a line: + or -, the case and its word."""
    settings = read_settings()
    database = Database(settings.database_url)
    engine = finding.finder_at(settings).engine
    chance = random.Random(seed)
    published: list[tuple[str, str]] = []
    for number in range(most):
        with database.transaction() as session:
            if published and chance.random() < 0.2:
                sign, (case_id, word) = "-", published.pop(chance.randrange(len(published)))
                session.get_one(Case, case_id).withdrawn_at = clock.now()
            else:
                sign, word = "+", f"{name}word{number}"
                told = {"en": Telling(f"The {word} programme", "A boat brings doctors."), "ko": Telling(word, "진료소")}
                case_id = actions.add_case(session, case_copy(texts=told), by=None, now=clock.now()).id
                published.append((case_id, word))
        print(sign, case_id, word, flush=True)
        finding.follow(database, engine, clock.now())


def read(words: str) -> None:
    """Search until a line comes in; print how many pages were asked for, and every answer but 200."""
    logs.configure(level="CRITICAL")  # a pipe that nobody reads would fill with lines about requests, and stop this
    client = create_app(read_settings()).test_client()
    chance = random.Random(words)
    pages = 0
    print("ready", flush=True)
    while not select.select([sys.stdin], [], [], 0)[0]:
        question = chance.choice((f"{words}word{chance.randrange(200)}", "doctors", "진료소", "programme boat", ""))
        response = client.get(f"/en/cases?q={question}&n={pages}")
        pages += 1
        time.sleep(PAUSE)
        if response.status_code != 200:
            print("error", response.status_code, question, flush=True)
    print("pages", pages, flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "write":
        write(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    else:
        read(sys.argv[2])
