"""The generated pages of docs/ are what the tables and routes say now."""

from __future__ import annotations

from flask import Flask

from tests.house import handbook
from tests.house.states import STATES


def test_permissions_are_documented() -> None:
    assert (handbook.DOCS / "permissions.md").read_text(encoding="utf-8") == handbook.permissions(), handbook.AGAIN


def test_pages_are_documented(whole_app: Flask) -> None:
    assert (handbook.DOCS / "pages.md").read_text(encoding="utf-8") == handbook.pages(whole_app), handbook.AGAIN


def test_states_name_pages_that_exist(whole_app: Flask) -> None:
    assert set(STATES) - set(whole_app.view_functions) == set()
