"""axe-core on every page, each as the person it is for: no violation.

In ``make test`` every page is looked at in one of the two languages, in ``make soak`` in both.
"""

from __future__ import annotations

import os
from zlib import crc32

import pytest
from flask import Flask
from playwright.sync_api import Browser

from portal.db import Database
from tests import live
from tests.house import handbook, rounds, world

pytestmark = [pytest.mark.browser, pytest.mark.heavy]
LANGUAGES = ("en", "ko")
KINDS = ("anonymous", "applicant", "judge", "secretariat", "administrator")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_nothing(app: Flask, database: Database, chromium: Browser, kind: str, language: str) -> None:
    small_world = world.build_or_bring(app, database)
    client = rounds.client_of(app, small_world.people[kind])
    opens = handbook.read_access()  # true by a test of its own
    paths = []
    for rule in rounds.addresses(app):
        doors = opens.get((rule.endpoint, "GET"))
        if doors is None or rule.endpoint == "static_file":
            continue
        if next((one for one in KINDS if doors[one] == rounds.ALLOWED), None) != kind:
            continue
        if not os.environ.get("SOAK") and LANGUAGES[crc32(rule.endpoint.encode()) % 2] != language:
            continue
        path = rounds.path_of(app, rule, small_world, language)
        answer = client.get(path)
        answer.close()
        if answer.status_code == 200 and answer.mimetype == "text/html":
            paths.append(path)
    assert paths
    violations = []
    with live.serving(app) as address:
        context = chromium.new_context(viewport={"width": 1280, "height": 900}, base_url=address)
        context.add_init_script(path=live.AXE)
        cookie = client.get_cookie("session", domain="localhost")
        if cookie is not None:
            context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
        page = context.new_page()
        for path in paths:
            page.goto(path)
            violations += [f"{path}: {one}" for one in live.violations_on(page)]
        context.close()
    assert violations == []
