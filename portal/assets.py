"""Static files under addresses that carry their checksum; all stylesheets go over the wire as one."""

from __future__ import annotations

import hashlib
from pathlib import Path

from portal.config import ROOT

STATIC = ROOT / "static"
STYLESHEET = "portal.css"
_ORDER = ("tokens.css", "base.css", "layout.css", "components", "print.css")
FOREVER = "public, max-age=31536000, immutable"


class Assets:
    """The site's static files as they were at the start: name → address and bytes."""

    def __init__(self, folder: Path = STATIC) -> None:
        self.content: dict[str, bytes] = {STYLESHEET: _stylesheet(folder / "css")}
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            if path.is_file() and not name.startswith("css/"):
                self.content[name] = path.read_bytes()
        self.hashes = {name: hashlib.sha256(body).hexdigest()[:12] for name, body in self.content.items()}

    def address(self, name: str) -> str:
        """Return the address of a file; raise KeyError for one that does not exist.

        The hash is a folder, so that a script's relative imports stay within one version of all files.
        """
        if name not in self.hashes:
            raise KeyError(f"There is no static file {name!r}.")
        version = self.hashes[name] if name == STYLESHEET else self.version
        return f"/static/{version}/{name}"

    @property
    def version(self) -> str:
        """The checksum of all files together."""
        return hashlib.sha256("".join(sorted(self.hashes.values())).encode()).hexdigest()[:12]


def _stylesheet(folder: Path) -> bytes:
    parts: list[bytes] = []
    for name in _ORDER:
        path = folder / name
        files = sorted(path.glob("*.css")) if path.is_dir() else [path] if path.exists() else []
        parts += [file.read_bytes() for file in files]
    return b"\n".join(parts)
