"""Cases near to a case, in the words of the reader's language."""

from __future__ import annotations

from portal import clock
from portal.library import queries, related
from portal.library.models import Case
from portal.library.related import Near
from portal.memory import kept
from portal.web import language, session


def list_related(case: Case) -> list[Near]:
    """Return the cases nearest to a case among those that are real, or simulated, as it is."""
    now, tag = clock.now(), language().tag
    facts = kept(lambda: queries.list_facts(session(), simulated=case.simulated, now=now), "case-facts", case.simulated)
    own = related.facts_of(case)
    nearest = related.list_nearest_by_facts(own, facts)
    told = queries.list_told(session(), [case.id, *(one.id for one in nearest)], tag)
    return related.choose_related(own, nearest, told, case.themes)
