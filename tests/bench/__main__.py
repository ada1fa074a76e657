"""Prints the project's figures: python -m tests.bench [NAME]."""

from __future__ import annotations

import os
import platform
import sys

from portal import logs
from tests.bench import pages, quality, search

BENCHES = {
    "pages": lambda: print(pages.show(pages.run())),
    "search": search.run,
    "quality": lambda: print(quality.show()),
}


def main() -> None:
    """Run all benches, or the one that is named."""
    logs.configure(level="WARNING")
    names = sys.argv[1:] or list(BENCHES)
    for name in names:
        if name not in BENCHES:
            sys.exit(f"There is no bench {name!r}. There are: {', '.join(BENCHES)}.")
    print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    for name in names:
        print(f"## {name}\n")
        BENCHES[name]()
        print()


if __name__ == "__main__":
    main()
