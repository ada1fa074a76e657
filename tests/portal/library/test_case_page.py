"""The page of a case: parts, results, means, statements, pictures, history, and the question to its city."""

from __future__ import annotations

import io
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from portal import clock
from portal.db import Database
from portal.library import regions
from portal.library.actions.cases import change_case, withdraw_case
from portal.library.actions.pictures import add_medium
from portal.library.actions.requests import MOST_QUESTIONS
from portal.library.copies import Telling
from portal.library.details import Budget, Details, Follower, Indicator, Reach, Statement
from portal.library.models import Case, ContactRequest
from portal.library.regions import INCOME_SOURCE, income_of
from portal.web import Portal
from tests.browser import Browser
from tests.house.world import PNG
from tests.portal.library.conftest import publish
from tests.statements import statements

SOURCES = (("City report", "https://example.org/report"), ("Newspaper", "https://example.org/news"))
DETAILS = Details(
    population=366_358, income="lower-middle", budget=Budget(Decimal("13000000"), "KRW", "2019–2024", 0),
    partners=("City University", "Harbour Clinic"), technologies=({"en": "Boats", "ko": "배"},),
    target_groups=("older-people",), sdgs=(3, 11), reach=Reach(47_853, "2024-03", 1),
    indicators=(
        Indicator({"en": "Check-ups", "ko": "검진"}, Decimal("1260"), {"en": "people", "ko": "명"}, Decimal("900"),
                  "2023", "2024-03-31", 0),
        Indicator({"en": "Share reached", "ko": "비율"}, Decimal("24.28"), {"en": "%", "ko": "%"}),
    ),
    followers=(Follower("Pemba", "TZ", 2025, 1),),
    statements=(
        Statement({"en": "Boats", "ko": "배"}, {"en": "Ten boats", "ko": "열 척"}, "2024-01-02", 0),
        Statement({"en": "Boats", "ko": "배"}, {"en": "Twelve boats", "ko": "열두 척"}, "2024", 1),
        Statement({"en": "Start", "ko": "시작"}, {"en": "In spring", "ko": "봄"}),
    ),
)  # fmt: skip
TOLD = Telling(
    "Floating clinic", "A boat brings doctors.", problem="Islands are **far**.\n\n# Deep", solution="We sail.",
    outcomes="People are seen.", lessons="Ask the fishermen.", body="And more.",
)  # fmt: skip


@pytest.fixture
def whole(library: Database) -> str:
    """A case that tells everything."""
    return publish(library, id="whole", details=DETAILS, sources=SOURCES, texts={"en": TOLD})


def test_everything_told_is_shown_once_in_order(whole: str, browser: Browser) -> None:
    page = browser.get("/en/cases/whole")

    heads = [head.get_text() for head in page.soup.select("article section h2")]
    assert heads == [
        "The problem", "The solution", "What came of it", "What it took", "For whom, and for which goals", "Lessons",
        "More about this case", "Who took it up", "What sources say", "Sources", "How to cite",
    ]  # fmt: skip
    assert page.soup.select_one("section[aria-labelledby=problem] strong").get_text() == "far"
    assert page.soup.select_one("section[aria-labelledby=problem] h3").get_text() == "Deep"
    for words in (
        "13,000,000 South Korean won (2019–2024)", "City University, Harbour Clinic", "Older people",
        "Good health and well-being", "Pemba, Tanzania (2025)", "366,358", "Lower middle income", "Africa",
        "47,853 people reached ( March 2024 )", "English",
    ):  # fmt: skip
        assert words in page.words, words


def test_results_stand_before_and_after_with_numbered_sources(whole: str, browser: Browser) -> None:
    page = browser.get("/en/cases/whole")

    rows = [[cell.get_text(" ", strip=True) for cell in row.select("th, td")] for row in
            page.soup.select("#indicators tbody tr")]  # fmt: skip
    assert rows == [
        ["Check-ups", "900 people (2023)", "1,260 people", "March 31, 2024", "Source 1"],
        ["Share reached", "not stated", "24.28 %", "not stated", "not stated"],
    ]
    for mark in page.soup.select("a.source-mark"):
        assert page.soup.select_one(mark["href"]) is not None
    assert page.soup.select_one("#source-2 a")["href"] == "https://example.org/news"


def test_contradictions_stand_side_by_side(whole: str, browser: Browser) -> None:
    page = browser.get("/en/cases/whole")

    disputed, single = page.soup.select(".statements")
    assert [one.p.get_text(" ", strip=True) for one in disputed.select("li")] == [
        "Ten boats Source 1",
        "Twelve boats Source 2",
    ]
    assert "The sources differ" in disputed.get_text()
    assert "The sources differ" not in single.get_text()


def test_a_case_that_tells_little_shows_no_empty_part(library: Database, browser: Browser) -> None:
    page = browser.get("/en/cases/sscp-2023-dublin")
    heads = [head.get_text() for head in page.soup.select("article section h2")]
    assert heads == ["For whom, and for which goals", "Sources", "How to cite"]


def test_a_source_that_is_not_there_breaks_nothing(library: Database, browser: Browser) -> None:
    publish(library, id="astray", details=Details(reach=Reach(5, "soon", 7)), sources=SOURCES[:1])
    page = browser.get("/en/cases/astray")
    assert "5 people reached (soon)" in page.words
    assert page.soup.select("a.source-mark") == []


def test_a_case_is_read_in_few_statements(whole: str, library: Database, browser: Browser) -> None:
    browser.get("/en/notices")
    with statements(library.engine) as sent:
        browser.get("/en/cases/whole")
    assert len(sent) <= 10, "\n".join(one[:160] for one in sent)


def test_related_cases_say_why(library: Database, browser: Browser) -> None:
    page = browser.get("/en/cases/hp-seongnam-aiot-2024")
    reasons = [why.get_text() for why in page.soup.select(".related__why")]
    assert len(reasons) == 3
    assert reasons[0].startswith("Same themes: Health, Digital health, Ageing")
    assert "Same country" in reasons[0]


def test_history_shows_versions_with_their_notes(library: Database, browser: Browser) -> None:
    publish(library, id="changed")
    assert "History of this page" not in browser.get("/en/cases/changed").words
    with library.transaction() as session:
        change_case(
            session, session.get(Case, "changed"), {"city": "Unguja"}, by=None, now=clock.now(), note="Name mended"
        )
    assert "Version 2" in browser.get("/en/cases/changed").words
    assert "Name mended" in browser.page.words


def test_pictures_have_words_and_a_credit_and_vanish_with_the_case(library: Database, browser: Browser, app) -> None:
    site: Portal = app.extensions["portal"]
    publish(library, id="seen")
    publish(library, id="later", visible_from=clock.now() + timedelta(hours=1))
    for name in ("seen", "later"):
        staged = site.store.stage(io.BytesIO(PNG), "a.png", accept=["image"], most_bytes=10_000)
        with library.transaction() as session:
            add_medium(
                session, session.get(Case, name), staged, credit="City of Zanzibar", alts={"en": "A boat"}, by=None,
                now=clock.now(),
            )  # fmt: skip

    page = browser.get("/en/cases/seen")
    picture = page.soup.select_one(".case__medium img")
    assert picture["alt"] == "A boat"
    assert "Photograph: City of Zanzibar" in page.words
    with browser.client.get(picture["src"]) as answer:
        assert (answer.status_code, answer.mimetype, answer.data) == (200, "image/png", PNG)
    assert browser.client.get(picture["src"].replace("seen", "later")).status_code == 404
    assert browser.client.get(picture["src"].replace("media/0", "media/1")).status_code == 404
    with library.transaction() as session:
        withdraw_case(session, session.get(Case, "seen"), reason="Wish", by=None, now=clock.now())
    assert browser.client.get(picture["src"]).status_code == 404


QUESTION = {"name": "Ann", "email": "ann@example.org", "organisation": "Oslo", "message": "How many boats?"}


def asked(library: Database) -> list[ContactRequest]:
    with library.open() as session:
        return list(session.scalars(select(ContactRequest)))


def test_a_question_reaches_the_city_and_a_reload_sends_nothing(
    whole: str, library: Database, browser: Browser
) -> None:
    browser.get("/ko/cases/whole/ask")
    page = browser.submit(QUESTION)

    assert page.response.request.path == "/ko/cases/whole/asked"
    browser.get("/ko/cases/whole/asked")
    (one,) = asked(library)
    assert (one.case_id, one.name, one.message, one.language) == ("whole", "Ann", "How many boats?", "ko")


@pytest.mark.parametrize(
    "wrong", [{"name": " "}, {"email": "ann"}, {"message": ""}, {"message": "x" * 4001}, {"organisation": "x" * 201}]
)
def test_a_refused_question_keeps_what_was_typed(
    whole: str, library: Database, browser: Browser, wrong: dict[str, str]
) -> None:
    browser.get("/en/cases/whole/ask")
    page = browser.submit({**QUESTION, **wrong}, status=422)

    assert page.soup.select_one(".error-summary a") is not None
    given = {**QUESTION, **wrong}
    assert page.soup.select_one("[name=message]").get_text().strip() == given["message"]
    assert page.soup.select_one("[name=organisation]")["value"] == given["organisation"]
    assert asked(library) == []


def test_the_longest_question_is_taken(whole: str, library: Database, browser: Browser) -> None:
    browser.get("/en/cases/whole/ask")
    browser.submit({**QUESTION, "message": "x" * 4000})
    assert len(asked(library)) == 1


def test_too_many_questions_are_refused_and_kept(whole: str, library: Database, browser: Browser) -> None:
    for _ in range(MOST_QUESTIONS):
        browser.get("/en/cases/whole/ask")
        browser.submit(QUESTION)
    browser.get("/en/cases/whole/ask")
    page = browser.submit(QUESTION, status=429)

    assert "Too many questions" in page.words
    assert page.soup.select_one("[name=message]").get_text().strip() == "How many boats?"
    assert len(asked(library)) == MOST_QUESTIONS


def test_nobody_asks_about_what_cannot_be_seen(library: Database, browser: Browser) -> None:
    publish(library, id="hidden", visible_from=clock.now() + timedelta(hours=1))
    publish(library, id="invented", simulated=True, result=False)
    publish(library, id="gone")
    with library.transaction() as session:
        withdraw_case(session, session.get(Case, "gone"), reason="Wish", by=None, now=clock.now())

    for name in ("hidden", "invented", "gone", "nothing"):
        browser.get(f"/en/cases/{name}/ask", status=404)
        browser.get(f"/en/cases/{name}/asked", status=404)
        browser.post(f"/en/cases/{name}/ask", QUESTION, status=404)
    assert asked(library) == []


def test_a_question_without_a_token_is_not_sent(whole: str, library: Database, browser: Browser) -> None:
    page = browser.post("/en/cases/whole/ask", QUESTION, status=422, token=False)
    assert "How many boats?" in page.text
    assert asked(library) == []


def test_a_case_says_where_it_comes_from_in_the_world(library: Database, browser: Browser) -> None:
    baguio = browser.get("/en/cases/sscp-2024-baguio")
    assert "Region Asia" in baguio.words
    assert "Income of the country Lower middle income World Bank, 2025/26" in baguio.words
    assert baguio.soup.select_one(f'a[href="{INCOME_SOURCE}"]')
    publish(library, id="told", details=DETAILS, country="DK")
    told = browser.get("/en/cases/told").words  # what the case states itself goes before the list
    assert "Lower middle income" in told
    assert "World Bank" not in told
    assert "Income of the country" not in browser.get("/en/cases/sscp-2024-addisababa").words


def test_every_country_has_one_region_and_at_most_one_income_band() -> None:
    bands = [country for countries in regions._INCOMES.values() for country in countries.split()]
    assert len(bands) == len(set(bands)) > 210
    assert [income_of(one) for one in ("KR", "UG", "PH", "BR", "VE", "ET", "XX")] == [
        "high", "low", "lower-middle", "upper-middle", None, None, None,
    ]  # fmt: skip
