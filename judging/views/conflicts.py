"""Declaring conflicts of interest: first which entries, then why."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from judging.access import Judging
from judging.actions import conflicts as actions
from judging.forms import conflicts_form
from judging.models import Judge
from judging.queries import assignments as queries
from judging.queries.assignments import Candidate
from judging.queries.judges import get_judge
from judging.views.blueprint import pages
from portal import clock
from portal.editions.queries import get_edition
from portal.web import form_page, language, needs, permitted, refusals, session, visitor, writing


@dataclass(frozen=True, slots=True)
class Choice:
    """One line to tick: an entry, or in a blind edition an organisation with all its entries."""

    key: str
    organisation: str
    city: str
    country: str
    title: str
    language: str
    entries: tuple[str, ...]
    kind: str | None
    reason: str
    is_detected: bool


@pages.route("/editions/<slug>/conflicts")
@needs(Judging.DECLARE_CONFLICTS)
def declare_conflicts(slug: str) -> ResponseReturnValue:
    """List the entries of an edition so that a judge can tick those with a conflict."""
    judge = permitted(_judge(slug))
    choices = _choices(judge)
    ticked = set(request.args.getlist("on"))
    own = [choice for choice in choices if judge.country and choice.country == judge.country]
    others = [choice for choice in choices if not judge.country or choice.country != judge.country]
    return render_template(
        "judging/declare_conflicts.html", judge=judge, edition=judge.edition, ticked=ticked, own=own,
        countries=[(country, list(group)) for country, group in groupby(others, key=lambda choice: choice.country)],
    )  # fmt: skip


@pages.route("/editions/<slug>/conflicts/reasons", methods=["GET", "POST"])
@needs(Judging.DECLARE_CONFLICTS)
def give_reasons(slug: str) -> ResponseReturnValue:
    """Ask why for each ticked line, then declare."""
    judge = permitted(_judge(slug))
    all_choices = _choices(judge)
    if not all_choices:
        return redirect(url_for(".declare_conflicts", slug=slug), 303)
    ticked = set(request.values.getlist("on"))
    chosen = [choice for choice in all_choices if choice.key in ticked and choice.kind is None]
    form = conflicts_form([choice.key for choice in chosen], language().tag)(request.form)
    if request.method == "POST" and form.validate():
        conflicts = {
            entry_id: (form[f"kind_{choice.key}"].data, form[f"reason_{choice.key}"].data)
            for choice in chosen
            for entry_id in choice.entries
        }
        with refusals(form):
            count = actions.declare_conflicts(writing(), judge, conflicts, by=visitor().id, now=clock.now())
            flash(_thanks(count), "success")
            return redirect(url_for(".reading_list"), 303)
    return form_page(
        "judging/give_reasons.html", form, judge=judge, edition=judge.edition, chosen=chosen,
        known=[choice for choice in all_choices if choice.kind is not None],
    )  # fmt: skip


def _thanks(count: int) -> str:
    if not count:
        return gettext("Your declaration was recorded.")
    return ngettext(
        "Your declaration was recorded. One entry was taken from your list.",
        "Your declaration was recorded. %(num)s entries were taken from your list.",
        count,
    )


def _judge(slug: str) -> Judge | None:
    edition = get_edition(session(), slug)
    judge_id = visitor().judgeships.get(edition.id) if edition else None
    return get_judge(session(), judge_id) if judge_id else None


def _choices(judge: Judge) -> list[Choice]:
    found = queries.list_candidates(session(), judge)
    if not judge.edition.is_blind:
        return [_one(row.entry_id, [row], row.title) for row in found]
    by_organisation: dict[str, list[Candidate]] = {}
    for row in found:
        by_organisation.setdefault(row.organisation_id, []).append(row)
    return [_one(key, rows, "") for key, rows in by_organisation.items()]


def _one(key: str, rows: list[Candidate], title: str) -> Choice:
    first = rows[0]
    declared = [row for row in rows if row.kind is not None]
    # An organisation counts as declared only when all its entries are.
    known = declared[0] if len(declared) == len(rows) else None
    return Choice(
        key, first.organisation, first.city, first.country, title, first.language,
        tuple(row.entry_id for row in rows if row.kind is None),
        known.kind if known else None, (known.reason or "") if known else "", bool(known and known.is_detected),
    )  # fmt: skip
