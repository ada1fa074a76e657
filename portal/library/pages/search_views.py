"""The search of the case library: one address for every state of it, laid out as cards, table, map or timeline."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from flask import current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal import clock
from portal.access import Public
from portal.library.asking import PER_VIEW, Asked, Pairs, View, read_asked
from portal.library.finding import Found, finder_at
from portal.library.pages.cards import Line, address, label_of, line_of, pages, view_of
from portal.library.pages.worldmap import Place, point_map
from portal.library.search.port import FACETS, LONGEST_QUERY, FacetCount, QueryTooLong, SearchQuery, Sort
from portal.web import language, needs, portal, session

_ECHO = 4_000
#: Facets in the order in which a reader meets them.
SHOWN_FACETS = ("category", "theme", "year", "rank", "country", "region", "target", "sdg", "language", "kind")
#: Those whose fold stands open.
OPEN_FACETS = ("category", "theme", "year")
#: Layouts that show everything found on one page.
WHOLE = (View.MAP, View.TIMELINE)


@pages.route("/cases")
@needs(Public.READ)
def list_cases() -> ResponseReturnValue:
    """Search the case library."""
    now, tag = clock.now(), language().tag
    asked = read_asked(request.args)
    if asked.view in WHOLE:
        asked = asked.on_page(1)
    site = portal()
    finder = finder_at(site.settings)
    mend = None if current_app.testing else site.database
    too_long = False
    try:
        found = finder.find(session(), asked.query(tag), now=now, mend=mend)
        if asked.page > found.page.pages:
            asked = asked.on_page(found.page.pages)
            found = finder.find(session(), asked.query(tag), now=now, mend=mend)
    except QueryTooLong:
        too_long = True
        found = finder.find(session(), SearchQuery("", tag, per_page=1), now=now, mend=mend)
    if found.is_passing:
        g.private = True
    helpless = not found.page.total and not too_long
    page = render_template(
        "library/list_cases.html",
        section="cases",
        noindex=bool(asked.pairs()),
        asked=asked,
        typed=asked.text[:_ECHO],
        too_long=too_long,
        longest=LONGEST_QUERY,
        found=found,
        facet_names=shown_facets(found, asked),
        open_facets=OPEN_FACETS,
        counts_of=lambda name: facet_counts(found, asked, name),
        shown=[] if too_long else _shown(found, asked),
        most=PER_VIEW[asked.view],
        elsewhere=[line_of(hit, case, found) for hit, case in found.elsewhere],
        label_of=label_of,
        page_address=lambda number: address(asked.on_page(number)),
        facet_keep=_facet_keep(asked),
        carried=Pairs([pair for pair in asked.on_page(1).pairs() if pair[0] != "q"]),
        any_word=_any_word(asked, found, tag) if helpless else None,
        unfiltered=_unfiltered(asked, tag) if helpless and asked.is_narrowed else 0,
        sorts=tuple(Sort),
        views=tuple(View),
        by_year=by_year,
        map_of=map_of,
        how_to_search=how_to_search,
    )
    return page, 422 if too_long else 200


def _shown(found: Found, asked: Asked) -> list[object]:
    if asked.view is View.CARDS:
        return [view_of(case, found=found, hit=hit) for hit, case in found.cases]
    return [line_of(hit, case, found) for hit, case in found.cases]


def shown_facets(found: Found, asked: Asked) -> list[str]:
    """Return the facets that a reader can choose from: those with two values or more, or with a chosen one."""
    return [
        name
        for name in SHOWN_FACETS
        if name in FACETS and (len(found.page.facets[name]) > 1 or asked.chosen.get(name) or _is_spanned(asked, name))
    ]


def _is_spanned(asked: Asked, name: str) -> bool:
    return name == "year" and asked.has_span


def facet_counts(found: Found, asked: Asked, name: str) -> tuple[FacetCount, ...]:
    """Return the values of a facet; the years of a span are not ticked one by one."""
    counts = found.page.facets[name]
    if not _is_spanned(asked, name):
        return counts
    chosen = asked.chosen.get(name, ())
    return tuple(
        FacetCount(one.value, one.count, one.value in chosen) for one in counts if one.count or one.value in chosen
    )


def how_to_search() -> list[tuple[str, str]]:
    """Return questions that show how questions are written, each with what it means."""
    return [
        (gettext('"digital twin"'), gettext("these words in a row")),
        (gettext("elderly OR children"), gettext("one of the words; OR in capitals")),
        (gettext("health -data"), gettext("the first word without the second; NOT does the same")),
        (gettext("tele*"), gettext("words that begin so")),
        (gettext("city:Baguio"), gettext("a word in one field")),
        (gettext("year:2020..2023"), gettext("a span of years; 2020.. and ..2020 are open on one side")),
        (gettext("(elderly OR children) -mobility"), gettext("parentheses keep together what belongs together")),
    ]


@dataclass(frozen=True, slots=True)
class Year:
    """The cases of one year on the timeline."""

    year: int
    lines: list[Line]


def by_year(lines: list[Line]) -> list[Year]:
    """Group cases by year, the newest first; inside a year they keep their order."""
    ordered = sorted(lines, key=lambda line: -line.case.year)
    return [Year(year, list(group)) for year, group in groupby(ordered, key=lambda line: line.case.year)]


@dataclass(frozen=True, slots=True)
class Mapped:
    """The cases of a search on a map, and how many have no known place."""

    drawing: str
    placed: int
    without_place: int


def map_of(lines: list[Line]) -> Mapped:
    """Draw the cases whose place is known."""
    names = language().locale.territories
    places = [
        Place(
            line.case.latitude, line.case.longitude, url=line.url,
            label=gettext(
                "%(title)s (%(city)s, %(country)s, %(year)s)", title=line.plain_title, city=line.city,
                country=names.get(line.case.country, line.case.country), year=line.case.year,
            ),
        )
        for line in lines
        if line.case.latitude is not None and line.case.longitude is not None
    ]  # fmt: skip
    drawing = point_map(places, label=gettext("World map of the cases found"))
    return Mapped(drawing, len(places), len(lines) - len(places))


def _facet_keep(asked: Asked) -> dict[str, str]:
    """Return what the facet form carries along: the words, the order and the layout."""
    return {name: value for name, value in asked.pairs() if name in ("q", "sort", "view")}


def _any_word(asked: Asked, found: Found, tag: str) -> tuple[Asked, int] | None:
    """Return the search for any of the words, and how many cases it finds, when all of them find none."""
    words = asked.text.split()
    if not found.question.plain or len(words) < 2 or len(asked.text) > LONGEST_QUERY // 4:
        return None
    wider = asked.asking(" OR ".join(words))
    return _counted(wider, tag) or (_counted(wider.anywhere(), tag) if asked.is_narrowed else None)


def _unfiltered(asked: Asked, tag: str) -> int:
    """Count what the same words find without the chosen filters."""
    counted = _counted(asked.anywhere(), tag)
    return counted[1] if counted else 0


def _counted(asked: Asked, tag: str) -> tuple[Asked, int] | None:
    try:
        total = finder_at(portal().settings).count(session(), asked.query(tag), now=clock.now())
    except QueryTooLong:
        return None
    return (asked, total) if total else None
