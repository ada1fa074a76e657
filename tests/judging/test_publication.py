"""Publication: frozen copies with their moment, taken back before it, never after it; nothing public changes meanwhile."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from judging.actions.decisions import decide_prize
from judging.actions.publication import (
    approve_decisions,
    cancel_publication,
    reopen_decisions,
    schedule_publication,
    write_winner_text,
)  # fmt: skip
from portal.editions.models import Edition
from portal.errors import Refusal
from portal.library.models import Case, Result
from submissions.models import Submission
from tests.factories import keep
from tests.judging.competition import Competition


@pytest.fixture
def competition(session: Session, now: datetime) -> Competition:
    """Return a competition with four prizes for three entries, approved."""
    found = Competition(session, simulated=True)
    staff = found.staff.id
    baguio, curitiba, company = found.entries[0], found.entries[1], found.entries[4]
    for prize, entry, place in (
        (found.mention, baguio, None), (found.gold, baguio, 1), (found.silver, curitiba, 2), (found.corporate, company, 1),
    ):  # fmt: skip
        decide_prize(session, prize, entry, place=place, reason="Secret deliberation.", by=staff, now=now)
    approve_decisions(session, found.edition, reason="Committee.", by=staff, now=now)
    return found


def test_a_winner_that_was_withdrawn_is_not_published(
    session: Session, competition: Competition, now: datetime
) -> None:
    staff = competition.staff.id
    competition.entries[4].state = "withdrawn"
    with pytest.raises(Refusal, match="takes no part any more"):
        schedule_publication(session, competition.edition, visible_from=now, by=staff, now=now)
    reopen_decisions(session, competition.edition, reason="Withdrawn.", by=staff, now=now)
    with pytest.raises(Refusal, match="takes no part any more"):
        approve_decisions(session, competition.edition, reason="Committee.", by=staff, now=now)
    assert session.scalars(select(Result)).all() == []


def test_schedule_publication_writes_frozen_copies(session: Session, competition: Competition, now: datetime) -> None:
    moment, staff = now + timedelta(days=10), competition.staff.id
    baguio = competition.entries[0]
    keep(session, Submission(
        entry_id=baguio.id, number=1, answers={**baguio.answers, "summary": "As handed in."}, attachments=[], checksum="",
        submitted_at=now, submitted_by=competition.city_user.id,
    ))  # fmt: skip
    schedule_publication(session, competition.edition, visible_from=moment, by=staff, now=now)
    results = session.scalars(select(Result).order_by(Result.position)).all()
    assert [(one.rank, one.category, one.place, one.organisation, one.city, one.country) for one in results] == [
        ("gold", "people-centric", 1, "City of Baguio", "Baguio", "PH"),
        ("silver", "people-centric", 2, "City of Curitiba", "Curitiba", "BR"),
        ("corporate", "people-centric", 1, "Bright Lamps", "Tampere", "FI"),
        ("special-mention", None, None, "City of Baguio", "Baguio", "PH"),
    ]
    assert {one.visible_from for one in results} == {moment}
    assert {one.simulated for one in results} == {True}
    assert {one.reason for one in results} == {""}
    cases = session.scalars(select(Case)).all()
    assert len(cases) == 3
    gold = next(case for case in cases if case.id == results[0].case_id)
    assert (gold.rank, gold.category, gold.city, gold.themes, gold.simulated, gold.visible_from) == (
        "gold", "people-centric", "Baguio", ["health"], True, moment,
    )  # fmt: skip
    assert results[3].case_id == gold.id
    assert [(text.language, text.title, text.summary) for text in gold.texts] == [
        ("en", "Plan Baguio", "As handed in.")
    ]


@pytest.mark.parametrize(("consent", "body"), [("y", "Streets of Baguio."), ("", "")])
def test_further_answers_are_published_only_with_the_citys_consent(
    session: Session, competition: Competition, now: datetime, consent: str, body: str
) -> None:
    baguio = competition.entries[0]
    baguio.answers = {**baguio.answers, "consent_publication": consent}
    schedule_publication(session, competition.edition, visible_from=now, by=competition.staff.id, now=now)
    case = session.scalars(select(Case).where(Case.city == "Baguio")).one()
    assert [(text.title, text.summary, text.whole) for text in case.texts] == [
        ("Plan Baguio", "How Baguio did it.", body)
    ]


def test_further_languages_go_with_the_case_and_freeze(
    session: Session, competition: Competition, now: datetime
) -> None:
    entry, by = competition.entries[0], competition.staff.id
    for title, summary, field in (("제목", "", "summary"), ("", "요약", "title"), ("가" * 201, "요약", "title")):
        with pytest.raises(Refusal) as refused:
            write_winner_text(session, entry, language="ko", title=title, summary=summary, by=by, now=now)
        assert refused.value.field == field
    with pytest.raises(Refusal, match="in this language"):
        write_winner_text(session, entry, language="en", title="A", summary="B", by=by, now=now)
    with pytest.raises(Refusal, match="both the title and the summary"):
        write_winner_text(session, entry, language="ko", title="", summary="", city="바기오", by=by, now=now)
    write_winner_text(
        session, entry, language="ko", title="바기오 계획", summary="요약", city=" 바기오 ", by=by, now=now
    )
    schedule_publication(session, competition.edition, visible_from=now, by=by, now=now)
    gold = session.scalars(select(Result).where(Result.rank == "gold")).one()
    assert (gold.titles, gold.original_language) == ({"en": "Plan Baguio", "ko": "바기오 계획"}, "en")
    assert (gold.city, gold.city_names) == ("Baguio", {"en": "Baguio", "ko": "바기오"})
    assert session.get_one(Case, gold.case_id).city_names == gold.city_names
    silver = session.scalars(select(Result).where(Result.rank == "silver")).one()
    assert (silver.city, silver.city_names) == ("Curitiba", {})
    with pytest.raises(Refusal, match="frozen"):
        write_winner_text(session, entry, language="ko", title="다른 제목", summary="요약", by=by, now=now)


def test_schedule_publication_checks_state_and_moment(
    session: Session, competition: Competition, now: datetime
) -> None:
    edition, by = competition.edition, competition.staff.id
    with pytest.raises(Refusal) as refused:
        schedule_publication(session, edition, visible_from=now - timedelta(seconds=1), by=by, now=now)
    assert refused.value.field == "visible_from"
    schedule_publication(session, edition, visible_from=now, by=by, now=now)
    with pytest.raises(Refusal, match="scheduled already"):
        schedule_publication(session, edition, visible_from=now, by=by, now=now)
    other = Competition(session, "2027")
    with pytest.raises(Refusal, match="approve"):
        schedule_publication(session, other.edition, visible_from=now, by=by, now=now)


def test_cancel_publication_works_until_the_second_before(
    session: Session, competition: Competition, now: datetime
) -> None:
    edition, by, moment = competition.edition, competition.staff.id, now + timedelta(hours=1)
    schedule_publication(session, edition, visible_from=moment, by=by, now=now)
    with pytest.raises(Refusal, match="cancel the publication first"):
        reopen_decisions(session, edition, reason="A mistake.", by=by, now=now)
    with pytest.raises(Refusal, match="public already"):
        cancel_publication(session, edition, reason="Too late.", by=by, now=moment)
    assert len(session.scalars(select(Result)).all()) == 4
    cancel_publication(session, edition, reason="Ceremony moved.", by=by, now=moment - timedelta(seconds=1))
    assert session.scalars(select(Result)).all() == []
    assert session.scalars(select(Case)).all() == []
    schedule_publication(session, edition, visible_from=moment, by=by, now=now)
    assert len(session.scalars(select(Result)).all()) == 4


def test_deciding_and_scheduling_leave_the_edition_as_it_was(
    session: Session, competition: Competition, now: datetime
) -> None:
    edition = session.get_one(Edition, competition.edition.id)
    columns = [column.key for column in inspect(Edition).columns]
    before = [getattr(edition, column) for column in columns]
    schedule_publication(
        session, edition, visible_from=now + timedelta(days=1), by=competition.staff.id, now=now
    )  # fmt: skip
    session.refresh(edition)
    assert [getattr(edition, column) for column in columns] == before
    assert edition.results_at is None
