"""The content a new site starts with: real editions, cases, pages and notices, and demonstration accounts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask_security import hash_password
from sqlalchemy import select
from sqlalchemy.orm import Session

from judging.actions import judges
from portal import markdown
from portal.accounts import actions as accounts
from portal.accounts.models import User
from portal.config import ROOT
from portal.db import new_id
from portal.editions.actions import editions
from portal.editions.models import Category, Claim, Edition
from portal.library.actions.cases import add_case
from portal.library.actions.collections import choose_members, write_collection
from portal.library.actions.publication import add_result
from portal.library.copies import CaseCopy, ResultCopy
from portal.library.record_reader import read_record
from portal.pages.models import Notice, NoticeText, PageText, SiteSettings

DATA = ROOT / "portal" / "data"
SEOUL = ZoneInfo("Asia/Seoul")
#: Known to everybody, therefore only in demonstration mode and only on the own machine.
DEMONSTRATION_PASSWORD = "smart-city-2024"
PRIZE = "Seoul Smart City Prize"


@dataclass(frozen=True, slots=True)
class DemonstrationAccount:
    """What `make run` prints."""

    role: str
    email: str
    password: str


def load(session: Session, *, now: datetime, demonstration: bool) -> bool:
    """Load everything into an empty site; return False when there is content already."""
    if session.scalar(select(SiteSettings.id)) is not None:
        return False
    load_site(session)
    load_pages(session, now=now)
    load_notices(session, now=now)
    load_editions(session, now=now)
    load_cases(session, now=now)
    load_collections(session, now=now)
    if demonstration:
        accounts.seed_demonstration(session, read("demo.json"), hash_password(DEMONSTRATION_PASSWORD), now)
    return True


def load_open_edition(session: Session, *, now: datetime) -> None:
    """Add a simulated edition whose call is open now, so that every demonstration account has something to do."""
    year = now.year + 1
    close = (now + timedelta(days=30)).replace(minute=0, second=0, microsecond=0)
    edition = editions.create_edition(
        session, read("edition_template.json"), read("forms.json"), slug="open-sim", year=year,
        names={"en": f"Simulated open call {year}", "ko": f"모의 공모 {year}"}, by=None, now=now, simulated=True,
        call_opens_at=now - timedelta(days=1), call_closes_at=close,
    )  # fmt: skip
    editions.publish_edition(session, edition, by=None, now=now)
    judge = session.scalars(select(User).where(User.email == _address_of("judge"))).unique().one_or_none()
    if judge is not None:
        invited, _ = judges.invite_judge(
            session, edition=edition, email=judge.email, name=judge.name, country="NG", language=judge.language,
            by=None, now=now,
        )  # fmt: skip
        judges.accept_invitation(session, invited, user_id=judge.id, now=now)


def _address_of(role: str) -> str:
    return next(account["email"] for account in read("demo.json")["accounts"] if account["role"] == role)


def demonstration_accounts() -> list[DemonstrationAccount]:
    """Return the accounts of demonstration mode."""
    return [
        DemonstrationAccount(account["role"], account["email"], DEMONSTRATION_PASSWORD)
        for account in read("demo.json")["accounts"]
    ]


@cache
def read(name: str) -> Any:
    """Read a file of ``portal/data``."""
    return json.loads((DATA / name).read_text(encoding="utf-8"))


def load_site(session: Session) -> None:
    """Write the site's own settings."""
    session.add(
        SiteSettings(
            id=1,
            names={"en": PRIZE, "ko": "서울 스마트도시 상"},
            taglines={
                "en": "Cities that put technology to work for people",
                "ko": "사람을 위해 기술을 쓰는 도시를 찾습니다",
            },
            contact_email="prize@example.org",
        )
    )


def load_pages(session: Session, *, now: datetime) -> None:
    """Write the information pages in every language they are written in."""
    for path in sorted((DATA / "pages").glob("*.md")):
        slug, language = path.name.removesuffix(".md").rsplit(".", 1)
        title, body = markdown.split_title(path.read_text(encoding="utf-8"))
        session.add(
            PageText(
                slug=slug, language=language, title=title, markdown=body, html=markdown.render(body), changed_at=now
            )
        )


def load_notices(session: Session, *, now: datetime) -> None:
    """Write the first notices, each dated as its source is."""
    for row in read("notices.json"):
        session.add(
            Notice(
                id=row["key"],
                visible_from=datetime.combine(date.fromisoformat(row["on"]), datetime.min.time(), SEOUL),
                source_url=row.get("source_url"),
                created_at=now,
                texts=[
                    NoticeText(
                        language=language, title=title, markdown=row["body"][language],
                        html=markdown.render(row["body"][language]),
                    )
                    for language, title in row["title"].items()
                ],
            )
        )  # fmt: skip


def load_editions(session: Session, *, now: datetime) -> None:
    """Write the real editions with what was published about them, claim by claim."""
    template = read("edition_template.json")
    for row in read("editions.json"):
        edition = Edition(
            id=new_id(), slug=row["slug"], year=row["year"], names=row["title"], themes=row["theme"] or {},
            notes=_joined(row["notes"]), time_zone=row["time_zone"], call_opens_at=_moment(row["call_opens_at"]),
            call_closes_at=_moment(row["call_closes_at"]), ceremony_at=_moment(row["ceremony_at"]),
            ceremony_place=row["ceremony_place"] or {}, timeline=row["timeline"], is_published=True, created_at=now,
        )  # fmt: skip
        session.add(edition)
        for position, category in enumerate(template["categories"]):
            edition.categories.append(
                Category(
                    id=new_id(), key=category["key"], position=position, names=category["label"],
                    descriptions=category.get("description") or {}, applicant_types=category["applicant_types"],
                )
            )  # fmt: skip
        for position, claim in enumerate(row["claims"]):
            edition.claims.append(
                Claim(
                    position=position, key=claim["key"], value=claim["value"], texts=claim["text"],
                    source_title=claim["source_title"], source_url=claim["source_url"],
                    claimed_on=date.fromisoformat(claim["on"]) if claim["on"] else None,
                )
            )  # fmt: skip


def load_cases(session: Session, *, now: datetime, path: Path = DATA / "cases.json") -> int:
    """Write the real cases; return how many."""
    rows = json.loads(path.read_text(encoding="utf-8"))
    ceremonies = {row["slug"]: _moment(row["ceremony_at"]) for row in read("editions.json")}
    for row in rows:
        copy = case_copy(row)
        held = ceremonies[copy.edition_slug] if copy.edition_slug else None
        visible_from = held or datetime(copy.year, 1, 1, tzinfo=SEOUL)
        case = add_case(session, replace(copy, visible_from=visible_from), by=None, now=now)
        if copy.edition_slug:
            add_result(session, result_copy(copy, case.id, visible_from), by=None, now=now)
    return len(rows)


def load_collections(session: Session, *, now: datetime) -> None:
    """Write the first collections; the secretariat changes them in the browser."""
    for row in read("collections.json"):
        collection = write_collection(
            session, None, slug=row["slug"], names=row["names"], leads=row["leads"], visible_from=now, by=None, now=now
        )
        choose_members(session, collection, row["cases"], by=None, now=now)


def result_copy(case: CaseCopy, case_id: str, visible_from: datetime) -> ResultCopy:
    """Return the prize that a real case won, as the results pages show it."""
    template = read("edition_template.json")
    prizes = [(category["key"], prize) for category in template["categories"] for prize in category["prizes"]]
    prizes += [(None, prize) for prize in template["prizes_without_category"]]
    position, name = next(
        (
            (place, prize["label"])
            for place, (category, prize) in enumerate(prizes)
            if prize["rank"] == case.rank and category in (case.category, None)
        ),
        (len(prizes), read("vocabulary.json")["ranks"][case.rank]),
    )
    return ResultCopy(
        edition_slug=case.edition_slug or "", year=case.year, category=case.category, rank=case.rank or "winner",
        prize_names=name, position=position, place=None, organisation=case.organisation, city=case.city,
        city_names=case.city_names, country=case.country, titles={tag: told.title for tag, told in case.texts.items()},
        original_language=case.original_language, visible_from=visible_from, case_id=case_id,
    )  # fmt: skip


def case_copy(row: Mapping[str, Any]) -> CaseCopy:
    """Return a row of cases.json as the library takes it, in the further languages of ``texts`` too."""
    further = {
        f"{part}_{path.stem}": words
        for path in sorted((DATA / "texts").glob("*.json"))
        for part, words in read(f"texts/{path.name}").get(row["id"], {}).items()
    }
    return read_record({**row, **further})


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _joined(notes: list[Mapping[str, str]]) -> dict[str, str]:
    languages = {language for note in notes for language in note}
    return {language: "\n\n".join(note[language] for note in notes if language in note) for language in languages}
