"""Tables of judging: judges, conflicts, assignments, score sheets, decisions, publication."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import User
from portal.db import Base, new_id
from portal.editions.models import Criterion, Edition, Prize, Round
from submissions.models import Entry


class Judge(Base):
    """An expert of one edition: invited, then accepted or declined."""

    __tablename__ = "judge"
    __table_args__ = (UniqueConstraint("edition_id", "email"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    edition_id: Mapped[str] = mapped_column(ForeignKey("edition.id"), index=True)
    user_id: Mapped[str | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    email: Mapped[str]
    name: Mapped[str]
    country: Mapped[str | None]
    affiliation: Mapped[str] = mapped_column(default="")
    languages: Mapped[list[str]] = mapped_column(default=list)
    expertise: Mapped[list[str]] = mapped_column(default=list)
    state: Mapped[str] = mapped_column(default="invited")  # invited, accepted, declined, removed
    invitation_hash: Mapped[str | None] = mapped_column(unique=True)  # SHA-256 of the code in the mail
    invited_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    conflicts_declared_at: Mapped[datetime | None]
    edition: Mapped[Edition] = relationship()
    user: Mapped[User | None] = relationship()


class Conflict(Base):
    """A reason why a judge must not score an entry."""

    __tablename__ = "conflict"
    __table_args__ = (UniqueConstraint("judge_id", "entry_id"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    judge_id: Mapped[str] = mapped_column(ForeignKey("judge.id"), index=True)
    entry_id: Mapped[str] = mapped_column(ForeignKey("entry.id"), index=True)
    kind: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    declared_at: Mapped[datetime]
    declared_by: Mapped[str | None] = mapped_column(ForeignKey("user_account.id"))  # None: detected


class RoundEntry(Base):
    """An entry that stands in a round."""

    __tablename__ = "round_entry"

    round_id: Mapped[str] = mapped_column(ForeignKey("round.id"), primary_key=True)
    entry_id: Mapped[str] = mapped_column(ForeignKey("entry.id"), primary_key=True)
    added_at: Mapped[datetime]


class Assignment(Base):
    """An entry that a judge is to score in a round; ``position`` is the judge's own reading order."""

    __tablename__ = "assignment"
    __table_args__ = (UniqueConstraint("round_id", "judge_id", "entry_id"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    round_id: Mapped[str] = mapped_column(ForeignKey("round.id"), index=True)
    judge_id: Mapped[str] = mapped_column(ForeignKey("judge.id"), index=True)
    entry_id: Mapped[str] = mapped_column(ForeignKey("entry.id"), index=True)
    position: Mapped[int]
    assigned_at: Mapped[datetime]
    recused_at: Mapped[datetime | None]
    judge: Mapped[Judge] = relationship()
    entry: Mapped[Entry] = relationship()
    round: Mapped[Round] = relationship()


class Scorecard(Base):
    """A judge's score sheet for one assignment: a draft until it is sent."""

    __tablename__ = "scorecard"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    assignment_id: Mapped[str] = mapped_column(ForeignKey("assignment.id"), unique=True)
    revision: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(default="")  # the judge's own, never shown to others
    saved_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    weighted_sum: Mapped[
        int | None
    ]  # set when sent: hundredths of points × weights, so that standings add whole numbers
    assignment: Mapped[Assignment] = relationship()
    scores: Mapped[list[Score]] = relationship(back_populates="scorecard")


class Score(Base):
    """The mark and comment for one criterion."""

    __tablename__ = "score"

    scorecard_id: Mapped[str] = mapped_column(ForeignKey("scorecard.id"), primary_key=True)
    criterion_id: Mapped[str] = mapped_column(ForeignKey("criterion.id"), primary_key=True)
    value: Mapped[Decimal | None] = mapped_column(Numeric(6, 2))
    comment: Mapped[str] = mapped_column(default="")
    scorecard: Mapped[Scorecard] = relationship(back_populates="scores")
    criterion: Mapped[Criterion] = relationship()


class Decision(Base):
    """A prize given to an entry, with its reason; nothing outside sees it before publication."""

    __tablename__ = "decision"
    __table_args__ = (UniqueConstraint("prize_id", "entry_id"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    edition_id: Mapped[str] = mapped_column(ForeignKey("edition.id"), index=True)
    prize_id: Mapped[str] = mapped_column(ForeignKey("prize.id"))
    entry_id: Mapped[str] = mapped_column(ForeignKey("entry.id"), index=True)
    place: Mapped[int | None]
    reason: Mapped[str]
    decided_at: Mapped[datetime]
    decided_by: Mapped[str] = mapped_column(ForeignKey("user_account.id"))
    prize: Mapped[Prize] = relationship()
    entry: Mapped[Entry] = relationship()


class WinnerText(Base):
    """A winner's words in a further language, written by the secretariat for the publication; ``city`` may be empty."""

    __tablename__ = "winner_text"

    entry_id: Mapped[str] = mapped_column(ForeignKey("entry.id"), primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    summary: Mapped[str]
    city: Mapped[str] = mapped_column(default="", server_default="")
    written_at: Mapped[datetime]


class Publication(Base):
    """The approval of an edition's decisions and the moment from which the results are visible."""

    __tablename__ = "publication"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    edition_id: Mapped[str] = mapped_column(ForeignKey("edition.id"), unique=True)
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[str | None] = mapped_column(ForeignKey("user_account.id"))
    approval_reason: Mapped[str] = mapped_column(default="")
    visible_from: Mapped[datetime | None]
    scheduled_at: Mapped[datetime | None]
    scheduled_by: Mapped[str | None] = mapped_column(ForeignKey("user_account.id"))
