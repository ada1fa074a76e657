"""Suggestions while a reader types: themes, countries and cities of the library, and cases; published ones only."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass

from flask import Response, current_app, g, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from portal import clock
from portal.access import Public
from portal.library import answers
from portal.library.asking import Asked
from portal.library.finding import Finder, Found, finder_at
from portal.library.pages.cards import address, facet_word, line_of, pages
from portal.library.search.folding import fold
from portal.library.search.port import FacetCount, SearchQuery
from portal.memory import kept
from portal.web import language, needs, portal, session

#: Letters of an unfinished question that are read.
LONGEST_TYPED = 100
#: Suggestions of one kind, and cases that are looked at for them.
MOST_NAMES, MOST_CASES, MOST_LOOKED_AT = 3, 5, 24


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One line of the list: what it is called, what it is, and where it leads."""

    label: str
    note: str
    url: str
    language: str | None = None


@pages.route("/suggestions")
@needs(Public.READ)
def list_suggestions() -> ResponseReturnValue:
    """Suggest how an unfinished question could go on, as JSON."""
    typed = " ".join(request.args.get("q", "").split())[:LONGEST_TYPED]
    items = suggest(typed) if typed else []
    told = ngettext("%(num)s suggestion", "%(num)s suggestions", len(items)) if items else gettext("No suggestions")
    return Response(
        json.dumps({"items": [asdict(item) for item in items], "status": told}, ensure_ascii=False) + "\n",
        mimetype="application/json",
    )


def suggest(typed: str) -> list[Suggestion]:
    """Return how an unfinished question could go on: themes, countries, cities, cases."""
    finder, tag = finder_at(portal().settings), language().tag
    mend = None if current_app.testing else portal().database
    query = SearchQuery(typed, tag, per_page=MOST_LOOKED_AT, typing=True)
    found = finder.find(session(), query, now=clock.now(), mend=mend)
    if found.is_passing:
        g.private = True
    return [*_names(finder, typed), *_cities(found, typed), *_cases(found)]


def _names(finder: Finder, typed: str) -> Iterator[Suggestion]:
    """Suggest themes and countries that cases of the library have."""
    counted = kept(lambda: _facets(finder), "suggested-names")
    for facet, kind in (("theme", gettext("Theme")), ("country", gettext("Country"))):
        begun = ((label, count) for label, count in counted[facet] if _is_begun(label, typed))
        for label, count in list(begun)[:MOST_NAMES]:
            cases = ngettext("%(num)s case", "%(num)s cases", count.count)
            yield Suggestion(label, f"{kind} · {cases}", address(Asked(chosen={facet: (count.value,)})))


def _facets(finder: Finder) -> dict[str, list[tuple[str, FacetCount]]]:
    """Return the themes and countries of all cases with their names, the most used first."""
    whole = finder.find(session(), SearchQuery("", language().tag, per_page=1), now=clock.now()).page.facets
    countries = language().locale.territories
    return {
        "theme": [(facet_word("theme", one.value), one) for one in whole["theme"]],
        "country": [(countries.get(one.value, one.value), one) for one in whole["country"]],
    }


def _cities(found: Found, typed: str) -> Iterator[Suggestion]:
    """Suggest the cities of what was found, under the name that was begun."""
    named: dict[str, str] = {}
    for _, case in found.cases:
        names = (answers.city_in(case, language().tag), case.city, *case.city_names.values())
        begun = next((name for name in names if _is_begun(name, typed)), None)
        if begun:
            named.setdefault(begun, names[0])
    for begun, shown in list(named.items())[:MOST_NAMES]:
        note = gettext("City") if begun == shown else f"{gettext('City')} · {shown}"
        yield Suggestion(begun, note, address(Asked(text=begun)))


def _cases(found: Found) -> Iterable[Suggestion]:
    for hit, case in found.cases[:MOST_CASES]:
        line = line_of(hit, case, found)
        yield Suggestion(
            line.plain_title, f"{line.city} · {case.year}", line.url, line.title_language if line.is_fallback else None
        )


def _is_begun(label: str, typed: str) -> bool:
    """Tell whether the typed letters begin a name or one of its words."""
    wanted, name = fold(typed).strip(), fold(label)
    return bool(wanted) and (name.startswith(wanted) or f" {wanted}" in f" {name}")
