"""Generations of an index on disk: private directories that never change, and one pointer that names those in use."""

import contextlib
import fcntl
import json
import os
import secrets
import shutil
import stat
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from portal.library.search.port import IndexDamaged, IndexMissing

FORMAT = 12
"""Raised when words, weights or the stored shape change: older indexes are then rebuilt."""

POINTER = "generations.json"
_LOCK = "writer.lock"


@dataclass(frozen=True, slots=True)
class Generation:
    """One state of the index; it may be read from `valid_from` on, or always when that is None."""

    name: str
    valid_from: datetime | None
    files: Mapping[str, tuple[int, int]]
    """Size and CRC-32 of every file, so that damage is seen before it is believed."""


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment


def began(generation: Generation, now: datetime) -> bool:
    """Tell whether a generation may be read at this moment."""
    return generation.valid_from is None or generation.valid_from <= now


def age(generation: Generation) -> tuple[bool, float]:
    """Order generations from the oldest to the newest."""
    moment = generation.valid_from
    return (moment is not None, moment.timestamp() if moment else 0.0)


def _check_private(folder: Path) -> None:
    """Refuse a folder that others could write to: the index format runs code when it is read."""
    found = folder.stat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise IndexDamaged(f"{folder.name} is not a private folder of this user")


def _fsync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class Shelf:
    """The folder that holds all generations."""

    def __init__(self, root: Path) -> None:
        """Name the folder; it is made on the first write only."""
        self.root = root
        self._read: tuple[tuple[int, int, int], tuple[Generation, ...]] | None = None
        self._sound: dict[tuple[int, int, int], int] = {}

    @property
    def pointer(self) -> Path:
        """The file that names the generations in use."""
        return self.root / POINTER

    def folder(self, name: str) -> Path:
        """Give the directory of a generation."""
        return self.root / name

    def generations(self) -> tuple[Generation, ...]:
        """Give all generations, oldest first.

        Raises IndexMissing when there is no pointer or one of another format, IndexDamaged when it cannot be read.
        """
        try:
            found = self.pointer.stat()
            mark = (found.st_mtime_ns, found.st_ino, found.st_size)
            if self._read and self._read[0] == mark:
                return self._read[1]
            _check_private(self.root)
            told = json.loads(self.pointer.read_bytes())
            if told["format"] != FORMAT:
                raise IndexMissing("the index has another format")
            read = tuple(
                Generation(
                    name=one["name"],
                    valid_from=_moment(one["valid_from"]),
                    files={name: (size, check) for name, (size, check) in one["files"].items()},
                )
                for one in told["generations"]
            )
        except FileNotFoundError as error:
            raise IndexMissing("no index was built yet") from error
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise IndexDamaged("the pointer cannot be read") from error
        read = tuple(sorted(read, key=age))
        self._read = (mark, read)
        return read

    def current(self, now: datetime) -> Generation:
        """Give the newest generation that has begun; raises IndexMissing when there is none."""
        for generation in reversed(self.generations()):
            if began(generation, now):
                return generation
        raise IndexMissing("no generation has begun")

    def check(self, generation: Generation) -> None:
        """Raise FileNotFoundError or IndexDamaged when the files are not those that were written."""
        folder = self.folder(generation.name)
        _check_private(folder)
        sound: dict[tuple[int, int, int], int] = {}
        for name, (size, check) in generation.files.items():
            found = (folder / name).stat()
            # Generations share files: what was read and found sound is not read again while it stays untouched.
            mark = (found.st_ino, found.st_mtime_ns, found.st_size)
            if self._sound.get(mark) != check:
                content = (folder / name).read_bytes()
                if len(content) != size or zlib.crc32(content) != check:
                    raise IndexDamaged(f"{generation.name}/{name} was changed or cut")
            sound[mark] = check
        self._sound = sound

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Let one process write at a time; the lock falls when its holder dies, and what it left is removed."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.root.chmod(0o700)
        handle = os.open(self.root / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            with contextlib.suppress(IndexMissing, IndexDamaged):
                self._sweep(self.generations())
            yield
        finally:
            os.close(handle)

    def begin(self, base: Generation | None = None, skip: Iterable[str] = ()) -> Path:
        """Make a new private directory, with the files of another generation linked into it."""
        folder = self.root / f"g-{secrets.token_hex(8)}"
        folder.mkdir(mode=0o700)
        if base:
            for name in set(base.files) - set(skip):
                source = self.folder(base.name) / name
                try:
                    os.link(source, folder / name)
                except OSError:
                    shutil.copy2(source, folder / name)
        return folder

    def seal(self, folder: Path, valid_from: datetime | None, base: Generation | None = None) -> Generation:
        """Bring a directory safely to disk and describe it."""
        files: dict[str, tuple[int, int]] = {}
        for path in sorted(folder.iterdir()):
            if path.name.endswith("WRITELOCK"):
                path.unlink()
                continue
            known = base.files.get(path.name) if base else None
            if known and path.stat().st_nlink > 1 and path.stat().st_size == known[0]:
                files[path.name] = known
                continue
            path.chmod(0o600)
            _fsync(path)
            content = path.read_bytes()
            files[path.name] = (len(content), zlib.crc32(content))
        _fsync(folder)
        return Generation(folder.name, valid_from, files)

    def publish(self, generations: Iterable[Generation]) -> None:
        """Put new generations in place of all old ones at once, then remove directories no longer named."""
        kept = sorted(generations, key=age)
        told = {
            "format": FORMAT,
            "generations": [
                {
                    "name": one.name,
                    "valid_from": one.valid_from.isoformat() if one.valid_from else None,
                    "files": one.files,
                }
                for one in kept
            ],
        }
        fresh = self.root / f"{POINTER}.new"
        fresh.write_text(json.dumps(told), encoding="utf-8")
        fresh.chmod(0o600)
        _fsync(fresh)
        fresh.replace(self.pointer)
        _fsync(self.root)
        self._read = None
        self._sweep(kept)

    def _sweep(self, kept: Iterable[Generation]) -> None:
        names = {one.name for one in kept}
        for folder in self.root.glob("g-*"):
            if folder.name not in names:
                shutil.rmtree(folder, ignore_errors=True)
