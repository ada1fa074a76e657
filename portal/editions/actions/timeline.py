"""Writes of an edition's timeline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import audit
from portal.editions.models import Edition, Round
from portal.editions.rules import check_timeline, order_of
from portal.errors import Refusal
from portal.i18n import sentence

#: The moments that stand in the edition's own row; those of rounds are ``round_N_opens_at`` and ``round_N_closes_at``.
EDITION_MOMENTS = ("call_opens_at", "call_closes_at", "screening_ends_at", "ceremony_at", "results_at")


def change_timeline(
    session: Session, edition: Edition, *, by: str | None, now: datetime, **values: datetime | Mapping[str, str] | None
) -> None:
    """Set moments of the timeline, and ``ceremony_place`` (texts by language); what is not named stays as it is.

    Raises Refusal, with the moment's key as field, when the order would be wrong or a closed round would move.
    """
    rounds = {found.number: found for found in session.scalars(select(Round).where(Round.edition_id == edition.id))}
    before = moments_of(edition, rounds.values())
    wanted = {key: value for key, value in values.items() if key != "ceremony_place"}
    unknown = wanted.keys() - before.keys()
    if unknown:
        raise ValueError(f"The timeline has no {', '.join(sorted(unknown))}.")
    check_timeline({**before, **wanted})  # type: ignore[dict-item]
    changed = {key: value for key, value in wanted.items() if before[key] != value}
    for key, value in changed.items():
        if key in EDITION_MOMENTS:
            setattr(edition, key, value)
            continue
        _, number, what, _ = key.split("_")
        found = rounds[int(number)]
        if found.closed_at is not None:
            raise Refusal(sentence("This round is closed: its dates stay as they were."), field=key)
        setattr(found, f"{what}_at", value)
    facts = {key: value.isoformat() if isinstance(value, datetime) else None for key, value in changed.items()}
    place = values.get("ceremony_place")
    if isinstance(place, Mapping) and edition.ceremony_place != place:
        edition.ceremony_place = {tag: text for tag, text in place.items() if text}
        facts["ceremony_place"] = "changed"
    if not facts:
        return
    session.flush()
    audit.note(session, "edition.timeline", f"edition:{edition.id}", by=by, now=now, **facts)


def moments_of(edition: Edition, rounds: Iterable[Round]) -> dict[str, datetime | None]:
    """Return the timeline as key → moment in the order of the process, rounds included."""
    found: dict[str, datetime | None] = {key: getattr(edition, key) for key in EDITION_MOMENTS}
    for one in rounds:
        found[f"round_{one.number}_opens_at"] = one.opens_at
        found[f"round_{one.number}_closes_at"] = one.closes_at
    return dict(sorted(found.items(), key=lambda pair: order_of(pair[0])))
