"""What was made of public content, kept in this process until any of that content changes."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from flask import current_app, request
from markupsafe import Markup

from portal.web import language

#: How many whole pages are kept for signed-in readers.
MOST_PAGES = 300
#: How many things are kept; past that the memory starts anew, so that hostile addresses cannot fill it.
MOST = 10_000
#: The content version of a request, set by ``pagecache`` before the request reads anything.
VERSION = "portal.version"

Thing = TypeVar("Thing")


class Memory:
    """Things by key, for one version of all public content.

    The version is older than everything the request reads, so what is made may be newer than its version, never older.
    """

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self.version: Hashable = None
        self.things: dict[Hashable, Any] = {}

    def forget(self) -> None:
        """Forget everything, as after the database was exchanged."""
        self.version, self.things = None, {}

    def of(self, version: Hashable) -> dict[Hashable, Any]:
        """Return what is kept for a version; what was made from another one is forgotten."""
        if version != self.version or len(self.things) >= self.most:
            self.version, self.things = version, {}
        return self.things

    def recall(self, version: Hashable, key: Hashable, make: Callable[[], Thing]) -> Thing:
        """Return the thing of this key, made now if it is not there."""
        things = self.of(version)
        if key not in things:
            things[key] = make()
        found: Thing = things[key]
        return found


def kept(make: Callable[[], Thing], *key: Hashable) -> Thing:
    """Return something made of public content alone, the same for every reader of this language."""
    version = request.environ.get(VERSION)
    if version is None:  # a POST, or no server in front: nothing vouches for how fresh it is
        return make()
    memory: Memory = current_app.extensions["memory"]
    return memory.recall(version, (language().tag, *key), make)


def kept_block(*key: Hashable, caller: Callable[[], str]) -> Markup:
    """Keep a piece of a page: ``{% call kept("footer") %}…{% endcall %}``; the key names all it depends on."""
    return Markup(kept(caller, "block", *key))
