"""Staff writes information pages, notices and the site's settings in the browser."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select

from portal.audit import AuditEvent
from portal.db import Database, new_id
from portal.errors import Hidden, Refusal
from portal.pages import actions, rules
from portal.pages.models import Notice, NoticeText, PageText, SiteSettings
from tests import factories
from tests.browser import Browser
from tests.conftest import NOW


def person(app: Flask, database: Database, *roles: str) -> Browser:
    """Return the browser of a person with roles."""
    with database.transaction() as session:
        user = factories.make_user(session, "Sora", roles=roles)
    return Browser(app, user)


@pytest.fixture
def staff(app: Flask, database: Database) -> Browser:
    """The browser of a member of the secretariat."""
    return person(app, database, "secretariat")


@pytest.fixture
def administrator(app: Flask, database: Database) -> Browser:
    """The browser of an administrator."""
    return person(app, database, "administrator")


def picture() -> io.BytesIO:
    """Return a small PNG."""
    stream = io.BytesIO()
    Image.new("RGB", (8, 8), "green").save(stream, "PNG")
    stream.seek(0)
    return stream


def audited(database: Database) -> list[str]:
    """Return the actions of the audit log."""
    with database.open() as session:
        return list(session.scalars(select(AuditEvent.action).order_by(AuditEvent.sequence)))


def test_staff_writes_a_page_and_the_public_reads_it(staff: Browser, browser: Browser, database: Database) -> None:
    staff.get("/en/staff/pages/rules/ko")
    page = staff.submit({"title": "규정", "text": "## 첫째\n\n**굵게** <script>alert(1)</script>"})
    assert "The page is saved and public." in page.words
    shown = browser.get("/ko/pages/rules")
    assert shown.soup.h1.get_text(strip=True) == "규정"
    assert [tag.name for tag in shown.soup.select(".prose > *")] == ["h2", "p"]
    assert "<script>alert" not in shown.text
    assert audited(database) == ["page.write"]


def test_a_preview_shows_the_text_and_saves_nothing(staff: Browser, database: Database) -> None:
    staff.get("/en/staff/pages/rules/en")
    page = staff.submit({"title": "Rules", "text": "Some **bold** words"}, button="preview", status=200)
    assert page.soup.select_one(".preview strong").get_text() == "bold"
    assert page.soup.select_one("input[name=title]")["value"] == "Rules"
    with database.open() as session:
        assert session.scalars(select(PageText)).all() == []


def test_an_empty_page_is_refused_at_its_field_and_keeps_what_was_typed(staff: Browser) -> None:
    staff.get("/en/staff/pages/rules/en")
    page = staff.submit({"title": "", "text": "Long work"}, status=422)
    assert page.soup.select_one("#title-error").get_text(" ", strip=True) == "Error: Write a title."
    assert page.soup.select_one(".error-summary a")["href"] == "#title"
    assert page.soup.select_one("textarea").get_text().strip() == "Long work"


@pytest.mark.parametrize(
    ("length", "status"), [(rules.MOST_TITLE_CHARACTERS, 303), (rules.MOST_TITLE_CHARACTERS + 1, 422)]
)
def test_a_title_may_be_as_long_as_the_limit(staff: Browser, length: int, status: int) -> None:
    staff.get("/en/staff/pages/rules/en")
    staff.submit({"title": "t" * length, "text": "x"}, status=status, follow=False)


def test_a_page_changed_by_somebody_else_is_not_overwritten(staff: Browser, database: Database) -> None:
    staff.get("/en/staff/pages/rules/en")
    with database.transaction() as session:
        actions.write_page(
            session, slug="rules", language="en", title="Theirs", text="x", seen_at="", by=None, now=NOW
        )  # fmt: skip
    page = staff.submit({"title": "Mine", "text": "y"}, status=422)
    assert "Somebody else changed this page while you were writing." in page.words
    assert page.soup.select_one("input[name=title]")["value"] == "Mine"
    with database.open() as session:
        assert session.get_one(PageText, ("rules", "en")).title == "Theirs"


def test_pages_and_languages_that_are_not_offered_are_not_found(staff: Browser) -> None:
    staff.get("/en/staff/pages/nonsense/en", 404)
    staff.get("/en/staff/pages/rules/xx", 404)
    staff.get("/en/staff/pages/rules/ar-XB", 404)


def test_the_list_tells_which_languages_are_written(staff: Browser, database: Database) -> None:
    with database.transaction() as session:
        actions.write_page(session, slug="faq", language="ko", title="질문", text="x", seen_at="", by=None, now=NOW)
    row = next(row for row in staff.get("/en/staff/pages").soup.select("tbody tr") if "질문" in row.get_text())
    assert [cell["data-label"] for cell in row.select("td") if "not written yet" in cell.get_text()] == ["English"]


def test_write_page_raises_for_an_unknown_page_and_a_newer_version(session) -> None:
    with pytest.raises(Hidden):
        actions.write_page(session, slug="x", language="en", title="t", text="t", seen_at="", by=None, now=NOW)
    page = actions.write_page(session, slug="faq", language="en", title="t", text="t", seen_at="", by=None, now=NOW)
    with pytest.raises(Refusal):
        actions.write_page(session, slug="faq", language="en", title="u", text="u", seen_at="", by=None, now=NOW)
    seen = page.changed_at.isoformat()
    actions.write_page(session, slug="faq", language="en", title="u", text="u", seen_at=seen, by=None, now=NOW)
    assert page.title == "u"


def test_staff_writes_a_notice_in_two_languages(staff: Browser, browser: Browser, database: Database) -> None:
    staff.get("/en/staff/notices/new")
    staff.submit({"title": "Call opens", "text": "Soon", "visible_from": "2026-01-02T09:30"})
    with database.open() as session:
        notice = session.scalars(select(Notice)).one()
    assert notice.visible_from == datetime(2026, 1, 2, 0, 30, tzinfo=UTC)
    staff.get(f"/en/staff/notices/{notice.id}/ko")
    staff.submit({"title": "공모 시작", "text": "곧 시작합니다."})
    assert browser.get(f"/ko/notices/{notice.id}").soup.h1.get_text(strip=True) == "공모 시작"
    assert browser.get(f"/en/notices/{notice.id}").soup.h1.get_text(strip=True) == "Call opens"
    assert audited(database) == ["notice.create", "notice.change"]


def test_a_notice_needs_its_moment_and_a_whole_address(staff: Browser, database: Database) -> None:
    staff.get("/en/staff/notices/new")
    page = staff.submit({"title": "T", "text": "X", "visible_from": "", "source_url": "nonsense"}, status=422)
    assert (
        "Write the day and time at which the notice appears." in page.soup.select_one("#visible_from-error").get_text()
    )
    assert "Enter a whole address" in page.soup.select_one("#source_url-error").get_text()
    with database.open() as session:
        assert session.scalars(select(Notice)).all() == []


def test_a_notice_of_a_year_that_nobody_means_is_refused(staff: Browser, database: Database) -> None:
    staff.get("/en/staff/notices/new")
    typed = {"title": "T", "text": "T", "visible_from": "0001-01-01T00:00"}
    assert "Please give a day and a time" in staff.submit(typed, status=422).words


def test_a_notice_is_removed_after_one_question(staff: Browser, browser: Browser, database: Database) -> None:
    with database.transaction() as session:
        text = NoticeText(language="en", title="Wrong news", markdown="x", html="<p>x</p>")
        notice_id = factories.keep(session, Notice(id=new_id(), visible_from=NOW, created_at=NOW, texts=[text])).id
    page = staff.get(f"/en/staff/notices/{notice_id}/remove")
    assert "This cannot be undone." in page.words
    assert "The notice is removed." in staff.submit().words
    browser.get(f"/en/notices/{notice_id}", 404)
    staff.get(f"/en/staff/notices/{notice_id}/remove", 404)
    assert audited(database) == ["notice.remove"]


def test_staff_sees_notices_that_have_not_appeared(staff: Browser, database: Database) -> None:
    with database.transaction() as session:
        text = NoticeText(language="ko", title="내일 소식", markdown="x", html="<p>x</p>")
        moment = datetime(2999, 1, 1, tzinfo=UTC)
        factories.keep(session, Notice(id=new_id(), visible_from=moment, created_at=NOW, texts=[text]))
    words = staff.get("/en/staff/notices").words
    assert "내일 소식" in words
    assert "Scheduled" in words


SETTINGS = {"name-en": "City Prize", "name-ko": "도시상", "tagline-en": "One line", "contact_email": "a@example.org"}


def test_the_administrator_changes_name_contact_and_logo(
    administrator: Browser, browser: Browser, database: Database
) -> None:
    administrator.get("/en/staff/site")
    administrator.submit({**SETTINGS, "logo": (picture(), "logo.png")})
    page = browser.get("/en/notices")
    assert page.soup.select_one(".brand__name").get_text() == "City Prize"
    assert "a@example.org" in page.words
    logo = browser.client.get(page.soup.select_one(".brand__logo")["src"])
    assert (logo.status_code, logo.mimetype) == (200, "image/png")
    logo.close()
    assert browser.get("/ko/notices").soup.select_one(".brand__name").get_text() == "도시상"
    administrator.get("/en/staff/site")
    administrator.submit({"remove_logo": "y"})
    assert browser.get("/en/notices").soup.select_one(".brand__logo") is None
    assert audited(database) == ["site.change", "site.logo", "site.change", "site.logo"]


def test_a_logo_that_is_no_picture_is_refused_at_its_field(administrator: Browser, database: Database) -> None:
    administrator.get("/en/staff/site")
    page = administrator.submit({**SETTINGS, "logo": (io.BytesIO(b"<svg/>"), "logo.png")}, status=422)
    assert "does not match its ending" in page.soup.select_one("#logo-error").get_text()
    assert page.soup.select_one("[name=name-ko]")["value"] == "도시상"
    with database.open() as session:
        assert session.get(SiteSettings, 1) is None


def test_the_site_keeps_a_name(administrator: Browser) -> None:
    administrator.get("/en/staff/site")
    page = administrator.submit({**SETTINGS, "name-en": "", "name-ko": " "}, status=422)
    assert "Write the name of the prize in at least one language." in page.soup.select_one(".error-summary").get_text()


@pytest.mark.parametrize(
    "path",
    ["/en/staff/pages", "/en/staff/pages/rules/en", "/en/staff/notices", "/en/staff/notices/new", "/en/staff/site"],
)
def test_others_do_not_find_the_desk(app: Flask, browser: Browser, database: Database, path: str) -> None:
    person(app, database).get(path, 404)
    assert browser.get(path, 303).location.startswith("/en/login")


def test_the_secretariat_does_not_change_the_site(staff: Browser) -> None:
    staff.get("/en/staff/site", 404)
    assert staff.get("/en/staff/notices").soup.select("a[href$='/staff/site']") == []


def test_the_desk_works_from_right_to_left(administrator: Browser) -> None:
    for path in ("/ar-XB/staff/pages", "/ar-XB/staff/notices/new", "/ar-XB/staff/site"):
        assert administrator.get(path).soup.html["dir"] == "rtl"
