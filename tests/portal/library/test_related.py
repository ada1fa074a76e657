"""Cases near to a case: what weighs, what is named, and what never is."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest

from portal import clock
from portal.db import Database
from portal.library import related
from portal.library.copies import Telling
from portal.library.related import Facts, Told
from tests.browser import Browser
from tests.portal.library.conftest import publish


def facts(identity: str, *themes: str, country: str = "KR", category: str | None = None, year: int = 2024) -> Facts:
    return Facts(identity, frozenset(themes), country, category, year)


def told(title: str, summary: str = "", language: str = "en", *names: str) -> Told:
    return Told(title, summary, language, names)


#: Texts that have nothing in common, so that words are rare.
OTHERS = {
    f"other-{place}": told(title)
    for place, title in enumerate(
        ("Bus lanes", "Free lunch", "River walls", "Night school", "Roof gardens", "Public pianos", "Bicycle bells",
         "Street lamps", "Clean stoves", "Storm drains", "Library boats", "Open ledgers", "Tree census", "Flood sirens",
         "Quiet hours")
    )
}  # fmt: skip


def test_words_bring_a_case_near_that_shares_nothing_else() -> None:
    texts = {
        "own": told("Air sensors", "It measures the air."), "near": told("Cheap sensors for air", "Nothing else."),
        **OTHERS,
    }  # fmt: skip
    among = [facts("near", "mobility", country="BR"), *(facts(one, "culture", country="FI") for one in OTHERS)]
    (found,) = related.choose_related(facts("own", "health"), among, texts, ["health"])
    assert (found.id, found.themes, found.same_country, found.words) == ("near", (), False, ("air", "sensors"))


def test_themes_weigh_more_than_a_word_and_the_nearest_year_settles_a_tie() -> None:
    texts = {"own": told("Sensors here and there along every wall of the port"), "word": told("Sensors of the sea, the "
             "sky, the fields, the roads"), "theme": told("Marching bands"), "older": told("Puppets"), **OTHERS}  # fmt: skip
    among = [
        facts("word", "culture", country="FI"), facts("older", "health", "food", year=2010),
        facts("theme", "health", "food", year=2023),
    ]  # fmt: skip
    found = related.choose_related(facts("own", "health", "food"), among, texts, ["food", "health"])
    assert [one.id for one in found] == ["theme", "older", "word"][: len(found)]
    assert found[0].themes == ("food", "health")


@pytest.mark.parametrize(
    ("own", "other", "words"),
    [
        (told("Care for Lima", "Lima cares.", "en", "Lima"), told("Lima", "", "en", "Lima"), ()),
        (told("The of and", "2024 1,260"), told("The of and", "2024 1,260"), ()),
        (told("Parks", "Two winners"), told("Ponds", "Two winners"), ()),
        (told("Free check-ups"), told("Check-ups at school"), ("check-ups",)),
        (told("오피오이드 치료", "", "ko"), told("오피오이드 위기", "", "ko"), ("오피오이드",)),
        (told("나누다", "", "ko"), told("나누다", "", "ko"), ()),
        (told("Sensors"), told("센서", "", "ko"), ()),
        (told(""), told(""), ()),
        (told("A" * 5_000 + " \u202e\0 <b>"), told("<b>"), ()),
    ],
)  # fmt: skip
def test_only_words_that_say_something_are_named(own: Told, other: Told, words: tuple[str, ...]) -> None:
    found = related.choose_related(
        facts("own", "health"), [facts("other", "health")], {"own": own, "other": other, **OTHERS}, ["health"]
    )
    assert [one.words for one in found] == [words]


def test_a_word_that_many_tell_is_not_named() -> None:
    common = {f"more-{number}": told(f"Ferry {number}") for number in range(3)}
    texts = {"own": told("Ferry"), "other": told("Ferry at night"), **OTHERS, **common}
    (found,) = related.choose_related(facts("own", "x"), [facts("other", "x")], texts, ["x"])
    assert math.log(len(texts) / 5) < related.LEAST_RARITY
    assert found.words == ()


def test_the_nearest_by_facts_come_first_and_the_case_itself_never() -> None:
    own = facts("own", "health", "food", category="leadership")
    among = [own, facts("far", country="FI"), facts("place"), facts("both", "food", "health", country="FI")]
    nearest = related.list_nearest_by_facts(own, among)
    assert [one.id for one in nearest] == ["both", "place", "far"]
    assert related.list_nearest_by_facts(own, among, most=1) == nearest[:1]
    assert related.choose_related(own, [], {}, []) == []


def test_the_page_names_the_words_and_no_hidden_case(library: Database, browser: Browser) -> None:
    def tell(identity: str, title: str, **values) -> None:
        words = {tag: Telling(title, f"{title} for everybody") for tag in ("en", "ko")}
        publish(library, id=identity, result=False, texts=words, **values)

    tell("own", "Quokka lanterns <i>", country="KI", themes=("culture",))
    tell("near", "Quokka lanterns again", country="TV", themes=("energy",))
    tell("later", "Quokka lanterns later", visible_from=clock.now() + timedelta(days=1))
    tell("invented", "Quokka lanterns invented", simulated=True)
    for tag, lead in (("en", "Words in common: "), ("ko", "공통 낱말: ")):
        page = browser.get(f"/{tag}/cases/own")
        reasons = [why.get_text(" ", strip=True) for why in page.soup.select(".related__why")]
        assert len(reasons) == 2
        assert any(lead in one and "lanterns" in one and "quokka" in one.casefold() for one in reasons)
        assert "later" not in page.words
        assert "invented" not in page.words
