"""Everybody's own desk: what waits for this person, from every room; hung onto the room of accounts by the roof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import Flask, render_template, url_for
from flask.typing import ResponseReturnValue

from judging.queries import assignments as judging_queries
from portal import clock
from portal.access import Visitor
from portal.accounts import queries as accounts_queries
from portal.accounts.access import Accounts
from portal.editions import queries as editions_queries
from portal.editions.models import Edition
from portal.web import needs, session, visitor
from submissions import queries as submissions_queries
from submissions.models import Entry, Screening
from submissions.rules import EntryState, is_call_open


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One of the person's entries, and what the secretariat has answered."""

    entry: Entry
    is_call_open: bool
    answer: Screening | None


@dataclass(frozen=True, slots=True)
class JudgeLine:
    """An edition that the person judges: the latest round that has opened, and how far they are."""

    edition: Edition
    has_declared: bool
    round_number: int
    closes_at: datetime | None
    sent: int
    total: int


def install(app: Flask) -> None:
    """Give the desk its address."""
    app.add_url_rule("/<lang:lang>/desk", "accounts.desk", needs(Accounts.DESK)(desk))


def desk() -> ResponseReturnValue:
    """Show what waits for this person."""
    now, who = clock.now(), visitor()
    organisations = list_organisations(who)
    return render_template(
        "accounts/desk.html",
        organisations=organisations,
        entries=list_entry_lines(who, now),
        judged=list_judge_lines(who),
        open_edition=editions_queries.get_open_edition(session(), now=now),
        user=accounts_queries.get_user(session(), str(who.id)),
        entries_url=url_for("submissions.list_entries"),
        start_url=url_for("submissions.start"),
        entry_url=lambda entry: url_for("submissions.show", entry_id=entry.id),
    )


def list_organisations(who: Visitor) -> list[object]:
    """Return the organisations of a person, by name."""
    if not who.organisations:
        return []
    return list(accounts_queries.list_organisations_of(session(), [str(who.id)]).get(str(who.id), []))


def list_entry_lines(who: Visitor, now: datetime) -> list[EntryLine]:
    """Return the entries of the person's organisations, newest first."""
    entries = submissions_queries.list_own_entries(session(), who.organisations)
    answered = [entry.id for entry in entries if entry.state in (EntryState.SENT_BACK, EntryState.INELIGIBLE)]
    answers: Mapping[str, Screening] = submissions_queries.list_screenings(session(), answered)
    return [
        EntryLine(
            entry,
            is_call_open(entry.edition.call_opens_at, entry.edition.call_closes_at, now),
            answers.get(entry.id),
        )
        for entry in entries
    ]


def list_judge_lines(who: Visitor) -> list[JudgeLine]:
    """Return one line for each edition that the person judges, newest first."""
    if not who.is_judge:
        return []
    judges = list(who.judgeships.values())
    rounds = judging_queries.list_judged_rounds(session(), judges)
    reading = judging_queries.list_reading(session(), judges, who.organisations)
    lines: dict[str, JudgeLine] = {}
    for judged in rounds:  # later rounds first
        rows = [row for row in reading if row.round_id == judged.stage.id]
        known = lines.get(judged.edition.id)
        if known is None or (known.total == 0 and rows):
            lines[judged.edition.id] = JudgeLine(
                judged.edition, judged.conflicts_declared_at is not None, judged.stage.number, judged.stage.closes_at,
                sum(row.is_sent for row in rows), len(rows),
            )  # fmt: skip
    return list(lines.values())
