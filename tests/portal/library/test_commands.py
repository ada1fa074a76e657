"""The library's commands: rebuild, verify, search."""

from __future__ import annotations

import json
import shutil

import pytest
from flask import Flask
from sqlalchemy import delete

from portal import clock
from portal.db import Database
from portal.library import finding, queries
from portal.library.actions import cases as actions
from portal.library.copies import Telling
from portal.library.models import Case, CaseVersion
from portal.library.search.port import Holding, SearchQuery
from tests.portal.library.conftest import publish


def test_verify_names_differences_and_reindex_mends_them(library: Database, app: Flask) -> None:
    runner = app.test_cli_runner()
    assert runner.invoke(args=["library", "verify"]).output == "0 differences\n"
    with library.transaction() as session:
        actions.withdraw_case(session, session.get_one(Case, "sscp-2024-baguio"), reason="", by=None, now=clock.now())

    bad = runner.invoke(args=["library", "verify"])
    assert (bad.exit_code, bad.output) == (1, "now: sscp-2024-baguio should not be there\n1 differences\n")

    assert runner.invoke(args=["library", "reindex"]).output.startswith("79 cases")
    assert runner.invoke(args=["library", "verify"]).exit_code == 0


def test_a_lost_index_is_named_and_mended(library: Database, app: Flask) -> None:
    site = app.extensions["portal"]
    shutil.rmtree(site.settings.index / finding.FOLDER)
    runner = app.test_cli_runner()

    assert runner.invoke(args=["library", "verify"]).exit_code == 1
    runner.invoke(args=["library", "reindex"])
    assert runner.invoke(args=["library", "verify"]).exit_code == 0


def test_search_reads_one_question_a_line(library: Database, app: Flask) -> None:
    asked = "바기오\nReykjavik\n" + "a" * 2001 + "\n"
    result = app.test_cli_runner().invoke(args=["library", "search", "--lang", "ko", "--json", "--stdin"], input=asked)

    lines = [json.loads(line) for line in result.output.splitlines()]
    assert [line.get("total") for line in lines] == [2, 1, None]
    assert lines[0]["items"][0]["field"] == "title"
    assert "error" in lines[2]


@pytest.mark.parametrize("letter", ["\\u0000", "\\ud800"])
def test_letters_that_no_database_keeps_are_not_imported(app: Flask, database: Database, letter: str) -> None:
    with database.open() as session:
        assert queries.get_holding(session, now=clock.now()) == Holding.of({})
    record = '[{"id": "x", "title_en": "a%sb"}]' % letter  # noqa: UP031
    result = app.test_cli_runner().invoke(args=["library", "import", "-"], input=record)
    assert (result.exit_code, "The file is no JSON" in result.output) == (1, True)


def test_a_library_that_was_emptied_and_filled_again_is_indexed_anew(database: Database, app: Flask) -> None:
    finder = finding.finder_at(app.extensions["portal"].settings)

    def fill(title: str) -> None:
        publish(database, id="same", result=False, texts={"en": Telling(title, "")})
        with database.open() as session:
            marked = queries.get_holding(session, now=clock.now())
            assert marked == Holding.of(queries.get_versions(session, now=clock.now()))

    def find(word: str) -> tuple[int, bool]:
        with database.open() as session:
            page = finder.find(session, SearchQuery(word), now=clock.now()).page
            return page.total, page.from_database

    fill("Ferries")
    finding.follow(database, finder.engine, clock.now())
    assert (find("ferries"), find("gardens")) == ((1, False), (0, False))
    with database.transaction() as session:
        session.execute(delete(CaseVersion))
        session.delete(session.get_one(Case, "same"))
    fill("Gardens")
    assert (find("ferries"), find("gardens")) == ((0, True), (1, True))  # the index holds another library
    (fault,) = finding.list_differences(database, finder.engine, clock.now())
    assert fault == "now: same is version 1, not 1 as last written"
    finding.follow(database, finder.engine, clock.now())
    assert (find("ferries"), find("gardens")) == ((0, False), (1, False))
    assert finding.list_differences(database, finder.engine, clock.now()) == []
