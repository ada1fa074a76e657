"""Collections of cases: write, fill, remove."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import audit
from portal.db import new_id
from portal.errors import Refusal
from portal.i18n import sentence
from portal.library.models import Case, Collection, CollectionMember


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
