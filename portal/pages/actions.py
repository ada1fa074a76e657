"""What staff does with pages, notices and the site's settings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from portal import audit, files, markdown
from portal.errors import Hidden, Refusal
from portal.files import StagedFile
from portal.i18n import sentence
from portal.pages import rules
from portal.pages.models import Notice, NoticeText, PageText, SiteSettings


def write_page(
    session: Session, *, slug: str, language: str, title: str, text: str, seen_at: str, by: str | None, now: datetime
) -> PageText:
    """Write an information page in one language.

    ``seen_at`` is the moment (ISO) of the version that was being changed; raises Refusal when there is a newer one,
    Hidden for a page that does not exist.
    """
    if not rules.is_slug(slug):
        raise Hidden
    page = session.get(PageText, (slug, language))
    if (page.changed_at.isoformat() if page else "") != seen_at:
        raise Refusal(
            sentence("Somebody else changed this page while you were writing. Compare with it, then save again.")
        )
    if page is None:
        page = PageText(slug=slug, language=language)
        session.add(page)
    page.title, page.markdown, page.html, page.changed_at = title, text, markdown.render(text), now
    audit.note(session, "page.write", f"page:{slug}", by=by, now=now, language=language)
    session.flush()
    return page


def write_notice(
    session: Session, notice: Notice | None, *, language: str, title: str, text: str, visible_from: datetime,
    source_url: str | None, by: str | None, now: datetime,
) -> Notice:  # fmt: skip
    """Write a notice in one language; without a notice, begin a new one."""
    verb = "notice.change" if notice else "notice.create"
    if notice is None:
        notice = Notice(created_at=now, texts=[])
        session.add(notice)
    notice.visible_from, notice.source_url = visible_from, source_url
    row = next((row for row in notice.texts if row.language == language), None)
    if row is None:
        row = NoticeText(language=language)
        notice.texts.append(row)
    row.title, row.markdown, row.html = title, text, markdown.render(text)
    session.flush()
    audit.note(
        session, verb, f"notice:{notice.id}", by=by, now=now, language=language, visible_from=visible_from.isoformat()
    )
    return notice


def remove_notice(session: Session, notice: Notice, *, by: str | None, now: datetime) -> None:
    """Remove a notice in all languages."""
    audit.note(session, "notice.remove", f"notice:{notice.id}", by=by, now=now)
    session.delete(notice)
    session.flush()


def change_site(
    session: Session, *, names: Mapping[str, str], taglines: Mapping[str, str], contact_email: str,
    contact_address: Mapping[str, str], by: str | None, now: datetime,
) -> SiteSettings:  # fmt: skip
    """Change the prize's name, tagline and contact; raises Refusal when no language has a name."""
    if not any(names.values()):
        raise Refusal(sentence("Write the name of the prize in at least one language."))
    site = session.get(SiteSettings, 1)
    if site is None:
        site = SiteSettings(id=1)
        session.add(site)
    site.names = {tag: name for tag, name in names.items() if name}
    site.taglines = {tag: line for tag, line in taglines.items() if line}
    site.contact_email = contact_email
    site.contact_address = {tag: address for tag, address in contact_address.items() if address}
    audit.note(session, "site.change", "site:1", by=by, now=now)
    session.flush()
    return site


def change_logo(
    session: Session, site: SiteSettings, staged: StagedFile | None, *, by: str | None, now: datetime
) -> None:
    """Show another logo, or with None the prize's own mark."""
    if staged is not None:
        files.keep(session, staged, now=now)
    site.logo_sha256 = staged.sha256 if staged else None
    site.logo_type = staged.content_type if staged else None
    audit.note(session, "site.logo", "site:1", by=by, now=now, sha256=site.logo_sha256)
    session.flush()
