"""Reads of people, organisations, mails and the audit log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, String, bindparam, func, literal_column, or_, select
from sqlalchemy.orm import Session

from portal.access import ANONYMOUS, Visitor
from portal.accounts.models import Membership, Organisation, Role, User
from portal.audit import AuditEvent, AuditText
from portal.mail import MailMessage

PER_PAGE = 50
#: Acts whose facts and words the pages of the audit log keep back; they stand in the database for whoever verifies it.
SEALED = frozenset({"scorecard.save"})

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Listing(Generic[Row]):
    """One page of a list, and how long the whole is."""

    rows: Sequence[Row]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """Number of pages, at least 1."""
        return max(1, -(-self.total // PER_PAGE))


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """One event of the audit log with its free text and, where the actor is a person, their name."""

    event: AuditEvent
    text: str | None
    actor_name: str | None

    @property
    def is_sealed(self) -> bool:
        """Whether what it tells belongs to its actor alone: scores and comments before a judge has sent them."""
        return self.event.action in SEALED


def who_facts() -> list[Select[Any]]:
    """Return what a visitor is made of, as statements of one shape that take ``key``: see ``read_visitor``."""
    is_theirs = User.fs_uniquifier == bindparam("key", type_=String)
    return [
        fact("person", User.id, User.name, User.email, User.language, User.is_demonstration).where(
            is_theirs, User.active
        ),
        fact("role", Role.name).select_from(User).join(User.roles).where(is_theirs),
        fact("organisation", Membership.organisation_id).join(User, User.id == Membership.user_id).where(is_theirs),
    ]


def fact(kind: str, *columns: Any) -> Select[Any]:
    """Select up to four texts and a flag under the name of what they are: facts of all tables fit one statement."""
    filled = columns + tuple(literal_column(empty).label(name) for empty, name in _EMPTY[len(columns) :])
    return select(literal_column(f"'{kind}'").label("kind"), *filled)


_EMPTY = (("''", "a"), ("''", "b"), ("''", "c"), ("''", "d"), ("false", "flag"))


def read_visitor(rows: Iterable[Sequence[Any]], *, demonstration: bool) -> Visitor:
    """Put the facts of one person together; without a person (unknown key, suspended) the visitor is anonymous."""
    facts: dict[str, list[Sequence[Any]]] = {}
    for kind, *values in rows:
        facts.setdefault(kind, []).append(values)
    if "person" not in facts:
        return ANONYMOUS
    user_id, name, email, language, is_demonstration = facts["person"][0]
    if is_demonstration and not demonstration:
        return ANONYMOUS
    return Visitor(
        id=user_id, name=name or email, email=email, language=language,
        roles=frozenset(values[0] for values in facts.get("role", ())),
        organisations=frozenset(values[0] for values in facts.get("organisation", ())),
        judgeships={values[0]: values[1] for values in facts.get("judgeship", ())},
    )  # fmt: skip


def get_user(session: Session, user_id: str) -> User | None:
    """Return a person by id."""
    return session.get(User, user_id)


def get_user_by_email(session: Session, address: str) -> User | None:
    """Return a person by address, as ``rules.normalize_email`` writes it."""
    return session.scalars(select(User).where(User.email == address)).unique().one_or_none()


def get_user_by_invitation(session: Session, code_hash: str) -> User | None:
    """Return the person whom a mailed code invites."""
    return session.scalars(select(User).where(User.invitation_hash == code_hash)).unique().one_or_none()


def list_administrator_ids(session: Session) -> list[str]:
    """Return the ids of the administrators who are not suspended."""
    query = select(User.id).join(User.roles).where(Role.name == "administrator", User.active)
    return list(session.scalars(query))


def list_people(session: Session, *, words: str = "", role: str = "", state: str = "", page: int = 1) -> Listing[User]:
    """Return people by name, narrowed by words in name or address, a role ("none" too) and a state.

    States: active, suspended, unconfirmed (signed up, link not used), invited (no password yet), demonstration.
    """
    query = select(User)
    for word in words.split():
        pattern = f"%{_escaped(word)}%"
        query = query.where(or_(User.name.ilike(pattern, escape="\\"), User.email.ilike(pattern, escape="\\")))
    if role == "none":
        query = query.where(~User.roles.any())
    elif role:
        query = query.where(User.roles.any(Role.name == role))
    if state == "active":
        query = query.where(User.active, User.confirmed_at.is_not(None))
    elif state == "suspended":
        query = query.where(~User.active)
    elif state == "unconfirmed":
        query = query.where(User.confirmed_at.is_(None), User.invited_at.is_(None))
    elif state == "invited":
        query = query.where(User.invited_at.is_not(None), User.password.is_(None))
    elif state == "demonstration":
        query = query.where(User.is_demonstration)
    return _listing(session, query, page, User.name, User.email)


def list_organisations_of(session: Session, user_ids: Iterable[str]) -> dict[str, list[Organisation]]:
    """Return the organisations of each of these people, by name, in one read."""
    query = (
        select(Membership.user_id, Organisation)
        .join(Organisation, Membership.organisation_id == Organisation.id)
        .where(Membership.user_id.in_(list(user_ids)))
        .order_by(Organisation.name)
    )
    found: dict[str, list[Organisation]] = {}
    for user_id, organisation in session.execute(query):
        found.setdefault(user_id, []).append(organisation)
    return found


def get_organisation(session: Session, organisation_id: str) -> Organisation | None:
    """Return an organisation by id."""
    return session.get(Organisation, organisation_id)


def list_members(session: Session, organisation_id: str) -> list[User]:
    """Return the people of an organisation, the first member first."""
    query = (
        select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.organisation_id == organisation_id)
        .order_by(Membership.joined_at, User.name)
    )
    return list(session.scalars(query).unique())


def list_mails(session: Session, *, words: str = "", page: int = 1) -> Listing[MailMessage]:
    """Return the mails of the outbox, newest first, narrowed by words in address or subject."""
    query = select(MailMessage)
    for word in words.split():
        pattern = f"%{_escaped(word)}%"
        query = query.where(
            or_(MailMessage.recipient.ilike(pattern, escape="\\"), MailMessage.subject.ilike(pattern, escape="\\"))
        )
    return _listing(session, query, page, MailMessage.created_at.desc(), MailMessage.id)


def get_mail(session: Session, mail_id: str) -> MailMessage | None:
    """Return one mail of the outbox."""
    return session.get(MailMessage, mail_id)


def list_audit_actions(session: Session) -> list[str]:
    """Return every action that stands in the audit log."""
    return list(session.scalars(select(AuditEvent.action).distinct().order_by(AuditEvent.action)))


def list_audit_events(session: Session, *, action: str = "", subject: str = "", page: int = 1) -> Listing[LoggedEvent]:
    """Return events, newest first, narrowed by an action and by a subject (``kind``, ``kind:`` or ``kind:id``)."""
    query = select(AuditEvent)
    if action:
        query = query.where(AuditEvent.action == action)
    if subject and ":" in subject.rstrip(":"):
        query = query.where(AuditEvent.subject == subject)
    elif subject:
        query = query.where(AuditEvent.subject.like(_escaped(subject.rstrip(":")) + ":%", escape="\\"))
    found = _listing(session, query, page, AuditEvent.sequence.desc())
    texts = _texts(session, [event.sequence for event in found.rows])
    names = _names(session, {event.actor for event in found.rows if event.actor})
    rows = [LoggedEvent(event, texts.get(event.sequence), names.get(event.actor or "")) for event in found.rows]
    return Listing(rows, found.total, found.page)


def list_events_about(session: Session, subject: str, *, most: int = 20) -> list[LoggedEvent]:
    """Return the newest events of one subject."""
    query = select(AuditEvent).where(AuditEvent.subject == subject).order_by(AuditEvent.sequence.desc()).limit(most)
    events = list(session.scalars(query))
    texts = _texts(session, [event.sequence for event in events])
    names = _names(session, {event.actor for event in events if event.actor})
    return [LoggedEvent(event, texts.get(event.sequence), names.get(event.actor or "")) for event in events]


def _texts(session: Session, sequences: Sequence[int]) -> dict[int, str]:
    query = select(AuditText.sequence, AuditText.value).where(AuditText.sequence.in_(sequences))
    return {row.sequence: row.value for row in session.execute(query)}


def _names(session: Session, user_ids: Iterable[str]) -> Mapping[str, str]:
    query = select(User.id, User.name).where(User.id.in_(list(user_ids)))
    return {row.id: row.name for row in session.execute(query)}


def _listing(session: Session, query: Select[Row], page: int, *order: Any) -> Listing[Row]:
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    page = min(max(1, page), max(1, -(-total // PER_PAGE)))
    rows = session.scalars(query.order_by(*order).limit(PER_PAGE).offset((page - 1) * PER_PAGE)).unique()
    return Listing(list(rows), total, page)


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
