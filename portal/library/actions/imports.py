"""Import of cases from a file of records, all or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.errors import Refusal
from portal.i18n import sentence
from portal.library.actions.cases import add_case, list_by_id
from portal.library.actions.versions import replace_case
from portal.library.copies import CaseCopy
from portal.library.record_reader import read_record
from portal.library.records import dump_case, merge


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
            base = dump_case(known[identity], everything=True) if identity in known else {}
            read.append(read_record(merge(base, row) if isinstance(row, Mapping) else row))
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
        elif replace_case(session, case, copy, "case.change", by=by, now=now):
            changed += 1
    return Imported(added, changed, len(read) - added - changed)
