"""Reads of judges and invitations."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from sqlalchemy import Select, String, bindparam, select
from sqlalchemy.orm import Session, joinedload

from judging.models import Judge
from judging.rules import JudgeState, invitation_ends_at
from portal.accounts.models import User
from portal.accounts.queries import fact
from portal.editions.models import Edition


def judgeship_facts() -> Select[Any]:
    """Return edition and judge id of the editions a person has agreed to judge, as a statement that takes ``key``."""
    query = fact("judgeship", Judge.edition_id, Judge.id).join(User, User.id == Judge.user_id)
    return query.where(User.fs_uniquifier == bindparam("key", type_=String), Judge.state == JudgeState.ACCEPTED)


def hash_code(code: str) -> str:
    """Return what is stored of an invitation's code: its SHA-256."""
    return hashlib.sha256(code.encode()).hexdigest()


def get_invitation(session: Session, code: str) -> Judge | None:
    """Return the judge whose mail carries a code, whatever became of the invitation, with the edition."""
    query = select(Judge).where(Judge.invitation_hash == hash_code(code)).options(joinedload(Judge.edition))
    return session.scalars(query).one_or_none()


def get_invitation_end(invited_at: datetime, edition: Edition) -> datetime:
    """Return until when an invitation to an edition can be answered: see ``rules.invitation_ends_at``."""
    return invitation_ends_at(invited_at, [one.closes_at or one.closed_at for one in edition.rounds])


def get_judge(session: Session, judge_id: str) -> Judge | None:
    """Return a judge with the edition."""
    return session.scalars(select(Judge).where(Judge.id == judge_id).options(joinedload(Judge.edition))).one_or_none()


def get_judge_by_email(session: Session, edition_id: str, email: str) -> Judge | None:
    """Return the judge of an edition who was invited under an e-mail address."""
    return session.scalars(select(Judge).where(Judge.edition_id == edition_id, Judge.email == email)).one_or_none()
