"""Writes that make an edition, copy one, and show one to the public."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import audit
from portal.db import new_id
from portal.definitions.models import FormDefinition
from portal.editions.actions.rules import add_criteria, check_forms, draft_of, new_categories, new_prizes
from portal.editions.actions.timeline import change_timeline, moments_of
from portal.editions.models import Category, Edition, Prize, Round, RuleSet
from portal.editions.queries import get_newest_rules, list_forms
from portal.editions.rules import CriterionDraft, check_names, check_slug
from portal.errors import Refusal
from portal.i18n import sentence


def create_edition(
    session: Session, template: Mapping[str, Any], forms: Mapping[str, Any], *, slug: str, year: int,
    names: Mapping[str, str] | None = None, by: str | None, now: datetime, simulated: bool = False,
    **timeline: datetime | Mapping[str, str] | None,
) -> Edition:  # fmt: skip
    """Make an edition, hidden from the public, with the template's categories, prizes, rule set, rounds and forms.

    ``timeline`` takes what ``change_timeline`` takes. Raises Refusal for a bad or taken address or a wrong order.
    """
    names = names or {tag: text.format(year=year) for tag, text in template["name"].items()}
    check_names(names)
    _check_free(session, slug)
    edition = Edition(
        id=new_id(), slug=slug, year=year, names={tag: text for tag, text in names.items() if text}, themes={},
        notes={},
        time_zone=template["time_zone"], is_blind=template["blind"], simulated=simulated, created_at=now,
    )  # fmt: skip
    edition.categories = new_categories(template["categories"])
    edition.prizes = _prizes(template)
    edition.rule_sets = [_rule_set(template, now)]
    edition.rounds = _rounds(template)
    session.add(edition)
    session.flush()
    _add_forms(session, edition, forms, now)
    audit.note(session, "edition.create", f"edition:{edition.id}", by=by, now=now, slug=slug, simulated=simulated)
    if timeline:
        change_timeline(session, edition, by=by, now=now, **timeline)
    return edition


def clone_edition(
    session: Session, edition: Edition, template: Mapping[str, Any], forms: Mapping[str, Any], *, slug: str, year: int,
    by: str | None, now: datetime,
) -> Edition:  # fmt: skip
    """Copy an edition for another year: all but entries, judges and results; its dates move by the years between.

    What an edition known from its sources only does not have (labels, prizes, rules, rounds, forms) comes from the
    template. The copy is hidden, its rules are open again. Raises Refusal for a bad or taken address.
    """
    _check_free(session, slug)
    usual = {one.key: one for one in new_categories(template["categories"])}
    copy = Edition(
        id=new_id(), slug=slug, year=year,
        names={tag: text.replace(str(edition.year), str(year)) for tag, text in edition.names.items()},
        themes={}, notes={}, time_zone=edition.time_zone, is_blind=edition.is_blind, simulated=edition.simulated,
        created_at=now,
    )  # fmt: skip
    copy.categories = [
        Category(
            key=one.key, position=one.position, official_name=one.official_name or told.official_name, names=one.names,
            mottos=one.mottos or told.mottos, descriptions=one.descriptions or told.descriptions,
            applicant_types=one.applicant_types,
        )
        for one in edition.categories
        for told in [usual.get(one.key, one)]
    ]  # fmt: skip
    copy.prizes = [
        Prize(
            category_key=one.category_key, rank=one.rank, position=one.position, quota=one.quota,
            applicant_type=one.applicant_type, names=one.names,
        )
        for one in edition.prizes
    ]  # fmt: skip
    copy.rounds = [
        Round(number=one.number, reviews_per_entry=one.reviews_per_entry, finalists=one.finalists)
        for one in edition.rounds
    ]
    if not edition.rounds:  # it was not judged here
        copy.prizes = [
            one for one in _prizes(template) if one.category_key in (None, *(c.key for c in copy.categories))
        ]
        copy.rounds = _rounds(template)
    old = get_newest_rules(session, edition.id)
    copy.rule_sets = [_rule_set(template, now) if old is None else _copied_rules(old, now)]
    session.add(copy)
    session.flush()
    if list_forms(session, edition.id):
        _copy_forms(session, edition, copy, now)
    else:
        _add_forms(session, copy, forms, now)
    audit.note(session, "edition.clone", f"edition:{copy.id}", by=by, now=now, slug=slug, source=edition.slug)
    moved = {
        key: shift_years(moment, year - edition.year, edition.time_zone)
        for key, moment in moments_of(edition, edition.rounds).items()
        if moment is not None
    }
    if moved:
        change_timeline(session, copy, by=by, now=now, **moved)
    return copy


def rename_edition(
    session: Session, edition: Edition, *, names: Mapping[str, str], by: str | None, now: datetime,
    themes: Mapping[str, str] | None = None, time_zone: str | None = None, is_blind: bool | None = None,
) -> None:  # fmt: skip
    """Change what an edition is called, its theme, its time zone, and whether judges read blind.

    Raises Refusal when there is no English name or the reading mode would change after a round has opened.
    """
    check_names(names)
    if is_blind is not None and is_blind != edition.is_blind and any(one.opened_at for one in edition.rounds):
        raise Refusal(sentence("Judges are reading already: blind or open reading stays as it is."), field="is_blind")
    edition.names = {tag: text for tag, text in names.items() if text}
    if themes is not None:
        edition.themes = {tag: text for tag, text in themes.items() if text}
    edition.time_zone = time_zone or edition.time_zone
    edition.is_blind = edition.is_blind if is_blind is None else is_blind
    session.flush()
    audit.note(
        session,
        "edition.rename",
        f"edition:{edition.id}",
        by=by,
        now=now,
        zone=edition.time_zone,
        blind=edition.is_blind,
    )


def publish_edition(session: Session, edition: Edition, *, by: str | None, now: datetime) -> None:
    """Show an edition to the public: its call opens by the clock. One that is shown already stays so.

    Raises Refusal when the call has no dates, or an applicant of some category would find no form.
    """
    if edition.is_published:
        return
    if edition.call_opens_at is None or edition.call_closes_at is None:
        raise Refusal(sentence("Please set when the call opens and closes before the public can see this edition."))
    check_forms(session, edition, {one.key: one.applicant_types for one in edition.categories})
    edition.is_published = True
    session.flush()
    audit.note(session, "edition.publish", f"edition:{edition.id}", by=by, now=now)


def shift_years(moment: datetime, years: int, zone: str) -> datetime:
    """Move a moment by whole years on the clock of a zone; 29 February becomes 28 where there is none."""
    local = moment.astimezone(ZoneInfo(zone))
    try:
        return local.replace(year=local.year + years)
    except ValueError:
        return local.replace(year=local.year + years, day=28)


def _check_free(session: Session, slug: str) -> None:
    check_slug(slug)
    if session.scalar(select(Edition.id).where(Edition.slug == slug)) is not None:
        raise Refusal(sentence("There is an edition with this address already."), field="slug")


def _prizes(template: Mapping[str, Any]) -> list[Prize]:
    prizes = [prize for one in template["categories"] for prize in new_prizes(one["key"], one["prizes"])]
    prizes += new_prizes(None, template.get("prizes_without_category", []))
    for position, prize in enumerate(prizes):
        prize.position = position
    return prizes


def _rounds(template: Mapping[str, Any]) -> list[Round]:
    rounds = template["rule_set"]["rounds"]
    return [
        Round(
            number=one["number"], reviews_per_entry=template["judges_per_entry"],
            finalists=template["finalists"] if one is not rounds[-1] else None,
        )
        for one in rounds
    ]  # fmt: skip


def _rule_set(template: Mapping[str, Any], now: datetime) -> RuleSet:
    given = template["rule_set"]
    scale = given["scale"]
    rules = RuleSet(
        version=1,
        aggregation=given["aggregation"],
        scale_min=scale["minimum"],
        scale_max=scale["maximum"],
        created_at=now,
    )
    drafts = [_draft(None, one) for one in given["criteria"]]
    drafts += [_draft(key, one) for key, listed in given.get("criteria_by_category", {}).items() for one in listed]
    add_criteria(rules, drafts)
    return rules


def _copied_rules(old: RuleSet, now: datetime) -> RuleSet:
    rules = RuleSet(
        version=1, aggregation=old.aggregation, scale_min=old.scale_min, scale_max=old.scale_max, created_at=now
    )
    add_criteria(rules, [draft_of(criterion) for criterion in old.criteria])
    return rules


def _draft(category_key: str | None, one: Mapping[str, Any]) -> CriterionDraft:
    return CriterionDraft(
        key=one["key"], weight=one["weight"], labels=one["label"], guidance=one["guidance"], category_key=category_key,
        anchors={str(anchor["score"]): anchor["label"] for anchor in one.get("anchors", [])},
    )  # fmt: skip


def _add_forms(session: Session, edition: Edition, forms: Mapping[str, Any], now: datetime) -> None:
    for form in forms["forms"]:
        sections = [{"key": key, **forms["sections"][key]} for key in form["sections"]]
        session.add(FormDefinition(
            edition_id=edition.id, key=form["key"], version=1, category_keys=form["categories"],
            applicant_types=form["applicant_types"], titles=form["title"], definition={"sections": sections},
            created_at=now,
        ))  # fmt: skip
    session.flush()


def _copy_forms(session: Session, edition: Edition, copy: Edition, now: datetime) -> None:
    for form in list_forms(session, edition.id):
        session.add(FormDefinition(
            edition_id=copy.id, key=form.key, version=1, category_keys=form.category_keys,
            applicant_types=form.applicant_types, titles=form.titles, definition=form.definition, created_at=now,
        ))  # fmt: skip
    session.flush()
