"""All public pages of the library under one name, so that the roof need not know them one by one."""

from __future__ import annotations

from portal.library.pages import (
    case_views,
    collection_views,
    compare_views,
    health_views,
    pdf_views,
    results_views,
    search_views,
    statistics_views,
    suggestion_views,
)
from portal.library.pages.cards import pages
from portal.library.saved import views as saved_views

__all__ = [
    "case_views",
    "collection_views",
    "compare_views",
    "health_views",
    "pages",
    "pdf_views",
    "results_views",
    "saved_views",
    "search_views",
    "statistics_views",
    "suggestion_views",
]
