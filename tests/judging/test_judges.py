"""Inviting judges and what becomes of the invitation."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from judging.actions.judges import accept_invitation, decline_invitation, invite_judge, remove_judge
from judging.actions.scorecards import save_scorecard, send_scorecard
from judging.models import Assignment, Judge
from judging.queries.judges import get_invitation, judgeship_facts
from portal import audit
from portal.accounts.models import User
from portal.db import Database
from portal.editions.models import Criterion, Edition
from portal.errors import Refusal
from portal.mail import MailMessage
from tests.factories import NOW, make_assignment, make_edition, make_entry, make_judge, make_organisation, make_user


def invite(session: Session, edition: Edition, email: str = "Rosa@Example.org", **values: object) -> tuple[Judge, str]:
    return invite_judge(session, edition=edition, email=email, name=" Rosa ", country="DE", by=None, now=NOW, **values)  # type: ignore[arg-type]


def test_invite_judge_stores_only_the_hash_of_the_code(session: Session) -> None:
    judge, code = invite(session, make_edition(session), language="ko", languages=["ko", "en"])

    assert (judge.name, judge.email, judge.state) == ("Rosa", "rosa@example.org", "invited")
    assert judge.invitation_hash == hashlib.sha256(code.encode()).hexdigest()
    assert code not in repr(vars(judge))
    assert len(code) >= 32


def test_invite_judge_writes_a_mail_in_the_judges_language(database: Database, do_jobs, outbox) -> None:
    with database.transaction() as session:
        _, code = invite(session, make_edition(session, names={"en": "Prize 2026", "ko": "상 2026"}), language="ko")
    do_jobs()

    with database.open() as session:
        letter = session.scalars(select(MailMessage)).one()
    assert (letter.recipient, letter.language) == ("rosa@example.org", "ko")
    assert f"http://portal.test/ko/judging/invitations/{code}" in letter.body
    assert "상 2026" in letter.subject
    assert "2026년 5월 22일" in letter.body  # until when the link works
    assert "<" not in letter.body


def test_invite_judge_again_makes_the_older_link_useless(session: Session) -> None:
    edition = make_edition(session)
    first, old = invite(session, edition)
    second, new = invite(session, edition, "rosa@example.org ")

    assert first.id == second.id
    assert get_invitation(session, old) is None
    assert get_invitation(session, new) is second


@pytest.mark.parametrize(("values", "field"), [({"email": "no address"}, "email"), ({"name": "  "}, "name")])
def test_invite_judge_refuses_what_cannot_be_invited(session: Session, values: dict[str, str], field: str) -> None:
    values = {"email": "rosa@example.org", "name": "Rosa", **values}
    with pytest.raises(Refusal) as refused:
        invite_judge(session, edition=make_edition(session), country="DE", by=None, now=NOW, **values)  # type: ignore[arg-type]
    assert refused.value.field == field


def judgeships(session: Session, user: User) -> dict[str, str]:
    """Return edition id → judge id as the door finds it."""
    rows = session.execute(judgeship_facts(), {"key": user.fs_uniquifier})
    return {row[1]: row[2] for row in rows}


def test_accept_invitation_makes_a_judge_once(session: Session) -> None:
    edition, user, other = make_edition(session), make_user(session), make_user(session, "Bo")
    judge, code = invite(session, edition)
    assert judgeships(session, user) == {}

    accept_invitation(session, judge, user_id=user.id, now=NOW)

    assert judgeships(session, user) == {edition.id: judge.id}
    assert judge.answered_at == NOW
    with pytest.raises(Refusal, match="answered already"):
        accept_invitation(session, judge, user_id=other.id, now=NOW)
    with pytest.raises(Refusal, match="answered already"):
        decline_invitation(session, judge, now=NOW)
    with pytest.raises(Refusal, match="judge of this edition already"):
        invite(session, edition)
    assert get_invitation(session, code) is judge


def test_accept_invitation_refuses_a_second_seat_for_one_account(session: Session) -> None:
    edition, user = make_edition(session), make_user(session)
    make_judge(session, edition, user)
    judge, _ = invite(session, edition)
    with pytest.raises(Refusal, match="account judges this edition"):
        accept_invitation(session, judge, user_id=user.id, now=NOW)


def test_decline_invitation_ends_it_until_the_next_one(session: Session) -> None:
    edition, user = make_edition(session), make_user(session)
    judge, _ = invite(session, edition)
    decline_invitation(session, judge, now=NOW)

    assert judge.state == "declined"
    with pytest.raises(Refusal, match="answered already"):
        accept_invitation(session, judge, user_id=user.id, now=NOW)
    invite(session, edition)
    accept_invitation(session, judge, user_id=user.id, now=NOW)
    assert judge.state == "accepted"


def test_an_invitation_ends_after_three_weeks_or_with_judging(session: Session) -> None:
    edition, user = make_edition(session), make_user(session)
    edition.rounds[0].closes_at = None
    judge, _ = invite(session, edition)
    second = timedelta(seconds=1)
    for act in (decline_invitation, lambda *one, now: accept_invitation(*one, user_id=user.id, now=now)):
        with pytest.raises(Refusal, match="has run out"):
            act(session, judge, now=NOW + timedelta(days=21) + second)
    edition.rounds[0].closes_at = ends = NOW + timedelta(days=5)
    with pytest.raises(Refusal, match="has run out"):
        accept_invitation(session, judge, user_id=user.id, now=ends + second)
    accept_invitation(session, judge, user_id=user.id, now=ends)


def test_nobody_is_invited_after_judging(session: Session) -> None:
    edition = make_edition(session)
    edition.rounds[0].closes_at = NOW
    with pytest.raises(Refusal, match="has ended"):
        invite(session, edition)


def test_who_sees_all_scores_does_not_judge(session: Session) -> None:
    judge, _ = invite(session, make_edition(session))
    with pytest.raises(Refusal, match="belongs to the secretariat"):
        accept_invitation(session, judge, user_id=make_user(session, roles=("secretariat",)).id, now=NOW)
    assert judge.state == "invited"


def test_remove_judge_ends_access_and_keeps_sent_sheets(session: Session) -> None:
    edition, user, city = make_edition(session), make_user(session), make_user(session, "City")
    edition.rounds[0].opened_at = NOW
    organisation = make_organisation(session, city)
    judge = make_judge(session, edition, user)
    entries = [make_entry(session, edition, organisation, city, state="eligible") for _ in range(2)]
    sent, unsent = (make_assignment(session, judge, entry, place) for place, entry in enumerate(entries))
    criteria = session.scalars(select(Criterion)).all()
    save_scorecard(session, sent, {c.id: (Decimal(7), "good") for c in criteria}, by=user.id, now=NOW)
    send_scorecard(session, sent, by=user.id, now=NOW)

    with pytest.raises(Refusal, match="reason"):
        remove_judge(session, judge, reason=" ", by=None, now=NOW)
    later = NOW + timedelta(hours=1)
    assert remove_judge(session, judge, reason="Has moved to an applicant.", by=None, now=later) == 1

    assert judgeships(session, user) == {}
    assert session.get_one(Assignment, sent.id).recused_at is None
    assert session.get_one(Assignment, unsent.id).recused_at == later
    with pytest.raises(Refusal, match="removed already"):
        remove_judge(session, judge, reason="Again.", by=None, now=NOW)


def test_every_step_is_recorded_without_names(database: Database) -> None:
    with database.transaction() as session:
        user = make_user(session)
        judge, _ = invite(session, make_edition(session))
        accept_invitation(session, judge, user_id=user.id, now=NOW)
        remove_judge(session, judge, reason="Secret reason", by=user.id, now=NOW)

    with database.open() as session:
        events = session.scalars(select(audit.AuditEvent).order_by(audit.AuditEvent.sequence)).all()
        assert [event.action for event in events] == ["judge.invite", "judge.accept", "judge.remove"]
        assert {event.subject for event in events} == {f"judge:{judge.id}"}
        for event in events:
            assert not any(word in str(event.facts) for word in ("Rosa", "rosa@", "Secret reason"))
        assert audit.verify(session) == (3, [])
