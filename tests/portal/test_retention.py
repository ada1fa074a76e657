"""What is deleted every night, at both edges of each period; what must stay stands beside it."""

from __future__ import annotations

import io
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from judging.actions.judges import invite_judge
from judging.models import Conflict, Judge, Publication
from portal import audit, files, jobs, mail, retention
from portal.accounts import actions as accounts
from portal.accounts.models import Membership, User
from portal.audit import AccessRecord, AuditEvent, AuditText
from portal.config import Settings
from portal.db import Database, new_id
from portal.errors import Refusal
from portal.files import FileStore, StoredFile
from portal.jobs import Job
from portal.library.models import SavedSearch
from portal.mail import MailMessage
from submissions.models import Attachment, Entry, Submission
from tests import factories
from tests.factories import keep, make_edition, make_entry, make_judge, make_organisation, make_user
from tests.house.world import PNG

NOW = datetime(2030, 2, 28, 3, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
PRIVATE = {
    "sections": [
        {
            "key": "contact", "title": {"en": "Contact"}, "intro": {}, "private": True,
            "fields": [
                {"key": "contact_name", "kind": "text", "label": {"en": "Name"}},
                {"key": "letter", "kind": "files", "label": {"en": "Letter"}, "accept": ["image"]},
                {"key": "consent", "kind": "consent", "label": {"en": "Yes"}},
            ],
        },
        *factories.FORM["sections"],
    ]
}  # fmt: skip
ANSWERS = {"title": "Health system", "contact_name": "Secret Kim", "nominee_name": "Secret Kim II", "consent": "y"}


def years(count: int) -> datetime:
    return NOW.replace(year=NOW.year - count)


def stored(session: Session, name: str, at: datetime = NOW) -> StoredFile:
    return keep(
        session, StoredFile(id=new_id(), sha256=name * 64, size=1, content_type="image/png", stored_at=at)
    )  # fmt: skip


@pytest.mark.parametrize(("age", "is_erased"), [(timedelta(0), True), (-SECOND, False)])
def test_contacts_go_two_years_after_publication(session: Session, age: timedelta, is_erased: bool) -> None:
    edition, user = make_edition(session), make_user(session)
    form = session.query(factories.FormDefinition).filter_by(edition_id=edition.id).one()
    form.definition = PRIVATE
    entry = make_entry(
        session, edition, make_organisation(session, user), user, state="eligible", answers=ANSWERS, submitted_at=NOW,
        receipt_code="2026-AAAA-AAAA",
    )  # fmt: skip
    session.add(Publication(edition_id=edition.id, visible_from=years(2) - age))
    session.add(Submission(
        entry_id=entry.id, number=1, answers=ANSWERS, checksum="0" * 64, submitted_at=NOW, submitted_by=user.id,
        attachments=[{"field": "letter", "name": "Kim.png"}, {"field": "photographs", "name": "b.png"}],
    ))  # fmt: skip
    for field, name in (("letter", "a"), ("photographs", "b")):
        session.add(Attachment(entry=entry, file=stored(session, name), field=field, name=f"{name}.png", added_at=NOW))
    session.flush()
    for _ in range(2):  # a second night finds nothing more to do
        retention.erase_contacts(session, NOW)
    session.expire_all()
    submission = session.scalars(select(Submission)).one()
    for held in (entry, submission):
        assert ("Secret Kim" in str(held.answers)) is not is_erased
        assert (held.answers["title"], held.answers["consent"]) == ("Health system", "y")
    assert sorted(one.field for one in entry.attachments) == (
        ["photographs"] if is_erased else ["letter", "photographs"]
    )
    assert ("Kim.png" in str(submission.attachments)) is not is_erased
    noted = [note.action for note in session.info.get("notes", [])]
    assert noted == (["entry.erase-contacts"] if is_erased else [])


def test_contacts_stay_while_nothing_is_published(session: Session) -> None:
    edition, user = make_edition(session), make_user(session)
    session.query(factories.FormDefinition).filter_by(edition_id=edition.id).one().definition = PRIVATE
    entry = make_entry(session, edition, make_organisation(session, user), user, state="submitted", answers=ANSWERS)
    session.add(Publication(edition_id=edition.id, visible_from=None))
    retention.erase_contacts(session, NOW)
    assert entry.answers == ANSWERS


def test_what_was_never_handed_in_goes_a_year_after_the_call(session: Session) -> None:
    user, judge_user = make_user(session), make_user(session)
    old = make_edition(session, "2028", call_closes_at=years(1))
    new = make_edition(session, "2029", call_closes_at=years(1) + SECOND)
    place = make_organisation(session, user)
    handed_in = {"submitted_at": NOW, "receipt_code": "2026-AAAA-AAAA"}
    stay = [
        make_entry(session, new, place, user), make_entry(session, old, place, user, state="withdrawn", **handed_in),
        make_entry(session, old, place, user, state="submitted", submitted_at=NOW, receipt_code="2026-AAAA-AAAB"),
    ]  # fmt: skip
    gone = [make_entry(session, old, place, user), make_entry(session, old, place, user, state="withdrawn")]
    session.add(Attachment(entry=gone[0], file=stored(session, "a"), field="files", name="a.png", added_at=NOW))
    judge = make_judge(session, old, judge_user)
    session.add(Conflict(judge_id=judge.id, entry_id=gone[0].id, kind="work", declared_at=NOW))
    session.flush()
    retention.delete_drafts(session, NOW)
    assert set(session.scalars(select(Entry.id))) == {one.id for one in stay}
    assert session.scalar(select(func.count()).select_from(Attachment)) == 0


def test_unanswered_accounts_go_after_thirty_days(session: Session) -> None:
    limit = NOW - timedelta(days=30)
    ages = {
        "Gone": {"created_at": limit, "confirmed_at": None},
        "Fresh": {"created_at": limit + SECOND, "confirmed_at": None},
        "Invited": {"created_at": years(9), "confirmed_at": None, "invited_at": limit + SECOND},
        "Used": {"created_at": years(1)},
        "Demo": {"created_at": limit, "confirmed_at": None, "is_demonstration": True},
    }
    for name, values in ages.items():
        make_user(session, name, **values)
    make_user(session, "Ignored", roles=("secretariat",), created_at=years(9), confirmed_at=None, invited_at=limit)
    retention.delete_unanswered(session, NOW)
    assert set(session.scalars(select(User.name))) == {"Fresh", "Invited", "Used", "Demo"}


def test_unanswered_invitations_to_judge_go_after_thirty_days(session: Session) -> None:
    limit = NOW - timedelta(days=30)
    edition, city = make_edition(session), make_user(session)
    for name, at in (("Gone", limit), ("Fresh", limit + SECOND), ("Removed", limit), ("Conflicted", limit)):
        judge, _ = invite_judge(
            session, edition=edition, email=f"{name}@example.org", name=name, country="DE", by=None, now=at
        )
        if name == "Removed":
            judge.state = "removed"
        if name == "Conflicted":  # was a judge before, so there is something to remember
            entry = make_entry(session, edition, make_organisation(session, city), city)
            session.add(Conflict(judge_id=judge.id, entry_id=entry.id, kind="work", declared_at=NOW))
    session.flush()
    retention.delete_unanswered(session, NOW)
    assert set(session.scalars(select(Judge.name))) == {"Fresh", "Removed", "Conflicted"}
    assert "gone@example.org" not in set(session.scalars(select(MailMessage.recipient)))


def test_a_judge_whose_account_is_erased_keeps_no_name(session: Session) -> None:
    user = make_user(session, "Ada", email="ada@example.org")
    judge = make_judge(session, make_edition(session), user, affiliation="Institute of Ada")
    accounts.erase_user(session, user, reason="", by=None, now=NOW)
    retention.delete_leavings(session, NOW)
    assert (judge.name, judge.affiliation, "ada" in judge.email, judge.state) == ("", "", False, "accepted")


def test_idle_accounts_are_erased_two_years_after_the_last_sign_in(session: Session) -> None:
    long_ago = {"created_at": years(9), "confirmed_at": years(9)}
    idle = make_user(session, "Idle", email="idle@example.org", password="hash", **long_ago)
    awake = make_user(session, "Awake", **long_ago)
    young = make_user(session, "Young", created_at=years(2) + SECOND, confirmed_at=years(2) + SECOND)
    staff = make_user(session, "Staff", roles=("secretariat",), **long_ago)
    place = make_organisation(session, idle)
    entry = make_entry(session, make_edition(session), place, idle)
    for user, at in ((idle, years(3)), (idle, years(2)), (awake, years(3)), (awake, years(2) + SECOND)):
        session.add(AccessRecord(at=at, kind="sign-in", key=f"person:{user.id}", actor=user.id))
    session.add(AccessRecord(at=NOW, kind="person.read", key=f"person:{idle.id}", actor=staff.id))
    session.flush()
    mail.queue(session, "plain", to="idle@example.org", language="en", now=NOW, subject="Hello", body="Idle")
    keep(session, SavedSearch(
        id=new_id(), user_id=idle.id, name="Mine", language="en", asked="", feed_key=new_id(), created_at=NOW,
        told_until=NOW,
    ))  # fmt: skip
    for _ in range(2):
        retention.erase_idle_accounts(session, NOW)
        retention.delete_leavings(session, NOW)
    session.expire_all()
    assert (idle.name, idle.password, idle.active, idle.is_erased) == ("", None, False, True)
    assert "idle@" not in idle.email
    assert entry.created_by == idle.id
    assert [one.name for one in (awake, young, staff)] == ["Awake", "Young", "Staff"]
    for table in (Membership, MailMessage, SavedSearch):
        assert session.scalar(select(func.count()).select_from(table)) == 0
    assert [note.action for note in session.info["notes"]].count("person.erase") == 1


def test_an_account_is_erased_with_what_was_said_about_it(database: Database) -> None:
    with database.transaction() as session:
        boss = make_user(session, "Boss", roles=("administrator",))
        ann = make_user(session, "Ann")
        accounts.suspend_user(session, ann, reason="Ann was rude.", by=boss.id, now=NOW)
    with database.transaction() as session:
        found = session.get_one(User, ann.id)
        accounts.erase_user(session, found, reason="Asked for it.", by=boss.id, now=NOW)
        with pytest.raises(Refusal, match="your own account"):
            accounts.erase_user(session, session.get_one(User, boss.id), reason="", by=boss.id, now=NOW)
        with pytest.raises(Refusal, match="last administrator"):
            accounts.erase_user(session, session.get_one(User, boss.id), reason="", by=None, now=NOW)
        for act in (accounts.erase_user, accounts.restore_user):
            with pytest.raises(Refusal, match="erased already"):
                act(session, found, reason="", by=boss.id, now=NOW)
    with database.open() as session:
        assert session.scalars(select(AuditText.value)).all() == ["Asked for it."]
        assert audit.verify(session) == (2, [])
        assert session.scalars(select(AuditEvent.action).order_by(AuditEvent.sequence)).all() == [
            "person.suspend",
            "person.erase",
        ]


def test_records_mails_and_jobs_go_in_time(session: Session) -> None:
    for at, actor in (
        (years(2), "a"), (years(2) + SECOND, "b"), (NOW - timedelta(days=1), None), (NOW - timedelta(days=1) + SECOND, None),
    ):  # fmt: skip
        session.add(AccessRecord(at=at, kind="read entry" if actor else "mail.address", key="k", actor=actor))
    for at in (years(1), years(1) + SECOND):
        mail.queue(session, "plain", to="a@example.org", language="en", now=at, subject="Hello", body="Words")
    session.flush()
    for job, at in zip(session.scalars(select(Job)), (NOW - timedelta(days=30), NOW - timedelta(days=29)), strict=True):
        job.done_at = at
    session.flush()
    retention.delete_leavings(session, NOW)
    assert session.scalars(select(AccessRecord.at).order_by(AccessRecord.at)).all() == [
        years(2) + SECOND, NOW - timedelta(days=1) + SECOND,
    ]  # fmt: skip
    assert session.scalars(select(MailMessage.created_at)).all() == [years(1) + SECOND]
    assert session.scalar(select(func.count()).select_from(Job)) == 1


def test_files_that_nothing_refers_to_go(database: Database, tmp_path: Path) -> None:

    store, day = FileStore(tmp_path), timedelta(days=1)
    staged = [
        store.stage(io.BytesIO(PNG + bytes([number])), f"{number}.png", accept=["image"], most_bytes=1000)
        for number in range(4)
    ]
    with database.transaction() as session:
        user = make_user(session)
        entry = make_entry(session, make_edition(session), make_organisation(session, user), user)
        used, loose, fresh = (files.keep(session, one, now=NOW - day) for one in staged[:3])
        fresh.stored_at = NOW - day + SECOND
        session.add(Attachment(entry=entry, file=used, field="files", name="a.png", added_at=NOW))
    for one in staged[:2] + staged[3:]:
        os.utime(store.path(one.sha256), (0, (NOW - day).timestamp()))
    os.utime(store.path(staged[2].sha256), (0, (NOW - day).timestamp()))
    retention.sweep_files(database, store, NOW)
    assert [store.path(one.sha256).exists() for one in staged] == [True, False, True, False]
    with database.open() as session:
        assert set(session.scalars(select(StoredFile.id))) == {used.id, fresh.id}
    assert loose.id not in {used.id, fresh.id}


def test_the_outbox_folder_is_swept(tmp_path: Path) -> None:
    for name, at in (("old.eml", years(1)), ("new.eml", years(1) + SECOND), ("old.txt", years(1))):
        (tmp_path / name).write_text("Words")
        os.utime(tmp_path / name, (0, at.timestamp()))
    retention.sweep_outbox(tmp_path, years(1))
    assert sorted(one.name for one in tmp_path.iterdir()) == ["new.eml", "old.txt"]


def test_the_job_runs_every_night_once(app: Flask, database: Database, settings: Settings) -> None:
    for _ in range(2):
        retention.plan(database, NOW)
    handlers = app.extensions["job_handlers"]
    night = datetime.combine(NOW.date(), retention.DAILY_AT, UTC)
    assert jobs.run_due(database, handlers, lambda: night - SECOND) == 0
    assert jobs.run_due(database, handlers, lambda: night) == 1
    with database.open() as session:
        waiting = session.scalars(select(Job).where(Job.done_at.is_(None))).all()
        assert [(one.kind, one.due_at) for one in waiting] == [(retention.JOB, night + timedelta(days=1))]
