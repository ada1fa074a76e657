"""Cases side by side, and collections."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from portal import clock
from portal.db import Database
from portal.library.actions.cases import withdraw_case
from portal.library.actions.collections import choose_members, write_collection
from portal.library.copies import Telling
from portal.library.details import Budget, Details, Indicator, Reach
from portal.library.models import Case
from tests.browser import Browser, Page
from tests.portal.library.conftest import publish
from tests.statements import statements

ONE, TWO, THREE, FOUR, FIVE = (
    "sscp-2024-baguio", "hp-seongnam-aiot-2024", "hp-seoul-onhealth-2021", "mc-2014-barcelona", "sscp-2023-dublin",
)  # fmt: skip


def columns(page: Page) -> list[str]:
    return [link["href"].rpartition("/")[2] for link in page.soup.select(".compare thead th > a:first-child")]


def compare(browser: Browser, *ids: str, tag: str = "en") -> Page:
    return browser.get(f"/{tag}/compare?" + "&".join(f"case={one}" for one in ids))


def test_up_to_four_stand_side_by_side_in_the_order_asked(library: Database, browser: Browser) -> None:
    assert columns(compare(browser, TWO, ONE)) == [TWO, ONE]
    page = compare(browser, ONE, TWO, THREE, FOUR)
    assert columns(page) == [ONE, TWO, THREE, FOUR]
    assert page.soup.select(".notice, .put-beside") == []
    page = compare(browser, ONE, TWO, THREE, FOUR, FIVE)
    assert columns(page) == [ONE, TWO, THREE, FOUR]
    assert "Only the first four" in page.words


def test_what_does_not_stand_in_the_library_is_left_out_with_a_sentence(library: Database, browser: Browser) -> None:
    publish(library, id="hidden", visible_from=clock.now() + timedelta(hours=1))
    publish(library, id="invented", simulated=True, result=False)
    publish(library, id="gone")
    with library.transaction() as session:
        withdraw_case(session, session.get(Case, "gone"), reason="Wish", by=None, now=clock.now())

    page = compare(browser, ONE, "hidden", "invented", "gone", "nothing", "nothing", "")
    assert columns(page) == [ONE]
    assert "4 of the cases asked for do not stand in the library" in page.words
    assert "Zanzibar" not in page.text
    assert "1 of the cases asked for does not stand in the library" in compare(browser, ONE, "%EF%BF%BD").words
    assert compare(browser, "hidden").soup.select("table") == []


def test_facts_and_gaps_stand_beside_each_other(library: Database, browser: Browser) -> None:
    told = Details(
        budget=Budget(Decimal("1000.5"), "USD"), population=5, reach=Reach(47853),
        indicators=(Indicator({"en": "Visits"}, Decimal(9), baseline=Decimal(3), source=0),),
    )  # fmt: skip
    publish(library, id="told", details=told, sources=(("Report", "https://example.org/r"),))
    page = compare(browser, "told", FIVE)

    rows = {
        row.th.get_text(): [cell.get_text(" ", strip=True) for cell in row.select("td")]
        for row in page.soup.select("tbody tr")
    }
    assert rows["Budget"] == ["1,000.50 US dollars Sources of the case", "not stated"]
    assert rows["Measured results"] == ["Visits Before: 3 → After: 9 Report", "not stated"]
    assert rows["People reached"] == ["47,853 people Sources of the case", "not stated"]
    assert rows["Population of the city"] == ["5", "1,024,027 GeoNames"]
    assert rows["Sources"][0] == "Report"
    assert all(len(cells) == 2 for cells in rows.values())


def test_each_value_names_its_case_for_phones(library: Database, browser: Browser) -> None:
    def names(*ids: str) -> set[tuple[str, ...]]:
        rows = compare(browser, *ids).soup.select(".compare tr")
        return {tuple(cell["data-label"] for cell in row.select("[data-label]")) for row in rows}

    assert names(ONE, FIVE) == {("Baguio", "Dublin")}
    for case, title in (("first", "First title"), ("second", "Second title")):
        publish(library, id=case, texts={"en": Telling(title, "A boat brings doctors.")})
    assert names("first", "second") == {("First title", "Second title")}


def test_cases_are_taken_out_and_put_beside_by_links(library: Database, browser: Browser) -> None:
    browser.get(f"/en/cases/{ONE}")
    start = browser.page.soup.select_one("a[href*='/compare']")["href"]
    page = browser.get(start)
    assert columns(page) == [ONE]
    page = browser.get(page.soup.select_one(".put-beside a")["href"])
    assert columns(page)[0] == ONE
    assert len(columns(page)) == 2
    page = browser.get(page.soup.select_one(".compare thead th a.no-print")["href"])
    assert len(columns(page)) == 1
    assert columns(page) != [ONE]


def test_comparing_is_read_in_few_statements(library: Database, browser: Browser) -> None:
    browser.get("/en/notices")
    with statements(library.engine) as sent:
        compare(browser, ONE, TWO, THREE)
    assert len(sent) <= 10, sent


def collect(library: Database, slug: str, *cases: str, visible: timedelta | None = timedelta(0)) -> None:
    now = clock.now()
    with library.transaction() as session:
        collection = write_collection(
            session, None, slug=slug, names={"en": f"Choice {slug}", "ko": f"모음 {slug}"}, leads={"en": "Why."},
            visible_from=None if visible is None else now + visible, by=None, now=now,
        )  # fmt: skip
        choose_members(session, collection, cases, by=None, now=now)


def test_a_collection_shows_its_cases_in_order(library: Database, browser: Browser) -> None:
    collect(library, "care", TWO, ONE, FOUR)

    page = browser.get("/ko/collections")
    last = page.soup.select(".card__title a")[-1]
    assert (last["href"], last.get_text()) == ("/ko/collections/care", "모음 care")
    page = browser.get("/en/collections/care")
    assert [link["href"].rpartition("/")[2] for link in page.soup.select(".card__title a")] == [TWO, ONE, FOUR]
    compared = browser.get(page.soup.select_one("a[href*='/compare']")["href"])
    assert columns(compared) == [TWO, ONE, FOUR]


def test_collections_appear_at_their_moment_and_hide_hidden_cases(library: Database, browser: Browser) -> None:
    publish(library, id="later", visible_from=clock.now() + timedelta(hours=1))
    collect(library, "mixed", ONE, "later")
    collect(library, "future", TWO, visible=timedelta(hours=1))
    collect(library, "draft", TWO, visible=None)
    collect(library, "empty", "later")

    page = browser.get("/en/collections")
    titles = [card.get_text() for card in page.soup.select(".card__title")]
    assert [title for title in titles if title.startswith("Choice")] == ["Choice mixed"]
    assert "1 case" in page.words
    assert "Zanzibar" not in browser.get("/en/collections/mixed").text
    browser.get("/en/collections/future", status=404)
    browser.get("/en/collections/draft", status=404)
    assert "No case of this collection can be seen now" in browser.get("/en/collections/empty").words


def test_a_withdrawn_case_leaves_its_collection(library: Database, browser: Browser) -> None:
    publish(library, id="gone")
    collect(library, "care", ONE, "gone")
    assert "Zanzibar" in browser.get("/en/collections/care").text
    with library.transaction() as session:
        withdraw_case(session, session.get(Case, "gone"), reason="Wish", by=None, now=clock.now())
    assert "Zanzibar" not in browser.get("/en/collections/care").text


def test_without_collections_the_page_says_what_will_be_here(database: Database, browser: Browser) -> None:
    assert "No collection yet" in browser.get("/en/collections").words
