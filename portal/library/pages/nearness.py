"""Cases near to a case, in the words of the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from portal import clock
from portal.library import queries, related
from portal.library.models import Case
from portal.library.related import Near
from portal.memory import kept
from portal.web import language, session


def list_related(cases: Sequence[Case]) -> list[list[Near]]:
    """Return, for each case, the cases nearest to it among those that are real, or simulated, as it is."""
    now, tag = clock.now(), language().tag
    found = []
    for case in cases:
        among = kept(
            partial(queries.list_facts, session(), simulated=case.simulated, now=now), "case-facts", case.simulated
        )
        own = related.facts_of(case)
        found.append((case, own, related.list_nearest_by_facts(own, among)))
    wanted = {one.id for _, own, nearest in found for one in (own, *nearest)}
    told = queries.list_told(session(), wanted, tag)
    return [related.choose_related(own, nearest, told, case.themes) for case, own, nearest in found]
