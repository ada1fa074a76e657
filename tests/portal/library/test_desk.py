"""The editors' desk: cases from draft to withdrawal, their history, two people at once, collections and questions."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.audit import AuditEvent
from portal.db import Database
from portal.errors import Refusal
from portal.files import StoredFile
from portal.library import rules
from portal.library.actions.cases import ChangedElsewhere, add_case, change_case, publish_case, unpublish_case
from portal.library.actions.collections import write_collection
from portal.library.actions.pictures import MOST_MEDIA, add_medium
from portal.library.actions.requests import MOST_QUESTIONS, QUESTIONS_PER, ask_city, is_asking_allowed
from portal.library.copies import Telling
from portal.library.desk import editorial
from portal.library.models import Case, CaseVersion, Collection, ContactRequest
from portal.mail import MailMessage
from tests import factories
from tests.browser import Browser
from tests.conftest import NOW
from tests.portal.library.conftest import case_copy

COMPLETE: dict[str, Any] = {"id": "clinic-2026", "sources": (("A paper", "https://example.org/a"),)}


@pytest.fixture
def staff(app: Flask, database: Database) -> Browser:
    """The browser of a member of the secretariat."""
    with database.transaction() as session:
        user = factories.make_user(session, "Sora", roles=("secretariat",))
    return Browser(app, user)


@pytest.fixture
def case_id(database: Database) -> str:
    """A complete draft."""
    return add(database)


def add(database: Database, **values: Any) -> str:
    """Add a case and return its id; a draft unless a moment is given."""
    with database.transaction() as session:
        copy = case_copy(**{"visible_from": None, **COMPLETE, **values})
        return add_case(session, copy, by=None, now=NOW).id


def stored(database: Database, case_id: str = "clinic-2026") -> dict[str, Any]:
    """Return what is stored of a case, as its record says it."""
    with database.open() as session:
        case = editorial.get_case(session, case_id)
        assert case is not None
        kept = session.scalars(select(CaseVersion.number).where(CaseVersion.case_id == case_id)).all()
        assert sorted(kept) == list(range(1, case.version + 1)), "a version is not kept"
        return {**editorial.records.unfold(editorial.records.dump_case(case, everything=True)), "version": case.version}


def audited(database: Database) -> list[str]:
    """Return the actions of the audit log."""
    with database.open() as session:
        return list(session.scalars(select(AuditEvent.action).order_by(AuditEvent.sequence)))


def picture(shade: int = 128) -> io.BytesIO:
    """Return a small PNG."""
    stream = io.BytesIO()
    Image.new("RGB", (8, 8), (0, shade, 0)).save(stream, "PNG")
    stream.seek(0)
    return stream


def test_a_case_begins_as_a_draft_that_nobody_else_sees(staff: Browser, browser: Browser, database: Database) -> None:
    staff.get("/en/staff/library/new")
    page = staff.submit({"language": "en", "title": "Night buses", "award": "(programme)", "city": "Miri", "year": "2026",
                         "country": "MY", "kind": "other-award"})  # fmt: skip
    assert page.soup.h1.get_text(strip=True) == "Night buses"
    assert "Missing" in page.words
    with database.open() as session:
        case = session.scalars(select(Case)).one()
        assert (case.visible_from, case.version) == (None, 1)
    browser.get(f"/en/cases/{case.id}", 404)
    assert "Night buses" not in browser.get("/en/cases").text
    assert audited(database) == ["case.add"]


def test_a_draft_without_its_facts_is_refused_and_keeps_what_was_typed(staff: Browser) -> None:
    staff.get("/en/staff/library/new")
    page = staff.submit(status=422)
    assert [fault.get_text(strip=True) for fault in page.soup.select(".error-summary li")] == [
        "Write the title.", "Write the name of the award, or in brackets what it is.",
        "Write the name of the city in English.", "Choose a country.", "Please give the year.",
    ]  # fmt: skip
    page = staff.submit(
        {"title": "Night buses", "award": "x", "city": "Miri", "country": "MY", "year": "soon"}, status=422
    )
    assert "whole number from 1900 to 2100" in page.soup.select_one("#year-error").get_text()
    assert page.soup.select_one("#title")["value"] == "Night buses"
    assert page.soup.select_one("#year")["value"] == "soon"


def test_the_list_narrows_by_state_language_certainty_and_hides_the_simulated(
    staff: Browser, database: Database
) -> None:
    add(database)
    add(database, id="public-1", visible_from=clock.now() - timedelta(days=1), certainty="partly")
    add(database, id="later-1", visible_from=clock.now() + timedelta(days=1), texts={"en": Telling("Only English")})
    add(database, id="sim-1", simulated=True)

    def listed(query: str = "") -> set[str]:
        page = staff.get(f"/en/staff/library/{query}")
        return {one["value"] for one in page.soup.select("input[name=case]")}

    assert listed() == {"clinic-2026", "public-1", "later-1"}
    assert listed("?simulated=1") == {"clinic-2026", "public-1", "later-1", "sim-1"}
    assert listed("?state=draft") == {"clinic-2026"}
    assert listed("?state=scheduled") == {"later-1"}
    assert listed("?state=public") == {"public-1"}
    assert listed("?state=withdrawn") == set()
    assert listed("?missing=ko") == {"later-1"}
    assert listed("?certainty=partly") == {"public-1"}
    assert listed("?words=only+zanzibar") == {"later-1"}
    assert listed("?words=100%25") == set()
    assert listed("?state=nonsense&page=999") == set()


def test_the_checklist_names_what_is_missing_and_where(staff: Browser, database: Database) -> None:
    add(database, texts={"ko": Telling("제목", "요약")}, original_language="ko", sources=(), themes=())
    page = staff.get("/en/staff/library/cases/clinic-2026")
    wrong = page.soup.select(".tasklist__item--error a")
    assert [one["href"].partition("/cases/clinic-2026")[2] for one in wrong] == [
        "/texts/en#title", "/sources#sources-0-title", "/facts#themes",
    ]  # fmt: skip
    for link in wrong:
        address, _, field = link["href"].partition("#")
        assert staff.get(address).soup.find(id=field), link["href"]


def test_rules_ask_for_dates_sources_and_words_of_pictures() -> None:
    record = {"original_language": "en", "certainty": "partly", "note": "x",
              "details.indicators": [{"date": "2024", "source": 0}, {"date": "2024"}]}  # fmt: skip
    missing = {check.key for check in rules.check_case(record, [("Ann", {"en": "A boat"})]) if not check.is_done}
    assert missing >= {"indicators", "pictures", "notes"}
    record |= {"note_ko": "x", "details.indicators": [{"date": "2024", "source": 0}]}
    missing = {
        check.key for check in rules.check_case(record, [("Ann", {"en": "A boat", "ko": "배"})]) if not check.is_done
    }
    assert not missing & {"indicators", "pictures", "notes"}


def test_facts_are_changed_and_refused_at_their_field(staff: Browser, database: Database, case_id: str) -> None:
    staff.get(f"/en/staff/library/cases/{case_id}/facts")
    page = staff.submit({"year": "20x6", "organisation": "City Hall"}, status=422)
    assert page.soup.select_one("#year-error")
    assert page.soup.select_one("#organisation")["value"] == "City Hall"
    staff.submit({"year": "2025", "version_note": "The year was wrong."})
    assert (stored(database)["year"], stored(database)["organisation"], stored(database)["version"]) == (
        2025,
        "City Hall",
        2,
    )
    with database.open() as session:
        kept = session.get_one(CaseVersion, (case_id, 2))
        assert (kept.note, kept.written_by is not None) == ("The year was wrong.", True)
    staff.get(f"/en/staff/library/cases/{case_id}/facts")
    assert "Nothing was changed." in staff.submit({}).words
    assert stored(database)["version"] == 2
    assert audited(database) == ["case.add", "case.change"]


def test_a_language_is_written_and_taken_away(staff: Browser, database: Database, case_id: str) -> None:
    staff.get(f"/en/staff/library/cases/{case_id}/texts/ko")
    page = staff.submit({"title": "", "problem": "섬에는 병원이 없다."}, status=422)
    assert page.soup.select_one("#title-error")
    staff.submit({"title": "떠다니는 병원"})
    assert (stored(database)["title_ko"], stored(database)["problem_ko"]) == ("떠다니는 병원", "섬에는 병원이 없다.")
    staff.get(f"/en/staff/library/cases/{case_id}/texts/ko")
    staff.submit(dict.fromkeys(editorial.records.PARTS, ""))
    assert "title_ko" not in stored(database)
    staff.get(f"/en/staff/library/cases/{case_id}/texts/xx", 404)


def test_lines_are_added_and_removed_without_a_script(staff: Browser, database: Database, case_id: str) -> None:
    staff.get(f"/en/staff/library/cases/{case_id}/sources")
    page = staff.submit({"sources-0-title": "A better paper"}, button="add_row", status=200)
    assert len(page.soup.select("[name$=-title]")) == 2
    assert stored(database)["source_title"] == "A paper"  # adding a line saves nothing
    page = staff.submit({"sources-1-title": "Second", "sources-1-url": "nonsense"}, status=422)
    assert page.soup.select_one("#sources-1-url-error")
    staff.submit({"sources-1-url": "https://example.org/b"})
    assert stored(database)["source_title"] == "A better paper"
    assert stored(database)["extra_sources"] == [{"title": "Second", "url": "https://example.org/b"}]
    staff.get(f"/en/staff/library/cases/{case_id}/sources")
    staff.submit({}, button="remove_row", status=200)
    staff.submit({})
    assert (stored(database)["source_title"], "extra_sources" in stored(database)) == ("Second", False)


def test_figures_are_written_as_lines(staff: Browser, database: Database, case_id: str) -> None:
    staff.get(f"/en/staff/library/cases/{case_id}/figures")
    page = staff.submit(
        {"population": "366,000", "indicators-0-name_en": "Visits", "indicators-0-value": "many", "sdgs": ["3"]}, status=422
    )  # fmt: skip
    assert page.soup.select_one("#indicators-0-value-error")
    staff.submit({
        "indicators-0-value": "1,260", "indicators-0-source": "0", "indicators-0-date": "2024-02", "budget_amount": "5",
        "budget_currency": "krw", "partners": "One\n\nTwo", "statements-0-subject_en": "Cities",
        "statements-0-text_en": "About 50.", "followers-0-city": "Miri", "followers-0-country": "MY",
    })  # fmt: skip
    told = stored(database)
    assert (told["details.population"], told["details.sdgs"], told["details.partners"]) == (366000, [3], ["One", "Two"])
    assert told["details.indicators"] == [
        {"name": {"en": "Visits"}, "value": "1260", "source": 0, "date": "2024-02"}
    ]  # fmt: skip
    assert told["details.budget"] == {"amount": "5", "currency": "KRW"}
    assert told["details.followers"] == [{"city": "Miri", "country": "MY"}]
    staff.get(f"/en/staff/library/cases/{case_id}/figures")
    assert "Nothing was changed." in staff.submit({}).words


def test_the_real_cases_pass_through_every_form_unchanged(staff: Browser, library: Database) -> None:
    for case_id in ("hp-seongnam-aiot-2024", "sscp-2024-kragujevac", "hp-seoul-afhc-2024", "sscp-2024-miri"):
        for part in ("facts", "sources", "figures", "texts/en", "texts/ko"):
            staff.get(f"/ko/staff/library/cases/{case_id}/{part}")
            staff.submit({})
        assert stored(library, case_id)["version"] == 1


def test_the_slower_of_two_sees_both_texts_and_loses_nothing(staff: Browser, database: Database, case_id: str) -> None:
    staff.get(f"/en/staff/library/cases/{case_id}/texts/en")
    with database.transaction() as session:
        case = session.get_one(Case, case_id)
        change_case(
            session, case, {"summary_en": "Their summary.", "problem_en": "Their problem."}, by=None, now=NOW
        )  # fmt: skip
    page = staff.submit({"summary": "My summary.", "lessons": "My lessons."}, status=422)
    assert "Their summary." in page.soup.select_one(".notice--warn").get_text()
    assert page.soup.select_one("#summary").get_text().strip() == "My summary."
    assert page.soup.select_one("#lessons").get_text().strip() == "My lessons."
    assert page.soup.select_one("#problem").get_text().strip() == "Their problem."
    assert stored(database)["summary_en"] == "Their summary."
    staff.submit({})
    told = stored(database)
    assert (told["summary_en"], told["lessons_en"], told["problem_en"]) == (
        "My summary.",
        "My lessons.",
        "Their problem.",
    )
    assert told["version"] == 3


def test_changes_of_different_fields_go_together(session: Session) -> None:
    case = add_case(session, case_copy(**COMPLETE), by=None, now=NOW)
    change_case(session, case, {"year": 2024}, seen=1, by=None, now=NOW)
    assert change_case(session, case, {"year": 2026, "organisation": "Hall"}, seen=1, by=None, now=NOW)
    assert (case.year, case.organisation, case.version) == (2024, "Hall", 3)
    with pytest.raises(ChangedElsewhere) as refused:
        change_case(session, case, {"year": 2025, "organisation": "Hall"}, seen=1, by=None, now=NOW)
    assert refused.value.names == ("year",)
    assert change_case(session, case, {"year": 2024}, seen=1, by=None, now=NOW) is False


def test_a_case_is_published_now_or_at_its_moment(
    staff: Browser, browser: Browser, database: Database, case_id: str
) -> None:
    staff.get(f"/en/staff/library/cases/{case_id}/publish")
    staff.submit({"when": "later", "visible_from": ""}, status=422)
    staff.submit({"when": "later", "visible_from": "2001-01-01T00:00"}, status=422)
    page = staff.submit({"when": "later", "visible_from": "2999-01-01T09:00"})
    assert "Scheduled" in page.words
    browser.get(f"/en/cases/{case_id}", 404)
    staff.get(f"/en/staff/library/cases/{case_id}/publish")
    staff.submit({"when": "draft"})
    assert "visible_from" not in stored(database)
    staff.get(f"/en/staff/library/cases/{case_id}/publish")
    staff.submit({"when": "now"})
    assert "Floating clinic" in browser.get(f"/en/cases/{case_id}").words
    staff.get(f"/en/staff/library/cases/{case_id}/publish")
    page = staff.submit({"when": "draft"}, status=422)
    assert "can only be withdrawn" in page.words
    assert audited(database) == ["case.add", "case.publish", "case.unpublish", "case.publish"]


def test_a_case_without_a_source_is_not_published(staff: Browser, browser: Browser, database: Database) -> None:
    case_id = add(database, sources=())
    staff.get(f"/en/staff/library/cases/{case_id}/publish")
    assert "names its source" in staff.submit({"when": "now"}, status=422).words
    browser.get(f"/en/cases/{case_id}", 404)


def test_publishing_obeys_the_edge_of_its_moment(session: Session) -> None:
    case = add_case(session, case_copy(**COMPLETE, visible_from=None), by=None, now=NOW)
    with pytest.raises(Refusal) as refused:
        publish_case(session, case, visible_from=NOW - timedelta(seconds=1), by=None, now=NOW)
    assert refused.value.field == "visible_from"
    publish_case(session, case, visible_from=NOW + timedelta(seconds=1), by=None, now=NOW)
    unpublish_case(session, case, by=None, now=NOW)
    publish_case(session, case, visible_from=NOW, by=None, now=NOW)
    with pytest.raises(Refusal, match="only be withdrawn"):
        unpublish_case(session, case, by=None, now=NOW)
    with pytest.raises(Refusal, match="public already"):
        publish_case(session, case, visible_from=NOW, by=None, now=NOW)


def test_a_withdrawn_case_shows_its_reason_and_nothing_else(
    staff: Browser, browser: Browser, database: Database
) -> None:
    add(database, visible_from=clock.now() - timedelta(days=1))
    staff.get("/en/staff/library/cases/clinic-2026/withdraw")
    page = staff.submit({"reason_en": "The city asked for it."}, status=422)
    assert page.soup.select_one("#reason_ko-error")
    staff.submit({"reason_ko": "도시가 요청했습니다."})
    for tag, reason in (("en", "The city asked for it."), ("ko", "도시가 요청했습니다.")):
        gone = browser.get(f"/{tag}/cases/clinic-2026", 410)
        assert reason in gone.words
        assert "A boat brings doctors" not in gone.text
    staff.get("/en/staff/library/cases/clinic-2026/withdraw")
    staff.submit({"reason_en": "Again.", "reason_ko": "다시."}, status=422)
    assert stored(database)["version"] == 2


def test_an_earlier_version_is_restored_as_a_new_one(staff: Browser, database: Database, case_id: str) -> None:
    with database.transaction() as session:
        case = session.get_one(Case, case_id)
        moment = clock.now() - timedelta(hours=1)
        change_case(
            session, case, {"summary_en": "Worse.", "lessons_en": "New.", "visible_from": moment.isoformat()}, by=None,
            now=NOW,
        )  # fmt: skip
    page = staff.get(f"/en/staff/library/cases/{case_id}/history")
    assert "A boat brings doctors" in page.words
    assert "Worse." in page.words
    staff.get(f"/en/staff/library/cases/{case_id}/history/1")
    staff.submit({})
    told = stored(database)
    assert (told["summary_en"], "lessons_en" in told, told["version"]) == (
        "A boat brings doctors to the islands.",
        False,
        3,
    )
    assert "visible_from" in told
    assert audited(database)[-1] == "case.restore"
    staff.get(f"/en/staff/library/cases/{case_id}/history/9", 404)


def test_the_pictures_of_a_version_are_restored_with_it(
    staff: Browser, app: Flask, database: Database, case_id: str
) -> None:
    def pictures() -> list[tuple[str, str]]:
        with database.open() as session:
            case = editorial.get_case(session, case_id)
            return [(one.credit, session.get_one(StoredFile, one.file_id).sha256) for one in case.media]

    store, shades = app.extensions["portal"].store, {}
    for number, credit in enumerate(("Ann", "Bob", "Cleo")):
        shades[credit] = store.stage(picture(number), "a.png", accept=["image"], most_bytes=10_000)
        with database.transaction() as session:
            case = editorial.get_case(session, case_id)
            add_medium(session, case, shades[credit], credit=credit, alts={"en": "A boat"}, by=None, now=NOW)
    whole = pictures()
    assert whole == [(credit, staged.sha256) for credit, staged in shades.items()]
    for place in (0, 1):  # the second one stands at place 1, the third stays
        staff.get(f"/en/staff/library/cases/{case_id}/pictures/{place}")
        staff.submit({}, button="remove")
    assert pictures() == whole[2:]

    compared = staff.get(f"/en/staff/library/cases/{case_id}/history/4")
    assert "A boat (Ann) A boat (Bob) A boat (Cleo)" in compared.words
    assert "stays as it is" in compared.words
    staff.submit({})
    assert pictures() == whole
    assert audited(database)[-1] == "case.restore"
    staff.get(f"/en/staff/library/cases/{case_id}/history/1")
    staff.submit({})
    assert pictures() == []
    with database.transaction() as session:  # as versions were kept before they knew of pictures
        old = session.get_one(CaseVersion, (case_id, 4))
        old.record = {name: value for name, value in old.record.items() if name != "pictures"}
    assert "Pictures, and the moment" in staff.get(f"/en/staff/library/cases/{case_id}/history/4").words
    staff.submit({})
    assert pictures() == []
    assert stored(database)["version"] == 8


def test_a_note_carries_the_language_in_which_it_was_written(
    staff: Browser, browser: Browser, database: Database, case_id: str
) -> None:
    staff.get(f"/ko/staff/library/cases/{case_id}/facts")
    staff.submit({"year": "2025", "version_note": "연도를 고침"})
    with database.transaction() as session:
        moment = clock.now()
        publish_case(session, editorial.get_case(session, case_id), visible_from=moment, by=None, now=moment)
    for page in (browser.get(f"/en/cases/{case_id}"), staff.get(f"/en/staff/library/cases/{case_id}/history")):
        (told,) = [one for one in page.soup.select("[lang=ko]") if one.get_text() == "연도를 고침"]
    told = browser.get(f"/ko/cases/{case_id}").soup.find(string="연도를 고침")
    assert told.find_parent(lang=True).name == "html"


def test_pictures_need_credit_and_words(staff: Browser, database: Database, case_id: str) -> None:
    staff.get(f"/en/staff/library/cases/{case_id}/pictures")
    page = staff.submit({"picture": (picture(), "a.png"), "alt_en": "A boat"}, status=422)
    assert page.soup.select_one("#credit-error")
    page = staff.submit({"picture": (io.BytesIO(b"<svg/>"), "a.png"), "credit": "Ann", "alt_en": "x"}, status=422)
    assert "does not match" in page.soup.select_one("#picture-error").get_text()
    staff.submit({"picture": (picture(), "a.png"), "credit": "Ann", "alt_en": "A boat"})
    shown = staff.page.soup.select_one("main img")["src"]
    response = staff.client.get(shown)
    assert (response.status_code, response.mimetype) == (200, "image/png")
    response.close()
    staff.get(f"/en/staff/library/cases/{case_id}/pictures/0")
    staff.submit({"alt_ko": "배"})
    with database.open() as session:
        case = editorial.get_case(session, case_id)
        assert [(one.credit, one.alts) for one in case.media] == [("Ann", {"en": "A boat", "ko": "배"})]
        assert case.version == 3
    staff.get(f"/en/staff/library/cases/{case_id}/pictures/0")
    staff.submit({}, button="remove")
    assert stored(database)["version"] == 4
    staff.get(f"/en/staff/library/cases/{case_id}/pictures/0", 404)


def test_the_number_of_pictures_has_a_limit(app: Flask, session: Session) -> None:
    case = add_case(session, case_copy(**COMPLETE), by=None, now=NOW)
    staged = app.extensions["portal"].store.stage(picture(), "a.png", accept=["image"], most_bytes=10_000)
    for _ in range(MOST_MEDIA):
        add_medium(session, case, staged, credit="Ann", alts={"en": "A boat"}, by=None, now=NOW)
    with pytest.raises(Refusal, match="at most"):
        add_medium(session, case, staged, credit="Ann", alts={"en": "A boat"}, by=None, now=NOW)


def test_several_cases_are_changed_at_once(staff: Browser, database: Database) -> None:
    add(database)
    add(database, id="bare-1", sources=())
    staff.get("/en/staff/library/")
    chosen = {"case": ["clinic-2026", "bare-1"]}
    staff.submit({**chosen, "act": ""}, status=422, form="main form[method=post]")
    assert staff.page.soup.select("input[name=case][checked]")
    assert "2 cases are changed." in staff.submit({**chosen, "act": "add:ageing"}).words
    assert stored(database)["themes"] == ["health", "ageing"]
    assert "0 cases are changed. 2 stay as they were." in staff.submit({**chosen, "act": "add:ageing"}).words
    staff.submit({**chosen, "act": "remove:health"})
    staff.submit({**chosen, "act": "category:leadership"})
    assert "1 case is changed. 1 stays as it was." in staff.submit({**chosen, "act": "publish"}).words
    assert (stored(database)["themes"], stored(database)["category"]) == (["ageing"], "leadership")
    assert "visible_from" in stored(database)
    assert "visible_from" not in stored(database, "bare-1")
    staff.get("/en/staff/library/")
    staff.submit({"act": "publish"}, status=422, form="main form[method=post]")
    assert "Choose at least one case." in staff.page.words


def test_likely_duplicates_are_explained(staff: Browser, database: Database) -> None:
    add(database)
    add(database, id="same-place", texts={"en": Telling("Rain gardens")})
    add(database, id="same-title", city="Miri", country="MY", texts={"en": Telling("The floating clinic")})
    add(database, id="other", city="Oslo", country="NO", texts={"en": Telling("Clinic of rain")})
    add(database, id="sim", simulated=True)
    with database.open() as session:
        found = [(one.one, one.other, one.is_same_place, one.alike_in) for one, _a, _b in editorial.list_twins(session)]
    assert found == [("clinic-2026", "same-place", True, ""), ("clinic-2026", "same-title", False, "en")]
    words = staff.get("/en/staff/library/cases/clinic-2026").words
    assert "Rain gardens : same city and year" in words
    assert "The floating clinic : titles alike" in words
    assert len(staff.get("/en/staff/library/twins").soup.select("tbody tr")) == 2


def test_titles_in_korean_are_compared_by_pairs_of_letters() -> None:
    def brief(name: str, title: str) -> rules.Brief:
        return rules.Brief(name, name, "KR", 2026, {"ko": title})

    twins = rules.list_twins(
        [brief("a", "어르신 건강관리 사업"), brief("b", "어르신의 건강관리"), brief("c", "공공 자전거 사업")]
    )
    assert [(one.one, one.other) for one in twins] == [("a", "b")]


def test_a_csv_file_is_imported_and_its_faults_are_named(staff: Browser, database: Database, case_id: str) -> None:
    def upload(text: str) -> dict[str, Any]:
        return {"file": (io.BytesIO(text.encode()), "cases.csv")}

    staff.get("/en/staff/library/import")
    page = staff.submit(upload("id,year,details.population\nclinic-2026,2025,12\nother,never,\n"), status=422)
    assert [cell.get_text(strip=True) for cell in page.soup.select("tbody td")][:2] == ["2", "other"]
    assert stored(database)["year"] == 2026
    page = staff.submit(upload("\ufeffid,year,title_en,details.population\nclinic-2026,2025,,12\n"))
    assert "0 added, 1 changed, 0 the same" in page.words
    told = stored(database)
    assert (told["year"], told["details.population"], told["title_en"]) == (2025, 12, "Floating clinic")
    staff.get("/en/staff/library/import")
    staff.submit({"file": (io.BytesIO(b"\xff\xfe"), "cases.json")}, status=422)
    staff.submit({"file": (io.BytesIO(b"[]"), "cases.json")}, status=422)


def test_a_collection_is_named_ordered_and_published(
    staff: Browser, browser: Browser, database: Database, case_id: str
) -> None:
    add(database, id="second", visible_from=clock.now() - timedelta(days=1))
    add(database, id="sim", simulated=True)
    staff.get("/en/staff/library/collections/new")
    page = staff.submit({"slug": "boats"}, status=422)
    assert "name of the collection" in page.words
    staff.submit({"name_en": "Boats", "name_ko": "배", "slug": "Boats!"}, status=422)
    assert staff.page.soup.select_one("#slug-error")
    staff.submit({"slug": "boats"})
    with database.open() as session:
        collection = session.scalars(select(Collection)).one()
    address = f"/en/staff/library/collections/{collection.id}"
    for chosen in (case_id, "second"):
        staff.get(address)
        staff.submit({"add": chosen}, form="#members-form")
    staff.post(f"{address}/members", {"move": "up:second"})
    with database.open() as session:
        assert [one.case_id for one in editorial.get_collection(session, collection.id).members] == ["second", case_id]
    staff.post(f"{address}/members", {"add": "sim"}, status=409)
    staff.post(f"{address}/members", {"move": f"out:{case_id}"})
    staff.get(address)
    staff.submit({"when": "now"}, form="#collection")
    with database.open() as session:
        found = editorial.get_collection(session, collection.id)
        assert ([one.case_id for one in found.members], found.visible_from is not None) == (["second"], True)
    staff.get("/en/staff/library/collections/new")
    page = staff.submit({"name_en": "Other", "slug": "boats"}, status=422)
    assert page.soup.select_one("#slug-error")
    staff.get(f"{address}/remove")
    staff.submit({})
    with database.open() as session:
        assert session.scalar(select(func.count()).select_from(Collection)) == 0
        assert session.get(Case, "second")


def test_a_readers_question_reaches_the_secretariat_and_is_done(
    staff: Browser, database: Database, case_id: str
) -> None:
    asked = {"name": "Ann", "email": "ann@example.org", "organisation": "", "message": "How much\ndid it cost?"}
    with database.transaction() as session:
        ask_city(session, session.get_one(Case, case_id), **asked, language="en", now=NOW)
        letter = session.scalars(select(MailMessage)).one()
        assert letter.recipient.startswith("sora-")
        assert (letter.template, letter.context["case_id"]) == ("library_contact", case_id)
    page = staff.get("/en/staff/library/requests")
    assert "did it cost?" in page.words
    assert "Done" in staff.submit({}).words
    with database.open() as session:
        assert session.scalars(select(ContactRequest.done_at)).one() is not None
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "contact.ask")).one()
        assert not {"ann", "ann@example.org"} & {str(fact).lower() for fact in event.facts.values()}


@pytest.mark.parametrize(
    ("change", "field"),
    [({"name": " "}, "name"), ({"email": "ann"}, "email"), ({"message": ""}, "message"), ({"message": "x" * 4001}, "message"),
     ({"organisation": "x" * 201}, "organisation")],
)  # fmt: skip
def test_ask_city_refuses_what_nobody_could_answer(session: Session, change: dict[str, str], field: str) -> None:
    case = add_case(session, case_copy(**COMPLETE, contact_email="city@example.org"), by=None, now=NOW)
    asked = {"name": "A" * 200, "email": "ann@example.org", "organisation": "", "message": "x" * 4000}
    with pytest.raises(Refusal) as refused:
        ask_city(session, case, **{**asked, **change}, language="en", now=NOW)
    assert refused.value.field == field
    assert session.scalar(select(func.count()).select_from(MailMessage)) == 0
    ask_city(session, case, **asked, language="en", now=NOW)
    assert session.scalars(select(MailMessage.recipient)).all() == ["city@example.org"]


def test_questions_from_one_address_are_limited(app: Flask, database: Database) -> None:
    def allowed(address: str, moment: Any) -> bool:
        with database.open() as session:
            return is_asking_allowed(database, session, address, secret="s", now=moment)

    assert [allowed("1.2.3.4", NOW) for _ in range(MOST_QUESTIONS + 1)] == [True] * MOST_QUESTIONS + [False]
    assert allowed("1.2.3.5", NOW)
    assert allowed("1.2.3.4", NOW + QUESTIONS_PER)


def test_everything_untranslated_stands_on_one_page(library: Database, staff: Browser) -> None:
    with library.transaction() as session:
        copy = case_copy(**{**COMPLETE, "texts": {"en": Telling("Only in English")}})
        add_case(session, copy, by=None, now=NOW)
        write_collection(
            session, None, slug="boats", names={"en": "Boats"}, leads={}, visible_from=None, by=None, now=NOW
        )  # fmt: skip
    page = staff.get("/en/staff/untranslated?tag=ko")
    links = {link["href"] for link in page.soup.select("main section a")}
    assert "/en/staff/library/cases/clinic-2026/texts/ko" in links
    assert any("/collections/" in link for link in links)
    for link in sorted(links):
        staff.get(link)
    assert "Only in English" not in staff.get("/en/staff/untranslated?tag=en").soup.main.get_text()


def test_others_do_not_find_the_desk(app: Flask, browser: Browser, database: Database, case_id: str) -> None:
    with database.transaction() as session:
        reader = Browser(app, factories.make_user(session, "Reader"))
    for path in ("", "new", f"cases/{case_id}", f"cases/{case_id}/facts", f"cases/{case_id}/history", "requests", "import",
                 "collections", "languages", "twins"):  # fmt: skip
        page = reader.get(f"/en/staff/library/{path}", 404)
        assert "Floating clinic" not in page.text
        assert "Floating clinic" not in browser.get(f"/en/staff/library/{path}", 303).text
    reader.post("/en/staff/library/bulk", {"case": case_id, "act": "publish"}, status=404)
    assert stored(database)["version"] == 1


@pytest.mark.parametrize("path", ["", "new", "languages", "twins", "import", "collections", "collections/new", "requests",
                                  "cases/clinic-2026", "cases/clinic-2026/facts", "cases/clinic-2026/figures",
                                  "cases/clinic-2026/texts/ko", "cases/clinic-2026/pictures",
                                  "cases/clinic-2026/history"])  # fmt: skip
def test_the_desk_works_from_right_to_left(staff: Browser, case_id: str, path: str) -> None:
    assert staff.get(f"/ar-XB/staff/library/{path}").soup.html["dir"] == "rtl"
    staff.get(f"/ko/staff/library/{path}")
