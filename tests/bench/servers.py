"""Servers for the bench: each in processes of its own on a free port, with a fresh instance, ended by its own id."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil

from portal.config import ROOT

WORKERS = 2


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def server(target: str, environ: Mapping[str, str], path: str, *, factory: bool = False) -> Iterator[tuple[int, int]]:
    """Serve a WSGI application with the production server; gives its port and process id."""
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
               "--workers", str(WORKERS), "--blocking-threads", "1", "--no-ws", "--log-level", "error",
               *(["--factory"] if factory else []), target]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environ}, stderr=subprocess.DEVNULL)
    try:
        for _ in range(240):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2).read()
                break
            except OSError:
                time.sleep(0.25)
        else:
            raise RuntimeError(f"{target} does not answer.")
        yield port, process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)


def unique_megabytes(pid: int) -> list[float]:
    """Return the memory that each worker holds for itself alone (USS), in megabytes."""
    children = psutil.Process(pid).children(recursive=True)
    return [child.memory_full_info().uss / 1e6 for child in children]


@contextmanager
def instance(*commands: list[str]) -> Iterator[Path]:
    """Make a fresh instance by commands of ``flask``; it is removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        for command in commands:
            flask(folder, command)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def flask(folder: Path, command: list[str]) -> str:
    """Run one command of ``flask`` on an instance; return what it printed."""
    environ = {**os.environ, "PORTAL_INSTANCE": str(folder), "DEMONSTRATION": "1"}
    environ.pop("DATABASE_URL", None)
    done = subprocess.run(
        [sys.executable, "-m", "flask", *command], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"flask {' '.join(command)}: {done.stderr[-2000:]}")
    return done.stdout
