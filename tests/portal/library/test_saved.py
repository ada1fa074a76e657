"""Saved searches: kept by one person alone, told by mail and feed, stopped by a link; hidden cases never told."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock, mail
from portal.accounts.models import User
from portal.audit import AuditEvent
from portal.db import Database
from portal.errors import Refusal
from portal.jobs import Job
from portal.library.actions import cases as actions
from portal.library.asking import Asked, View
from portal.library.models import Case, SavedSearch
from portal.library.saved import searches
from portal.library.search.port import LONGEST_QUERY
from tests.browser import Browser
from tests.factories import make_user
from tests.portal.library.conftest import case_copy, publish
from tests.statements import statements

ATOM = "{http://www.w3.org/2005/Atom}"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
Jobs = Callable[[datetime], int]


@pytest.fixture(autouse=True)
def _far_from_the_next_morning(pass_time: Callable[[timedelta], None]) -> None:
    """Let no test run while the daily mails fall due."""
    if searches.next_morning(clock.now()) - clock.now() < timedelta(minutes=20):
        pass_time(timedelta(minutes=20))


@pytest.fixture
def ann(database: Database) -> User:
    with database.transaction() as session:
        return make_user(session, "Ann")


@pytest.fixture
def bob(database: Database) -> User:
    with database.transaction() as session:
        return make_user(session, "Bob")


def save(database: Database, user: User, asked: Asked = Asked("clinic"), **values: object) -> str:
    given = {"name": "Clinics", "language": "en", "by_mail": True, "now": clock.now(), **values}
    with database.transaction() as session:
        return searches.save_search(session, asked, by=user.id, **given).id  # type: ignore[arg-type]


def letters(outbox: Path) -> list[EmailMessage]:
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted(outbox.iterdir())]  # type: ignore[misc]


def mails(outbox: Path) -> list[tuple[str, str]]:
    return [(str(one["To"]), one.get_content()) for one in letters(outbox)]


def in_days(days: float) -> datetime:
    return clock.now() + timedelta(days=days)


def test_a_search_is_saved_from_its_page(library: Database, app: Flask, ann: User) -> None:
    browser = Browser(app, ann)
    page = browser.get("/en/cases?q=clinic&country=TZ&view=map&year_from=2020&page=3")
    link = page.soup.select_one(".take-along a")
    assert link["href"] == "/en/saved-searches/new?q=clinic&country=TZ&year_from=2020&view=map"

    form = browser.get(link["href"])
    assert form.soup.select_one("input[name=name]")["value"] == "clinic"
    assert form.soup.select_one("input[name=by_mail]").has_attr("checked")
    listed = browser.submit({"name": " Clinics in Tanzania "})
    assert "The search “Clinics in Tanzania” was saved." in listed.words
    assert "“Clinics in Tanzania” was saved" in listed.words
    back = listed.soup.select_one(".saved__name a")["href"]
    assert back == "/en/cases?q=clinic&country=TZ&year_from=2020&view=map"
    browser.get(back)
    with library.open() as session:
        kept = session.scalars(select(SavedSearch)).one()
        assert (kept.name, kept.language, kept.by_mail, kept.user_id) == ("Clinics in Tanzania", "en", True, ann.id)
        assert searches.asked_of(kept) == Asked("clinic", {"country": ("TZ",)}, 2020, view=View.MAP)
        assert len(kept.feed_key) >= 32


def test_saving_needs_a_sign_in_and_comes_back(library: Database, browser: Browser) -> None:
    page = browser.get("/en/saved-searches/new?q=clinic&country=TZ", status=303)
    assert page.location == "/en/login?next=/en/saved-searches/new?q%3Dclinic%26country%3DTZ"
    browser.get("/en/saved-searches", status=303)
    browser.post("/en/saved-searches/new?q=clinic", {"name": "x"}, status=401)
    with library.open() as session:
        assert session.scalar(select(func.count()).select_from(SavedSearch)) == 0


def test_names_are_checked_and_what_was_typed_stays(library: Database, app: Flask, ann: User) -> None:
    browser = Browser(app, ann)
    browser.get("/en/saved-searches/new?q=clinic")
    browser.submit({"name": "   "}, status=422)
    long = browser.submit({"name": "n" * 81, "by_mail": []}, status=422)
    assert "at most 80 characters" in long.words
    assert long.soup.select_one("input[name=name]")["value"] == "n" * 81
    assert not long.soup.select_one("input[name=by_mail]").has_attr("checked")
    browser.submit({"name": "n" * 80})
    browser.get("/ko/saved-searches/new?q=clinic")
    browser.submit({"name": "in Korean too"})
    browser.get("/en/saved-searches/new?q=clinic")
    assert "as “" + "n" * 80 in browser.submit({"name": "again"}, status=422).words


def test_a_person_keeps_so_many_searches(session: Session, now: datetime) -> None:
    user = make_user(session, "Ann")
    given = {"language": "en", "by_mail": False, "by": user.id, "now": now}
    for number in range(searches.MOST_SAVED):
        searches.save_search(session, Asked(f"word{number}"), name=f"{number}", **given)
    with pytest.raises(Refusal):
        searches.save_search(session, Asked("one more"), name="x", **given)
    searches.remove_search(session, searches.list_saved(session, user.id)[0], by=user.id, now=now)
    searches.save_search(session, Asked("one more"), name="x", **given)


def test_a_question_that_cannot_be_asked_is_not_saved(session: Session, now: datetime) -> None:
    given = {"name": "x", "language": "en", "by_mail": True, "by": make_user(session, "Ann").id, "now": now}
    searches.save_search(session, Asked("é" * (LONGEST_QUERY // 2)), **given)
    with pytest.raises(Refusal):
        searches.save_search(session, Asked("é" * (LONGEST_QUERY // 2) + "e"), **given)


def test_nobody_meets_the_searches_of_others(library: Database, app: Flask, ann: User, bob: User) -> None:
    search = save(library, ann, name="Ann's own")
    stranger = Browser(app, bob)

    assert "Ann's own" not in stranger.get("/en/saved-searches").text
    assert "No saved searches" in stranger.page.words
    for path in (f"/en/saved-searches/{search}", f"/en/saved-searches/{search}/remove"):
        assert "Ann's own" not in stranger.get(path, status=404).text
        stranger.post(path, {"name": "stolen"}, status=404)
    owner = Browser(app, ann)
    assert "Ann's own" in owner.get("/en/saved-searches").words
    owner.get(f"/en/saved-searches/{search}")
    with library.open() as session:
        assert session.get_one(SavedSearch, search).name == "Ann's own"


def test_renaming_stopping_and_removing(library: Database, app: Flask, ann: User) -> None:
    search = save(library, ann)
    browser = Browser(app, ann)

    browser.get(f"/en/saved-searches/{search}")
    browser.submit({"name": "Boats", "by_mail": []})
    with library.open() as session:
        kept = session.get_one(SavedSearch, search)
        assert (kept.name, kept.by_mail) == ("Boats", False)
        feed = kept.feed_key
    browser.client.get(f"/en/saved-searches/{feed}.atom")
    asked = browser.get(f"/en/saved-searches/{search}/remove")
    assert asked.soup.h1.get_text() == "Remove the search “Boats”?"
    assert "No saved searches" in browser.submit().words
    assert browser.client.get(f"/en/saved-searches/{feed}.atom").status_code == 404
    with library.open() as session:
        facts = {
            event.action: event.facts
            for event in session.scalars(select(AuditEvent))
            if event.subject == f"search:{search}"
        }
    assert set(facts) == {"search.save", "search.change", "search.remove"}
    assert "Boats" not in str(facts)


def test_news_are_mailed_once_a_day(library: Database, app: Flask, ann: User, do_jobs: Jobs, outbox: Path) -> None:
    save(library, ann)
    save(library, ann, Asked("Reykjavik"), name="Old cases only")
    do_jobs(in_days(0.01))
    assert letters(outbox) == []
    publish(library, id="first")
    publish(library, id="second", city="Pemba", city_names={"en": "Pemba"})

    do_jobs(searches.next_morning(clock.now()) - timedelta(seconds=1))
    assert letters(outbox) == []
    do_jobs(searches.next_morning(clock.now()))
    (letter,) = letters(outbox)
    text = letter.get_content()
    assert letter["To"] == ann.email
    assert letter["Subject"] == "2 new cases for “Clinics”"
    for line in ("- Floating clinic", "Pemba, Tanzania, 2026", "http://portal.test/en/cases/first",
                 "http://portal.test/en/cases?q=clinic"):  # fmt: skip
        assert line in text
    do_jobs(searches.next_morning(in_days(1)))
    assert len(letters(outbox)) == 1
    with library.open() as session:
        waiting = session.scalars(select(Job).where(Job.kind == searches.NEWS_JOB, Job.done_at.is_(None))).all()
        assert [job.due_at for job in waiting] == [searches.next_morning(in_days(2))]


def test_the_mail_is_in_the_language_of_the_search(library: Database, ann: User, do_jobs: Jobs, outbox: Path) -> None:
    save(library, ann, Asked("진료소"), language="ko", name="진료소")
    publish(library, id="first")

    do_jobs(searches.next_morning(clock.now()))
    (letter,) = letters(outbox)
    assert letter["Content-Language"] == "ko"
    assert "떠다니는 진료소" in letter.get_content()
    assert "잔지바르, 탄자니아, 2026" in letter.get_content()


def test_a_long_list_is_cut_and_counted(library: Database, ann: User, do_jobs: Jobs, outbox: Path) -> None:
    save(library, ann)
    for number in range(searches.MOST_IN_MAIL + 2):
        publish(library, id=f"case{number}", result=False)

    do_jobs(searches.next_morning(clock.now()))
    ((_, text),) = mails(outbox)
    assert text.count("- Floating clinic") == searches.MOST_IN_MAIL
    assert "2 more cases stand in the library." in text


def test_hidden_cases_are_neither_mailed_nor_fed(
    library: Database, browser: Browser, ann: User, do_jobs: Jobs, outbox: Path
) -> None:
    search = save(library, ann)
    publish(library, id="old", visible_from=clock.now() - timedelta(days=3))
    publish(library, id="to-come", visible_from=clock.now() + timedelta(days=9))
    publish(library, id="made-up", simulated=True)
    publish(library, id="gone", city="Goneville", city_names={})
    with library.transaction() as session:
        actions.add_case(session, case_copy(id="a-draft", visible_from=None), by=None, now=clock.now())
        gone = session.get_one(Case, "gone")
        actions.withdraw_case(session, gone, reason="asked for", by=None, now=clock.now())
        key = session.get_one(SavedSearch, search).feed_key

    do_jobs(searches.next_morning(clock.now()))
    assert letters(outbox) == []
    feed = browser.client.get(f"/en/saved-searches/{key}.atom").text
    assert "/cases/old" in feed
    for hidden in ("to-come", "made-up", "gone", "Goneville", "a-draft"):
        assert hidden not in feed
    publish(library, id="shown")
    do_jobs(searches.next_morning(in_days(1)))
    ((_, text),) = mails(outbox)
    assert "/cases/shown" in text
    assert text.count("- ") == 1


def test_a_case_that_appears_by_the_clock_is_told_then(
    library: Database, ann: User, do_jobs: Jobs, outbox: Path
) -> None:
    save(library, ann)
    moment = searches.next_morning(in_days(1)) - timedelta(hours=1)
    publish(library, id="planned", visible_from=moment)

    do_jobs(searches.next_morning(clock.now()))
    assert letters(outbox) == []
    do_jobs(moment + timedelta(minutes=1))
    do_jobs(searches.next_morning(in_days(1)))
    assert "/cases/planned" in mails(outbox)[0][1]


def test_only_who_wants_mails_and_may_sign_in_gets_them(
    library: Database, ann: User, bob: User, do_jobs: Jobs, outbox: Path
) -> None:
    save(library, ann, by_mail=False)
    save(library, bob)
    with library.transaction() as session:
        session.get_one(User, bob.id).active = False
        key = session.scalars(select(SavedSearch.feed_key).where(SavedSearch.user_id == bob.id)).one()
        assert searches.get_by_feed_key(session, key) is None
    publish(library, id="first")

    do_jobs(searches.next_morning(clock.now()))
    assert letters(outbox) == []


def test_mails_that_begin_again_tell_nothing_old(library: Database, ann: User, do_jobs: Jobs, outbox: Path) -> None:
    search = save(library, ann, by_mail=False)
    publish(library, id="missed")
    do_jobs(in_days(0.01))
    with library.transaction() as session:
        kept = session.get_one(SavedSearch, search)
        searches.change_search(session, kept, name="Clinics", by_mail=True, by=ann.id, now=in_days(0.02))

    do_jobs(searches.next_morning(clock.now()))
    assert letters(outbox) == []


def test_doing_the_job_again_tells_nobody_twice(
    library: Database, app: Flask, ann: User, do_jobs: Jobs, outbox: Path
) -> None:
    save(library, ann)
    publish(library, id="first")
    morning = searches.next_morning(clock.now())
    do_jobs(morning)
    for _ in range(2):
        app.extensions["job_handlers"][searches.NEWS_JOB](library, {}, morning + timedelta(minutes=1))
    do_jobs(morning + timedelta(minutes=2))

    assert len(letters(outbox)) == 1


def test_the_link_in_the_mail_stops_the_mails_without_a_sign_in(
    library: Database, browser: Browser, ann: User, do_jobs: Jobs, outbox: Path
) -> None:
    search, other = save(library, ann), save(library, ann, Asked("boat"), name="Boats")
    publish(library, id="first")
    do_jobs(searches.next_morning(clock.now()))
    letter = next(one for one in letters(outbox) if "Clinics" in one["Subject"])
    link = letter["List-Unsubscribe"].strip("<>")
    assert link in letter.get_content().replace("\n", "")

    def wanted() -> dict[str, bool]:
        with library.open() as session:
            return {one.id: one.by_mail for one in session.scalars(select(SavedSearch))}

    path = urlsplit(link).path
    page = browser.get(path)
    assert page.soup.h1.get_text() == "Stop the mails about “Clinics”?"
    assert page.soup.select_one("meta[name=robots]")["content"] == "noindex"
    assert wanted() == {search: True, other: True}
    browser.post(path, token=False, status=422)
    assert wanted() == {search: True, other: True}
    browser.get(path)
    assert "No more mails about “Clinics”" in browser.submit().words
    assert wanted() == {search: False, other: True}
    assert "No more mails" in browser.get(path).words
    told, _, signed = path.rpartition(".")
    browser.get(f"{told}.{'a' if signed[0] != 'a' else 'b'}{signed[1:]}", status=404)
    browser.get("/en/saved-searches/stop/" + search, status=404)


def test_a_mail_program_stops_the_mails_with_one_click(
    library: Database, app: Flask, ann: User, do_jobs: Jobs, outbox: Path
) -> None:
    search, other = save(library, ann), save(library, ann, Asked("boat"), name="Boats")
    publish(library, id="first")
    do_jobs(searches.next_morning(clock.now()))
    place = next(place for place, one in enumerate(letters(outbox)) if "Clinics" in one["Subject"])
    head = sorted(outbox.iterdir())[place].read_bytes().partition(b"\n\n")[0].decode().splitlines()
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in head
    (link,) = re.findall(r"^List-Unsubscribe: <(http\S+)>$", "\n".join(head), flags=re.M)
    path = urlsplit(link).path

    def wanted() -> set[str]:
        with library.open() as session:
            return set(session.scalars(select(SavedSearch.id).where(SavedSearch.by_mail)))

    program = app.test_client(use_cookies=False)
    told, _, signed = path.rpartition(".")  # the last letter of a signature has bits that mean nothing
    other_signature = f"{told}.{'a' if signed[0] != 'a' else 'b'}{signed[1:]}"
    for forged in (other_signature, path + "x", f"/en/saved-searches/stop/{search}"):
        assert program.post(forged, data=ONE_CLICK).status_code == 404, forged
    for wrong in ({}, {"List-Unsubscribe": "Two-Clicks"}, {"One-Click": "List-Unsubscribe"}):
        assert program.post(path, data=wrong).status_code == 422, wrong
    assert program.get(f"{path}?List-Unsubscribe=One-Click").status_code == 200
    assert program.post(f"{path}?List-Unsubscribe=One-Click").status_code == 422
    assert wanted() == {search, other}
    for content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):  # both are allowed
        stopped = program.post(path, data=ONE_CLICK, content_type=content_type)
        assert (stopped.status_code, "Set-Cookie" in stopped.headers) == (200, False)
        assert "No more mails about “Clinics”" in stopped.text
        assert wanted() == {other}
    with library.open() as session:
        stops = select(func.count()).select_from(AuditEvent).where(AuditEvent.action == "search.stop")
        assert session.scalar(stops) == 1
        session.get_one(SavedSearch, other)
    with library.transaction() as session:
        searches.remove_search(session, session.get_one(SavedSearch, search), by=ann.id, now=clock.now())
    assert program.post(path, data=ONE_CLICK).status_code == 404


def test_one_click_opens_no_other_door(library: Database, app: Flask, ann: User) -> None:
    search = save(library, ann)
    browser = Browser(app, ann)
    for path in (f"/en/saved-searches/{search}", f"/en/saved-searches/{search}/remove"):
        browser.post(path, {**ONE_CLICK, "name": "x"}, token=False, status=422)
    with library.open() as session:
        assert session.get_one(SavedSearch, search).name == "Clinics"


def test_other_mails_carry_no_such_header(library: Database, do_jobs: Jobs, outbox: Path) -> None:
    with library.transaction() as session:
        mail.queue(
            session, "library_contact", to="a@example.org", language="en", now=clock.now(), name="Bo", title="A clinic",
            email="bo@example.org", organisation="", message="How?", case_id="sscp-2024-baguio",
        )  # fmt: skip
    do_jobs(in_days(0.01))
    (letter,) = letters(outbox)
    assert [name for name in letter if name.startswith("List-")] == []


def test_the_feed_is_read_by_its_key_alone(library: Database, browser: Browser, ann: User, do_jobs: Jobs) -> None:
    search = save(library, ann, Asked(chosen={"country": ("TZ",)}))
    publish(library, id="older", visible_from=clock.now() - timedelta(days=2))
    publish(library, id="newer", visible_from=clock.now() - timedelta(days=1))
    do_jobs(in_days(0.01))
    with library.open() as session:
        key = session.get_one(SavedSearch, search).feed_key

    response = browser.client.get(f"/en/saved-searches/{key}.atom")
    assert response.mimetype == "application/atom+xml"
    entries = ElementTree.fromstring(response.data).findall(f"{ATOM}entry")
    links = [entry.find(f"{ATOM}link").get("href") for entry in entries]
    assert links == ["http://portal.test/en/cases/newer", "http://portal.test/en/cases/older"]
    told = response.text.replace(key, "")
    assert ann.name not in told
    assert ann.email not in told
    for wrong in (search, key[:-1], "unknown"):
        assert browser.client.get(f"/en/saved-searches/{wrong}.atom").status_code == 404
    again = browser.client.get(f"/en/saved-searches/{key}.atom", headers={"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_morning_comes_once_a_day() -> None:
    at = datetime(2026, 5, 1, 22, 0, tzinfo=UTC)
    assert searches.next_morning(at - timedelta(microseconds=1)) == at
    assert searches.next_morning(at) == at + timedelta(days=1)


def test_pages_of_saved_searches_need_few_statements(library: Database, app: Flask, ann: User) -> None:
    for number in range(5):
        save(library, ann, Asked(f"word{number}"), name=f"{number}")
    browser = Browser(app, ann)
    browser.client.get("/healthz")
    with statements(library.engine) as sent:
        browser.get("/ko/saved-searches")
    assert len(sent) <= 10
