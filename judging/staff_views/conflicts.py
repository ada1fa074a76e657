"""The secretariat's list of conflicts of interest."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from judging.access import Staff
from judging.queries import conflicts as queries
from judging.staff_views.desk import edition_of
from portal.definitions.vocabulary import vocabularies
from portal.web import needs, session

pages = Blueprint("staff_conflicts", __name__, url_prefix="/<lang:lang>/staff/editions/<slug>/conflicts")


@pages.route("/")
@needs(Staff.MANAGE_JUDGES)
def list_conflicts(slug: str) -> ResponseReturnValue:
    """Show which judge may not read which entry, and why."""
    edition = edition_of(slug)
    return render_template(
        "staff/list_conflicts.html", edition=edition, rows=queries.list_conflicts(session(), edition.id),
        kinds=vocabularies()["conflict_kinds"],
    )  # fmt: skip
