"""What may be done in the room of library, and by whom."""

from __future__ import annotations

from portal.access import Law, Permission, Visitor, secretariat, signed_in
from portal.library.models import SavedSearch


class Library(Permission):
    """Acts of the editors on the case library."""

    EDIT = "edit cases and collections, and read readers' questions"


class Searches(Permission):
    """Acts on saved searches."""

    KEEP = "keep searches"
    CHANGE = "change a saved search"


def their_own_search(visitor: Visitor, search: SavedSearch) -> bool:
    """Keeps the search themselves."""
    return search.user_id == visitor.id


LAW: Law = {
    Library.EDIT: [[secretariat]],
    Searches.KEEP: [[signed_in]],
    Searches.CHANGE: [[signed_in, their_own_search]],
}
