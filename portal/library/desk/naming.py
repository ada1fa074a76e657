"""The words for the names of a record, as the history of a case shows them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext, lazy_gettext

from portal.i18n import Language


def name_of(name: str, languages: Mapping[str, Language]) -> str:
    """Return the words for a name of the record, as the history shows it."""
    found = re.fullmatch(r"(title|summary|problem|solution|outcomes|lessons|body|city|note)_([A-Za-z-]+)", name)
    stem, tag = (found[1], found[2]) if found else (name, "en" if name in ("city", "note") else "")
    label = str(NAMES.get(stem, stem))
    if not tag:
        return label
    language = languages.get(tag)
    return gettext("%(field)s (%(language)s)", field=label, language=language.name if language else tag)


NAMES: dict[str, Any] = {
    "kind": lazy_gettext("Kind of case"), "award": lazy_gettext("Award"), "edition_slug": lazy_gettext("Edition"),
    "category": lazy_gettext("Category"), "rank": lazy_gettext("Rank"),
    "rank_text": lazy_gettext("Rank as the source words it"), "year": lazy_gettext("Year"),
    "organisation": lazy_gettext("Organisation"), "city": lazy_gettext("City"), "country": lazy_gettext("Country"),
    "lat": lazy_gettext("Latitude"), "lon": lazy_gettext("Longitude"),
    "geo_basis": lazy_gettext("Where the coordinates come from"), "themes": lazy_gettext("Themes"),
    "certainty": lazy_gettext("Certainty"), "note": lazy_gettext("What the sources leave open"),
    "original_language": lazy_gettext("Original language"), "source_title": lazy_gettext("First source"),
    "source_url": lazy_gettext("Address of the first source"), "extra_sources": lazy_gettext("Further sources"),
    "contact_email": lazy_gettext("Contact of the city"), "visible_from": lazy_gettext("Appears at"),
    "pictures": lazy_gettext("Pictures"),
    "title": lazy_gettext("Title"), "summary": lazy_gettext("Summary"), "problem": lazy_gettext("The problem"),
    "solution": lazy_gettext("The solution"), "outcomes": lazy_gettext("What came of it"),
    "lessons": lazy_gettext("What others can learn"), "body": lazy_gettext("Further text"),
    "details.population": lazy_gettext("Population of the city"),
    "details.income": lazy_gettext("Income of the country"),
    "details.budget": lazy_gettext("Budget"), "details.partners": lazy_gettext("Partners"),
    "details.technologies": lazy_gettext("Technologies"), "details.target_groups": lazy_gettext("Whom it is meant for"),
    "details.sdgs": lazy_gettext("Sustainable Development Goals"), "details.reach": lazy_gettext("People reached"),
    "details.indicators": lazy_gettext("Results in figures"), "details.followers": lazy_gettext("Who followed"),
    "details.statements": lazy_gettext("Statements of sources, side by side"),
}  # fmt: skip
