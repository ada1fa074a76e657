"""What the privacy page promises about time: a job, once a day, deletes what has been kept long enough."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session, selectinload

from judging.actions import judges
from judging.models import Assignment, Conflict, Judge, Publication
from judging.rules import JudgeState
from portal import jobs
from portal.accounts import actions as accounts
from portal.accounts.models import User
from portal.accounts.rules import erased_email, is_erased
from portal.audit import AccessRecord
from portal.config import Settings
from portal.db import Base, Database
from portal.editions.actions.editions import shift_years
from portal.editions.models import Edition
from portal.files import FileStore, StoredFile
from portal.jobs import Handler, Job
from portal.library.models import ContactRequest, SavedSearch
from portal.mail import MailMessage
from portal.pages.models import SiteSettings
from submissions import erasing
from submissions.models import Entry
from submissions.rules import EntryState

#: The daily job, and when it runs: at night in Seoul, in UTC.
JOB, DAILY_AT = "retention.daily", time(18, 30)

#: Years that the privacy page names.
CONTACTS, DRAFTS, ACCOUNTS, RECORDS, MAILS, QUESTIONS = 2, 1, 2, 2, 1, 1
#: How long a sign-up or an invitation may stay without an answer.
UNANSWERED = timedelta(days=30)
#: Attempts are counted for an hour at most; a file that nothing refers to may still be on its way.
ATTEMPTS, LOOSE_FILES = timedelta(days=1), timedelta(days=1)
#: Jobs done; they hold ids only.
JOBS = timedelta(days=30)


def handlers(settings: Settings) -> dict[str, Handler]:
    """Return the job."""

    def run(database: Database, payload: Mapping[str, Any], now: datetime) -> None:
        plan(database, now)
        for act in STEPS:
            with database.transaction() as session:
                act(session, now)
        sweep_files(database, FileStore(settings.files), now)
        sweep_outbox(settings.outbox, years_before(now, MAILS))

    return {JOB: run}


def plan(database: Database, now: datetime) -> None:
    """See to it that the job is planned for the coming night."""
    today = datetime.combine(now.date(), DAILY_AT, now.tzinfo)
    with database.transaction() as session:
        jobs.enqueue(session, JOB, {}, due_at=today if today > now else today + timedelta(days=1), key="daily")


def years_before(now: datetime, years: int) -> datetime:
    """Return the same day and time some years ago."""
    return shift_years(now, -years, "UTC")


def erase_contacts(session: Session, now: datetime) -> None:
    """Take contacts out of the entries of editions whose results were published long enough ago."""
    query = (
        select(Entry)
        .join(Publication, Publication.edition_id == Entry.edition_id)
        .where(Publication.visible_from <= years_before(now, CONTACTS))
        .options(selectinload(Entry.attachments), selectinload(Entry.form))
        .order_by(Entry.id)
    )
    for entry in session.scalars(query):
        erasing.erase_contacts(session, entry, now=now)


def delete_drafts(session: Session, now: datetime) -> None:
    """Delete entries that were never handed in, once their call has been closed long enough."""
    query = (
        select(Entry)
        .join(Edition, Edition.id == Entry.edition_id)
        .where(
            Entry.submitted_at.is_(None), Entry.state.in_((EntryState.DRAFT, EntryState.WITHDRAWN)),
            Edition.call_closes_at <= years_before(now, DRAFTS),
        )
        .options(selectinload(Entry.attachments))
        .order_by(Entry.id)
    )  # fmt: skip
    for entry in session.scalars(query):
        session.execute(delete(Conflict).where(Conflict.entry_id == entry.id))
        erasing.delete_entry(session, entry, now=now)


def delete_unanswered(session: Session, now: datetime) -> None:
    """Delete accounts whose address was never confirmed and whose invitation was never taken up."""
    query = select(User).where(
        User.confirmed_at.is_(None), ~User.is_demonstration,
        func.coalesce(User.invited_at, User.created_at) <= now - UNANSWERED,
    )  # fmt: skip
    for user in session.scalars(query.order_by(User.id)).unique():
        accounts.delete_unanswered_user(session, user, now=now)
    invited = select(Judge).where(
        Judge.state == JudgeState.INVITED, Judge.invited_at <= now - UNANSWERED,
        Judge.id.not_in(select(Assignment.judge_id)), Judge.id.not_in(select(Conflict.judge_id)),
    )  # fmt: skip
    for judge in session.scalars(invited.order_by(Judge.id)):
        judges.delete_unanswered_judge(session, judge, now=now)


def erase_idle_accounts(session: Session, now: datetime) -> None:
    """Erase accounts that nobody has signed in to for long; those of the staff end with their role."""
    limit = years_before(now, ACCOUNTS)
    last = select(func.max(AccessRecord.at)).where(AccessRecord.kind == "sign-in", AccessRecord.actor == User.id)
    query = select(User).where(
        User.created_at <= limit, ~User.is_demonstration, ~User.roles.any(),
        func.coalesce(last.correlate(User).scalar_subquery(), User.confirmed_at, User.created_at) <= limit,
    )  # fmt: skip
    for user in session.scalars(query.order_by(User.id)).unique():
        if not is_erased(user.email):
            accounts.erase_user(session, user, reason="", by=None, now=now)


def delete_leavings(session: Session, now: datetime) -> None:
    """Delete what erased people have left in other rooms, and records, mails and jobs that are old enough."""
    erased = [row.id for row in session.execute(select(User.id, User.email)) if is_erased(row.email)]
    session.execute(delete(SavedSearch).where(SavedSearch.user_id.in_(erased)))
    for judge in session.scalars(select(Judge).where(Judge.user_id.in_(erased))):
        if not is_erased(judge.email):  # scores and conflicts stay: they show how a decision was reached
            judge.email, judge.name, judge.affiliation = erased_email(str(judge.user_id)), "", ""
    session.execute(delete(AccessRecord).where(or_(
        AccessRecord.at <= years_before(now, RECORDS),
        AccessRecord.actor.is_(None) & (AccessRecord.at <= now - ATTEMPTS),
    )))  # fmt: skip
    session.execute(delete(MailMessage).where(MailMessage.created_at <= years_before(now, MAILS)))
    session.execute(delete(ContactRequest).where(ContactRequest.created_at <= years_before(now, QUESTIONS)))
    session.execute(delete(Job).where(or_(Job.done_at <= now - JOBS, Job.failed_at <= years_before(now, MAILS))))


STEPS: tuple[Callable[[Session, datetime], None], ...] = (
    erase_contacts, delete_drafts, delete_unanswered, erase_idle_accounts, delete_leavings,
)  # fmt: skip


def sweep_files(database: Database, store: FileStore, now: datetime) -> None:
    """Delete files that nothing refers to any more, and uploads that were never kept."""
    before = now - LOOSE_FILES
    used = [
        select(column).where(column.is_not(None))
        for table in Base.metadata.tables.values()
        for column in table.columns
        if any(key.column is StoredFile.__table__.c.id for key in column.foreign_keys)
    ]
    with database.transaction() as session:
        loose = delete(StoredFile).where(StoredFile.stored_at <= before)
        for one in used:
            loose = loose.where(StoredFile.id.not_in(one))
        logo = select(SiteSettings.logo_sha256).where(SiteSettings.logo_sha256.is_not(None))
        loose = loose.where(StoredFile.sha256.not_in(logo))
        session.execute(loose.execution_options(synchronize_session=False))
    with database.open() as session:
        known = {*session.scalars(select(StoredFile.sha256)), *session.scalars(logo)}
    for path in store.folder.rglob("*"):
        if path.is_file() and path.name not in known and _is_older(path, before):
            path.unlink(missing_ok=True)


def sweep_outbox(folder: Path, before: datetime) -> None:
    """Delete the mails that were laid into the outbox folder before a moment."""
    for path in folder.glob("*.eml"):
        if _is_older(path, before):
            path.unlink(missing_ok=True)


def _is_older(path: Path, moment: datetime) -> bool:
    try:
        return os.stat(path).st_mtime <= moment.timestamp()
    except FileNotFoundError:
        return False
