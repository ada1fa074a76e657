"""One desk lists everything that is not translated yet, by language and room, with the place where it is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from babel.messages import pofile
from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from portal.catalogues import is_complete
from portal.editions.models import Edition, RuleSet
from portal.i18n import SOURCE_LANGUAGE, choose, folder_of
from portal.library.desk import editorial
from portal.pages import queries as pages_queries
from portal.pages.access import Pages
from portal.pages.rules import SLUGS
from portal.web import language, needs, portal, session

pages = Blueprint("untranslated", __name__, url_prefix="/<lang:lang>/staff")

#: The rooms in the order of the page.
ROOMS = ("cases", "collections", "pages", "notices", "editions", "interface")


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that is not written in a language: what it is called, where it is written, and how many of it lack."""

    title: str
    url: str | None
    count: int = 1


@pages.route("/untranslated")
@needs(Pages.EDIT)
def show() -> ResponseReturnValue:
    """Count what every language lacks in every room, and list what one of them lacks."""
    tags = [one.tag for one in portal().languages.values() if not one.is_pseudo]
    found = {tag: list_untranslated(session(), tag) for tag in tags}
    counts = {tag: {room: sum(one.count for one in rooms[room]) for room in ROOMS} for tag, rooms in found.items()}
    asked = request.args.get("tag", "")
    tag = asked if asked in found else max(tags, key=lambda one: sum(counts[one].values()))
    return render_template(
        "library/staff/untranslated.html", rooms=ROOMS, counts=counts, tag=tag, missing=found[tag],
        offered=[portal().languages[one] for one in tags],
    )  # fmt: skip


def list_untranslated(session: Session, tag: str) -> dict[str, list[Missing]]:
    """Return what is not written in a language, by room; simulated things are left out."""
    return {
        "cases": [
            Missing(
                choose({text.language: text.title for text in case.texts}, language().tag, case.original_language).text,
                url_for("staff_library.edit_text", case_id=case.id, tag=tag),
            )
            for case in editorial.list_untranslated(session, [tag])[tag]
        ],
        "collections": [
            Missing(_text(one.names), url_for("staff_library.edit_collection", collection_id=one.id))
            for one in editorial.list_untranslated_collections(session, [tag])[tag]
        ],
        "pages": _pages(session, tag),
        "notices": [
            Missing(told.title if told else notice.id, url_for("content.edit_notice", notice_id=notice.id, tag=tag))
            for notice in pages_queries.list_all_notices(session)
            if tag not in {text.language for text in notice.texts}
            for told in [pages_queries.choose_text(notice.texts, language().tag)]
        ],
        "editions": [one for edition in _editions(session) for one in _edition(edition, tag)],
        "interface": _interface(tag),
    }


def _pages(session: Session, tag: str) -> list[Missing]:
    titles: dict[str, dict[str, str]] = {slug: {} for slug in SLUGS}
    for row in pages_queries.list_all_page_texts(session):
        titles.setdefault(row.slug, {})[row.language] = row.title
    return [
        Missing(_text(told) or slug, url_for("content.edit_page", slug=slug, tag=tag))
        for slug, told in titles.items()
        if tag not in told
    ]


def _editions(session: Session) -> Iterable[Edition]:
    query = select(Edition).where(~Edition.simulated).order_by(Edition.year.desc(), Edition.slug)
    loads = (
        selectinload(Edition.prizes), selectinload(Edition.categories),
        selectinload(Edition.rule_sets).selectinload(RuleSet.criteria),
    )  # fmt: skip
    return session.scalars(query.options(*loads))


def _edition(edition: Edition, tag: str) -> Iterable[Missing]:
    """Give what an edition lacks in a language, counted by the page where it is written."""
    newest = edition.rule_sets[-1].criteria if edition.rule_sets else []
    texts: dict[str, list[Mapping[str, str]]] = {
        "names": [edition.names, *([edition.themes] if edition.themes else [])],
        "categories": [one.names for one in edition.categories],
        "prizes": [one.names for one in edition.prizes],
        "criteria": [one.labels for one in newest],
    }
    for page, some in texts.items():
        lacking = sum(not one.get(tag) for one in some)
        if lacking:
            yield Missing(_text(edition.names), url_for(f"staff_editions.{page}", slug=edition.slug), lacking)


def _interface(tag: str) -> list[Missing]:
    if tag == SOURCE_LANGUAGE:
        return []
    path = folder_of(tag) / "LC_MESSAGES" / "messages.po"
    count = _count_messages(path, path.stat().st_mtime) if path.exists() else 0
    return [Missing(path.name, None, count)] if count else []


@lru_cache(maxsize=40)
def _count_messages(path: Path, _changed: float) -> int:
    """Count the messages of a catalogue that have no translation; read once for each change of the file."""
    with path.open("rb") as file:
        return sum(1 for message in pofile.read_po(file) if message.id and not is_complete(message.string))


def _text(texts: Mapping[str, str]) -> str:
    return choose(texts, language().tag).text
