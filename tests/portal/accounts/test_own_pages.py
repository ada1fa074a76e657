"""One's own desk, account and organisation."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from judging.models import Judge, Publication
from portal import clock
from portal.accounts import actions
from portal.accounts.models import Membership, Organisation, User
from portal.audit import AuditEvent
from portal.config import ROOT
from portal.editions.models import Round
from submissions.models import Entry, Screening
from tests.browser import Browser
from tests.factories import make_assignment, make_edition, make_entry, make_judge, make_organisation, make_user
from tests.portal.accounts.test_people import count_statements

CITY = {"applicant_type": "city", "name": "City of Tartu", "country": "EE", "city": "Tartu", "population": "97000"}


@pytest.fixture
def ann(database):
    """An applicant."""
    with database.transaction() as session:
        return make_user(session, "Ann", email="ann@example.org")


@pytest.fixture
def open_edition(database):
    """An edition whose call is open in reality, since pages ask the clock."""
    with database.transaction() as session:
        now = clock.now()
        edition = make_edition(
            session, call_opens_at=now - timedelta(days=1), call_closes_at=now + timedelta(days=2, hours=1)
        )
        assert len(edition.categories) == 3  # loaded now, used after the session
        return edition


def test_a_new_applicant_is_led_to_their_organisation_then_to_an_entry(app, database, ann, open_edition):
    browser = Browser(app, ann)
    page = browser.get("/en/desk")
    assert page.soup.select_one(".empty__title").get_text() == "First, your organisation"
    assert "2 days" in page.soup.select_one(".countdown").get_text()
    browser.get(page.soup.select_one(".empty a")["href"])
    page = browser.submit(CITY)
    assert page.response.request.path == "/en/desk"
    assert "City of Tartu" in page.words
    assert "Estonia" in page.words
    assert page.soup.select_one(".empty__title").get_text() == "No entries yet"
    with database.open() as session:
        organisation = session.scalars(select(Organisation)).one()
        assert (organisation.country, organisation.population, organisation.website) == ("EE", 97000, None)
        assert session.scalars(select(Membership.user_id)).all() == [ann.id]
        assert session.scalars(select(AuditEvent.action)).all() == ["organisation.create"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "  "}, "name"), ({"applicant_type": ""}, "applicant_type"), ({"applicant_type": "empire"}, "applicant_type"),
        ({"country": ""}, "country"), ({"country": "XX"}, "country"), ({"city": ""}, "city"), ({"population": ""}, "population"),
        ({"population": "0"}, "population"), ({"population": "many"}, "population"), ({"population": "100000001"}, "population"),
        ({"population": "3.5"}, "population"), ({"website": "tartu"}, "website"), ({"website": "javascript:alert(1)"}, "website"), ({"name": "x" * 201}, "name"),
    ],
)  # fmt: skip
def test_bad_input_is_shown_at_its_field_and_nothing_is_lost(app, database, ann, change, field):
    browser = Browser(app, ann)
    browser.get("/ko/organisations/new")
    typed = {**CITY, **change}
    page = browser.submit(typed, status=422)
    assert page.soup.select_one(f"#{field}-error"), page.words
    for name in {"name", "city", "population"} - {field}:
        assert page.soup.select_one(f"input[name={name}]")["value"] == typed[name]
    assert not any(word in page.soup.select_one(".error-summary").get_text() for word in ("Enter", "Not a", "Choose"))
    with database.open() as session:
        assert session.scalars(select(Organisation)).all() == []


@pytest.mark.parametrize(
    "change", [{"population": "1"}, {"population": "100000000"}, {"applicant_type": "individual", "population": ""}]
)
def test_edges_that_are_still_good(app, database, ann, change):
    browser = Browser(app, ann)
    browser.get("/en/organisations/new")
    browser.submit({**CITY, **change})
    with database.open() as session:
        assert len(session.scalars(select(Organisation)).all()) == 1


@pytest.mark.parametrize(
    ("population", "people"),
    [("3,270,000", 3_270_000), ("3 270 000", 3_270_000), ("97.000", 97_000), ("97000", 97_000)],
)
def test_numbers_and_addresses_are_taken_as_people_write_them(app, database, ann, population, people):
    browser = Browser(app, ann)
    browser.get("/en/organisations/new")
    browser.submit({**CITY, "population": population, "website": "www.tartu.ee"})
    with database.open() as session:
        row = session.scalars(select(Organisation)).one()
        assert (row.population, row.website) == (people, "https://www.tartu.ee")


def test_faults_are_listed_in_the_order_of_the_page(app, ann):
    browser = Browser(app, ann)
    browser.get("/en/organisations/new")
    page = browser.submit(status=422)
    asked = [field["name"] for field in page.soup.select("main form :is(input:not([type=hidden]), select)")]
    wrong = [link["href"].lstrip("#").split("-")[0] for link in page.soup.select(".error-summary a")]
    assert wrong == [name for name in dict.fromkeys(asked) if name in wrong]


def test_countries_are_sorted_in_the_language_of_the_reader(app, ann):
    names = {}
    for language in ("en", "ko"):
        page = Browser(app, ann).get(f"/{language}/organisations/new")
        names[language] = [one.get_text() for one in page.soup.select("select[name=country] option")][1:]
    assert names["en"][:3] == ["Afghanistan", "Åland Islands", "Albania"]
    assert names["ko"][:3] == ["가나", "가봉", "가이아나"]
    assert len(names["en"]) == len(names["ko"]) == 250  # ISO 3166-1 and Kosovo
    assert not {"European Union", "United Nations", "Unknown Region", "Eurozone"} & set(names["en"])


def test_a_member_changes_the_organisation(app, database, ann):
    with database.transaction() as session:
        organisation = make_organisation(session, ann)
    browser = Browser(app, ann)
    page = browser.get(f"/en/organisations/{organisation.id}")
    assert page.soup.select_one("option[selected]")["value"] == "PH"
    browser.submit({"population": "370000", "website": "https://baguio.gov.ph"})
    with database.open() as session:
        row = session.get(Organisation, organisation.id)
        assert (row.population, row.website, row.name) == (370_000, "https://baguio.gov.ph", "City of Baguio")


def test_what_an_organisation_says_of_itself_stays_while_an_entry_is_judged(app, database, ann, pass_time):
    pass_time(timedelta())
    with database.transaction() as session:
        organisation = make_organisation(session, ann)
        edition = make_edition(session)
        entry = make_entry(session, edition, organisation, ann, state="submitted")
        helper = make_user(session, "Mina", roles=("secretariat",))
    path = f"/en/organisations/{organisation.id}"

    def change(person, status=303, **values):
        browser = Browser(app, person)
        browser.get(path)
        return browser.submit(values, status=status, follow=False)

    def stand(state):
        with database.transaction() as session:
            session.get(Entry, entry.id).state = state

    change(ann, city="Bagio")
    stand("eligible")
    page = change(ann, 422, country="KR", city="Baguio")
    assert "is being judged" in page.soup.select_one("#city-error").get_text()
    assert page.soup.select_one("[name=city]")["value"] == "Baguio"
    change(ann)  # nothing changed, nothing refused
    change(helper, city="Baguio")
    with database.transaction() as session:
        row = session.get(Organisation, organisation.id)
        assert (row.city, row.country) == ("Baguio", "PH")
        at = clock.now() + timedelta(hours=1)
        session.add(Publication(edition_id=edition.id, approval_reason="x", visible_from=at))
    change(ann, 422, city="Baguio City")
    pass_time(timedelta(hours=1))
    change(ann, city="Baguio City")


def test_a_foreign_organisation_is_not_found(app, database, ann):
    with database.transaction() as session:
        organisation = make_organisation(session, make_user(session, "Bo"), name="City of Secrets")
    browser = Browser(app, ann)
    assert "Secrets" not in browser.get(f"/en/organisations/{organisation.id}", 404).text
    browser.post(f"/en/organisations/{organisation.id}", CITY, status=404)
    browser.get("/en/organisations/nothing", 404)
    with database.open() as session:
        assert session.get(Organisation, organisation.id).name == "City of Secrets"


def test_saving_leads_back_to_the_wanted_page_of_this_site_only(app, database, ann):
    browser = Browser(app, ann)
    browser.get("/en/organisations/new?next=/en/entries/new")
    assert browser.submit(CITY, follow=False).location == "/en/entries/new"
    browser.get("/en/organisations/new?next=https://evil.test")
    assert browser.submit(CITY, follow=False).location == "/en/desk"


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("draft", "Finish the draft and submit it by"), ("submitted", "The secretariat checks whether it is eligible"),
        ("sent-back", "Please change it and submit it again by"), ("eligible", "Now the judges read it"),
        ("ineligible", "It cannot take part"), ("withdrawn", "You have withdrawn it"),
        ("discarded", "This draft was discarded. It had not been submitted."),
    ],
)  # fmt: skip
def test_entries_stand_on_the_desk_with_their_next_step(app, database, ann, open_edition, state, sentence):
    with database.transaction() as session:
        organisation = make_organisation(session, ann)
        make_organisation(session, make_user(session, "Bo"), name="City of Secrets")
        entry = make_entry(
            session, open_edition, organisation, ann, state="withdrawn" if state == "discarded" else state,
            receipt_code=None if state in ("draft", "discarded") else "2026-7K3M-9QXD",
        )  # fmt: skip
        if state in ("sent-back", "ineligible"):
            session.add(Screening(
                entry_id=entry.id, outcome=state, reason="The budget is missing.", decided_at=clock.now(),
                decided_by=ann.id, reply_until=clock.now() + timedelta(days=3) if state == "sent-back" else None,
            ))  # fmt: skip
    page = Browser(app, ann).get("/en/desk")
    card = page.soup.select_one(".card").get_text(" ")
    assert sentence in card
    assert ("The secretariat writes: The budget is missing." in card) == (state in ("sent-back", "ineligible"))
    assert "Secrets" not in page.text
    assert "2일" in Browser(app, ann).get("/ko/desk").soup.select_one(".countdown").get_text()


def test_the_desk_takes_ten_statements_at_most_however_many_entries(app, database, ann, open_edition):
    with database.transaction() as session:
        organisation = make_organisation(session, ann)
        make_entry(session, open_edition, organisation, ann)
    browser = Browser(app, ann)
    browser.get("/en/desk")
    one = count_statements(database, browser, "/en/desk")
    with database.transaction() as session:
        for _ in range(2):
            make_entry(session, open_edition, organisation, ann)
    assert one == count_statements(database, browser, "/en/desk") <= 10


def test_a_judge_sees_how_far_they_are(app, database, open_edition):
    with database.transaction() as session:
        author, judge_person = make_user(session, "Ann"), make_user(session, "Juno")
        organisation = make_organisation(session, author)
        judge = make_judge(session, open_edition, judge_person, conflicts_declared_at=None)
        for number in range(2):
            make_assignment(
                session, judge, make_entry(session, open_edition, organisation, author, state="eligible"), number
            )
    browser = Browser(app, judge_person)
    page = browser.get("/en/desk")
    assert "First say with which entries you have a conflict of interest" in page.words
    assert not page.soup.select("#entries")  # a judge is not asked to enter
    with database.transaction() as session:
        session.get(Judge, judge.id).conflicts_declared_at = clock.now()
        session.scalars(select(Round)).one().opened_at = clock.now()
    assert "0 of 2" in browser.get("/en/desk").soup.select_one(".progress").get_text()


DESKS = ["Secretariat", "Case library", "Information pages", "Notices"]


@pytest.mark.parametrize(
    ("roles", "cards"),
    [
        (("secretariat",), [*DESKS, "Audit log"]),
        (("administrator",), [*DESKS, "People and roles", "Outbox", "Audit log"]),
    ],
)
def test_staff_see_their_desks(app, database, roles, cards):
    with database.transaction() as session:
        user = make_user(session, "Sam", roles=roles)
    browser = Browser(app, user)
    links = browser.get("/en/desk").soup.select(".card a")
    assert [one.get_text() for one in links] == cards
    for one in links:
        browser.get(one["href"])


def test_name_and_language_are_changed_and_remembered(app, database, ann):
    browser = Browser(app, ann)
    browser.get("/en/account")
    assert browser.submit({"name": " "}, form="form:has(#name)", status=422).soup.select_one("#name-error")
    browser.submit({"name": "Ann Lee", "language": "ko"}, form="form:has(#name)")
    assert "Ann Lee" in browser.page.words
    assert browser.get("/", 302).location == "/ko/"
    with database.open() as session:
        assert (session.get(User, ann.id).name, session.get(User, ann.id).language) == ("Ann Lee", "ko")
    browser.get("/en/account")
    browser.submit({"language": "tlh"}, form="form:has(#name)", status=422)


def test_a_person_signs_out_on_all_devices(app, ann):
    elsewhere, browser = Browser(app, ann), Browser(app, ann)
    elsewhere.get("/en/desk")
    browser.get("/en/account")
    browser.submit({}, form="form[action$=sign-out-everywhere]")
    elsewhere.get("/en/desk", 303)
    browser.get("/en/desk", 303)


@pytest.mark.parametrize(
    "path", ["/en/desk", "/en/account", "/en/organisations/new", "/en/people", "/en/outbox", "/en/audit"]
)
def test_who_is_not_signed_in_is_led_to_the_door_and_back(browser, path):
    assert browser.get(path, 303).location == f"/en/login?next={path}"


def test_demonstration_accounts_come_from_the_data_and_are_marked(session, now):
    demo = json.loads((ROOT / "portal/data/demo.json").read_text(encoding="utf-8"))
    added = actions.seed_demonstration(session, demo, "hash", now)
    assert set(added) == {"applicant", "judge", "secretariat", "administrator"}
    assert all(user.is_demonstration and user.password == "hash" for user, _ in added.values())
    assert {role.name for role in added["administrator"][0].roles} == {"administrator"}
    assert added["applicant"][1].country == "KR"
    assert actions.seed_demonstration(session, demo, "hash", now) == {}
