"""Conflicts of interest: what a judge declares, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from judging.models import Assignment, Conflict, Judge
from judging.rules import MOST_CHARACTERS, ConflictKind, JudgeState
from portal import audit
from portal.accounts.models import Membership
from portal.db import new_id
from portal.errors import Refusal, check_length
from portal.i18n import sentence
from submissions.models import Entry


def declare_conflicts(
    session: Session,
    judge: Judge,
    conflicts: Mapping[str, tuple[str, str]],
    *,
    by: str | None,
    now: datetime,
) -> int:
    """Add conflicts (entry id → kind and reason) to those declared before; an empty mapping declares "none".

    The entries become unreadable for the judge and their assignments are recused. Entries of the judge's own
    organisations are added without being named. Returns how many conflicts are new. Nothing declared is taken back by a
    later declaration. Raises Refusal for an unknown kind, a missing reason where the kind says nothing, or an entry of
    another edition.
    """
    session.refresh(judge, with_for_update={"of": Judge})
    if judge.state != JudgeState.ACCEPTED:
        raise Refusal(sentence("Only a judge who has accepted can declare conflicts of interest."))
    for entry_id, (kind, reason) in conflicts.items():
        _check(entry_id, kind, reason)
    known = {row.entry_id: row for row in session.scalars(select(Conflict).where(Conflict.judge_id == judge.id))}
    _check_entries(session, judge, conflicts)
    new = [entry_id for entry_id in conflicts if entry_id not in known]
    for entry_id, (kind, reason) in conflicts.items():
        row = known.get(entry_id)
        if row is None:
            row = Conflict(id=new_id(), judge_id=judge.id, entry_id=entry_id, declared_at=now, declared_by=by)
            session.add(row)
        elif (row.kind, row.reason) == (kind, reason.strip()):
            continue
        row.kind, row.reason = kind, reason.strip()
        audit.note(
            session, "conflict.declare", f"judge:{judge.id}", by=by, now=now, text=row.reason or None,
            entry=entry_id, kind=kind,
        )  # fmt: skip
    detected = _detect(session, judge, {*known, *conflicts}, now)
    judge.conflicts_declared_at = now
    session.flush()
    recused = _recuse(session, judge, [*new, *detected], now)
    audit.note(
        session, "conflict.complete", f"judge:{judge.id}", by=by, now=now,
        edition=judge.edition_id, conflicts=len({*known, *conflicts, *detected}), recused=recused,
    )  # fmt: skip
    return len(new) + len(detected)


def _check(entry_id: str, kind: str, reason: str) -> None:
    if kind not in set(ConflictKind):
        raise Refusal(sentence("Please choose the kind of conflict."), field=f"kind_{entry_id}")
    if kind == ConflictKind.OTHER and not reason.strip():
        raise Refusal(sentence("Please say in a few words what the conflict is."), field=f"reason_{entry_id}")
    check_length(reason, MOST_CHARACTERS, f"reason_{entry_id}")


def _check_entries(session: Session, judge: Judge, conflicts: Mapping[str, tuple[str, str]]) -> None:
    query = select(Entry.id).where(Entry.edition_id == judge.edition_id, Entry.id.in_(list(conflicts)))
    if conflicts and set(session.scalars(query)) != set(conflicts):
        raise Refusal(sentence("One of these entries does not belong to this edition."))


def _detect(session: Session, judge: Judge, declared: set[str], now: datetime) -> list[str]:
    """Add the entries of organisations for which the judge's own account acts."""
    query = (
        select(Entry.id)
        .join(Membership, Membership.organisation_id == Entry.organisation_id)
        .where(Entry.edition_id == judge.edition_id, Membership.user_id == judge.user_id)
        .order_by(Entry.id)
    )
    found = [entry_id for entry_id in session.scalars(query) if entry_id not in declared]
    for entry_id in found:
        kind = ConflictKind.WORK.value
        session.add(Conflict(id=new_id(), judge_id=judge.id, entry_id=entry_id, kind=kind, declared_at=now))
        audit.note(session, "conflict.detect", f"judge:{judge.id}", by=None, now=now, entry=entry_id, kind=kind)
    return found


def _recuse(session: Session, judge: Judge, entry_ids: list[str], now: datetime) -> int:
    if not entry_ids:
        return 0
    query = select(Assignment).where(
        Assignment.judge_id == judge.id, Assignment.entry_id.in_(entry_ids), Assignment.recused_at.is_(None)
    )
    assignments = session.scalars(query).all()
    for assignment in assignments:
        assignment.recused_at = now
    session.flush()
    return len(assignments)
