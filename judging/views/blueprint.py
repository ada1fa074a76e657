"""The blueprint that a judge's pages hang in."""

from __future__ import annotations

from flask import Blueprint

pages = Blueprint("judging", __name__, url_prefix="/<lang:lang>/judging")
