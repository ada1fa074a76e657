"""Runs the tests on all cores; says in one line when Chromium is missing (under CI that is a failure)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time

INSTALL = "apt-get install chromium (Debian, Ubuntu) or set CHROMIUM=/path/to/chromium"


def find_chromium() -> str | None:
    """Return the browser that the walks drive."""
    return os.environ.get("CHROMIUM") or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )


def main() -> int:
    """Run pytest; ``--soak`` turns the heavy checks to full count; further arguments go to pytest."""
    arguments = sys.argv[1:]
    environ = dict(os.environ)
    command = [sys.executable, "-m", "pytest", "-n", str(max(2, os.cpu_count() or 2)), "--dist", "worksteal"]
    if "--soak" in arguments:
        arguments.remove("--soak")
        environ["SOAK"] = "1"
        environ.setdefault("SOAK_SEED", str(int(time.time())))
        print(f"soak: seed {environ['SOAK_SEED']}")
        command += ["-m", "heavy"]
    elif "--no-browser" in arguments:
        arguments.remove("--no-browser")
        command += ["-m", "not browser"]
    elif (chromium := find_chromium()) is None:
        print(f"Chromium was not found: the browser walks are left out. To run them: {INSTALL}")
        if environ.get("CI") == "true":
            return 1
        command += ["-m", "not browser"]
    else:
        environ["CHROMIUM"] = chromium
    return subprocess.call(command + arguments, env=environ)


if __name__ == "__main__":
    sys.exit(main())
