"""Cards of cases and of prizes, as every page of the library shows them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import Blueprint, current_app, url_for
from markupsafe import Markup
from werkzeug.urls import iri_to_uri

from portal.definitions.vocabulary import vocabularies
from portal.i18n import choose
from portal.library import answers
from portal.library.asking import Asked
from portal.library.covers import cover_svg
from portal.library.finding import Found
from portal.library.linked import Source
from portal.library.models import Case, Result
from portal.library.search.port import Hit
from portal.memory import kept
from portal.web import language, portal

pages = Blueprint("library", __name__, url_prefix="/<lang:lang>")


#: Covers are always the same for the same case; a page of cards would spend a third of its time drawing them.
cover = lru_cache(maxsize=2_048)(cover_svg)


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case as a card shows it in the reader's language."""

    case: Case
    title: Any
    title_language: str
    is_fallback: bool
    city: str
    text: Any
    text_language: str
    found_in: str | None
    is_plain: bool
    """Nothing is marked, so that the card is the same for every reader of a language."""
    cover: Any
    url: str


def view_of(case: Case, *, found: Found | None = None, hit: Hit | None = None) -> CaseView:
    """Prepare a card; with an answer to a question, what was found is marked."""
    tag = language().tag
    chosen = answers.title_in(case, tag)
    title: Any = chosen.text
    summary = choose(answers.summaries(case), tag, case.original_language)
    text, text_language = Markup.escape(summary.text), summary.language
    is_plain = True
    if found and hit and found.question.clauses:
        title = answers.marked_title(case, found, tag)
        part, part_language = answers.marked_excerpt(hit, case, found, tag)
        if "<mark>" in part:
            text, text_language = part, part_language
        is_plain = "<mark>" not in part and "<mark>" not in title
    return CaseView(
        case=case, title=title, title_language=chosen.language, is_fallback=chosen.is_fallback,
        city=answers.city_in(case, tag), text=text, text_language=text_language,
        found_in=text_language if text_language != tag and not chosen.is_fallback else None, is_plain=is_plain,
        cover=cover(case.id, case.city, tuple(case.themes), case.rank, case.category),
        url=url_for("library.show_case", case_id=case.id),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """A case in one line, as tables, maps and timelines show it in the reader's language."""

    case: Case
    hit: Hit
    title: Any
    plain_title: str
    """The title without marks."""
    title_language: str
    is_fallback: bool
    city: str
    url: str


def line_of(hit: Hit, case: Case, found: Found) -> Line:
    """Prepare a line; what was found in the title is marked."""
    tag = language().tag
    chosen = answers.title_in(case, tag)
    return Line(
        case=case,
        hit=hit,
        title=answers.marked_title(case, found, tag) if found.question.clauses else chosen.text,
        plain_title=chosen.text,
        title_language=chosen.language,
        is_fallback=chosen.is_fallback,
        city=answers.city_in(case, tag),
        url=url_for("library.show_case", case_id=case.id),
    )


#: Facets whose values are named by a vocabulary of the data.
_VOCABULARIES = {"region": "regions", "sdg": "sdgs", "target": "target_groups", "theme": "themes"}


@pages.app_template_global()
def facet_word(facet: str, value: str) -> str:
    """Return the word for a value that is named by a vocabulary, in the reader's language; a goal with its number."""
    word = choose(vocabularies()[_VOCABULARIES[facet]].get(value), language().tag).text or value
    return f"{value}. {word}" if facet == "sdg" and word != value else word


def label_of(macro: Callable[[str, str], str], facet: str, value: str) -> str:
    """Return the word for a facet's value, made by the macro once for each language."""
    return kept(lambda: macro(facet, value), "facet-label", facet, value)


@pages.app_template_global("search_address")
def address(asked: Asked) -> str:
    """Return the address of a search in the reader's language."""
    values: dict[str, list[str]] = {}
    for name, value in asked.pairs():
        values.setdefault(name, []).append(value)
    return iri_to_uri(url_for("library.list_cases", **values))  # type: ignore[arg-type]


def source_of_data() -> Source:
    """Return who gives the data of this site out, in the reader's language."""
    settings = portal().settings
    return Source(settings.site_url, current_app.extensions["site_for_templates"]().name, settings.data_licence)


@dataclass(frozen=True, slots=True)
class ResultView:
    """A published prize as a card shows it."""

    result: Result
    case: Case | None
    title: str
    title_language: str
    is_fallback: bool
    city: str
    prize: str
    summary: str
    cover: Any
    url: str | None


def result_view(result: Result, case: Case | None) -> ResultView:
    """Prepare a card of a prize; it leads to the case if there is one to read."""
    tag = language().tag
    chosen = choose(result.titles, tag, result.original_language)
    summary = choose(answers.summaries(case), tag, case.original_language).text if case else ""
    themes = case.themes if case else []
    return ResultView(
        result=result, case=case, title=chosen.text or result.organisation or result.city,
        title_language=chosen.language, is_fallback=chosen.is_fallback,
        city=choose(result.city_names, tag).text or result.city,
        prize=choose(result.prize_names, tag).text, summary=summary,
        cover=cover(result.case_id or result.id, result.city, tuple(themes), result.rank, result.category),
        url=url_for("library.show_case", case_id=case.id) if case else None,
    )  # fmt: skip
