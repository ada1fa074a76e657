"""A small world in which everything exists once and everybody is somebody: for tests that try every page as everybody."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import timedelta

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from judging.models import Decision, Judge, Scorecard
from portal import clock, files, mail, seed
from portal.db import Database, new_id
from portal.editions.models import Prize, Round, RuleSet
from portal.files import FileStore, StagedFile
from portal.library.actions.collections import choose_members, write_collection
from portal.library.actions.pictures import add_medium
from portal.library.actions.requests import ask_city
from portal.library.models import Case, SavedSearch
from submissions.models import Attachment, Submission
from tests import factories
from tests.snapshots import filled

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f64540"
    "0000000049454e44ae426082"
)


@dataclass
class World:
    """Who there is (kind of person → sign-in key), and what the parameters of addresses stand for."""

    people: dict[str, str | None]
    values: dict[str, str]
    by_endpoint: dict[str, dict[str, str]] = field(default_factory=dict)

    def parameters(self, endpoint: str, names: set[str]) -> dict[str, str]:
        """Return values for an endpoint's parameters; raise KeyError for one that the world does not know."""
        own = {
            **self.values,
            **self.by_endpoint.get(endpoint.partition(".")[0], {}),
            **self.by_endpoint.get(endpoint, {}),
        }
        return {name: own[name] for name in names}


def build_or_bring(app: Flask, database: Database) -> World:
    """Return the world, made by the first test of this process that wants it."""

    def make() -> World:
        with database.transaction() as session:
            return build(session, app.extensions["portal"].store)

    world: World = filled(database, "world", make)
    return world


def build(session: Session, store: FileStore) -> World:
    """Make the world in an empty, writing session: real content, and one running edition in its first round."""
    now = clock.now()
    seed.load(session, now=now, demonstration=False)
    people = {
        "applicant": factories.make_user(session, "Applicant"),
        "other applicant": factories.make_user(session, "Other"),
        "judge": factories.make_user(session, "Judge"),
        "other judge": factories.make_user(session, "Elsewhere"),
        "secretariat": factories.make_user(session, "Secretary", roles=("secretariat",)),
        "administrator": factories.make_user(session, "Administrator", roles=("administrator",)),
    }
    for kind in ("secretariat", "administrator"):
        people[kind].tf_primary_method, people[kind].tf_totp_secret = "authenticator", "kept elsewhere"
    applicant = people["applicant"]
    edition = factories.make_edition(
        session, "2027", year=2027, call_opens_at=now - timedelta(days=9), call_closes_at=now + timedelta(days=9)
    )
    other_edition = factories.make_edition(session, "2028", year=2028, is_published=False)
    organisation = factories.make_organisation(session, applicant)
    factories.make_organisation(session, people["other applicant"], name="City of Odense", city="Odense", country="DK")
    submitted = {"state": "eligible", "submitted_at": now, "receipt_code": "ABCDEFGH"}
    entry = factories.make_entry(session, edition, organisation, applicant, **submitted)
    factories.make_entry(session, edition, organisation, applicant, category_id=edition.categories[1].id)
    factories.keep(session, Submission(
        entry_id=entry.id, number=1, answers=entry.answers, attachments=[], checksum="0" * 64, submitted_at=now,
        submitted_by=applicant.id,
    ))  # fmt: skip
    staged = _stage(store)
    attachment = factories.keep(session, Attachment(
        entry_id=entry.id, file_id=files.keep(session, staged, now=now).id, field="files", name="a.png", added_at=now,
    ))  # fmt: skip
    judge = factories.make_judge(session, edition, people["judge"])
    factories.make_judge(session, other_edition, people["other judge"])
    first = session.scalars(select(Round).where(Round.edition_id == edition.id, Round.number == 1)).one()
    first.opens_at, first.closes_at = now - timedelta(days=1), now + timedelta(days=1)
    first.opened_at = now - timedelta(days=1)
    session.scalars(select(RuleSet).where(RuleSet.edition_id == edition.id)).one().frozen_at = now
    assignment = factories.make_assignment(session, judge, entry)
    factories.keep(session, Scorecard(id=new_id(), assignment_id=assignment.id, saved_at=now, sent_at=None))
    prize = session.scalars(select(Prize).where(Prize.edition_id == edition.id)).first()
    assert prize is not None
    decision = factories.keep(session, Decision(
        edition_id=edition.id, prize_id=prize.id, entry_id=entry.id, place=1, reason="Best.", decided_at=now,
        decided_by=people["secretariat"].id,
    ))  # fmt: skip
    letter = mail.queue(session, "plain", to="a@example.org", language="en", now=now, subject="Hello", body="Words.\n")
    case = session.get_one(Case, "sscp-2024-baguio")
    add_medium(
        session, case, staged, credit="Ann", alts={"en": "A clinic", "ko": "진료소"}, by=None, now=now
    )  # fmt: skip
    collection = write_collection(
        session, None, slug="care", names={"en": "Care", "ko": "돌봄"}, leads={}, visible_from=now, by=None, now=now
    )  # fmt: skip
    choose_members(session, collection, [case.id], by=None, now=now)
    asked = ask_city(
        session, case, name="Ann", email="ann@example.org", organisation="", message="How?", language="en", now=now
    )  # fmt: skip
    session.flush()
    invited = factories.keep(session, Judge(
        id=new_id(), edition_id=edition.id, email="invited@example.org", name="Invited", invited_at=now,
    ))  # fmt: skip
    saved = factories.keep(session, SavedSearch(
        id=new_id(), user_id=applicant.id, name="Health", language="en", asked="q=health", feed_key=new_id(),
        created_at=now, told_until=now,
    ))  # fmt: skip
    return World(
        people={"anonymous": None, **{kind: user.fs_uniquifier for kind, user in people.items()}},
        values={
            "slug": edition.slug, "edition_slug": edition.slug, "entry_id": entry.id, "attachment_id": attachment.id,
            "assignment_id": assignment.id, "judge_id": invited.id, "round_id": first.id, "number": "1",
            "prize_id": prize.id, "decision_id": decision.id, "organisation_id": organisation.id,
            "person_id": people["other applicant"].id, "mail_id": letter.id, "case_id": "sscp-2024-baguio",
            "notice_id": "first-winners-2023", "tag": "en", "code": "unknown-code", "sha256": "0" * 64,
            "version": "x", "name": "portal.css", "category_id": edition.categories[0].id, "form_id": entry.form_id,
            "position": "0",
            "section": "project", "section_key": "project", "field": "files", "key": "people-centric",
            "search_id": saved.id,
            "category_key": "people-centric", "rule_set_id": new_id(), "criterion_id": new_id(),
            "collection_id": collection.id, "request_id": asked.id,
        },
        by_endpoint={
            "pages": {"slug": "faq"}, "content": {"slug": "faq"}, "library": {"slug": "2024"},
            "library.saved_feed": {"code": saved.feed_key},
            "library.show_collection": {"slug": collection.slug}, "library_data.cite": {"kind": "bib"},
            "library_data.export_cases": {"ending": "csv"}, "library_data.show_catalogue": {"ending": "ttl"},
        },
    )  # fmt: skip


def _stage(store: FileStore) -> StagedFile:
    return store.stage(io.BytesIO(PNG), "a.png", accept=["image"], most_bytes=1000)
