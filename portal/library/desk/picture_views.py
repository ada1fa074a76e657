"""The pictures of a case."""

from __future__ import annotations

from flask import request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.errors import Hidden, Refusal
from portal.files import StoredFile
from portal.forms import Form
from portal.i18n import sentence
from portal.library.access import Library
from portal.library.actions import pictures as actions
from portal.library.desk.door import case_of, pages, title_of
from portal.library.desk.forms import files as forms
from portal.web import done, form_page, needs, offered_languages, portal, refusals, session, visitor, writing


@pages.route("/cases/<case_id>/pictures", methods=["GET", "POST"])
@needs(Library.EDIT)
def edit_pictures(case_id: str) -> ResponseReturnValue:
    """Show the pictures of a case, and add one with its credit and words."""
    case = case_of(case_id)
    form = forms.picture_form(offered_languages(), with_file=True)(request.form if request.method == "POST" else None)
    if request.method == "POST" and form.validate():
        with refusals(form):
            upload = request.files.get("picture")
            if upload is None or not upload.filename:
                raise Refusal(sentence("Choose a file."), field="picture")
            try:
                staged = portal().store.stage(
                    upload.stream, upload.filename, accept=["image"],
                    most_bytes=actions.MOST_MEDIUM_MEGABYTES * 1_000_000,
                )  # fmt: skip
            except Refusal as refusal:
                refusal.field = "picture"
                raise
            credit, alts = _described(form)
            writing()
            case = case_of(case_id, lock=True)
            actions.add_medium(
                session(), case, staged, credit=credit, alts=alts, by=visitor().id, now=clock.now()
            )  # fmt: skip
            return done(_("The picture is added."), ".edit_pictures", case_id=case_id)
        case = case_of(case_id)
    return form_page(
        "library/staff/edit_pictures.html", form, case=case, title=title_of(case), offered=offered_languages(),
        most=actions.MOST_MEDIA, megabytes=actions.MOST_MEDIUM_MEGABYTES,
    )  # fmt: skip


@pages.route("/cases/<case_id>/pictures/<int:position>", methods=["GET", "POST"])
@needs(Library.EDIT)
def edit_picture(case_id: str, position: int) -> ResponseReturnValue:
    """Change the credit and the words of a picture, or take it off the case."""
    case = case_of(case_id)
    medium = next((one for one in case.media if one.position == position), None)
    if medium is None:
        raise Hidden
    data = {"credit": medium.credit, **{f"alt_{tag}": text for tag, text in medium.alts.items()}}
    form = forms.picture_form(offered_languages(), with_file=False)(
        request.form if request.method == "POST" else None, data=data
    )
    if request.method == "POST" and form.validate():
        with refusals(form):
            writing()
            case = case_of(case_id, lock=True)
            found = next((one for one in case.media if one.position == position), None)
            if found is None:
                raise Hidden
            by, now = visitor().id, clock.now()
            if "remove" in request.form:
                actions.remove_medium(session(), case, found, by=by, now=now)
                said = _("The picture is removed.")
            else:
                credit, alts = _described(form)
                actions.describe_medium(
                    session(), case, found, credit=credit, alts={**found.alts, **alts}, by=by, now=now
                )
                said = _("The picture is saved.")
            return done(said, ".edit_pictures", case_id=case_id)
    return form_page(
        "library/staff/edit_picture.html", form, case=case, title=title_of(case), position=position,
        offered=offered_languages(),
    )  # fmt: skip


@pages.route("/cases/<case_id>/pictures/<int:position>/file")
@needs(Library.EDIT)
def show_picture(case_id: str, position: int) -> ResponseReturnValue:
    """Send a picture of a case, also before the public sees it."""
    case = case_of(case_id)
    medium = next((one for one in case.media if one.position == position), None)
    stored = session().get(StoredFile, medium.file_id) if medium else None
    if stored is None:
        raise Hidden
    return send_file(portal().store.path(stored.sha256), mimetype=stored.content_type)


def _described(form: Form) -> tuple[str, dict[str, str]]:
    """Return the credit and the words per language that were typed."""
    return form["credit"].data or "", {one.tag: form[f"alt_{one.tag}"].data or "" for one in offered_languages()}
