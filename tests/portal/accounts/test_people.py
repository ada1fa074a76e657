"""The administrator's pages: people, roles, invitations, suspension; and who else is turned away."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from judging.actions.judges import invite_judge
from portal import mail
from portal.accounts import actions, queries
from portal.accounts.datastore import Datastore
from portal.accounts.models import User
from portal.audit import AccessRecord, AuditEvent, AuditText
from portal.errors import Refusal
from portal.mail import MailMessage
from tests.browser import Browser
from tests.factories import make_edition, make_organisation, make_user
from tests.portal.accounts.letters import PASSWORD, link_in, read_letters
from tests.portal.accounts.test_doors import sign_in
from tests.races import race
from tests.statements import statements

LATER = datetime.now(UTC) + timedelta(days=1)


@pytest.fixture
def ari(database):
    """The administrator."""
    with database.transaction() as session:
        return make_user(session, "Ari", email="ari@example.org", roles=("administrator",))


@pytest.fixture
def bo(database):
    """Somebody without a role, of one organisation."""
    with database.transaction() as session:
        user = make_user(session, "Bo", email="bo@example.org")
        make_organisation(session, user, name="City of Tartu")
        return user


def roles_of(database, user):
    with database.open() as session:
        return {role.name for role in session.get(User, user.id).roles}


def acts(database):
    with database.open() as session:
        return session.scalars(select(AuditEvent.action).order_by(AuditEvent.sequence)).all()


def test_people_are_listed_with_roles_organisations_and_states(app, database, ari, bo):
    page = Browser(app, ari).get("/en/people")
    rows = [" ".join(row.get_text(" ").split()) for row in page.soup.select("tbody tr")]
    assert rows == [
        "Ari ari@example.org Administrator – Active May 1, 2026",
        "Bo bo@example.org – City of Tartu Active May 1, 2026",
    ]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q=ARI", ["Ari"]), ("q=example.org", ["Ari", "Bo", "Cy"]), ("q=%25", []), ("q=b_", []),
        ("role=administrator", ["Ari"]), ("role=none", ["Bo", "Cy"]), ("role=emperor", ["Ari", "Bo", "Cy"]),
        ("state=suspended", ["Cy"]), ("state=active", ["Ari", "Bo"]), ("state=invited", []), ("page=99", ["Ari", "Bo", "Cy"]),
    ],
)  # fmt: skip
def test_people_are_found(app, database, ari, bo, query, names):
    with database.transaction() as session:
        make_user(session, "Cy", active=False)
    page = Browser(app, ari).get(f"/en/people?{query}")
    assert [one.get_text(strip=True) for one in page.soup.select("tbody th")] == names


def count_statements(database, browser, path):
    """Count the statements of one request, the doors' own left out."""
    with statements(database.engine) as sent:
        browser.get(path)
    return len(sent)


@pytest.mark.parametrize("path", ["/en/people", "/en/outbox", "/en/audit"])
def test_lists_take_the_same_number_of_statements_for_one_row_and_three(app, database, ari, path):
    browser = Browser(app, ari)

    def add(name):
        with database.transaction() as session:
            user = make_user(session, name, roles=("secretariat",))
            make_organisation(session, user)
            actions.invite_person(
                session, email=f"{name}@example.net", name=name, roles=("administrator",), language="en",
                by=user.id, now=datetime.now(UTC),
            )  # fmt: skip

    add("Cy")
    browser.get(path)
    one = count_statements(database, browser, path)
    add("Di")
    add("Ed")
    assert one == count_statements(database, browser, path) <= 10


@pytest.mark.parametrize("roles", [(), ("secretariat",)])
def test_pages_of_people_are_not_found_by_others(app, database, bo, roles):
    with database.transaction() as session:
        other = make_user(session, "Cy", roles=roles)
    browser = Browser(app, other)
    for path in ("/en/people", "/en/people/invite", f"/en/people/{bo.id}", f"/en/people/{bo.id}/suspend", "/en/outbox"):
        page = browser.get(path, 404)
        assert "Bo" not in page.words.split()
        assert "Tartu" not in page.words
    for act in ("grant", "revoke", "suspend", "erase", "restore", "sign-out", "second-factor", "invite-again"):
        browser.post(f"/en/people/{bo.id}/{act}", {"role": "administrator", "reason": "because"}, status=404)
    assert roles_of(database, bo) == set()
    assert acts(database) == []
    browser.get("/en/audit", 200 if roles else 404)


def test_reading_a_person_is_recorded_before_the_answer(app, database, ari, bo):
    Browser(app, ari).get(f"/en/people/{bo.id}")
    with database.open() as session:
        (record,) = session.scalars(select(AccessRecord)).all()
        assert (record.kind, record.key, record.actor) == ("person.read", f"person:{bo.id}", ari.id)


def test_a_person_who_is_not_there_is_not_found(app, ari):
    Browser(app, ari).get("/en/people/nobody", 404)


def test_roles_are_given_and_taken(app, database, ari, bo):
    browser = Browser(app, ari)
    browser.get(f"/en/people/{bo.id}")
    browser.submit({}, form="form[action$=grant]:has(input[value=secretariat])")
    assert roles_of(database, bo) == {"secretariat"}
    browser.submit({}, form="form[action$=revoke]:has(input[value=secretariat])")
    assert roles_of(database, bo) == set()
    assert acts(database) == ["role.grant", "role.revoke"]
    browser.post(f"/en/people/{bo.id}/grant", {"role": "emperor"}, status=422)
    assert roles_of(database, bo) == set()


def test_the_last_administrator_stays(app, database, ari, bo):
    browser = Browser(app, ari)
    browser.get(f"/en/people/{ari.id}")
    page = browser.submit({}, form="form[action$=revoke]", status=422)
    assert "This is the last administrator" in page.soup.select_one(".error-summary").get_text()
    browser.post(f"/en/people/{ari.id}/suspend", {"reason": "holiday"}, status=422)
    with database.transaction() as session:
        actions.grant_role(session, session.get(User, bo.id), "administrator", by=ari.id, now=LATER)
    browser.get(f"/en/people/{ari.id}")
    browser.submit({}, form="form[action$=revoke]", follow=False)
    assert roles_of(database, ari) == set()
    assert acts(database) == ["role.grant", "role.revoke"]


def test_two_administrators_cannot_take_the_role_from_each_other_at_once(database):
    with database.transaction() as session:
        one, two = (make_user(session, name, roles=("administrator",)).id for name in ("One", "Two"))
    now = datetime.now(UTC)

    def revoke(session, person, by):
        actions.revoke_role(session, session.get(User, person), "administrator", by=by, now=now)

    outcome = race(database, lambda session: revoke(session, one, two), lambda session: revoke(session, two, one))
    assert isinstance(outcome, Refusal)
    assert not roles_of(database, SimpleNamespace(id=one))
    assert roles_of(database, SimpleNamespace(id=two)) == {"administrator"}


def test_two_who_sign_up_with_one_address_at_once_get_one_account_and_a_sentence(app, database, ari, monkeypatch):
    browser = Browser(app, ari)
    browser.get("/en/people/invite")
    with database.transaction() as session:
        make_user(session, "Gia", email="gia@example.org")
    monkeypatch.setattr(queries, "get_user_by_email", lambda *_: None)  # looked before the other one was there
    page = browser.submit({"name": "Gia B", "email": "gia@example.org"}, status=422)
    assert "at this moment" in page.soup.select_one(".error-summary").get_text()
    assert page.soup.select_one("[name=name]")["value"] == "Gia B"


def test_who_signs_up_with_an_address_that_is_taken_at_this_moment_gets_a_sentence(app, database, browser, monkeypatch):
    browser.get("/en/register")
    with database.transaction() as session:
        make_user(session, "Gia", email="gia@example.org")
    monkeypatch.setattr(queries, "get_user_by_email", lambda *_: None)
    monkeypatch.setattr(Datastore, "find_user", lambda *_, **__: None)
    typed = {"name": "Gia B", "email": "gia@example.org", "password": PASSWORD}
    assert "at this moment" in browser.submit(typed, status=409).words
    assert "in the outbox" not in browser.get("/en/login").words


def test_a_suspended_administrator_does_not_count_as_one(app, database, ari, bo):
    with database.transaction() as session:
        user = session.get(User, bo.id)
        actions.grant_role(session, user, "administrator", by=ari.id, now=LATER)
        actions.suspend_user(session, user, reason="left", by=ari.id, now=LATER)
    browser = Browser(app, ari)
    browser.get(f"/en/people/{ari.id}")
    browser.submit({}, form="form[action$=revoke]", status=422)


def test_suspending_takes_a_reason_and_ends_sessions(app, database, ari, bo):
    elsewhere = Browser(app, bo)
    elsewhere.get("/en/desk")
    browser = Browser(app, ari)
    browser.get(f"/ko/people/{bo.id}/suspend")
    page = browser.submit({"reason": " "}, status=422)
    assert page.soup.select_one("#reason-error")
    browser.submit({"reason": "Left the city"})
    elsewhere.get("/en/desk", 303)
    with database.open() as session:
        assert session.scalars(select(AuditText.value)).all() == ["Left the city"]
        # names and reasons stay out of the chain
        assert all(
            "Left" not in str(one.facts) and "Bo" not in one.subject for one in session.scalars(select(AuditEvent))
        )
    page = browser.get(f"/en/people/{bo.id}")
    assert "Left the city" in page.words
    browser.submit({}, form="form[action$=restore]")
    assert acts(database) == ["person.suspend", "person.restore"]


def test_signing_a_person_out_everywhere_ends_their_sessions(app, database, ari, bo):
    elsewhere = Browser(app, bo)
    browser = Browser(app, ari)
    browser.get(f"/en/people/{bo.id}")
    browser.submit({}, form="form[action$=sign-out]")
    elsewhere.get("/en/desk", 303)


def test_a_lost_second_factor_is_removed_with_a_reason(app, database, ari):
    with database.transaction() as session:
        user = make_user(session, "Cy", roles=("secretariat",))
    browser = Browser(app, ari)
    browser.get(f"/en/people/{user.id}/second-factor")
    browser.submit({"reason": "Phone stolen, asked by telephone"})
    with database.open() as session:
        assert not session.get(User, user.id).has_second_factor
    assert acts(database) == ["person.remove-second-factor"]


@pytest.mark.parametrize(
    ("language", "subject"), [("en", "Your account is waiting for you"), ("ko", "계정이 준비되었습니다")]
)
def test_an_invited_person_sets_a_password_and_signs_in(app, database, ari, outbox, do_jobs, language, subject):
    browser = Browser(app, ari)
    browser.get("/en/people/invite")
    page = browser.submit({"name": "", "email": "gia@", "language": language}, status=422)
    assert page.soup.select_one("input[name=email]")["value"] == "gia@"
    browser.submit({"name": "Gia", "email": "Gia@example.org", "language": language, "roles": ["secretariat"]})
    assert "Gia" in browser.page.words
    do_jobs(LATER)
    link = link_in(read_letters(outbox)[subject])
    assert link.startswith(f"/{language}/invitation/")

    guest = Browser(app)
    guest.get(link)
    guest.submit({"password": "short"}, status=422)
    with database.open() as session:
        user = session.scalars(select(User).where(User.email == "gia@example.org")).unique().one()
        assert (user.password, user.confirmed_at) == (None, None)
    password = "조용한 다리 일곱 개 건너기"  # typed in Hangul, which sign-in normalises
    guest.submit({"password": password})
    assert sign_in(guest, "gia@example.org", password).location == "/en/tf-setup"
    guest.get(link, 404)  # the link works once
    assert acts(database)[-1] == "person.accept-invitation"


def test_an_invitation_ends_after_fourteen_days_and_can_be_repeated(app, database, ari):
    now = datetime.now(UTC)
    with database.transaction() as session:
        user, code = actions.invite_person(
            session, email="gia@example.org", name="Gia", roles=(), language="en", by=ari.id,
            now=now - timedelta(days=14, minutes=1),
        )  # fmt: skip
    Browser(app).get(f"/en/invitation/{code}", 404)
    browser = Browser(app, ari)
    browser.get(f"/en/people/{user.id}")
    browser.submit({}, form="form[action$=invite-again]")
    with database.open() as session:
        contexts = session.scalars(select(MailMessage.context).order_by(MailMessage.created_at)).all()
    assert contexts[0]["code"] != contexts[1]["code"]
    Browser(app).get(f"/en/invitation/{code}", 404)
    Browser(app).get(f"/en/invitation/{contexts[1]['code']}")


def test_a_known_address_is_not_invited_twice(app, database, ari, bo):
    browser = Browser(app, ari)
    browser.get("/en/people/invite")
    page = browser.submit({"name": "Bo", "email": "BO@example.org"}, status=422)
    assert "There is an account with this e-mail address already" in page.soup.select_one("#email-error").get_text()
    assert page.soup.select_one("input[name=name]")["value"] == "Bo"


def test_the_outbox_shows_mails_and_hides_codes_once_they_leave_by_smtp(
    app, database, ari, outbox, do_jobs, monkeypatch
):
    with database.transaction() as session:
        _, code = actions.invite_person(
            session, email="gia@example.org", name="Gia", roles=(), language="en", by=ari.id, now=datetime.now(UTC)
        )
    do_jobs(LATER)
    browser = Browser(app, ari)
    page = browser.get("/en/outbox?q=gia")
    link = page.soup.select_one("tbody a")["href"]
    assert code in browser.get(link).text
    with database.open() as session:
        assert session.scalars(select(AccessRecord.kind)).all() == ["mail.read"]
    site = app.extensions["portal"]
    monkeypatch.setattr(site, "settings", replace(site.settings, smtp_url="smtp://mail.test"))
    page = browser.get(link)
    assert code not in page.text
    assert "/en/invitation/…" in page.words
    browser.get("/en/outbox/nothing", 404)


def test_the_outbox_hides_the_code_of_a_judges_invitation_too(app, database, ari, do_jobs, outbox, monkeypatch):
    with database.transaction() as session:
        edition = make_edition(session)
        _, code = invite_judge(
            session, edition=edition, email="gia@example.org", name="Gia", country=None, by=ari.id,
            now=datetime.now(UTC),
        )  # fmt: skip
    do_jobs(LATER)
    site = app.extensions["portal"]
    monkeypatch.setattr(site, "settings", replace(site.settings, smtp_url="smtp://mail.test"))
    browser = Browser(app, ari)
    page = browser.get(browser.get("/en/outbox?q=gia").soup.select_one("tbody a")["href"])
    assert code not in page.text
    assert "/en/judging/invitations/…" in page.words


def test_the_outbox_hides_the_key_that_stops_mails(app, database, ari, monkeypatch):
    site = app.extensions["portal"]
    monkeypatch.setattr(site, "settings", replace(site.settings, smtp_url="smtp://mail.test"))
    with database.transaction() as session:
        body = "Stop: http://portal.test/en/saved-searches/stop/KEYTOSTOP\n"
        letter = mail.queue(
            session, "plain", to="gia@example.org", language="en", now=datetime.now(UTC), subject="News", body=body
        )
    page = Browser(app, ari).get(f"/en/outbox/{letter.id}")
    assert "KEYTOSTOP" not in page.text
    assert "/en/saved-searches/stop/…" in page.words


def test_the_audit_log_is_narrowed_by_act_and_subject(app, database, ari, bo):
    with database.transaction() as session:
        actions.sign_out_everywhere(session, session.get(User, bo.id), by=ari.id, now=LATER)
        actions.create_organisation(
            session, user_id=bo.id, name="Tallinn", applicant_type="city", city="Tallinn", country="EE",
            population=450_000, now=LATER,
        )  # fmt: skip
    browser = Browser(app, ari)
    everything = ["2", "1"]
    for query, numbers in {
        "": everything, "action=organisation.create": ["2"], "action=nonsense": everything, "subject=person": ["1"],
        "subject=organisation:": ["2"], f"subject=person:{bo.id}": ["1"], "subject=per": [], "subject=%25": [],
    }.items():  # fmt: skip
        page = browser.get(f"/en/audit?{query}")
        assert [one.get_text(strip=True) for one in page.soup.select("tbody th")] == numbers, query


def test_commands_make_an_administrator_and_list_people(app, database, monkeypatch):
    runner = app.test_cli_runner()
    monkeypatch.setenv("ADMINISTRATOR_PASSWORD", PASSWORD)
    done = runner.invoke(args=["people", "create-administrator", "Root@Example.org", "--name", "Root"])
    assert (done.exit_code, done.output) == (0, "root@example.org is an administrator and can sign in.\n")
    done = runner.invoke(args=["people", "create-administrator", "root@example.org"])
    assert done.output == "root@example.org is an administrator.\n"
    assert runner.invoke(args=["people", "list"]).output == "root@example.org\tRoot\tadministrator\tactive\n"
    assert runner.invoke(args=["people", "create-administrator", "no address"]).exit_code == 2
    monkeypatch.setenv("ADMINISTRATOR_PASSWORD", "short")
    assert runner.invoke(args=["people", "create-administrator", "other@example.org"]).exit_code == 2
    assert acts(database) == ["person.create", "role.grant"]


def test_an_account_is_erased_for_good(app, database, ari, bo):
    browser = Browser(app, ari)
    browser.get(f"/en/people/{bo.id}/erase")
    assert "Write the reason." in browser.submit({}, status=422).words
    page = browser.submit({"reason": "Asked for it."})
    assert "The account was erased." in page.words
    assert "bo@example.org" not in page.text
    assert f"{bo.id}@erased.invalid" in page.words
    page = browser.get(f"/ko/people/{bo.id}")
    assert page.soup.select("form[action$=restore], a[href$=erase]") == []
    browser.get(f"/en/people/{ari.id}/erase")
    assert "your own account" in browser.submit({"reason": "No."}, status=422).words
    assert Browser(app, bo).get("/en/desk", 303).location.startswith("/en/login")
