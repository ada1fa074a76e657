"""All pages of the editors' desk under one name, so that the roof need not know them one by one."""

from __future__ import annotations

from portal.library.desk import (
    case_views,
    collection_views,
    edit_views,
    import_views,
    picture_views,
    publication_views,
    request_views,
)
from portal.library.desk.door import pages

__all__ = [
    "case_views",
    "collection_views",
    "edit_views",
    "import_views",
    "pages",
    "picture_views",
    "publication_views",
    "request_views",
]
