"""Reads of entries: what counts in an edition's figures, and what the secretariat's lists hold."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from submissions import queries
from submissions.models import Screening
from submissions.rules import EntryState
from tests.factories import NOW, keep, make_edition, make_entry, make_organisation, make_user


def test_statistics_count_standing_entries_and_distinct_places(session: Session) -> None:
    user, edition, other = make_user(session), make_edition(session), make_edition(session, "2025", year=2025)
    places = [("Baguio", "PH"), (" baguio", "PH"), ("BAGUIO ", "PH"), ("San José", "CR"), ("San José", "US")]
    organisations = [make_organisation(session, user, city=city, country=country) for city, country in places]
    states = ["submitted", "sent-back", "eligible", "ineligible", "submitted"]
    for organisation, state in zip(organisations, states, strict=True):
        make_entry(session, edition, organisation, user, state=state, submitted_at=NOW)
    elsewhere = make_organisation(session, user, city="Oslo", country="NO", applicant_type="corporation")
    for state in ("draft", "withdrawn"):  # the latter is a draft that was discarded
        make_entry(session, edition, elsewhere, user, state=state)
    make_entry(session, edition, elsewhere, user, state="withdrawn", submitted_at=NOW)
    make_entry(session, other, elsewhere, user, state="submitted")
    make_entry(session, edition, organisations[0], user, state="eligible", submitted_at=NOW,
               category_id=edition.categories[1].id)  # fmt: skip
    found = queries.get_statistics(session, edition)
    assert (found.entries, found.cities, found.countries) == (6, 3, 3)
    assert found.by_category == {"people-centric": 5, "tech-innovation": 1}
    assert found.by_applicant_type == {"city": 6}
    assert found.by_country == {"PH": 4, "CR": 1, "US": 1}
    assert queries.count_entries(session, edition.id) == {
        "submitted": 2, "sent-back": 1, "eligible": 2, "ineligible": 1, "withdrawn": 1,
    }  # fmt: skip


def test_an_edition_without_entries_counts_nothing(session: Session) -> None:
    found = queries.get_statistics(session, make_edition(session))
    assert (found.entries, found.cities, found.countries, found.by_country) == (0, 0, 0, {})


def test_lists_of_the_secretariat_leave_drafts_out_unless_asked_for(session: Session) -> None:
    user, edition = make_user(session), make_edition(session)
    organisation = make_organisation(session, user)
    for state in EntryState:
        make_entry(session, edition, organisation, user, state=state, title=f"Title {state}")
    listed = [entry.state for entry in queries.list_entries(session, edition.id)]
    assert listed == ["eligible", "ineligible", "sent-back", "submitted"]
    assert [entry.state for entry in queries.list_entries(session, edition.id, states=["draft"])] == ["draft"]
    assert queries.list_entries(session, edition.id, category_key="leadership") == []
    assert len(queries.list_entries(session, edition.id, category_key="people-centric")) == 4


def test_the_latest_screening_counts(session: Session) -> None:
    user, edition = make_user(session), make_edition(session)
    entry = make_entry(session, edition, make_organisation(session, user), user, state="submitted")
    assert queries.get_screening(session, entry.id) is None
    for days, outcome in ((2, "eligible"), (1, "sent-back")):
        keep(session, Screening(
            entry_id=entry.id, outcome=outcome, reason="", decided_at=NOW + timedelta(days=days), decided_by=user.id
        ))  # fmt: skip
    latest = queries.get_screening(session, entry.id)
    assert latest is not None
    assert latest.outcome == "eligible"
    assert queries.list_screenings(session, [entry.id]) == {entry.id: latest}
    assert queries.list_screenings(session, []) == {}
