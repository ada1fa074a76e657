"""The audit log in the reader's words: every act and subject that the code records has some."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import g

from portal import audit
from portal.accounts import wording
from tests.browser import Browser, Page
from tests.factories import make_user
from tests.house.sources import Module, modules

NOW = datetime(2027, 3, 2, 9, tzinfo=UTC)
Function = ast.FunctionDef | ast.AsyncFunctionDef


def notes() -> Iterator[tuple[Module, ast.Call]]:
    """Find every call of ``audit.note``."""
    for module in modules().values():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "audit.note":
                yield module, node


def texts(module: Module, node: ast.expr, place: ast.AST) -> set[str]:
    """Return the texts that an expression can be: a text, either of two, a name given one of these, a parameter."""
    if isinstance(node, ast.Constant):
        return {str(node.value)}
    if isinstance(node, ast.IfExp):
        return texts(module, node.body, place) | texts(module, node.orelse, place)
    if isinstance(node, ast.Name) and (function := function_around(module, place)):
        given = [
            one.value for one in ast.walk(function)
            if isinstance(one, ast.Assign) and [ast.unparse(target) for target in one.targets] == [node.id]
        ]  # fmt: skip
        found = [texts(module, value, place) for value in given] or [handed_in(module, function, node.id)]
        return set().union(*found)
    raise AssertionError(f"{module.name}: which acts can {ast.unparse(node)} be?")


def function_around(module: Module, place: ast.AST) -> Function | None:
    """Return the innermost function that a node stands in."""
    around = [one for one in ast.walk(module.tree) if isinstance(one, Function) and place in ast.walk(one)]
    return around[-1] if around else None


def handed_in(module: Module, function: Function, name: str) -> set[str]:
    """Return the texts that the code hands to a parameter, its default included."""
    positional = [one.arg for one in function.args.posonlyargs + function.args.args]
    defaults = dict(zip(reversed(positional), reversed(function.args.defaults), strict=False)) | {
        one.arg: value
        for one, value in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
        if value is not None
    }
    found = texts(module, defaults[name], function) if name in defaults else set()
    for other in [module] if function.name.startswith("_") else modules().values():
        for call in ast.walk(other.tree):
            if not isinstance(call, ast.Call) or ast.unparse(call.func).rpartition(".")[2] != function.name:
                continue
            given = {one.arg: one.value for one in call.keywords} | dict(zip(positional, call.args, strict=False))
            if name in given:
                found |= texts(other, given[name], call)
    assert found, f"{module.name}: nobody calls {function.name} with {name}"
    return found


def acts() -> set[str]:
    """Return every act that the code records in the audit log."""
    return set().union(*(texts(module, call.args[1], call) for module, call in notes()))


def test_every_act_that_is_recorded_has_words():
    found = acts()
    assert {"entry.withdraw", "case.change", "case.restore", "notice.create", "person.reset-password"} <= found
    assert len(found) > 80
    assert found - wording.ACTS.keys() == set()


def test_every_kind_of_subject_has_words():
    found = {ast.unparse(call.args[2]).lstrip("f").strip("'\"").partition(":")[0] for _, call in notes()}
    assert "entry" in found
    assert found - wording.SUBJECTS.keys() == set()


def test_every_fact_that_is_named_in_the_code_has_words():
    found = {one.arg for _, call in notes() for one in call.keywords if one.arg} - {"by", "now", "text"}
    assert "language" in found
    assert found - wording.FACTS.keys() == set()


@pytest.mark.parametrize("tag", ["en", "ko"])
def test_no_two_acts_are_called_the_same(app, tag):
    with app.test_request_context(f"/{tag}/"):
        g.language = app.extensions["portal"].languages[tag]
        named = Counter(str(word) for word in wording.ACTS.values())
    assert [word for word, count in named.items() if count > 1] == []


@pytest.fixture
def staff_browser(app, database):
    """The browser of a member of the secretariat."""
    with database.transaction() as session:
        return Browser(app, make_user(session, "Sora", roles=("secretariat",)))


@pytest.fixture
def recorded(database):
    with database.transaction() as session:
        for act, subject, facts in (
            ("entry.withdraw", "entry:e1", {}),
            ("page.write", "page:faq", {"language": "ko"}),
            ("entry.screen", "entry:e2", {"outcome": "sent-back", "reply_until": "2027-03-09T09:00:00+00:00"}),
            ("search.save", "search:s1", {"by_mail": True, "unheard_of": 7}),
            ("scorecard.save", "scorecard:c1", {"revision": 3, "scores": {"impact": 7.5}}),
            ("long.forgotten", "thing:t1", {}),
        ):
            audit.note(session, act, subject, by=None, now=NOW, **facts)


def rows(page: Page) -> list[str]:
    """Return the text of each line of the log."""
    return [" ".join(row.get_text(" ").split()) for row in page.soup.select("tbody tr")]


def offered(page: Page) -> list[tuple[str, str]]:
    """Return the acts that the filter offers: code and words."""
    options = page.soup.select("select[name=action] option")
    return [(str(one["value"]), one.get_text()) for one in options if one["value"]]


def test_the_log_speaks_korean(staff_browser: Browser, recorded):
    page = staff_browser.get("/ko/audit")
    lines = " | ".join(rows(page))
    assert "응모작 철회 entry.withdraw" in lines
    assert "응모작 e1" in lines
    assert "언어: 한국어" in lines
    assert "결과: 보완 요청" in lines
    assert "메일 소식 받음: 예" in lines
    assert "unheard_of=7" in lines
    assert "long.forgotten" in lines
    assert "Entry withdrawn" not in page.text
    assert "impact" not in lines
    named = [word for _, word in offered(page) if not word.isascii()]
    assert named == sorted(named)


def test_the_log_speaks_english(staff_browser: Browser, recorded):
    page = staff_browser.get("/en/audit")
    lines = " | ".join(rows(page))
    assert "Entry withdrawn entry.withdraw" in lines
    assert "Entry e1" in lines
    assert "Language: Korean" in lines
    assert "Outcome: Sent back" in lines
    assert not re.search("[가-힣]", lines)
    named = [word for _, word in offered(page)]
    assert named == sorted(named, key=str.casefold)
    assert ("entry.withdraw", "Entry withdrawn") in offered(page)


def test_the_log_is_narrowed_by_codes_and_by_words(staff_browser: Browser, recorded):
    by_act = rows(staff_browser.get("/ko/audit?action=entry.withdraw"))
    assert len(by_act) == 1
    by_code = rows(staff_browser.get("/ko/audit?subject=entry"))
    assert len(by_code) == 2
    assert rows(staff_browser.get("/ko/audit?subject=응모작")) == by_code
    assert len(rows(staff_browser.get("/ko/audit?subject=응모작:e2"))) == 1
    assert len(rows(staff_browser.get("/en/audit?subject=Entry"))) == 2
