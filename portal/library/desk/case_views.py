"""The editors' list of cases, new cases, one case at a glance, and what several need: languages, twins, changes."""

from __future__ import annotations

import math
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from portal import clock
from portal.countries import countries
from portal.definitions.vocabulary import vocabularies
from portal.errors import Refusal
from portal.forms import PlainAct
from portal.i18n import sentence
from portal.library import record_reader
from portal.library.access import Library
from portal.library.actions.cases import add_case, change_case, list_by_id, publish_case
from portal.library.desk import editorial
from portal.library.desk.door import case_of, pages, title_of
from portal.library.desk.forms.cases import CATEGORIES, NewCaseForm
from portal.library.desk.forms.fields import words_of
from portal.library.models import Case
from portal.library.records import PARTS
from portal.web import done, form_page, language, needs, offered_languages, refusals, session, visitor, writing


@pages.route("/")
@needs(Library.EDIT)
def list_cases() -> ResponseReturnValue:
    """List all cases, narrowed by state, language, certainty and words."""
    return _list()


def _list(lines: list[tuple[str, str | None]] | None = None) -> ResponseReturnValue:
    now, asked = clock.now(), _filters()
    number = request.args.get("page", "1")
    page = max(1, int(number)) if number.isdecimal() and len(number) < 6 else 1
    found, total = editorial.list_cases(session(), asked, page=page, now=now, tag=language().tag)
    answer = render_template(
        "library/staff/list_cases.html",
        lines=found, total=total, asked=asked, page=page, pages=math.ceil(total / editorial.PER_PAGE), refused=lines,
        counts=editorial.count_states(session(), simulated=asked.simulated, now=now), states=editorial.STATES,
        offered=offered_languages(), themes=words_of("themes", language().tag), categories=CATEGORIES,
        certainties=words_of("certainty", language().tag), chosen=request.form.getlist("case"),
        open_requests=sum(one.done_at is None for one, _case in editorial.list_requests(session())),
    )  # fmt: skip
    return answer, 422 if lines else 200


def _filters() -> editorial.Filters:
    given = {name: request.args.get(name, "").strip()[:80] for name in ("state", "missing", "certainty", "words")}
    given["state"] = given["state"] if given["state"] in editorial.STATES else ""
    return editorial.Filters(**given, simulated=request.args.get("simulated") == "1")


@pages.route("/bulk", methods=["POST"])
@needs(Library.EDIT)
def change_several() -> ResponseReturnValue:
    """Do one thing with the chosen cases: give or take a theme, set the category, publish; all or nothing."""
    act, _bar, value = request.form.get("act", "").partition(":")
    form = PlainAct(request.form)
    if form.validate():
        with refusals(form):
            cases = list_by_id(writing(), request.form.getlist("case"))
            if not cases:
                raise Refusal(sentence("Choose at least one case."))
            changed = sum(_change_one(case, act, value) for case in cases.values())
            flash(
                ngettext("%(num)s case is changed.", "%(num)s cases are changed.", changed)
                + " "
                + ngettext("%(num)s stays as it was.", "%(num)s stay as they were.", len(cases) - changed),
                "good",
            )
            asked: dict[str, Any] = dict(_filters().pairs())
            return redirect(url_for(".list_cases", **asked), 303)
    return _list([(text, None) for text in form.form_errors])


def _change_one(case: Case, act: str, value: str) -> bool:
    now, by = clock.now(), visitor().id
    themes = list(case.themes)
    if act == "publish":
        state = editorial.state_of(case, now)
        if state not in ("draft", "scheduled") or any(not check.is_done for check in editorial.checks_of(case)):
            return False
        publish_case(session(), case, visible_from=now, by=by, now=now)
        return True
    if act == "add" and value in vocabularies()["themes"]:
        changes: dict[str, Any] = {"themes": [*themes, *([value] if value not in themes else [])]}
    elif act == "remove" and value in vocabularies()["themes"]:
        changes = {"themes": [theme for theme in themes if theme != value]}
    elif act == "category" and value in ("", *record_reader.CATEGORIES):
        changes = {"category": value or None}
    else:
        raise Refusal(sentence("Choose what to do with the cases."))
    return change_case(session(), case, changes, by=by, now=now)


@pages.route("/new", methods=["GET", "POST"])
@needs(Library.EDIT)
def begin_case() -> ResponseReturnValue:
    """Begin a case as a draft."""
    tag = language().tag
    form = NewCaseForm(request.form if request.method == "POST" else None, data={"kind": "health-programme"})
    form.language.choices = [(one.tag, one.name) for one in offered_languages()]
    form.kind.choices = words_of("kinds", tag)
    form.country.choices = [("", ""), *countries(str(language().locale))]
    if request.method == "POST" and form.validate():
        with refusals(form):
            copy = record_reader.read_record(form.record())
            case = add_case(writing(), copy, by=visitor().id, now=clock.now())
            return done(_("The draft is saved. The list below says what is missing."), ".show_case", case_id=case.id)
    return form_page("library/staff/begin_case.html", form)


@pages.route("/cases/<case_id>")
@needs(Library.EDIT)
def show_case(case_id: str) -> ResponseReturnValue:
    """Show a case to its editors: state, what is missing, languages, pictures, cases that look like it."""
    case, now = case_of(case_id), clock.now()
    return render_template(
        "library/staff/show_case.html",
        case=case, line=editorial.line_of(case, now, language().tag), checks=editorial.checks_of(case),
        offered=offered_languages(), twins=editorial.list_twins(session(), case.id),
        parts={text.language: sum(bool(getattr(text, part)) for part in PARTS) for text in case.texts},
        most_parts=len(PARTS), title_of=title_of,
    )  # fmt: skip


@pages.route("/languages")
@needs(Library.EDIT)
def list_languages() -> ResponseReturnValue:
    """Show for every case which languages it is told in, and how much of each."""
    cases = editorial.list_titles(session())
    return render_template(
        "library/staff/list_languages.html", cases=cases, offered=offered_languages(), title_of=title_of,
        counts={one.tag: sum(bool(titles.get(one.tag)) for _case, titles in cases) for one in offered_languages()},
    )  # fmt: skip


@pages.route("/twins")
@needs(Library.EDIT)
def list_twins() -> ResponseReturnValue:
    """List the pairs of cases that may be one, and why."""
    return render_template(
        "library/staff/list_twins.html", twins=editorial.list_twins(session()), title_of=title_of
    )  # fmt: skip
