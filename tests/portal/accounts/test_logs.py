"""What the logs may hold of people."""

from __future__ import annotations

from datetime import UTC, datetime

import structlog

from portal.accounts import actions
from tests.browser import Browser


def test_codes_of_mailed_links_are_not_logged(app, database):
    with database.transaction() as session:
        _, code = actions.invite_person(
            session, email="gia@example.org", name="Gia", roles=(), language="en", by=None, now=datetime.now(UTC)
        )
    with structlog.testing.capture_logs() as lines:
        Browser(app).get(f"/en/invitation/{code}")
        Browser(app).get(f"/en/confirm/{code}", 303)
    assert [line["path"] for line in lines] == ["/en/invitation/…", "/en/confirm/…"]
    assert code not in str(lines)
