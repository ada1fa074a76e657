"""What the public reads: home, information pages, notices, the choice of language, robots and sitemap."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from portal import clock
from portal.db import Database, new_id
from portal.library.models import Case, CaseText
from portal.pages.models import Notice, NoticeText, PageText, SiteSettings
from tests import factories
from tests.browser import Browser
from tests.conftest import NOW
from tests.statements import statements


@pytest.fixture(autouse=True)
def still_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the site's clock stand at NOW."""
    monkeypatch.setattr(clock, "now", lambda: NOW)


def make_site(session: Session) -> None:
    """Write the site's settings."""
    session.add(
        SiteSettings(
            id=1, names={"en": "City Prize", "ko": "도시상"}, taglines={"en": "Cities that help", "ko": "돕는 도시"},
            contact_email="desk@example.org", contact_address={"en": "1 City Road", "ko": "도시로 1"},
        )
    )  # fmt: skip


def make_notice(session: Session, title: str, moment: datetime = NOW, language: str = "en") -> Notice:
    """Write a notice in one language."""
    text = NoticeText(language=language, title=title, markdown=title, html=f"<p>Text of {title}</p>")
    return factories.keep(session, Notice(id=new_id(), visible_from=moment, created_at=NOW, texts=[text]))


def make_page(session: Session, slug: str, language: str, title: str) -> None:
    """Write an information page in one language."""
    session.add(
        PageText(slug=slug, language=language, title=title, markdown=title, html=f"<p>{title}!</p>", changed_at=NOW)
    )


def sitemap(browser: Browser) -> list[str]:
    """Return the addresses of the sitemap."""
    root = ET.fromstring(browser.client.get("/sitemap.xml").data)
    return [tag.text or "" for tag in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]


def make_case(session: Session, title: str, **values: object) -> Case:
    """Publish a case."""
    values = {
        "id": new_id(), "kind": "prize-entry", "award": "City Prize", "category": "people-centric", "rank": "gold",
        "year": 2025, "city": "Baguio", "city_names": {"en": "Baguio", "ko": "바기오"}, "country": "PH",
        "themes": ["health"], "visible_from": NOW - timedelta(days=1), "changed_at": NOW, **values,
    }  # fmt: skip
    texts = [CaseText(language="en", title=title, summary=f"Summary of {title}.")]
    return factories.keep(session, Case(texts=texts, **values))


@pytest.mark.parametrize(
    ("accepted", "home"),
    [("ko", "/ko/"), ("ko-KR,en;q=0.5", "/ko/"), ("fr,en;q=0.5,ko;q=0.4", "/en/"), ("xx", "/en/"), ("", "/en/")],
)
def test_the_root_leads_to_the_language_that_the_browser_wishes(browser: Browser, accepted: str, home: str) -> None:
    page = browser.get("/", 302, headers={"Accept-Language": accepted})
    assert page.location == home
    assert "Accept-Language" in page.response.headers["Vary"]


def test_the_root_remembers_the_language_of_a_person(app, database: Database) -> None:
    with database.transaction() as session:
        user = factories.make_user(session, language="ko")
    assert Browser(app, user).get("/", 302, headers={"Accept-Language": "en"}).location == "/ko/"


def test_home_of_an_empty_site_says_what_it_is_and_that_no_call_is_open(browser: Browser) -> None:
    page = browser.get("/en/")
    assert "No call is open at the moment" in page.words
    assert "Winners of" not in page.words


def test_home_tells_what_is_open_until_when_with_its_zone(browser: Browser, database: Database) -> None:
    with database.transaction() as session:
        make_site(session)
        edition = factories.make_edition(session, names={"en": "City Prize 2026", "ko": "도시상 2026"})
        closes = edition.call_closes_at
    page = browser.get("/en/")
    assert page.soup.h1.get_text(strip=True) == "Cities that help"
    assert "Call for entries: City Prize 2026" in page.words
    assert "30 days 0 hours left" in page.words
    assert page.soup.select_one("[data-countdown]")["data-countdown"] == closes.isoformat()
    assert "May 31, 2026, 12:00 (" in page.words
    assert "UTC+9" in page.words


def test_home_names_the_call_that_opens_next(browser: Browser, database: Database) -> None:
    with database.transaction() as session:
        factories.make_edition(
            session, names={"en": "Prize 2027", "ko": "상 2027"}, call_opens_at=NOW + timedelta(days=3),
            call_closes_at=NOW + timedelta(days=60),
        )  # fmt: skip
        factories.make_edition(
            session, "draft", names={"en": "Secret 2026", "ko": "비밀"}, call_opens_at=NOW + timedelta(days=1),
            is_published=False,
        )  # fmt: skip
    page = browser.get("/en/")
    assert "Opens soon" in page.words
    assert "Prize 2027" in page.words
    assert "Secret 2026" not in page.words


def test_home_shows_real_visible_winners_of_the_newest_year_best_rank_first(
    browser: Browser, database: Database
) -> None:
    with database.transaction() as session:
        make_case(session, "Silver case", rank="silver")
        make_case(session, "Gold case")
        make_case(session, "Older gold", year=2024)
        make_case(session, "Simulated gold", simulated=True, year=2026)
        make_case(session, "Embargoed gold", visible_from=NOW + timedelta(seconds=1), year=2026)
        make_case(session, "Withdrawn gold", withdrawn_at=NOW)
        make_case(session, "Health programme", kind="health-programme", rank=None, year=2026)
        make_case(session, "A finalist", rank="finalist")
    page = browser.get("/en/")
    assert [card.get_text(strip=True) for card in page.soup.select(".card__title")] == ["Gold case", "Silver case"]
    assert "Winners of 2025" in page.words
    for hidden in ("Older gold", "Simulated", "Embargoed", "Withdrawn"):
        assert hidden not in page.text


def test_a_winner_appears_at_its_second(browser: Browser, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with database.transaction() as session:
        make_case(session, "Gold case", visible_from=NOW)
    monkeypatch.setattr(clock, "now", lambda: NOW - timedelta(microseconds=1))
    assert "Gold case" not in browser.get("/en/").text
    monkeypatch.setattr(clock, "now", lambda: NOW)
    assert "Gold case" in browser.get("/en/").text


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize(("path", "most"), [("/en/", 7), ("/en/notices", 3)])
def test_lists_ask_the_database_as_often_for_three_things_as_for_one(
    browser: Browser, database: Database, path: str, most: int, number: int
) -> None:
    with database.transaction() as session:
        make_site(session)
        factories.make_edition(session)
        for n in range(number):
            make_case(session, f"Case {n}")
            make_notice(session, f"Notice {n}")
    browser.get("/en/pages/none", 404)  # moments and settings are read once after a change
    with statements(database.engine) as asked:
        browser.get(path)
    assert sum("content_state" not in statement for statement in asked) == most


def test_an_information_page_is_shown_in_the_readers_language(browser: Browser, database: Database) -> None:
    with database.transaction() as session:
        make_page(session, "rules", "en", "Rules")
        make_page(session, "rules", "ko", "규정")
    assert browser.get("/ko/pages/rules").soup.h1.get_text(strip=True) == "규정"
    english = browser.get("/en/pages/rules")
    assert english.soup.h1.get_text(strip=True) == "Rules"
    assert english.soup.select(".fallback-note") == []


def test_a_page_in_another_language_says_so_and_marks_it(browser: Browser, database: Database) -> None:
    with database.transaction() as session:
        make_page(session, "rules", "ko", "규정")
    page = browser.get("/en/pages/rules")
    assert "It is shown in Korean." in page.words
    assert page.soup.h1["lang"] == "ko"
    assert page.soup.select_one("article .prose")["lang"] == "ko"


def test_unknown_pages_are_not_found(browser: Browser, database: Database) -> None:
    with database.transaction() as session:
        make_page(session, "secret", "en", "Not offered")
    browser.get("/en/pages/secret", 404)
    browser.get("/en/pages/rules", 404)


def test_the_contact_page_shows_the_contact_of_the_settings(browser: Browser, database: Database) -> None:
    with database.transaction() as session:
        make_site(session)
        make_page(session, "contact", "en", "Contact")
    card = browser.get("/en/pages/contact").soup.select_one(".contact-card")
    assert card.get_text(" ", strip=True) == "1 City Road desk@example.org"


def test_notices_appear_at_their_second(browser: Browser, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with database.transaction() as session:
        notice_id = make_notice(session, "Call opens").id
    monkeypatch.setattr(clock, "now", lambda: NOW - timedelta(microseconds=1))
    assert "Call opens" not in browser.get("/en/notices").text
    browser.get(f"/en/notices/{notice_id}", 404)
    assert not [one for one in sitemap(browser) if notice_id in one]
    monkeypatch.setattr(clock, "now", lambda: NOW)
    assert "Call opens" in browser.get("/en/notices").text
    assert "Text of Call opens" in browser.get(f"/en/notices/{notice_id}").text
    assert f"http://portal.test/en/notices/{notice_id}" in sitemap(browser)


def test_notices_are_newest_first_and_paged(browser: Browser, database: Database) -> None:
    with database.transaction() as session:
        for n in range(21):
            make_notice(session, f"Notice {n:02}", NOW - timedelta(days=n))
    first = [title.get_text(strip=True) for title in browser.get("/en/notices").soup.select(".notice-list__title")]
    assert first == [f"Notice {n:02}" for n in range(20)]
    second = browser.get("/en/notices?page=2").soup.select(".notice-list__title")
    assert [title.get_text(strip=True) for title in second] == ["Notice 20"]
    browser.get("/en/notices?page=3", 404)
    browser.get("/en/notices?page=0", 404)
    browser.get("/en/notices?page=x", 404)


def test_a_notice_in_another_language_is_marked(browser: Browser, database: Database) -> None:
    with database.transaction() as session:
        notice_id = make_notice(session, "공모 시작", language="ko").id
    page = browser.get(f"/en/notices/{notice_id}")
    assert "It is shown in Korean." in page.words
    assert page.soup.h1["lang"] == "ko"


def test_no_notice_yet_is_said_in_words(browser: Browser) -> None:
    assert "No notices yet" in browser.get("/en/notices").words


def test_public_pages_work_in_a_right_to_left_language(browser: Browser, database: Database) -> None:
    with database.transaction() as session:
        make_site(session)
        make_page(session, "rules", "en", "Rules")
        make_case(session, "Gold case")
    for path in ("/ar-XB/", "/ar-XB/pages/rules", "/ar-XB/notices"):
        assert browser.get(path).soup.html["dir"] == "rtl"


def test_the_sitemap_names_public_pages_in_every_language_and_nothing_else(
    browser: Browser, database: Database
) -> None:
    with database.transaction() as session:
        make_page(session, "rules", "en", "Rules")
        seen = make_case(session, "Gold case").id
        simulated = make_case(session, "Simulated", simulated=True).id
        embargoed = make_case(session, "Embargoed", visible_from=NOW + timedelta(seconds=1)).id
        withdrawn = make_case(session, "Withdrawn", withdrawn_at=NOW).id
    response = browser.client.get("/sitemap.xml")
    found = sitemap(browser)
    assert response.mimetype == "application/xml"
    assert {f"http://portal.test/{tag}/pages/rules" for tag in ("ko", "en")} <= set(found)
    assert {f"http://portal.test/{tag}/cases/{seen}" for tag in ("ko", "en")} <= set(found)
    assert not [one for one in found if one.rpartition("/")[2] in (simulated, embargoed, withdrawn)]
    assert not [one for one in found if "ar-XB" in one or "/pages/faq" in one or "/staff" in one]
    assert 'hreflang="ko" href="http://portal.test/ko/pages/rules"' in response.get_data(as_text=True)
    assert len(found) == len(set(found))


def test_robots_are_told_the_sitemap(browser: Browser) -> None:
    page = browser.get("/robots.txt")
    assert page.response.mimetype == "text/plain"
    assert "Sitemap: http://portal.test/sitemap.xml" in page.text
    assert "Disallow: /*/staff/" in page.text


def test_the_favicon_leads_to_the_sign_of_the_site(browser: Browser) -> None:
    address = browser.get("/favicon.ico", 302).location
    assert browser.get(address).response.mimetype == "image/svg+xml"


def test_a_logo_that_is_not_the_prizes_is_not_sent(browser: Browser, database: Database) -> None:
    with database.transaction() as session:
        make_site(session)
    browser.get("/logo/" + "0" * 64, 404)


def test_public_pages_name_their_other_languages(browser: Browser) -> None:
    soup = browser.get("/en/notices").soup
    links = {link["hreflang"]: link["href"] for link in soup.select("link[hreflang]")}
    assert links["ko"] == "http://portal.test/ko/notices"
    assert links["x-default"] == "http://portal.test/en/notices"
    assert soup.select_one("link[rel=canonical]")["href"] == "http://portal.test/en/notices"
