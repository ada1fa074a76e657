"""The mails about entries, as their readers get them."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable
from pathlib import Path

import pytest

from portal import clock
from portal.accounts.models import User
from portal.db import Database
from portal.pages.models import SiteSettings
from tests.submissions.conftest import City, full_answers


@pytest.mark.parametrize(
    ("language", "subject", "lines"),
    [
        (
            "en",
            "Receipt {code}: your entry was submitted",
            ["Receipt code: {code}", "Organisation: City <of> “Baguio”"],
        ),
        ("ko", "접수증 {code}: 응모작이 제출되었습니다", ["접수번호: {code}", "소속 기관: City <of> “Baguio”"]),
    ],
)
def test_the_receipt_is_mailed_in_the_language_of_the_person(
    make_city: Callable[..., City], database: Database, outbox: Path, do_jobs: Callable[..., int],
    language: str, subject: str, lines: list[str],
) -> None:  # fmt: skip
    city = make_city(entry_answers={**full_answers(), "title": "Bread & <Roses>"})
    with database.transaction() as session:
        session.get_one(User, city.user.id).language = language
        session.merge(city.organisation).name = "City <of> “Baguio”"
        session.add(SiteSettings(id=1, names={"en": "Prize"}, taglines={}, contact_email="prize@example.org"))
    browser = city.browser()
    browser.get(f"{city.path}/check")
    code = browser.submit().soup.h1.get_text().split()[-1]
    do_jobs(clock.now())
    (letter,) = outbox.iterdir()
    message = email.message_from_bytes(letter.read_bytes(), policy=email.policy.default)
    text = message.get_content()
    assert message["Subject"] == subject.format(code=code)
    assert message["To"] == city.user.email
    assert message["Reply-To"] == "prize@example.org"
    assert [line.format(code=code) in text.splitlines() for line in lines] == [True] * len(lines)
    assert f"http://portal.test/{language}/entries/{city.entry.id}/receipt" in text
    assert "<span" not in text
    assert "&lt;" not in text
