"""A writer killed at any moment beside two readers: nothing committed is lost, no page fails, no lock stays behind."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from portal import clock
from portal.config import ROOT, Settings
from portal.db import Database
from portal.library import finding
from portal.library.search.port import MOST_PER_PAGE, SearchQuery

CHANGES, LONGEST = (10_000, 20.0) if os.environ.get("SOAK") else (6, 1.0)
SEED = int(os.environ.get("SOAK_SEED", "1"))


def start(settings: Settings, *arguments: str) -> subprocess.Popen[str]:
    environ = {**os.environ, "PORTAL_INSTANCE": str(settings.instance), "DATABASE_URL": settings.database_url}
    environ["LOG_LEVEL"] = "ERROR"
    return subprocess.Popen(
        [sys.executable, "-m", "tests.portal.library.search.changer", *arguments],
        cwd=ROOT, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def new_reader(settings: Settings) -> finding.Finder:
    """Open the index as a process does that has just begun."""
    return finding.Finder(settings.index / finding.FOLDER)


def find(finder: finding.Finder, database: Database, text: str) -> tuple[set[str], bool]:
    """Give the ids found by a reader, and whether the database had to answer."""
    with database.open() as session:
        page = finder.find(session, SearchQuery(text, per_page=MOST_PER_PAGE), now=clock.now()).page
    return {hit.id for hit in page.hits}, page.from_database


@pytest.mark.heavy
def test_a_killed_writer_loses_nothing_that_was_committed(
    app: Flask, database: Database, settings: Settings, counted: Callable[[str], None]
) -> None:
    chance = random.Random(SEED)
    standing: dict[str, str] = {}
    withdrawn: dict[str, str] = {}
    changes = rounds = 0
    readers = [start(settings, "read", name) for name in ("r", "s")]
    try:
        for reader in readers:
            assert reader.stdout
            assert reader.stdout.readline() == "ready\n"
        while changes < CHANGES or rounds < 3:  # a writer never comes to its end: each is killed at work
            writer = start(settings, "write", f"n{rounds}", str(chance.randrange(10**6)), str(10 * CHANGES))
            assert writer.stdout
            lines = [writer.stdout.readline()]
            time.sleep(chance.uniform(0.0, LONGEST))
            writer.send_signal(signal.SIGKILL)
            lines += writer.stdout.read().splitlines(keepends=True)  # communicate() forgets what was read ahead
            writer.communicate()
            for line in lines:
                if line.endswith("\n"):  # an unfinished last line was not acknowledged
                    sign, case_id, word = line.split()
                    changes += 1
                    if sign == "-":
                        withdrawn[case_id] = standing.pop(case_id)
                    else:
                        standing[case_id] = word
            rounds += 1
            finder = new_reader(settings)
            for case_id in chance.sample(list(standing), min(3, len(standing))):  # found even before any repair
                assert case_id in find(finder, database, standing[case_id])[0]
        pages = []
        for reader in readers:
            output, _ = reader.communicate("stop\n")
            lines = output.splitlines()
            assert [line for line in lines if line.startswith("error ")] == []
            pages.append(int(lines[-1].removeprefix("pages ")))
    finally:
        for process in readers:
            process.kill()
            process.communicate()

    finder = new_reader(settings)
    engine = finder.engine
    finding.follow(database, engine, clock.now())  # waits for ever if a lock stayed behind
    assert finding.list_differences(database, engine, clock.now()) == []
    folders = {path.name for path in engine.shelf.root.glob("g-*")}
    assert folders == {one.name for one in engine.shelf.generations()}
    assert len(engine.versions(engine.shelf.current(clock.now()))) >= len(standing)
    for case_id, word in chance.sample(list(standing.items()), min(300, len(standing))):
        assert find(finder, database, word) == ({case_id}, False)
    for case_id, word in withdrawn.items():
        assert case_id not in find(finder, database, word)[0]
    assert min(pages) > 0
    counted(f"{changes} changes in {rounds} rounds, pages read meanwhile: {pages}, seed {SEED}")


def test_a_cut_index_is_answered_by_the_database_and_built_again(
    app: Flask, database: Database, settings: Settings
) -> None:
    writer = start(settings, "write", "cut", "1", "6")
    output, _ = writer.communicate()
    acknowledged = [line.split() for line in output.splitlines()]
    gone = {case_id for sign, case_id, _ in acknowledged if sign == "-"}
    (case_id, word) = next((one, word) for sign, one, word in acknowledged if sign == "+" and one not in gone)
    finder = new_reader(settings)
    for path in Path(finder.engine.shelf.root).glob("g-*/*.seg"):
        os.truncate(path, path.stat().st_size // 3)

    with database.open() as session:
        page = finder.find(session, SearchQuery(word), now=clock.now(), mend=database).page
        assert (page.from_database, [hit.id for hit in page.hits]) == (True, [case_id])
        for _ in range(100):
            page = finder.find(session, SearchQuery(word), now=clock.now(), mend=database).page
            if not page.from_database:
                break
            time.sleep(0.05)
    assert (page.from_database, [hit.id for hit in page.hits]) == (False, [case_id])
