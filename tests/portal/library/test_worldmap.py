"""Maps of the world and the regions of its countries."""

from __future__ import annotations

import json
from collections import Counter
from xml.etree import ElementTree

from markupsafe import escape

from portal.config import ROOT
from portal.countries import country_codes
from portal.definitions.vocabulary import vocabularies
from portal.library.pages import worldmap
from portal.library.pages.charts import columns
from portal.library.pages.worldmap import HEIGHT, WIDTH, Place, place, point_map, shade_of, world_map
from portal.library.regions import REGIONS, region_of

SVG = "{http://www.w3.org/2000/svg}"


def parsed(drawing: str) -> ElementTree.Element:
    return ElementTree.fromstring(str(drawing).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


def draw(counts: dict[str, int]) -> ElementTree.Element:
    return parsed(world_map(counts, label="Map", title=lambda code, count: f"{code}: {count}"))


def test_each_country_with_a_count_is_shaded_and_named() -> None:
    drawing = draw({"KR": 16, "PH": 5, "SG": 1, "MV": 2, "IS": 0})

    assert drawing.get("aria-label") == "Map"
    assert sorted(title.text for title in drawing.iter(f"{SVG}title")) == ["KR: 16", "MV: 2", "PH: 5", "SG: 1"]
    shades = {one.findtext(f"{SVG}title"): one.get("class")[-1] for one in drawing if len(one)}
    assert shades == {"KR: 16": "5", "PH: 5": "3", "MV: 2": "2", "SG: 1": "1"}


def test_shades_change_at_their_edges() -> None:
    assert [shade_of(count) for count in (0, 1, 2, 3, 4, 7, 8, 15, 16, 999)] == [0, 1, 2, 2, 3, 3, 4, 4, 5, 5]


def test_every_country_of_a_real_case_can_be_shown() -> None:
    cases = json.loads((ROOT / "portal/data/cases.json").read_text(encoding="utf-8"))
    counts = Counter(case["country"] for case in cases)
    assert len([one for one in draw(counts) if len(one)]) == len(counts)


def test_the_map_is_light_and_asks_for_no_style() -> None:
    assert worldmap.FILE.stat().st_size <= 80_000
    drawing = world_map({"KR": 1}, label="Map", title=lambda code, count: code)
    assert "style=" not in drawing
    assert "<script" not in drawing


def test_places_lie_where_they_are_on_the_earth() -> None:
    assert place(0, 11) == (WIDTH / 2, place(0, 100)[1])
    x, y = place(37.57, 126.98)
    assert WIDTH * 0.75 < x < WIDTH
    assert 0 < y < HEIGHT / 2
    for latitude, longitude in ((-55.5, -67), (83, -35), (65, -170), (-17, 179), (-41, 175)):
        x, y = place(latitude, longitude)
        assert 0 <= x <= WIDTH
        assert 0 <= y <= HEIGHT


def test_places_in_one_city_do_not_lie_on_each_other() -> None:
    drawing = parsed(point_map([Place(37.57, 126.98, f"Case {n}", f"/c/{n}") for n in range(8)], label="Cases"))
    circles = [(one.get("cx"), one.get("cy")) for one in drawing.iter(f"{SVG}circle")]
    assert len(set(circles)) == 8
    assert [link.get("href") for link in drawing.iter(f"{SVG}a")] == [f"/c/{n}" for n in range(8)]


def test_labels_stay_text() -> None:
    hostile = '"><script>alert(1)</script>'
    drawing = world_map({"KR": 1}, label=hostile, title=lambda code, count: hostile)
    drawing += point_map([Place(0, 0, hostile, hostile)], label=hostile)
    drawing += columns([(hostile, 1)], label=hostile)
    assert "<script" not in drawing
    assert str(escape(hostile)) in drawing


def test_every_country_has_a_region_with_a_name() -> None:
    assert {region_of(code) for code in country_codes()} == set(REGIONS) == set(vocabularies()["regions"])
    known = {"KR": "asia", "TR": "middle-east", "CZ": "europe", "ET": "africa", "BR": "americas", "NZ": "oceania"}
    assert {code: region_of(code) for code in known} == known
