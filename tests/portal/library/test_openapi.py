"""The description of the JSON interface is true: generated questions, right and wrong ones, are answered as it says."""

from __future__ import annotations

import os

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, settings

from portal.db import Database
from portal.library.opendata.door import PACE
from portal.library.opendata.pace import Pace
from portal.library.search.port import FACETS
from tests.browser import Browser

EXAMPLES = 1_000 if os.environ.get("SOAK") else 25
CONFIG = schemathesis.Config.from_dict({"output": {"sanitization": {"enabled": False}}})

api = schemathesis.pytest.from_fixture("described")


@pytest.fixture
def described(library: Database, app: Flask, monkeypatch: pytest.MonkeyPatch):
    """The interface as it describes itself, with real cases behind it and nobody counting."""
    monkeypatch.setitem(app.extensions, PACE, Pace(10**9, 60))
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app, config=CONFIG)


@pytest.mark.heavy
@api.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate],
          suppress_health_check=list(HealthCheck))  # fmt: skip
def test_every_answer_is_as_described(case: schemathesis.Case) -> None:
    case.call_and_validate(headers={"Accept-Encoding": "identity"})


def test_every_parameter_of_a_search_is_described(library: Database, browser: Browser) -> None:
    told = browser.client.get("/api/v1/openapi.json").get_json()
    assert told["openapi"].startswith("3.1")
    names = {one["name"] for one in told["paths"]["/api/v1/cases"]["get"]["parameters"]}
    assert names == {"q", "lang", *FACETS, "year_from", "year_to", "sort", "page", "per_page"}


def test_every_address_of_the_interface_is_described(library: Database, browser: Browser, app: Flask) -> None:
    told = set(browser.client.get("/api/v1/openapi.json").get_json()["paths"])
    served = {
        rule.rule.replace("<case_id>", "{id}") for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/")
    }
    assert served - told == {"/api/v1", "/api/v1/openapi.json"}
    for address in ("/api/v1", "/api/v1/"):
        assert browser.client.get(address).get_json()["openapi"] == "3.1.0"


def test_the_case_of_every_answer_fits_its_description(library: Database, browser: Browser) -> None:
    schema = schemathesis.openapi.from_dict(browser.client.get("/api/v1/openapi.json").get_json())
    operation = schema["/api/v1/cases/{id}"]["GET"]
    items = browser.client.get("/api/v1/cases?per_page=100").get_json()["items"]
    for item in items:
        operation.validate_response(browser.client.get(f"/api/v1/cases/{item['id']}"))
    assert len(items) == 80
