"""Answers of the library as other programs read them, and marked text as pages show it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from markupsafe import Markup, escape

from portal.i18n import Chosen, choose
from portal.library.finding import Found
from portal.library.models import Case
from portal.library.search.highlighting import Segment, excerpt, highlight
from portal.library.search.port import FacetCount, Hit


def titles(case: Case) -> dict[str, str]:
    """Return the titles of a case per language."""
    return {text.language: text.title for text in case.texts}


def summaries(case: Case) -> dict[str, str]:
    """Return the summaries of a case per language."""
    return {text.language: text.summary for text in case.texts if text.summary}


def title_in(case: Case, language: str) -> Chosen:
    """Choose the title of a case for a reader."""
    return choose(titles(case), language, case.original_language)


def city_in(case: Case, language: str) -> str:
    """Choose the name of a case's city for a reader."""
    return choose(case.city_names, language).text or case.city


def marked(segments: Iterable[Segment]) -> Markup:
    """Turn segments into safe HTML with <mark>."""
    # Every piece is escaped on its own; Markup.format would take most of the time of a page of results.
    return Markup("".join(f"<mark>{escape(one.text)}</mark>" if one.marked else escape(one.text) for one in segments))


def marked_title(case: Case, found: Found, language: str) -> Markup:
    """Return the title in the reader's language with what was found marked."""
    chosen = title_in(case, language)
    kept = found.page.kept(case.id)
    return marked(highlight(chosen.text, found.question, found.lexicon, chosen.language, "title", kept))


def marked_excerpt(hit: Hit, case: Case, found: Found, language: str) -> tuple[Markup, str]:
    """Return the part of the text that answers best, marked, and its language.

    It comes from the reader's language unless the words stand only in another one.
    """
    told = {text.language: text for text in case.texts}
    where = hit.language if hit.field in ("title", "summary", "body") else language
    bodies = {tag: text.whole for tag, text in told.items() if text.whole}
    field = "body" if hit.field == "body" and bodies else "summary"
    chosen = choose(bodies if field == "body" else summaries(case), where, case.original_language)
    kept = found.page.kept(case.id)
    segments = excerpt(chosen.text, found.question, found.lexicon, chosen.language, field=field, kept=kept)
    if where != language and where in told and not any(one.marked for one in segments):
        return marked(highlight(told[where].title, found.question, found.lexicon, where, "title", kept)), where
    return marked(segments), chosen.language


def item(hit: Hit, case: Case, found: Found, language: str, site_url: str) -> dict[str, Any]:
    """Return a case as the JSON interface gives it; ``highlight`` is HTML with nothing but <mark>."""
    shown, _ = marked_excerpt(hit, case, found, language)
    return {
        "id": case.id,
        "title": title_in(case, language).text,
        "city": city_in(case, language),
        "country": case.country,
        "year": case.year,
        "rank": case.rank,
        "category": case.category,
        "themes": list(case.themes),
        "url": f"{site_url}/c/{case.id}",
        "highlight": str(shown),
    }


def answer(found: Found, language: str, site_url: str) -> dict[str, Any]:
    """Return an answer for programs: what was found, and apart from it what was found in other languages only.

    Each item tells the language and the field in which it answers; ``suggestion`` is a better spelling or null.
    """

    def located(hit: Hit, case: Case) -> dict[str, Any]:
        return {**item(hit, case, found, language, site_url), "language": hit.language, "field": hit.field}

    return {
        "total": found.page.total,
        "items": [located(hit, case) for hit, case in found.cases],
        "other_languages": [located(hit, case) for hit, case in found.elsewhere],
        "suggestion": found.page.suggestion,
    }


def facet_counts(facets: Mapping[str, tuple[FacetCount, ...]]) -> dict[str, list[dict[str, Any]]]:
    """Return the facets as the JSON interface gives them."""
    return {
        facet: [
            {"value": int(count.value) if facet == "year" else count.value, "count": count.count} for count in counts
        ]
        for facet, counts in facets.items()
    }
