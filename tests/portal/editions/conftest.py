"""The template that editions are made from."""

from __future__ import annotations

import json
from typing import Any

import pytest

from portal.config import ROOT

DATA = ROOT / "portal" / "data"


@pytest.fixture(scope="session")
def template() -> dict[str, Any]:
    """Return the edition template of a new site."""
    found: dict[str, Any] = json.loads((DATA / "edition_template.json").read_text())
    return found


@pytest.fixture(scope="session")
def forms() -> dict[str, Any]:
    """Return the entry forms of a new site."""
    found: dict[str, Any] = json.loads((DATA / "forms.json").read_text())
    return found
