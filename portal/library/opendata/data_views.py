"""The library for other programs and for ever: JSON interface, feeds, and permanent addresses."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any

from flask import Response, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal import clock
from portal.access import Public
from portal.editions import queries as editions
from portal.errors import Hidden
from portal.i18n import SOURCE_LANGUAGE, choose, negotiate
from portal.library import answers, linked, queries
from portal.library.asking import Asked, BadParameter, View, read_asked, read_per_page
from portal.library.opendata import download_views, exports, harvest_views
from portal.library.opendata.door import (
    MOST_A_MINUTE,
    as_json,
    as_xml,
    dated,
    explain,
    find,
    last_change,
    listed,
    open_to_all,
    pages,
    real_case,
    speaking,
    too_long,
    withdrawn,
)
from portal.library.opendata.exports import record_of, seen_change
from portal.library.opendata.holdings import count_by, counted
from portal.library.opendata.openapi import describe
from portal.library.pages.cards import address, result_view, source_of_data
from portal.library.pages.cards import pages as library_pages
from portal.library.pages.suggestion_views import LONGEST_TYPED, suggest
from portal.library.search.port import QueryTooLong
from portal.web import needs, portal, session, visitor

__all__ = ["download_views", "harvest_views", "pages"]

#: Items of the JSON interface when the asker does not say how many.
PER_PAGE = 20
#: Prizes or cases in a feed.
MOST_IN_FEED = 50

_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


@pages.route("/api/v1/cases")
@needs(Public.READ)
def search_cases() -> ResponseReturnValue:
    """Search the library as JSON; unknown parameters are ignored, bad values are answered 422 with a sentence."""
    try:
        _refuse_empty_numbers()
        asked = read_asked(request.args, strict=True)
        per_page = read_per_page(request.args, PER_PAGE)
        tag = _read_language()
        found = find(asked.query(tag, per_page), now=clock.now())
    except BadParameter as bad:
        return explain(bad)
    except QueryTooLong:
        return too_long()
    return as_json({
        "total": found.page.total,
        "items": [answers.item(hit, case, found, tag, portal().settings.site_url) for hit, case in found.cases],
        "facets": answers.facet_counts(found.page.facets),
    })  # fmt: skip


def _refuse_empty_numbers() -> None:
    """Raise BadParameter for a number that is given but empty: the description of the interface promises a number."""
    for name in ("page", "per_page"):
        if name in request.args and not request.args[name].strip():
            raise BadParameter(name, request.args[name])


def _read_language() -> str:
    given = request.args.get("lang", "").strip()
    if not given:
        return SOURCE_LANGUAGE
    if not _TAG.fullmatch(given):
        raise BadParameter("lang", given)
    return given


@pages.route("/api/v1/cases/<case_id>")
@needs(Public.READ)
def show_case(case_id: str) -> ResponseReturnValue:
    """Give a case in all its languages; a withdrawn one is answered 410."""
    case = real_case(case_id)
    if case.withdrawn_at is not None:
        return withdrawn()
    return dated(as_json(record_of(case, portal().settings.site_url)), seen_change(case))


@pages.route("/api/v1/suggest")
@needs(Public.READ)
def suggest_words() -> ResponseReturnValue:
    """Suggest how an unfinished question could go on, with addresses in a language that the site offers."""
    try:
        tag = _read_language()
    except BadParameter as bad:
        return explain(bad)
    typed = " ".join(request.args.get("q", "").split())[:LONGEST_TYPED]
    base = portal().settings.site_url
    with speaking(negotiate([tag], portal().languages)):
        items = [{**asdict(one), "url": base + one.url} for one in suggest(typed)] if typed else []
    return as_json({"items": items})


@pages.route("/api/v1/editions")
@needs(Public.READ)
def list_editions() -> ResponseReturnValue:
    """List the editions of the prize with how many prizes and cases of each can be read."""
    prizes = {one.slug: one.prizes for one in queries.list_editions_with_results(session(), now=clock.now())}
    held = [one.edition_slug for one in listed() if not one.is_withdrawn]
    items = [
        {
            "slug": one.slug,
            "year": one.year,
            "names": one.names,
            "time_zone": one.time_zone,
            "call_opens_at": one.call_opens_at.isoformat() if one.call_opens_at else None,
            "call_closes_at": one.call_closes_at.isoformat() if one.call_closes_at else None,
            "ceremony_at": one.ceremony_at.isoformat() if one.ceremony_at else None,
            "prizes": prizes.get(one.slug, 0),
            "cases": held.count(one.slug),
            "url": f"{portal().settings.site_url}{url_for('library.results_of', lang='en', slug=one.slug)}"
            if prizes.get(one.slug)
            else None,
        }
        for one in editions.list_public_editions(session())
    ]
    return as_json({"total": len(items), "items": items})


@pages.route("/api/v1/statistics")
@needs(Public.READ)
def show_statistics() -> ResponseReturnValue:
    """Count the cases of the library by year, country, theme, category and award."""
    held = [one for one in listed() if not one.is_withdrawn]
    return as_json({"total": len(held), "counts": counted(count_by(held))})


@pages.route("/api/v1", strict_slashes=False)
@pages.route("/api/v1/openapi.json")
@needs(Public.READ)
def show_description() -> ResponseReturnValue:
    """Describe the JSON interface in OpenAPI 3.1."""
    return as_json(describe(portal().settings.site_url, portal().settings.data_licence))


@pages.route("/<lang:lang>/developers")
@needs(Public.READ)
def show_developers() -> ResponseReturnValue:
    """Tell people who write programs what the library offers them."""
    settings = portal().settings
    site, tag = settings.site_url, g.language.tag
    about = harvest_views.describe_library()
    json_ld = linked.dataset_data(
        source_of_data(), tag=tag, url=url_for("library.list_cases"), name=about.titles[tag],
        description=about.descriptions[tag], keywords=about.keywords[tag], years=about.years,
        changed_on=about.changed_at.date().isoformat() if about.changed_at else "",
        files={
            url_for("library_data.export_cases", ending=ending): media_type.partition(";")[0]
            for ending, media_type in download_views.MEDIA_TYPES.items()
        },
    ) if tag in about.titles else None  # fmt: skip
    return render_template(
        "library/developers.html", section="cases", base=site, licence=settings.data_licence, most=exports.MOST,
        answers_a_minute=MOST_A_MINUTE, example=f"{site}/api/v1/cases?q=health&lang={tag}", json_ld=json_ld,
    )  # fmt: skip


@pages.route("/c/<case_id>")
@needs(Public.READ)
def permanent(case_id: str) -> ResponseReturnValue:
    """Lead from the permanent address of a case to its page in the reader's language."""
    g.private = True
    if queries.get_case(session(), case_id, now=clock.now()) is None:
        raise Hidden
    wished = [tag for tag, _ in request.accept_languages]
    known = [visitor().language] if visitor().signed_in else []
    target = url_for("library.show_case", lang=negotiate(known + wished, portal().languages), case_id=case_id)
    response = current_app.make_response(redirect(target, 302))
    response.vary.add("Accept-Language")
    return response


@pages.route("/<lang:lang>/cases.atom")
@needs(Public.READ)
def cases_feed() -> ResponseReturnValue:
    """Give the cases of a search that appeared last as an Atom feed; without a search, of the whole library."""
    try:
        asked = read_asked(request.args, strict=True).seen_as(View.CARDS)
        newest = _newest(asked)
    except BadParameter as bad:
        return explain(bad)
    except QueryTooLong:
        return too_long()
    return feed_of(newest, asked)


def _newest(asked: Asked) -> list[str]:
    """Return the ids of the cases of a search that appeared last, newest first."""
    latest = [one.id for one in sorted(listed(), key=lambda one: (one.appeared_at, one.id), reverse=True)]
    if asked.text or asked.is_narrowed:
        among = download_views.list_ids(asked)
        latest = [one for one in latest if one in among]
    return latest[:MOST_IN_FEED]


def feed_of(ids: list[str], asked: Asked) -> Response:
    """Return the feed of a search with the named cases, in their order."""
    tag, cases = g.language.tag, queries.list_cases(session(), ids, now=clock.now())
    shown = [cases[one] for one in ids if one in cases]
    page = address(asked)
    entries = [
        (
            case, answers.title_in(case, tag), answers.city_in(case, tag),
            choose(answers.summaries(case), tag, case.original_language), seen_change(case),
        )
        for case in shown
    ]  # fmt: skip
    if asked.text:
        title = gettext("Cases about “%(words)s”", words=asked.text)
    else:
        title = gettext("Chosen cases") if asked.is_narrowed else gettext("New cases")
    own = url_for("library_data.cases_feed") + page[len(url_for("library.list_cases")) :]
    answer = as_xml(
        "library/cases.atom.xml", "application/atom+xml", title=title, address=own, page=page, asked=asked,
        base=portal().settings.site_url, entries=entries, licence=portal().settings.data_licence.address,
        updated=max((entry[-1] for entry in entries), default=None),
    )  # fmt: skip
    return dated(answer, last_change())


@library_pages.route("/results.atom")
@needs(Public.READ)
def results_feed() -> ResponseReturnValue:
    """Give the newest real results as an Atom feed."""
    now = clock.now()
    published = queries.list_newest_results(session(), now=now, most=MOST_IN_FEED)
    cases = queries.cases_of(session(), published, now=now)
    entries: list[dict[str, Any]] = []
    for result in published:
        view = result_view(result, cases.get(result.case_id or ""))
        title = gettext("%(prize)s: %(title)s (%(city)s)", prize=view.prize, title=view.title, city=view.city)
        entries.append({"view": view, "title": title, "at": result.visible_from})
    return open_to_all(as_xml(
        "library/results.atom.xml", "application/atom+xml", entries=entries, base=portal().settings.site_url,
        updated=max((result.visible_from for result in published), default=None),
    ))  # fmt: skip
