"""Which information pages there are, and how long their texts may be."""

from __future__ import annotations

#: In the order of the side list; the footer and the header link to them by name.
SLUGS = ("the-prize", "criteria", "timeline", "rules", "faq", "privacy", "accessibility", "contact")

MOST_TITLE_CHARACTERS = 200
MOST_MARKDOWN_CHARACTERS = 60_000
MOST_NAME_CHARACTERS = 120
MOST_LOGO_BYTES = 2_000_000
#: The zone in which staff writes moments of notices.
ZONE = "Asia/Seoul"
NOTICES_PER_PAGE = 20


def is_slug(slug: str) -> bool:
    """Tell whether an information page of this name exists."""
    return slug in SLUGS
