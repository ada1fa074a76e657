"""Public pages for signed-in readers: made once, the same for all, with only who is here put in."""

from __future__ import annotations

import re

from flask import Flask

from portal.db import Database
from tests import factories
from tests.browser import Browser


def test_a_page_kept_for_one_reader_shows_another_nothing_of_the_first(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        ann = factories.make_user(session, "Ann Example")
        secretary = factories.make_user(session, "Bea Example", roles=("secretariat",))
    first, second, nobody = Browser(app, ann), Browser(app, secretary), Browser(app)
    pages = {name: [one.get("/en/notices").text for _ in range(2)] for name, one in
             {"ann": first, "bea": second, "nobody": nobody}.items()}  # fmt: skip
    assert all("Ann Example" in page and "Bea Example" not in page for page in pages["ann"])
    assert all("Bea Example" in page and "Ann Example" not in page for page in pages["bea"])
    assert all("Example" not in page and "/en/login" in page for page in pages["nobody"])
    assert "/en/staff/" not in pages["ann"][1]
    assert "/en/staff/" in pages["bea"][1]
    assert "<!--who" not in "".join(page for both in pages.values() for page in both)
    tokens = [set(re.findall(r'name="csrf_token" value="([^"]+)"', pages[name][1])) for name in ("ann", "bea")]
    assert len(tokens[0]) == 1
    assert tokens[0] & tokens[1] == set()


def test_a_missing_page_is_whole_for_a_signed_in_reader(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        ann = factories.make_user(session, "Ann Example")
    page = Browser(app, ann).get("/en/pages/none", 404)
    assert "Ann Example" in page.text
    assert "<!--who" not in page.text
