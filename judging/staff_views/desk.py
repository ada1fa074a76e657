"""What all desks of the secretariat share: the edition in the address, its rounds, and the way of a form."""

from __future__ import annotations

from flask import request
from werkzeug.datastructures import MultiDict

from portal.editions import queries
from portal.editions.models import Edition, Round
from portal.errors import Hidden
from portal.i18n import choose
from portal.web import language, session


def edition_of(slug: str) -> Edition:
    """Return the edition of an address with its rounds; raise Hidden when there is none."""
    edition = queries.get_edition_with_rounds(session(), slug)
    if edition is None:
        raise Hidden
    return edition


def round_of(edition: Edition, number: int) -> Round:
    """Return a round of an edition; raise Hidden when there is none."""
    found = next((one for one in edition.rounds if one.number == number), None)
    if found is None:
        raise Hidden
    return found


def posted() -> MultiDict[str, str] | None:
    """Return what a form was sent with, or None: WTForms would take an empty form for boxes that were all unticked."""
    return request.form if request.method == "POST" else None


def name_of(edition: Edition) -> str:
    """Return an edition's name for the reader."""
    return choose(edition.names, language().tag).text
