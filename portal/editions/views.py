"""The public page of the call for entries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal import clock
from portal.access import Public
from portal.editions import queries
from portal.editions.models import Category, Criterion, Edition, Prize
from portal.editions.rules import criteria_for
from portal.web import needs, session

pages = Blueprint("editions", __name__, url_prefix="/<lang:lang>")


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the timeline; ``state`` is done, now or next. Of a whole day, no hour is known."""

    title: str
    at: datetime
    state: str
    is_whole_day: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """A category with what can be won in it and what is scored."""

    category: Category
    prizes: list[Prize]
    criteria: list[Criterion]


@pages.route("/call")
@needs(Public.READ)
def call() -> ResponseReturnValue:
    """Show the call that is open, comes next or closed last: categories, who may enter, timeline."""
    now = clock.now()
    edition = queries.get_call_edition(session(), now=now)
    if edition is None or edition.call_opens_at is None or edition.call_closes_at is None:
        return render_template("editions/no_call.html")
    rules = queries.get_newest_rules(session(), edition.id)
    state = "next" if now < edition.call_opens_at else "open" if now < edition.call_closes_at else "closed"
    # The time left is told by the minute: a kept page would be wrong, and tell when something unseen has changed.
    g.private = state != "closed"
    ways = [
        Way(
            category,
            [prize for prize in edition.prizes if prize.category_key == category.key],
            criteria_for(rules.criteria, category.key) if rules else [],
        )
        for category in edition.categories
    ]
    return render_template(
        "editions/call.html", edition=edition, state=state, ways=ways, steps_ahead=_steps(edition, now), moment=now,
        mentions=[prize for prize in edition.prizes if prize.category_key is None],
    )  # fmt: skip


def _steps(edition: Edition, now: datetime) -> list[Step]:
    """Return the announced moments in order; the last one passed is where the edition stands now."""
    named: list[tuple[str, datetime | None]] = [
        (gettext("The call opens"), edition.call_opens_at),
        (gettext("The call closes"), edition.call_closes_at),
        (gettext("Screening ends"), edition.screening_ends_at),
        *((_closing(one.number), one.closes_at) for one in edition.rounds),
        (gettext("Award ceremony"), edition.ceremony_at),
        (gettext("Results are announced"), edition.results_at),
    ]
    known = sorted(((title, at) for title, at in named if at is not None), key=lambda pair: pair[1])
    return [
        Step(title, at, state, is_whole_day=at == edition.ceremony_at and _is_midnight(at, edition.time_zone))
        for (title, at), state in zip(known, _states(known, now), strict=True)
    ]


def _is_midnight(at: datetime, zone: str) -> bool:
    """Tell whether a moment is the beginning of a day: a ceremony whose hour has not been told."""
    return at.astimezone(ZoneInfo(zone)).time() == time()


def _closing(number: int) -> str:
    """Return the name of a round's end."""
    if number == 1:
        return str(gettext("First round of judging ends"))
    if number == 2:
        return str(gettext("Second round of judging ends"))
    return str(gettext("Round %(number)s of judging ends", number=number))


def _states(known: Iterable[tuple[str, datetime]], now: datetime) -> list[str]:
    """Return done for what has passed, now for the next moment, next for the rest."""
    states: list[str] = []
    for _, at in known:
        states.append("done" if at <= now else "next" if "now" in states else "now")
    return states
