"""What judging hands down at publication, and takes back before its moment."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal import audit
from portal.db import new_id
from portal.library.actions.versions import follow
from portal.library.copies import ResultCopy
from portal.library.models import Case, CaseVersion, CollectionMember, ContactRequest, Result


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
    follow(session, now)
    return len(results)
