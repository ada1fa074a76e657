"""The standings of a round, and the choice of finalists from them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from judging.access import Staff
from judging.actions.rounds import choose_finalists
from judging.queries.decisions import list_prizes
from judging.queries.progress import list_finalists
from judging.queries.standings import StandingRow, list_standings, propose_finalists
from judging.staff_forms.fields import TYPE_LABELS
from judging.staff_forms.judging import FinalistsForm
from judging.staff_views.desk import edition_of, posted, round_of
from portal import clock
from portal.editions.models import Edition, Round
from portal.web import done, form_page, language, needs, refusals, session, visitor, writing

pages = Blueprint(
    "staff_standings", __name__, url_prefix="/<lang:lang>/staff/editions/<slug>/rounds/<int:number>"
)  # fmt: skip


class Line(NamedTuple):
    """One row as it is shown: everything is text already, so that the template only lays it out."""

    entry_id: str
    place: str
    type_place: str
    title: str
    language: str
    city: str
    kind: str
    mean: str
    judges: int
    spread: str
    goes_on: bool


@pages.route("/standings")
@needs(Staff.READ_STANDINGS)
def show(slug: str, number: int) -> ResponseReturnValue:
    """Show all entries of a round by category and place."""
    edition = edition_of(slug)
    stage = round_of(edition, number)
    rows = list_standings(session(), stage)
    chosen = list_finalists(session(), stage)
    return render_template(
        "staff/show_standings.html", edition=edition, stage=stage, groups=_groups(rows, chosen), count=len(rows),
        scored=sum(row.mean is not None for row in rows), finalists=len(chosen), next_round=_next(edition, stage),
    )  # fmt: skip


@pages.route("/finalists", methods=["GET", "POST"])
@needs(Staff.RUN_ROUNDS)
def finalists(slug: str, number: int) -> ResponseReturnValue:
    """Choose who goes on; the boxes that the standings suggest are ticked."""
    edition = edition_of(slug)
    stage = round_of(edition, number)
    form = FinalistsForm(posted())
    if request.method == "POST" and form.validate():
        with refusals(form):
            count = choose_finalists(
                writing(), stage, form.entries.data, reason=form.reason.data, by=visitor().id, now=clock.now()
            )
            said = ngettext("%(num)s finalist was chosen.", "%(num)s finalists were chosen.", count)
            return done(said, "staff_rounds.show", slug=slug, number=number + 1)
    rows = list_standings(session(), stage)
    ticked = set(form.entries.data or []) if request.method == "POST" else list_finalists(session(), stage)
    if request.method == "GET" and not ticked:
        prizes = list_prizes(session(), edition.id)
        ticked = propose_finalists(rows, prizes, stage.finalists or len(rows))
    return form_page(
        "staff/choose_finalists.html", form, edition=edition, stage=stage, groups=_groups(rows, ticked),
        ticked=len(ticked), next_round=_next(edition, stage),
    )  # fmt: skip


def _next(edition: Edition, stage: Round) -> Round | None:
    return next((one for one in edition.rounds if one.number == stage.number + 1), None)


def _groups(rows: Iterable[StandingRow], chosen: set[str]) -> list[tuple[str, list[Line]]]:
    """Return (category, lines); numbers are written once here, since CLDR's formatter is slow for hundreds of rows."""
    locale = language().locale
    point = locale.number_symbols.get("latn", locale.number_symbols).get("decimal", ".")
    kinds = {key: str(label) for key, label in TYPE_LABELS.items()}
    territories = locale.territories

    def line(row: StandingRow) -> Line:
        place = "–" if row.place is None else f"{row.place}=" if row.shared else str(row.place)
        total = row.total
        mean = spread = "–"
        if total is not None:
            mean = written(total.mean, total.divisor, point)
            spread = f"{written(total.lowest, total.unit, point)} – {written(total.highest, total.unit, point)}"
        where = f"{row.city}, {territories.get(row.country, row.country)}"
        kind = kinds.get(row.applicant_type, row.applicant_type)
        return Line(
            row.entry_id, place, str(row.type_place or "–"), row.title, row.language, where, kind, mean,
            row.judges, spread, row.entry_id in chosen,
        )  # fmt: skip

    return [(key, [line(row) for row in group]) for key, group in groupby(rows, key=lambda row: row.category_key)]


def written(number: int, divisor: int, point: str) -> str:
    """Write a quotient with two places, half rounded to even, as ``scoring.display`` does for one fraction."""
    hundredths, rest = divmod(number * 100, divisor)
    if rest * 2 > divisor or (rest * 2 == divisor and hundredths % 2):
        hundredths += 1
    return f"{hundredths // 100}{point}{hundredths % 100:02d}"
