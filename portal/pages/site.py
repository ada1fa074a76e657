"""The prize's name, logo and contact, as every template shows them."""

from __future__ import annotations

from dataclasses import dataclass

from portal.i18n import choose
from portal.pages.models import SiteSettings
from portal.web import language, session


@dataclass(frozen=True, slots=True)
class Site:
    """The site's settings in the reader's language, as templates use them."""

    name: str
    tagline: str
    logo_url: str | None
    contact_email: str
    contact_address: str = ""


def site_for_templates() -> Site:
    """Return the site's settings in the request's language."""
    row = session().get(SiteSettings, 1)
    if row is None:
        return Site("Smart City Prize", "", None, "")
    tag = language().tag
    return Site(
        name=choose(row.names, tag).text,
        tagline=choose(row.taglines, tag).text,
        logo_url=f"/logo/{row.logo_sha256}" if row.logo_sha256 else None,
        contact_email=row.contact_email,
        contact_address=choose(row.contact_address, tag).text,
    )
