"""Running the site: the web server as child processes, the job worker in this one, one signal for both."""

from __future__ import annotations

import fcntl
import ipaddress
import logging
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from portal import clock, jobs
from portal.config import ROOT
from portal.db import Database
from portal.jobs import Handler
from portal.web import Portal

log = logging.getLogger("portal.serving")

#: Pause of an idle worker, in seconds: a published case is searchable within a second.
PAUSE = 0.25

#: How long requests at hand may take after the signal to end.
SECONDS_TO_END = 10


@contextmanager
def hold(instance: Path, *, alone: bool = False) -> Iterator[None]:
    """Hold an instance folder while working in it: web server and workers beside each other, a restore alone.

    Raises BlockingIOError when somebody else holds it in a way that excludes this one. A process that dies lets go.
    """
    with open(instance / "in_use", "ab") as mark:
        fcntl.flock(mark, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        yield


class Stop:
    """A wish to end that a signal may bring at any moment.

    Not an Event: the thread that a signal interrupts may hold the lock of an Event, which ``set`` would wait for.
    """

    def __init__(self) -> None:
        self._asked = False
        self._heard, self._said = os.pipe()

    def set(self) -> None:
        """Ask for the end."""
        self._asked = True
        os.write(self._said, b".")

    def is_set(self) -> bool:
        """Tell whether the end was asked for."""
        return self._asked

    def wait(self, seconds: float) -> None:
        """Wait so long, or until the end is asked for."""
        select.select([self._heard], [], [], seconds)


def work_until_stopped(
    database: Database, handlers: Mapping[str, Handler], stop: Stop | threading.Event | None = None
) -> None:
    """Do jobs as they fall due until a signal (or ``stop``) says enough; the job at hand is finished first."""
    stop = stop or _stop_on_signal()
    while not stop.is_set():
        try:
            done = jobs.run_due(database, handlers, clock.now, most=50)
        except Exception as problem:  # the database may be away for a moment: the worker must outlive that
            log.error("the worker lost the database: %s", problem)
            done = 0
            stop.wait(2)
        if not done:
            stop.wait(PAUSE)


def serve(site: Portal, handlers: Mapping[str, Handler]) -> None:
    """Start the web server, work beside it, and end both together."""
    settings = site.settings
    host = os.environ.get("HOST", "127.0.0.1")
    if settings.demonstration and not ipaddress.ip_address(host).is_loopback:
        raise SystemExit("Demonstration accounts are for this machine only: unset DEMONSTRATION or HOST.")
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(settings.port),
        "--workers", str(settings.workers), "--blocking-threads", "1", "--no-ws", "--log-level", "warning",
        "--respawn-failed-workers", "wsgi:app",
    ]  # fmt: skip
    # A group of its own: Ctrl-C in a terminal reaches this process alone, which then asks the web server once.
    web = subprocess.Popen(command, cwd=ROOT, start_new_session=True)
    stop = _stop_on_signal()
    watcher = threading.Thread(target=_stop_with, args=(web, stop), daemon=True)
    watcher.start()
    try:
        work_until_stopped(site.database, handlers, stop)
    finally:
        code = _end(web)
    if code not in (0, -signal.SIGTERM):
        raise SystemExit(f"The web server ended with {code}.")


def _end(web: subprocess.Popen[bytes]) -> int:
    """Ask the web server to end; one that was told while its workers were starting may never hear it."""
    if web.poll() is None:
        web.send_signal(signal.SIGTERM)
    try:
        return web.wait(timeout=SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        os.killpg(web.pid, signal.SIGKILL)
        web.wait()
        return -signal.SIGTERM


def _stop_with(web: subprocess.Popen[bytes], stop: Stop) -> None:
    web.wait()
    stop.set()


def _stop_on_signal() -> Stop:
    stop = Stop()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    return stop
