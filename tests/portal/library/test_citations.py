"""Citations: what reference managers read, whatever stands in a title."""

from __future__ import annotations

import json
import re

import bibtexparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import clock
from portal.db import Database
from portal.library.actions import cases as actions
from portal.library.models import Case
from portal.library.opendata import citations
from portal.library.opendata.citations import Citation
from tests.browser import Browser
from tests.portal.library.conftest import publish

LATEX = {
    r"\textbackslash{}": "\\", r"\textbraceleft{}": "{", r"\textbraceright{}": "}", r"\textasciitilde{}": "~",
    r"\textasciicircum{}": "^", r"\$": "$", r"\&": "&", r"\#": "#", r"\%": "%", r"\_": "_",
}  # fmt: skip
KINDS = ("bib", "ris", "csl.json")


def citation(title: str, **values) -> Citation:
    given = {"id": "c-1", "author": "City of X", "publisher": "Prize", "year": 2026, "url": "https://x.example/c/c-1",
             "language": "en", "version": 1, **values}  # fmt: skip
    return Citation(title=title, **given)


def typeset(text: str) -> str:
    """Return what LaTeX would print."""
    return re.sub("|".join(map(re.escape, LATEX)), lambda found: LATEX[found[0]], text)


@pytest.mark.parametrize(
    "title",
    ["100% of R&D: $5 #1 a_b {x} ~y^2 \\input{/etc/passwd}", "}", "{{{", "바기오 스마트 건강관리", "健康城市 – Gesundheit Ä", 'a "b" c, d = {e}'],
)  # fmt: skip
def test_bibtex_is_read_back(title: str) -> None:
    library = bibtexparser.parse_string(citations.bibtex(citation(title, note=title, author=title)))

    assert library.failed_blocks == []
    entry = library.entries[0]
    assert (entry.entry_type, entry.key) == ("misc", "case-c-1")
    assert typeset(entry["title"]) == f"{{{title}}}"
    assert typeset(entry["author"]) == f"{{{title}}}"
    assert typeset(entry["note"]) == title
    assert entry["url"] == "https://x.example/c/c-1"


@pytest.mark.parametrize(("tag", "name"), [("en", "english"), ("zh-Hant", "chinese"), ("qq", None)])
def test_bibtex_names_languages_as_typesetters_do(tag: str, name: str | None) -> None:
    entry = bibtexparser.parse_string(citations.bibtex(citation("x", language=tag))).entries[0]
    assert (entry["language"], entry.get("langid") and entry["langid"]) == (tag, name)


@given(st.text(), st.text())
def test_no_text_breaks_a_citation(title: str, note: str) -> None:
    cited = citation(title, note=note, keywords=(title,))
    depth = 0
    for letter in citations.bibtex(cited):
        depth += {"{": 1, "}": -1}.get(letter, 0)
        assert depth >= 0
    assert depth == 0
    lines = citations.ris(cited).split("\r\n")
    assert all(re.fullmatch(r"[A-Z][A-Z0-9]  - [^\r\n]*", line) for line in lines[:-1])
    assert lines[0] == "TY  - ELEC"
    assert lines[-2:] == ["ER  - ", ""]
    assert json.loads(citations.csl(cited))[0].get("title", "") == title


def test_the_same_case_is_cited_alike_in_all_three(library: Database, browser: Browser) -> None:
    found = {kind: browser.client.get(f"/c/sscp-2024-baguio.{kind}?lang=ko") for kind in KINDS}

    assert [one.status_code for one in found.values()] == [200, 200, 200]
    assert [one.mimetype for one in found.values()] == [
        "application/x-bibtex", "application/x-research-info-systems", "application/vnd.citationstyles.csl+json",
    ]  # fmt: skip
    item = json.loads(found["csl.json"].text)[0]
    title = "바기오 스마트 건강관리 시스템"
    assert (item["id"], item["title"], item["language"]) == ("case-sscp-2024-baguio", title, "ko")
    assert item["issued"] == {"date-parts": [[2024]]}
    assert f"TI  - {title}\r\n" in found["ris"].text
    assert "ID  - case-sscp-2024-baguio\r\n" in found["ris"].text
    entry = bibtexparser.parse_string(found["bib"].text).entries[0]
    assert (entry["language"], entry["langid"]) == ("ko", "korean")
    words = "건강, 디지털 헬스, 전자정부, 디지털 포용"
    assert (entry["keywords"], item["keyword"]) == (words, words)
    assert re.findall(r"KW  - (.*)\r\n", found["ris"].text) == words.split(", ")
    assert (entry.key, entry["title"], entry["year"]) == (item["id"], f"{{{title}}}", "2024")
    for one in found.values():
        assert "http://portal.test/c/sscp-2024-baguio" in one.text


def test_without_a_wish_the_case_is_cited_in_its_own_language(library: Database, browser: Browser) -> None:
    publish(library, id="own", result=False, original_language="ko")
    for headers in ({}, {"Accept-Language": "en"}):
        item = json.loads(browser.client.get("/c/own.csl.json", headers=headers).text)[0]
        assert item["title"] == "떠다니는 진료소"
    assert json.loads(browser.client.get("/c/own.csl.json?lang=en").text)[0]["title"] == "Floating clinic"
    assert json.loads(browser.client.get("/c/own.csl.json?lang=xx").text)[0]["title"] == "떠다니는 진료소"


def test_only_published_real_cases_are_cited(library: Database, browser: Browser) -> None:
    publish(library, id="invented", result=False, simulated=True)
    publish(library, id="draft", result=False, visible_from=None)
    publish(library, id="gone", result=False)
    with library.transaction() as session:
        actions.withdraw_case(session, session.get_one(Case, "gone"), reason="", by=None, now=clock.now())
    for kind in KINDS:
        for case in ("invented", "draft", "nothing"):
            assert b"Floating" not in browser.get(f"/c/{case}.{kind}", status=404).response.data
        gone = browser.client.get(f"/c/gone.{kind}")
        assert (gone.status_code, list(gone.get_json())) == (410, ["error"])
    browser.get("/c/sscp-2024-baguio.pdf", status=404)


def test_keys_are_made_of_letters_that_every_program_takes() -> None:
    assert citations.key_of("sscp-2024-baguio") == "case-sscp-2024-baguio"
    assert citations.key_of("019a_b é,}") == "case-019a-b----"
