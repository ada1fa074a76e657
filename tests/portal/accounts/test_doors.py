"""Signing up, confirming, signing in and out, recovering: through the pages, the mails read from the outbox."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask_security import hash_password
from sqlalchemy import select

from portal.accounts import limits
from portal.accounts.models import User
from portal.audit import AccessRecord, AuditEvent
from portal.mail import MailMessage
from tests.browser import Browser
from tests.factories import make_user
from tests.portal.accounts.letters import PASSWORD, link_in, read_letters

LATER = datetime.now(UTC) + timedelta(days=1)


@pytest.fixture
def ann(app, database):
    """A confirmed person who knows her password."""
    with app.app_context():
        hashed = hash_password(PASSWORD)
    with database.transaction() as session:
        return make_user(session, "Ann", email="ann@example.org", password=hashed)


def sign_in(browser, email="ann@example.org", password=PASSWORD, *, path="/en/login", status=303, follow=False):
    browser.get(path)
    return browser.submit({"email": email, "password": password}, status=status, follow=follow)


def test_a_person_signs_up_confirms_by_the_mail_and_signs_in(browser, database, outbox, do_jobs):
    browser.get("/ko/register")
    page = browser.submit({"name": "김하늘", "email": "Haneul@Example.org", "password": PASSWORD, "language": "ko"})
    assert page.response.request.path == "/ko/login"
    do_jobs(LATER)
    letters = read_letters(outbox)
    assert len(letters) == 1
    (text,) = letters.values()
    link = link_in(text)
    assert link.startswith("/ko/confirm/")

    page = sign_in(browser, "haneul@example.org", status=422)
    assert "haneul@example.org" in page.text  # what was typed is still there, the password is not
    assert [one.get_text() for one in page.soup.select(".error-summary li")] == [
        "Please confirm your e-mail address first: open the link in the mail that we sent you."
    ]
    assert PASSWORD not in page.text

    browser.get(link)
    with database.open() as session:
        assert session.scalar(select(User.confirmed_at)) is None  # reading a link changes nothing
    browser.submit({})
    with database.open() as session:
        assert session.scalar(select(User.confirmed_at)) is not None
        assert [event.action for event in session.scalars(select(AuditEvent))] == ["person.create", "person.confirm"]
    assert sign_in(browser, "haneul@example.org", path="/ko/login").location == "/ko/desk"
    assert "김하늘" in browser.get("/ko/desk").words


def test_a_link_confirms_only_once_and_not_when_changed(browser, outbox, do_jobs):
    browser.get("/en/register")
    browser.submit({"name": "Bo", "email": "bo@example.org", "password": PASSWORD})
    do_jobs(LATER)
    link = link_in(next(iter(read_letters(outbox).values())))
    assert browser.get(link[:-2] + "xx", 303).location == "/en/confirm"
    browser.get(link)
    browser.submit({})
    assert browser.get(link, 303).location == "/en/login"


def test_signing_up_twice_looks_like_the_first_time(app, database, ann, outbox, do_jobs):
    answers = []
    for address in ("new@example.org", "ann@example.org"):
        browser = Browser(app)
        browser.get("/en/register")
        first = browser.submit({"name": "Ann", "email": address, "password": PASSWORD}, follow=False)
        second = browser.get(first.location)
        answers.append((first.status, first.location, second.words.replace(address, "ADDRESS")))
    assert answers[0] == answers[1]
    do_jobs(LATER)
    letters = read_letters(outbox)
    assert set(letters) == {"Please confirm your e-mail address", "You have an account already"}
    with database.open() as session:
        assert len(session.scalars(select(User)).unique().all()) == 2


@pytest.mark.parametrize("path", ["/en/reset", "/en/confirm"])
def test_asking_for_a_mail_tells_nobody_who_has_an_account(app, ann, path):
    answers = []
    for address in ("ann@example.org", "nobody@example.org"):
        browser = Browser(app)
        browser.get(path)
        first = browser.submit({"email": address}, follow=False)
        second = browser.get(first.location)
        answers.append((first.status, first.location, second.words.replace(address, "ADDRESS")))
    assert answers[0] == answers[1]
    assert answers[0][1] == "/en/login"


@pytest.mark.parametrize("path", ["/en/reset", "/en/confirm"])
@pytest.mark.parametrize("typed", ["ann@", "-1", "a b@example.org", "x" * 6000, "ann@example..org", "\u2028a"])
def test_what_is_no_address_is_refused_with_a_sentence(browser, path, typed):
    browser.get(path)
    page = browser.submit({"email": typed}, status=422)
    assert "Enter a whole e-mail address." in page.soup.select_one(".error-summary").get_text()
    assert page.soup.select_one("[name=email]")["value"] == typed.strip()


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(app, ann, language):
    answers = []
    for address, password in (("ann@example.org", "not this one"), ("nobody@example.org", PASSWORD)):
        page = sign_in(Browser(app), address, password, path=f"/{language}/login", status=422)
        assert page.soup.select_one("input[name=email]")["value"] == address
        answers.append(page.words.replace(address, "ADDRESS"))
    assert answers[0] == answers[1]


def test_a_suspended_person_learns_why_only_with_the_right_password(app, database, ann):
    with database.transaction() as session:
        session.get(User, ann.id).active = False
    assert "suspended" not in sign_in(Browser(app), password="not this one", status=422).words
    assert "This account is suspended" in sign_in(Browser(app), status=422).words


def test_an_empty_sign_in_says_what_to_enter(app, ann):
    browser = Browser(app)
    for typed, said in (
        ({}, ["Enter your e-mail address.", "Enter your password."]),
        ({"email": ann.email}, ["Enter your password."]),
    ):
        browser.get("/en/login")
        page = browser.submit(typed, status=422)
        assert [line.get_text() for line in page.soup.select(".error-summary li")] == said


def test_sign_in_leads_to_the_wanted_page_of_this_site(app, ann):
    browser = Browser(app)
    turned_away = browser.get("/en/account", 303)
    assert sign_in(browser, path=turned_away.location).location == "/en/account"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.test/", "//evil.test", "/\\evil.test", "\\\\evil.test", "javascript:alert(1)", "///evil.test"],
)
def test_sign_in_leads_nowhere_else(app, ann, elsewhere):
    browser = Browser(app)
    browser.get("/en/login", query_string={"next": elsewhere})
    assert browser.page.soup.select_one("input[name=next]")["value"] == ""
    assert browser.submit({"email": ann.email, "password": PASSWORD}, follow=False).location == "/en/desk"
    browser = Browser(app)
    browser.get("/en/login")
    answer = browser.submit({"email": ann.email, "password": PASSWORD, "next": elsewhere}, follow=False)
    assert answer.location == "/en/desk"


def test_signing_out_takes_a_post_and_leaves_nothing_of_the_person(app, ann):
    browser = Browser(app)
    sign_in(browser)
    browser.get("/en/logout", 405)
    browser.get("/en/desk")
    assert browser.submit({}, form="header .site-header__wide form[action$=logout]", follow=False).location == "/en/"
    assert browser.client.get_cookie("session") is None
    browser.get("/en/desk", 303)


def test_signing_out_from_a_stale_page_asks_once_more(app, ann):
    browser = Browser(app)
    sign_in(browser)
    browser.post("/en/logout", token=False, status=400)
    browser.submit({}, follow=False)
    browser.get("/en/desk", 303)


def test_a_stale_page_gives_the_form_back_filled(app, ann):
    browser = Browser(app)
    browser.get("/en/register")
    page = browser.submit(
        {"name": "Bo", "email": "bo@example.org", "password": PASSWORD, "csrf_token": "old"}, status=422
    )
    assert "This page was open for too long." in page.words
    assert page.soup.select_one("input[name=name]")["value"] == "Bo"
    assert page.soup.select_one("input[name=email]")["value"] == "bo@example.org"
    page = browser.submit({"password": PASSWORD})
    assert page.response.request.path == "/en/login"


def test_what_is_wrong_at_sign_up_stands_at_its_field(browser):
    browser.get("/en/register")
    page = browser.submit({}, status=422)
    framed = [one.select_one("input")["name"] for one in page.soup.select(".field--error")]
    assert framed == ["name", "email", "password"]
    assert all(
        one.select_one(".field__error").get_text(strip=True) != "Error:" for one in page.soup.select(".field--error")
    )
    page = browser.submit({"name": " ", "email": "no address", "password": "short"}, status=422)
    summary = page.soup.select_one(".error-summary").get_text(" ")
    for field in ("name", "email", "password"):
        assert page.soup.select_one(f"#{field}-error"), field
        assert page.soup.select_one(f".error-summary a[href='#{field}']"), field
    assert "short" not in summary
    assert page.soup.select_one("input[name=email]")["value"] == "no address"


def test_a_password_is_set_anew_by_the_mailed_link(app, database, ann, outbox, do_jobs):
    elsewhere = Browser(app)
    sign_in(elsewhere)
    browser = Browser(app)
    browser.get("/en/reset")
    browser.submit({"email": "ANN@example.org "})
    do_jobs(LATER)
    link = link_in(read_letters(outbox)["Set a new password"])
    browser.get(link)
    browser.submit({"password": "short"}, status=422)
    browser.submit({"password": "eight quiet bridges"})
    sign_in(browser, password=PASSWORD, status=422)
    sign_in(browser, password="eight quiet bridges")
    elsewhere.get("/en/desk", 303)  # other sessions are over
    assert browser.get(link, 303).location == "/en/reset"  # the link works once
    do_jobs(LATER)
    assert "Your password was changed" in read_letters(outbox)
    with database.open() as session:
        assert "person.reset-password" in session.scalars(select(AuditEvent.action)).all()


def test_links_in_mails_name_this_site_whatever_the_browser_says(app, database, ann, outbox, do_jobs):
    browser = Browser(app)
    browser.get("/en/reset", headers={"Host": "evil.test"})
    browser.client.post(
        "/en/reset", data={"email": ann.email, "csrf_token": browser.token()}, headers={"Host": "evil.test"}
    )
    do_jobs(LATER)
    for text in read_letters(outbox).values():
        assert "evil.test" not in text


def test_a_person_changes_the_password_knowing_the_old_one(app, database, ann):
    browser = Browser(app)
    sign_in(browser)
    browser.get("/en/change")
    browser.submit({"password": "not this one", "new_password": "eight quiet bridges"}, status=422)
    browser.submit({"password": PASSWORD, "new_password": "eight quiet bridges"})
    assert browser.page.response.request.path == "/en/account"
    browser.get("/en/desk")  # this session stays
    sign_in(Browser(app), password="eight quiet bridges")
    with database.open() as session:
        assert "person.change-password" in session.scalars(select(AuditEvent.action)).all()
        assert session.scalars(select(MailMessage.template)).all() == ["password_changed"]


def use_up(app, limit, key, *, but=0):
    """Count attempts of a limit as the pages do."""
    with app.test_request_context():
        for _ in range(limit.most - but):
            limits.count(limit, key)


def test_wrong_passwords_close_an_account_for_a_while(app, database, ann):
    browser = Browser(app)
    use_up(app, limits.FAILED_HERE, f"{ann.email} 127.0.0.1", but=1)
    sign_in(browser, password="not this one", status=422)
    page = sign_in(browser, status=429)  # even with the right password
    assert "Please try again in 15 minutes" in page.words
    assert "15분 후에 다시" in sign_in(browser, path="/ko/login", status=429).words
    sign_in(browser, "other@example.org", status=422)  # another account is not touched
    with database.open() as session:
        kinds = session.scalars(select(AccessRecord.kind)).all()
        assert kinds.count("sign-in.failed.here") == limits.FAILED_HERE.most + 1
        keys = set(session.scalars(select(AccessRecord.key)))
        assert keys
        assert not any(ann.email in key or "127.0.0.1" in key for key in keys)  # neither address is stored as such


def test_right_passwords_are_not_counted(app, database, ann):
    use_up(app, limits.FAILED_HERE, f"{ann.email} 127.0.0.1", but=1)
    for _ in range(2):
        sign_in(Browser(app))
    with database.open() as session:
        kinds = session.scalars(select(AccessRecord.kind)).all()
        assert kinds.count("sign-in.failed.here") == limits.FAILED_HERE.most - 1
        assert kinds.count("sign-in") == 2


def test_nobody_keeps_a_person_out_by_guessing_from_elsewhere(app, ann):
    use_up(app, limits.FAILED_HERE, f"{ann.email} 203.0.113.7", but=0)
    sign_in(Browser(app))
    use_up(app, limits.FAILED_EVERYWHERE, ann.email, but=0)  # from many addresses: somebody is after the account
    sign_in(Browser(app), status=429)


def test_the_address_of_the_other_end_has_a_limit_too(app, ann):
    use_up(app, limits.FAILED_BY_ADDRESS, "127.0.0.1", but=1)
    browser = Browser(app)
    sign_in(browser, "nobody@example.org", "not this one", status=422)
    sign_in(browser, status=429)


def test_mails_to_one_address_have_a_limit(app, database, ann):
    browser = Browser(app)
    use_up(app, limits.MAILS_BY_ACCOUNT, ann.email, but=1)
    browser.get("/en/reset")
    browser.submit({"email": ann.email})
    browser.get("/en/reset")
    page = browser.submit({"email": ann.email}, status=429)
    assert "Please try again in 60 minutes" in page.words
    with database.open() as session:
        assert len(session.scalars(select(MailMessage.id)).all()) == 1


def test_demonstration_accounts_do_not_exist_outside_demonstration_mode(app, database, outbox, do_jobs, ann):
    with database.transaction() as session:
        session.get(User, ann.id).is_demonstration = True
    unknown = sign_in(Browser(app), "nobody@example.org", status=422).words.replace("nobody@example.org", "ADDRESS")
    assert sign_in(Browser(app), status=422).words.replace("ann@example.org", "ADDRESS") == unknown
    Browser(app, ann).get("/en/desk", 303)  # nor does an old session open anything
    browser = Browser(app)
    browser.get("/en/reset")
    browser.submit({"email": ann.email})
    do_jobs(LATER)
    assert read_letters(outbox) == {}


@pytest.mark.parametrize("path", ["/en/tf-rescue", "/en/tf-select", "/en/tf-setup/x"])
def test_views_of_the_library_that_are_not_used_are_not_there(browser, path):
    browser.post(path, status=404)
