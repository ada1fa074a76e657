"""The scoring room: the entry on one side, the score sheet on the other; saving, sending, stepping back."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import partial

from babel import Locale
from flask import abort, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from judging import scoring
from judging.access import Judging
from judging.actions import conflicts as conflict_actions
from judging.actions import scorecards as actions
from judging.blinding import blotted_reading, country_names, names_in_answers, names_to_hide
from judging.forms import conflicts_form, revision_of, score_form, scores_of, typed_sheet, values_of
from judging.models import Assignment, Scorecard
from judging.queries import assignments as queries
from judging.queries import scorecards
from judging.queries.scorecards import Rubric, Sheet
from judging.rules import EditedElsewhere, has_words, list_missing
from judging.views.blueprint import pages
from portal import clock
from portal.editions.rules import is_round_open
from portal.errors import Refusal
from portal.forms import Form, PlainAct, small_number, translated
from portal.i18n import choose
from portal.templating import number
from portal.web import done, form_page, language, needs, permitted, refusals, session, visitor, writing
from submissions import queries as entries
from submissions.downloads import send_attachment
from submissions.reading import Reading, read_entry


@dataclass(frozen=True, slots=True)
class Total:
    """How a score sheet stands, in words for the page."""

    value: str
    scored: str
    is_complete: bool


@pages.route("/assignments/<assignment_id>", methods=["GET", "POST"])
@needs(Judging.SCORE_ENTRY)
def room(assignment_id: str) -> ResponseReturnValue:
    """Show an entry beside its score sheet, and save the sheet as a draft."""
    assignment = permitted(queries.get_assignment(session(), assignment_id))
    rubric = _rubric(assignment)
    sheet = scorecards.get_sheet(session(), assignment)
    form = score_form(rubric)(request.form, data=values_of(sheet))
    if request.method == "POST" and form.validate():
        with refusals(form):
            try:
                _save(assignment, rubric, form)
            except EditedElsewhere as elsewhere:
                return _compare(assignment_id, form, elsewhere)
            if "check" in request.form:
                return redirect(url_for(".send", assignment_id=assignment_id), 303)
            flash(gettext("The draft was saved."), "success")
            return redirect(url_for(".room", assignment_id=assignment_id) + "#rubric", 303)
        # The refusal has ended the transaction in which everything was read: read it again.
        assignment = permitted(queries.get_assignment(session(), assignment_id))
        rubric, sheet = _rubric(assignment), scorecards.get_sheet(session(), assignment)
    return _room(assignment, rubric, sheet, form), 422 if form.errors else 200


@pages.route("/assignments/<assignment_id>/draft", methods=["POST"])
@needs(Judging.SCORE_ENTRY)
def save_draft(assignment_id: str) -> ResponseReturnValue:
    """Save a score sheet while it is filled in; the answer is for the page's script."""
    assignment = permitted(queries.get_assignment_to_score(session(), assignment_id))
    rubric = _rubric(assignment, with_words=False)
    form = score_form(rubric)(request.form)
    if not form.validate():
        first = next(str(faults[0]) for faults in form.errors.values())
        return jsonify(message=first), 422
    try:
        card = _save(assignment, rubric, form)
    except Refusal as refusal:
        return jsonify(message=translated(refusal)), 409
    total = _total(rubric, scorecards.read_sheet(card))
    return jsonify(
        fields={"revision": str(card.revision)}, shown={"total": total.value, "scored": total.scored}
    )  # fmt: skip


@pages.route("/assignments/<assignment_id>/send", methods=["GET", "POST"])
@needs(Judging.SCORE_ENTRY)
def send(assignment_id: str) -> ResponseReturnValue:
    """Show the whole score sheet once more, then make it final."""
    assignment = permitted(queries.get_assignment(session(), assignment_id))
    place = queries.get_place(session(), assignment, visitor().organisations)
    form = PlainAct(request.form)
    if request.method == "POST" and form.validate():
        with refusals(form):
            _send(assignment)
            flash(gettext("The score sheet was sent."), "success")
            if place.next_unsent:
                return redirect(url_for(".room", assignment_id=place.next_unsent), 303)
            return redirect(url_for(".reading_list"), 303)
        assignment = permitted(queries.get_assignment(session(), assignment_id))
    sheet, rubric = scorecards.get_sheet(session(), assignment), _rubric(assignment)
    if not form.errors and (sheet.is_sent or not _is_open(assignment)):
        return redirect(url_for(".room", assignment_id=assignment_id), 303)
    missing = set(list_missing(rubric.weights, sheet.scores))
    return form_page(
        "judging/send.html", form, assignment=assignment, title=_reading(assignment).title, sheet=sheet, rubric=rubric,
        total=_total(rubric, sheet), missing=[one for one in rubric.criteria if one.id in missing],
        has_words=has_words(sheet.comments.values(), sheet.note),
    )  # fmt: skip


@pages.route("/assignments/<assignment_id>/conflict", methods=["GET", "POST"])
@needs(Judging.RECUSE)
def recuse(assignment_id: str) -> ResponseReturnValue:
    """Declare a conflict with the entry at hand; it leaves the reading list."""
    assignment = permitted(queries.get_assignment(session(), assignment_id))
    title = _reading(assignment).title
    form = conflicts_form(["entry"], language().tag)(request.form)
    if request.method == "POST" and form.validate():
        conflict = (form["kind_entry"].data, form["reason_entry"].data)
        with refusals(form):
            conflict_actions.declare_conflicts(
                writing(), assignment.judge, {assignment.entry_id: conflict}, by=visitor().id, now=clock.now()
            )
            return done(gettext("The conflict was recorded, and the entry was taken from your list."), ".reading_list")
    return form_page(
        "judging/recuse.html",
        form,
        assignment_id=assignment_id,
        title=title,
    )


@pages.route("/assignments/<assignment_id>/attachments/<attachment_id>")
@needs(Judging.READ_ENTRY)
def attachment(assignment_id: str, attachment_id: str) -> ResponseReturnValue:
    """Give out a file of the entry, under a neutral name in a blind edition."""
    assignment = permitted(queries.get_assignment(session(), assignment_id))
    shown = {
        file.id: file.name
        for section in _reading(assignment).sections
        for answer in section.answers
        for file in answer.files
    }
    file = queries.get_attachment(session(), assignment, attachment_id) if attachment_id in shown else None
    if file is None:
        abort(404)
    return send_attachment(file, name=shown[attachment_id])


def _room(assignment: Assignment, rubric: Rubric, sheet: Sheet, form: Form) -> str:
    is_open = _is_open(assignment)
    for criterion in rubric.criteria:
        name = choose(criterion.labels, language().tag).text
        form[f"comment_{criterion.id}"].label.text = gettext("Comment on %(criterion)s", criterion=name)
    return render_template(
        "judging/room.html", assignment=assignment, edition=assignment.entry.edition, stage=assignment.round,
        reading=_reading(assignment), rubric=rubric, sheet=sheet, form=form, total=_total(rubric, sheet),
        place=queries.get_place(session(), assignment, visitor().organisations),
        written_in=_name_of_language(assignment.entry.language), file_url=partial(_address_of_file, assignment.id),
        is_open=is_open, editable=bool(form.errors) or (is_open and not sheet.is_sent),
    )  # fmt: skip


def _compare(assignment_id: str, form: Form, refusal: Refusal) -> ResponseReturnValue:
    """Show what is stored beside what was typed here, so that nothing of either is lost."""
    session().rollback()
    assignment = permitted(queries.get_assignment(session(), assignment_id))
    rubric, sheet = _rubric(assignment), scorecards.get_sheet(session(), assignment)
    differing = {
        key for key, typed in scores_of(form, rubric).items()
        if typed != (sheet.scores.get(key), sheet.comments.get(key, ""))
    }  # fmt: skip
    page = render_template(
        "judging/compare.html", assignment=assignment, rubric=rubric, message=translated(refusal), sheet=sheet,
        typed=typed_sheet(form, rubric), differing=differing, note=form["note"].data or "",
    )  # fmt: skip
    return page, 409


def _save(assignment: Assignment, rubric: Rubric, form: Form) -> Scorecard:
    scores, revision = scores_of(form, rubric), revision_of(form)
    return actions.save_scorecard(
        writing(), assignment, scores, note=form["note"].data or "", revision=revision, by=visitor().id, now=clock.now()
    )


def _send(assignment: Assignment) -> None:
    """Send what the judge has seen on the page, not what another window has made of it since."""
    shown = small_number(request.form.get("revision"))
    actions.send_scorecard(
        writing(), assignment, by=visitor().id, now=clock.now(),
        revision=-1 if shown is None else shown,
    )  # fmt: skip


def _name_of_language(tag: str) -> str:
    return Locale.parse(tag, sep="-").get_display_name(language().locale) or tag


def _address_of_file(assignment_id: str, attachment_id: str) -> str:
    return url_for(".attachment", assignment_id=assignment_id, attachment_id=attachment_id)


def _rubric(assignment: Assignment, *, with_words: bool = True) -> Rubric:
    stage, category = assignment.round, assignment.entry.category
    return scorecards.get_rubric(session(), stage.edition_id, category.key, with_words=with_words)


def _is_open(assignment: Assignment) -> bool:
    stage = assignment.round
    return is_round_open(stage.opened_at, stage.closed_at, stage.closes_at, clock.now())


def _reading(assignment: Assignment) -> Reading:
    entry, blind = assignment.entry, assignment.entry.edition.is_blind
    submission = entries.get_submission(session(), entry.id)
    reading = read_entry(entry, language=language().tag, submission=submission, hide_identity=blind)
    if not blind:
        return reading
    by, answers = entry.organisation, (submission or entry).answers
    countries = country_names(by.country, entry.language)
    return blotted_reading(
        reading, names_to_hide(by.name, by.city, by.website, by.region, *countries, *names_in_answers(answers))
    )


def _total(rubric: Rubric, sheet: Sheet) -> Total:
    total = scorecards.total_of(rubric, sheet)
    running = total if total is not None else scorecards.running_total_of(rubric, sheet)
    count = len(rubric.criteria) - len(list_missing(rubric.weights, sheet.scores))
    return Total(
        gettext("%(total)s of %(most)s", total=_shown(running), most=rubric.scale_max) if running is not None else "–",
        ngettext(
            "%(count)s of %(num)s criterion scored", "%(count)s of %(num)s criteria scored", len(rubric.criteria),
            count=count,
        ),
        total is not None,
    )  # fmt: skip


def _shown(total: Fraction) -> str:
    """Two places show every total of whole scores and whole weights of one hundred exactly."""
    return number(Decimal(scoring.display(total, 2)), 2)
