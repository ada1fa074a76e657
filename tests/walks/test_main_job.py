"""Both walks in one: an entry from the city's form to the library, and a score from the judge's sheet to the results."""

from __future__ import annotations

import email
import os
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from email.policy import default
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from portal import clock
from portal.db import Database
from tests import factories
from tests.house.rounds import client_of
from tests.house.world import PNG
from tests.walks.filling import fill_all, send

pytestmark = pytest.mark.browser
PassTime = Callable[[timedelta], None]
SEOUL = ZoneInfo("Asia/Seoul")
PASSWORD = "a long walk through the city"


def local(moment: datetime) -> str:
    """Return a moment as a datetime-local field of an edition in Seoul takes it."""
    return moment.astimezone(SEOUL).strftime("%Y-%m-%dT%H:%M:%S")


class Post:
    """The mails that have left, newest last."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def link(self, page: Page, recipient: str, part: str) -> str:
        """Wait for a mail to somebody with a link that has ``part`` in it; return the link's path."""
        for _ in range(300):
            for path in sorted(self.folder.glob("*.eml"), key=lambda one: one.stat().st_mtime, reverse=True):
                letter = email.message_from_bytes(path.read_bytes(), policy=default)
                body = letter.get_body()
                found = re.search(rf"https?://\S*{part}\S*", body.get_content() if body else "")
                if recipient in str(letter["To"]) and found:
                    return urlsplit(found.group()).path
            page.wait_for_timeout(100)
        letters = [email.message_from_bytes(path.read_bytes(), policy=default) for path in self.folder.glob("*.eml")]
        sent = [f"{letter['To']}: {letter['Subject']}" for letter in letters]
        raise AssertionError(f"No mail to {recipient} with a link to {part}, only {sent}.")


@pytest.fixture
def secretary(app: Flask, database: Database) -> str:
    """A member of the secretariat with a second factor; gives the session cookie."""
    with database.transaction() as session:
        user = factories.make_user(
            session, "Minji", roles=("secretariat",), tf_primary_method="authenticator", tf_totp_secret="set up"
        )
        key = user.fs_uniquifier
    cookie = client_of(app, key).get_cookie("session", domain="localhost")
    assert cookie is not None
    return str(cookie.value)


@pytest.mark.heavy
@pytest.mark.parametrize("tag", ["en", "ko"] if os.environ.get("SOAK") else ["en"])
def test_the_whole_prize(
    open_window: Callable[..., Page], site: str, secretary: str, outbox: Path, tmp_path: Path, tag: str,
    pass_time: PassTime,
) -> None:  # fmt: skip
    post = Post(outbox)
    proof, photograph = tmp_path / "proof.pdf", tmp_path / "photograph.png"
    proof.write_bytes(
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%%EOF\n"
    )
    photograph.write_bytes(PNG)

    staff = open_window(locale=tag)
    staff.context.add_cookies([{"name": "session", "value": secretary, "url": site}])
    set_up_edition(staff, tag)

    city = open_window(locale=tag)
    sign_up(city, post, tag, "city@example.org", "Haneul")
    receipt = enter(city, tag, (proof, photograph))
    assert receipt

    screen(staff, tag)
    public = open_window(locale=tag)
    judge = open_window(locale=tag)
    become_judge(staff, judge, post, tag)
    for number in (1, 2):
        run_round(staff, judge, tag, number)
        pass_time(timedelta(seconds=2))  # fields hold whole seconds

    decide(staff, tag)
    publish(staff, tag, clock.now() + timedelta(hours=1))
    public.goto(f"/{tag}/results/2027")
    expect(public.locator("main")).not_to_contain_text("Health records")
    pass_time(timedelta(hours=1))
    public.goto(f"/{tag}/results/2027")
    expect(public.locator("main")).to_contain_text("Health records for every district")
    for _ in range(40):
        public.goto(f"/{tag}/cases?q=district")
        if public.locator("main a", has_text="Health records for every district").count():
            break
        public.wait_for_timeout(100)
    public.locator("main a", has_text="Health records for every district").first.click()
    expect(public.locator("h1")).to_contain_text("Health records for every district")
    city.goto(f"/{tag}/desk")
    expect(city.locator("main")).to_contain_text("Health records")


def set_up_edition(staff: Page, tag: str) -> None:
    """Make, date and show an edition whose call is open now."""
    staff.goto(f"/{tag}/staff/editions/new")
    staff.fill("[name=year]", "2027")
    staff.fill("[name=slug]", "2027")
    fill_all(staff)
    send(staff)
    assert "/editions/2027" in staff.url, staff.locator("main").inner_text()
    date(staff, tag, call_closes_at=clock.now() + timedelta(days=1))
    staff.goto(f"/{tag}/staff/editions/2027/rounds")
    staff.fill("[name=round_1_reviews]", "1")
    if staff.locator("[name=round_2_reviews]").count():
        staff.fill("[name=round_2_reviews]", "1")
    send(staff)
    staff.goto(f"/{tag}/staff/editions/2027/publish")
    send(staff)


def date(staff: Page, tag: str, *, call_closes_at: datetime) -> None:
    """Set the timeline so that the call closes at a moment and the first round follows at once."""
    first_closes_at = call_closes_at + timedelta(days=1)
    fill_timeline(staff, tag, {
        "call_opens_at": call_closes_at - timedelta(days=2), "call_closes_at": call_closes_at,
        "screening_ends_at": call_closes_at, "round_1_opens_at": call_closes_at, "round_1_closes_at": first_closes_at,
        "round_2_opens_at": first_closes_at, "round_2_closes_at": first_closes_at + timedelta(days=1),
        "ceremony_at": first_closes_at + timedelta(days=9), "results_at": first_closes_at + timedelta(days=9),
    })  # fmt: skip


def fill_timeline(staff: Page, tag: str, moments: dict[str, datetime]) -> None:
    """Set some moments of the timeline."""
    staff.goto(f"/{tag}/staff/editions/2027/timeline")
    for name, moment in moments.items():
        staff.fill(f"[name={name}]", local(moment))
    send(staff)


def sign_up(page: Page, post: Post, tag: str, address: str, name: str) -> None:
    """Sign up, confirm by the link of the mail, sign in."""
    page.goto(f"/{tag}/register")
    page.fill("[name=name]", name)
    page.fill("[name=email]", address)
    page.fill("[name=password]", PASSWORD)
    page.select_option("[name=language]", tag)
    send(page)
    page.goto(post.link(page, address, "/confirm/"))
    send(page)
    page.goto(f"/{tag}/login")
    page.fill("[name=email]", address)
    page.fill("[name=password]", PASSWORD)
    send(page)
    expect(page).to_have_url(re.compile(rf"/{tag}/desk"))


def enter(city: Page, tag: str, uploads: tuple[Path, ...]) -> str:
    """Describe the organisation, write an entry section by section, submit it; return the receipt's code."""
    city.goto(f"/{tag}/organisations/new")
    city.check("[name=applicant_type][value=city]")
    city.fill("[name=name]", "City of Saebyeok")
    city.select_option("[name=country]", "KR")
    city.fill("[name=city]", "Saebyeok")
    city.fill("[name=population]", "412000")
    send(city)
    city.goto(f"/{tag}/entries/new")
    assert city.locator("[name=category]").count(), city.locator("main").inner_text()
    city.locator("[name=category]").first.check()
    city.select_option("[name=language]", "en")
    send(city)
    entry = city.url
    sections = [
        link.get_attribute("href") for link in city.locator("main a[href*='/sections/']").all()
    ]  # fmt: skip
    assert sections
    for section in dict.fromkeys(sections):
        assert section is not None
        city.goto(section)
        fill_all(city, uploads=uploads)
        send(city)
        if section.endswith("/evidence"):  # a photograph asks for its credit and description once it is there
            city.goto(section)
            fill_all(city)
            send(city)
    city.goto(entry + "/check" if not entry.endswith("/check") else entry)
    fill_all(city)
    send(city)
    expect(city).to_have_url(re.compile("/receipt"))
    return city.locator("h1").inner_text()


def screen(staff: Page, tag: str) -> None:
    """Close the call and find the entry eligible."""
    date(staff, tag, call_closes_at=clock.now() - timedelta(seconds=2))
    staff.goto(f"/{tag}/staff/editions/2027/entries/")
    staff.locator("main a", has_text="Health records").first.click()
    staff.check("[name=outcome][value=eligible]")
    send(staff)


def become_judge(staff: Page, judge: Page, post: Post, tag: str) -> None:
    """Invite a judge, who accepts by the mail's link, makes an account and declares no conflict."""
    staff.goto(f"/{tag}/staff/editions/2027/judges/invite")
    staff.fill("[name=name]", "Jamie Okoro")
    staff.fill("[name=email]", "jamie@example.org")
    staff.select_option("[name=country]", "NG")
    staff.select_option("[name=language]", tag)
    fill_all(staff)
    send(staff)
    judge.goto(post.link(judge, "jamie@example.org", "/invitations/"))
    if judge.locator("[name=password]").count():
        judge.fill("[name=password]", PASSWORD)
    fill_all(judge, "main form[method=post]:has([name=password])")
    send(judge, "main form[method=post]:has([name=password])")
    judge.goto(f"/{tag}/judging/editions/2027/conflicts/reasons")
    send(judge)


def run_round(staff: Page, judge: Page, tag: str, number: int) -> None:
    """Open a round, assign, let the judge score and send, close it; after the first, choose the finalists."""
    desk = f"/{tag}/staff/editions/2027/rounds/{number}"
    if number == 2:
        fill_timeline(staff, tag, {"round_2_opens_at": clock.now()})
    staff.goto(f"{desk}/open")
    send(staff)
    staff.goto(f"{desk}/")
    staff.fill("[name=seed]", "1")
    send(staff, "main form:has([name=seed])")
    judge.goto(f"/{tag}/judging/")
    judge.locator("main a[href*='/assignments/']").first.click()
    go_on_by_hangul(judge)
    fill_all(judge)
    send(judge, button="check")
    send(judge)
    staff.goto(f"{desk}/standings")
    expect(staff.locator("main")).to_contain_text("Health records")
    staff.goto(f"{desk}/close")
    send(staff)
    if number == 1:
        staff.goto(f"{desk}/finalists")
        fill_all(staff)
        send(staff)


def go_on_by_hangul(judge: Page) -> None:
    """Go to the next criterion with the key j of a keyboard that writes Hangul."""
    criteria = judge.locator("[data-score]")
    judge.wait_for_load_state("networkidle")
    criteria.first.locator("input").first.focus()
    judge.locator(":focus").dispatch_event("keydown", {"key": "ㅓ", "code": "KeyJ", "bubbles": True})
    expect(criteria.nth(1).locator("input:focus")).to_have_count(1)


def decide(staff: Page, tag: str) -> None:
    """Give the gold prize with a reason, and approve."""
    staff.goto(f"/{tag}/staff/editions/2027/decisions/")
    staff.locator("main a[href*='/decisions/prizes/']").first.click()
    fill_all(staff)
    send(staff)
    staff.goto(f"/{tag}/staff/editions/2027/decisions/approve")
    fill_all(staff)
    send(staff)


def publish(staff: Page, tag: str, moment: datetime) -> None:
    """Set the publication moment."""
    staff.goto(f"/{tag}/staff/editions/2027/publication/")
    staff.fill("[name=visible_from]", local(moment))
    send(staff, "main form:has([name=visible_from])")
