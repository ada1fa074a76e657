"""What cities do: both edges of each deadline, refusals, and that nothing typed is ever lost."""

from __future__ import annotations

import json
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import audit
from portal.db import Database
from portal.definitions.models import FormDefinition
from portal.errors import Refusal
from portal.files import FileStore, StagedFile
from portal.mail import MailMessage
from submissions import queries
from submissions.actions.attachments import attach_file, describe_attachment, remove_attachment
from submissions.actions.drafting import ChangedElsewhere, choose_language, copy_entry, create_entry, save_draft
from submissions.actions.handing_in import Incomplete, submit_entry, withdraw_entry
from submissions.models import Entry, Screening, StoredFile, Submission
from tests.factories import NOW, make_edition, make_entry, make_organisation, make_user
from tests.submissions.conftest import full_answers, real_form

TICK = timedelta(microseconds=1)
OPENS, CLOSES = NOW - timedelta(days=30), NOW + timedelta(days=30)


def world(session: Session, form: str = "people-centric-city", **values: Any) -> Entry:
    """Return a complete draft with a real form."""
    user = make_user(session)
    edition = make_edition(session)
    session.query(FormDefinition).filter_by(edition_id=edition.id).one().definition = real_form(form)
    organisation = make_organisation(session, user)
    return make_entry(session, edition, organisation, user, **{"answers": full_answers(form), **values})


def refused(act: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(Refusal) as refusal:
        act(*args, **kwargs)
    return refusal.value.message % refusal.value.values


def test_a_draft_can_be_started_from_the_opening_to_before_the_closing_moment(session: Session) -> None:
    user = make_user(session)
    edition = make_edition(session)
    organisation = make_organisation(session, user)
    how = {"edition": edition, "organisation": organisation, "language": "ko", "by": user.id}
    first, second = edition.categories[:2]
    assert "opens on 2026-04-01" in refused(create_entry, session, category=first, now=OPENS - TICK, **how)
    assert "closed on 2026-05-31" in refused(create_entry, session, category=first, now=CLOSES, **how)
    entry = create_entry(session, category=first, now=OPENS, **how)
    assert (entry.state, entry.language, entry.applicant_type, entry.answers) == ("draft", "ko", "city", {})
    assert create_entry(session, category=second, now=CLOSES - TICK, **how).id != entry.id


def test_one_draft_for_each_category_and_organisation(session: Session) -> None:
    entry = world(session)
    how = {"edition": entry.edition, "category": entry.category, "organisation": entry.organisation, "language": "en",
           "by": entry.created_by, "now": NOW}  # fmt: skip
    assert "already working on an entry" in refused(create_entry, session, **how)
    submit_entry(session, entry, by=entry.created_by, now=NOW)
    assert create_entry(session, **how).id != entry.id


@pytest.mark.parametrize(
    ("applicant_type", "category", "sentence"),
    [
        ("city", 2, "City governments cannot enter in this category. It is for individuals."),
        ("individual", 0, "Individuals can enter in the leadership category only."),
    ],
)
def test_the_wrong_type_of_applicant_is_told_why(
    session: Session, applicant_type: str, category: int, sentence: str
) -> None:
    user = make_user(session)
    edition = make_edition(session)
    organisation = make_organisation(session, user, applicant_type=applicant_type)
    assert sentence == refused(
        create_entry, session, edition=edition, category=edition.categories[category],
        organisation=organisation, language="en", by=user.id, now=NOW,
    )  # fmt: skip


def test_the_applicant_type_decides_the_form(session: Session) -> None:
    user = make_user(session)
    edition = make_edition(session)
    form = session.query(FormDefinition).filter_by(edition_id=edition.id).one()
    form.applicant_types = ["city"]
    other = FormDefinition(
        edition_id=edition.id, key="companies", version=1, category_keys=["people-centric"],
        applicant_types=["corporation"], titles={}, definition=form.definition, created_at=NOW,
    )  # fmt: skip
    session.add(other)
    for kind, expected in (("city", form), ("corporation", other)):
        organisation = make_organisation(session, user, applicant_type=kind)
        entry = create_entry(
            session, edition=edition, category=edition.categories[0], organisation=organisation, language="en",
            by=user.id, now=NOW,
        )  # fmt: skip
        assert entry.form is expected


def test_submitting_ends_with_the_deadline_and_what_was_saved_stays(session: Session) -> None:
    late = world(session, answers={})
    save_draft(session, late, full_answers(), by=late.created_by, now=CLOSES - TICK)
    sentence = refused(submit_entry, session, late, by=late.created_by, now=CLOSES)
    assert sentence.startswith("The call for entries closed on 2026-05-31 12:00:00+09:00.")
    assert "closed on" in refused(save_draft, session, late, {"title": "x"}, by=late.created_by, now=CLOSES)
    assert (late.state, late.answers, late.receipt_code) == ("draft", full_answers(), None)
    submit_entry(session, late, by=late.created_by, now=CLOSES - TICK)
    assert late.state == "submitted"


def test_a_submission_is_frozen_counted_and_confirmed(session: Session) -> None:
    entry = world(session)
    submission = submit_entry(session, entry, by=entry.created_by, now=NOW)
    assert (submission.number, submission.answers, submission.submitted_at) == (1, full_answers(), NOW)
    assert len(submission.checksum) == 64
    letter = session.scalars(select(MailMessage)).one()
    assert (letter.template, letter.context["code"], letter.context["checksum"]) == (
        "entry_received", entry.receipt_code, submission.checksum,
    )  # fmt: skip
    assert refused(submit_entry, session, entry, by=entry.created_by, now=NOW) == (
        "This entry was submitted and cannot be changed any more."
    )
    assert "cannot be changed" in refused(save_draft, session, entry, {"title": "x"}, by=None, now=NOW)


def test_an_incomplete_entry_is_refused_with_every_fault(session: Session) -> None:
    entry = world(session)
    save_draft(session, entry, {"title": "", "started_on": "soon"}, by=entry.created_by, now=NOW)
    with pytest.raises(Incomplete) as refusal:
        submit_entry(session, entry, by=entry.created_by, now=NOW)
    assert [(fault.field, fault.is_missing) for fault in refusal.value.faults] == [
        ("title", True),
        ("started_on", False),
    ]
    assert refusal.value.values == {"count": 2}
    assert entry.state == "draft"


def send_back(session: Session, entry: Entry, **values: Any) -> None:
    submit_entry(session, entry, by=entry.created_by, now=NOW)
    entry.state = "sent-back"
    session.add(Screening(
        entry_id=entry.id, outcome="sent-back", reason="More figures", decided_at=NOW, decided_by=entry.created_by, **values
    ))  # fmt: skip
    session.flush()


def test_a_sent_back_entry_is_submitted_again_until_its_reply_time_under_the_same_code(session: Session) -> None:
    entry = world(session)
    until = CLOSES + timedelta(days=5)
    send_back(session, entry, reply_until=until)
    code = entry.receipt_code
    save_draft(session, entry, {"title": "Better"}, by=entry.created_by, now=until - TICK)
    assert "ended on 2026-06-05" in refused(submit_entry, session, entry, by=entry.created_by, now=until)
    again = submit_entry(session, entry, by=entry.created_by, now=until - TICK)
    first = session.scalars(select(Submission).where(Submission.number == 1)).one()
    assert (again.number, entry.receipt_code, entry.state) == (2, code, "submitted")
    assert (first.answers["title"], again.answers["title"]) == ("A line about title", "Better")
    assert first.checksum != again.checksum
    assert queries.get_submission(session, entry.id) is again


def test_withdrawing_ends_with_judging_and_takes_a_reason_after_the_call(session: Session) -> None:
    entry = world(session)
    submit_entry(session, entry, by=entry.created_by, now=NOW)
    entry.edition.rounds[0].closes_at = ends = CLOSES + timedelta(days=40)
    by = entry.created_by
    assert "until judging ends" in refused(withdraw_entry, session, entry, reason="Why", by=by, now=ends)
    assert "say why" in refused(withdraw_entry, session, entry, reason=" \n", by=by, now=CLOSES)
    entry.state = "ineligible"
    assert "until judging ends" in refused(withdraw_entry, session, entry, reason="Why", by=by, now=NOW)
    entry.state = "eligible"
    withdraw_entry(session, entry, reason="New mayor", by=by, now=ends - TICK)
    assert (entry.state, entry.withdrawn_at) == ("withdrawn", ends - TICK)
    assert "closed on" in refused(copy_entry, session, entry, by=by, now=ends - TICK)
    letter = session.scalars(select(MailMessage).where(MailMessage.template == "entry_withdrawn")).one()
    assert letter.context["call_open"] is False  # nothing is said of beginning again


def test_withdrawing_ends_with_the_call_where_nothing_else_is_planned(session: Session) -> None:
    entry = world(session)
    submit_entry(session, entry, by=entry.created_by, now=NOW)
    assert "until judging ends" in refused(withdraw_entry, session, entry, reason="", by=None, now=CLOSES)
    withdraw_entry(session, entry, reason="New mayor", by=entry.created_by, now=CLOSES - TICK)
    assert (entry.state, entry.withdrawn_at) == ("withdrawn", CLOSES - TICK)
    assert "withdrawn already" in refused(withdraw_entry, session, entry, reason="", by=None, now=NOW)
    assert "withdrawn and cannot" in refused(save_draft, session, entry, {"title": "x"}, by=None, now=NOW)
    received, withdrawn = session.scalars(select(MailMessage).order_by(MailMessage.created_at))
    assert (received.template, withdrawn.template) == ("entry_received", "entry_withdrawn")
    assert received.context["moment"].endswith("(UTC+9)")
    assert withdrawn.context["call_open"] is True
    draft = copy_entry(session, entry, by=entry.created_by, now=NOW)
    assert (draft.state, draft.answers, draft.title, draft.receipt_code) == (
        "draft",
        entry.answers,
        "A line about title",
        None,
    )
    withdraw_entry(session, draft, reason="", by=draft.created_by, now=CLOSES)
    assert draft.state == "withdrawn"


def test_two_tabs_are_told_of_each_other_only_where_they_clash(session: Session) -> None:
    entry = world(session, answers={})
    save = {"by": entry.created_by, "now": NOW}
    save_draft(session, entry, {"title": "One", "pitch": "Short"}, revision=0, **save)
    save_draft(session, entry, {"summary": "From the other tab"}, revision=0, **save)
    with pytest.raises(ChangedElsewhere) as clash:
        save_draft(session, entry, {"title": "Two", "pitch": "Short"}, revision=0, **save)
    assert clash.value.fields == ("title",)
    assert entry.answers == {"title": "One", "pitch": "Short", "summary": "From the other tab"}
    save_draft(session, entry, {"title": "Two"}, revision=2, **save)
    assert (entry.title, entry.revision) == ("Two", 3)
    save_draft(session, entry, {"title": "Two"}, revision=0, **save)
    assert entry.revision == 3


def test_unknown_questions_and_files_are_not_answers_and_endless_text_is_refused(session: Session) -> None:
    entry = world(session, answers={})
    save = {"by": entry.created_by, "now": NOW}
    save_draft(session, entry, {"nonsense": "x", "documents": ["x"], "title": "Kept"}, **save)
    assert entry.answers == {"title": "Kept"}
    save_draft(session, entry, {"summary": "x" * 100_000}, **save)
    assert "100000 characters" in refused(save_draft, session, entry, {"summary": "x" * 100_001}, **save)


def staged(content: bytes = b"%PDF-1", name: str = "plan.pdf") -> StagedFile:
    return StagedFile(name, f"{hash(content):064x}"[:64], len(content), "application/pdf")


def test_attachments_are_limited_described_and_removed(session: Session) -> None:
    entry = world(session, "people-centric-organisation")
    how = {"by": entry.created_by, "now": NOW}
    letter = attach_file(session, entry, field="approval_letter", staged=staged(), credit=" Ann  B ", **how)
    assert (letter.credit, letter.name, entry.attachments) == ("Ann B", "plan.pdf", [letter])
    assert "At most 1 files" in refused(
        attach_file, session, entry, field="approval_letter", staged=staged(b"other"), **how
    )
    attach_file(session, entry, field="documents", staged=staged(), **how)
    assert "is attached here already" in refused(
        attach_file, session, entry, field="documents", staged=staged(name="copy.pdf"), **how
    )
    assert "takes no files" in refused(attach_file, session, entry, field="title", staged=staged(), **how)
    assert session.query(StoredFile).count() == 1
    describe_attachment(session, letter, credit="City", alt_text="A letter", **how)
    submission = submit_entry(session, entry, **how)
    assert [(one["field"], one["name"], one["credit"]) for one in submission.attachments] == [
        ("approval_letter", "plan.pdf", "City"),
        ("documents", "plan.pdf", ""),
    ]
    assert "cannot be changed" in refused(remove_attachment, session, letter, **how)
    entry.state = "sent-back"
    remove_attachment(session, letter, **how)
    assert [one.field for one in entry.attachments] == ["documents"]
    assert len(submission.attachments) == 2


def test_a_photograph_without_words_stops_submitting(session: Session) -> None:
    entry = world(session)
    how = {"by": entry.created_by, "now": NOW}
    photo = attach_file(session, entry, field="photographs", staged=staged(name="a.png"), **how)
    with pytest.raises(Incomplete) as refusal:
        submit_entry(session, entry, **how)
    assert [fault.field for fault in refusal.value.faults] == ["photographs", "photographs"]
    describe_attachment(session, photo, credit="Ann", alt_text="A bridge at night", **how)
    submit_entry(session, entry, **how)


def test_every_change_stands_in_the_audit_log_without_its_words(database: Database) -> None:
    with database.transaction() as session:
        entry = world(session, answers={})
        how = {"by": entry.created_by, "now": NOW}
        save_draft(session, entry, full_answers(), **how)
        file = attach_file(session, entry, field="documents", staged=staged(), **how)
        describe_attachment(session, file, credit="Ann", alt_text="", **how)
        remove_attachment(session, file, **how)
        choose_language(session, entry, "ko", **how)
        submit_entry(session, entry, **how)
        withdraw_entry(session, entry, reason="Secret reason", **how)
        copy_entry(session, entry, **how)
    with database.open() as session:
        events = list(session.scalars(select(audit.AuditEvent).order_by(audit.AuditEvent.sequence)))
        assert [event.action.removeprefix("entry.") for event in events] == [
            "save", "attach", "describe", "remove_attachment", "choose_language", "submit", "withdraw", "create", "save",
        ]  # fmt: skip
        facts = json.dumps([event.facts for event in events])
        assert not any(word in facts for word in ("Secret reason", "A line about", "plan.pdf", "a@example.org"))
        assert session.scalars(select(audit.AuditText)).one().value == "Secret reason"
        assert audit.verify(session) == (9, [])


raw_text = some.text(some.characters(codec="utf-8", exclude_characters="\x00"), max_size=60)
raw_answers = some.fixed_dictionaries(
    {},
    optional={
        "title": raw_text, "summary": raw_text, "started_on": raw_text, "contact_email": raw_text, "stage": raw_text,
        "beneficiaries": raw_text, "themes": some.lists(raw_text, max_size=4), "consent_personal_data": some.sampled_from(["", "y"]),
        "budget": some.lists(some.dictionaries(some.sampled_from(["source", "amount", "note"]), raw_text), max_size=4),
    },
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(saves=some.lists(raw_answers, max_size=4))
def test_raw_answers_are_given_back_exactly_as_they_were_typed(database: Database, saves: list[dict[str, Any]]) -> None:
    with database.transaction() as session:
        entry_id = world_once(session)
    expected: dict[str, Any] = {}
    for answers in saves:
        with database.transaction() as session:
            entry = session.get_one(Entry, entry_id)
            save_draft(session, entry, answers, by=entry.created_by, now=NOW, revision=entry.revision)
        expected |= answers
    with database.open() as session:
        assert session.get_one(Entry, entry_id).answers == expected


def world_once(session: Session) -> str:
    """Return an empty draft, the same user and edition for all examples."""
    entry = session.query(Entry).first()
    if entry is None:
        return world(session, answers={}).id
    entry.answers, entry.changed_in, entry.revision = {}, {}, 0
    return entry.id


def test_refused_uploads_leave_nothing_in_the_store(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    head = b"%PDF-1.4\n"
    for content, name in (
        (b"MZ\x90", "tool.exe"),
        (b"no pdf at all", "plan.pdf"),
        (b"", "a.pdf"),
        (head + b"0" * 992, "a.pdf"),
    ):
        with pytest.raises(Refusal):
            store.stage(BytesIO(content), name, accept=["pdf"], most_bytes=1000)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert store.stage(BytesIO(head + b"0" * 991), "a.pdf", accept=["pdf"], most_bytes=1000).size == 1000
