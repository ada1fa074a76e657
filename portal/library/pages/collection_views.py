"""Collections: choices of cases by the secretariat."""

from __future__ import annotations

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import Public
from portal.errors import Hidden
from portal.i18n import choose
from portal.library import linked, queries
from portal.library.pages.cards import pages, source_of_data, view_of
from portal.web import language, needs, session


@pages.route("/collections")
@needs(Public.READ)
def list_collections() -> ResponseReturnValue:
    """List the collections that hold at least one case the public sees."""
    return render_template(
        "library/list_collections.html",
        section="cases",
        collections=queries.list_collections(session(), now=clock.now()),
    )


@pages.route("/collections/<slug>")
@needs(Public.READ)
def show_collection(slug: str) -> ResponseReturnValue:
    """Show a collection with those of its cases that the public sees, in the order of the secretariat."""
    now = clock.now()
    collection = queries.get_collection(session(), slug, now=now)
    if collection is None:
        raise Hidden
    order = [member.case_id for member in collection.members]
    cases = queries.list_told_cases(session(), order, now=now)
    cards = [view_of(cases[one]) for one in order if one in cases]
    name = choose(collection.names, language().tag)
    return render_template(
        "library/show_collection.html",
        section="cases",
        collection=collection,
        cards=cards,
        json_ld=linked.list_data(
            name.text, source_of_data(), tag=name.language, url=url_for("library.show_collection", slug=slug),
            items=[(str(one.title), one.case) for one in cards],
        ),
    )  # fmt: skip
