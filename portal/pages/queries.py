"""Reads of pages, notices and the site's settings, and what home page and sitemap need of other rooms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, defer, selectinload

from portal.editions.models import Edition
from portal.i18n import choose
from portal.library.models import Case
from portal.library.queries import stands_in_library
from portal.pages.models import Notice, NoticeText, PageText, SiteSettings

RANKS = ("gold", "silver", "bronze", "corporate", "institution", "leadership", "special-mention", "winner")


class Told(Protocol):
    """Something written in one language."""

    language: str
    title: str


Text = TypeVar("Text", bound=Told)


def choose_text(texts: Sequence[Text], tag: str, original: str | None = None) -> Text | None:
    """Choose among the texts of one thing as ``portal.i18n.choose`` does among words."""
    chosen = choose({text.language: text.title for text in texts}, tag, original)
    return next((text for text in texts if text.language == chosen.language), None)


def list_moments(session: Session) -> list[datetime]:
    """Return the moments at which notices appear."""
    return list(session.scalars(select(Notice.visible_from)))


def get_site(session: Session) -> SiteSettings | None:
    """Return the site's settings in all languages."""
    return session.get(SiteSettings, 1)


def list_page_texts(session: Session, slug: str) -> list[PageText]:
    """Return an information page in all its languages."""
    return list(session.scalars(select(PageText).where(PageText.slug == slug).order_by(PageText.language)))


def list_all_page_texts(session: Session) -> list[PageText]:
    """Return every information page in every language, their long texts left out."""
    query = select(PageText).options(defer(PageText.markdown), defer(PageText.html))
    return list(session.scalars(query.order_by(PageText.slug, PageText.language)))


def list_notices(session: Session, *, now: datetime, limit: int | None = None, offset: int = 0) -> list[Notice]:
    """Return the notices that have appeared, newest first."""
    query = select(Notice).where(Notice.visible_from <= now).options(selectinload(Notice.texts))
    return list(session.scalars(query.order_by(Notice.visible_from.desc(), Notice.id).limit(limit).offset(offset)))


def count_notices(session: Session, *, now: datetime) -> int:
    """Count the notices that have appeared."""
    return session.scalar(select(func.count()).select_from(Notice).where(Notice.visible_from <= now)) or 0


def get_notice(session: Session, notice_id: str, *, now: datetime | None = None) -> Notice | None:
    """Return a notice; with ``now`` only one that has appeared."""
    query = select(Notice).where(Notice.id == notice_id).options(selectinload(Notice.texts))
    if now is not None:
        query = query.where(Notice.visible_from <= now)
    return session.scalars(query).one_or_none()


def list_all_notices(session: Session) -> list[Notice]:
    """Return all notices for staff, newest first."""
    query = select(Notice).options(selectinload(Notice.texts).defer(NoticeText.html, raiseload=False))
    return list(session.scalars(query.order_by(Notice.visible_from.desc(), Notice.id)))


def list_newest_winners(session: Session, *, now: datetime, limit: int) -> list[Case]:
    """Return real winners of the newest edition that has visible ones, best rank first."""
    seen = (Case.kind == "prize-entry", Case.rank.in_(RANKS), stands_in_library(now))
    newest = select(func.max(Case.year)).where(*seen).scalar_subquery()
    order = case({rank: place for place, rank in enumerate(RANKS)}, value=Case.rank, else_=len(RANKS))
    query = select(Case).where(*seen, Case.year == newest).order_by(order, Case.category, Case.id)
    return list(session.scalars(query.limit(limit).options(selectinload(Case.texts))))


def count_cases(session: Session, *, now: datetime) -> tuple[int, int]:
    """Count the real visible cases and the countries they come from."""
    query = select(func.count(), func.count(Case.country.distinct())).where(stands_in_library(now))
    cases, countries = session.execute(query).one()
    return cases, countries


def get_next_edition(session: Session, *, now: datetime) -> Edition | None:
    """Return the published real edition whose call opens next."""
    query = select(Edition).where(Edition.is_published, ~Edition.simulated, Edition.call_opens_at > now)
    return session.scalars(query.order_by(Edition.call_opens_at).limit(1)).first()


def list_library_ids(session: Session, *, now: datetime) -> dict[str, datetime]:
    """Return the id of every case of the default library, newest year first, with its last change the public saw."""
    columns = (Case.id, Case.changed_at, Case.visible_from)
    rows = session.execute(select(*columns).where(stands_in_library(now)).order_by(Case.year.desc(), Case.id))
    return {row.id: max(row.changed_at, row.visible_from) for row in rows}
