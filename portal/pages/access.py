"""What may be done in the room of pages, and by whom."""

from __future__ import annotations

from portal.access import Law, Permission, administrator, secretariat


class Pages(Permission):
    """Acts on what the site tells the public."""

    EDIT = "edit information pages and notices"
    EDIT_SITE = "edit the site's name, logo and contact"


LAW: Law = {
    Pages.EDIT: [[secretariat]],
    Pages.EDIT_SITE: [[administrator]],
}
