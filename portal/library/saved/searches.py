"""Saved searches: who keeps which, what is new in them, and the mail that tells it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlencode

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from portal import audit, jobs, mail
from portal.accounts.models import User
from portal.config import Settings
from portal.db import Database, new_id
from portal.errors import Refusal
from portal.i18n import offered, sentence
from portal.jobs import Handler
from portal.library import answers, queries
from portal.library.asking import Asked, read_asked
from portal.library.finding import Finder, finder_at
from portal.library.models import Case, SavedSearch
from portal.library.search.port import LONGEST_QUERY

#: The job that tells what is new; it asks for its own next time.
NEWS_JOB = "library.news"
#: When the daily mails are written, in UTC: seven in the morning in Seoul.
DAILY_AT = time(22, 0)
#: Searches that one person may keep.
MOST_SAVED = 50
LONGEST_NAME = 80
#: Cases that one mail names; the others are counted.
MOST_IN_MAIL = 20


def handlers(settings: Settings) -> dict[str, Handler]:
    """Return the job of saved searches."""
    return {NEWS_JOB: partial(tell_news, finder=finder_at(settings), settings=settings)}


def asked_of(search: SavedSearch) -> Asked:
    """Return what a saved search asks."""
    return read_asked(MultiDict(parse_qsl(search.asked)))


def written(asked: Asked) -> str:
    """Return a search as it is kept: the query of its address, from its first page."""
    return urlencode(asked.on_page(1).pairs())


def stop_code(search_id: str, *, secret: str) -> str:
    """Return the code in a mail that stops the mails of one search and nothing else."""
    return _stopping(secret).dumps(search_id)


def _stopping(secret: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt="saved-search-stop")


def list_saved(session: Session, user_id: str) -> list[SavedSearch]:
    """Return the searches of one person, by name."""
    query = select(SavedSearch).where(SavedSearch.user_id == user_id).order_by(SavedSearch.name, SavedSearch.id)
    return list(session.scalars(query))


def get_saved(session: Session, search_id: str) -> SavedSearch | None:
    """Return a saved search; whoever shows it must ask whose it is."""
    return session.get(SavedSearch, search_id)


def get_by_feed_key(session: Session, key: str) -> SavedSearch | None:
    """Return the search whose feed has this key, while its owner may sign in."""
    query = select(SavedSearch).join(User).where(SavedSearch.feed_key == key, User.active)
    return session.scalars(query).one_or_none()


def get_by_stop_code(session: Session, code: str, *, secret: str) -> SavedSearch | None:
    """Return the search that a mail's code belongs to; None for a code that this site did not write."""
    try:
        search_id = _stopping(secret).loads(code)
    except BadSignature:
        return None
    return session.get(SavedSearch, search_id) if isinstance(search_id, str) else None


def save_search(
    session: Session, asked: Asked, *, name: str, language: str, by_mail: bool, by: str, now: datetime
) -> SavedSearch:
    """Keep a search for a person; cases that appear from now on are news.

    Raises Refusal when the person keeps it already or keeps MOST_SAVED, and for a question that is too long to ask.
    """
    _check_name(name)
    if len(asked.text.encode("utf-8", "replace")) > LONGEST_QUERY:
        raise Refusal(sentence("This question is too long to search for, so it cannot be saved."))
    kept = list_saved(session, by)
    same = next((one for one in kept if one.asked == written(asked) and one.language == language), None)
    if same is not None:
        raise Refusal(sentence("You have saved this search already, as “%(name)s”."), name=same.name)
    if len(kept) >= MOST_SAVED:
        raise Refusal(
            sentence("You keep %(most)s searches already. Remove one that you no longer need first."), most=MOST_SAVED
        )
    search = SavedSearch(
        id=new_id(), user_id=by, name=name.strip(), language=language, asked=written(asked), by_mail=by_mail,
        feed_key=secrets.token_urlsafe(24), created_at=now, told_until=now,
    )  # fmt: skip
    session.add(search)
    session.flush()
    audit.note(session, "search.save", f"search:{search.id}", by=by, now=now, by_mail=by_mail)
    if by_mail:
        _plan(session, now)
    return search


def change_search(
    session: Session, search: SavedSearch, *, name: str, by_mail: bool, by: str | None, now: datetime
) -> None:
    """Rename a saved search, and begin or stop its mails; what appeared before they begin is no news."""
    _check_name(name)
    if by_mail and not search.by_mail:
        search.told_until = now
        _plan(session, now)
    search.name, search.by_mail = name.strip(), by_mail
    audit.note(session, "search.change", f"search:{search.id}", by=by, now=now, by_mail=by_mail)


def stop_mails(session: Session, search: SavedSearch, *, by: str | None, now: datetime) -> None:
    """Send no more mails about a search; doing it twice changes nothing."""
    if search.by_mail:
        search.by_mail = False
        audit.note(session, "search.stop", f"search:{search.id}", by=by, now=now)


def remove_search(session: Session, search: SavedSearch, *, by: str, now: datetime) -> None:
    """Forget a saved search; its feed and the links in its mails end."""
    audit.note(session, "search.remove", f"search:{search.id}", by=by, now=now)
    session.delete(search)


def _check_name(name: str) -> None:
    if not name.strip():
        raise Refusal(sentence("Please give the search a name."), field="name")
    if len(name.strip()) > LONGEST_NAME:
        raise Refusal(
            sentence("The name may have at most %(most)s characters."), field="name", most=LONGEST_NAME
        )  # fmt: skip


def next_morning(now: datetime) -> datetime:
    """Return the next moment after ``now`` at which the daily mails are written."""
    today = datetime.combine(now.date(), DAILY_AT, now.tzinfo)
    return today if today > now else today + timedelta(days=1)


def _plan(session: Session, now: datetime) -> None:
    jobs.enqueue(session, NEWS_JOB, {}, due_at=next_morning(now), key="daily")


@dataclass(frozen=True, slots=True)
class News:
    """What is new in one saved search: the cases that a mail names, newest first, and how many there are."""

    cases: Sequence[Case]
    total: int


def tell_news(
    database: Database, payload: Mapping[str, Any], now: datetime, *, finder: Finder, settings: Settings
) -> None:
    """Write a mail for every search with new cases, and plan the next morning while anybody wants mails.

    Each search has its own transaction, so that doing it again after a crash tells nobody twice.
    Raises SearchUnavailable while there is no usable index: the job is then tried again.
    """
    with database.open() as session:
        wanted = select(SavedSearch).join(User).where(SavedSearch.by_mail, User.active).order_by(SavedSearch.id)
        waiting = list(session.scalars(wanted))
    if waiting:
        with database.transaction() as session:
            _plan(session, now)
    for seen in waiting:
        with database.open() as session:
            news = find_news(session, seen, finder=finder, now=now)
        if not news.total:
            continue
        with database.transaction() as session:
            search = session.get(SavedSearch, seen.id)
            if search is None or not search.by_mail or search.told_until != seen.told_until:
                continue  # stopped, or told, while the news were looked for
            search.told_until = now
            _write_mail(session, search, news, settings=settings, now=now)


def find_news(session: Session, search: SavedSearch, *, finder: Finder, now: datetime) -> News:
    """Find the real cases that appeared after a search's last mail and answer it now.

    Raises SearchUnavailable while there is no usable index.
    """
    appeared = (
        select(Case.id)
        .where(queries.stands_in_library(now), Case.visible_from > search.told_until)
        .order_by(Case.visible_from.desc(), Case.id)
    )
    new = list(session.scalars(appeared))
    if not new:
        return News((), 0)
    holding = queries.get_holding(session, now=now)
    query = replace(asked_of(search).on_page(1).query(search.language), per_page=holding.count)
    answering = {hit.id for hit in finder.engine.search(query, now=now, holding=holding).hits}
    found = [case_id for case_id in new if case_id in answering]
    rows = queries.list_cases(session, found[:MOST_IN_MAIL], now=now)
    return News([rows[case_id] for case_id in found[:MOST_IN_MAIL] if case_id in rows], len(found))


def _write_mail(session: Session, search: SavedSearch, news: News, *, settings: Settings, now: datetime) -> None:
    language = search.language if search.language in offered(pseudo=True) else "en"
    code = stop_code(search.id, secret=settings.secret_key)
    names = offered(pseudo=True)[language].locale.territories
    mail.queue(
        session, "library_saved", to=session.get_one(User, search.user_id).email, language=language, now=now,
        name=search.name, asked=search.asked, total=news.total, more=news.total - len(news.cases),
        cases=[
            {
                "id": case.id, "title": answers.title_in(case, language).text, "year": case.year,
                "city": answers.city_in(case, language), "country": names.get(case.country, case.country),
            }
            for case in news.cases
        ],
        unsubscribe=f"{settings.site_url}/{language}/saved-searches/stop/{code}",
    )  # fmt: skip
