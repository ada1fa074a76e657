"""Editions: made from a template, copied, changed, frozen, shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import seed
from portal.definitions.models import FormDefinition
from portal.editions import actions, queries
from portal.editions.actions.editions import shift_years
from portal.editions.actions.rules import draft_of
from portal.editions.models import Edition, RuleSet
from portal.editions.rules import CriterionDraft, criteria_for
from portal.errors import Refusal

OPENS = datetime(2026, 3, 1, 1, tzinfo=UTC)
CLOSES = datetime(2026, 5, 31, 14, 59, 59, tzinfo=UTC)


@pytest.fixture
def edition(session: Session, template: dict[str, Any], forms: dict[str, Any], now: datetime) -> Edition:
    """Return an edition made from the template."""
    return actions.create_edition(
        session, template, forms, slug="2026", year=2026, by=None, now=now, call_opens_at=OPENS, call_closes_at=CLOSES
    )


def test_create_edition_makes_everything_of_the_template(session: Session, edition: Edition) -> None:
    assert edition.names == {"en": "Seoul Smart City Prize 2026", "ko": "서울 스마트도시 상 2026"}
    assert not edition.is_published
    assert [one.key for one in edition.categories] == ["people-centric", "tech-innovation", "leadership"]
    assert [one.official_name for one in edition.categories] == ["Human-CentriCity", "Tech-InnovaCity", "Leadership"]
    assert [(one.category_key, one.rank, one.quota, one.applicant_type) for one in edition.prizes] == [
        (category, rank, quota, kind)
        for category in ("people-centric", "tech-innovation")
        for rank, quota, kind in (
            ("gold", 1, "city"), ("silver", 2, "city"), ("bronze", 3, "city"),
            ("corporate", 1, "corporation"), ("institution", 1, "institution"),
        )
    ] + [("leadership", "leadership", 2, "individual"), (None, "special-mention", 3, None)]  # fmt: skip
    assert [(one.number, one.reviews_per_entry, one.finalists) for one in edition.rounds] == [(1, 3, 42), (2, 3, None)]
    rules = queries.get_newest_rules(session, edition.id)
    assert rules is not None
    for category in edition.categories:
        mine = criteria_for(rules.criteria, category.key)
        assert len(mine) == 6
        assert sum(criterion.weight for criterion in mine) == 100
    assert criteria_for(rules.criteria, "leadership")[0].labels["en"] == "Vision for the city's problems"
    forms = session.scalars(select(FormDefinition).where(FormDefinition.edition_id == edition.id)).all()
    assert len(forms) == 5
    assert forms[0].definition["sections"][0]["key"] == "contact_city"


def test_create_edition_refuses_a_taken_or_bad_address(
    session: Session, edition: Edition, template: dict[str, Any], forms: dict[str, Any], now: datetime
) -> None:
    for slug in ("2026", "Bad Slug", "", "a--b", "x" * 41):
        with pytest.raises(Refusal) as refused:
            actions.create_edition(session, template, forms, slug=slug, year=2026, by=None, now=now)
        assert refused.value.field == "slug"


def test_timeline_refuses_the_wrong_order_and_keeps_both_edges(
    session: Session, edition: Edition, now: datetime
) -> None:
    with pytest.raises(Refusal) as refused:
        actions.change_timeline(session, edition, by=None, now=now, call_closes_at=OPENS)
    assert refused.value.field == "call_closes_at"
    actions.change_timeline(session, edition, by=None, now=now, call_closes_at=OPENS + timedelta(seconds=1))
    with pytest.raises(Refusal) as refused:
        actions.change_timeline(session, edition, by=None, now=now, round_1_opens_at=OPENS)
    assert refused.value.field == "round_1_opens_at"
    actions.change_timeline(
        session,
        edition,
        by=None,
        now=now,
        round_1_opens_at=CLOSES,
        round_1_closes_at=CLOSES,
        ceremony_place={"en": "COEX", "ko": ""},
    )
    assert (edition.rounds[0].opens_at, edition.rounds[0].closes_at, edition.ceremony_place) == (
        CLOSES, CLOSES, {"en": "COEX"},
    )  # fmt: skip


def test_clone_edition_copies_all_but_what_happened(
    session: Session, edition: Edition, template: dict[str, Any], forms: dict[str, Any], now: datetime
) -> None:
    actions.publish_edition(session, edition, by=None, now=now)
    actions.freeze_rules(session, edition, by=None, now=now)
    copy = actions.clone_edition(session, edition, template, forms, slug="2027", year=2027, by=None, now=now)
    assert copy.names == {"en": "Seoul Smart City Prize 2027", "ko": "서울 스마트도시 상 2027"}
    assert (copy.is_published, copy.call_opens_at) == (False, OPENS.replace(year=2027))
    for column in ("key", "official_name", "names", "mottos", "descriptions", "applicant_types"):
        assert [getattr(one, column) for one in copy.categories] == [getattr(one, column) for one in edition.categories]
    assert [(one.rank, one.quota) for one in copy.prizes] == [(one.rank, one.quota) for one in edition.prizes]
    old, new = queries.get_newest_rules(session, edition.id), queries.get_newest_rules(session, copy.id)
    assert old is not None
    assert new is not None
    assert new.frozen_at is None
    assert [draft_of(one) for one in new.criteria] == [draft_of(one) for one in old.criteria]
    assert {one.id for one in new.criteria}.isdisjoint(one.id for one in old.criteria)
    count = select(FormDefinition).where(FormDefinition.edition_id == copy.id)
    assert len(session.scalars(count).all()) == 5


def test_clone_edition_completes_one_known_from_its_sources_only(
    session: Session, template: dict[str, Any], forms: dict[str, Any], now: datetime
) -> None:
    seed.load_editions(session, now=now)
    session.flush()
    known = queries.get_edition_set_up(session, "2025")
    assert known is not None
    assert (known.prizes, known.rounds) == ([], [])
    copy = actions.clone_edition(session, known, template, forms, slug="again", year=2026, by=None, now=now)
    usual = actions.create_edition(session, template, forms, slug="usual", year=2026, by=None, now=now)
    assert [(one.category_key, one.rank, one.quota) for one in copy.prizes] == [
        (one.category_key, one.rank, one.quota) for one in usual.prizes
    ]
    assert [one.official_name for one in copy.categories] == ["Human-CentriCity", "Tech-InnovaCity", "Leadership"]
    assert [(one.number, one.finalists) for one in copy.rounds] == [(1, 42), (2, None)]
    actions.change_timeline(session, copy, by=None, now=now, call_opens_at=OPENS, call_closes_at=CLOSES)
    actions.publish_edition(session, copy, by=None, now=now)
    actions.freeze_rules(session, copy, by=None, now=now)


def test_clone_edition_moves_leap_days() -> None:
    leap = datetime(2024, 2, 29, 3, tzinfo=UTC)
    assert shift_years(leap, 1, "Asia/Seoul") == datetime(2025, 2, 28, 3, tzinfo=UTC)


def test_change_criteria_writes_a_new_version(session: Session, edition: Edition, now: datetime) -> None:
    two = [CriterionDraft("a", 60, {"en": "A"}, {}), CriterionDraft("b", 40, {"en": "B"}, {})]
    rules = actions.change_criteria(session, edition, two, by=None, now=now)
    assert (rules.version, [one.key for one in rules.criteria]) == (2, ["a", "b"])
    versions = session.scalars(
        select(RuleSet.version).where(RuleSet.edition_id == edition.id).order_by(RuleSet.version)
    )
    assert versions.all() == [1, 2]


@pytest.mark.parametrize("weights", [(60, 39), (60, 41), (-1, 101)])
def test_change_criteria_refuses_weights_that_do_not_add_up(
    session: Session, edition: Edition, now: datetime, weights: tuple[int, int]
) -> None:
    drafts = [CriterionDraft(key, weight, {"en": key}, {}) for key, weight in zip("ab", weights, strict=True)]
    with pytest.raises(Refusal, match=r"weight"):
        actions.change_criteria(session, edition, drafts, by=None, now=now)


def test_frozen_rules_refuse_criteria_and_quotas_but_not_names(
    session: Session, edition: Edition, now: datetime
) -> None:
    rules = actions.freeze_rules(session, edition, by=None, now=now)
    drafts = [draft_of(one) for one in rules.criteria]
    with pytest.raises(Refusal, match="frozen"):
        actions.change_criteria(session, edition, drafts, by=None, now=now)
    gold = edition.prizes[0]
    with pytest.raises(Refusal, match="frozen"):
        actions.change_prizes(session, edition, {gold.id: {"quota": 2}}, by=None, now=now)
    actions.change_prizes(session, edition, {gold.id: {"quota": 1, "names": {"en": "Grand prize"}}}, by=None, now=now)
    assert (gold.quota, gold.names) == (1, {"en": "Grand prize"})


def test_categories_keep_their_applicants_once_the_call_is_open(session: Session, edition: Edition) -> None:
    new = {"people-centric": {"applicant_types": ["city"]}}
    with pytest.raises(Refusal):
        actions.change_categories(session, edition, new, by=None, now=OPENS)
    actions.change_categories(session, edition, new, by=None, now=OPENS - timedelta(seconds=1))
    assert edition.categories[0].applicant_types == ["city"]


def test_publish_edition_wants_dates_and_forms(
    session: Session, edition: Edition, template: dict[str, Any], forms: dict[str, Any], now: datetime
) -> None:
    bare = actions.create_edition(session, template, {"forms": []}, slug="bare", year=2026, by=None, now=now)
    with pytest.raises(Refusal, match="opens and closes"):
        actions.publish_edition(session, bare, by=None, now=now)
    actions.change_timeline(session, bare, by=None, now=now, call_opens_at=OPENS, call_closes_at=CLOSES)
    with pytest.raises(Refusal, match="no entry form"):
        actions.publish_edition(session, bare, by=None, now=now)
    actions.publish_edition(session, edition, by=None, now=now)
    assert [one.slug for one in queries.list_public_editions(session)] == ["2026"]
