"""The door for other programs: who may ask how often, what pages of other sites may read, errors as sentences."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, current_app, g, render_template, request
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext

from portal import clock
from portal.errors import Hidden
from portal.library import queries
from portal.library.asking import BadParameter
from portal.library.finding import Found, finder_at
from portal.library.models import Case
from portal.library.opendata.holdings import Listed, list_listed
from portal.library.opendata.pace import Pace
from portal.library.search.port import LONGEST_QUERY, MOST_PER_PAGE, SearchQuery
from portal.memory import kept
from portal.web import client_address, portal, session

pages = Blueprint("library_data", __name__)

#: Answers that one address may have computed in a minute by each process.
MOST_A_MINUTE = 600
#: Where the pace of a site hangs.
PACE = "library_pace"

#: XML 1.0 knows no way to write these characters.
_NOT_IN_XML = {code: None for code in (*range(0x20), 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)) if code not in (9, 10, 13)}


@pages.record
def _begin_counting(state: BlueprintSetupState) -> None:
    state.app.extensions[PACE] = Pace(MOST_A_MINUTE, 60)


@pages.before_request
def _keep_pace() -> ResponseReturnValue | None:
    if request.method == "OPTIONS":
        return None
    pace: Pace = current_app.extensions[PACE]
    seconds = pace.wait(client_address())
    if not seconds:
        return None
    response = refuse(gettext("Too many questions in one minute. Please ask again in %(seconds)s seconds.",
                              seconds=seconds), 429)  # fmt: skip
    response.headers["Retry-After"] = str(seconds)
    response.headers["RateLimit"] = f'"address";r=0;t={seconds}'
    return response


@pages.after_request
def _tell_pace(response: Response) -> Response:
    """Name the limit; how much is left is no part of answers, for many are ready made and read by everybody."""
    pace: Pace = current_app.extensions[PACE]
    response.headers["RateLimit-Policy"] = f'"address";q={pace.most};w={pace.seconds:.0f}'
    return response


@pages.after_request
def open_to_all(response: Response) -> Response:
    """Let pages of other sites read an answer, and mark it."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = "ETag, Last-Modified, RateLimit, RateLimit-Policy, Retry-After"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
        response.headers["Access-Control-Allow-Headers"] = "If-Modified-Since, If-None-Match"
        response.headers["Access-Control-Max-Age"] = "86400"
    return marked(response)


def marked(response: Response) -> Response:
    """Mark an answer, no page, for which no ready-made copy is kept; who has it already gets no second one."""
    is_kept = not g.get("private") and current_app.config["SESSION_COOKIE_NAME"] not in request.cookies
    is_data = response.status_code == 200 and response.mimetype != "text/html" and not response.is_streamed
    if is_data and request.method in ("GET", "HEAD") and not is_kept:
        response.add_etag(weak=True)
        response.make_conditional(request)
    return response


def dated(response: Response, changed_at: datetime | None) -> Response:
    """Say when an answer changed last; not within that second, in which it may change once more."""
    if changed_at and clock.now() >= changed_at.replace(microsecond=0) + timedelta(seconds=1):
        response.last_modified = changed_at
    return response


def last_change() -> datetime | None:
    """Return when the library changed last, as far as the public could see it."""
    return max((one.changed_at for one in listed()), default=None)


def as_json(answer: Any, mimetype: str = "application/json") -> Response:
    """Answer with JSON, letters as they are."""
    return Response(json.dumps(answer, ensure_ascii=False) + "\n", content_type=mimetype)


def as_xml(template: str, mimetype: str, **values: Any) -> Response:
    """Answer with XML; characters that XML does not know are left out."""
    return Response(render_template(template, **values).translate(_NOT_IN_XML), mimetype=mimetype)


def refuse(message: str, status: int) -> Response:
    """Answer with a sentence that says what is wrong."""
    response = as_json({"error": message})
    response.status_code = status
    response.vary.add("Accept-Language")
    return response


def explain(bad: BadParameter) -> Response:
    """Refuse a parameter that cannot be understood."""
    return refuse(_sentence_about(bad), 422)


def _sentence_about(bad: BadParameter) -> str:
    if bad.name == "per_page":
        return gettext(
            "per_page must be a whole number from 1 to %(most)s, not “%(given)s”.",
            most=MOST_PER_PAGE, given=bad.given,
        )  # fmt: skip
    if bad.name == "page":
        return gettext("page must be a whole number from 1 on, not “%(given)s”.", given=bad.given)
    if bad.name == "year":
        return gettext("year must be a year of four digits, not “%(given)s”.", given=bad.given)
    if bad.name == "sort":
        return gettext("sort must be relevance, newest, prize or title, not “%(given)s”.", given=bad.given)
    if bad.name == "lang":
        return gettext("lang must be a language tag such as ko or en, not “%(given)s”.", given=bad.given)
    return gettext("%(name)s has a value that cannot be understood: “%(given)s”.", name=bad.name, given=bad.given)


def too_long() -> Response:
    """Refuse a question that is longer than the engine reads."""
    return refuse(
        gettext("The question is too long: at most %(most)s bytes of UTF-8 are read.", most=LONGEST_QUERY), 422
    )


def find(query: SearchQuery, *, now: datetime) -> Found:
    """Ask the library; an answer made without the index is not kept. Raises QueryTooLong."""
    site = portal()
    found = finder_at(site.settings).find(
        session(), query, now=now, mend=None if current_app.testing else site.database
    )
    if found.is_passing:
        g.private = True
    return found


def listed() -> tuple[Listed, ...]:
    """Return every real case that has appeared, withdrawn ones too; read once for each state of the library."""
    return kept(lambda: list_listed(session(), now=clock.now()), "library-listed")


def real_case(case_id: str) -> Case:
    """Return a case that has appeared and is real, a withdrawn one too; any other is not found."""
    case = None if "\0" in case_id else queries.get_case(session(), case_id, now=clock.now())
    if case is None or case.simulated:
        raise Hidden
    return case


def withdrawn() -> Response:
    """Say that a case was taken out of the library."""
    return refuse(gettext("This case was withdrawn from the library."), 410)


@contextmanager
def speaking(tag: str) -> Iterator[None]:
    """Make every sentence inside the block one of a language; English where the site does not offer it."""
    before, g.language = g.language, portal().languages.get(tag) or portal().languages["en"]
    try:
        with force_locale(g.language.locale):
            yield
    finally:
        g.language = before


def site_in(tag: str) -> Any:
    """Return the prize's name and contact in a language."""
    with speaking(tag):
        return current_app.extensions["site_for_templates"]()


def tags() -> list[str]:
    """Return the languages that the site offers its readers."""
    return [tag for tag, language in portal().languages.items() if not language.is_pseudo]
