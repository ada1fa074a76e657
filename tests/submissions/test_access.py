"""The lists in SQL show what the law allows, for every kind of person and every state."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from portal.access import ANONYMOUS, Laws, Visitor
from submissions import access, queries
from submissions.access import Entries
from submissions.models import Attachment
from submissions.rules import EntryState
from tests.factories import make_edition, make_entry, make_organisation, make_user

LAWS = Laws(access.LAW)
ABOUT_AN_ENTRY = [Entries.OPEN, Entries.EDIT, Entries.SUBMIT, Entries.WITHDRAW, Entries.READ_RECEIPT, Entries.PRINT]


@pytest.fixture
def people_and_entries(session: Session):
    ann, bo = make_user(session, "Ann"), make_user(session, "Bo")
    edition = make_edition(session)
    hers, his = make_organisation(session, ann), make_organisation(session, bo, name="Bo & Sons")
    entries = [
        make_entry(session, edition, organisation, user, state=state, receipt_code=None if state == "draft" else f"{user.name}-{state}")
        for organisation, user in ((hers, ann), (his, bo))
        for state in EntryState
    ]  # fmt: skip
    people = {
        "anonymous": ANONYMOUS,
        "ann": Visitor(id=ann.id, organisations=frozenset({hers.id})),
        "both": Visitor(id="x", organisations=frozenset({hers.id, his.id})),
        "nobody": Visitor(id="y"),
        "judge": Visitor(id="j", judgeships={edition.id: "judge"}),
        "secretariat": Visitor(id="s", roles=frozenset({"secretariat"})),
        "administrator": Visitor(id="a", roles=frozenset({"administrator"})),
    }
    return people, entries, {"hers": hers.id, "his": his.id}


def test_the_list_shows_exactly_what_may_be_opened(session: Session, people_and_entries) -> None:
    people, entries, _ = people_and_entries
    for name, person in people.items():
        listed = {entry.id for entry in queries.list_own_entries(session, person.organisations)}
        assert listed == {entry.id for entry in entries if LAWS.allows(person, Entries.OPEN, entry)}, name
    assert len(queries.list_own_entries(session, people["ann"].organisations)) == 6


def test_each_kind_of_person_may_do_with_an_entry_only_what_is_theirs(people_and_entries) -> None:
    people, entries, organisations = people_and_entries
    handed_in = {"submitted", "sent-back", "eligible", "ineligible"}
    for entry in entries:
        mine = entry.organisation_id == organisations["hers"]
        for name, person in people.items():
            member = name == "both" or (name == "ann" and mine)
            staff = name in ("secretariat", "administrator")
            wanted = set(ABOUT_AN_ENTRY) if member else {Entries.PRINT} if staff and entry.state in handed_in else set()
            if entry.state == "draft":
                wanted -= {Entries.READ_RECEIPT}
            allowed = {permission for permission in ABOUT_AN_ENTRY if LAWS.allows(person, permission, entry)}
            assert allowed == wanted, (name, entry.state)


def test_attachments_follow_their_entry(people_and_entries) -> None:
    people, entries, organisations = people_and_entries
    for entry in entries:
        file = Attachment(entry=entry, field="documents", name="a.pdf")
        member = {name for name in ("ann", "both") if name == "both" or entry.organisation_id == organisations["hers"]}
        staff = {"secretariat", "administrator"} if entry.state not in ("draft", "withdrawn") else set()
        may = {
            permission: {name for name, person in people.items() if LAWS.allows(person, permission, file)}
            for permission in (Entries.DOWNLOAD, Entries.REMOVE_ATTACHMENT)
        }
        assert may == {Entries.DOWNLOAD: member | staff, Entries.REMOVE_ATTACHMENT: member}
        file.entry = None


def test_nobody_without_an_account_may_do_anything() -> None:
    assert not any(LAWS.may_enter(ANONYMOUS, permission) for permission in Entries)
