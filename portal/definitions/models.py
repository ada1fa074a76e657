"""The table of stored form definitions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, PublicContent, new_id


class FormDefinition(PublicContent, Base):
    """A version of a form: its sections and fields as checked JSON, for some categories × applicant types."""

    __tablename__ = "form_definition"
    __table_args__ = (UniqueConstraint("edition_id", "key", "version"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    edition_id: Mapped[str] = mapped_column(ForeignKey("edition.id"), index=True)
    key: Mapped[str]
    version: Mapped[int]
    category_keys: Mapped[list[str]]
    applicant_types: Mapped[list[str]]
    titles: Mapped[dict[str, str]]
    definition: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
