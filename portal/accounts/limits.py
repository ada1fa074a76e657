"""How often one may try: sign-in, sign-up, recovery and the mails they cause, by address and by account."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from portal import audit, clock
from portal.audit import AccessRecord
from portal.errors import TooMany
from portal.i18n import sentence
from portal.web import portal, session


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``most`` attempts of a kind in the period ``per``, for one key."""

    kind: str
    most: int
    per: timedelta


QUARTER = timedelta(minutes=15)
HOUR = timedelta(hours=1)

#: Wrong passwords and codes. An office or a training room shares one address, so it gets more than an account.
FAILED_BY_ADDRESS = Limit("sign-in.failed.address", 40, QUARTER)
FAILED_BY_ACCOUNT = Limit("sign-in.failed.account", 10, QUARTER)
#: Wrong passwords for an account from one address, and from all: whoever guesses from one address closes the account
#: for that address only, so that no rival can keep a city out in the last hour of a call.
FAILED_HERE = Limit("sign-in.failed.here", 10, QUARTER)
FAILED_EVERYWHERE = Limit("sign-in.failed.everywhere", 60, QUARTER)
SIGN_UPS_BY_ADDRESS = Limit("sign-up.address", 30, HOUR)
MAILS_BY_ADDRESS = Limit("mail.address", 30, HOUR)
MAILS_BY_ACCOUNT = Limit("mail.account", 5, HOUR)


def check(limit: Limit, key: str) -> None:
    """Raise TooMany, with the minutes to wait, when the limit is reached; count nothing."""
    now = clock.now()
    since = now - limit.per
    hashed = audit.limit_key(key, portal().settings.secret_key)
    query = (
        select(AccessRecord.at)
        .where(AccessRecord.kind == limit.kind, AccessRecord.key == hashed, AccessRecord.at > since)
        .order_by(AccessRecord.at.desc())
        .offset(limit.most - 1)
        .limit(1)
    )
    first = session().scalar(query)
    if first is not None:
        raise _too_many(first + limit.per, now)


def count(limit: Limit, key: str) -> None:
    """Count one attempt, in a short transaction of its own."""
    audit.is_within_limit(
        portal().database, session(), limit.kind, key,
        most=limit.most, per=limit.per, secret=portal().settings.secret_key, now=clock.now(),
    )  # fmt: skip


def _too_many(free_at: datetime, now: datetime) -> TooMany:
    minutes = max(1, math.ceil((free_at - now).total_seconds() / 60))
    if minutes == 1:
        return TooMany(sentence("There were too many attempts. Please try again in one minute."))
    return TooMany(sentence("There were too many attempts. Please try again in %(minutes)s minutes."), minutes=minutes)
