"""Collections of cases that editors curate."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.errors import Hidden
from portal.forms import PlainAct
from portal.library.access import Library
from portal.library.actions import collections as actions
from portal.library.desk import editorial
from portal.library.desk.door import pages, title_of
from portal.library.desk.forms import publication as forms
from portal.library.models import Collection
from portal.web import done, form_page, needs, offered_languages, refusals, session, visitor, writing


@pages.route("/collections")
@needs(Library.EDIT)
def list_collections() -> ResponseReturnValue:
    """List all collections, drafts too."""
    return render_template(
        "library/staff/list_collections.html", collections=editorial.list_collections(session()),
        offered=offered_languages(), moment_now=clock.now(),
    )  # fmt: skip


@pages.route("/collections/new", methods=["GET", "POST"])
@needs(Library.EDIT)
def begin_collection() -> ResponseReturnValue:
    """Begin a collection."""
    return _collection(None)


@pages.route("/collections/<collection_id>", methods=["GET", "POST"])
@needs(Library.EDIT)
def edit_collection(collection_id: str) -> ResponseReturnValue:
    """Change a collection's names and moment."""
    return _collection(_collection_of(collection_id))


def _collection_of(collection_id: str) -> Collection:
    found = editorial.get_collection(session(), collection_id)
    if found is None:
        raise Hidden
    return found


def _collection(collection: Collection | None) -> ResponseReturnValue:
    now = clock.now()
    data: dict[str, Any] = {"when": "draft"}
    if collection is not None:
        moment = collection.visible_from
        data = {"slug": collection.slug, "visible_from": forms.local_moment(moment),
                "when": "later" if moment else "draft"}  # fmt: skip
        data |= {f"name_{tag}": text for tag, text in collection.names.items()}
        data |= {f"lead_{tag}": text for tag, text in collection.leads.items()}
    form = forms.collection_form(offered_languages())(request.form if request.method == "POST" else None, data=data)
    if request.method == "POST" and form.validate():
        with refusals(form):
            texts = {stem: {one.tag: form[f"{stem}_{one.tag}"].data or "" for one in offered_languages()}
                     for stem in ("name", "lead")}  # fmt: skip
            moment = form.moment(now)
            db = writing()
            written = actions.write_collection(
                db, _collection_of(collection.id) if collection else None, slug=form["slug"].data or "",
                names=texts["name"], leads=texts["lead"], visible_from=moment, by=visitor().id, now=now,
            )  # fmt: skip
            return done(_("The collection is saved."), ".edit_collection", collection_id=written.id)
    return form_page(
        "library/staff/edit_collection.html", form, collection=collection, offered=offered_languages(),
        title_of=title_of, members=editorial.list_members(session(), collection) if collection else [],
        others=editorial.list_titles(session()) if collection else [], moment_now=now,
    )  # fmt: skip


@pages.route("/collections/<collection_id>/members", methods=["POST"])
@needs(Library.EDIT)
def change_members(collection_id: str) -> ResponseReturnValue:
    """Add a case to a collection, take one out, or move one up or down."""
    form = PlainAct(request.form)
    if form.validate():
        writing()
        collection = _collection_of(collection_id)
        ids = [member.case_id for member in collection.members]
        act, _bar, chosen = request.form.get("move", "").partition(":")
        if chosen in ids:
            place = ids.index(chosen)
            ids.remove(chosen)
            if act != "out":
                ids.insert(max(0, place - 1) if act == "up" else place + 1, chosen)
        elif added := request.form.get("add", ""):
            ids.append(added)
        actions.choose_members(session(), collection, ids, by=visitor().id, now=clock.now())
    return redirect(url_for(".edit_collection", collection_id=collection_id, _anchor="members"), 303)


@pages.route("/collections/<collection_id>/remove", methods=["GET", "POST"])
@needs(Library.EDIT)
def remove_collection(collection_id: str) -> ResponseReturnValue:
    """Ask once, then remove a collection; its cases stay."""
    collection, form = _collection_of(collection_id), PlainAct(request.form)
    if request.method == "POST" and form.validate():
        with refusals(form):
            writing()
            actions.remove_collection(session(), _collection_of(collection_id), by=visitor().id, now=clock.now())
            return done(_("The collection is removed."), ".list_collections")
    return form_page("library/staff/remove_collection.html", form, collection=collection)
