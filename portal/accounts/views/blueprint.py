"""The blueprint that all pages of accounts hang on."""

from __future__ import annotations

from flask import Blueprint

pages = Blueprint("accounts", __name__, url_prefix="/<lang:lang>")
