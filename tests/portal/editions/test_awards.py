"""Categories and prizes come and go until the call opens, and never while something refers to them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from judging.models import Decision
from portal.editions import actions
from portal.editions.models import Category, Edition
from portal.errors import Refusal
from tests.factories import NOW, make_entry, make_organisation, make_user

OPENS = datetime(2026, 5, 2, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
BEFORE = OPENS - SECOND


@pytest.fixture
def edition(session: Session, template: dict[str, Any], forms: dict[str, Any]) -> Edition:
    """Return an edition made from the template whose call opens soon."""
    return actions.create_edition(
        session, template, forms, slug="2026", year=2026, by=None, now=NOW, call_opens_at=OPENS,
        call_closes_at=OPENS + timedelta(days=30),
    )  # fmt: skip


def kinds(edition: Edition) -> list[tuple[str | None, str, str | None]]:
    """Return what the prizes are, in order."""
    return [(one.category_key, one.rank, one.applicant_type) for one in edition.prizes]


def test_a_category_goes_with_its_prizes_and_comes_back_in_its_place(
    session: Session, edition: Edition, template: dict[str, Any]
) -> None:
    everything = kinds(edition)
    gone = edition.categories[1]
    actions.remove_category(session, edition, gone, by=None, now=BEFORE)
    session.refresh(edition)
    assert [one.key for one in edition.categories] == ["people-centric", "leadership"]
    assert kinds(edition) == [kind for kind in everything if kind[0] != "tech-innovation"]
    assert session.scalars(select(Category.key).where(Category.id == gone.id)).all() == []
    actions.add_category(
        session, edition, template, key="tech-innovation", applicant_types=["city", "institution"], by=None, now=BEFORE
    )
    session.expire_all()
    assert [(one.key, one.position) for one in edition.categories] == [
        ("people-centric", 0), ("tech-innovation", 1), ("leadership", 2),
    ]  # fmt: skip
    back = edition.categories[1]
    assert (back.official_name, back.applicant_types) == ("Tech-InnovaCity", ["city", "institution"])
    # Whoever may not enter has no prize either.
    assert kinds(edition) == [kind for kind in everything if kind != ("tech-innovation", "corporate", "corporation")]
    assert [one.position for one in edition.prizes] == list(range(len(everything) - 1))
    actions.publish_edition(session, edition, by=None, now=BEFORE)


@pytest.mark.parametrize(
    ("key", "types", "field"),
    [("tech-innovation", ["city"], "key"), ("youth", ["city"], "key"), ("leadership", [], "applicant_types"),
     ("leadership", ["guest"], "applicant_types"), ("leadership", ["city"], "applicant_types")],
)  # fmt: skip
def test_add_category_refuses_what_does_not_fit(
    session: Session, edition: Edition, template: dict[str, Any], key: str, types: list[str], field: str
) -> None:
    actions.remove_category(session, edition, edition.categories[2], by=None, now=BEFORE)
    actions.publish_edition(session, edition, by=None, now=BEFORE)  # from now on every applicant needs a form
    with pytest.raises(Refusal) as refused:
        actions.add_category(session, edition, template, key=key, applicant_types=types, by=None, now=BEFORE)
    assert refused.value.field == field


def test_a_public_edition_lets_nobody_enter_without_a_form(session: Session, edition: Edition) -> None:
    wish = {"people-centric": {"applicant_types": ["city", "individual"]}}
    actions.change_categories(session, edition, wish, by=None, now=BEFORE)
    with pytest.raises(Refusal, match="no entry form"):
        actions.publish_edition(session, edition, by=None, now=BEFORE)
    actions.change_categories(session, edition, {"people-centric": {"applicant_types": ["city"]}}, by=None, now=BEFORE)
    actions.publish_edition(session, edition, by=None, now=BEFORE)
    with pytest.raises(Refusal, match="no entry form") as refused:
        actions.change_categories(session, edition, wish, by=None, now=BEFORE)
    assert refused.value.field == "people-centric_applicant_types"


def test_prizes_stand_by_category_and_rank(session: Session, edition: Edition) -> None:
    bronze = next(one for one in edition.prizes if one.rank == "bronze")
    actions.remove_prize(session, edition, bronze, by=None, now=BEFORE)
    added = actions.add_prize(
        session, edition, rank="bronze", category_key="people-centric", applicant_type="city", quota=2,
        names={"en": "Third prize", "ko": ""}, by=None, now=BEFORE,
    )  # fmt: skip
    leaders = actions.add_prize(
        session, edition, rank="gold", category_key="leadership", applicant_type=None, quota=1, names={}, by=None,
        now=BEFORE,
    )  # fmt: skip
    session.expire_all()
    assert [one.rank for one in edition.prizes][:5] == ["gold", "silver", "bronze", "corporate", "institution"]
    assert edition.prizes[2] is added
    assert added.names == {"en": "Third prize", "ko": "동상"}
    assert [one.rank for one in edition.prizes][-3:] == ["gold", "leadership", "special-mention"]
    assert edition.prizes[-3] is leaders


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"rank": "platinum"}, "rank"), ({"rank": "finalist"}, "rank"), ({"category_key": "youth"}, "category"),
        ({"category_key": None}, "category"), ({"rank": "special-mention"}, "category"),
        ({"applicant_type": "individual"}, "applicant_type"), ({"quota": -1}, "quota"), ({"quota": 101}, "quota"),
        ({"rank": "gold", "applicant_type": "city"}, "rank"),
    ],
)  # fmt: skip
def test_add_prize_refuses_what_does_not_fit(
    session: Session, edition: Edition, values: dict[str, Any], field: str
) -> None:
    wish = {
        "rank": "winner",
        "category_key": "people-centric",
        "applicant_type": None,
        "quota": 1,
        "names": {},
        **values,
    }
    with pytest.raises(Refusal) as refused:
        actions.add_prize(session, edition, by=None, now=BEFORE, **wish)
    assert refused.value.field == field


def test_both_edges_of_the_opening_second(session: Session, edition: Edition, template: dict[str, Any]) -> None:
    wish = {"rank": "winner", "category_key": "leadership", "applicant_type": None, "quota": 1, "names": {}}
    actions.remove_category(session, edition, edition.categories[1], by=None, now=BEFORE)
    actions.remove_prize(session, edition, edition.prizes[0], by=None, now=BEFORE)
    actions.add_prize(session, edition, by=None, now=BEFORE, **wish)
    count = len(edition.prizes)
    for act in (
        lambda: actions.remove_category(session, edition, edition.categories[1], by=None, now=OPENS),
        lambda: actions.remove_prize(session, edition, edition.prizes[0], by=None, now=OPENS),
        lambda: actions.add_prize(session, edition, by=None, now=OPENS, **{**wish, "rank": "gold"}),
        lambda: actions.add_category(
            session, edition, template, key="tech-innovation", applicant_types=["city"], by=None, now=OPENS
        ),
    ):
        with pytest.raises(Refusal, match="The call has opened"):
            act()
    assert (len(edition.categories), len(edition.prizes)) == (2, count)


def test_frozen_rules_and_the_last_category_stay(session: Session, edition: Edition) -> None:
    for category in edition.categories[:2]:
        actions.remove_category(session, edition, category, by=None, now=BEFORE)
    with pytest.raises(Refusal, match="at least one category"):
        actions.remove_category(session, edition, edition.categories[0], by=None, now=BEFORE)
    actions.freeze_rules(session, edition, by=None, now=BEFORE)
    with pytest.raises(Refusal, match="frozen"):
        actions.remove_prize(session, edition, edition.prizes[0], by=None, now=BEFORE)


def test_what_something_refers_to_cannot_go(session: Session, edition: Edition) -> None:
    user = make_user(session)
    make_entry(session, edition, make_organisation(session, user), user, state="withdrawn")
    with pytest.raises(Refusal, match="begun in this category"):
        actions.remove_category(session, edition, edition.categories[0], by=None, now=BEFORE)


def test_a_given_prize_cannot_go(session: Session, edition: Edition) -> None:
    user = make_user(session)
    entry = make_entry(session, edition, make_organisation(session, user), user, state="eligible")
    prize = edition.prizes[0]
    session.add(Decision(
        edition_id=edition.id, prize_id=prize.id, entry_id=entry.id, place=1, reason="Best.", decided_at=NOW,
        decided_by=user.id,
    ))  # fmt: skip
    session.flush()
    with pytest.raises(Refusal, match="has been given"):
        actions.remove_prize(session, edition, prize, by=None, now=BEFORE)
