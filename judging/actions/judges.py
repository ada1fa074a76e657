"""Judges come and go: inviting, accepting, declining, removing."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from judging.models import Assignment, Judge, Scorecard
from judging.queries.judges import get_invitation_end, get_judge_by_email, hash_code
from judging.rules import JudgeState
from portal import audit, mail
from portal.accounts.models import User
from portal.db import new_id
from portal.editions.models import Edition
from portal.errors import Refusal
from portal.i18n import sentence, written_moment

#: The template of the mail that carries the link.
INVITATION = "judge_invitation"


def invite_judge(
    session: Session,
    *,
    edition: Edition,
    email: str,
    name: str,
    country: str | None,
    affiliation: str = "",
    languages: Iterable[str] = (),
    expertise: Iterable[str] = (),
    language: str = "en",
    by: str | None,
    now: datetime,
) -> tuple[Judge, str]:
    """Invite an expert and return the judge with the code of the link in the mail; only its hash is stored.

    Who was invited, declined or was removed before is invited anew, and the older link stops working. Raises Refusal
    when the person judges this edition already, the name or address is missing, or judging has ended.
    """
    email, name = email.strip().lower(), name.strip()
    if not name:
        raise Refusal(sentence("Please give the name of the judge."), field="name")
    if "@" not in email:
        raise Refusal(sentence("Please give the e-mail address of the judge."), field="email")
    ends_at = get_invitation_end(now, edition)
    if ends_at <= now:
        raise Refusal(sentence("Judging of this edition has ended, so nobody can be invited any more."))
    judge = get_judge_by_email(session, edition.id, email)
    if judge is not None and judge.state == JudgeState.ACCEPTED:
        raise Refusal(sentence("This person is a judge of this edition already."), field="email")
    code = secrets.token_urlsafe(24)
    if judge is None:
        judge = Judge(id=new_id(), edition_id=edition.id, email=email)
        session.add(judge)
    judge.name, judge.country, judge.affiliation = name, country or None, affiliation.strip()
    judge.languages, judge.expertise = list(languages), list(expertise)
    judge.state, judge.invitation_hash = JudgeState.INVITED, hash_code(code)
    judge.invited_at, judge.answered_at, judge.user_id = now, None, None
    session.flush()
    mail.queue(
        session, INVITATION, to=email, language=language, now=now,
        name=name, editions=dict(edition.names), code=code,
        until=written_moment(ends_at, edition.time_zone, language),
    )  # fmt: skip
    audit.note(session, "judge.invite", f"judge:{judge.id}", by=by, now=now, edition=edition.id)
    return judge, code


def accept_invitation(session: Session, judge: Judge, *, user_id: str, now: datetime) -> None:
    """Take an invitation up with an account; the link cannot be used again.

    Raises Refusal when it was answered before or has run out, or the account belongs to the secretariat or judges this
    edition under another invitation.
    """
    _check_open(session, judge, now)
    user = session.get_one(User, user_id)
    if user.is_staff:
        raise Refusal(
            sentence("This account belongs to the secretariat, which sees all scores. Please use another account.")
        )
    taken = select(Judge.id).where(
        Judge.edition_id == judge.edition_id, Judge.user_id == user_id, Judge.state == JudgeState.ACCEPTED
    )
    if session.scalar(taken.limit(1)):
        raise Refusal(sentence("This account judges this edition already."))
    judge.state, judge.user_id, judge.answered_at = JudgeState.ACCEPTED, user_id, now
    session.flush()
    audit.note(
        session, "judge.accept", f"judge:{judge.id}", by=user_id, now=now, edition=judge.edition_id,
        as_invited=user.email == judge.email,
    )  # fmt: skip


def decline_invitation(session: Session, judge: Judge, *, by: str | None = None, now: datetime) -> None:
    """Turn an invitation down; the link cannot be used again. Raises Refusal when it was answered or has run out."""
    _check_open(session, judge, now)
    judge.state, judge.answered_at = JudgeState.DECLINED, now
    session.flush()
    audit.note(session, "judge.decline", f"judge:{judge.id}", by=by, now=now, edition=judge.edition_id)


def remove_judge(session: Session, judge: Judge, *, reason: str, by: str | None, now: datetime) -> int:
    """End a judge's part in an edition at once and return how many unsent assignments were taken back.

    Score sheets that were sent stay. Raises Refusal without a reason, or when the judge was removed before.
    """
    session.refresh(judge, with_for_update={"of": Judge})
    if judge.state == JudgeState.REMOVED:
        raise Refusal(sentence("This judge was removed already."))
    if not reason.strip():
        raise Refusal(sentence("Please give the reason."), field="reason")
    judge.state = JudgeState.REMOVED
    sent = select(Scorecard.assignment_id).where(Scorecard.sent_at.is_not(None))
    unsent = select(Assignment).where(
        Assignment.judge_id == judge.id, Assignment.recused_at.is_(None), Assignment.id.not_in(sent)
    )
    taken_back = session.scalars(unsent).all()
    for assignment in taken_back:
        assignment.recused_at = now
    session.flush()
    audit.note(
        session, "judge.remove", f"judge:{judge.id}", by=by, now=now, text=reason.strip(),
        edition=judge.edition_id, taken_back=len(taken_back),
    )  # fmt: skip
    return len(taken_back)


def delete_unanswered_judge(session: Session, judge: Judge, *, now: datetime) -> None:
    """Delete what is kept of a person who was invited and never answered, with the mails to them."""
    if judge.state != JudgeState.INVITED:
        raise ValueError("Only an invitation without an answer is deleted.")
    judge_id, edition_id = judge.id, judge.edition_id
    letters = delete(mail.MailMessage).where(
        mail.MailMessage.recipient == judge.email, mail.MailMessage.template == INVITATION
    )
    session.execute(letters)
    session.delete(judge)
    session.flush()
    audit.note(session, "judge.delete", f"judge:{judge_id}", by=None, now=now, edition=edition_id)


def _check_open(session: Session, judge: Judge, now: datetime) -> None:
    session.refresh(judge, with_for_update={"of": Judge})
    if judge.state != JudgeState.INVITED:
        raise Refusal(sentence("This invitation was answered already."))
    if now > get_invitation_end(judge.invited_at, judge.edition):
        raise Refusal(sentence("This invitation has run out. Please ask the secretariat for a new one."))
