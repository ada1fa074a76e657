"""The ground: one transaction at the door, the chain of the audit log, limits, jobs, mails, files."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import Session

from portal import audit, jobs, mail
from portal.db import ContentState, Database, WriteWithoutDoor
from portal.errors import Refusal
from portal.files import FileStore, StagedFile, StoredFile, clean_name, keep
from portal.i18n import negotiate
from portal.pages.models import SiteSettings
from tests import factories
from tests.conftest import NOW
from tests.races import race


def test_a_session_refuses_to_write_before_the_door_opens(database: Database) -> None:
    with database.open() as session:
        session.add(audit.AuditHead(id=1, sequence=0, hash="x"))
        with pytest.raises(WriteWithoutDoor):
            session.flush()
        session.rollback()
        with pytest.raises(WriteWithoutDoor):
            session.execute(update(audit.AuditHead).values(hash="y"))


def test_moments_need_a_zone_and_come_back_in_utc(session) -> None:
    user = factories.make_user(session, created_at=datetime(2026, 1, 1, 9, 0, tzinfo=ZoneInfo("Asia/Seoul")))
    session.expire(user)
    assert user.created_at == datetime(2026, 1, 1, tzinfo=UTC)
    assert user.created_at.tzinfo is UTC
    with pytest.raises(StatementError, match="time zone"):
        factories.make_user(session, created_at=datetime(2026, 1, 1))  # noqa: DTZ001


def test_the_audit_chain_verifies_and_names_what_was_changed(database: Database) -> None:
    for number in range(3):
        with database.transaction() as session:
            audit.note(session, "entry.submit", f"entry:{number}", by="u1", now=NOW, text="because", number=number)
    with database.open() as session:
        assert audit.verify(session) == (3, [])
    with database.transaction() as session:
        session.execute(update(audit.AuditEvent).where(audit.AuditEvent.sequence == 2).values(facts={"number": 7}))
    with database.open() as session:
        assert audit.verify(session) == (3, ["Event 2 was changed."])


def test_erasing_a_text_keeps_the_chain_and_cutting_events_off_does_not(database: Database) -> None:
    with database.transaction() as session:
        audit.note(session, "a", "x:1", by=None, now=NOW, text="Ann Example")
        audit.note(session, "b", "x:1", by=None, now=NOW)
    with database.transaction() as session:
        session.delete(session.get_one(audit.AuditText, 1))
    with database.open() as session:
        assert audit.verify(session) == (2, [])
    with database.transaction() as session:
        session.delete(session.get_one(audit.AuditEvent, 2))
    with database.open() as session:
        assert len(audit.verify(session)[1]) == 1


def test_public_changes_raise_the_content_version_and_others_do_not(database: Database) -> None:
    def version() -> int:
        with database.open() as session:
            return session.scalar(select(ContentState.version)) or 0

    with database.transaction() as session:
        factories.make_user(session)
    assert version() == 0
    with database.transaction() as session:
        session.add(SiteSettings(id=1, names={"en": "P"}, taglines={}, contact_email="a@b.org"))
    assert version() == 1
    with database.transaction() as session:
        session.execute(update(SiteSettings).values(contact_email="c@b.org"))
    assert version() == 2


def test_a_limit_allows_its_number_and_refuses_the_next(database: Database) -> None:
    def attempt(moment: datetime) -> bool:
        with database.open() as session:
            return audit.is_within_limit(
                database, session, "sign-in", "Ann@x.org", most=2, per=timedelta(minutes=5), secret="s", now=moment
            )

    assert [attempt(NOW) for _ in range(3)] == [True, True, False]
    assert attempt(NOW + timedelta(minutes=5, seconds=1))
    with database.open() as session:
        assert "ann" not in " ".join(session.scalars(select(audit.AccessRecord.key))).lower()


def test_a_job_that_fails_comes_back_later_and_a_done_one_does_not(database: Database) -> None:
    seen: list[int] = []

    def handle(_database: Database, payload: object, _now: datetime) -> None:
        seen.append(len(seen))
        if len(seen) == 1:
            raise RuntimeError("the first time")

    with database.transaction() as session:
        jobs.enqueue(session, "k", {}, due_at=NOW, key="one")
        session.flush()
        jobs.enqueue(session, "k", {}, due_at=NOW, key="one")
    assert jobs.run_due(database, {"k": handle}, lambda: NOW) == 1
    assert jobs.run_due(database, {"k": handle}, lambda: NOW + timedelta(seconds=1)) == 0
    assert jobs.run_due(database, {"k": handle}, lambda: NOW + timedelta(seconds=2)) == 1
    assert jobs.run_due(database, {"k": handle}, lambda: NOW + timedelta(days=1)) == 0
    assert seen == [0, 1]


def test_a_job_whose_worker_died_is_done_after_its_lease(database: Database) -> None:
    seen: list[str] = []
    with database.transaction() as session:
        jobs.enqueue(session, "k", {}, due_at=NOW)
    assert jobs.claim(database, NOW) is not None  # and the worker dies here
    handlers: dict[str, jobs.Handler] = {"k": lambda *_: seen.append("done")}
    assert jobs.run_due(database, handlers, lambda: NOW + jobs.LEASE) == 0
    assert jobs.run_due(database, handlers, lambda: NOW + jobs.LEASE + timedelta(seconds=1)) == 1
    assert seen == ["done"]


def test_a_job_that_kills_its_workers_is_given_up(database: Database) -> None:
    seen: list[str] = []
    handlers: dict[str, jobs.Handler] = {"k": lambda *_: seen.append("deadly"), "other": lambda *_: seen.append("good")}
    with database.transaction() as session:
        jobs.enqueue(session, "k", {}, due_at=NOW)
    moment = NOW
    for _ in range(jobs.MOST_TRIES):
        claimed = jobs.claim(database, moment)
        assert claimed is not None  # and the worker dies here
        moment += jobs.LEASE + timedelta(seconds=1)
    with database.transaction() as session:
        jobs.enqueue(session, "other", {}, due_at=NOW)
    assert jobs.run_due(database, handlers, lambda: moment) == 1
    assert seen == ["good"]
    with database.open() as session:
        row = session.scalars(select(jobs.Job).where(jobs.Job.kind == "k")).one()
        assert row.failed_at == moment
        assert row.error


@pytest.mark.parametrize("letter", ["\r", "\n", "\v", "\x1c", "\x85", "\u2028"])
def test_no_letter_in_a_name_breaks_the_subject_of_a_mail(database: Database, do_jobs, outbox, letter: str) -> None:
    with database.transaction() as session:
        mail.queue(
            session,
            "plain",
            to="a@example.org",
            language="en",
            now=NOW,
            subject=f"For{letter}Bcc: x@y.org",
            body="Hi\n",
        )
    do_jobs()
    (path,) = outbox.iterdir()
    head = path.read_text().partition("\n\n")[0]
    assert "Subject: For Bcc: x@y.org" in head
    assert "\nBcc" not in head


def test_a_noted_seal_tells_of_a_chain_whose_end_was_rewritten(app: Flask, database: Database) -> None:
    for number in range(3):
        with database.transaction() as session:
            audit.note(session, "act", f"thing:{number}", by=None, now=NOW)
    with database.open() as session:
        noted = audit.last_seal(session)
    verify = app.test_cli_runner().invoke
    assert noted in verify(args=["audit", "verify", "--holds", noted]).output
    with database.transaction() as session:  # the last event goes, and the head is made to fit
        session.delete(session.get_one(audit.AuditEvent, 3))
        head = session.get_one(audit.AuditHead, 1)
        head.sequence, head.hash = 2, session.get_one(audit.AuditEvent, 2).hash
    assert verify(args=["audit", "verify"]).exit_code == 0  # nothing in the database tells of it
    found = verify(args=["audit", "verify", "--holds", noted])
    assert found.exit_code == 1
    assert f"No event has the seal {noted}." in found.output


def test_a_mail_leaves_once(database: Database, do_jobs, outbox) -> None:
    with database.transaction() as session:
        mail.queue(session, "plain", to="a@example.org", language="ko", now=NOW, subject="제목", body="안녕하십니까.\n")
    assert do_jobs() == 1
    letters = list(outbox.iterdir())
    assert len(letters) == 1
    with database.open() as session:
        message = session.scalars(select(mail.MailMessage)).one()
        assert message.sent_at == NOW
    mail.send_message(database, message.id, transport=_Refusing(), render=_never, sender="x@y.org", now=NOW)


class _Refusing:
    def send(self, message: object) -> None:
        raise AssertionError("sent twice")


def _never(*_: object) -> mail.Rendered:
    raise AssertionError("rendered twice")


def test_errors_of_the_database_do_not_tell_what_people_wrote(database: Database) -> None:
    with database.transaction() as session:
        factories.make_user(session, email="secret@example.org")
    with pytest.raises(IntegrityError) as raised, database.transaction() as session:
        factories.make_user(session, name="SECRETNAME", email="secret@example.org")
    assert "SECRETNAME" not in str(raised.value)


def test_two_may_bring_the_same_file_at_once(database: Database) -> None:
    staged = StagedFile("a.png", "a" * 64, 3, "image/png")
    outcome = race(
        database, lambda session: keep(session, staged, now=NOW), lambda session: keep(session, staged, now=NOW).sha256
    )
    assert outcome == staged.sha256
    with database.open() as session:
        assert len(session.scalars(select(StoredFile)).all()) == 1


def test_two_may_write_the_first_event_of_all_at_once(database: Database) -> None:
    def begin(session: Session) -> None:
        audit.note(session, "test.first", "x:1", by=None, now=NOW)
        audit._append_notes(session)  # what the commit does first

    assert race(database, begin, lambda session: audit.note(session, "test.second", "x:2", by=None, now=NOW)) is None
    with database.open() as session:
        assert audit.verify(session) == (2, [])


PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489")


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.exe", b"MZ", "cannot be attached"),
        ("a.pdf", b"", "is empty"),
        ("a.pdf", PNG, "does not match its ending"),
        ("a.docx", b"PK\x03\x04 no archive", "does not match its ending"),
        ("a.png", PNG + b"x" * 1000, "is larger than"),
    ],
)
def test_uploads_are_refused_with_a_sentence(tmp_path, name: str, content: bytes, sentence: str) -> None:
    with pytest.raises(Refusal) as refusal:
        FileStore(tmp_path).stage(io.BytesIO(content), name, accept=["pdf", "image", "office"], most_bytes=1000)
    assert sentence in refusal.value.message
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_an_upload_lies_under_its_checksum(tmp_path) -> None:
    store = FileStore(tmp_path)
    staged = store.stage(io.BytesIO(PNG), "../../사진.png", accept=["image"], most_bytes=len(PNG))
    assert staged.name == "사진.png"
    assert store.path(staged.sha256).read_bytes() == PNG


def test_names_are_harmless() -> None:
    assert clean_name("..\\..\\e\u202evil<.pdf") == "evil_.pdf"
    assert clean_name("") == "file"
    assert len(clean_name("a" * 300 + ".pdf")) <= 120


@pytest.mark.parametrize(("wished", "found"), [
    (["ko"], "ko"), (["KO-kr"], "ko"), (["fr", "Ko-e2O-x"], "ko"), (["EN-us", "ko"], "en"), (["AR-xb"], "ar-XB"),
    (["fr"], "en"), (["\t*"], "en"), ([], "en"),
])  # fmt: skip
def test_a_language_is_found_however_it_is_spelled(wished: list[str], found: str) -> None:
    assert negotiate(wished, ["en", "ko", "ar-XB"]) == found


@pytest.mark.parametrize("path", ["/", "/nowhere", "/c/none", "/api/v1/suggest?lang=KO-kr&q=a"])
def test_a_browser_may_spell_its_language_as_it_likes(app: Flask, path: str) -> None:
    answer = app.test_client().get(path, headers={"Accept-Language": "KO-KR, Xx;q=0.1"})
    assert answer.status_code in (200, 302, 404)
    if path == "/":
        assert answer.headers["Location"] == "/ko/"
