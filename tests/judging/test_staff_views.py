"""The secretariat's pages: only for the secretariat, few statements, every step of an edition through the browser."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from judging.actions.decisions import decide_prize
from judging.actions.publication import approve_decisions, schedule_publication
from judging.actions.rounds import assign_entries, close_round, open_round
from judging.actions.scorecards import save_scorecard
from judging.models import Assignment, Decision, Publication, RoundEntry
from portal import clock
from portal.accounts.models import User
from portal.db import Database
from portal.editions.models import Edition, Prize, Round, RuleSet
from portal.library.models import Result
from submissions.models import Entry, Screening
from tests.browser import Browser
from tests.factories import NOW, make_edition, make_entry, make_organisation, make_user
from tests.judging.competition import Competition
from tests.judging.panel import make_panel
from tests.statements import statements

BASE = "/en/staff/editions/2026"


@pytest.fixture
def competition(database: Database) -> Iterator[Competition]:
    """Return a stored competition; its session is for looking only."""
    with database.transaction() as session:
        found = Competition(session)
    yield found
    found.session.close()


@pytest.fixture
def staff(app: Flask, competition: Competition) -> Browser:
    """Return a browser in which a member of the secretariat has signed in."""
    return Browser(app, competition.staff)


def paths(competition: Competition) -> list[str]:
    """Return the address of every page of the secretariat that reads."""
    entry, prize = competition.entries[0].id, competition.gold.id
    judge = competition.judges[0].id
    return ["/en/staff/", "/en/staff/editions/new"] + [
        BASE + path
        for path in (
            "/", "/names", "/timeline", "/categories", "/prizes", "/criteria", "/rounds", "/publish", "/entries/",
            f"/entries/{entry}", "/judges/", "/judges/invite", f"/judges/{judge}/remove", "/rounds/1/", "/rounds/1/open",
            "/rounds/1/close", "/rounds/1/standings", "/rounds/1/finalists", "/decisions/", f"/decisions/prizes/{prize}",
            "/decisions/approve", "/decisions/reopen", "/publication/", "/publication/cancel", "/publication/preview",
        )
    ]  # fmt: skip


def test_pages_open_for_the_secretariat_in_every_language(staff: Browser, competition: Competition) -> None:
    for path in paths(competition):
        for tag in ("en", "ko", "ar-XB"):
            staff.get(path.replace("/en/", f"/{tag}/"))


def test_pages_are_not_there_for_others(app: Flask, database: Database, competition: Competition) -> None:
    with database.transaction() as session:
        admin = make_user(session, "Admin", roles=("administrator",))
    strangers = [Browser(app, competition.city_user), Browser(app, competition.judge_users[0])]
    nobody = Browser(app)
    for path in paths(competition):
        for stranger in strangers:
            assert "Plan Baguio" not in stranger.get(path, 404).text
            if path.endswith(("/open", "/close", "/approve", "/cancel", "/rounds/1/", "/finalists", "/publication/")):
                stranger.post(path, {"reason": "Mine.", "seed": "1"}, status=404)
        assert "/login" in nobody.get(path, 303).location
    Browser(app, admin).get(BASE + "/decisions/")


def test_every_desk_is_reached_from_the_first(staff: Browser) -> None:
    at_the_side = {link["href"] for link in staff.get("/en/staff/").soup.select(".desk__side a")}
    assert {"/en/staff/library/", "/en/staff/untranslated", "/en/staff/pages", "/en/audit"} <= at_the_side


def test_unknown_things_are_not_found(staff: Browser, competition: Competition, database: Database) -> None:
    with database.transaction() as session:
        other = make_edition(session, "2027")
        user = make_user(session)
        foreign = make_entry(session, other, make_organisation(session, user), user, state="submitted").id
        draft = make_entry(
            session, session.get_one(Edition, competition.edition.id), make_organisation(session, user), user
        )
    for path in (
        f"/entries/{foreign}", f"/entries/{draft.id}", "/entries/nothing", "/rounds/9/", "/rounds/9/standings",
        "/judges/nothing/remove", "/decisions/prizes/nothing", "/decisions/nothing/revoke",
        f"/publication/texts/{competition.entries[0].id}/ko",
    ):  # fmt: skip
        staff.get(BASE + path, 404)
    staff.get("/en/staff/editions/1999/", 404)


def load(database: Database, competition: Competition, copies: int) -> None:
    """Add entries and open, assign and score the first round."""
    with database.transaction() as session:
        edition = session.get_one(Edition, competition.edition.id)
        user = session.get_one(User, competition.city_user.id)
        for number in range(copies):
            place = make_organisation(session, user, name=f"City {number}", city=f"Town {number}", country="BR")
            make_entry(session, edition, place, user, title=f"Idea {number}", state="eligible", submitted_at=NOW)
        stage = edition.rounds[0]
        open_round(session, stage, by=None, now=NOW)
        assign_entries(session, stage, seed=1, by=None, now=NOW)
        competition.session = session
        for number, one in enumerate(session.scalars(select(Assignment).where(Assignment.round_id == stage.id)).all()):
            competition.score(one, number % 11, (number * 7) % 11)
        close_round(session, stage, by=None, now=NOW)


def count_selects(database: Database, browser: Browser, path: str) -> int:
    """Count the statements of a page, the first fetch after a change of public content left out."""
    browser.get(path)
    with statements(database.engine) as said:
        browser.get(path)
    return sum(one.startswith(("SELECT", "INSERT", "UPDATE")) for one in said)


@pytest.mark.parametrize("path", ["/entries/", "/judges/", "/rounds/1/", "/rounds/1/standings", "/rounds/1/finalists",
                                  "/decisions/", "/"])  # fmt: skip
def test_lists_take_few_statements_whatever_their_length(app: Flask, database: Database, path: str) -> None:
    counts = []
    for slug, copies in (("2026", 1), ("2027", 12)):
        with database.transaction() as session:
            competition = Competition(session, slug)
        load(database, competition, copies)
        browser = Browser(app, competition.staff)
        counts.append(count_selects(database, browser, f"/en/staff/editions/{slug}{path}"))
    assert counts[0] == counts[1]
    assert counts[0] <= 10


def test_what_cities_wrote_stays_text_in_every_list(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        competition = Competition(session, "2026")
        edition, user = (
            session.get_one(Edition, competition.edition.id),
            session.get_one(User, competition.city_user.id),
        )
        place = make_organisation(session, user, name="<b>Bold</b>", city='<img src="x">', country="BR")
        make_entry(session, edition, place, user, title='"><script>x</script>', state="eligible", submitted_at=NOW)
    load(database, competition, 1)
    browser = Browser(app, competition.staff)
    for path in ("/entries/", "/rounds/1/", "/rounds/1/standings", "/rounds/1/finalists", "/decisions/"):
        page = browser.get(BASE + path)
        assert not page.soup.select("main script, main img[src=x], main b")
    standings = browser.get(BASE + "/rounds/1/standings")
    assert '"><script>x</script>' in standings.soup.get_text()


def test_home_takes_the_same_statements_for_any_number_of_editions(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        user = make_user(session, roles=("secretariat",))
        make_edition(session, "2026")
    counts = []
    for slug in ("2027", "2028", "2029"):
        browser = Browser(app, user)
        counts.append(count_selects(database, browser, "/en/staff/"))
        with database.transaction() as session:
            make_edition(session, slug)
    assert counts[0] <= 10
    assert counts == [counts[0]] * 3


def test_an_edition_is_made_changed_and_copied(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        user = make_user(session, roles=("secretariat",))
    browser = Browser(app, user)
    browser.get("/en/staff/editions/new")
    page = browser.submit(status=422)
    for words in ("Please give the year.", "Please give the address.", "Please fill in “Name (English)”."):
        assert words in page.words
    page = browser.submit(
        {"year": "2030", "slug": "Bad Slug", "name_en": "Prize 2030", "name_ko": "상 2030"}, status=422
    )
    assert "small letters" in page.words
    assert page.soup.select_one("[name=name_ko]")["value"] == "상 2030"  # type: ignore[index]
    assert "Prize 2030" in browser.submit({"slug": "2030"}).words
    edit = "/en/staff/editions/2030"
    browser.get(edit + "/timeline")
    wrong = {"call_opens_at": "2030-02-01T10:00", "call_closes_at": "2030-01-01T10:00"}
    assert "“The call closes” must not lie before “The call opens”." in browser.submit(wrong, status=422).words
    page = browser.submit({"call_closes_at": "2030-05-31T23:59:59", "results_at": "2030-10-06T16:00"})
    assert "May 31, 2030" in page.words
    browser.get(edit + "/criteria")
    assert "They must add up to 100" in browser.submit({"all_0_weight": "25"}, status=422).words
    browser.submit({"all_0_weight": "25", "all_1_weight": "15", "all_0_label_en": "The problem"})
    browser.get(edit + "/prizes")
    quota = browser.page.soup.select_one("input[name^=quota_]")["name"]  # type: ignore[union-attr,index]
    browser.submit({str(quota): "4"})
    browser.get(edit + "/categories")
    assert "choose who may enter" in browser.submit({"leadership_applicant_types": []}, status=422).words
    browser.submit({"leadership_name_en": "Leaders", "leadership_applicant_types": ["individual"]})
    browser.get(edit + "/rounds")
    browser.submit({"round_1_reviews": "4", "round_1_finalists": "12"})
    browser.get(edit + "/names")
    browser.submit({"theme_en": "Cities that listen", "is_blind": "y"})
    browser.get(edit + "/publish")
    assert "The public can see it" in browser.submit().words
    page = browser.submit(form="main form[action$='/clone']")
    assert "Prize 2031" in page.words
    with database.open() as session:
        old, new = session.scalars(select(Edition).order_by(Edition.year)).all()
        assert (new.slug, new.is_published, new.is_blind, new.names["ko"]) == ("2031", False, True, "상 2031")
        assert [one.version for one in old.rule_sets] == [1, 2]
        assert [one.weight for one in new.rule_sets[0].criteria][:2] == [25, 15]
        assert new.rule_sets[0].criteria[0].anchors == old.rule_sets[1].criteria[0].anchors != {}
        assert new.prizes[0].quota == 4
        assert (new.rounds[0].reviews_per_entry, new.rounds[0].finalists) == (4, 12)
        assert new.categories[2].names["en"] == "Leaders"


def test_the_timeline_keeps_to_a_clock_that_leaps(app: Flask, database: Database) -> None:
    twice = datetime(2030, 10, 27, 1, 30, tzinfo=UTC)  # 02:30 in Berlin for the second time
    with database.transaction() as session:
        user = make_user(session, roles=("secretariat",))
        edition = make_edition(
            session, "2030", time_zone="Europe/Berlin", call_opens_at=twice - timedelta(days=9), call_closes_at=twice
        )  # fmt: skip
    browser = Browser(app, user)
    browser.get("/en/staff/editions/2030/timeline")
    page = browser.submit({"call_opens_at": "2030-03-31T02:30:00"}, status=422)
    assert "this time does not exist in this zone" in page.words
    browser.submit({"call_opens_at": "2030-03-31T03:00:00"})
    with database.open() as session:
        found = session.get_one(Edition, edition.id)
        assert (found.call_opens_at, found.call_closes_at) == (datetime(2030, 3, 31, 1, tzinfo=UTC), twice)


def test_categories_and_prizes_come_and_go_until_the_call_opens(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        user = make_user(session, roles=("secretariat",))
    browser = Browser(app, user)
    browser.get("/en/staff/editions/new")
    browser.submit({"year": "2030", "slug": "2030", "name_en": "Prize 2030", "name_ko": "상 2030"})
    edit = "/en/staff/editions/2030"
    page = browser.get(edit + "/categories")
    assert "Add a category" not in page.words  # all are there
    assert "every category of the prize" in browser.get(edit + "/categories/add").words
    browser.get(edit + "/categories/leadership/remove")
    page = browser.submit()
    assert "The category was removed." in page.words
    assert "Remove “People-centric”" in page.words
    browser.get(edit + "/categories/leadership/remove", 404)
    browser.get(edit + "/categories/add")
    assert "choose who may enter" in browser.submit({"key": "leadership"}, status=422).words
    assert "with its prizes" in browser.submit({"applicant_types": ["individual"]}).words
    browser.get(edit + "/prizes/add")
    page = browser.submit({"rank": "gold", "applicant_type": "city", "quota": "7"}, status=422)
    assert "This prize is there already" in page.words
    assert page.soup.select_one("[name=quota]")["value"] == "7"  # type: ignore[index]
    page = browser.submit({"category": "-", "rank": "special-mention", "applicant_type": "city", "name_en": "Grace"})
    assert "The prize was added." in page.words
    assert "Remove “Grace”" in page.words
    remove = page.soup.select("main a[href*='/prizes/'][href$='/remove']")[0]["href"]
    browser.get(str(remove).replace("/en/", "/ko/"))
    browser.submit()
    browser.get(str(remove), 404)
    with database.transaction() as session:
        edition = session.scalars(select(Edition).where(Edition.slug == "2030")).one()
        edition.call_opens_at = clock.now() - timedelta(seconds=1)
        prize = edition.prizes[0].id
    for path in ("/categories", "/prizes"):
        page = browser.get(edit + path)
        assert "Remove" not in page.words
        assert "Add a" not in page.words
    for path in (f"/prizes/{prize}/remove", "/categories/leadership/remove"):
        browser.get(edit + path)
        page = browser.submit(status=422)
        assert "The call has opened: categories and prizes cannot be added or removed any more." in page.words


def test_frozen_rules_say_so(staff: Browser, database: Database, competition: Competition) -> None:
    with database.transaction() as session:
        for rules in session.scalars(select(RuleSet)):
            rules.frozen_at = NOW
    staff.get(BASE + "/criteria")
    assert "frozen" in staff.submit({"all_0_weight": "50", "all_1_weight": "50"}, status=422).words
    staff.get(BASE + "/prizes")
    assert "frozen" in staff.submit({f"quota_{competition.gold.id}": "2"}, status=422).words


def test_opening_a_round_warns_of_what_cannot_be_mended_later(
    staff: Browser, database: Database, competition: Competition
) -> None:
    with database.transaction() as session:
        session.get_one(Entry, competition.entries[0].id).state = "submitted"
        session.get_one(Edition, competition.edition.id).call_closes_at = clock.now() + timedelta(days=1)
        session.get_one(Round, competition.first.id).reviews_per_entry = 5
    words = staff.get(BASE + "/rounds/1/open").words
    assert "The call for entries is open until" in words
    assert "1 entry has not been screened yet." in words
    assert "Each entry needs 5 judges, and 4 have accepted." in words
    staff.submit()
    page = staff.get(BASE + "/rounds")
    assert "This round has opened and stays as it is." in page.words
    assert [field["name"] for field in page.soup.select("main input:not([type=hidden])")] == ["round_2_reviews"]
    staff.submit({"round_2_reviews": "4"})
    with database.open() as session:
        numbers = session.scalars(select(Round.reviews_per_entry).order_by(Round.number)).all()
    assert numbers == [5, 4]


def test_screening_keeps_what_was_typed_and_goes_to_the_next(
    staff: Browser, database: Database, competition: Competition
) -> None:
    with database.transaction() as session:
        for entry in session.scalars(select(Entry).where(Entry.id.in_([one.id for one in competition.entries[:2]]))):
            entry.state = "submitted"
    page = staff.get(BASE + "/entries/?state=submitted")
    assert [link.get_text() for link in page.soup.select("tbody th a")] == ["Plan Baguio", "Plan Curitiba"]
    assert "No entry fits" in staff.get(BASE + "/entries/?country=DE").words
    staff.get(f"{BASE}/entries/{competition.entries[0].id}")
    page = staff.submit({"outcome": "ineligible", "reply_until": "soon"}, status=422)
    assert "Please give a day and a time" in page.words
    assert page.soup.select_one("[name=reply_until]")["value"] == "soon"  # type: ignore[index]
    assert "tell the city the reason" in staff.submit({"outcome": "ineligible", "reply_until": ""}, status=422).words
    page = staff.submit({"outcome": "ineligible", "reason": "No city."})
    assert page.soup.h1.get_text() == "Plan Curitiba"  # type: ignore[union-attr]
    assert "Screening" in staff.submit({"outcome": "eligible"}).soup.h1.get_text()  # type: ignore[union-attr]
    with database.open() as session:
        stored = session.scalars(select(Screening).order_by(Screening.decided_at)).all()
        assert [(one.outcome, one.reason) for one in stored] == [("ineligible", "No city."), ("eligible", "")]


def test_judges_are_invited_and_removed(staff: Browser, competition: Competition) -> None:
    staff.get(BASE + "/judges/invite")
    page = staff.submit({"name": "Eve", "email": "no address"}, status=422)
    assert page.soup.select_one("[name=name]")["value"] == "Eve"  # type: ignore[index]
    page = staff.submit(
        {"email": "eve@example.org", "country": "FR", "languages": ["en", "fr"], "expertise": ["health"]}
    )
    assert "Eve" in page.words
    assert "Invited, no answer yet" in page.words
    staff.get(f"{BASE}/judges/{competition.judges[0].id}/remove")
    assert "give the reason" in staff.submit(status=422).words
    assert "Removed" in staff.submit({"reason": "Ill."}).words


def test_rounds_decisions_and_publication_through_the_browser(
    staff: Browser, app: Flask, database: Database, competition: Competition
) -> None:
    second = staff.get(BASE + "/rounds/2/").soup.main
    assert [link["href"] for link in second.select("a.button")] == [BASE + "/rounds/1/"]
    staff.get(BASE + "/rounds/1/open")
    assert "The round is open with 6 entries." in staff.submit().words
    assert "12 new assignments were made." in staff.submit({"seed": "7"}).words
    with database.transaction() as session:
        competition.session = session
        for number, one in enumerate(session.scalars(select(Assignment).order_by(Assignment.entry_id)).all()):
            competition.score(one, 10 - number // 2, 10 - number // 2)
    staff.get(BASE + "/rounds/1/close")
    assert "All score sheets have been sent." in staff.page.words  # type: ignore[union-attr]
    staff.submit()
    page = staff.get(BASE + "/rounds/1/standings")
    assert [cell.get_text() for cell in page.soup.select("td[data-label=Mean]")] == [
        "10.00", "9.00", "8.00", "7.00", "6.00", "5.00",
    ]  # fmt: skip
    second = staff.get(BASE + "/rounds/2/").soup.main
    assert [link["href"] for link in second.select("a.button")] == [BASE + "/rounds/1/finalists"]
    staff.get(BASE + "/rounds/1/finalists")
    assert "give the reason" in staff.submit(status=422).words
    assert "Second round" in staff.submit({"reason": "By the standings."}).words
    with database.open() as session:
        assert len(session.scalars(select(RoundEntry)).all()) > 6
    page = staff.get(BASE + "/decisions/")
    proposal = page.soup.select_one("a[href*='?entry=']")
    assert proposal is not None
    staff.get(str(proposal["href"]))
    assert "give the reason" in staff.submit(status=422).words
    assert "1 of at most 7" in staff.submit({"reason": "Clearly best."}).words
    staff.get(BASE + "/decisions/approve")
    assert "Publication" in staff.submit({"reason": "Committee."}).words
    past = {"visible_from": "2020-01-01T10:00"}
    assert "This moment has passed" in staff.submit(past, status=422).words
    later = (clock.now() + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M")
    assert "The publication is scheduled." in staff.submit({"visible_from": later}).words
    assert "Clearly best." not in staff.get(BASE + "/publication/preview").text
    with database.open() as session:
        assert len(session.scalars(select(Result)).all()) == 1
    staff.get(BASE + "/publication/cancel")
    staff.submit({"reason": "The ceremony moved."})
    staff.get(BASE + "/decisions/reopen")
    staff.submit({"reason": "One more."})
    page = staff.get(BASE + "/decisions/")
    staff.get(str(page.soup.select_one("a[href$='/revoke']")["href"]))  # type: ignore[index]
    staff.submit({"reason": "A mistake."})
    with database.open() as session:
        assert session.scalars(select(Result)).all() == []
        assert session.scalars(select(Decision)).all() == []
        publication = session.scalars(select(Publication)).one()
        assert (publication.visible_from, publication.approved_at) == (None, None)


def decide_everything(session: Session, competition: Competition) -> None:
    """Decide and approve prizes and schedule them for tomorrow."""
    edition, now = session.get_one(Edition, competition.edition.id), clock.now()
    by = competition.staff.id
    for prize, entry, place in (("gold", 0, 1), ("silver", 1, 2), ("special-mention", 0, None)):
        found = next(
            one for one in edition.prizes if one.rank == prize and one.category_key in ("people-centric", None)
        )
        winner = session.get_one(Entry, competition.entries[entry].id)
        decide_prize(session, found, winner, place=place, reason="Secret.", by=by, now=now)
    approve_decisions(session, edition, reason="Committee.", by=by, now=now)
    schedule_publication(session, edition, visible_from=now + timedelta(days=1), by=by, now=now)


def test_a_prize_that_nobody_can_win_asks_nothing(staff: Browser, competition: Competition) -> None:
    page = staff.get(f"{BASE}/decisions/prizes/{competition.tech_gold.id}")
    assert "No entry of the last round can win this prize now." in page.words
    assert page.soup.select("main form") == []
    assert page.soup.select_one(f"main a.button[href='{BASE}/decisions/']") is not None


def test_a_scheduled_publication_is_shown_to_the_secretariat_with_all_prizes(
    staff: Browser, database: Database, competition: Competition
) -> None:
    staff.get(BASE + "/publication/preview")
    assert "Nothing is decided yet." in staff.page.words  # type: ignore[union-attr]
    with database.transaction() as session:
        decide_everything(session, competition)
    page = staff.get(BASE + "/publication/preview")
    assert [one.get_text() for one in page.soup.select("main h2")] == ["People-centric", "Special mentions"]
    assert [one.get_text(strip=True) for one in page.soup.select("main h3")] == [
        "Plan Baguio", "Plan Curitiba", "Plan Baguio",
    ]  # fmt: skip
    page = staff.get(BASE + "/publication/")
    assert "Cancel the publication" in page.words
    assert page.soup.select_one("main form[method=post]") is None
    assert "Take the approval back" not in staff.get(BASE + "/decisions/").words
    with database.transaction() as session:
        session.scalars(select(Publication)).one().visible_from = clock.now()
    page = staff.get(BASE + "/publication/")
    assert "The results are public" in page.words
    assert page.soup.select_one('main a[href="/en/results/2026"]') is not None
    assert "Cancel the publication" not in page.words


def test_further_texts_of_winners_are_written_before_scheduling(
    staff: Browser, database: Database, competition: Competition
) -> None:
    with database.transaction() as session:
        gold = session.scalars(select(Prize).where(Prize.rank == "gold").order_by(Prize.position)).all()[0]
        entry = session.get_one(Entry, competition.entries[0].id)
        decide_prize(session, gold, entry, place=1, reason="Best.", by=competition.staff.id, now=clock.now())
    page = staff.get(BASE + "/publication/")
    staff.get(str(page.soup.select_one("a[href*='/texts/']")["href"]))  # type: ignore[index]
    assert "neither" in staff.submit({"title": "바기오"}, status=422).words
    page = staff.submit({"title": "바기오", "summary": "요약"})
    assert "Written" in page.words
    assert "바기오" in staff.get(BASE.replace("/en/", "/ko/") + "/publication/preview").words


def test_nothing_public_changes_before_the_moment(app: Flask, database: Database, competition: Competition) -> None:
    public = [
        path.replace("{lang}", tag)
        for path in (
            "/{lang}/", "/{lang}/call", "/{lang}/results", "/{lang}/results/2026", "/{lang}/winners", "/{lang}/cases",
            "/{lang}/cases?q=Baguio", "/{lang}/notices", "/api/v1/cases", "/api/v1/cases?q=Plan", "/sitemap.xml",
        )
        for tag in ("en", "ko")
    ]  # fmt: skip

    def look() -> dict[str, tuple[int, bytes, Any]]:
        found = {}
        for path in public:
            answer = app.test_client().get(path)
            headers = [pair for pair in answer.headers if pair[0] not in ("Date", "X-Request-ID")]
            found[path] = (answer.status_code, answer.get_data(), headers)
        return found

    before = look()
    assert before["/en/call"][0] == 200
    with database.transaction() as session:
        decide_everything(session, competition)
    assert look() == before


def test_the_audit_log_keeps_the_drafts_of_judges_back(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        panel = make_panel(session)
        assignment = session.get_one(Assignment, panel.assignment)
        scores = {panel.problem: (Decimal(9), "DRAFTWORDS")}
        save_scorecard(session, assignment, scores, by=panel.judge.id, now=NOW)
        helper = make_user(session, "Mina", roles=("secretariat",))
    page = Browser(app, helper).get("/en/audit?action=scorecard.save")
    assert "A draft that belongs to its judge" in page.words
    assert not [word for word in ("DRAFTWORDS", "OTHERCOMMENT", panel.problem) if word in page.text]


def test_two_who_screen_one_entry_at_once_are_told_of_each_other(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        competition = Competition(session)
        entry = competition.entries[0]
        entry.state = "submitted"
        path, people = f"/en/staff/editions/2026/entries/{entry.id}", [competition.staff]
        people.append(make_user(session, "Mina", roles=("secretariat",)))
    one, two = (Browser(app, person) for person in people)
    one.get(path)
    two.get(path)
    one.submit({"outcome": "eligible"})
    page = two.submit({"outcome": "ineligible", "reason": "Not a city."}, status=422)
    assert "Somebody else has recorded an outcome meanwhile" in page.words
    assert "Outcomes so far" in page.words
    assert page.soup.select_one("textarea[name=reason]").get_text().strip() == "Not a city."
    with database.open() as session:
        assert session.scalars(select(Screening.outcome)).all() == ["eligible"]
    two.submit({"outcome": "ineligible", "reason": "Not a city."})  # now it is meant
    with database.open() as session:
        assert len(session.scalars(select(Screening.outcome)).all()) == 2


@pytest.mark.parametrize("typed", ["0001-01-01T00:00", "9999-12-31T23:59", "1899-12-31T23:59"])
def test_a_year_that_nobody_means_is_refused_at_its_field(staff: Browser, competition: Competition, typed: str) -> None:
    staff.get(BASE + "/timeline")
    page = staff.submit({"results_at": typed}, status=422)
    assert "Please give a day and a time" in page.soup.select_one("#results_at-error").get_text()  # type: ignore[union-attr]
    assert page.soup.select_one("[name=results_at]")["value"] == typed  # type: ignore[index]
