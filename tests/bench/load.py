"""A load client: keep-alive connections on one core, answers read whole, times by request."""

from __future__ import annotations

import selectors
import socket
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Figures:
    """What one run measured: requests per second, milliseconds, bytes of one answer on the wire, answers not 2xx/3xx."""

    rate: float
    p50: float
    p95: float
    bytes: int
    bad: int


def request(path: str, *, host: str = "127.0.0.1", cookie: str = "", encoding: str = "zstd, br, gzip", body: bytes = b"",
            kind: str = "application/x-www-form-urlencoded") -> bytes:  # fmt: skip
    """Return one HTTP request as bytes."""
    head = [f"{'POST' if body else 'GET'} {path} HTTP/1.1", f"Host: {host}", f"Accept-Encoding: {encoding}"]
    if cookie:
        head.append(f"Cookie: {cookie}")
    if body:
        head += [f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
    return ("\r\n".join(head) + "\r\n\r\n").encode() + body


class _Connection:
    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.begun = 0.0
        self.buffer = b""

    def send(self, payload: bytes) -> None:
        self.begun = time.perf_counter()
        self.buffer = b""
        self.socket.sendall(payload)

    def receive(self) -> tuple[int, int] | None:
        """Return (status, size) when the answer is whole."""
        chunk = self.socket.recv(1 << 18)
        if not chunk:
            raise ConnectionError("the server closed the connection")
        self.buffer += chunk
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return None
        head = self.buffer[:end].lower()
        at = head.find(b"content-length:")
        if at < 0:
            whole = self.buffer.endswith(b"0\r\n\r\n") or b"transfer-encoding" not in head
        else:
            whole = len(self.buffer) - end - 4 >= int(head[at + 15 :].split(b"\r\n", 1)[0])
        return (int(self.buffer[9:12]), len(self.buffer)) if whole else None


def run(
    port: int, next_request: Callable[[], bytes], *, connections: int = 4, seconds: float = 2.0, most: int = 50_000
) -> Figures:
    """Measure twice and give the faster: of the few connections, all may fall to one of the server's processes."""
    return max((_run(port, next_request, connections, seconds, most) for _ in range(2)), key=lambda one: one.rate)


def _run(port: int, next_request: Callable[[], bytes], connections: int, seconds: float, most: int) -> Figures:
    """Send requests over some connections for a time; the first tenth warms up and is not counted."""
    chooser = selectors.DefaultSelector()
    for _ in range(connections):
        connection = _Connection(port)
        chooser.register(connection.socket, selectors.EVENT_READ, connection)
        connection.send(next_request())
    times: list[float] = []
    size = bad = 0
    start = time.perf_counter()
    warm = start + seconds / 10
    counted = 0
    while (present := time.perf_counter()) < start + seconds and len(times) < most:
        for key, _ in chooser.select(timeout=5):
            connection = key.data
            answer = connection.receive()
            if answer is None:
                continue
            status, size = answer
            bad += not 200 <= status < 400
            if present >= warm:
                counted += 1
                times.append((time.perf_counter() - connection.begun) * 1000)
            connection.send(next_request())
    elapsed = time.perf_counter() - max(start, warm)
    for key in list(chooser.get_map().values()):
        key.data.socket.close()
    chooser.close()
    times.sort()
    return Figures(counted / elapsed, statistics.median(times), times[int(len(times) * 0.95)], size, bad)


def same(payload: bytes) -> Callable[[], bytes]:
    """Return the same request again and again."""
    return lambda: payload


def each(payloads: list[bytes]) -> Callable[[], bytes]:
    """Return one request after the other, over and over."""

    def turn() -> Iterator[bytes]:
        while True:
            yield from payloads

    source = turn()
    return lambda: next(source)
