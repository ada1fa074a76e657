"""The site with its real content, and windows of different people that notice every error of a script."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page

from portal import clock, seed
from portal.db import Database
from tests import live
from tests.snapshots import filled


def fill(database: Database) -> None:
    """Load the real content."""
    with database.transaction() as session:
        seed.load(session, now=clock.now(), demonstration=False)


@pytest.fixture
def site(app: Flask, database: Database) -> Iterator[str]:
    """The address of a running site with the real content."""
    filled(database, "content", lambda: fill(database))
    with live.serving(app) as address:
        yield address


@pytest.fixture
def open_window(chromium: Browser, site: str) -> Iterator[Callable[..., Page]]:
    """Open windows of different people; at the end no window may have met an error."""
    troubles: list[str] = []
    contexts: list[BrowserContext] = []

    def open_one(**options: object) -> Page:
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 900}, "base_url": site, **options})
        context.set_default_timeout(15_000)
        context.add_init_script(path=live.AXE)
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console", lambda m: troubles.append(f"{page.url}: {m.text}") if m.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: troubles.append(f"{page.url}: {error}"))
        return page

    yield open_one
    for context in contexts:
        context.close()
    # A page answered 404 or 422 on purpose is logged by the browser as a failed load.
    assert [trouble for trouble in troubles if "status of 4" not in trouble] == []
