"""What accounts and organisations are bound by, whoever asks and wherever it is stored."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from urllib.parse import urlsplit

#: Roles that make a person staff: they see other people's data and must hold a second factor.
STAFF_ROLES = ("secretariat", "administrator")

#: What an organisation can be, in the order in which forms offer it.
APPLICANT_TYPES = ("city", "corporation", "institution", "individual")

#: How long the link of an invitation works.
INVITATION_DAYS = 14

LEAST_PASSWORD_CHARACTERS = 10


def is_invitation_open(invited_at: datetime | None, now: datetime) -> bool:
    """Tell whether an invitation can still be answered: up to and including its last second."""
    return invited_at is not None and now <= invited_at + timedelta(days=INVITATION_DAYS)


def would_leave_nobody(person: str, administrators: Collection[str]) -> bool:
    """Tell whether no administrator would be left without this person; takes the ids of the active ones."""
    return person in administrators and len(set(administrators)) == 1


#: Addresses of erased accounts: none that mail could ever reach.
_ERASED = "@erased.invalid"


def erased_email(user_id: str) -> str:
    """Return what stands in place of the address of an erased account."""
    return user_id + _ERASED


def is_erased(address: str) -> bool:
    """Tell whether an address stands for an erased account."""
    return address.endswith(_ERASED)


def normalize_email(address: str) -> str:
    """Return an address as it is stored and compared: no space around it, small letters."""
    return address.strip().lower()


def is_of_this_site(address: str) -> bool:
    """Tell whether an address is a path of this site, however leniently a browser reads it."""
    if not address.startswith("/") or address[1:2] in ("/", "\\") or not address.isprintable() or " " in address:
        return False
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return not parts.scheme and not parts.netloc
