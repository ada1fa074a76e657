"""The parts of a case that editors write: facts, texts, sources, figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.errors import Hidden, Refusal
from portal.i18n import Language
from portal.library import records, rules
from portal.library.access import Library
from portal.library.actions import cases as actions
from portal.library.desk import editorial
from portal.library.desk.door import case_of, name_of, pages, shown
from portal.library.desk.forms.cases import SourcesForm, facts_form, text_form
from portal.library.desk.forms.fields import Lines, without_removed_line
from portal.library.desk.forms.figures import figures_form
from portal.library.desk.forms.records import RecordForm
from portal.library.models import Case
from portal.web import done, form_page, language, needs, offered_languages, portal, session, visitor, writing


@pages.route("/cases/<case_id>/facts", methods=["GET", "POST"])
@needs(Library.EDIT)
def edit_facts(case_id: str) -> ResponseReturnValue:
    """Change the facts of a case."""
    form_class = facts_form(offered_languages(), language().tag, str(language().locale))
    return _edit(case_id, "edit_facts", lambda _case: form_class)


@pages.route("/cases/<case_id>/texts/<tag>", methods=["GET", "POST"])
@needs(Library.EDIT)
def edit_text(case_id: str, tag: str) -> ResponseReturnValue:
    """Write a case in one language."""
    case = case_of(case_id)
    if tag not in {*(one.tag for one in offered_languages()), *(text.language for text in case.texts)}:
        raise Hidden
    return _edit(case_id, "edit_text", lambda _case: text_form(tag), tag=tag)


@pages.route("/cases/<case_id>/sources", methods=["GET", "POST"])
@needs(Library.EDIT)
def edit_sources(case_id: str) -> ResponseReturnValue:
    """Change the sources of a case."""
    return _edit(case_id, "edit_sources", lambda _case: SourcesForm)


@pages.route("/cases/<case_id>/figures", methods=["GET", "POST"])
@needs(Library.EDIT)
def edit_figures(case_id: str) -> ResponseReturnValue:
    """Change context and figures of a case."""

    def form_of(case: Case) -> type[RecordForm]:
        known, copy = portal().languages, records.copy_of(case)
        told = [tag for tag in copy.texts if tag in known or tag == copy.original_language]
        tags = sorted({*rules.BASIC, *told, *records.tags_in(copy.details)})
        return figures_form(
            [known.get(one) or Language(one, one, "auto") for one in tags], language().tag,
            str(language().locale), [title for title, _url in copy.sources],
        )  # fmt: skip

    return _edit(case_id, "edit_figures", form_of)


def _edit(
    case_id: str, name: str, form_of: Callable[[Case], type[RecordForm]], *, tag: str = ""
) -> ResponseReturnValue:
    """Show a part of a case's record and save what was typed; one who was slower sees both texts."""
    case = case_of(case_id)
    form_class = form_of(case)
    flat = records.unfold(records.dump_case(case, everything=True))
    data = {**form_class.data_of(flat), "seen": str(case.version)}
    if request.method == "GET":
        return _edit_page(case, form_class(data=data), name, tag)
    form = form_class(without_removed_line(request.form), data=data)
    if "add_row" in request.form or "remove_row" in request.form:
        return _edit_page(case, form, name, tag)
    theirs: dict[str, Any] = {}
    if form.validate():
        try:
            writing()
            case = case_of(case_id, lock=True)
            changed = actions.change_case(
                session(), case, form.changes(), seen=form.seen_version(), note=form.version_note.data or "",
                note_in=language().tag, by=visitor().id, now=clock.now(),
            )  # fmt: skip
            return done(
                _("The case is saved.") if changed else _("Nothing was changed."), ".show_case", case_id=case_id
            )
        except actions.ChangedElsewhere as clash:
            session().rollback()
            case = case_of(case_id)
            flat = records.unfold(records.dump_case(case, everything=True))
            theirs = {one: flat.get(one) for one in clash.names}
            kept = {"seen": str(case.version), "version_note": form.version_note.data}
            form = form_class(data={**form_class.data_of({**flat, **clash.mine}), **kept})
            form.refuse(clash)
        except Refusal as refusal:
            session().rollback()
            form.refuse(refusal)
    return _edit_page(case, form, name, tag, theirs)


def _edit_page(
    case: Case, form: RecordForm, name: str, tag: str, theirs: Mapping[str, Any] | None = None
) -> ResponseReturnValue:
    """Render one part of a case; ``theirs`` is what others have saved in the meantime, by name of the record."""
    added = request.form.get("add_row", "")
    wished = {added: len(form[added].data) + 1} if isinstance(getattr(form, added, None), Lines) else {}
    written = portal().languages.get(tag)
    return form_page(
        f"library/staff/{name}.html", form, case=case, line=editorial.line_of(case, clock.now(), language().tag),
        tag=tag, tag_name=written.name if written else tag, direction=written.dir if written else "auto",
        theirs={name_of(one): shown(value) for one, value in (theirs or {}).items()}, wished=wished,
        offered=offered_languages(), texts={text.language: text for text in case.texts},
    )  # fmt: skip
