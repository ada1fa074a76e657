"""Before the publication moment nothing public differs between a world with and a world without a decided winner."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete

from portal import clock
from portal.db import Database
from portal.jobs import Job
from portal.library import finding, queries
from portal.library.jobs import MEANING_JOB
from portal.web import Portal
from tests.browser import Browser
from tests.portal.library.conftest import publish

HOUR = timedelta(hours=1)
SECRET = ("Zanzibar", "잔지바르", "Floating", "떠다니는", "secret-winner", '"TZ"')
QUESTIONS = [
    "",
    "Zanzibar",
    "Zanzibr",
    "잔지바르의",
    "잔지바로",
    "Floating clinic",
    "float*",
    "떠다니는 진료소",
    "2026",
    "-Baguio",
    "clinic OR health",
]
PATHS = [
    *(f"/{tag}/{path}" for tag in ("ko", "en") for path in (
        "", "cases", "cases?sort=title", "cases?year=2026", "cases?country=TZ", "results", "results/2026",
        "results/2026/statistics", "winners", "results.atom", "cases/secret-winner", "call", "notices",
    )),
    *(f"/en/cases?q={question}" for question in QUESTIONS),
    *(f"/api/v1/cases?q={question}&lang=ko" for question in QUESTIONS),
    "/api/v1/cases?per_page=100", "/api/v1/cases?country=TZ", "/c/secret-winner", "/sitemap.xml", "/robots.txt",
    "/healthz", "/readyz",
    *(f"/{tag}/cases.{ending}" for tag in ("ko", "en") for ending in ("csv", "json", "xlsx", "atom")),
    *(f"/en/cases.{ending}?q=Zanzibar" for ending in ("csv", "json", "xlsx", "atom")),
    *(f"/c/secret-winner.{ending}" for ending in ("bib", "ris", "csl.json")),
    *(f"/api/v1/{path}" for path in ("cases/secret-winner", "editions", "statistics", "openapi.json")),
    "/api/v1/suggest?q=Zanz", "/api/v1/suggest?q=Float&lang=ko", "/catalog.ttl", "/catalog.jsonld", "/en/developers",
    *(f"/oai?verb={asked}" for asked in (
        "Identify", "ListSets", "ListRecords&metadataPrefix=oai_dc", "ListIdentifiers&metadataPrefix=oai_dc",
        "ListRecords&metadataPrefix=oai_dc&set=year-2026", "ListRecords&metadataPrefix=oai_dc&from=2026-01-01",
        "GetRecord&metadataPrefix=oai_dc&identifier=oai:portal.test:secret-winner",
    )),
]  # fmt: skip


def look(browser: Browser) -> dict[str, tuple[int, list[tuple[str, str]], bytes]]:
    """Fetch everything and mask exactly Date, request id, and the date of answering that OAI-PMH asks for."""
    answers = {}
    for path in PATHS:
        response = browser.client.get(path)
        masked, body = {"Date", "X-Request-ID"}, response.data
        if path.startswith("/oai"):
            masked.add("ETag")
            body = re.sub(rb"<responseDate>[^<]+</responseDate>", b"", body)
        headers = sorted((name, value) for name, value in response.headers if name not in masked)
        answers[path] = (response.status_code, headers, body)
    return answers


def test_the_two_worlds_look_alike_until_the_moment(
    library: Database, browser: Browser, do_jobs: Callable[[datetime], int], pass_time: Callable[[timedelta], None]
) -> None:
    with library.transaction() as session:  # on a slow machine the real cases would get their meanings in between
        session.execute(delete(Job).where(Job.kind == MEANING_JOB))
    without = look(browser)
    moment = clock.now() + HOUR
    publish(library, id="secret-winner", visible_from=moment)
    not_indexed = look(browser)
    do_jobs(clock.now() + timedelta(seconds=1))
    prepared = look(browser)

    for path in PATHS:
        assert not_indexed[path] == without[path], path
        assert prepared[path] == without[path], path
        if "=" not in path and path not in ("/en/cases/secret-winner", "/ko/cases/secret-winner"):
            assert not any(word.encode() in prepared[path][2] for word in SECRET), path

    pass_time(HOUR)
    now = look(browser)
    for path in ("/en/cases", "/en/results", "/ko/winners", "/en/results.atom", "/en/cases?q=Zanzibar",
                 "/api/v1/cases?q=잔지바르의&lang=ko", "/en/cases/secret-winner", "/en/cases.csv", "/ko/cases.json",
                 "/en/cases.atom", "/en/cases.atom?q=Zanzibar", "/c/secret-winner.bib", "/c/secret-winner.ris",
                 "/c/secret-winner.csl.json", "/api/v1/cases/secret-winner",
                 "/oai?verb=ListRecords&metadataPrefix=oai_dc&set=year-2026"):  # fmt: skip
        assert b"secret-winner" in now[path][2], path
    assert now["/c/secret-winner"][0] == 302
    for path in ("/api/v1/statistics", "/api/v1/editions", "/en/cases.xlsx", "/catalog.ttl", "/oai?verb=ListSets"):
        assert now[path] != without[path], path
    assert b"renewed" not in now["/en/cases?q=Zanzibar"][2]


def test_without_a_prepared_index_the_moment_is_kept_all_the_same(
    library: Database, browser: Browser, pass_time: Callable[[timedelta], None]
) -> None:
    publish(library, id="secret-winner", visible_from=clock.now() + HOUR)
    assert browser.client.get("/api/v1/cases?q=Zanzibar").get_json()["total"] == 0

    pass_time(HOUR)

    assert b"secret-winner" in browser.client.get("/en/cases?q=Zanzibar").data
    assert browser.client.get("/api/v1/cases?q=Zanzibar").get_json()["total"] == 1


def test_the_live_generation_never_holds_what_is_to_come(
    library: Database, do_jobs: Callable[[datetime], int], app
) -> None:
    site: Portal = app.extensions["portal"]
    moment = clock.now() + timedelta(days=1)
    publish(library, id="secret-winner", visible_from=moment)
    do_jobs(clock.now() + timedelta(seconds=1))
    engine = finding.finder_at(site.settings).engine

    assert "secret-winner" not in engine.versions(engine.shelf.current(clock.now()))
    assert "secret-winner" in engine.versions(engine.shelf.current(moment))
    assert finding.list_differences(library, engine, clock.now()) == []
    live = engine.shelf.folder(engine.shelf.current(clock.now()).name)
    assert not any(
        "잔지바르".encode() in path.read_bytes() or b"anzibar" in path.read_bytes() for path in live.iterdir()
    )


def test_a_cancelled_publication_leaves_nothing_behind(
    library: Database, do_jobs: Callable[[datetime], int], app
) -> None:
    site: Portal = app.extensions["portal"]
    moment = clock.now() + timedelta(days=1)
    publish(library, id="secret-winner", visible_from=moment)
    do_jobs(clock.now() + timedelta(seconds=1))

    from portal.library.actions import publication as actions

    with library.transaction() as session:
        assert actions.cancel_publication(session, "2026", by=None, now=clock.now()) == 1
        assert actions.cancel_publication(session, "2024", by=None, now=clock.now()) == 0
    do_jobs(clock.now() + timedelta(seconds=1))

    engine = finding.finder_at(site.settings).engine
    assert "secret-winner" not in engine.versions(engine.shelf.current(moment))
    with library.open() as session:
        assert moment not in queries.list_moments(session)
