"""Reads of results and cases; everything public compares ``visible_from`` with the moment given."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Row, Select, and_, bindparam, collate, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.editions.models import Edition
from portal.files import StoredFile
from portal.i18n import choose
from portal.library.labels import theme_texts
from portal.library.models import Case, CaseMedium, CaseText, CaseVersion, CollectionMember, Result, TextVector
from portal.library.models import Collection as CaseCollection
from portal.library.related import Facts, Told
from portal.library.search.encoding import told_in_short
from portal.library.search.port import Holding, milliseconds, state_of


def list_moments(session: Session) -> list[datetime]:
    """Return the moments at which results, cases and collections appear."""
    drafted = (select(thing.visible_from).where(thing.visible_from.is_not(None)) for thing in (Case, CaseCollection))
    return list(session.scalars(select(Result.visible_from).union(*drafted)))


def has_appeared(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """Return the condition of a case that the public sees at a moment."""
    return and_(Case.visible_from <= now, Case.withdrawn_at.is_(None))


def stands_in_library(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """Return the condition of a case that the default library holds: it has appeared and is real."""
    return and_(has_appeared(now), ~Case.simulated)


_NOW: BindParameter[datetime] = bindparam("now")


@cache
def _holding_in(dialect: str) -> Select[Any]:
    """Return the statement of ``get_holding``, made once: making it takes five times as long as running it."""
    # PostgreSQL is to compare as Python does, whatever the database's own order.
    plain: Any = collate(Case.id, "C") if dialect == "postgresql" else Case.id
    marks = (func.count(), func.sum(Case.version), func.min(plain), func.max(plain), func.max(Case.changed_at))
    return select(*marks).where(stands_in_library(_NOW))


def get_case(session: Session, case_id: str, *, now: datetime) -> Case | None:
    """Return a case that has appeared, a withdrawn one too, with texts and sources; simulated ones are marked."""
    query = (
        select(Case)
        .where(Case.id == case_id, Case.visible_from <= now)
        .options(selectinload(Case.texts), joinedload(Case.sources))
    )
    return session.scalars(query).unique().one_or_none()


def list_cases(session: Session, ids: Collection[str], *, now: datetime) -> dict[str, Case]:
    """Return those of the named cases that the public sees now, by id, with their texts."""
    if not ids:
        return {}
    query = select(Case).where(Case.id.in_(ids), has_appeared(now)).options(selectinload(Case.texts))
    return {case.id: case for case in session.scalars(query)}


def list_library_cases(session: Session, *, now: datetime, ids: Collection[str] | None = None) -> list[Case]:
    """Return the cases of the default library at a moment with their texts, or only those with the given ids."""
    query = select(Case).where(stands_in_library(now)).options(selectinload(Case.texts)).order_by(Case.id)
    if ids is None:
        return list(session.scalars(query))
    wanted = sorted(ids)
    found: list[Case] = []
    for start in range(0, len(wanted), 500):
        found.extend(session.scalars(query.where(Case.id.in_(wanted[start : start + 500]))))
    return found


def get_versions(session: Session, *, now: datetime) -> dict[str, int]:
    """Return the ids of the default library at a moment with the states that the cases are in."""
    rows = session.execute(select(Case.id, Case.version, Case.changed_at).where(stands_in_library(now)))
    return {row.id: state_of(row.version, row.changed_at) for row in rows}


def get_holding(session: Session, *, now: datetime) -> Holding:
    """Mark the cases of the default library at a moment, in one statement."""
    statement = _holding_in(session.get_bind().dialect.name)
    count, versions, first, last, newest = session.execute(statement, {"now": now}).one()
    return Holding(count, int(versions or 0), first, last, milliseconds(newest))


def list_index_moments(session: Session, *, now: datetime) -> tuple[datetime | None, list[datetime]]:
    """Return the newest moment of the library that has passed, and those to come, in order."""
    passed = session.scalar(select(func.max(Case.visible_from)).where(~Case.simulated, Case.visible_from <= now))
    real = and_(~Case.simulated, Case.withdrawn_at.is_(None))
    coming = select(Case.visible_from).where(real, Case.visible_from > now).distinct().order_by(Case.visible_from)
    return passed, list(session.scalars(coming))


def list_facts(session: Session, *, simulated: bool, now: datetime) -> list[Facts]:
    """Return the facts of all cases that the public sees now, real ones or simulated ones."""
    columns = (Case.id, Case.themes, Case.country, Case.category, Case.year)
    query = select(*columns).where(has_appeared(now), Case.simulated.is_(simulated))
    return [Facts(row.id, frozenset(row.themes), row.country, row.category, row.year) for row in session.execute(query)]


def list_told(session: Session, ids: Collection[str], tag: str) -> dict[str, Told]:
    """Return what the named cases tell in short in a reader's language, or in the one that stands for it."""
    columns = (
        CaseText.case_id, CaseText.language, CaseText.title, CaseText.summary, Case.original_language, Case.city,
        Case.city_names,
    )  # fmt: skip
    query = select(*columns).join(Case, Case.id == CaseText.case_id).where(CaseText.case_id.in_(ids))
    rows: dict[str, dict[str, Any]] = {}
    for row in session.execute(query):
        rows.setdefault(row.case_id, {})[row.language] = row
    found = {}
    for identity, texts in rows.items():
        original = next(iter(texts.values())).original_language
        row = texts[choose({language: language for language in texts}, tag, original).text]
        found[identity] = Told(row.title, row.summary, row.language, (row.city, *row.city_names.values()))
    return found


def _published(now: datetime, simulated: bool | None) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = Result.visible_from <= now
    return condition if simulated is None else and_(condition, Result.simulated.is_(simulated))


def list_results(session: Session, edition_slug: str, *, now: datetime) -> list[Result]:
    """Return the published prizes of an edition, in the order of the edition."""
    query = (
        select(Result)
        .where(Result.edition_slug == edition_slug, _published(now, None))
        .order_by(Result.position, Result.place, Result.city, Result.id)
    )
    return list(session.scalars(query))


def list_all_results(session: Session, *, now: datetime, most: int | None = None) -> list[Result]:
    """Return the real published prizes of all editions, newest edition first."""
    query = (
        select(Result)
        .where(_published(now, False))
        .order_by(Result.year.desc(), Result.edition_slug.desc(), Result.position, Result.place, Result.city, Result.id)
    )
    return list(session.scalars(query.limit(most)))


def list_newest_results(session: Session, *, now: datetime, most: int) -> list[Result]:
    """Return the real published prizes that appeared last, for the feed."""
    query = (
        select(Result)
        .where(_published(now, False))
        .order_by(Result.visible_from.desc(), Result.position, Result.place, Result.city, Result.id)
    )
    return list(session.scalars(query.limit(most)))


def get_edition(session: Session, slug: str) -> Edition | None:
    """Return an edition that the public may see, with what others reported about it."""
    query = select(Edition).where(Edition.slug == slug, Edition.is_published).options(selectinload(Edition.claims))
    return session.scalars(query).one_or_none()


@dataclass(frozen=True, slots=True)
class EditionCount:
    """An edition that has published prizes, and how many."""

    slug: str
    simulated: bool
    prizes: int


def list_editions_with_results(session: Session, *, now: datetime) -> list[EditionCount]:
    """Return the editions that have published prizes, newest first, the simulated ones marked."""
    query = (
        select(Result.edition_slug, Result.simulated, func.count())
        .where(_published(now, None))
        .group_by(Result.edition_slug, Result.simulated, Result.year)
        .order_by(Result.year.desc(), Result.edition_slug.desc())
    )
    return [EditionCount(slug, simulated, count) for slug, simulated, count in session.execute(query)]


def count_cases(session: Session, *, now: datetime) -> int:
    """Count the cases of the default library."""
    return session.scalar(select(func.count()).select_from(Case).where(stands_in_library(now))) or 0


def cases_of(session: Session, results: Iterable[Result], *, now: datetime) -> dict[str, Case]:
    """Return the cases that belong to results, by case id."""
    return list_cases(session, {result.case_id for result in results if result.case_id}, now=now)


@dataclass(frozen=True, slots=True)
class Counted:
    """A case of the default library as statistics count it."""

    id: str
    kind: str
    year: int
    city: str
    country: str
    category: str | None
    themes: tuple[str, ...]


def list_counted(session: Session, *, now: datetime) -> list[Counted]:
    """Return what statistics count: one row for each case of the default library."""
    columns = (Case.id, Case.kind, Case.year, Case.city, Case.country, Case.category, Case.themes)
    rows = session.execute(select(*columns).where(stands_in_library(now)).order_by(Case.year, Case.id))
    return [Counted(*row[:-1], themes=tuple(row.themes)) for row in rows]


def list_told_cases(session: Session, ids: Collection[str], *, now: datetime) -> dict[str, Case]:
    """Return those of the named cases that the default library holds, by id, with texts and sources."""
    if not ids:
        return {}
    query = (
        select(Case)
        .where(Case.id.in_(ids), stands_in_library(now))
        .options(selectinload(Case.texts), joinedload(Case.sources))
    )
    return {case.id: case for case in session.scalars(query).unique()}


@dataclass(frozen=True, slots=True)
class VersionNote:
    """One version of a case as the public list of its history shows it."""

    number: int
    written_at: datetime
    note: str
    note_in: str | None
    """The language of the note; None where it is not known."""


def list_versions(session: Session, case: Case) -> list[VersionNote]:
    """Return the versions of a case, newest first."""
    note_in = CaseVersion.record["note_in"].as_string()
    columns = (CaseVersion.number, CaseVersion.written_at, CaseVersion.note, note_in)
    query = select(*columns).where(CaseVersion.case_id == case.id).order_by(CaseVersion.number.desc())
    return [VersionNote(*row) for row in session.execute(query)]


def get_medium(session: Session, case_id: str, position: int, *, now: datetime) -> StoredFile | None:
    """Return the file of a picture of a case that the public sees."""
    query = (
        select(StoredFile)
        .join(CaseMedium, CaseMedium.file_id == StoredFile.id)
        .join(Case, Case.id == CaseMedium.case_id)
        .where(CaseMedium.case_id == case_id, CaseMedium.position == position, has_appeared(now))
    )
    return session.scalars(query).one_or_none()


def list_collections(session: Session, *, now: datetime) -> list[tuple[CaseCollection, int]]:
    """Return the collections that have appeared, each with how many of its cases the public sees."""
    seen = (
        select(CollectionMember.collection_id, func.count().label("cases"))
        .join(Case, Case.id == CollectionMember.case_id)
        .where(stands_in_library(now))
        .group_by(CollectionMember.collection_id)
        .subquery()
    )
    query = (
        select(CaseCollection, seen.c.cases)
        .join(seen, seen.c.collection_id == CaseCollection.id)
        .where(CaseCollection.visible_from <= now)
        .order_by(CaseCollection.position, CaseCollection.slug)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def get_collection(session: Session, slug: str, *, now: datetime) -> CaseCollection | None:
    """Return a collection that has appeared, with the places of its cases."""
    query = (
        select(CaseCollection)
        .where(CaseCollection.slug == slug, CaseCollection.visible_from <= now)
        .options(selectinload(CaseCollection.members))
    )
    return session.scalars(query).one_or_none()


def list_short_texts(session: Session, *, now: datetime) -> list[tuple[str, str, str]]:
    """Return (case, language, text in short) of the default library, for the search by meaning."""
    return [
        (row.case_id, row.language, _in_short(row)) for row in session.execute(_short().where(stands_in_library(now)))
    ]


def _short() -> Any:
    columns = (CaseText.case_id, CaseText.language, CaseText.title, CaseText.summary, Case.themes)
    return select(*columns).join(Case, Case.id == CaseText.case_id)


def _in_short(row: Row[Any]) -> str:
    themes = [choose(theme_texts(theme), row.language).text for theme in row.themes]
    return told_in_short(row.title, row.summary, themes)


def get_vectors(session: Session, keys: Iterable[str]) -> dict[str, bytes]:
    """Return the vectors that are kept under some keys."""
    wanted = sorted(set(keys))
    found: dict[str, bytes] = {}
    for start in range(0, len(wanted), 500):
        rows = select(TextVector.key, TextVector.vector).where(TextVector.key.in_(wanted[start : start + 500]))
        found.update((row.key, row.vector) for row in session.execute(rows))
    return found


def list_texts_without_vector(session: Session, key_of: Callable[[str], str]) -> dict[str, str]:
    """Return texts of real cases, by key, whose meaning is not known yet."""
    known = set(session.scalars(select(TextVector.key)))
    real = _short().where(~Case.simulated, Case.withdrawn_at.is_(None), Case.visible_from.is_not(None))
    texts = map(_in_short, session.execute(real))
    return {key: text for text in texts if (key := key_of(text)) not in known}
