"""Writes of what an edition's judging rests on: categories, prizes and quotas, criteria, rounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import audit
from portal.db import new_id
from portal.editions.models import Category, Criterion, Edition, Prize, Round, RuleSet
from portal.editions.queries import get_newest_rules, list_forms
from portal.editions.rules import AGGREGATIONS, APPLICANT_TYPES, CriterionDraft, check_criteria
from portal.errors import Refusal
from portal.i18n import sentence


def change_categories(
    session: Session, edition: Edition, values: Mapping[str, Mapping[str, Any]], *, by: str | None, now: datetime
) -> None:
    """Change names, mottos, descriptions and applicant types of categories, given by key.

    Raises Refusal when an applicant type is unknown or none is left, when the public sees the edition and one has no
    entry form, or when one is taken away after the call has opened.
    """
    categories = {found.key: found for found in edition.categories}
    for key, new in values.items():
        category = categories[key]
        types = list(new.get("applicant_types", category.applicant_types))
        if types != category.applicant_types:
            check_applicants(session, edition, key, types, field=f"{key}_applicant_types")
        gone = set(category.applicant_types) - set(types)
        if gone and edition.call_opens_at is not None and edition.call_opens_at <= now:
            raise Refusal(
                sentence("The call has opened: nobody who may enter can be left out now."),
                field=f"{key}_applicant_types",
            )
        category.applicant_types = types
        for column in ("names", "mottos", "descriptions"):
            if column in new:
                setattr(category, column, {tag: text for tag, text in new[column].items() if text})
    session.flush()
    audit.note(
        session, "edition.categories", f"edition:{edition.id}", by=by, now=now,
        types={category.key: category.applicant_types for category in edition.categories},
    )  # fmt: skip


def change_prizes(
    session: Session, edition: Edition, values: Mapping[str, Mapping[str, Any]], *, by: str | None, now: datetime
) -> None:
    """Change quotas and names of prizes, given by id.

    Raises Refusal for a negative quota, or for any change of a quota once the rules are frozen.
    """
    prizes = {prize.id: prize for prize in session.scalars(select(Prize).where(Prize.edition_id == edition.id))}
    quotas = {}
    for prize_id, new in values.items():
        prize = prizes[prize_id]
        quota = int(new.get("quota", prize.quota))
        if quota < 0 or quota > 100:
            raise Refusal(sentence("A quota is a whole number from 0 to 100."), field=f"quota_{prize_id}")
        if quota != prize.quota:
            refuse_frozen(session, edition)
            prize.quota = quotas[prize_id] = quota
        if "names" in new:
            prize.names = {tag: text for tag, text in new["names"].items() if text}
    session.flush()
    audit.note(session, "edition.prizes", f"edition:{edition.id}", by=by, now=now, quotas=quotas)


def change_criteria(
    session: Session, edition: Edition, criteria: Sequence[CriterionDraft], *, by: str | None, now: datetime,
    aggregation: str | None = None, scale_max: int | None = None,
) -> RuleSet:  # fmt: skip
    """Write a new version of the rule set and return it; the one before stays.

    Raises Refusal once judging has opened, or when a weight, a name or the sum of the weights is wrong.
    """
    refuse_frozen(session, edition)
    check_criteria(criteria, [category.key for category in edition.categories])
    if aggregation is not None and aggregation not in AGGREGATIONS:
        raise Refusal(sentence("Please choose how the totals of several judges become one."), field="aggregation")
    if scale_max is not None and not 1 <= scale_max <= 100:
        raise Refusal(sentence("The highest score is a whole number from 1 to 100."), field="scale_max")
    last = get_newest_rules(session, edition.id)
    rules = RuleSet(
        id=new_id(), edition_id=edition.id, version=last.version + 1 if last else 1,
        aggregation=aggregation or (last.aggregation if last else "mean"),
        scale_min=last.scale_min if last else 0,
        scale_max=scale_max or (last.scale_max if last else 10), created_at=now,
    )  # fmt: skip
    add_criteria(rules, criteria)
    session.add(rules)
    session.flush()
    audit.note(
        session, "edition.criteria", f"edition:{edition.id}", by=by, now=now, version=rules.version,
        weights=[[draft.category_key, draft.key, draft.weight] for draft in criteria],
    )  # fmt: skip
    return rules


def change_rounds(
    session: Session, edition: Edition, values: Mapping[int, Mapping[str, Any]], *, by: str | None, now: datetime
) -> None:
    """Change, by number of round, how many judges read each entry and how many finalists go on.

    Raises Refusal for a round that has been opened, or for a number out of range.
    """
    facts = {}
    for one in session.scalars(select(Round).where(Round.edition_id == edition.id)):
        new = values.get(one.number, {})
        reviews = int(new.get("reviews_per_entry", one.reviews_per_entry))
        finalists = new.get("finalists", one.finalists)
        if (reviews, finalists) == (one.reviews_per_entry, one.finalists):
            continue
        if one.opened_at is not None:
            raise Refusal(sentence("This round has been opened: its rules stay as they are."))
        if not 1 <= reviews <= 30:
            raise Refusal(sentence("Between 1 and 30 judges can read each entry."), field=f"round_{one.number}_reviews")
        if finalists is not None and finalists < 1:
            raise Refusal(sentence("At least one entry must go on."), field=f"round_{one.number}_finalists")
        one.reviews_per_entry, one.finalists = reviews, finalists
        facts[str(one.number)] = [reviews, finalists]
    if facts:
        session.flush()
        audit.note(session, "edition.rounds", f"edition:{edition.id}", by=by, now=now, rounds=facts)


def freeze_rules(session: Session, edition: Edition, *, by: str | None, now: datetime) -> RuleSet:
    """Freeze the newest rule set, because judging opens, and return it; a frozen one stays as it is.

    Raises Refusal when there is no rule set whose weights add up.
    """
    rules = get_newest_rules(session, edition.id)
    if rules is None:
        raise Refusal(sentence("Please set the criteria before judging opens."))
    if rules.frozen_at is None:
        check_criteria([draft_of(criterion) for criterion in rules.criteria], [one.key for one in edition.categories])
        rules.frozen_at = now
        session.flush()
        audit.note(session, "edition.freeze", f"edition:{edition.id}", by=by, now=now, version=rules.version)
    return rules


def add_criteria(rules: RuleSet, criteria: Sequence[CriterionDraft]) -> None:
    """Hang criteria into a rule set, in the order given."""
    for position, draft in enumerate(criteria):
        rules.criteria.append(Criterion(
            category_key=draft.category_key, key=draft.key, position=position, weight=draft.weight,
            labels={tag: text for tag, text in draft.labels.items() if text},
            guidance={tag: text for tag, text in draft.guidance.items() if text},
            anchors={score: dict(texts) for score, texts in draft.anchors.items()},
        ))  # fmt: skip


def draft_of(criterion: Criterion) -> CriterionDraft:
    """Return a stored criterion as a draft, for a new version or another edition."""
    return CriterionDraft(
        key=criterion.key, weight=criterion.weight, labels=criterion.labels, guidance=criterion.guidance,
        category_key=criterion.category_key, anchors=criterion.anchors,
    )  # fmt: skip


def new_categories(templates: Sequence[Mapping[str, Any]]) -> list[Category]:
    """Return the categories that a template describes."""
    return [
        Category(
            key=one["key"], position=position, official_name=one.get("official_name", ""), names=dict(one["label"]),
            mottos=dict(one.get("value", {})), descriptions=dict(one.get("description", {})),
            applicant_types=list(one["applicant_types"]),
        )
        for position, one in enumerate(templates)
    ]  # fmt: skip


def new_prizes(category_key: str | None, templates: Sequence[Mapping[str, Any]]) -> list[Prize]:
    """Return the prizes that a template describes for a category, or for special mentions."""
    return [
        Prize(
            category_key=category_key, rank=one["rank"], position=position, quota=one["quota"],
            names=dict(one["label"]),
            applicant_type=one["applicant_types"][0] if len(one["applicant_types"]) == 1 else None,
        )
        for position, one in enumerate(templates)
    ]  # fmt: skip


def check_applicants(
    session: Session, edition: Edition, category_key: str, types: Sequence[str], *, field: str
) -> None:
    """Raise Refusal when applicant types are unknown or none, or one would find no entry form in a public edition."""
    if not types or not set(types) <= set(APPLICANT_TYPES):
        raise Refusal(sentence("Please choose who may enter this category."), field=field)
    if edition.is_published:
        check_forms(session, edition, {category_key: types}, field=field)


def check_forms(
    session: Session, edition: Edition, types: Mapping[str, Sequence[str]], *, field: str | None = None
) -> None:
    """Raise Refusal when an applicant type of a category (key → types) has no entry form."""
    forms = list_forms(session, edition.id)
    for key, listed in types.items():
        for kind in listed:
            if not any(key in form.category_keys and kind in form.applicant_types for form in forms):
                raise Refusal(sentence("A category has no entry form for one of its applicant types."), field=field)


def refuse_frozen(session: Session, edition: Edition) -> None:
    """Raise Refusal when a rule set of the edition is frozen."""
    frozen = select(RuleSet.id).where(RuleSet.edition_id == edition.id, RuleSet.frozen_at.is_not(None)).limit(1)
    if session.scalar(frozen) is not None:
        raise Refusal(sentence("Judging has opened: criteria, weights and quotas are frozen and cannot be changed."))
