"""What people type where a web address is asked for."""

from __future__ import annotations

import pytest

from portal.webaddress import completed, is_web_address


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("https://seoul.go.kr/a?b=c#d", "https://seoul.go.kr/a?b=c#d"), ("http://seoul.go.kr", "http://seoul.go.kr"),
        ("www.seoul.go.kr", "https://www.seoul.go.kr"), (" seoul.go.kr/page ", "https://seoul.go.kr/page"),
        ("서울.한국", "https://서울.한국"), ("https://seoul.go.kr:8443/", "https://seoul.go.kr:8443/"),
    ],
)  # fmt: skip
def test_an_address_is_taken_with_or_without_its_beginning(typed: str, address: str) -> None:
    assert is_web_address(typed)
    assert completed(typed) == address


@pytest.mark.parametrize(
    "typed",
    [
        None, "", "none", "Seoul City", "http://[", "https://", "//a.b", "ftp://a.b", 'https://a.b/"x', "https://a b.c",
        "data:x", "javascript:alert(1)", "name@example.org", "a..b", ".b", "https://a.", "https://a.b/" + "x" * 2000,
    ],
)  # fmt: skip
def test_anything_else_is_no_address_and_is_not_changed(typed: str | None) -> None:
    assert not is_web_address(typed)
    assert "." in (typed or "") or completed(typed) == (typed or "")
