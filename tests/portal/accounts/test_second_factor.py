"""The second factor: asked of staff, set up in the pages, lost and recovered."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import struct
import time
from dataclasses import replace

import pytest
from flask_security import hash_password
from sqlalchemy import select

from portal.accounts import limits
from portal.accounts.models import User
from portal.audit import AuditEvent
from tests.browser import Browser
from tests.factories import make_user
from tests.portal.accounts.letters import PASSWORD
from tests.portal.accounts.test_doors import sign_in, use_up


def code_of(key: str, *, steps: int = 0) -> str:
    """Return what an authenticator shows for a key (RFC 6238: SHA-1, six digits, 30 seconds)."""
    secret = base64.b32decode(key.replace(" ", "").replace("-", "") + "=" * (-len(re.sub(r"[ -]", "", key)) % 8))
    mark = hmac.new(secret, struct.pack(">Q", int(time.time()) // 30 + steps), hashlib.sha1).digest()
    start = mark[-1] & 15
    number = struct.unpack(">I", mark[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


@pytest.fixture
def mina(app, database):
    """A member of the secretariat who has no second factor yet."""
    with app.app_context():
        hashed = hash_password(PASSWORD)
    with database.transaction() as session:
        return make_user(
            session, "Mina", email="mina@example.org", password=hashed, roles=("secretariat",),
            tf_primary_method=None, tf_totp_secret=None,
        )  # fmt: skip


def set_up(browser) -> str:
    """Go through the pages from the first one on; return the key."""
    page = browser.submit({}, status=200)
    key = page.soup.select_one("code").get_text()
    assert page.soup.select_one("img")["src"].startswith("data:image/svg+xml;base64,")
    wrong = "000000" if code_of(key) != "000000" else "000001"
    page = browser.submit({"code": wrong}, status=422)
    assert page.soup.select_one("#code-error")
    browser.submit({"code": code_of(key)})
    return key


def test_staff_set_up_a_second_factor_before_anything_else(app, database, mina):
    browser = Browser(app)
    assert sign_in(browser, mina.email).location == "/en/tf-setup"
    page = browser.get("/en/tf-setup")
    assert "until then, the rest of the site stays closed" in page.words
    assert not page.soup.select("input[value=disable]")
    assert browser.get("/en/desk", 303).location.startswith("/en/login")  # the password alone opens nothing
    browser.get("/en/tf-setup")
    key = set_up(browser)
    assert "Mina" in browser.get("/en/desk").words
    with database.open() as session:
        assert "person.set-up-second-factor" in session.scalars(select(AuditEvent.action)).all()

    again = Browser(app)
    answer = sign_in(again, mina.email, path="/en/login?next=/en/account")
    assert (
        answer.location == "/en/tf-validate?next=%2Fen%2Faccount"
        or answer.location == "/en/tf-validate?next=/en/account"
    )
    again.get("/en/desk", 303)
    again.get(answer.location)
    assert again.submit({"code": code_of(key, steps=1)}, follow=False).location == "/en/account"


def test_a_code_signs_in_once(app, database, mina):
    browser = Browser(app)
    sign_in(browser, mina.email)
    browser.get("/en/tf-setup")
    key = set_up(browser)
    with database.open() as session:
        last = session.get(User, mina.id).tf_last_counter
    for code, status in ((code_of(key), 422), (code_of(key, steps=1), 303), (code_of(key, steps=1), 422)):
        other = Browser(app)
        sign_in(other, mina.email)
        other.get("/en/tf-validate")
        page = other.submit({"code": code}, status=status, follow=False)
        assert ("was used already" in page.words) == (status == 422)
        other.get("/en/desk", 200 if status == 303 else 303)
    with database.open() as session:
        assert session.get(User, mina.id).tf_last_counter > last


def test_staff_who_are_signed_in_already_are_led_there_too(app, mina):
    browser = Browser(app, mina)
    for path in ("/en/desk", "/en/staff/", "/en/account", "/en/"):
        assert browser.get(path, 303).location == "/en/tf-setup"


def test_applicants_need_none_but_may_have_one(app, database, mina):
    with database.transaction() as session:
        person = session.get(User, mina.id)
        person.roles.clear()
    browser = Browser(app)
    assert sign_in(browser, mina.email).location == "/en/desk"
    browser.get("/en/tf-setup")
    set_up(browser)
    assert browser.page.response.request.path == "/en/account"
    assert "Without them, you cannot sign in when your phone is lost" in browser.page.words
    browser.get("/en/tf-setup")
    browser.submit({}, form="form:has(input[value=disable])")
    with database.open() as session:
        assert session.scalar(select(User.tf_totp_secret)) is None
        actions = session.scalars(select(AuditEvent.action).order_by(AuditEvent.sequence)).all()
        assert actions == ["person.set-up-second-factor", "person.switch-off-second-factor"]


def test_staff_cannot_switch_it_off(app, database, mina):
    browser = Browser(app)
    sign_in(browser, mina.email)
    browser.get("/en/tf-setup")
    set_up(browser)
    browser.get("/en/tf-setup")
    browser.post("/en/tf-setup", {"setup": "disable"}, status=422)
    with database.open() as session:
        assert session.scalar(select(User.tf_totp_secret)) is not None


def test_a_recovery_code_opens_the_account_once(app, database, mina):
    browser = Browser(app)
    sign_in(browser, mina.email)
    browser.get("/en/tf-setup")
    set_up(browser)
    browser.get("/en/mf-recovery-codes")
    page = browser.submit({}, status=200)
    codes = [one.get_text() for one in page.soup.select("main ol code")]
    assert len(set(codes)) == 8
    with database.open() as session:
        kept = session.get(User, mina.id).mf_recovery_codes
        assert not set(codes) & set(kept)  # encrypted
    assert codes[0] not in browser.get("/en/mf-recovery-codes").words  # shown once only
    for status in (303, 422):
        other = Browser(app)
        sign_in(other, mina.email)
        other.get("/en/tf-validate")
        other.get("/en/mf-recovery")
        other.submit({"code": codes[0]}, status=status, follow=False)
    with database.open() as session:
        assert (
            session.scalars(select(AuditEvent.action).order_by(AuditEvent.sequence)).all()[-1]
            == "person.use-recovery-code"
        )
        assert len(session.get(User, mina.id).mf_recovery_codes) == 7


def test_guessing_codes_has_a_limit(app, database, mina):
    with database.transaction() as session:
        user = session.get(User, mina.id)
        user.tf_primary_method = "authenticator"
        with app.test_request_context():
            user.tf_totp_secret = app.extensions["security"].totp_factory.generate_totp_secret()
    browser = Browser(app)
    sign_in(browser, mina.email)
    use_up(app, limits.FAILED_BY_ACCOUNT, mina.fs_uniquifier, but=1)
    browser.get("/en/tf-validate")
    browser.submit({"code": "000000", "email": "somebody-else@example.org"}, status=422)  # no way around the count
    browser.get("/en/tf-validate")
    browser.submit({"code": "000000", "email": "yet-another@example.org"}, status=429)


def test_in_demonstration_mode_nobody_is_asked(app, mina, monkeypatch):
    site = app.extensions["portal"]
    monkeypatch.setattr(site, "settings", replace(site.settings, demonstration=True))
    assert sign_in(Browser(app), mina.email).location == "/en/desk"
