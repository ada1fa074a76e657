"""Fills forms in a real browser as a person who answers every question would."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page

ANSWERS = {
    "text": "Health records for every district",
    "search": "Health",
    "email": "office@city.example.org",
    "url": "https://city.example.org/health",
    "tel": "+82 2 120",
    "number": "1",
    "figure": "2024",  # counts, sums and years, typed as text
    "currency": "KRW",
    "date": "2025-03-01",
    "month": "2025-03",
}
PARAGRAPH = "Residents helped to find the problem, and the city measured what changed after one year. "


#: What there is to know of every field of a form, asked for at once: each question to the browser takes its time.
FIELDS = """form => [...form.querySelectorAll("input[name], textarea[name], select[name]")].map(field => ({
    tag: field.tagName.toLowerCase(), kind: field.getAttribute("type") || "text", name: field.name,
    value: field.value, most: field.maxLength || 0, mode: field.inputMode, accept: field.accept || "",
    values: [...field.options || []].map(option => option.value),
    shown: field.checkVisibility({visibilityProperty: true}) && field.getClientRects().length > 0 && !field.disabled,
}))"""


def fill_all(page: Page, form: str = "main form[method=post]", *, uploads: tuple[Path, ...] = ()) -> None:
    """Answer every visible question of a form that has no answer yet; the first choice of every list is taken."""
    root = page.locator(form).last
    fields = root.locator("input[name], textarea[name], select[name]")
    for place, field in enumerate(root.evaluate(FIELDS)):
        if field["shown"]:
            _fill(root, fields.nth(place), field, uploads)


def _fill(root: Locator, field: Locator, told: dict[str, Any], uploads: tuple[Path, ...]) -> None:
    kind, name, most = told["kind"], told["name"], max(told["most"], 0)
    if kind in ("radio", "checkbox") and told["tag"] == "input":
        if not root.locator(f"input[name='{name}']:checked").count():
            field.check()
    elif kind == "file":
        fitting = [path for path in uploads if path.suffix in (told["accept"] or path.suffix)]
        if fitting:
            field.set_input_files(str(fitting[0]))
    elif name == "currency" and told["tag"] == "input":
        field.fill(ANSWERS[name])
    elif told["value"] or kind in ("hidden", "submit", "button"):
        return
    elif told["tag"] == "select":
        field.select_option(next(value for value in told["values"] if value))
    elif told["tag"] == "textarea":
        field.fill((PARAGRAPH * 3)[: min(most or 400, 250)])
    elif told["mode"] in ("numeric", "decimal"):
        field.fill(ANSWERS["figure"])
    else:
        field.fill(ANSWERS.get(kind, ANSWERS["text"])[: most or 200])


def send(page: Page, form: str = "main form[method=post]", *, button: str | None = None) -> None:
    """Press the main button of a form, or the one of a name, and wait for the next page."""
    root = page.locator(form).last
    assert root.count(), f"{page.url} has no such form:\n{page.locator('main').inner_text()[:1500]}"
    chosen = (
        root.locator(f"[type=submit][name={button}]")
        if button
        else root.locator("[type=submit]:not(.visually-hidden, [name=attach])")
    )
    with page.expect_navigation():
        chosen.first.click()
    refused = page.locator("main .error-summary")
    assert not refused.count(), f"{page.url} was refused:\n{refused.inner_text()}"
