"""Things that tests need, made with the least that is valid; each is flushed, so that it has an id."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from judging.models import Assignment, Judge, RoundEntry
from portal.accounts.models import Membership, Organisation, Role, User
from portal.db import new_id
from portal.definitions.models import FormDefinition
from portal.editions.models import Category, Criterion, Edition, Prize, Round, RuleSet
from submissions.models import Entry

NOW = datetime(2026, 5, 1, 3, 0, tzinfo=UTC)


def keep(session: Session, thing: Any) -> Any:
    """Add a row and flush it."""
    session.add(thing)
    session.flush()
    return thing


def make_user(session: Session, name: str = "Ann", *, roles: tuple[str, ...] = (), **values: Any) -> User:
    """Return a confirmed person."""
    values.setdefault("email", f"{name.lower()}-{new_id()}@example.org")
    if roles:  # staff without a second factor can do nothing but set one up
        values = {"tf_primary_method": "authenticator", "tf_totp_secret": "set up", **values}
    user = User(
        id=new_id(), name=name, fs_uniquifier=new_id() * 3,
        **{"password": None, "active": True, "confirmed_at": NOW, "language": "en", "created_at": NOW, **values},
    )  # fmt: skip
    for role in roles:
        found = session.query(Role).filter_by(name=role).one_or_none() or Role(id=new_id(), name=role)
        user.roles.append(found)
    return keep(session, user)


def make_organisation(session: Session, *members: User, **values: Any) -> Organisation:
    """Return a city government with its members."""
    values = {"name": "City of Baguio", "applicant_type": "city", "city": "Baguio", "country": "PH",
              "population": 366_000, **values}  # fmt: skip
    organisation = keep(session, Organisation(id=new_id(), created_at=NOW, **values))
    for member in members:
        keep(session, Membership(user_id=member.id, organisation_id=organisation.id, joined_at=NOW))
    return organisation


FORM = {
    "sections": [
        {
            "key": "project", "title": {"en": "Your project", "ko": "사업 개요"}, "intro": {"en": "", "ko": ""},
            "fields": [
                {"key": "title", "kind": "text", "label": {"en": "Title", "ko": "제목"}, "required": True, "max_characters": 120},
                {"key": "pitch", "kind": "text", "label": {"en": "In one line", "ko": "한 줄 소개"}, "required": True},
                {"key": "summary", "kind": "paragraph", "label": {"en": "Summary", "ko": "요약"}, "required": True, "max_words": 300},
                {"key": "themes", "kind": "choices", "label": {"en": "Themes", "ko": "주제"}, "required": True, "vocabulary": "themes"},
            ],
        }
    ]
}  # fmt: skip


def make_edition(session: Session, slug: str = "2026", **values: Any) -> Edition:
    """Return a published edition whose call is open: one category of each kind, prizes, rules, one round, one form."""
    values = {
        "year": 2026, "names": {"en": f"Prize {slug}", "ko": f"제{slug}회 상"}, "is_published": True,
        "call_opens_at": NOW - timedelta(days=30), "call_closes_at": NOW + timedelta(days=30), **values,
    }  # fmt: skip
    edition = keep(session, Edition(id=new_id(), slug=slug, created_at=NOW, **values))
    kinds = {
        "people-centric": ["city", "corporation", "institution"],
        "tech-innovation": ["city", "corporation", "institution"],
        "leadership": ["individual"],
    }
    for position, (key, types) in enumerate(kinds.items()):
        edition.categories.append(
            Category(id=new_id(), key=key, position=position, names={"en": key, "ko": key}, applicant_types=types)
        )
    session.add(Prize(edition_id=edition.id, category_key="people-centric", rank="gold", position=0, quota=1,
                      applicant_type="city", names={"en": "Gold prize", "ko": "금상"}))  # fmt: skip
    rules = keep(session, RuleSet(id=new_id(), edition_id=edition.id, version=1, created_at=NOW))
    for position, (key, weight) in enumerate({"problem": 60, "impact": 40}.items()):
        session.add(Criterion(rule_set_id=rules.id, category_key=None, key=key, position=position, weight=weight,
                              labels={"en": key.title(), "ko": key}, guidance={"en": "Ask.", "ko": "묻습니다."}))  # fmt: skip
    session.add(Round(edition_id=edition.id, number=1, reviews_per_entry=2))
    session.add(FormDefinition(edition_id=edition.id, key="everything", version=1, category_keys=list(kinds),
                               applicant_types=["city", "corporation", "institution", "individual"],
                               titles={"en": "Entry form", "ko": "응모 양식"}, definition=FORM, created_at=NOW))  # fmt: skip
    session.flush()
    session.refresh(edition)
    return edition


def make_entry(session: Session, edition: Edition, organisation: Organisation, by: User, **values: Any) -> Entry:
    """Return a draft entry in the first category."""
    form = session.query(FormDefinition).filter_by(edition_id=edition.id).first()
    values = {"category_id": edition.categories[0].id, "applicant_type": organisation.applicant_type, "language": "en",
              "title": "Health system", "answers": {"title": "Health system"}, "state": "draft", **values}  # fmt: skip
    return keep(session, Entry(
        id=new_id(), edition_id=edition.id, organisation_id=organisation.id, form_id=form.id, created_by=by.id,
        created_at=NOW, saved_at=NOW, **values,
    ))  # fmt: skip


def make_judge(session: Session, edition: Edition, user: User, **values: Any) -> Judge:
    """Return a judge who has accepted."""
    values = {"state": "accepted", "country": "DE", "conflicts_declared_at": NOW, **values}
    return keep(session, Judge(
        id=new_id(), edition_id=edition.id, user_id=user.id, email=user.email, name=user.name, invited_at=NOW,
        answered_at=NOW, **values,
    ))  # fmt: skip


def make_assignment(session: Session, judge: Judge, entry: Entry, position: int = 1) -> Assignment:
    """Return an assignment in the first round."""
    first = session.query(Round).filter_by(edition_id=judge.edition_id, number=1).one()
    if session.get(RoundEntry, (first.id, entry.id)) is None:
        session.add(RoundEntry(round_id=first.id, entry_id=entry.id, added_at=NOW))
    return keep(session, Assignment(
        id=new_id(), round_id=first.id, judge_id=judge.id, entry_id=entry.id, position=position, assigned_at=NOW,
    ))  # fmt: skip
