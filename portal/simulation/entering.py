"""How a simulated edition is set up, entered by its cities, and screened."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from judging.actions import screening as screening_actions
from portal.accounts import actions as account_actions
from portal.accounts.models import Organisation
from portal.definitions.queries import get_definition
from portal.editions import actions as edition_actions
from portal.editions.models import Category, Edition
from portal.files import StagedFile
from portal.simulation.answers import answer_form
from portal.simulation.plan import Fate, PlannedEntry
from portal.simulation.scene import DAY, DOMAIN, Scene, batches
from portal.simulation.scores import finalist_quotas, reviews_possible
from submissions.actions.attachments import attach_file
from submissions.actions.drafting import create_entry, save_draft
from submissions.actions.handing_in import submit_entry, withdraw_entry

REVIEWS = {1: 3, 2: 5}
"""How many judges read each entry, by round, where there are enough."""


class AlreadyThere(Exception):
    """The site has the simulated edition already."""


def set_up(scene: Scene, template: Mapping[str, Any], forms: Mapping[str, Any]) -> None:
    """Make the secretariat and the edition; raise AlreadyThere when the site has it."""
    world, time, now = scene.world, scene.time, scene.time.call_opens_at - 30 * DAY
    with scene.transaction() as session:
        if session.scalar(select(Edition.id).where(Edition.slug == world.slug)) is not None:
            raise AlreadyThere(f"There is an edition {world.slug} already.")
        person = account_actions.create_user(
            session, email=f"secretariat@{DOMAIN}", name="Simulated secretariat", language="en", now=now
        )
        session.flush()
        account_actions.grant_role(session, person, "secretariat", by=None, now=now)
        names = {
            "en": f"Seoul Smart City Prize {world.year} (simulated)",
            "ko": f"서울 스마트도시 상 {world.year} (모의)",
        }
        edition = edition_actions.create_edition(
            session, template, forms, slug=world.slug, year=world.year, names=names, by=person.id, now=now,
            simulated=True,
            call_opens_at=time.call_opens_at, call_closes_at=time.call_closes_at,
            screening_ends_at=time.screening_ends_at,
            round_1_opens_at=time.round_1_opens_at, round_1_closes_at=time.round_1_closes_at,
            round_2_opens_at=time.round_2_opens_at, round_2_closes_at=time.round_2_closes_at,
            results_at=time.results_at,
        )  # fmt: skip
        rules = {number: {"reviews_per_entry": reviews_possible(world, most)} for number, most in REVIEWS.items()}
        rules[1]["finalists"] = sum(finalist_quotas(world).values())
        edition_actions.change_rounds(session, edition, rules, by=person.id, now=now)
        edition_actions.publish_edition(session, edition, by=person.id, now=now)
        scene.secretariat, scene.edition_id = person.id, edition.id


def enter(scene: Scene) -> None:
    """Let cities sign up, write, save, attach and submit, in the order of their submissions; some withdraw."""
    everybody = [*scene.world.entries, *scene.world.left_out]
    everybody.sort(key=lambda entry: (entry.submitted_at or scene.time.call_closes_at, entry.number))
    for batch in batches(everybody):
        staged = {
            entry.number: [
                scene.store.stage(io.BytesIO(file.content), file.name, accept=["pdf"], most_bytes=1_000_000)
                for file in entry.files
            ]
            for entry in batch
        }
        with scene.transaction() as session:
            for entry in batch:
                _enter_one(scene, session, entry, staged[entry.number])


def _enter_one(scene: Scene, session: Session, planned: PlannedEntry, staged: Sequence[StagedFile]) -> None:
    submitted = planned.submitted_at or scene.time.call_closes_at - timedelta(hours=2)
    began = max(scene.time.call_opens_at + timedelta(minutes=5), submitted - 9 * DAY)
    organisation = _organisation(scene, session, planned, began)
    category = select(Category).where(Category.edition_id == scene.edition_id, Category.key == planned.category)
    by = scene.people[planned.organisation.email]
    entry = create_entry(
        session, edition=scene.edition(session), category=session.scalars(category).one(), organisation=organisation,
        language=planned.language, by=by, now=began,
    )  # fmt: skip
    scene.entries[planned.number] = entry.id
    answers = answer_form(scene.world.seed, planned, get_definition(entry.form))
    if planned.fate is Fate.RESUBMITTED:
        answers = {**answers, "summary": answers["summary"][:120]}
    half = dict(list(answers.items())[: len(answers) // 2])
    save_draft(session, entry, half, by=by, now=began)
    if planned.fate is Fate.DRAFT:
        return
    later = began + (submitted - began) / 2
    save_draft(session, entry, answers, by=by, now=later)
    for file in staged:
        attach_file(session, entry, field="documents", staged=file, by=by, now=later)
    submit_entry(session, entry, by=by, now=submitted)
    if planned.fate is Fate.WITHDRAWN:
        reason = "Simulated: the company enters next year instead."
        withdraw_entry(session, entry, reason=reason, by=by, now=submitted + timedelta(seconds=30))


def _organisation(scene: Scene, session: Session, planned: PlannedEntry, now: datetime) -> Organisation:
    """Return the organisation; at its first entry its contact signs up, confirms the address and creates it."""
    wanted = planned.organisation
    if wanted.name in scene.organisations:
        return session.get_one(Organisation, scene.organisations[wanted.name])
    person = account_actions.create_user(
        session, email=wanted.email, name=wanted.contact, language=planned.language, confirmed=False, now=now
    )
    session.flush()
    account_actions.confirm_email(session, person, now=now)
    city = wanted.city
    organisation = account_actions.create_organisation(
        session, user_id=person.id, name=wanted.name, applicant_type=wanted.applicant_type,
        city=city.name_ko if city.language == "ko" else city.name, country=city.country.code,
        population=city.population, region=city.region, now=now,
    )  # fmt: skip
    scene.people[wanted.email] = person.id
    scene.organisations[wanted.name] = organisation.id
    return organisation


def screen(scene: Scene) -> None:
    """Find entries eligible or ineligible; send some back, which their cities complete and submit again."""
    span = (scene.time.screening_ends_at - scene.time.call_closes_at) / 2
    begin = scene.time.call_closes_at + timedelta(hours=10)
    moments = {
        entry.number: begin + span * place / len(scene.world.entries) for place, entry in enumerate(scene.world.entries)
    }
    for batch in batches(scene.world.entries):
        with scene.transaction() as session:
            for planned in batch:
                _screen_one(scene, session, planned, moments[planned.number])


def _screen_one(scene: Scene, session: Session, planned: PlannedEntry, now: datetime) -> None:
    entry, by = scene.entry(session, planned), scene.secretariat
    if planned.fate is Fate.INELIGIBLE:
        reason = "Simulated: the project has not begun yet, so its results cannot be judged."
        screening_actions.screen_entry(session, entry, outcome="ineligible", reason=reason, by=by, now=now)
        return
    if planned.fate is Fate.RESUBMITTED:
        applicant = scene.people[planned.organisation.email]
        screening_actions.screen_entry(
            session, entry, outcome="sent-back", reason="Simulated: please complete the summary.",
            reply_until=now + 7 * DAY, by=by, now=now,
        )  # fmt: skip
        told = {"summary": planned.story.paragraphs["summary"]}
        save_draft(session, entry, told, by=applicant, now=now + 2 * DAY)
        now = now + 2 * DAY + timedelta(microseconds=planned.number)
        submit_entry(session, entry, by=applicant, now=now)
        now += timedelta(hours=3)
    screening_actions.screen_entry(session, entry, outcome="eligible", by=by, now=now)
