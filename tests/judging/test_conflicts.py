"""Conflicts of interest and what follows from declaring them."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from judging.actions.conflicts import declare_conflicts
from judging.actions.judges import invite_judge
from judging.models import Conflict, Judge
from judging.rules import MOST_CHARACTERS, ConflictKind
from portal.config import ROOT
from portal.errors import Refusal
from submissions.models import Entry
from tests.factories import NOW, make_assignment, make_edition, make_entry, make_judge, make_organisation, make_user


def set_up(session: Session, count: int = 2) -> tuple[Judge, list[Entry]]:
    edition, judge_user, city = make_edition(session), make_user(session, "Judge"), make_user(session, "City")
    organisation = make_organisation(session, city)
    judge = make_judge(session, edition, judge_user, conflicts_declared_at=None)
    return judge, [make_entry(session, edition, organisation, city, state="eligible") for _ in range(count)]


def test_the_kinds_are_those_of_the_vocabulary() -> None:
    words = json.loads((ROOT / "portal/data/vocabulary.json").read_text())["conflict_kinds"]
    assert list(words) == [kind.value for kind in ConflictKind]


def test_declare_conflicts_with_none_is_a_declaration_too(session: Session) -> None:
    judge, entries = set_up(session)
    assignment = make_assignment(session, judge, entries[0])

    assert declare_conflicts(session, judge, {}, by=judge.user_id, now=NOW) == 0

    assert judge.conflicts_declared_at == NOW
    assert assignment.recused_at is None


def test_declare_conflicts_recuses_the_named_entries_only(session: Session) -> None:
    judge, entries = set_up(session)
    named, other = (make_assignment(session, judge, entry, place) for place, entry in enumerate(entries))

    assert (
        declare_conflicts(session, judge, {entries[0].id: ("work", " I worked there. ")}, by=judge.user_id, now=NOW)
        == 1
    )

    assert (named.recused_at, other.recused_at) == (NOW, None)
    row = session.scalars(select(Conflict)).one()
    assert (row.entry_id, row.kind, row.reason, row.declared_by) == (
        entries[0].id,
        "work",
        "I worked there.",
        judge.user_id,
    )


def test_declare_conflicts_again_adds_and_takes_nothing_back(session: Session) -> None:
    judge, entries = set_up(session)
    first, second = (make_assignment(session, judge, entry, place) for place, entry in enumerate(entries))
    declare_conflicts(session, judge, {entries[0].id: ("work", "")}, by=judge.user_id, now=NOW)

    assert declare_conflicts(session, judge, {entries[1].id: ("family", "")}, by=judge.user_id, now=NOW) == 1
    assert declare_conflicts(session, judge, {}, by=judge.user_id, now=NOW) == 0

    assert {row.entry_id: row.kind for row in session.scalars(select(Conflict))} == {
        entries[0].id: "work", entries[1].id: "family",
    }  # fmt: skip
    assert (first.recused_at, second.recused_at) == (NOW, NOW)


def test_declare_conflicts_detects_the_judges_own_organisation(session: Session) -> None:
    judge, entries = set_up(session)
    user = judge.user
    assert user is not None
    own = make_entry(session, judge.edition, make_organisation(session, user, name="Own"), user, state="eligible")
    assignment = make_assignment(session, judge, own)

    assert declare_conflicts(session, judge, {}, by=judge.user_id, now=NOW) == 1

    assert assignment.recused_at == NOW
    row = session.scalars(select(Conflict)).one()
    assert (row.entry_id, row.kind, row.declared_by) == (own.id, "work", None)
    assert entries[0].id != own.id


def test_declare_conflicts_refuses_bad_values_at_their_field(session: Session) -> None:
    judge, (entry, _) = set_up(session)
    for conflict, field in [
        (("", "reason"), "kind"), (("unknown", "reason"), "kind"), (("other", "  "), "reason"),
        (("work", "x" * (MOST_CHARACTERS + 1)), "reason"),
    ]:  # fmt: skip
        with pytest.raises(Refusal) as refused:
            declare_conflicts(session, judge, {entry.id: conflict}, by=judge.user_id, now=NOW)
        assert refused.value.field == f"{field}_{entry.id}"
    assert session.scalars(select(Conflict)).all() == []
    assert declare_conflicts(session, judge, {entry.id: ("work", "x" * MOST_CHARACTERS)}, by=None, now=NOW) == 1


def test_declare_conflicts_refuses_another_editions_entry(session: Session) -> None:
    judge, _ = set_up(session)
    city = make_user(session, "Other")
    strange = make_entry(session, make_edition(session, "2027"), make_organisation(session, city), city)
    with pytest.raises(Refusal, match="does not belong"):
        declare_conflicts(session, judge, {strange.id: ("work", "")}, by=judge.user_id, now=NOW)


def test_declare_conflicts_refuses_a_judge_who_has_not_accepted(session: Session) -> None:
    edition = make_edition(session)
    judge, _ = invite_judge(session, edition=edition, email="a@example.org", name="A", country=None, by=None, now=NOW)
    with pytest.raises(Refusal, match="accepted"):
        declare_conflicts(session, judge, {}, by=None, now=NOW)
