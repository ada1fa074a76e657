"""Tables of an edition: timeline, categories, rule set, criteria, rounds, prizes, claims."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import Base, PublicContent, new_id


class Edition(PublicContent, Base):
    """One year of the prize."""

    __tablename__ = "edition"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(unique=True)
    year: Mapped[int]
    names: Mapped[dict[str, str]]
    themes: Mapped[dict[str, str]] = mapped_column(default=dict)
    notes: Mapped[dict[str, str]] = mapped_column(default=dict)
    time_zone: Mapped[str] = mapped_column(default="Asia/Seoul")
    call_opens_at: Mapped[datetime | None]
    call_closes_at: Mapped[datetime | None]
    screening_ends_at: Mapped[datetime | None]
    ceremony_at: Mapped[datetime | None]
    ceremony_place: Mapped[dict[str, str]] = mapped_column(default=dict)
    timeline: Mapped[list[Any]] = mapped_column(default=list)  # dated steps as sources tell them, for past editions
    results_at: Mapped[datetime | None]  # as announced; the publication moment itself stands in the frozen copies
    is_published: Mapped[bool] = mapped_column(default=False)  # whether the public may see the edition at all
    is_blind: Mapped[bool] = mapped_column(default=False)  # judges do not see city and organisation
    simulated: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    categories: Mapped[list[Category]] = relationship(order_by="Category.position", back_populates="edition")
    prizes: Mapped[list[Prize]] = relationship(order_by="Prize.position")
    rounds: Mapped[list[Round]] = relationship(order_by="Round.number")
    rule_sets: Mapped[list[RuleSet]] = relationship(order_by="RuleSet.version")
    claims: Mapped[list[Claim]] = relationship(order_by="Claim.position")


class Category(PublicContent, Base):
    """A category of an edition: people-centric, tech-innovation, leadership."""

    __tablename__ = "category"
    __table_args__ = (UniqueConstraint("edition_id", "key"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    edition_id: Mapped[str] = mapped_column(ForeignKey("edition.id"), index=True)
    key: Mapped[str]
    position: Mapped[int]
    official_name: Mapped[str] = mapped_column(default="")  # the prize's own label, such as Human-CentriCity
    names: Mapped[dict[str, str]]
    mottos: Mapped[dict[str, str]] = mapped_column(default=dict)
    descriptions: Mapped[dict[str, str]] = mapped_column(default=dict)
    applicant_types: Mapped[list[str]]
    edition: Mapped[Edition] = relationship(back_populates="categories")


class Prize(PublicContent, Base):
    """A prize with its quota, which may stay unfilled; ``category_key`` is None for special mentions."""

    __tablename__ = "prize"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    edition_id: Mapped[str] = mapped_column(ForeignKey("edition.id"), index=True)
    category_key: Mapped[str | None]
    rank: Mapped[str]
    position: Mapped[int]
    quota: Mapped[int]
    applicant_type: Mapped[str | None]  # only entries of this type may win it; None: any
    names: Mapped[dict[str, str]]


class RuleSet(PublicContent, Base):
    """A version of an edition's rules of judging; frozen when judging opens."""

    __tablename__ = "rule_set"
    __table_args__ = (UniqueConstraint("edition_id", "version"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    edition_id: Mapped[str] = mapped_column(ForeignKey("edition.id"), index=True)
    version: Mapped[int]
    aggregation: Mapped[str] = mapped_column(default="mean")  # mean, median, trimmed-mean
    scale_min: Mapped[int] = mapped_column(default=0)
    scale_max: Mapped[int] = mapped_column(default=10)
    frozen_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    criteria: Mapped[list[Criterion]] = relationship(order_by="Criterion.position")


class Criterion(PublicContent, Base):
    """A weighted criterion of a rule set, for one category or (``category_key`` None) for all."""

    __tablename__ = "criterion"
    __table_args__ = (UniqueConstraint("rule_set_id", "category_key", "key"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    rule_set_id: Mapped[str] = mapped_column(ForeignKey("rule_set.id"), index=True)
    category_key: Mapped[str | None]
    key: Mapped[str]
    position: Mapped[int]
    weight: Mapped[int]
    labels: Mapped[dict[str, str]]
    guidance: Mapped[dict[str, str]]
    anchors: Mapped[dict[str, Any]] = mapped_column(default=dict)  # {"0": {"en": …}, "5": …, "10": …}


class Round(PublicContent, Base):
    """A round of judging; the first takes all eligible entries, the next ones the finalists of the one before."""

    __tablename__ = "round"
    __table_args__ = (UniqueConstraint("edition_id", "number"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    edition_id: Mapped[str] = mapped_column(ForeignKey("edition.id"), index=True)
    number: Mapped[int]
    opens_at: Mapped[datetime | None]  # as planned in the timeline
    closes_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]  # when the secretariat opened and closed it
    closed_at: Mapped[datetime | None]
    reviews_per_entry: Mapped[int] = mapped_column(default=3)
    finalists: Mapped[int | None]  # how many go on; None for the last round


class Claim(PublicContent, Base):
    """A figure about an edition as somebody published it: kept with source and date, contradictions side by side."""

    __tablename__ = "claim"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    edition_id: Mapped[str] = mapped_column(ForeignKey("edition.id"), index=True)
    position: Mapped[int]
    key: Mapped[str]
    value: Mapped[str]
    texts: Mapped[dict[str, str]]
    source_title: Mapped[str]
    source_url: Mapped[str | None]
    claimed_on: Mapped[date | None]
