"""Writers killed at any moment: no acknowledged write is lost, the chain holds, no lock stays behind."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest
from sqlalchemy import select

from portal import audit, clock
from portal.config import ROOT, Settings
from portal.db import Database
from portal.jobs import Job

ROUNDS = 60 if os.environ.get("SOAK") else 2
SEED = int(os.environ.get("SOAK_SEED", "1"))


@pytest.mark.heavy
def test_acknowledged_writes_survive_kill_9(
    database: Database, settings: Settings, counted: Callable[[str], None]
) -> None:
    chance = random.Random(SEED)
    acknowledged: set[str] = set()
    environ = {**os.environ, "PORTAL_INSTANCE": str(settings.instance), "DATABASE_URL": settings.database_url}
    for round_ in range(ROUNDS):
        names = [f"w{round_}a", f"w{round_}b"]
        writers = [
            subprocess.Popen(
                [sys.executable, "-m", "tests.house.writer", name],
                cwd=ROOT,
                env=environ,
                stdout=subprocess.PIPE,
                text=True,
            )
            for name in names
        ]
        for writer in writers:  # both have begun
            assert writer.stdout is not None
            acknowledged.add(f"{names[writers.index(writer)]}:{int(writer.stdout.readline())}")
        time.sleep(chance.uniform(0.05, 0.6))
        for writer, name in zip(writers, names, strict=True):
            writer.send_signal(signal.SIGKILL)
            assert writer.stdout is not None
            output = writer.stdout.read()  # not communicate(), which forgets what was read ahead of a line
            writer.wait()
            writer.stdout.close()
            lines = output.split("\n")[:-1]  # an unfinished last line was not acknowledged
            acknowledged |= {f"{name}:{int(line)}" for line in lines}
    with database.open() as session:
        written = set(session.scalars(select(audit.AuditEvent.subject)))
        assert acknowledged - written == set()
        count, faults = audit.verify(session)
        assert (count, faults) == (len(written), [])
        jobs_written = session.scalars(select(Job.payload)).all()
        assert {f"{job['name']}:{job['number']}" for job in jobs_written} == written
    with database.transaction() as session:  # nobody holds the lock
        audit.note(session, "test.end", "x:1", by=None, now=clock.now())
    counted(f"{len(acknowledged)} acknowledged writes in {ROUNDS} rounds of two writers, seed {SEED}")
