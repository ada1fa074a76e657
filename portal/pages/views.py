"""Home, information pages, notices, the choice of language, what robots read, and the checks of an operator."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, g, jsonify, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from portal import clock, web
from portal.access import Public
from portal.editions import queries as editions
from portal.errors import Hidden
from portal.forms import small_number
from portal.i18n import SOURCE_LANGUAGE, negotiate
from portal.library import queries as library
from portal.library.covers import cover_svg
from portal.pages import queries, rules
from portal.web import needs, portal, session, visitor

pages = Blueprint("pages", __name__)

WINNERS_AT_HOME = 7
NOTICES_AT_HOME = 3


@pages.route("/")
@needs(Public.READ)
def choose_language() -> ResponseReturnValue:
    """Send the reader to the home page in their language."""
    g.private = True
    wished = [tag for tag, _ in request.accept_languages]
    known = [visitor().language] if visitor().signed_in else []
    response = redirect(url_for(".home", lang=negotiate(known + wished, portal().languages)), 302)
    response.vary.add("Accept-Language")
    return response


@pages.route("/<lang:lang>/")
@needs(Public.READ)
def home() -> ResponseReturnValue:
    """Show what this prize is, what is open, who won, and where to search."""
    now = clock.now()
    open_edition = editions.get_open_edition(session(), now=now)
    cases, countries = queries.count_cases(session(), now=now)
    return render_template(
        "pages/home.html",
        open_edition=open_edition,
        next_edition=None if open_edition else queries.get_next_edition(session(), now=now),
        winners=queries.list_newest_winners(session(), now=now, limit=WINNERS_AT_HOME),
        notices=queries.list_notices(session(), now=now, limit=NOTICES_AT_HOME),
        cases=cases,
        countries=countries,
        choose_text=queries.choose_text,
        cover_svg=cover_svg,
    )


@pages.route("/<lang:lang>/pages/<slug>")
@needs(Public.READ)
def show(slug: str) -> ResponseReturnValue:
    """Show an information page."""
    texts = queries.list_page_texts(session(), slug)
    chosen = queries.choose_text(texts, web.language().tag)
    if not rules.is_slug(slug) or chosen is None:
        raise Hidden
    return render_template("pages/show.html", slug=slug, text=chosen, shown_in=_fallback(chosen.language))


@pages.route("/<lang:lang>/notices")
@needs(Public.READ)
def list_notices() -> ResponseReturnValue:
    """List the notices."""
    now, number = clock.now(), _page_number()
    total = queries.count_notices(session(), now=now)
    pages_in_all = max(1, -(-total // rules.NOTICES_PER_PAGE))
    if number > pages_in_all:
        raise Hidden
    found = queries.list_notices(
        session(), now=now, limit=rules.NOTICES_PER_PAGE, offset=(number - 1) * rules.NOTICES_PER_PAGE
    )
    return render_template(
        "pages/list_notices.html",
        notices=[(notice, queries.choose_text(notice.texts, web.language().tag)) for notice in found],
        page=number,
        pages=pages_in_all,
        url=lambda n: url_for(".list_notices", page=n if n > 1 else None),
    )


@pages.route("/<lang:lang>/notices/<notice_id>")
@needs(Public.READ)
def show_notice(notice_id: str) -> ResponseReturnValue:
    """Show a notice."""
    notice = queries.get_notice(session(), notice_id, now=clock.now())
    chosen = queries.choose_text(notice.texts, web.language().tag) if notice else None
    if notice is None or chosen is None:
        raise Hidden
    return render_template("pages/show_notice.html", notice=notice, text=chosen, shown_in=_fallback(chosen.language))


@pages.route("/logo/<sha256>")
@needs(Public.READ)
def logo(sha256: str) -> ResponseReturnValue:
    """Send the prize's logo; its address changes with its content."""
    site = queries.get_site(session())
    if site is None or not site.logo_sha256 or site.logo_sha256 != sha256:
        raise Hidden
    g.private = True
    response = send_file(portal().store.path(sha256), mimetype=site.logo_type, conditional=True, max_age=31_536_000)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


@pages.route("/favicon.ico")
@needs(Public.READ)
def favicon() -> ResponseReturnValue:
    """Lead browsers that ask for the old address to the sign of the site."""
    return redirect(current_app.jinja_env.globals["asset"]("img/favicon.svg"), 302)  # type: ignore[operator]


@pages.route("/robots.txt")
@needs(Public.READ)
def robots() -> ResponseReturnValue:
    """Tell robots what is not for them, and where the list of pages is."""
    lines = ["User-agent: *"]
    lines += [f"Disallow: /*/{part}" for part in ("staff/", "judging/", "entries/", "desk", "people", "login")]
    lines += ["", f"Sitemap: {portal().settings.site_url}{url_for('.sitemap')}", ""]
    return Response("\n".join(lines), mimetype="text/plain")


@pages.route("/sitemap.xml")
@needs(Public.READ)
def sitemap() -> ResponseReturnValue:
    """List every public page in every language; simulated things and what has not appeared yet are left out."""
    now = clock.now()
    endpoints: list[tuple[str, dict[str, Any]]] = [
        (name, {})
        for name in (
            "pages.home", "editions.call", "library.results", "library.past_winners", "library.list_cases",
            "library.health", "library.statistics", "library.list_collections", "library_data.show_developers",
            "pages.list_notices",
        )
    ]  # fmt: skip
    written = {row.slug for row in queries.list_all_page_texts(session())}
    endpoints += [("pages.show", {"slug": slug}) for slug in rules.SLUGS if slug in written]
    endpoints += [("pages.show_notice", {"notice_id": row.id}) for row in queries.list_notices(session(), now=now)]
    endpoints += [
        ("library.results_of", {"slug": one.slug})
        for one in library.list_editions_with_results(session(), now=now)
        if not one.simulated
    ]
    endpoints += [
        ("library.show_collection", {"slug": one.slug}) for one, _ in library.list_collections(session(), now=now)
    ]
    changed = queries.list_library_ids(session(), now=now)
    endpoints += [("library.show_case", {"case_id": one}) for one in changed]
    base = portal().settings.site_url
    tags = [tag for tag, language in portal().languages.items() if not language.is_pseudo]
    entries = [
        (
            [(tag, base + url_for(endpoint, lang=tag, **values)) for tag in tags],
            base + url_for(endpoint, lang=SOURCE_LANGUAGE, **values),
            changed.get(values.get("case_id", "")),
        )
        for endpoint, values in endpoints
    ]
    return Response(render_template("pages/sitemap.xml", entries=entries), mimetype="application/xml")


@pages.route("/healthz")
@needs(Public.READ)
def healthz() -> ResponseReturnValue:
    """Say that the process answers."""
    g.private = True
    return jsonify(status="ok")


@pages.route("/readyz")
@needs(Public.READ)
def readyz() -> ResponseReturnValue:
    """Say whether the database answers too."""
    g.private = True
    session().execute(text("SELECT 1"))
    return jsonify(status="ok")


def _fallback(tag: str) -> str | None:
    """Return the name of a language, in the reader's language, when it is not the reader's own."""
    reader = web.language()
    return None if tag == reader.tag else (reader.locale.languages.get(tag.replace("-", "_")) or tag)


def _page_number() -> int:
    asked = small_number(request.args.get("page", "1"))
    if asked is None or not 1 <= asked <= 10_000:
        raise Hidden
    return asked
