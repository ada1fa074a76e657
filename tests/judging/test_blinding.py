"""Blotting names out of what is read blind."""

from __future__ import annotations

import pytest

from judging.blinding import BLOT, blotted, country_names, names_to_hide


def test_names_to_hide_are_organisation_city_and_host_the_longest_first() -> None:
    assert names_to_hide("City of Baguio", "Baguio", "https://www.baguio.gov.ph/health") == (
        "City of Baguio", "baguio.gov.ph", "Baguio",
    )  # fmt: skip
    assert names_to_hide("Å", " ", None) == ()
    assert names_to_hide("Port", "Oslo", None, "Kari Nordmann") == ("Kari Nordmann", "Oslo", "Port")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Baguio's plan", f"{BLOT}'s plan"),
        ("in BAGUIO, baguio and Baguio.", f"in {BLOT}, {BLOT} and {BLOT}."),
        ("The City  of\nBaguio grows", f"The {BLOT} grows"),
        ("Baguioan food and SanBaguio", "Baguioan food and SanBaguio"),
        ("Baguio시는 바기오", f"{BLOT}시는 바기오"),
        ("Nothing to hide", "Nothing to hide"),
    ],
)
def test_blotted_hides_whole_names_in_any_case(text: str, expected: str) -> None:
    assert blotted(text, names_to_hide("City of Baguio", "Baguio")) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("새벽시는 새벽시청에서", f"{BLOT}는 {BLOT}청에서"),
        ("우리새벽", f"우리{BLOT}"),
    ],
)
def test_blotted_hides_korean_names_before_particles(text: str, expected: str) -> None:
    assert blotted(text, names_to_hide("새벽시", "새벽")) == expected


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("New York", "In New\nYork and NEW  YORK.", f"In {BLOT} and {BLOT}."),  # wherever lines break
        ("Ho Chi Minh", "Ho-Chi-Minh City", f"{BLOT} City"),
        ("Bogotá", "Bogota, BOGOTÁ and Bogota\u0301", f"{BLOT}, {BLOT} and {BLOT}"),  # with and without accents
        ("İzmir", "Izmir'de, İZMİR", f"{BLOT}'de, {BLOT}"),
        ("Gießen", "in GIESSEN", f"in {BLOT}"),
        ("Tartu", "한국Tartu시 ＴＡＲＴＵ", f"한국{BLOT}시 {BLOT}"),
        ("서울 특별시", "서울특별시는", f"{BLOT}는"),
        ("대구", "대국은 대구가 아니다", f"대국은 {BLOT}가 아니다"),
        ("Oslo", "", ""),
    ],
)
def test_blotted_finds_a_name_however_it_is_written(name: str, text: str, expected: str) -> None:
    assert blotted(text, names_to_hide(name, name)) == expected


def test_nothing_is_blotted_without_names() -> None:
    assert blotted("Any text", ()) == "Any text"


def test_a_country_is_hidden_in_english_and_in_the_language_of_the_entry() -> None:
    assert set(country_names("KR", "ko")) == {"South Korea", "대한민국"}
    assert set(country_names("KR", "xx-nonsense")) == {"South Korea"}


def test_blotted_takes_names_literally() -> None:
    assert blotted("A+B (C) costs 5", ("A+B (C)",)) == f"{BLOT} costs 5"
    assert blotted("AAB C costs 5", ("A+B (C)",)) == "AAB C costs 5"
