"""The secretariat's desk: what waits, by edition."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from judging.access import Staff
from judging.queries import decisions
from judging.queries.progress import Waiting, list_waiting
from judging.staff_forms.editions import MOMENT_LABELS
from portal import clock
from portal.editions import queries
from portal.editions.models import Edition
from portal.editions.rules import Phase, phase_of
from portal.web import needs, session

pages = Blueprint("staff", __name__, url_prefix="/<lang:lang>/staff")


NOTHING = Waiting(0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Desk:
    """One edition on the desk."""

    edition: Edition
    phase: Phase
    waiting: Waiting
    next_key: str | None
    next_number: int | None
    next_at: datetime | None


@pages.route("/")
@needs(Staff.HOME)
def home() -> ResponseReturnValue:
    """Show what waits in each edition."""
    now = clock.now()
    waiting = list_waiting(session())
    moments = decisions.list_publication_moments(session())
    desks = [
        _desk(one, waiting.get(one.id, NOTHING), moments.get(one.id), now) for one in queries.list_editions(session())
    ]
    running = [one for one in desks if one.phase is not Phase.PUBLISHED and not _is_past(one, now)]
    past = [one for one in desks if one not in running]
    return render_template("staff/home.html", running=running, past=past, labels=MOMENT_LABELS)


def _desk(edition: Edition, waiting: Waiting, visible_from: datetime | None, now: datetime) -> Desk:
    phase = phase_of(
        is_published=edition.is_published,
        call_opens_at=edition.call_opens_at,
        call_closes_at=edition.call_closes_at,
        rounds=[(one.opened_at, one.closed_at) for one in edition.rounds],
        visible_from=visible_from,
        now=now,
    )
    ahead: list[tuple[datetime, str, int | None]] = [
        (moment, key, None) for key in MOMENT_LABELS if (moment := getattr(edition, key)) is not None and moment > now
    ]
    ahead += [
        (one.closes_at, "round", one.number)
        for one in edition.rounds
        if one.closes_at is not None and one.closes_at > now and one.closed_at is None
    ]
    if visible_from is not None and visible_from > now:
        ahead.append((visible_from, "publication", None))
    at, key, number = min(ahead, key=lambda one: one[0], default=(None, None, None))
    return Desk(edition, phase, waiting, key, number, at)


def _is_past(desk: Desk, now: datetime) -> bool:
    """Tell whether nothing can wait in an edition: a real one of earlier years, known from its sources only."""
    return not desk.edition.rounds and desk.next_at is None and desk.waiting.standing == 0 and desk.edition.is_published
