"""What a published case tells in figures comes from the entry as it was handed in, and only with the city's consent."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from judging.actions.decisions import decide_prize
from judging.actions.publication import approve_decisions, schedule_publication
from portal.library import records
from portal.library.details import Budget, Details, Indicator, Reach
from portal.library.models import Case, CaseVersion
from tests.judging.competition import Competition

ANSWERS: dict[str, Any] = {
    "sdgs": ["3", "11", "99"], "target_groups": ["older-people"], "beneficiaries": "1,260", "currency": "krw",
    "budget": [{"source": "own", "amount": "10,000,000"}, {"source": "national", "amount": "500000.5"}, {"amount": ""}],
    "partners": [{"name": "Open Tools", "kind": "company", "role": "software"}, {"name": " "}],
    "indicators": [
        {"name": "Visits", "unit": "a month", "baseline": "900", "value": "1260", "on": "2025-12-31", "source": "Records"},
        {"name": "Clinics", "unit": "", "baseline": "", "value": "4", "on": "", "source": ""},
        {"name": "Unmeasured", "value": "many", "source": "Nobody"},
    ],
}  # fmt: skip


def publish(session: Session, now: datetime, **answers: Any) -> Case:
    """Publish an entry with these further answers and return its case."""
    found = Competition(session)
    entry = found.entries[0]
    entry.answers = {**entry.answers, **ANSWERS, **answers}
    by = found.staff.id
    decide_prize(session, found.gold, entry, place=1, reason="Best.", by=by, now=now)
    approve_decisions(session, found.edition, reason="Committee.", by=by, now=now)
    schedule_publication(session, found.edition, visible_from=now, by=by, now=now)
    return session.scalars(select(Case)).one()


def test_a_case_takes_its_figures_from_the_entry(session: Session, now: datetime) -> None:
    case = publish(session, now, consent_publication="y")
    assert records.copy_of(case).details == Details(
        population=366_000, budget=Budget(Decimal("10500000.5"), "KRW", source=0), partners=("Open Tools",),
        target_groups=("older-people",), sdgs=(3, 11), reach=Reach(1260, source=0),
        indicators=(
            Indicator({"en": "Visits"}, Decimal(1260), {"en": "a month"}, Decimal(900), date="2025-12-31", source=1),
            Indicator({"en": "Clinics"}, Decimal(4), source=0),
        ),
    )  # fmt: skip
    assert [source.title for source in case.sources] == ["Prize 2026", "Records"]
    record = session.get_one(CaseVersion, (case.id, 1)).record
    assert record == records.dump_version(case)


@pytest.mark.parametrize("consent", ["", None, "n"])
def test_without_consent_no_figure_is_published(session: Session, now: datetime, consent: str | None) -> None:
    case = publish(session, now, consent_publication=consent)
    assert case.details == {}
    assert [source.title for source in case.sources] == ["Prize 2026"]
    assert "1260" not in str(session.get_one(CaseVersion, (case.id, 1)).record).replace(case.id, "")


@pytest.mark.parametrize("currency", ["", "won", "EURO", "K1W"])
def test_a_budget_without_a_currency_is_left_out(session: Session, now: datetime, currency: str) -> None:
    details = publish(session, now, consent_publication="y", currency=currency).details
    assert details.get("budget", {}).get("currency", "") == ("WON" if currency == "won" else "")
