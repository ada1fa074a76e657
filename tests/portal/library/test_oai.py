"""OAI-PMH 2.0 as a harvester meets it: over a real connection, and each error of the protocol."""

from __future__ import annotations

import base64
import json
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from lxml import etree
from sickle import Sickle
from sickle.oaiexceptions import NoRecordsMatch
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal import clock
from portal.db import Database
from portal.library.actions.cases import withdraw_case
from portal.library.copies import Telling
from portal.library.models import Case
from portal.library.opendata import harvesting
from tests import live
from tests.browser import Browser
from tests.portal.library.conftest import publish

SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).with_name("oai") / "oai.xsd"))
OAI = "{http://www.openarchives.org/OAI/2.0/}"
DC = "{http://purl.org/dc/elements/1.1/}"


@pytest.fixture
def harvester(library: Database, app: Flask) -> Iterator[Sickle]:
    """Another program's harvester at a site that answers on a port."""
    with live.serving(app) as address:
        yield Sickle(f"{address}/oai", timeout=20)


def withdraw(database: Database, case: str) -> None:
    with database.transaction() as session:
        withdraw_case(session, session.get_one(Case, case), reason="secret reason", by=None, now=clock.now())


def test_a_harvester_gets_everything_part_by_part(harvester: Sickle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(harvesting, "PER_ANSWER", 7)
    identity = harvester.Identify()
    assert (identity.protocolVersion, identity.deletedRecord) == ("2.0", "persistent")
    assert [one.metadataPrefix for one in harvester.ListMetadataFormats()] == ["oai_dc"]
    assert "kind-prize-entry" in {one.setSpec for one in harvester.ListSets()}

    records = {one.header.identifier: one for one in harvester.ListRecords(metadataPrefix="oai_dc")}
    headers = [one.identifier for one in harvester.ListIdentifiers(metadataPrefix="oai_dc")]

    assert len(records) == len(headers) == 80
    assert sorted(records) == sorted(headers)
    one = records["oai:portal.test:sscp-2024-baguio"]
    assert "바기오 스마트 건강관리 시스템" in one.metadata["title"]
    assert one.metadata["identifier"] == ["http://portal.test/c/sscp-2024-baguio"]
    assert one.metadata["rights"] == ["https://creativecommons.org/licenses/by/4.0/"]
    assert harvester.GetRecord(identifier=one.header.identifier, metadataPrefix="oai_dc").metadata == one.metadata


def test_a_harvester_hears_only_what_is_new(
    harvester: Sickle, library: Database, pass_time: Callable[[timedelta], None]
) -> None:
    since = harvesting.stamp(clock.now() + timedelta(seconds=1))
    with pytest.raises(NoRecordsMatch):
        harvester.ListRecords(metadataPrefix="oai_dc", **{"from": since})
    moment = clock.now().replace(microsecond=0) + timedelta(seconds=2)
    publish(library, id="fresh", result=False, visible_from=moment)
    pass_time(timedelta(seconds=2))

    fresh = list(harvester.ListRecords(metadataPrefix="oai_dc", **{"from": since}))
    assert [one.header.identifier for one in fresh] == ["oai:portal.test:fresh"]
    assert fresh[0].header.datestamp == harvesting.stamp(moment)


def test_withdrawn_cases_are_told_as_deleted(library: Database, browser: Browser) -> None:
    withdraw(library, "sscp-2024-baguio")
    for query in ("ListRecords&metadataPrefix=oai_dc", "ListIdentifiers&metadataPrefix=oai_dc",
                  "GetRecord&metadataPrefix=oai_dc&identifier=oai:portal.test:sscp-2024-baguio"):  # fmt: skip
        found = list(all_parts(browser, query))
        deleted = [one for answer in found for one in answer.iter(f"{OAI}header") if one.get("status") == "deleted"]
        assert [one.findtext(f"{OAI}identifier") for one in deleted] == ["oai:portal.test:sscp-2024-baguio"], query
        text = "".join("".join(answer.itertext()) for answer in found)
        assert "바기오 스마트 건강관리 시스템" not in text
        assert "secret" not in text


def all_parts(browser: Browser, query: str) -> Iterator[ET.Element]:
    """Give every answer of a list."""
    verb = query.partition("&")[0]
    while query:
        response = browser.client.get(f"/oai?verb={query}")
        assert code_of(response) is None
        answer = ET.fromstring(response.data)
        yield answer
        token = answer.findtext(f".//{OAI}resumptionToken")
        query = f"{verb}&resumptionToken={token}" if token else ""


def test_a_list_ends_with_an_empty_token(library: Database, browser: Browser) -> None:
    parts = list(all_parts(browser, "ListIdentifiers&metadataPrefix=oai_dc"))
    tokens = [part.find(f".//{OAI}resumptionToken") for part in parts]

    assert [len(list(part.iter(f"{OAI}header"))) for part in parts] == [50, 30]
    assert [(one.get("completeListSize"), one.get("cursor")) for one in tokens] == [("80", "0"), ("80", "50")]
    assert tokens[0].text
    assert tokens[1].text is None
    short = ET.fromstring(browser.client.get("/oai?verb=ListIdentifiers&metadataPrefix=oai_dc&set=year-2023").data)
    assert short.find(f".//{OAI}resumptionToken") is None


def test_a_case_that_changes_meanwhile_is_not_lost(
    library: Database, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(harvesting, "PER_ANSWER", 30)
    parts = all_parts(browser, "ListIdentifiers&metadataPrefix=oai_dc")
    first = next(parts)
    changed = first.findtext(f".//{OAI}identifier")
    withdraw(library, changed.rpartition(":")[2])

    rest = [one.findtext(f"{OAI}identifier") for part in parts for one in part.iter(f"{OAI}header")]
    assert rest[-1] == changed
    assert len(rest) == 51


TODAY_OK = ("ListSets", "Identify", "ListMetadataFormats", "ListMetadataFormats&identifier=oai:portal.test:sscp-2024-baguio",
            "ListRecords&metadataPrefix=oai_dc&from=2000-01-01", "ListRecords&metadataPrefix=oai_dc&set=year-2024",
            "ListIdentifiers&metadataPrefix=oai_dc&from=2000-01-01T00:00:00Z&until=2999-12-31T23:59:59Z")  # fmt: skip
ERRORS = {
    "": "badVerb",
    "Nonsense": "badVerb",
    "Identify&verb=Identify": "badVerb",
    "Identify&metadataPrefix=oai_dc": "badArgument",
    "ListRecords": "badArgument",
    "GetRecord&metadataPrefix=oai_dc": "badArgument",
    "ListRecords&metadataPrefix=oai_dc&metadataPrefix=oai_dc": "badArgument",
    "ListRecords&metadataPrefix=oai_dc&from=2026-13-01": "badArgument",
    "ListRecords&metadataPrefix=oai_dc&from=2026-1-1": "badArgument",
    "ListRecords&metadataPrefix=oai_dc&from=0001-01-01": "badArgument",
    "ListRecords&metadataPrefix=oai_dc&until=9999-12-31": "badArgument",
    "ListRecords&metadataPrefix=oai_dc&from=2026-01-02&until=2026-01-01": "badArgument",
    "ListRecords&metadataPrefix=oai_dc&from=2026-01-01&until=2026-01-02T00:00:00Z": "badArgument",
    "ListRecords&metadataPrefix=oai_dc&resumptionToken=x": "badArgument",
    "ListRecords&metadataPrefix=marc21": "cannotDisseminateFormat",
    "GetRecord&metadataPrefix=marc21&identifier=oai:portal.test:sscp-2024-baguio": "cannotDisseminateFormat",
    "GetRecord&metadataPrefix=oai_dc&identifier=oai:portal.test:nothing": "idDoesNotExist",
    "GetRecord&metadataPrefix=oai_dc&identifier=sscp-2024-baguio": "idDoesNotExist",
    "ListMetadataFormats&identifier=x%01": "badArgument",
    "GetRecord&metadataPrefix=oai_dc&identifier=": "badArgument",
    "GetRecord&metadataPrefix=oai_dc&identifier=%EA%B1%B4%EA%B0%95": "badArgument",
    "GetRecord&metadataPrefix=oai%20dc&identifier=x": "badArgument",
    "ListRecords&metadataPrefix=%3Coai_dc%3E": "badArgument",
    "ListRecords&metadataPrefix=oai_dc&set=a%20b": "badArgument",
    "ListRecords&metadataPrefix=oai_dc&set=": "badArgument",
    "ListRecords&metadataPrefix=oai_dc&set=year-2024:gold": "noRecordsMatch",
    "ListRecords&metadataPrefix=oai_dc&from=2999-01-01": "noRecordsMatch",
    "ListRecords&metadataPrefix=oai_dc&set=year-1800": "noRecordsMatch",
    "ListRecords&metadataPrefix=oai_dc&until=1999-12-31": "noRecordsMatch",
    "ListRecords&resumptionToken=x": "badResumptionToken",
    "ListRecords&resumptionToken=": "badResumptionToken",
    "ListRecords&resumptionToken=%C3%A9": "badResumptionToken",
    "ListSets&resumptionToken=x": "badResumptionToken",
}


def code_of(response: TestResponse) -> str | None:
    assert response.status_code == 200
    assert response.mimetype == "text/xml"
    SCHEMA.assertValid(etree.fromstring(response.data))
    error = ET.fromstring(response.data).find(f"{OAI}error")
    return None if error is None else error.get("code")


def test_each_fault_has_its_code(library: Database, browser: Browser) -> None:
    assert {query: code_of(browser.client.get(f"/oai?verb={query}")) for query in ERRORS} == ERRORS
    assert {code_of(browser.client.get(f"/oai?verb={query}")) for query in TODAY_OK} == {None}
    assert code_of(browser.client.get("/oai")) == "badVerb"


def test_a_token_of_another_verb_is_no_token(library: Database, browser: Browser) -> None:
    answer = ET.fromstring(browser.client.get("/oai?verb=ListRecords&metadataPrefix=oai_dc").data)
    token = answer.findtext(f".//{OAI}resumptionToken")
    assert code_of(browser.client.get(f"/oai?verb=ListIdentifiers&resumptionToken={token}")) == "badResumptionToken"
    assert code_of(browser.client.get(f"/oai?verb=ListRecords&resumptionToken={token}")) is None
    assert code_of(browser.client.get(f"/oai?verb=ListRecords&resumptionToken={token}=")) == "badResumptionToken"


HOSTILE_TOKENS = {
    "no zone": ["ListRecords", "", "", "", "2026-01-01T00:00:00", "x", 50],
    "an id that is a number": ["ListRecords", "", "", "", "2026-01-01T00:00:00+00:00", 5, 50],
    "a set that is a list": ["ListRecords", "", "", [], "2026-01-01T00:00:00+00:00", "x", 50],
    "a cursor that is a text": ["ListRecords", "", "", "", "2026-01-01T00:00:00+00:00", "x", "50"],
    "a cursor that is true": ["ListRecords", "", "", "", "2026-01-01T00:00:00+00:00", "x", True],
    "a cursor below zero": ["ListRecords", "", "", "", "2026-01-01T00:00:00+00:00", "x", -50],
    "a bound without a zone": ["ListRecords", "2026-01-01T00:00:00", "", "", "2026-01-01T00:00:00+00:00", "x", 50],
    "a zone of its own": ["ListRecords", "", "", "", "2026-01-01T00:00:00+09:00", "x", 50],
    "too short": ["ListRecords", "", "", "", "2026-01-01T00:00:00+00:00", "x"],
    "no list": {"verb": "ListRecords"},
    "a number": 7,
}


def test_a_forged_token_is_refused_and_an_old_one_is_not(library: Database, browser: Browser) -> None:
    for name, told in HOSTILE_TOKENS.items():
        written = base64.urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")
        answer = browser.client.get(f"/oai?verb=ListRecords&resumptionToken={written}")
        assert code_of(answer) == "badResumptionToken", name
    deep = base64.urlsafe_b64encode(b"[" * 100_000).decode().rstrip("=")
    posted = browser.client.post("/oai", data={"verb": "ListRecords", "resumptionToken": deep})
    assert code_of(posted) == "badResumptionToken"
    ancient = harvesting.Wish(after=(datetime(2001, 1, 1, tzinfo=UTC), "x"), cursor=50)
    token = harvesting.write_token("ListIdentifiers", ancient)
    assert code_of(browser.client.get(f"/oai?verb=ListIdentifiers&resumptionToken={token}")) is None


def test_from_and_until_include_both_edges(library: Database, browser: Browser) -> None:
    moment = datetime(2026, 3, 1, 23, 59, 59, 999_000, tzinfo=UTC)
    publish(library, id="edge", result=False, visible_from=moment)
    with library.transaction() as session:
        session.get_one(Case, "edge").changed_at = moment

    def found(query: str) -> bool:
        parts = browser.client.get(f"/oai?verb=ListIdentifiers&metadataPrefix=oai_dc&set=year-2026&{query}")
        assert code_of(parts) in (None, "noRecordsMatch")
        return "oai:portal.test:edge" in parts.text

    second, before, after = "2026-03-01T23:59:59Z", "2026-03-01T23:59:58Z", "2026-03-02T00:00:00Z"
    wanted = {
        f"from={second}": True, f"from={after}": False, f"until={second}": True, f"until={before}": False,
        f"from={second}&until={second}": True, "from=2026-03-01": True, "from=2026-03-02": False,
        "until=2026-03-01": True, "until=2026-02-28": False, "from=2026-03-01&until=2026-03-01": True,
    }  # fmt: skip
    assert {query: found(query) for query in wanted} == wanted


def test_a_set_holds_what_it_says_and_a_list_keeps_to_it(
    library: Database, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(harvesting, "PER_ANSWER", 3)
    sets = ET.fromstring(browser.client.get("/oai?verb=ListSets").data)
    names = [one.text or "" for one in sets.iter(f"{OAI}setSpec")]
    held: dict[str, set[str]] = {}
    with library.open() as session:
        for case in session.scalars(select(Case)):
            themes = [f"theme-{theme}" for theme in case.themes]
            for name in (f"kind-{case.kind}", f"year-{case.year}", f"category-{case.category}", *themes):
                held.setdefault(name, set()).add(f"oai:portal.test:{case.id}")
    assert set(names) == {name for name in held if name != "category-None"}
    named = dict(zip(names, (one.text for one in sets.iter(f"{OAI}setName")), strict=True))
    assert named["category-people-centric"] == "Category: Human-CentriCity"
    assert (named["year-2024"], named["theme-ageing"]) == ("Year: 2024", "Theme: Ageing")
    assert named["kind-health-programme"] == "Kind: Health programme"
    for name in ("category-leadership", "year-2024", "kind-prize-entry", "theme-ageing"):
        parts = list(all_parts(browser, f"ListIdentifiers&metadataPrefix=oai_dc&set={name}"))
        told = [one.findtext(f"{OAI}identifier") for part in parts for one in part.iter(f"{OAI}header")]
        assert sorted(told) == sorted(held[name])


def test_a_new_case_comes_at_the_end_of_a_list_that_was_begun(
    library: Database, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(harvesting, "PER_ANSWER", 50)
    parts = all_parts(browser, "ListRecords&metadataPrefix=oai_dc")
    next(parts)
    publish(library, id="fresh", result=False)
    (last,) = parts
    told = [one.findtext(f"{OAI}identifier") for one in last.iter(f"{OAI}header")]
    assert (len(told), told[-1]) == (31, "oai:portal.test:fresh")
    assert last.find(f".//{OAI}resumptionToken").get("completeListSize") == "81"


def test_the_keeper_can_always_be_written_to() -> None:
    assert harvesting.choose_email("", "prize@localhost", host="prize.example.org") == "postmaster@prize.example.org"
    assert harvesting.choose_email("a@b.org", "c@d.org", host="x") == "a@b.org"
    assert harvesting.choose_email("", "c@d.org", host="x") == "c@d.org"
    assert harvesting.choose_email("", "prize@localhost", host="localhost") == "postmaster@localhost.invalid"


def test_a_question_may_be_posted_without_a_token_of_the_site(library: Database, browser: Browser) -> None:
    posted = browser.client.post("/oai", data={"verb": "ListRecords", "metadataPrefix": "oai_dc", "set": "year-2023"})
    asked = browser.client.get("/oai?verb=ListRecords&metadataPrefix=oai_dc&set=year-2023")
    assert code_of(posted) is None
    assert list(ET.fromstring(posted.data).itertext())[3:] == list(ET.fromstring(asked.data).itertext())[3:]


def test_an_empty_library_answers_too(database: Database, browser: Browser) -> None:
    wanted = {"Identify": None, "ListSets": "noSetHierarchy", "ListRecords&metadataPrefix=oai_dc": "noRecordsMatch"}
    assert {query: code_of(browser.client.get(f"/oai?verb={query}")) for query in wanted} == wanted


def test_what_is_not_public_is_never_listed(
    library: Database, browser: Browser, pass_time: Callable[[timedelta], None]
) -> None:
    publish(library, id="invented", result=False, simulated=True)
    publish(library, id="draft", result=False, visible_from=None)
    publish(library, id="later", result=False, visible_from=clock.now() + timedelta(days=1))
    publish(library, id="never", result=False, visible_from=clock.now() + timedelta(hours=1))
    withdraw(library, "never")
    pass_time(timedelta(hours=2))
    text = "".join(
        ET.tostring(part, encoding="unicode") for part in all_parts(browser, "ListRecords&metadataPrefix=oai_dc")
    )
    for case in ("invented", "draft", "later", "never"):
        assert case not in text
        found = browser.client.get(f"/oai?verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:portal.test:{case}")
        assert code_of(found) == "idDoesNotExist"
    assert "Floating" not in text


def test_no_letter_breaks_the_answer(library: Database, browser: Browser) -> None:
    publish(library, id="letters", result=False, texts={"en": Telling("<a> & \x0b\x01]]> \ufffe", "b")})
    found = browser.client.get("/oai?verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:portal.test:letters")
    assert ET.fromstring(found.data).findtext(f".//{DC}title") == "<a> & ]]> "
    assert ET.fromstring(browser.client.get("/en/cases.atom").data) is not None


def test_an_answer_does_not_tell_when_something_unseen_has_changed(
    library: Database, browser: Browser, pass_time: Callable[[timedelta], None]
) -> None:
    """The moment in an answer is that of the answer, whether or not a publication was scheduled in between."""
    moments = []
    for _ in range(3):
        pass_time(timedelta(minutes=1))
        moments.append(ET.fromstring(browser.client.get("/oai?verb=Identify").data).findtext(f"{OAI}responseDate"))
    assert len(set(moments)) == 3


def test_the_mark_of_an_answer_is_that_of_what_it_tells(
    library: Database, browser: Browser, pass_time: Callable[[timedelta], None]
) -> None:
    address = "/oai?verb=ListIdentifiers&metadataPrefix=oai_dc"
    mark = browser.client.get(address).headers["ETag"]
    pass_time(timedelta(hours=1))
    assert browser.client.get(address, headers={"If-None-Match": mark}).status_code == 304
    publish(library, id="fresh", result=False)
    assert browser.client.get(address, headers={"If-None-Match": mark}).status_code == 200
