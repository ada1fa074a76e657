"""Reads of the editors' desk: every case, drafts and withdrawn ones too, and what is missing in a language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, selectinload

from portal.accounts.models import User
from portal.i18n import choose
from portal.library import records, rules
from portal.library.models import (
    Case,
    CaseText,
    CaseVersion,
    Collection,
    CollectionMember,
    ContactRequest,
)

#: Cases on one page of the list.
PER_PAGE = 50
STATES = ("draft", "scheduled", "public", "withdrawn")
_WHOLE = (selectinload(Case.texts), selectinload(Case.sources), selectinload(Case.media))


@dataclass(frozen=True, slots=True)
class Filters:
    """What the list of cases is narrowed to; simulated cases are left out unless they are asked for."""

    state: str = ""
    missing: str = ""
    certainty: str = ""
    words: str = ""
    simulated: bool = False

    def pairs(self) -> dict[str, str]:
        """Return the chosen filters as address parameters."""
        values = {"state": self.state, "missing": self.missing, "certainty": self.certainty, "words": self.words}
        return {name: value for name, value in values.items() if value} | ({"simulated": "1"} if self.simulated else {})


@dataclass(frozen=True, slots=True)
class Line:
    """A case in the list: its title and languages, its state, and what its acceptance still asks for."""

    case: Case
    title: str
    title_language: str
    languages: tuple[str, ...]
    state: str
    missing: tuple[rules.Check, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What one version changed in a field of the record."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Kept:
    """A version of a case, who wrote it, and what it changed."""

    version: CaseVersion
    author: str
    changes: tuple[Change, ...]

    @property
    def note_in(self) -> str:
        """The language of the version's note; empty where it is not known."""
        return str(self.version.record.get("note_in", ""))


def state_of(case: Case, now: datetime) -> str:
    """Return the state of a case: draft, scheduled, public or withdrawn."""
    if case.withdrawn_at is not None:
        return "withdrawn"
    if case.visible_from is None:
        return "draft"
    return "public" if case.visible_from <= now else "scheduled"


def get_case(session: Session, case_id: str, *, lock: bool = False) -> Case | None:
    """Return a case in whatever state, whole; with ``lock`` other writers wait."""
    query = select(Case).where(Case.id == case_id).options(*_WHOLE)
    return session.scalars(query.with_for_update(of=Case) if lock else query).one_or_none()


def list_cases(session: Session, asked: Filters, *, page: int, now: datetime, tag: str = "") -> tuple[list[Line], int]:
    """Return a page (from 1) of the cases that were asked for, newest change first, and how many there are."""
    query = _asked(select(Case), asked, now)
    total = session.scalar(select(func.count()).select_from(_asked(select(Case.id), asked, now).subquery())) or 0
    query = query.options(*_WHOLE).order_by(Case.changed_at.desc(), Case.id)
    found = session.scalars(query.offset((page - 1) * PER_PAGE).limit(PER_PAGE))
    return [line_of(case, now, tag) for case in found], total


def line_of(case: Case, now: datetime, tag: str = "") -> Line:
    """Return a case as the list shows it, with its title in the editor's language where it has one."""
    told = choose({text.language: text.title for text in case.texts}, tag, case.original_language)
    return Line(
        case, told.text, told.language, tuple(sorted(text.language for text in case.texts)), state_of(case, now),
        tuple(check for check in checks_of(case) if not check.is_done),
    )  # fmt: skip


def checks_of(case: Case) -> list[rules.Check]:
    """Return what the acceptance of a case asks for."""
    pictures = [(medium.credit, medium.alts) for medium in case.media]
    return rules.check_case(records.unfold(records.dump_case(case)), pictures)


def count_states(session: Session, *, simulated: bool, now: datetime) -> dict[str, int]:
    """Count the cases in each state, all of them under the empty name."""
    counts = {}
    for state in ("", *STATES):
        query = _asked(select(Case.id), Filters(state=state, simulated=simulated), now)
        counts[state] = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    return counts


def list_twins(session: Session, case_id: str | None = None) -> list[tuple[rules.Twins, Case, Case]]:
    """Return the pairs of real cases that may be one, or those of one case; withdrawn ones are left out."""
    query = select(Case).where(~Case.simulated, Case.withdrawn_at.is_(None)).options(selectinload(Case.texts))
    cases = {case.id: case for case in session.scalars(query)}
    briefs = [
        rules.Brief(case.id, case.city, case.country, case.year, {text.language: text.title for text in case.texts})
        for case in cases.values()
    ]
    return [
        (twins, cases[twins.one], cases[twins.other])
        for twins in rules.list_twins(briefs)
        if case_id is None or case_id in (twins.one, twins.other)
    ]


def list_history(session: Session, case: Case) -> list[Kept]:
    """Return the kept versions of a case, newest first, each with what it changed in the one before."""
    query = (
        select(CaseVersion, User.name)
        .outerjoin(User, User.id == CaseVersion.written_by)
        .where(CaseVersion.case_id == case.id)
        .order_by(CaseVersion.number)
    )
    found: list[Kept] = []
    before: Mapping[str, Any] = {}
    for version, author in session.execute(query):
        after = _told(version)
        changes = () if not found else list_changes(before, after)
        found.append(Kept(version, author or "", changes))
        before = after
    return found[::-1]


def list_restored(case: Case, version: CaseVersion) -> tuple[Change, ...]:
    """Return what would change in a case if a version of it were restored."""
    present = records.unfold(records.dump_version(case))
    return tuple(one for one in list_changes(present, _told(version)) if one.name != "visible_from")


def _told(version: CaseVersion) -> dict[str, Any]:
    """Return what a version said and showed, flat."""
    return {name: value for name, value in records.unfold(version.record).items() if name != "note_in"}


def list_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    """Return the fields in which two flat records differ; pictures only where both say which there were."""
    names = [*after, *(name for name in before if name not in after)]
    if not ("pictures" in before and "pictures" in after):
        names = [name for name in names if name != "pictures"]
    return tuple(
        Change(name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)
    )


def list_collections(session: Session) -> list[Collection]:
    """Return every collection in its order, with the places of its cases."""
    query = select(Collection).options(selectinload(Collection.members))
    return list(session.scalars(query.order_by(Collection.position, Collection.slug)))


def get_collection(session: Session, collection_id: str) -> Collection | None:
    """Return a collection in whatever state, with the places of its cases."""
    query = select(Collection).where(Collection.id == collection_id).options(selectinload(Collection.members))
    return session.scalars(query).one_or_none()


def list_members(session: Session, collection: Collection) -> list[Case]:
    """Return the cases of a collection in their order, in whatever state."""
    query = (
        select(Case)
        .join(CollectionMember, CollectionMember.case_id == Case.id)
        .where(CollectionMember.collection_id == collection.id)
        .options(selectinload(Case.texts))
    )
    return list(session.scalars(query.order_by(CollectionMember.position)))


def list_requests(session: Session) -> list[tuple[ContactRequest, Case]]:
    """Return the questions of readers with their cases, open ones first, then the newest."""
    query = (
        select(ContactRequest, Case)
        .join(Case, Case.id == ContactRequest.case_id)
        .options(selectinload(Case.texts))
        .order_by(ContactRequest.done_at.is_not(None), ContactRequest.created_at.desc(), ContactRequest.id)
    )
    return [(asked, case) for asked, case in session.execute(query)]


def get_request(session: Session, request_id: str) -> ContactRequest | None:
    """Return a question of a reader."""
    return session.get(ContactRequest, request_id)


def list_titles(session: Session) -> list[tuple[Case, dict[str, str]]]:
    """Return the real cases that are not withdrawn with their titles per language, newest year first."""
    query = select(Case).where(~Case.simulated, Case.withdrawn_at.is_(None)).options(selectinload(Case.texts))
    found = session.scalars(query.order_by(Case.year.desc(), Case.id))
    return [(case, {text.language: text.title for text in case.texts}) for case in found]


def list_untranslated(session: Session, tags: Sequence[str]) -> dict[str, list[Case]]:
    """Return the real cases that lack a text, for each language."""
    found = list_titles(session)
    return {tag: [case for case, titles in found if not titles.get(tag)] for tag in tags}


def list_untranslated_collections(session: Session, tags: Sequence[str]) -> dict[str, list[Collection]]:
    """Return the collections that lack a name, for each language."""
    found = list_collections(session)
    return {tag: [one for one in found if not one.names.get(tag)] for tag in tags}


def _asked(query: Select[Any], asked: Filters, now: datetime) -> Select[Any]:
    if not asked.simulated:
        query = query.where(~Case.simulated)
    if asked.state:
        query = query.where(*_in_state(asked.state, now))
    if asked.missing:
        told = select(CaseText.case_id).where(CaseText.language == asked.missing, CaseText.case_id == Case.id)
        query = query.where(~told.exists())
    if asked.certainty:
        query = query.where(Case.certainty == asked.certainty)
    for word in asked.words.split():
        titled = select(CaseText.case_id).where(CaseText.case_id == Case.id, _holds(CaseText.title, word))
        columns = (Case.id, Case.city, Case.country, Case.award)
        query = query.where(or_(titled.exists(), *(_holds(column, word) for column in columns)))
    return query


def _holds(column: Any, word: str) -> ColumnElement[bool]:
    return func.lower(column).contains(word.lower(), autoescape=True)


def _in_state(state: str, now: datetime) -> Sequence[ColumnElement[bool]]:
    standing = Case.withdrawn_at.is_(None)
    return {
        "draft": (standing, Case.visible_from.is_(None)),
        "scheduled": (standing, Case.visible_from > now),
        "public": (standing, Case.visible_from <= now),
        "withdrawn": (Case.withdrawn_at.is_not(None),),
    }[state]
