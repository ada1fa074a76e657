"""Blotting names out of what is read blind."""

from __future__ import annotations

import pytest

from judging.blinding import BLOT, blotted, names_to_hide


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


def test_blotted_takes_names_literally() -> None:
    assert blotted("A+B (C) costs 5", ("A+B (C)",)) == f"{BLOT} costs 5"
    assert blotted("AAB C costs 5", ("A+B (C)",)) == "AAB C costs 5"
