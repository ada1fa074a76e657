"""Who gets in where: every address tried as every kind of person, compared with the page that documents it.

In ``make test`` every page is criticised in two of three languages, in ``make soak`` in all.
"""

from __future__ import annotations

import os
from zlib import crc32

import pytest
from flask import Flask

from portal.db import Database
from tests.browser import Page, criticise
from tests.house import handbook, rounds, world
from tests.house.world import World


@pytest.fixture
def small_world(app: Flask, database: Database) -> World:
    return world.build_or_bring(app, database)


def test_everybody_gets_what_is_documented(app: Flask, small_world: World) -> None:
    written = (handbook.DOCS / "access.md").read_text(encoding="utf-8")
    assert handbook.access(rounds.matrix(app, small_world)) == written, handbook.AGAIN


LANGUAGES = ("en", "ko", "ar-XB")
SOAK = bool(os.environ.get("SOAK"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["anonymous", "applicant", "judge", "secretariat", "administrator"])
def test_every_page_stands_up_to_criticism(app: Flask, small_world: World, kind: str, language: str) -> None:
    client = rounds.client_of(app, small_world.people[kind])
    faults, refused = [], set()
    for rule in rounds.addresses(app):
        if "GET" not in (rule.methods or ()):
            continue
        if LANGUAGES[crc32(rule.endpoint.encode()) % 3] == language and not SOAK:
            continue
        response = client.get(rounds.path_of(app, rule, small_world, language))
        if response.is_streamed:
            response.close()
        status = response.status_code
        if status >= 400 and (status, "lang" in rule.arguments) in refused:
            continue  # the page of a refusal is the same wherever it comes
        if response.mimetype == "text/html" and status not in (301, 302, 303):
            refused.add((status, "lang" in rule.arguments))
            page = Page(response)
            faults += [f"{rule.endpoint}: {fault}" for fault in criticise(page)]
            tongue = page.soup.html["lang"]
            if "lang" in rule.arguments and tongue != language:
                faults.append(f"{rule.endpoint}: is in {tongue}, not {language}")
    assert faults == []
