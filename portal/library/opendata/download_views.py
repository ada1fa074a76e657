"""Downloads: exports of a search, and citations of a case."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from flask import Response, g, request
from flask.typing import ResponseReturnValue
from werkzeug.http import is_resource_modified

from portal import clock
from portal.access import Public
from portal.db import Database
from portal.i18n import choose
from portal.library import answers
from portal.library.asking import Asked, BadParameter, View, read_asked
from portal.library.labels import NO_AWARD, award_texts, rank_texts, theme_texts
from portal.library.models import Case
from portal.library.opendata import citations, exports
from portal.library.opendata.door import (
    dated,
    explain,
    find,
    last_change,
    listed,
    pages,
    real_case,
    site_in,
    too_long,
    withdrawn,
)
from portal.library.opendata.holdings import list_whole_cases, mark_of
from portal.library.search.port import QueryTooLong
from portal.web import language, needs, portal

#: Cases that are read at once.
_BATCH = 500
#: Changes when the same cases are written in another way: part of the mark of an export.
_EDITION_OF_EXPORTS = "2"

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)

#: The endings of an export and the media type of each.
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8; header=present",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@pages.route("/<lang:lang>/cases.<any(csv, json, xlsx):ending>")
@needs(Public.READ)
def export_cases(ending: str) -> ResponseReturnValue:
    """Give all cases of a search, most fitting first; the parameters are those of the page, ``page`` aside."""
    g.private = True  # written piece by piece, so not kept ready-made; the mark below answers those who have it
    tag, now, site = language().tag, clock.now(), portal().settings.site_url
    try:
        asked = read_asked(request.args, strict=True).seen_as(View.CARDS)
        mark = mark_of(listed(), ending, tag, repr(asked.pairs()), _EDITION_OF_EXPORTS)
        unchanged = _marked(Response(status=304), mark)
        if not is_resource_modified(request.environ, etag=mark, last_modified=unchanged.last_modified):
            return unchanged
        ids = list_ids(asked)
    except BadParameter as bad:
        return explain(bad)
    except QueryTooLong:
        return too_long()
    cases = _read(portal().database, ids, now)
    rows = (exports.row_of(case, tag, site) for case in cases)
    body: bytes | Iterator[str]
    if request.method == "HEAD":
        body = b""
    elif ending == "xlsx":
        body = exports.as_xlsx(rows, last_change() or _NEVER)
    elif ending == "csv":
        body = exports.as_csv(rows)
    else:
        body = exports.as_json(len(ids), (exports.record_of(case, site) for case in cases))
    response = Response(body, content_type=MEDIA_TYPES[ending])
    response.automatically_set_content_length = request.method != "HEAD"
    response.headers["Content-Disposition"] = f'attachment; filename="cases-{tag}.{ending}"'
    return _marked(response, mark)


def _marked(response: Response, mark: str) -> Response:
    response.set_etag(mark, weak=True)
    return dated(response, last_change())


def list_ids(asked: Asked) -> dict[str, int]:
    """Return the ids of the cases of a search with their places, at most ``exports.MOST``. Raises QueryTooLong."""
    now, tag = clock.now(), language().tag
    found: dict[str, int] = {}
    for page in range(1, exports.MOST // _BATCH + 1):
        answer = find(asked.on_page(page).query(tag, _BATCH), now=now)
        for hit in answer.page.hits:
            found.setdefault(hit.id, len(found))
        if page >= answer.page.pages:
            break
    return found


def _read(database: Database, ids: dict[str, int], now: datetime) -> Iterator[Case]:
    """Give the named cases in their order, some at a time, from a session of its own: the request ends before."""
    wanted = list(ids)
    for start in range(0, len(wanted), _BATCH):
        part = wanted[start : start + _BATCH]
        with database.open() as session:
            cases = list_whole_cases(session, part, now=now)
            yield from (cases[one] for one in part if one in cases)


@pages.route("/c/<case_id>.<any(bib, ris):kind>")
@pages.route("/c/<case_id>.csl.json", defaults={"kind": "csl"})
@needs(Public.READ)
def cite(case_id: str, kind: str) -> ResponseReturnValue:
    """Give the citation of a case: in its own language, or in the one of the parameter ``lang`` if it is told in it."""
    case = real_case(case_id)
    if case.withdrawn_at is not None:
        return withdrawn()
    wished = request.args.get("lang", "")
    tag = answers.title_in(case, wished or case.original_language).language
    city = answers.city_in(case, tag)
    prize = "" if case.award.startswith(NO_AWARD) else choose(award_texts(case.award), tag).text
    rank = choose(rank_texts(case.rank_text), tag).text
    citation = citations.Citation(
        id=case.id, title=answers.title_in(case, tag).text, author=case.organisation or city,
        publisher=site_in(tag).name, year=case.year, url=f"{portal().settings.site_url}/c/{case.id}", language=tag,
        version=case.version, note=", ".join(part for part in (prize, rank) if part),
        abstract=choose(answers.summaries(case), tag, case.original_language).text,
        keywords=tuple(choose(theme_texts(theme), tag).text for theme in case.themes),
    )  # fmt: skip
    return Response(citations.write(citation, kind), content_type=citations.KINDS[kind])
