"""One list of countries for whoever signs up, enters, judges and edits."""

from __future__ import annotations

from portal.countries import countries, country_codes


def test_countries_are_those_of_the_standard_and_kosovo_with_korean_names() -> None:
    assert len(country_codes()) == 249 + 1
    assert {"KR", "PS", "TW", "GB", "XK"} <= country_codes()
    assert not {"EU", "UN", "ZZ", "XA", "XB"} & country_codes()
    assert dict(countries("ko"))["PH"] == "필리핀"


def test_countries_stand_where_readers_look_for_them() -> None:
    names = [name for _, name in countries("en")]
    assert names.index("Albania") > names.index("Åland Islands") > names.index("Afghanistan")
    assert countries("ko")[0][1] == "가나"
