"""What the editors do with a case: add it, change it, let it appear, take it out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from portal import audit
from portal.db import new_id
from portal.errors import Refusal
from portal.i18n import choose, sentence
from portal.library.actions.versions import count_up, keep_version, replace_case, write
from portal.library.copies import CaseCopy
from portal.library.models import Case, CaseVersion
from portal.library.record_reader import read_record
from portal.library.records import BESIDE, dump_case, fold, is_same, unfold

_LOADED = (selectinload(Case.texts), selectinload(Case.sources), selectinload(Case.media))
_NONE: Mapping[str, str] = MappingProxyType({})


class ChangedElsewhere(Refusal):
    """Somebody else has changed the same fields: their ``names`` in the record, and all that was ``mine`` to change."""

    def __init__(self, names: Sequence[str], mine: Mapping[str, Any]) -> None:
        super().__init__(
            sentence("Somebody else changed this case while you were writing. Compare both texts, then save again.")
        )
        self.names, self.mine = tuple(names), dict(mine)


def add_case(session: Session, copy: CaseCopy, *, by: str | None, now: datetime, note: str = "") -> Case:
    """Add a case to the library; it is seen from ``copy.visible_from`` on.

    Raises Refusal when it has no title in any language.
    """
    if not any(told.title.strip() for told in copy.texts.values()):
        raise Refusal(sentence("A case needs a title in at least one language."), field="title")
    case = Case(id=copy.id or new_id(), version=1, changed_at=now, texts=[], sources=[], media=[])
    write(case, copy)
    session.add(case)
    session.flush()
    audit.note(
        session, "case.add", f"case:{case.id}", by=by, now=now, simulated=case.simulated,
        visible_from=case.visible_from.isoformat() if case.visible_from else None,
    )  # fmt: skip
    keep_version(session, case, note=note, by=by, now=now)
    return case


def change_case(
    session: Session, case: Case, changes: Mapping[str, Any], *, by: str | None, now: datetime,
    seen: int | None = None, note: str = "", note_in: str = "", act: str = "case.change",
) -> bool:  # fmt: skip
    """Change values of a case's record (``title_ko``, ``details.population``); return whether anything changed.

    ``seen`` is the version that was being edited: what others changed since stays, and raises ChangedElsewhere where
    both changed the same. Raises Refusal with the field's name for a value that a record cannot have.
    """
    present = unfold(dump_case(case, everything=True))
    if seen is not None and seen != case.version:
        known = session.get(CaseVersion, (case.id, seen))
        base = unfold(known.record) if known else {}
        changes = {name: value for name, value in changes.items() if not is_same(value, base.get(name))}
        clashes = [
            name
            for name, value in changes.items()
            if not is_same(present.get(name), base.get(name)) and not is_same(present.get(name), value)
        ]
        if clashes:
            raise ChangedElsewhere(clashes, changes)
    copy = read_record(fold({**present, **changes, "id": case.id}))
    return replace_case(session, case, copy, act, note=note, note_in=note_in, by=by, now=now)


def restore_version(
    session: Session, case: Case, number: int, *, note: str, note_in: str, by: str | None, now: datetime
) -> bool:
    """Write what a case said and showed in an earlier version as a new one; when it appears stays as it is.

    Raises Refusal when there is no such version.
    """
    kept = session.get(CaseVersion, (case.id, number))
    if kept is None:
        raise Refusal(sentence("This version is not kept."))
    present = unfold(dump_case(case, everything=True))
    apart = ("visible_from", *BESIDE)
    old = {name: value for name, value in unfold(kept.record).items() if name not in apart}
    old |= {name: present[name] for name in ("id", "visible_from") if name in present}
    return replace_case(
        session, case, read_record(fold(old)), "case.restore", note=note, note_in=note_in,
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
    count_up(session, case, "case.withdraw", note=note.text, note_in=note.language, by=by, now=now, text=reason)


def list_by_id(session: Session, ids: Iterable[str]) -> dict[str, Case]:
    """Return those of the named cases that exist, by id, whole and locked against other writers."""
    wanted = sorted({one for one in ids if one})
    found: dict[str, Case] = {}
    for start in range(0, len(wanted), 500):
        query = select(Case).where(Case.id.in_(wanted[start : start + 500])).order_by(Case.id).options(*_LOADED)
        found |= {case.id: case for case in session.scalars(query.with_for_update(of=Case))}
    return found
