"""Writes of the library: winners handed down at publication, and what the editors do with cases and collections.

Every change of a case is a new version: its record is kept, the audit log notes it, and the index follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, selectinload

from portal import audit, files, jobs, mail
from portal.accounts.models import Role, User
from portal.db import Database, new_id
from portal.errors import Refusal
from portal.files import StagedFile
from portal.i18n import choose, sentence
from portal.library import details, records
from portal.library.copies import CaseCopy, ResultCopy, Telling
from portal.library.models import (
    Case,
    CaseMedium,
    CaseSource,
    CaseText,
    CaseVersion,
    Collection,
    CollectionMember,
    ContactRequest,
    Result,
)

__all__ = ["CaseCopy", "ResultCopy", "Telling"]

#: The job that lets the index follow the database.
INDEX_JOB = "library.index"
#: Questions to cities that one address may send in a period.
MOST_QUESTIONS, QUESTIONS_PER = 5, timedelta(hours=1)
#: The longest question to a city, and the longest line of its form, in characters.
MOST_MESSAGE, MOST_LINE = 4000, 200
#: Pictures of one case, and megabytes of each.
MOST_MEDIA, MOST_MEDIUM_MEGABYTES = 8, 8

_NONE: Mapping[str, str] = MappingProxyType({})
_LOADED = (
    selectinload(Case.texts), selectinload(Case.sources), selectinload(Case.media)
)  # fmt: skip


class ChangedElsewhere(Refusal):
    """Somebody else has changed the same fields: their ``names`` in the record, and all that was ``mine`` to change."""

    def __init__(self, names: Sequence[str], mine: Mapping[str, Any]) -> None:
        super().__init__(
            sentence("Somebody else changed this case while you were writing. Compare both texts, then save again.")
        )
        self.names, self.mine = tuple(names), dict(mine)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one record of an import: its number from 1, its id if it has one, and the refusal."""

    number: int
    id: str
    refusal: Refusal


class BadRecords(Refusal):
    """Records of an import that cannot be read; nothing was imported."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(sentence("Nothing was imported: please mend the records named here."))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Imported:
    """How many cases an import added, changed and found as they were."""

    added: int
    changed: int
    same: int


def add_case(session: Session, copy: CaseCopy, *, by: str | None, now: datetime, note: str = "") -> Case:
    """Add a case to the library; it is seen from ``copy.visible_from`` on.

    Raises Refusal when it has no title in any language.
    """
    if not any(told.title.strip() for told in copy.texts.values()):
        raise Refusal(sentence("A case needs a title in at least one language."), field="title")
    case = Case(id=copy.id or new_id(), version=1, changed_at=now, texts=[], sources=[], media=[])
    _write(case, copy)
    session.add(case)
    session.flush()
    audit.note(
        session, "case.add", f"case:{case.id}", by=by, now=now, simulated=case.simulated,
        visible_from=case.visible_from.isoformat() if case.visible_from else None,
    )  # fmt: skip
    _keep_version(session, case, note=note, by=by, now=now)
    return case


def change_case(
    session: Session, case: Case, changes: Mapping[str, Any], *, by: str | None, now: datetime,
    seen: int | None = None, note: str = "", note_in: str = "", act: str = "case.change",
) -> bool:  # fmt: skip
    """Change values of a case's record (``title_ko``, ``details.population``); return whether anything changed.

    ``seen`` is the version that was being edited: what others changed since stays, and raises ChangedElsewhere where
    both changed the same. Raises Refusal with the field's name for a value that a record cannot have.
    """
    present = records.unfold(records.dump_case(case, everything=True))
    if seen is not None and seen != case.version:
        known = session.get(CaseVersion, (case.id, seen))
        base = records.unfold(known.record) if known else {}
        changes = {name: value for name, value in changes.items() if not records.is_same(value, base.get(name))}
        clashes = [
            name
            for name, value in changes.items()
            if not records.is_same(present.get(name), base.get(name)) and not records.is_same(present.get(name), value)
        ]
        if clashes:
            raise ChangedElsewhere(clashes, changes)
    copy = records.read_record(records.fold({**present, **changes, "id": case.id}))
    return _replace(session, case, copy, act, note=note, note_in=note_in, by=by, now=now)


def import_records(
    session: Session, rows: Sequence[Any], *, by: str | None, now: datetime, published: bool = False
) -> Imported:
    """Add the cases of records and change known ones, all or nothing; names that a record leaves out stay as they are.

    A new case whose record says no ``visible_from`` is a draft, or with ``published`` public from now on.

    Raises BadRecords with every faulty record.
    """
    ids = [str(row.get("id") or "") if isinstance(row, Mapping) else "" for row in rows]
    known = list_by_id(session, ids)
    read: list[CaseCopy] = []
    faults: list[Fault] = []
    for number, (row, identity) in enumerate(zip(rows, ids, strict=True), 1):
        try:
            if not identity and isinstance(row, Mapping):
                raise Refusal(sentence("“%(where)s” is missing."), field="id", where="id")
            if identity and ids.index(identity) < number - 1:
                raise Refusal(sentence("The id “%(id)s” stands twice."), field="id", id=identity)
            base = records.dump_case(known[identity], everything=True) if identity in known else {}
            read.append(records.read_record(records.merge(base, row) if isinstance(row, Mapping) else row))
        except Refusal as refusal:
            faults.append(Fault(number, identity, refusal))
    if faults:
        raise BadRecords(faults)
    added = changed = 0
    for copy in read:
        case = known.get(copy.id or "")
        if case is None:
            if published and copy.visible_from is None:
                copy = replace(copy, visible_from=now)
            add_case(session, copy, by=by, now=now)
            added += 1
        elif _replace(session, case, copy, "case.change", by=by, now=now):
            changed += 1
    return Imported(added, changed, len(read) - added - changed)


def restore_version(
    session: Session, case: Case, number: int, *, note: str, note_in: str, by: str | None, now: datetime
) -> bool:
    """Write what a case said and showed in an earlier version as a new one; when it appears stays as it is.

    Raises Refusal when there is no such version.
    """
    kept = session.get(CaseVersion, (case.id, number))
    if kept is None:
        raise Refusal(sentence("This version is not kept."))
    present = records.unfold(records.dump_case(case, everything=True))
    apart = ("visible_from", *records.BESIDE)
    old = {name: value for name, value in records.unfold(kept.record).items() if name not in apart}
    old |= {name: present[name] for name in ("id", "visible_from") if name in present}
    return _replace(
        session, case, records.read_record(records.fold(old)), "case.restore", note=note, note_in=note_in,
        pictures=kept.record.get("pictures"), by=by, now=now,
    )  # fmt: skip


def publish_case(session: Session, case: Case, *, visible_from: datetime, by: str | None, now: datetime) -> None:
    """Let the public see a case from a moment on.

    Raises Refusal for a moment that has passed, for a case without a source, and when the case is out already.
    """
    if case.withdrawn_at is not None:
        raise Refusal(sentence("This case has been withdrawn already."))
    if case.visible_from is not None and case.visible_from <= now:
        raise Refusal(sentence("This case is public already."))
    if not case.sources:
        raise Refusal(sentence("Every public case names its source. Please add one first."))
    if visible_from < now:
        raise Refusal(sentence("This moment has passed. Please choose now or a later moment."), field="visible_from")
    change_case(session, case, {"visible_from": visible_from.isoformat()}, by=by, now=now, act="case.publish")


def unpublish_case(session: Session, case: Case, *, by: str | None, now: datetime) -> None:
    """Make a case a draft again whose moment has not come; what the public has seen can only be withdrawn."""
    if case.visible_from is not None and case.visible_from <= now:
        raise Refusal(sentence("The public has seen this case: it can only be withdrawn, with a reason."))
    change_case(session, case, {"visible_from": None}, by=by, now=now, act="case.unpublish")


def withdraw_case(
    session: Session, case: Case, *, reason: str, by: str | None, now: datetime, reasons: Mapping[str, str] = _NONE
) -> None:
    """Take a case out of the library; its permanent address then says that it was withdrawn.

    ``reason`` goes to the audit log, ``reasons`` (per language) to the readers of that address. Raises Refusal when it
    was withdrawn before.
    """
    if case.withdrawn_at is not None:
        raise Refusal(sentence("This case has been withdrawn already."))
    case.withdrawn_at = now
    case.withdrawn_reasons = {tag: text.strip() for tag, text in reasons.items() if text.strip()}
    note = choose(case.withdrawn_reasons, case.original_language)
    _count_up(session, case, "case.withdraw", note=note.text, note_in=note.language, by=by, now=now, text=reason)


def add_medium(
    session: Session, case: Case, staged: StagedFile, *, credit: str, alts: Mapping[str, str], by: str | None,
    now: datetime,
) -> CaseMedium:  # fmt: skip
    """Add a picture at the end of a case's pictures.

    Raises Refusal without a credit, without words for those who cannot see it, or when there are too many.
    """
    if len(case.media) >= MOST_MEDIA:
        raise Refusal(sentence("A case has at most %(most)s pictures."), most=MOST_MEDIA)
    credit, alts = _described(credit, alts)
    medium = CaseMedium(
        position=max((one.position for one in case.media), default=-1) + 1, credit=credit, alts=alts,
        file_id=files.keep(session, staged, now=now).id,
    )  # fmt: skip
    case.media.append(medium)
    _count_up(session, case, "case.picture.add", by=by, now=now, sha256=staged.sha256)
    return medium


def describe_medium(
    session: Session, case: Case, medium: CaseMedium, *, credit: str, alts: Mapping[str, str], by: str | None,
    now: datetime,
) -> None:  # fmt: skip
    """Change the credit and the words of a picture; raises Refusal when either is missing."""
    medium.credit, medium.alts = _described(credit, alts)
    _count_up(session, case, "case.picture.change", by=by, now=now, position=medium.position)


def remove_medium(session: Session, case: Case, medium: CaseMedium, *, by: str | None, now: datetime) -> None:
    """Take a picture off a case."""
    case.media.remove(medium)
    _count_up(session, case, "case.picture.remove", by=by, now=now, position=medium.position)


def write_collection(
    session: Session, collection: Collection | None, *, slug: str, names: Mapping[str, str], leads: Mapping[str, str],
    visible_from: datetime | None, by: str | None, now: datetime,
) -> Collection:  # fmt: skip
    """Write a collection; without one, begin a new one at the end.

    Raises Refusal without a name, or for an address that is malformed or taken.
    """
    names = {tag: text.strip() for tag, text in names.items() if text.strip()}
    if not names:
        raise Refusal(sentence("Write the name of the collection in at least one language."))
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{1,63}", slug):
        raise Refusal(sentence("Use small letters, digits and hyphens only."), field="slug")
    taken = session.scalar(select(Collection.id).where(Collection.slug == slug))
    if taken is not None and (collection is None or taken != collection.id):
        raise Refusal(sentence("There is a collection with this address already."), field="slug")
    verb = "collection.change" if collection else "collection.create"
    if collection is None:
        last = session.scalar(select(Collection.position).order_by(Collection.position.desc()).limit(1))
        collection = Collection(id=new_id(), position=0 if last is None else last + 1, members=[])
        session.add(collection)
    collection.slug, collection.names, collection.visible_from = slug, names, visible_from
    collection.leads = {tag: text.strip() for tag, text in leads.items() if text.strip()}
    session.flush()
    audit.note(session, verb, f"collection:{collection.id}", by=by, now=now, public=visible_from is not None)
    return collection


def choose_members(
    session: Session, collection: Collection, case_ids: Sequence[str], *, by: str | None, now: datetime
) -> None:
    """Give a collection these cases, in this order; raises Refusal for one that does not exist or is simulated."""
    wanted = list(dict.fromkeys(case_ids))
    known = set(session.scalars(select(Case.id).where(Case.id.in_(wanted), ~Case.simulated)))
    for identity in wanted:
        if identity not in known:
            raise Refusal(sentence("There is no case “%(id)s”."), field="add", id=identity[:80])
    rows = {member.case_id: member for member in collection.members}
    collection.members = [rows.get(one) or CollectionMember(case_id=one) for one in wanted]
    for position, member in enumerate(collection.members):
        member.position = position
    session.flush()
    audit.note(session, "collection.members", f"collection:{collection.id}", by=by, now=now, cases=wanted)


def remove_collection(session: Session, collection: Collection, *, by: str | None, now: datetime) -> None:
    """Remove a collection; its cases stay."""
    audit.note(session, "collection.remove", f"collection:{collection.id}", by=by, now=now)
    session.delete(collection)
    session.flush()


def is_asking_allowed(database: Database, session: Session, address: str, *, secret: str, now: datetime) -> bool:
    """Count one more question from an address of the net and tell whether it may be sent; call it before writing."""
    return audit.is_within_limit(
        database, session, "library.contact", address, most=MOST_QUESTIONS, per=QUESTIONS_PER, secret=secret, now=now
    )


def ask_city(
    session: Session, case: Case, *, name: str, email: str, organisation: str, message: str, language: str,
    now: datetime,
) -> ContactRequest:  # fmt: skip
    """Keep a reader's question to the city of a case and mail it to the case's contact, else to the secretariat.

    Raises Refusal when something is missing, too long or no e-mail address.
    """
    name, email, organisation, message = (text.strip() for text in (name, email, organisation, message))
    if not name:
        raise Refusal(sentence("Write your name."), field="name")
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email):
        raise Refusal(sentence("Write a whole e-mail address, such as name@example.org."), field="email")
    if not message:
        raise Refusal(sentence("Write your question."), field="message")
    limits = (("name", name, MOST_LINE), ("email", email, MOST_LINE), ("organisation", organisation, MOST_LINE),
              ("message", message, MOST_MESSAGE))  # fmt: skip
    for field, text, most in limits:
        if len(text) > most:
            raise Refusal(
                sentence("Please use at most %(most)s characters; there are %(used)s."), field=field, most=most,
                used=len(text),
            )  # fmt: skip
    asked = ContactRequest(
        id=new_id(), case_id=case.id, name=name, email=email, organisation=organisation, message=message,
        language=language, created_at=now,
    )  # fmt: skip
    session.add(asked)
    session.flush()
    titles = {text.language: text.title for text in case.texts}
    for address, tag in _readers(session, case):
        mail.queue(
            session, "library_contact", to=address, language=tag, now=now, name=name, email=email,
            organisation=organisation, message=message, case_id=case.id,
            title=" ".join(choose(titles, tag, case.original_language).text.split()),
        )  # fmt: skip
    audit.note(session, "contact.ask", f"contact:{asked.id}", by=None, now=now, case=case.id)
    return asked


def finish_request(session: Session, asked: ContactRequest, *, done: bool, by: str | None, now: datetime) -> None:
    """Mark a question to a city as done, or as open again."""
    asked.done_at = now if done else None
    session.flush()
    audit.note(session, "contact.done" if done else "contact.reopen", f"contact:{asked.id}", by=by, now=now)


def list_by_id(session: Session, ids: Iterable[str]) -> dict[str, Case]:
    """Return those of the named cases that exist, by id, whole and locked against other writers."""
    wanted = sorted({one for one in ids if one})
    found: dict[str, Case] = {}
    for start in range(0, len(wanted), 500):
        query = select(Case).where(Case.id.in_(wanted[start : start + 500])).order_by(Case.id).options(*_LOADED)
        found |= {case.id: case for case in session.scalars(query.with_for_update(of=Case))}
    return found


def add_result(session: Session, copy: ResultCopy, *, by: str | None, now: datetime) -> Result:
    """Add a published prize; it is seen from ``copy.visible_from`` on."""
    result = Result(
        id=new_id(), edition_slug=copy.edition_slug, year=copy.year, category=copy.category, rank=copy.rank,
        prize_names=dict(copy.prize_names), position=copy.position, place=copy.place, organisation=copy.organisation,
        city=copy.city, city_names=dict(copy.city_names), country=copy.country, titles=dict(copy.titles),
        original_language=copy.original_language, reason=copy.reason, case_id=copy.case_id, simulated=copy.simulated,
        visible_from=copy.visible_from,
    )  # fmt: skip
    session.add(result)
    session.flush()
    audit.note(
        session, "result.add", f"result:{result.id}", by=by, now=now, visible_from=result.visible_from.isoformat(),
        simulated=result.simulated,
    )  # fmt: skip
    return result


def cancel_publication(session: Session, edition_slug: str, *, by: str | None, now: datetime) -> int:
    """Remove the results and cases of an edition whose moment has not come; return how many results.

    What the public has seen is never removed: it can only be withdrawn.
    """
    waiting = select(Case.id).where(Case.edition_slug == edition_slug, Case.visible_from > now)
    cases = list(session.scalars(waiting))
    results = session.scalars(
        select(Result.id).where(Result.edition_slug == edition_slug, Result.visible_from > now)
    ).all()
    session.execute(delete(Result).where(Result.id.in_(results)))
    for belonging in (CaseVersion, CollectionMember, ContactRequest):
        session.execute(delete(belonging).where(belonging.case_id.in_(cases)))
    for case in session.scalars(select(Case).where(Case.id.in_(cases))):
        session.delete(case)
    session.flush()
    audit.note(session, "publication.remove", f"edition:{edition_slug}", by=by, now=now, results=len(results))
    _follow(session, now)
    return len(results)


def _write(case: Case, copy: CaseCopy) -> None:
    """Give a case the values of a copy; texts of a language that the copy lacks are removed."""
    case.kind, case.award, case.edition_slug, case.category = copy.kind, copy.award, copy.edition_slug, copy.category
    case.rank, case.rank_text, case.year, case.organisation = copy.rank, copy.rank_text, copy.year, copy.organisation
    case.city, case.city_names, case.country = copy.city, dict(copy.city_names), copy.country
    case.latitude, case.longitude, case.themes = copy.latitude, copy.longitude, list(copy.themes)
    case.certainty, case.certainty_notes = copy.certainty, dict(copy.certainty_notes)
    case.original_language, case.details = copy.original_language, details.dump(copy.details)
    case.contact_email, case.extra, case.simulated = copy.contact_email, dict(copy.extra), copy.simulated
    case.visible_from = copy.visible_from
    rows = {text.language: text for text in case.texts}
    case.texts = [
        rows.get(tag) or CaseText(language=tag) for tag, told in copy.texts.items() if told.title.strip()
    ]  # fmt: skip
    for text in case.texts:
        for part, words in asdict(copy.texts[text.language]).items():
            setattr(text, part, words)
    if [(source.title, source.url) for source in case.sources] != list(copy.sources):
        kept = case.sources[: len(copy.sources)]
        kept += [CaseSource() for _ in range(len(copy.sources) - len(kept))]
        for position, (source, (title, url)) in enumerate(zip(kept, copy.sources, strict=True)):
            source.position, source.title, source.url = position, title, url
        case.sources = kept


def _replace(
    session: Session, case: Case, copy: CaseCopy, act: str, *, by: str | None, now: datetime, note: str = "",
    note_in: str = "", pictures: Sequence[Mapping[str, Any]] | None = None,
) -> bool:  # fmt: skip
    """Give a stored case the values of a copy, and pictures if there are any to give, as its next version.

    Nothing is done when all of it is the same.
    """
    before = records.unfold(records.dump_case(case, everything=True))
    after = records.unfold(records.dump_copy(copy, everything=True))
    changed = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    if pictures is not None and pictures != records.dump_pictures(case):
        changed.append("pictures")
        _hang(case, pictures)
    if changed:
        _write(case, copy)
        _count_up(session, case, act, note=note, note_in=note_in, by=by, now=now, fields=changed)
    return bool(changed)


def _hang(case: Case, pictures: Sequence[Mapping[str, Any]]) -> None:
    """Give a case these pictures, as ``records.dump_pictures`` writes them."""
    rows = case.media[: len(pictures)]
    first = rows[-1].position + 1 if rows else 0
    rows += [CaseMedium(position=first + place) for place in range(len(pictures) - len(rows))]
    for row, one in zip(rows, pictures, strict=True):
        row.file_id, row.credit, row.alts = one["file"], one["credit"], dict(one["alts"])
    case.media = rows


def _count_up(
    session: Session, case: Case, act: str, *, by: str | None, now: datetime, note: str = "", note_in: str = "",
    text: str | None = None, **facts: Any,
) -> None:  # fmt: skip
    """Make what was written to a case its next version, with the event of the audit log."""
    case.version += 1
    case.changed_at = now
    session.flush()
    audit.note(session, act, f"case:{case.id}", by=by, now=now, text=text, version=case.version, **facts)
    _keep_version(session, case, note=note, note_in=note_in, by=by, now=now)


def _keep_version(session: Session, case: Case, *, note: str, by: str | None, now: datetime, note_in: str = "") -> None:
    session.add(
        CaseVersion(
            case_id=case.id, number=case.version, note=note, written_at=now, written_by=by,
            record=records.dump_version(case, note_in=note_in if note else ""),
        )
    )  # fmt: skip
    session.flush()
    _follow(session, now)


def _described(credit: str, alts: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    credit, words = credit.strip(), {tag: text.strip() for tag, text in alts.items() if text.strip()}
    if not credit:
        raise Refusal(sentence("Write who made the picture."), field="credit")
    if not words:
        raise Refusal(sentence("Write what can be seen, for people who cannot see the picture."), field="alts")
    return credit, words


def _readers(session: Session, case: Case) -> list[tuple[str, str]]:
    """Return who reads a question about a case, each address with its language."""
    if case.contact_email:
        return [(case.contact_email, case.original_language)]
    members = select(User.email, User.language).join(User.roles).where(Role.name == "secretariat", User.active)
    return [(row.email, row.language or "en") for row in session.execute(members.order_by(User.email))]


def _follow(session: Session, now: datetime) -> None:
    """Let the index follow this transaction once it is committed."""
    jobs.enqueue(session, INDEX_JOB, {}, due_at=now, key="index")
