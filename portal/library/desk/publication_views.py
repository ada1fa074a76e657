"""A case from draft to publication and withdrawal, and its history."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.errors import Hidden, Refusal
from portal.forms import PlainAct
from portal.i18n import sentence
from portal.library import rules
from portal.library.access import Library
from portal.library.actions import cases as actions
from portal.library.desk import editorial
from portal.library.desk.door import case_of, name_of, pages, shown, title_of
from portal.library.desk.forms import publication as forms
from portal.web import done, form_page, language, needs, offered_languages, refusals, session, visitor, writing


@pages.route("/cases/<case_id>/publish", methods=["GET", "POST"])
@needs(Library.EDIT)
def publish_case(case_id: str) -> ResponseReturnValue:
    """Ask once, then let a case appear now or at a moment, or make it a draft again."""
    case, now = case_of(case_id), clock.now()
    data = {
        "when": "later" if case.visible_from else "now",
        "visible_from": forms.local_moment(case.visible_from),
    }  # fmt: skip
    form = forms.MomentForm(request.form if request.method == "POST" else None, data=data)
    if request.method == "POST" and form.validate():
        with refusals(form):
            moment = form.moment(now)
            writing()
            case = case_of(case_id, lock=True)
            if moment is None:
                actions.unpublish_case(session(), case, by=visitor().id, now=now)
            else:
                actions.publish_case(session(), case, visible_from=moment, by=visitor().id, now=now)
            return done(_("The case is saved."), ".show_case", case_id=case_id)
        case = case_of(case_id)
    line = editorial.line_of(case, now, language().tag)
    return form_page("library/staff/publish_case.html", form, case=case, line=line)


@pages.route("/cases/<case_id>/withdraw", methods=["GET", "POST"])
@needs(Library.EDIT)
def withdraw_case(case_id: str) -> ResponseReturnValue:
    """Ask once, then take a case out of the library with a reason that its address shows."""
    case = case_of(case_id)
    form = forms.withdraw_form(offered_languages())(request.form if request.method == "POST" else None)
    if request.method == "POST" and form.validate():
        with refusals(form):
            reasons = {one.tag: form[f"reason_{one.tag}"].data or "" for one in offered_languages()}
            for tag in rules.BASIC:
                if tag in reasons and not reasons[tag]:
                    raise Refusal(sentence("Write the reason in English and in Korean."), field=f"reason_{tag}")
            writing()
            case = case_of(case_id, lock=True)
            actions.withdraw_case(
                session(), case, reason=reasons["en"], reasons=reasons, by=visitor().id, now=clock.now()
            )
            return done(_("The case is withdrawn. Its address says why."), ".show_case", case_id=case_id)
        case = case_of(case_id)
    return form_page(
        "library/staff/withdraw_case.html", form, case=case, title=title_of(case), offered=offered_languages()
    )


@pages.route("/cases/<case_id>/history")
@needs(Library.EDIT)
def list_history(case_id: str) -> ResponseReturnValue:
    """List the versions of a case with what each changed."""
    case = case_of(case_id)
    return render_template(
        "library/staff/list_history.html", case=case, versions=editorial.list_history(session(), case),
        title=title_of(case), name_of=name_of, shown=shown,
    )  # fmt: skip


@pages.route("/cases/<case_id>/history/<int:number>", methods=["GET", "POST"])
@needs(Library.EDIT)
def restore_version(case_id: str, number: int) -> ResponseReturnValue:
    """Show how a version differs from the case as it is now, and write it again as a new version."""
    case, form = case_of(case_id), PlainAct(request.form)
    found = next((one for one in editorial.list_history(session(), case) if one.version.number == number), None)
    if found is None:
        raise Hidden
    if request.method == "POST" and form.validate():
        with refusals(form):
            writing()
            case = case_of(case_id, lock=True)
            changed = actions.restore_version(
                session(), case, number, by=visitor().id, now=clock.now(),
                note=_("Version %(number)s restored", number=number), note_in=language().tag,
            )  # fmt: skip
            return done(
                _("The version is restored as a new one.") if changed else _("Nothing was changed."),
                ".show_case",
                case_id=case_id,
            )
    return form_page(
        "library/staff/restore_version.html", form, case=case, earlier=found, name_of=name_of, shown=shown,
        changes=editorial.list_restored(case, found.version),
    )  # fmt: skip
