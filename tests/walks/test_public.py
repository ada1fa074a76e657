"""The public's walk: home, search, a case, its source; and the same in Korean."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("tag", "words", "button", "city"), [("en", "Baguio", "Search", "Baguio"), ("ko", "바기오", "검색", "바기오")]
)
def test_from_home_to_the_source_of_a_case(
    open_window: Callable[..., Page], tag: str, words: str, button: str, city: str
) -> None:
    page = open_window(locale=tag)
    page.goto("/")
    expect(page).to_have_url(f"/{tag}/")
    page.locator("main input[type=search]").first.fill(words)
    page.locator("main").get_by_role("button", name=button).first.click()
    expect(page.locator("main mark").first).to_contain_text(city)
    page.locator("main a[href*='/cases/sscp-2024-baguio']").first.click()
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator("main")).to_contain_text(city)
    assert page.locator("main a[href^='http']:not([href*='127.0.0.1'])").count() >= 1


def test_the_language_is_chosen_and_kept_in_the_address(open_window: Callable[..., Page]) -> None:
    page = open_window(locale="en-GB")
    page.goto("/en/cases?q=health")
    page.locator("header details summary").first.click()
    page.locator("header a[hreflang=ko]").first.click()
    expect(page).to_have_url("/ko/cases?q=health")
    expect(page.locator("html")).to_have_attribute("lang", "ko")


def test_a_comparison_of_four_cases_fits_a_tablet(open_window: Callable[..., Page]) -> None:
    page = open_window(locale="en")
    page.goto("/en/compare?case=sscp-2025-prague&case=sscp-2025-dubai&case=sscp-2025-taoyuan&case=gz-2023-bogota")
    expect(page.locator(".compare thead a")).to_have_count(8)
    for width in (360, 768, 1024, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        for inner in ("html", ".compare-frame"):
            shown = page.locator(inner).evaluate("e => [e.scrollWidth, e.clientWidth]")
            assert shown[0] <= shown[1], (width, inner, shown)
