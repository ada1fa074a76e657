"""What other programs may know of the whole library: one light row for each case, real and published."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from portal.library.labels import NO_AWARD
from portal.library.models import Case
from portal.library.queries import has_appeared

#: What the library is counted by.
COUNTED = ("year", "country", "theme", "category", "award")


@dataclass(frozen=True, slots=True)
class Listed:
    """A case as lists know it; ``changed_at`` is the moment of its last change that the public could see."""

    id: str
    version: int
    changed_at: datetime
    appeared_at: datetime
    is_withdrawn: bool
    year: int
    country: str
    themes: tuple[str, ...]
    category: str | None
    kind: str
    award: str
    edition_slug: str | None

    def values(self, facet: str) -> tuple[str | int, ...]:
        """Return the values by which it is counted; none where it has none."""
        if facet == "theme":
            return tuple(dict.fromkeys(self.themes))
        if facet == "award":
            return () if not self.award or self.award.startswith(NO_AWARD) else (self.award,)
        value = getattr(self, facet)
        return () if value is None else (value,)


def list_listed(session: Session, *, now: datetime) -> tuple[Listed, ...]:
    """Return every real case that has appeared, withdrawn ones too, in the order of their last change."""
    query = select(
        Case.id, Case.version, Case.changed_at, Case.visible_from, Case.withdrawn_at, Case.year, Case.country,
        Case.themes, Case.category, Case.kind, Case.award, Case.edition_slug,
    ).where(Case.visible_from <= now, ~Case.simulated)  # fmt: skip
    found = []
    for row in session.execute(query):
        appeared: datetime = row.visible_from
        if row.withdrawn_at is not None and row.withdrawn_at < appeared:
            continue  # nobody outside ever saw it
        found.append(
            Listed(
                row.id, row.version, max(appeared, row.changed_at), appeared, row.withdrawn_at is not None, row.year,
                row.country, tuple(row.themes), row.category, row.kind, row.award, row.edition_slug,
            )
        )  # fmt: skip
    return tuple(sorted(found, key=lambda one: (one.changed_at, one.id)))


def list_whole_cases(session: Session, ids: Collection[str], *, now: datetime) -> dict[str, Case]:
    """Return those of the named cases that the public sees now, by id, with texts and sources."""
    query = (
        select(Case)
        .where(Case.id.in_(ids), has_appeared(now))
        .options(selectinload(Case.texts), selectinload(Case.sources))
    )
    return {case.id: case for case in session.scalars(query)} if ids else {}


def count_by(listed: Iterable[Listed]) -> dict[str, list[tuple[str | int, int]]]:
    """Count cases by year (newest first), country, theme, category and award (most first)."""
    counts: dict[str, Counter[str | int]] = {facet: Counter() for facet in COUNTED}
    for one in listed:
        for facet, counter in counts.items():
            counter.update(one.values(facet))
    answer = {
        facet: sorted(counter.items(), key=lambda pair: (-pair[1], str(pair[0]))) for facet, counter in counts.items()
    }
    answer["year"].sort(key=lambda pair: -int(pair[0]))
    return answer


def mark_of(listed: Iterable[Listed], *further: str) -> str:
    """Return a mark that changes with every case and with what else an answer depends on, for an ETag."""
    digest = hashlib.sha256()
    for one in listed:
        digest.update(f"{one.id} {one.version} {one.changed_at} {one.is_withdrawn}\n".encode())
    digest.update("\n".join(further).encode())
    return digest.hexdigest()[:24]


def counted(counts: Mapping[str, list[tuple[str | int, int]]]) -> dict[str, list[dict[str, str | int]]]:
    """Return counts as the JSON interface gives them."""
    return {facet: [{"value": value, "count": count} for value, count in pairs] for facet, pairs in counts.items()}
