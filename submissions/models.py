"""Tables of entries: what a city writes, what it handed in, what it attached, how screening ended."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Organisation
from portal.db import Base, new_id
from portal.definitions.models import FormDefinition
from portal.editions.models import Category, Edition
from portal.files import StoredFile


class Entry(Base):
    """An entry of one organisation in one category; ``state`` is one of ``submissions.rules.EntryState``."""

    __tablename__ = "entry"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    edition_id: Mapped[str] = mapped_column(ForeignKey("edition.id"), index=True)
    category_id: Mapped[str] = mapped_column(ForeignKey("category.id"), index=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    form_id: Mapped[str] = mapped_column(ForeignKey("form_definition.id"))
    created_by: Mapped[str] = mapped_column(ForeignKey("user_account.id"))
    applicant_type: Mapped[str]
    language: Mapped[str]
    title: Mapped[str] = mapped_column(default="")
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)  # raw, even invalid, as typed
    revision: Mapped[int] = mapped_column(default=0)  # counts saves, so that two tabs notice each other
    changed_in: Mapped[dict[str, Any]] = mapped_column(default=dict)  # question → revision that last changed it
    state: Mapped[str] = mapped_column(default="draft", index=True)
    created_at: Mapped[datetime]
    saved_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    receipt_code: Mapped[str | None] = mapped_column(unique=True)
    edition: Mapped[Edition] = relationship()
    category: Mapped[Category] = relationship()
    organisation: Mapped[Organisation] = relationship()
    form: Mapped[FormDefinition] = relationship()
    attachments: Mapped[list[Attachment]] = relationship(
        order_by="(Attachment.added_at, Attachment.id)", back_populates="entry"
    )

    @property
    def was_submitted(self) -> bool:
        """Whether the entry was handed in at least once; else it is a draft, or one that was discarded."""
        return self.receipt_code is not None


class Submission(Base):
    """What was handed in, word for word, each time an entry was submitted."""

    __tablename__ = "submission"
    __table_args__ = (UniqueConstraint("entry_id", "number"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    entry_id: Mapped[str] = mapped_column(ForeignKey("entry.id"), index=True)
    number: Mapped[int]
    answers: Mapped[dict[str, Any]]
    attachments: Mapped[list[Any]]  # [{"id", "field", "name", "sha256", "size", "content_type", "credit", "alt_text"}]
    checksum: Mapped[str]
    submitted_at: Mapped[datetime]
    submitted_by: Mapped[str] = mapped_column(ForeignKey("user_account.id"))


class Attachment(Base):
    """A file that belongs to a question of an entry."""

    __tablename__ = "attachment"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    entry_id: Mapped[str] = mapped_column(ForeignKey("entry.id"), index=True)
    file_id: Mapped[str] = mapped_column(ForeignKey("stored_file.id"))
    field: Mapped[str]
    name: Mapped[str]
    credit: Mapped[str] = mapped_column(default="")
    alt_text: Mapped[str] = mapped_column(default="")
    added_at: Mapped[datetime]
    entry: Mapped[Entry] = relationship(back_populates="attachments")
    file: Mapped[StoredFile] = relationship(lazy="joined")


class Screening(Base):
    """One outcome of screening: eligible, sent-back or ineligible, the latter two with a reason for the city."""

    __tablename__ = "screening"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    entry_id: Mapped[str] = mapped_column(ForeignKey("entry.id"), index=True)
    outcome: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    reply_until: Mapped[datetime | None]
    decided_at: Mapped[datetime]
    decided_by: Mapped[str] = mapped_column(ForeignKey("user_account.id"))
