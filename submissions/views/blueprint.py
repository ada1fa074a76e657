"""The blueprint that all pages of entries hang on."""

from __future__ import annotations

from flask import Blueprint

pages = Blueprint("submissions", __name__, url_prefix="/<lang:lang>/entries")
