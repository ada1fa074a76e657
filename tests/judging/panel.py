"""A round with two judges, in which everything that one of them must not see has a word of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from judging.actions.scorecards import save_scorecard, send_scorecard
from judging.models import Conflict, Judge
from portal.accounts.models import User
from portal.db import new_id
from portal.editions.models import Criterion, Edition
from portal.files import StoredFile
from submissions.models import Attachment, Entry, Submission
from tests.factories import (
    NOW,
    keep,
    make_assignment,
    make_edition,
    make_entry,
    make_judge,
    make_organisation,
    make_user,
)

CLOSES = NOW + timedelta(days=10)
#: What a judge must never meet: the other judge, the other's work, and entries that are not the judge's.
SECRETS = ("Olga Other", "OTHERCOMMENT", "OTHERNOTE", "UNASSIGNED", "RECUSED", "WITHDRAWN", "UNOPENED", "CONTACTPERSON")
#: What a judge must not meet in a blind edition either.
IDENTITY = ("Quartzville", "quartzville.example", "QUARTZFILE", "1234567")

FORM = {
    "sections": [
        {
            "key": "contact", "title": {"en": "Contacts"}, "intro": {"en": ""}, "private": True,
            "fields": [
                {"key": "contact", "kind": "text", "label": {"en": "Contact"}},
                {"key": "letter", "kind": "files", "label": {"en": "Letter"}, "accept": ["pdf"], "max_files": 1,
                 "max_megabytes": 5},
            ],
        },
        {
            "key": "project", "title": {"en": "Your project", "ko": "사업 개요"}, "intro": {"en": ""},
            "fields": [
                {"key": "title", "kind": "text", "label": {"en": "Title", "ko": "제목"}, "required": True},
                {"key": "summary", "kind": "paragraph", "label": {"en": "Summary", "ko": "요약"}},
                {"key": "link", "kind": "url", "label": {"en": "Link"}},
                {"key": "documents", "kind": "files", "label": {"en": "Documents"}, "accept": ["pdf"], "max_files": 4,
                 "max_megabytes": 8},
            ],
        },
    ]
}  # fmt: skip
PDF = b"%PDF-1.4 judged"


@dataclass
class Panel:
    """Ids and people of the round."""

    edition: Edition
    judge: User
    other: User
    city: User
    judge_id: str
    other_judge_id: str
    assignment: str
    second: str
    others_assignment: str
    recused: str
    document: str
    letter: str
    problem: str
    impact: str
    entry: str

    @property
    def room(self) -> str:
        """The address of the first scoring room."""
        return f"/en/judging/assignments/{self.assignment}"


def make_panel(session: Session, **edition_values: Any) -> Panel:
    """Return a round that is open until CLOSES; the judge has two entries, the other judge scored the first one."""
    edition = make_edition(session, **edition_values)
    stage = edition.rounds[0]
    stage.opened_at, stage.closes_at = NOW - timedelta(days=1), CLOSES
    judge, other = make_user(session, "Judge"), make_user(session, "Olga Other", email="olga@example.org")
    city = make_user(session, "City")
    quartz = make_organisation(
        session, city, name="City of Quartzville", city="Quartzville", country="DE", population=1_234_567,
        website="https://www.quartzville.example/",
    )  # fmt: skip
    plain = make_organisation(session, city, name="Port of Oslo", city="Oslo", country="NO")
    first, second = (make_judge(session, edition, person) for person in (judge, other))
    text = "The people of Quartzville asked for it. See https://quartzville.example/report."
    answers = {
        "title": "Health for quartzville", "summary": text, "link": "https://quartzville.example/x",
        "contact": "CONTACTPERSON",
    }  # fmt: skip
    entry = submit(
        session, make_entry(session, edition, quartz, city, answers=answers, title=answers["title"]), answers
    )
    document, letter = (attach(session, entry, field, city) for field in ("documents", "letter"))
    later = submit(session, make_entry(session, edition, plain, city, title="Second title"), {"title": "Second title"})
    assignments = [make_assignment(session, first, one, place) for place, one in enumerate((entry, later), 1)]
    others = make_assignment(session, second, entry)
    for title, values in {"UNASSIGNED": {}, "RECUSED": {}, "WITHDRAWN": {"state": "withdrawn"}}.items():
        hidden = make_entry(session, edition, plain, city, title=title, **{"state": "eligible", **values})
        if title == "UNASSIGNED":
            make_assignment(session, second, hidden, 2)
            continue
        hidden_assignment = make_assignment(session, first, hidden, 9)
        if title == "RECUSED":
            recused = hidden_assignment
            recused.recused_at = NOW
            session.add(
                Conflict(judge_id=first.id, entry_id=hidden.id, kind="work", declared_at=NOW, declared_by=judge.id)
            )
    ids = {criterion.key: criterion.id for criterion in session.scalars(select(Criterion))}
    save_scorecard(
        session, others, {ids["problem"]: (Decimal(3), "OTHERCOMMENT"), ids["impact"]: (Decimal(4), "")},
        note="OTHERNOTE", by=other.id, now=NOW,
    )  # fmt: skip
    send_scorecard(session, others, by=other.id, now=NOW)
    return Panel(
        edition, judge, other, city, first.id, second.id, assignments[0].id, assignments[1].id, others.id, recused.id,
        document, letter, ids["problem"], ids["impact"], entry.id,
    )  # fmt: skip


def submit(session: Session, entry: Entry, answers: dict[str, Any]) -> Entry:
    """Let an entry be handed in and found eligible."""
    entry.state, entry.form.definition = "eligible", FORM
    keep(session, Submission(
        id=new_id(), entry_id=entry.id, number=1, answers=answers, attachments=[], checksum="0" * 64,
        submitted_at=NOW, submitted_by=entry.created_by,
    ))  # fmt: skip
    return entry


def attach(session: Session, entry: Entry, field: str, by: User) -> str:
    """Attach a file to an entry that was handed in, and return the attachment's id."""
    file = keep(
        session, StoredFile(id=new_id(), sha256=new_id(), size=len(PDF), content_type="application/pdf", stored_at=NOW)
    )
    row = Attachment(
        id=new_id(), entry_id=entry.id, file_id=file.id, field=field, name=f"QUARTZFILE {field}.pdf", added_at=NOW
    )
    keep(session, row)
    submission = session.scalars(select(Submission).where(Submission.entry_id == entry.id)).one()
    submission.attachments = [*submission.attachments, {
        "id": row.id, "field": field, "name": row.name, "size": file.size, "sha256": file.sha256,
        "content_type": file.content_type, "credit": "Photograph: Quartzville", "alt_text": "In Quartzville",
    }]  # fmt: skip
    session.flush()
    return str(row.id)


def add_entries(session: Session, panel: Panel, count: int) -> None:
    """Give the judge more to read."""
    row = session.get_one(Judge, panel.judge_id)
    organisation = make_organisation(session, panel.city, name="Port of Bergen", city="Bergen", country="NO")
    for place in range(count):
        entry = make_entry(session, row.edition, organisation, panel.city, title=f"Title {place}", state="eligible")
        make_assignment(session, row, entry, 100 + place)
