"""A judge's reading list: what to read, in the judge's own order, and how far it is."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template
from flask.typing import ResponseReturnValue

from judging.access import Judging
from judging.blinding import blotted_title, country_names, names_to_hide
from judging.queries import assignments as queries
from judging.queries.assignments import JudgedRound, ReadingRow
from judging.views.blueprint import pages
from portal import clock
from portal.editions.models import Edition, Round
from portal.editions.rules import is_round_open
from portal.templating import country
from portal.web import needs, session, visitor

#: What ``queries.list_names`` returns.
Names = dict[str, tuple[str | None, ...]]


@dataclass(frozen=True, slots=True)
class ReadingRound:
    """One round on the page."""

    stage: Round
    rows: list[ReadingRow]
    is_open: bool
    sent: int
    next_id: str | None
    countries: dict[str, str]


@dataclass(frozen=True, slots=True)
class ReadingEdition:
    """One edition on the page."""

    edition: Edition
    has_declared: bool
    admitted_since: int
    rounds: list[ReadingRound]


@pages.route("/")
@needs(Judging.READ_LIST)
def reading_list() -> ResponseReturnValue:
    """Show what a judge is to read, by edition and round."""
    who = visitor()
    found = queries.list_judged_rounds(session(), list(who.judgeships.values()))
    by_round: dict[str, list[ReadingRow]] = {}
    for row in queries.list_reading(session(), list(who.judgeships.values()), who.organisations):
        by_round.setdefault(row.round_id, []).append(row)
    names: Names = {}
    if any(one.edition.is_blind for one in found):
        names = queries.list_names(session(), list(who.judgeships.values()))
    editions: dict[str, list[JudgedRound]] = {}
    for one in found:
        editions.setdefault(one.edition.id, []).append(one)
    return render_template(
        "judging/reading_list.html",
        shown=[_edition(rounds, by_round, names) for rounds in editions.values()],
    )


def _edition(rounds: list[JudgedRound], by_round: dict[str, list[ReadingRow]], names: Names) -> ReadingEdition:
    first = rounds[0]
    declared_at = first.conflicts_declared_at
    return ReadingEdition(
        first.edition,
        declared_at is not None,
        queries.count_admitted_since(session(), first.edition.id, declared_at) if declared_at else 0,
        [_round(one, by_round.get(one.stage.id, []), names) for one in rounds],
    )


def _round(one: JudgedRound, rows: list[ReadingRow], names: Names) -> ReadingRound:
    if one.edition.is_blind:
        rows = [_blind(row, *names.get(row.assignment_id, ())) for row in rows]
    stage = one.stage
    left = [row.assignment_id for row in rows if not row.is_sent]
    is_open = is_round_open(stage.opened_at, stage.closed_at, stage.closes_at, clock.now())
    countries = {code: country(code) for code in {row.country for row in rows}}
    return ReadingRound(stage, rows, is_open, len(rows) - len(left), left[0] if left and is_open else None, countries)


def _blind(row: ReadingRow, website: str | None = None, *others: str | None) -> ReadingRow:
    countries = country_names(row.country, row.language)
    title = blotted_title(row.title, names_to_hide(row.organisation, row.city, website, *countries, *others))
    return row._replace(title=title, organisation="", city="", country="")
