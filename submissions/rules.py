"""The life of an entry: its states, what may happen when, and what proves that it was handed in."""

from __future__ import annotations

import hashlib
import json
import secrets
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any


class EntryState(StrEnum):
    """Where an entry stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    SENT_BACK = "sent-back"
    ELIGIBLE = "eligible"
    INELIGIBLE = "ineligible"
    WITHDRAWN = "withdrawn"


#: Entries that were handed in and stand: what counts in an edition's statistics.
STANDING = (EntryState.SUBMITTED, EntryState.SENT_BACK, EntryState.ELIGIBLE, EntryState.INELIGIBLE)
#: Entries that their city may work on.
OPEN = (EntryState.DRAFT, EntryState.SENT_BACK)

#: One answer longer than this is not kept: far beyond every limit of a form, it would only fill the disk.
MOST_CHARACTERS_OF_AN_ANSWER = 100_000
MOST_CHARACTERS_OF_A_TITLE = 200

#: Letters of receipt codes: none that is easily taken for another.
_CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def is_call_open(opens_at: datetime | None, closes_at: datetime | None, now: datetime) -> bool:
    """Tell whether entries are taken: from the opening second on, until before the closing second."""
    return opens_at is not None and closes_at is not None and opens_at <= now < closes_at


def is_editable(state: str, *, call_open: bool, reply_until: datetime | None, now: datetime) -> bool:
    """Tell whether an entry may be changed: a draft while the call is open, a sent-back one until its reply date."""
    if state == EntryState.DRAFT:
        return call_open
    return state == EntryState.SENT_BACK and (reply_until is None or now < reply_until)


def withdrawal_ends_at(call_closes_at: datetime | None, rounds_end_at: Iterable[datetime | None]) -> datetime | None:
    """Return until when a city may take back what it handed in: the end of the call, or of judging where it is known.

    These moments are public. Approving the results is not: an end that went by it would tell cities of it.
    """
    if call_closes_at is None:
        return None
    return max([call_closes_at, *(moment for moment in rounds_end_at if moment is not None)])


def is_withdrawable(state: str, *, ends_at: datetime | None, now: datetime) -> bool:
    """Tell whether the city may take an entry back: a draft always, a handed-in one until before the last second."""
    if state == EntryState.DRAFT:
        return True
    in_time = ends_at is not None and now < ends_at
    return in_time and state in (EntryState.SUBMITTED, EntryState.SENT_BACK, EntryState.ELIGIBLE)


def make_receipt_code(year: int) -> str:
    """Return a new code that names a handed-in entry, such as ``2026-7K3M-9QXD`` (about 39 random bits)."""
    letters = [secrets.choice(_CODE_LETTERS) for _ in range(8)]
    return f"{year}-{''.join(letters[:4])}-{''.join(letters[4:])}"


def checksum(content: Mapping[str, Any]) -> str:
    """Return SHA-256 over the canonical JSON of what was handed in: keys sorted, no spaces, UTF-8."""
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def cleaned(raw: Any) -> Any:
    """Return a raw answer without what no database can keep (NUL, halves of surrogate pairs), otherwise as typed."""
    if isinstance(raw, str):
        kept = raw.replace("\x00", "")
        return kept.encode("utf-8", "ignore").decode() if not kept.isascii() else kept
    if isinstance(raw, Mapping):
        return {str(key): cleaned(value) for key, value in raw.items()}
    if isinstance(raw, list | tuple):
        return [cleaned(value) for value in raw]
    return raw


def size_of(raw: Any) -> int:
    """Return how many characters a raw answer holds."""
    if isinstance(raw, Mapping):
        return sum(size_of(value) for value in raw.values())
    if isinstance(raw, list | tuple):
        return sum(size_of(value) for value in raw)
    return len(str(raw)) if raw is not None else 0


def title_of(answers: Mapping[str, Any]) -> str:
    """Return the title of an entry as lists show it: one line, not too long."""
    title = " ".join(str(answers.get("title") or "").split())
    return title[:MOST_CHARACTERS_OF_A_TITLE]


def place_key(city: str, country: str) -> tuple[str, str]:
    """Return what makes a city the same city: letters without regard to case, width, accents' form and spaces."""
    return " ".join(unicodedata.normalize("NFKC", city).casefold().split()), country.strip().upper()


def conflicting(
    stored: Mapping[str, Any], changed_in: Mapping[str, Any], wanted: Mapping[str, Any], revision: int
) -> list[str]:
    """Return the questions that were changed elsewhere since ``revision`` and would be overwritten by ``wanted``."""
    return [key for key, value in wanted.items() if value != stored.get(key) and int(changed_in.get(key, 0)) > revision]
