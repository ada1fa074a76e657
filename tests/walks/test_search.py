"""Searching by keyboard in a real browser: suggestions, a choice among them, and the plain form beside."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.live import violations_on

pytestmark = pytest.mark.browser


def test_suggestions_by_keyboard(open_window: Callable[..., Page]) -> None:
    page = open_window(locale="en")
    page.goto("/en/cases")
    field = page.get_by_role("combobox", name="Search the case library")
    expect(field).to_have_attribute("aria-expanded", "false")
    field.press_sequentially("bagu")
    options = page.get_by_role("option")
    expect(options.first).to_contain_text("Baguio")
    expect(field).to_have_attribute("aria-expanded", "true")
    expect(page.locator("form.search [role=status]")).to_contain_text("suggestion")
    assert violations_on(page) == []

    field.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", str(options.first.get_attribute("id")))
    field.press("ArrowUp")
    assert field.get_attribute("aria-activedescendant") is None
    field.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(field).to_have_value("bagu")
    field.press("ArrowDown")
    expect(options.first).to_be_visible()
    field.press("ArrowDown")
    field.press("Enter")
    expect(page).to_have_url("/en/cases?q=Baguio")


def test_enter_without_a_choice_sends_the_form(open_window: Callable[..., Page]) -> None:
    page = open_window(locale="ko")
    page.goto("/ko/cases?view=table")
    field = page.get_by_role("combobox")
    field.press_sequentially("바기오")
    expect(page.get_by_role("option").first).to_be_visible()
    field.press("Enter")
    expect(page).to_have_url(f"/ko/cases?view=table&q={quote('바기오')}")
    expect(page.locator("#found .table tbody tr")).not_to_have_count(0)


def test_a_choice_by_the_pointer(open_window: Callable[..., Page]) -> None:
    page = open_window(viewport={"width": 360, "height": 740})
    page.goto("/en/cases")
    page.get_by_role("combobox").press_sequentially("reyk")
    page.get_by_role("option").filter(has_text="Reykjavik").last.click()
    expect(page.locator("h1")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_layouts_fit_a_narrow_phone(open_window: Callable[..., Page]) -> None:
    page = open_window(viewport={"width": 360, "height": 740})
    for view in ("cards", "table", "map", "timeline"):
        page.goto(f"/en/cases?view={view}&q=health")
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, view
        assert violations_on(page) == [], view


def test_it_works_without_scripts(open_window: Callable[..., Page]) -> None:
    page = open_window(java_script_enabled=False)
    page.goto("/en/cases")
    page.locator("main input[type=search]").fill("Baguio")
    page.locator("main").get_by_role("button", name="Search").click()
    expect(page).to_have_url("/en/cases?q=Baguio")
    page.locator(".views").get_by_role("link", name="By year").click()
    expect(page.locator(".timeline__year")).not_to_have_count(0)
