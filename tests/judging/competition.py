"""A small competition for the secretariat's tests: entries of several cities and types, judges, prizes."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from judging.models import Assignment, Judge, Score, Scorecard
from portal.accounts.models import User
from portal.db import new_id
from portal.editions.models import Criterion, Edition, Prize, Round, RuleSet
from submissions.models import Entry
from tests.factories import NOW, keep, make_edition, make_entry, make_judge, make_organisation, make_user

CITIES = [
    ("City of Baguio", "city", "Baguio", "PH"),
    ("City of Curitiba", "city", "Curitiba", "BR"),
    ("City of Miri", "city", "Miri", "MY"),
    ("City of Kragujevac", "city", "Kragujevac", "RS"),
    ("Bright Lamps", "corporation", "Tampere", "FI"),
    ("Open Institute", "institution", "Nairobi", "KE"),
]
JUDGES = [("Ada", "DE"), ("Bo", "SE"), ("Chris", "US"), ("Dana", "KR")]


class Competition:
    """An edition with one eligible entry of each applicant in the first category, and four judges."""

    def __init__(self, session: Session, slug: str = "2026", *, simulated: bool = False) -> None:
        self.session = session
        self.edition: Edition = make_edition(
            session, slug, simulated=simulated, call_opens_at=NOW - timedelta(days=90), call_closes_at=NOW
        )
        self.first = session.scalars(select(Round).where(Round.edition_id == self.edition.id)).one()
        self.second = keep(session, Round(edition_id=self.edition.id, number=2, reviews_per_entry=2))
        self.first.finalists = 3
        self.gold = session.scalars(select(Prize).where(Prize.edition_id == self.edition.id)).one()
        self.silver = self._prize("silver", 1, 2, "city", "people-centric")
        self.corporate = self._prize("corporate", 2, 1, "corporation", "people-centric")
        self.tech_gold = self._prize("gold", 3, 1, "city", "tech-innovation")
        self.mention = self._prize("special-mention", 4, 2, None, None)
        self.staff: User = make_user(session, "Staff", roles=("secretariat",))
        self.city_user: User = make_user(session, "Cora", language="ko")
        self.entries: list[Entry] = []
        for place, (name, kind, city, country) in enumerate(CITIES):
            organisation = make_organisation(
                session, self.city_user, name=name, applicant_type=kind, city=city, country=country
            )
            answers = {
                "title": f"Plan {city}", "summary": f"How {city} did it.", "themes": ["health"],
                "solution": f"Streets of {city}.",
            }  # fmt: skip
            self.entries.append(make_entry(
                session, self.edition, organisation, self.city_user, title=f"Plan {city}", answers=answers,
                state="eligible", submitted_at=NOW.replace(minute=place),
            ))  # fmt: skip
        self.judge_users: list[User] = [make_user(session, name) for name, _ in JUDGES]
        self.judges: list[Judge] = [
            make_judge(session, self.edition, user, country=country)
            for user, (_, country) in zip(self.judge_users, JUDGES, strict=True)
        ]

    def _prize(self, rank: str, position: int, quota: int, kind: str | None, category: str | None) -> Prize:
        names = {"en": rank.title(), "ko": f"{rank}상"}
        return keep(self.session, Prize(
            edition_id=self.edition.id, category_key=category, rank=rank, position=position, quota=quota,
            applicant_type=kind, names=names,
        ))  # fmt: skip

    @property
    def criteria(self) -> list[Criterion]:
        """Return the criteria of the newest rule set."""
        query = select(Criterion).join(RuleSet, RuleSet.id == Criterion.rule_set_id)
        query = query.where(RuleSet.edition_id == self.edition.id).order_by(RuleSet.version, Criterion.position)
        return list(self.session.scalars(query))

    def score(self, assignment: Assignment, *values: int, sent: datetime | None = NOW) -> Scorecard:
        """Fill in a score sheet and send it."""
        criteria = self.criteria
        total = sum(100 * value * one.weight for one, value in zip(criteria, values, strict=True)) if sent else None
        card = keep(self.session, Scorecard(
            id=new_id(), assignment_id=assignment.id, saved_at=NOW, sent_at=sent, weighted_sum=total
        ))  # fmt: skip
        for criterion, value in zip(criteria, values, strict=True):
            keep(self.session, Score(scorecard_id=card.id, criterion_id=criterion.id, value=Decimal(value)))
        return card
