"""A mayor's walk: from home to health, to a fact of Baguio, and to the source that it was read in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("javascript", [True, False])
def test_from_home_to_the_source_of_a_fact(open_window: Callable[..., Page], javascript: bool) -> None:
    page = open_window(locale="en", java_script_enabled=javascript)
    page.goto("/")
    page.locator("main a[href='/en/health']").click()
    expect(page.locator("h1")).to_have_text("Health in cities")
    baguio = page.locator("#hp-baguio-telemedicine-2021")
    expect(baguio).to_contain_text("free of charge")
    source = baguio.locator("a[href^='http']").first
    expect(source).to_contain_text("Telemedicine launched in Baguio")
    address = source.get_attribute("href")
    baguio.locator("h3 a").click()
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator(f"#source-1 a[href='{address}']")).to_be_visible()


def test_a_programme_is_found_by_its_field_and_asked_about(open_window: Callable[..., Page]) -> None:
    page = open_window(locale="ko")
    page.goto("/ko/health")
    page.locator(".fields a[href*='field=ageing']").click()
    expect(page).to_have_url("/ko/health?field=ageing#programmes")
    programme = page.locator("#hp-seongnam-aiot-2024")
    programme.locator("a[href$='/ask']").click()
    page.locator("[name=name]").fill("김하늘")
    page.locator("[name=email]").fill("haneul@example.org")
    page.locator("[name=message]").fill("어르신 한 분에 드는 비용은 얼마입니까?")
    page.locator("main form [type=submit]").click()
    expect(page).to_have_url("/ko/cases/hp-seongnam-aiot-2024/asked")
