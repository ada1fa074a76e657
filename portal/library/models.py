"""Tables the public reads: frozen copies of winners, and cases, visible from a moment on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import Base, PublicContent, new_id


class Case(PublicContent, Base):
    """A published programme; nobody outside sees it before ``visible_from`` or after ``withdrawn_at``."""

    __tablename__ = "case_record"
    __table_args__ = (Index("ix_case_record_visible", "simulated", "visible_from"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str]  # prize-entry, health-programme, other-award
    award: Mapped[str]
    edition_slug: Mapped[str | None] = mapped_column(index=True)
    category: Mapped[str | None]
    rank: Mapped[str | None]
    rank_text: Mapped[str] = mapped_column(default="")
    year: Mapped[int]
    organisation: Mapped[str] = mapped_column(default="")
    city: Mapped[str]
    city_names: Mapped[dict[str, str]]
    country: Mapped[str]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    themes: Mapped[list[str]]
    certainty: Mapped[str] = mapped_column(default="sure")
    certainty_notes: Mapped[dict[str, str]] = mapped_column(default=dict)
    original_language: Mapped[str] = mapped_column(default="en")
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)  # as ``details.dump`` writes it
    contact_email: Mapped[str] = mapped_column(default="")  # never shown: requests of readers are sent there
    extra: Mapped[dict[str, Any]] = mapped_column(default=dict)
    simulated: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)
    visible_from: Mapped[datetime | None]  # None: a draft of the editors
    changed_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_reasons: Mapped[dict[str, str]] = mapped_column(default=dict)
    texts: Mapped[list[CaseText]] = relationship(back_populates="case", cascade="all, delete-orphan")
    sources: Mapped[list[CaseSource]] = relationship(order_by="CaseSource.position", cascade="all, delete-orphan")
    media: Mapped[list[CaseMedium]] = relationship(order_by="CaseMedium.position", cascade="all, delete-orphan")


class CaseText(PublicContent, Base):
    """A case told in one language."""

    __tablename__ = "case_text"

    case_id: Mapped[str] = mapped_column(ForeignKey("case_record.id"), primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    summary: Mapped[str]
    problem: Mapped[str] = mapped_column(default="")
    solution: Mapped[str] = mapped_column(default="")
    outcomes: Mapped[str] = mapped_column(default="")
    lessons: Mapped[str] = mapped_column(default="")
    body: Mapped[str] = mapped_column(default="")
    case: Mapped[Case] = relationship(back_populates="texts")

    @property
    def whole(self) -> str:
        """Everything after the summary, as one text."""
        parts = (self.problem, self.solution, self.outcomes, self.lessons, self.body)
        return "\n\n".join(part for part in parts if part)


class CaseSource(PublicContent, Base):
    """Where the facts of a case were read."""

    __tablename__ = "case_source"

    case_id: Mapped[str] = mapped_column(ForeignKey("case_record.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    url: Mapped[str | None]


class CaseMedium(PublicContent, Base):
    """A picture of a case with its credit, and words for those who cannot see it."""

    __tablename__ = "case_medium"

    case_id: Mapped[str] = mapped_column(ForeignKey("case_record.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    file_id: Mapped[str] = mapped_column(ForeignKey("stored_file.id"))
    credit: Mapped[str]
    alts: Mapped[dict[str, str]]


class CaseVersion(Base):
    """What a case said in each of its versions, the newest too, as ``records.dump_version`` writes it."""

    __tablename__ = "case_version"

    case_id: Mapped[str] = mapped_column(ForeignKey("case_record.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    record: Mapped[dict[str, Any]]
    note: Mapped[str] = mapped_column(default="")  # what was changed and why, for readers
    written_at: Mapped[datetime]
    written_by: Mapped[str | None] = mapped_column(ForeignKey("user_account.id"))


class Collection(PublicContent, Base):
    """A choice of cases by the secretariat."""

    __tablename__ = "collection"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(unique=True)
    names: Mapped[dict[str, str]]
    leads: Mapped[dict[str, str]] = mapped_column(default=dict)
    position: Mapped[int] = mapped_column(default=0)
    visible_from: Mapped[datetime | None]  # None: a draft
    members: Mapped[list[CollectionMember]] = relationship(
        order_by="CollectionMember.position", cascade="all, delete-orphan"
    )


class CollectionMember(PublicContent, Base):
    """A case in a collection."""

    __tablename__ = "collection_member"

    collection_id: Mapped[str] = mapped_column(ForeignKey("collection.id"), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("case_record.id"), primary_key=True)
    position: Mapped[int]


class SavedSearch(Base):
    """A search that somebody wants to hear about: by mail, and by a feed whose address nobody can guess."""

    __tablename__ = "saved_search"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id"), index=True)
    name: Mapped[str]
    language: Mapped[str]
    asked: Mapped[str]  # the query of the page's address, in its canonical order
    by_mail: Mapped[bool] = mapped_column(default=True)
    feed_key: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    told_until: Mapped[datetime]  # cases that appeared later are news


class ContactRequest(Base):
    """A reader's question to the city of a case; nobody but the secretariat and that city reads it."""

    __tablename__ = "contact_request"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("case_record.id"), index=True)
    name: Mapped[str]
    email: Mapped[str]
    organisation: Mapped[str] = mapped_column(default="")
    message: Mapped[str]
    language: Mapped[str]
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class Result(PublicContent, Base):
    """A published prize: a frozen copy, so that no public page can reach an entry or a score."""

    __tablename__ = "result"
    __table_args__ = (Index("ix_result_edition_visible", "edition_slug", "visible_from"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    edition_slug: Mapped[str]
    year: Mapped[int]
    category: Mapped[str | None]
    rank: Mapped[str]
    prize_names: Mapped[dict[str, str]]
    position: Mapped[int]  # order of the prize in the edition
    place: Mapped[int | None]
    organisation: Mapped[str]
    city: Mapped[str]
    city_names: Mapped[dict[str, str]]
    country: Mapped[str]
    titles: Mapped[dict[str, str]]
    original_language: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    case_id: Mapped[str | None] = mapped_column(ForeignKey("case_record.id"))
    simulated: Mapped[bool] = mapped_column(default=False)
    visible_from: Mapped[datetime]


class TextVector(PublicContent, Base):
    """What a text means, as the cross-lingual model sees it: 512 numbers, kept under a hash of model and text."""

    __tablename__ = "text_vector"

    key: Mapped[str] = mapped_column(primary_key=True)
    vector: Mapped[bytes]  # little-endian 16-bit floats
