"""Tables of what staff writes for the public: information pages, notices, and the site's own settings."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import Base, PublicContent, new_id


class SiteSettings(PublicContent, Base):
    """The prize's name, tagline, contact and logo: one row."""

    __tablename__ = "site_settings"

    id: Mapped[int] = mapped_column(primary_key=True)
    names: Mapped[dict[str, str]]
    taglines: Mapped[dict[str, str]]
    contact_email: Mapped[str]
    contact_address: Mapped[dict[str, str]] = mapped_column(default=dict)
    logo_sha256: Mapped[str | None]
    logo_type: Mapped[str | None]


class PageText(PublicContent, Base):
    """An information page in one language: Markdown as written, HTML as shown."""

    __tablename__ = "page_text"

    slug: Mapped[str] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    markdown: Mapped[str]
    html: Mapped[str]
    changed_at: Mapped[datetime]


class Notice(PublicContent, Base):
    """A dated message to the public."""

    __tablename__ = "notice"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    visible_from: Mapped[datetime] = mapped_column(index=True)
    source_url: Mapped[str | None]
    created_at: Mapped[datetime]
    texts: Mapped[list[NoticeText]] = relationship(cascade="all, delete-orphan")


class NoticeText(PublicContent, Base):
    """A notice in one language."""

    __tablename__ = "notice_text"

    notice_id: Mapped[str] = mapped_column(ForeignKey("notice.id"), primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    markdown: Mapped[str]
    html: Mapped[str]
