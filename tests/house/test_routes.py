"""Every address: named in docs/pages.md, closed to forged posts, and answering in every language."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from werkzeug.routing import Rule

from portal.config import ROOT
from portal.door import FOREIGN

PAGES = ROOT / "docs" / "pages.md"


def rules(app: Flask) -> list[Rule]:
    return sorted(app.url_map.iter_rules(), key=lambda rule: (rule.endpoint, rule.rule))


def test_every_page_is_listed(whole_app: Flask) -> None:
    listed = set(re.findall(r"^\| `([\w.]+)`", PAGES.read_text(encoding="utf-8"), flags=re.M))
    assert {rule.endpoint for rule in rules(whole_app)} == listed


def test_pages_have_a_language_and_machines_addresses_have_none(whole_app: Flask) -> None:
    plain = (
        "/api/",
        "/oai",
        "/catalog",
        "/healthz",
        "/readyz",
        "/static/",
        "/verify/",
        "/c/",
        "/robots.txt",
        "/sitemap.xml",
        "/favicon",
        "/logo/",
    )
    for rule in rules(whole_app):
        assert rule.rule == "/" or rule.rule.startswith(("/<lang:lang>/", *plain)), rule.rule


def test_views_declare_a_permission(whole_app: Flask) -> None:
    for endpoint, view in whole_app.view_functions.items():
        if not endpoint.startswith(FOREIGN):
            assert view.permission in whole_app.extensions["portal"].laws.table


def test_a_post_without_token_changes_nothing(whole_app: Flask, app: Flask) -> None:
    """Every POST address is tried by everybody's worst enemy: somebody without a token."""
    client = app.test_client()
    for rule in rules(whole_app):
        if "POST" not in (rule.methods or set()):
            continue
        address = re.sub(r"<lang:lang>", "en", rule.rule)
        address = re.sub(r"<int:\w+>", "1", address)
        address = re.sub(r"<[^>]+>", "x", address)
        answer = client.post(address, data={})
        assert answer.status_code in (200, 302, 303, 400, 401, 404, 405, 422, 429), f"{address}: {answer.status_code}"


def test_unknown_addresses_are_pages_of_this_house(browser) -> None:
    page = browser.get("/ko/no-such-page", status=404)
    assert page.soup.html["lang"] == "ko"
    browser.get("/zz/", status=404)


@pytest.mark.parametrize("name", ["Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy"])
def test_answers_carry_the_security_headers(browser, name: str) -> None:
    assert name in browser.get("/en/no-such-page", status=404).response.headers
