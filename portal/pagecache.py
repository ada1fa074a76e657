"""Ready-made answers for anonymous readers, kept in memory by content version, never by time alone."""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session
from werkzeug.http import is_resource_modified

from portal import clock
from portal.db import Database

Environ = dict[str, Any]
StartResponse = Callable[..., Any]

MOST_BYTES = 32_000_000


class ContentVersion:
    """Names the state of all public content at this moment: its version and how many moments have passed.

    The version row is read on every call, past the ORM since this stands in front of every page; the scheduled
    moments only when the version has changed.
    """

    def __init__(
        self, database: Database, list_moments: Callable[[Session], Iterable[datetime]],
        now: Callable[[], datetime] | None = None,
    ) -> None:  # fmt: skip
        self.database = database
        self.list_moments = list_moments
        self.now = now
        self.moments: tuple[int, list[datetime]] = (-1, [])
        self.local = threading.local()

    def __call__(self) -> Hashable:
        """Return the state's name."""
        number = self._read()
        known, moments = self.moments
        if known != number:
            with self.database.open() as session:
                moments = sorted(set(self.list_moments(session)))
            self.moments = (number, moments)
        return number, bisect_right(moments, self.now() if self.now else clock.now())

    def _read(self) -> int:
        if self.database.engine.dialect.name == "sqlite":
            if not hasattr(self.local, "connection"):
                self.local.connection = sqlite3.connect(str(self.database.engine.url.database), isolation_level=None)
            row = self.local.connection.execute("SELECT version FROM content_state WHERE id = 1").fetchone()
        else:
            with self.database.engine.connect() as connection:
                row = connection.exec_driver_sql("SELECT version FROM content_state WHERE id = 1").fetchone()
        return int(row[0]) if row else 0


@dataclass(slots=True)
class Kept:
    """One ready-made answer and the content version it was made from."""

    version: Hashable
    status: str
    headers: list[tuple[str, str]]
    etag: str
    body: bytes


class PageCache:
    """WSGI middleware in front of the application.

    ``version()`` names the state of all public content at this moment, the clock's passed publication moments
    included; an answer made from another version is never given out. Signed-in people pass through.
    """

    def __init__(self, application: Any, cookie: str, version: Callable[[], Hashable]) -> None:
        self.application = application
        self.cookie = cookie + "="
        self.version = version
        self.kept: OrderedDict[tuple[str, str, str, str], Kept] = OrderedDict()
        self.bytes = 0

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer from memory where possible, else ask the application and keep what it marks as keepable."""
        request_id = secrets.token_hex(8)
        environ["portal.request_id"] = request_id
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return self._pass(environ, start_response, request_id)
        version = environ["portal.version"] = self.version()
        if self.cookie in environ.get("HTTP_COOKIE", ""):
            return self._pass(environ, start_response, request_id)
        key = (
            environ["PATH_INFO"], environ.get("QUERY_STRING", ""), _encoding(environ),
            environ.get("HTTP_ACCEPT_LANGUAGE", "") if environ["PATH_INFO"].count("/") < 2 else "",
        )  # fmt: skip
        found = self.kept.get(key)
        if found is None or found.version != version:
            if environ["REQUEST_METHOD"] == "HEAD":
                return self._pass(environ, start_response, request_id)
            found, answer = self._ask(environ, version)
            if found is None:
                status, headers, body = answer
                start_response(status, [*headers, ("X-Request-ID", request_id)])
                return body
            self._keep(key, found)
        else:
            self.kept.move_to_end(key)
        if _is_known(environ, found):
            headers = [pair for pair in found.headers if pair[0] not in ("Content-Length", "Content-Type")]
            start_response("304 NOT MODIFIED", [*headers, ("X-Request-ID", request_id)])
            return []
        start_response(found.status, [*found.headers, ("X-Request-ID", request_id)])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [found.body]

    def _pass(self, environ: Environ, start_response: StartResponse, request_id: str) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            kept = [pair for pair in headers if pair[0] != "X-Page-Cache"]
            return start_response(status, [*kept, ("X-Request-ID", request_id)], exc_info)

        answer: Iterable[bytes] = self.application(environ, start)
        return answer

    def _ask(
        self, environ: Environ, version: Hashable
    ) -> tuple[Kept | None, tuple[str, list[tuple[str, str]], Iterable[bytes]]]:
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
            started.append((status, headers))

        answer = self.application(environ, start)
        status, headers = started[-1]
        wanted = any(name == "X-Page-Cache" for name, _ in headers)
        headers = [pair for pair in headers if pair[0] != "X-Page-Cache"]
        if not wanted or any(name == "Set-Cookie" for name, _ in headers):
            return None, (status, headers, answer)
        body = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        etag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
        headers = [pair for pair in headers if pair[0] != "ETag"]
        return Kept(version, status, [*headers, ("ETag", etag)], etag, body), (status, headers, [body])

    def _keep(self, key: tuple[str, str, str, str], page: Kept) -> None:
        old = self.kept.pop(key, None)
        self.bytes += len(page.body) - (len(old.body) if old else 0)
        self.kept[key] = page
        while self.bytes > MOST_BYTES:
            _, dropped = self.kept.popitem(last=False)
            self.bytes -= len(dropped.body)


def _is_known(environ: Environ, page: Kept) -> bool:
    """Tell whether the asker has this answer already, by its mark or else by the moment of its last change."""
    if not (environ.get("HTTP_IF_NONE_MATCH") or environ.get("HTTP_IF_MODIFIED_SINCE")):
        return False
    changed_at = next((value for name, value in page.headers if name == "Last-Modified"), None)
    return not is_resource_modified(environ, etag=page.etag, last_modified=changed_at)


def _encoding(environ: Environ) -> str:
    accepted = environ.get("HTTP_ACCEPT_ENCODING", "")
    if ";" in accepted:  # weighed, perhaps refused: rare enough for a key of its own
        return accepted
    return "".join(name for name in ("zstd", "br", "gzip") if name in accepted)
