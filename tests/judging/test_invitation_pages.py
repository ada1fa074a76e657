"""The page behind the link in a judge's mail, in the browser."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from judging.actions.judges import decline_invitation, invite_judge, remove_judge
from judging.models import Judge
from portal import clock
from portal.accounts.models import User
from portal.db import Database
from tests.browser import Browser
from tests.factories import NOW, make_edition, make_judge, make_user

PASSWORD = "우리 도시의 긴 비밀번호"


@pytest.fixture(autouse=True)
def _still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def invited(database: Database, email: str = "rosa@example.org", again: bool = False) -> str:
    with database.transaction() as session:
        edition = make_edition(session, names={"en": "Prize 2026", "ko": "제2026회 상"})
        edition.rounds[0].closes_at = NOW + timedelta(days=30)
        _, code = invite_judge(session, edition=edition, email=email, name="Rosa Meyer", country="DE", by=None, now=NOW)
        if again:
            invite_judge(session, edition=edition, email=email, name="Rosa Meyer", country="DE", by=None, now=NOW)
    return f"/en/judging/invitations/{code}"


def judge_of(database: Database) -> Judge:
    with database.open() as session:
        return session.scalars(select(Judge)).one()


def test_an_invited_person_makes_an_account_and_is_a_judge(app: Flask, database: Database) -> None:
    path = invited(database)
    browser = Browser(app)
    page = browser.get(path)
    assert page.soup.h1.get_text() == "Invitation to judge Prize 2026"  # type: ignore[union-attr]
    assert page.soup.select_one("input[name=name]")["value"] == "Rosa Meyer"  # type: ignore[index]
    assert "no-store" in page.response.headers["Cache-Control"]
    assert judge_of(database).state == "invited"

    page = browser.submit({"password": PASSWORD}, form="main form")

    assert "You are a judge now." in page.words
    assert page.soup.h1.get_text() == "Conflicts of interest"  # type: ignore[union-attr]
    judge = judge_of(database)
    with database.open() as session:
        user = session.scalars(select(User)).unique().one()
    assert (judge.state, judge.user_id, judge.answered_at) == ("accepted", user.id, NOW)
    assert (user.email, user.name, user.confirmed_at) == ("rosa@example.org", "Rosa Meyer", NOW)
    assert PASSWORD not in str(user.password)
    signing_in = Browser(app)
    signing_in.get("/en/login")
    signing_in.submit({"email": "rosa@example.org", "password": PASSWORD}, form="main form", status=303, follow=False)
    signing_in.get("/en/judging/")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [({"password": "short"}, "10"), ({"password": ""}, "Enter a password."), ({"password": PASSWORD, "name": " "}, "Enter your name.")],
)  # fmt: skip
def test_a_faulty_answer_is_refused_at_its_place(
    app: Flask, database: Database, fields: dict[str, str], sentence: str
) -> None:
    path = invited(database)
    browser = Browser(app)
    browser.get(path)
    page = browser.submit({"name": "Rosa B. Meyer", **fields}, form="main form", status=422)
    assert sentence in page.words
    assert judge_of(database).state == "invited"
    with database.open() as session:
        assert session.scalars(select(User)).unique().all() == []


def test_a_person_with_an_account_signs_in_first(app: Flask, database: Database) -> None:
    path = invited(database)
    with database.transaction() as session:
        user = make_user(session, "Rosa", email="rosa@example.org")
    page = Browser(app).get(path)
    link = page.soup.select_one("main a.button--primary")
    assert link is not None
    assert link["href"] == "/en/login?next=" + path
    assert page.soup.select("main input[type=password]") == []
    Browser(app).post(path, {"name": "Rosa", "password": PASSWORD}, 200)
    assert judge_of(database).state == "invited"

    browser = Browser(app, user)
    browser.get(path)
    browser.submit(form="main form")
    assert (judge_of(database).state, judge_of(database).user_id) == ("accepted", user.id)


def test_a_link_works_once(app: Flask, database: Database) -> None:
    path = invited(database)
    with database.transaction() as session:
        first, second = make_user(session, "First"), make_user(session, "Second")
    browser = Browser(app, first)
    browser.get(path)
    browser.submit(form="main form")
    thief = Browser(app, second)
    assert "This invitation was accepted" in thief.get(path).words
    thief.post(path, {}, 200)
    assert judge_of(database).user_id == first.id
    thief.get("/en/judging/", 404)


def test_one_account_takes_one_seat(app: Flask, database: Database) -> None:
    path = invited(database)
    with database.transaction() as session:
        user = make_user(session)
        make_judge(session, session.scalars(select(Judge)).one().edition, user)
    browser = Browser(app, user)
    browser.get(path)
    assert "This account judges this edition already." in browser.submit(form="main form", status=422).words


def test_declining_asks_once(app: Flask, database: Database) -> None:
    path = invited(database)
    browser = Browser(app)
    browser.get(f"{path}/decline")
    assert judge_of(database).state == "invited"
    page = browser.submit(form="main form")
    assert "This invitation was declined" in page.words
    assert judge_of(database).state == "declined"
    assert "This invitation was declined" in browser.get(f"{path}/decline").words


def test_links_that_cannot_be_used_say_why(app: Flask, database: Database) -> None:
    path = invited(database, again=True)
    for unknown in (path, "/en/judging/invitations/unknown", "/en/judging/invitations/unknown/decline"):
        page = Browser(app).get(unknown, 404)
        assert "This link is not valid" in page.words
        assert not [word for word in ("Rosa", "rosa@", "Prize 2026") if word in page.text]


@pytest.mark.parametrize(
    ("state", "sentence"), [("declined", "was declined"), ("removed", "has ended"), ("invited", "was withdrawn")]
)
def test_an_ended_invitation_says_so_without_names(app: Flask, database: Database, state: str, sentence: str) -> None:
    path = invited(database)
    with database.transaction() as session:
        judge = session.scalars(select(Judge)).one()
        if state == "declined":
            decline_invitation(session, judge, now=NOW)
        else:
            judge.answered_at = NOW if state == "removed" else None
            session.flush()
            remove_judge(session, judge, reason="Moved.", by=None, now=NOW)
    page = Browser(app).get(path)
    assert sentence in page.words
    assert not [word for word in ("Rosa", "rosa@") if word in page.text]


def test_the_secretariat_withdraws_an_invitation_in_its_own_words(app: Flask, database: Database) -> None:
    path = invited(database)
    with database.transaction() as session:
        judge = session.scalars(select(Judge)).one()
        slug, judge_id = judge.edition.slug, judge.id
        helper = make_user(session, "Mina", roles=("secretariat",))
    desk = Browser(app, helper)
    assert "Withdraw the invitation" in desk.get(f"/en/staff/editions/{slug}/judges/").words
    page = desk.get(f"/en/staff/editions/{slug}/judges/{judge_id}/remove")
    assert page.soup.h1.get_text() == "Withdraw the invitation of Rosa Meyer?"
    page = desk.submit({"reason": "The panel is full."})
    assert "The invitation of Rosa Meyer was withdrawn." in page.words
    assert "Invitation withdrawn" in page.words
    assert "This invitation was withdrawn" in Browser(app).get(path).words


def test_a_post_without_the_pages_token_changes_nothing(app: Flask, database: Database) -> None:
    path = invited(database)
    Browser(app).post(f"{path}/decline", {}, 422, token=False)
    page = Browser(app).post(path, {"name": "Rosa", "password": PASSWORD}, 422, token=False)
    assert "open for too long" in page.words
    assert judge_of(database).state == "invited"


@pytest.mark.parametrize("language", ["ko", "ar-XB"])
def test_the_pages_stand_in_other_languages(app: Flask, database: Database, language: str) -> None:
    path = invited(database).replace("/en/", f"/{language}/")
    for one in (path, f"{path}/decline"):
        assert Browser(app).get(one).soup.html["lang"] == language  # type: ignore[index]


def test_a_link_that_has_run_out_says_so_and_can_be_sent_anew(
    app: Flask, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = invited(database)
    browser = Browser(app)
    assert "You can answer until May 22, 2026" in browser.get(path).words
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=21, seconds=1))
    for rest in ("", "/decline"):
        page = browser.get(path + rest)
        assert page.soup.h1.get_text() == "This invitation has run out"  # type: ignore[union-attr]
        assert not page.soup.select("main form")
    browser.post(path, {"name": "Rosa", "password": PASSWORD}, 200)
    assert judge_of(database).state == "invited"
    with database.transaction() as session:
        helper = make_user(session, "Mina", roles=("secretariat",))
    desk = Browser(app, helper)
    page = desk.get("/en/staff/editions/2026/judges/")
    assert "run out on May 22, 2026" in page.words
    desk.get(page.soup.select_one("td a[href*=again]")["href"])  # type: ignore[index, arg-type]
    assert "until May 31, 2026" in desk.submit().words  # judging ends before three weeks are over


def test_the_secretariat_sees_that_another_account_has_accepted(app: Flask, database: Database) -> None:
    path = invited(database)
    with database.transaction() as session:
        friend = make_user(session, "Friend", email="friend@example.org")
        helper = make_user(session, "Mina", roles=("secretariat",))
    browser = Browser(app, friend)
    browser.get(path)
    browser.submit()
    page = Browser(app, helper).get("/en/staff/editions/2026/judges/")
    assert "Accepted with the account friend@example.org" in page.words
