"""The drawn covers: always the same, small, safe, and different where the cases differ."""

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.library.covers import FAMILY_OF, MEDALS, cover_svg

RANKS = [
    None,
    "gold",
    "silver",
    "bronze",
    "corporate",
    "institution",
    "leadership",
    "special-mention",
    "winner",
    "finalist",
]
CATEGORIES = [None, "people-centric", "tech-innovation", "leadership"]


def test_cover_svg_is_the_same_for_the_same_case() -> None:
    first = cover_svg("c1", "Baguio", ["health"], "gold", "people-centric")
    assert cover_svg("c1", "Baguio", ["health"], "gold", "people-centric") == first


def test_cover_svg_does_not_change_between_releases() -> None:
    """A cover is part of how a case is recognised; a change of the drawing must be a decision."""
    assert cover_svg("c1", "Baguio", ["health"], "gold", "people-centric").count("M") == 39


@pytest.mark.parametrize(
    "other",
    [
        ("c2", "Baguio", ["health"], "gold", "people-centric"),
        ("c1", "Reykjavik", ["health"], "gold", "people-centric"),
        ("c1", "Baguio", ["mobility"], "gold", "people-centric"),
        ("c1", "Baguio", ["health"], "silver", "people-centric"),
        ("c1", "Baguio", ["health"], "gold", "tech-innovation"),
    ],
)
def test_cover_svg_differs_with_each_part(other: tuple[str, str, list[str], str, str]) -> None:
    assert cover_svg(*other) != cover_svg("c1", "Baguio", ["health"], "gold", "people-centric")


@settings(max_examples=200, deadline=None)
@given(
    st.text(max_size=30),
    st.text(max_size=30),
    st.lists(st.sampled_from([*FAMILY_OF, "unheard-of"]), max_size=5),
    st.sampled_from(RANKS),
    st.sampled_from(CATEGORIES),
)
def test_cover_svg_is_small_well_formed_and_needs_no_style(
    case_id: str, city: str, themes: list[str], rank: str | None, category: str | None
) -> None:
    svg = str(cover_svg(case_id, city, themes, rank, category))
    root = ET.fromstring(svg)
    attributes = {name for element in root.iter() for name in element.attrib}
    assert len(svg.encode()) <= 2500
    assert root.attrib["viewBox"] == "0 0 640 360"
    assert root.attrib["aria-hidden"] == "true"
    assert attributes.isdisjoint({"style", "id", "class", "href", "onload"})


def test_cover_svg_never_repeats_what_was_typed() -> None:
    svg = cover_svg('"><script>alert(1)</script>', "<b>City</b>", ["<i>"], "<u>", "<s>")
    assert re.search(r"script|City|<i>|<u>|<s>", str(svg)) is None


@pytest.mark.parametrize("rank", MEDALS)
def test_cover_svg_shows_the_metal_of_the_rank(rank: str) -> None:
    assert f'fill="{MEDALS[rank][0]}"' in cover_svg("c1", "Baguio", ["health"], rank, None)
