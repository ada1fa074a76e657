"""Questions of readers to cities, as editors see them."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.errors import Hidden
from portal.forms import PlainAct
from portal.library.access import Library
from portal.library.actions import requests as actions
from portal.library.desk import editorial
from portal.library.desk.door import pages, title_of
from portal.web import needs, session, visitor, writing


@pages.route("/requests")
@needs(Library.EDIT)
def list_requests() -> ResponseReturnValue:
    """List the questions of readers to cities, open ones first."""
    return render_template(
        "library/staff/list_requests.html", requests=editorial.list_requests(session()), title_of=title_of
    )  # fmt: skip


@pages.route("/requests/<request_id>/done", methods=["POST"])
@needs(Library.EDIT)
def finish_request(request_id: str) -> ResponseReturnValue:
    """Mark a question as done, or open again."""
    form = PlainAct(request.form)
    if form.validate():
        asked = editorial.get_request(writing(), request_id)
        if asked is None:
            raise Hidden
        done = request.form.get("done") == "1"
        actions.finish_request(session(), asked, done=done, by=visitor().id, now=clock.now())
    return redirect(url_for(".list_requests"), 303)
