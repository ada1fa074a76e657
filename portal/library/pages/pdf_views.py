"""The PDF of a case."""

from __future__ import annotations

import hashlib
import json

from flask import Response, after_this_request, current_app, g, render_template, request
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal import clock
from portal.access import Public
from portal.errors import Hidden, TooMany
from portal.i18n import sentence
from portal.library import queries
from portal.library.opendata.pace import Pace
from portal.library.pages.cards import pages
from portal.library.pages.paper import case_on_paper
from portal.library.pages.typesetting import TEMPLATE, NotTypeset, typeset
from portal.web import client_address, language, needs, session

#: PDFs that one address may have made in a minute by each process.
MOST_A_MINUTE = 30
#: Where the pace of a site hangs.
PACE = "library_pdf_pace"


@pages.record
def _begin_counting(state: BlueprintSetupState) -> None:
    state.app.extensions[PACE] = Pace(MOST_A_MINUTE, 60)


@pages.route("/cases/<case_id>.pdf")
@needs(Public.READ)
def show_pdf(case_id: str) -> ResponseReturnValue:
    """Give a case as a PDF, marked by what it says; a withdrawn one says so."""
    now = clock.now()
    case = None if "\0" in case_id else queries.get_case(session(), case_id, now=now)
    if case is None:
        raise Hidden
    if case.withdrawn_at is not None:
        return render_template("library/withdrawn.html", section="cases", noindex=True, case=case), 410
    g.private = True  # it says on which day it was retrieved; typesetting keeps what was made
    told = json.dumps(case_on_paper(case, now=now), ensure_ascii=False, sort_keys=True)
    mark = hashlib.sha256(TEMPLATE.read_bytes() + told.encode("utf-8", "replace")).hexdigest()[:24]
    if request.if_none_match.contains(mark):
        response = Response(status=304)
    else:
        _keep_pace()
        try:
            made = b"" if request.method == "HEAD" else typeset(told.encode("utf-8", "replace").decode())
        except NotTypeset:
            message = gettext(
                "The PDF could not be made just now. Please try again later, or print the page of the case."
            )
            return render_template("errors/error.html", status=500, message=message), 503
        response = Response(made, mimetype="application/pdf")
        response.headers["Content-Disposition"] = f'attachment; filename="case-{case.id}-{language().tag}.pdf"'
        response.automatically_set_content_length = request.method != "HEAD"
        if case.simulated:
            response.headers["X-Robots-Tag"] = "noindex"
    response.set_etag(mark)
    return response


def _keep_pace() -> None:
    seconds = current_app.extensions[PACE].wait(client_address())
    if not seconds:
        return

    @after_this_request
    def _tell(response: Response) -> Response:
        response.headers["Retry-After"] = str(seconds)
        return response

    raise TooMany(
        sentence("Too many questions in one minute. Please ask again in %(seconds)s seconds."), seconds=seconds
    )
