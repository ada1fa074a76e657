"""The library as a repository by OAI-PMH 2.0: what is asked, what fits, and where a list goes on.

The protocol: https://www.openarchives.org/OAI/openarchivesprotocol.html
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from werkzeug.datastructures import MultiDict

from portal.definitions.vocabulary import vocabularies
from portal.i18n import SOURCE_LANGUAGE, choose
from portal.library.labels import category_names
from portal.library.opendata.holdings import Listed

#: Records or headers in one answer.
PER_ANSWER = 50
#: The only format: unqualified Dublin Core.
FORMAT = "oai_dc"
_LISTING = {"metadataPrefix": True, "from": False, "until": False, "set": False, "resumptionToken": False}
#: The arguments of each verb, and whether each is required.
VERBS: Mapping[str, Mapping[str, bool]] = {
    "Identify": {},
    "ListMetadataFormats": {"identifier": False},
    "ListSets": {"resumptionToken": False},
    "ListIdentifiers": _LISTING,
    "ListRecords": _LISTING,
    "GetRecord": {"identifier": True, "metadataPrefix": True},
}
#: What an argument looks like; one that looks otherwise could not be repeated in the answer.
_WORD = r"[A-Za-z0-9\-_.!~*'()]+"
_SYNTAX = {
    "identifier": re.compile(r"(?:[A-Za-z0-9\-._~:/?@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+"),
    "metadataPrefix": re.compile(_WORD),
    "set": re.compile(rf"{_WORD}(?::{_WORD})*"),
}
_EMAIL = re.compile(r"\S+@(?:\S+\.)+\S+")
_LONGEST_TOKEN = 1_000
_DAY, _SECOND = re.compile(r"\d{4}-\d\d-\d\d"), re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


class Fault(ValueError):
    """An error of the protocol: its code and a sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Wish:
    """What a list shall hold; ``since`` is included, ``before`` is not, and ``after`` is where the list goes on."""

    since: datetime | None = None
    before: datetime | None = None
    set_name: str = ""
    after: tuple[datetime, str] | None = None
    cursor: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """One answer of a list, how long the whole list is, and the token of what follows, empty at the end."""

    members: tuple[Listed, ...]
    total: int
    cursor: int
    token: str | None


def check_arguments(arguments: MultiDict[str, str]) -> str:
    """Return the verb. Raises Fault when it is none, or when an argument is unknown, repeated or missing."""
    verbs = arguments.getlist("verb")
    if len(verbs) != 1 or verbs[0] not in VERBS:
        raise Fault("badVerb", "The argument verb must stand once and be one of " + ", ".join(VERBS) + ".")
    known = VERBS[verbs[0]]
    for name, values in arguments.lists():
        if name != "verb" and name not in known:
            raise Fault("badArgument", f"{verbs[0]} has no argument {name[:60]}.")
        if len(values) > 1:
            raise Fault("badArgument", f"The argument {name} stands more than once.")
        if name in _SYNTAX and not _SYNTAX[name].fullmatch(values[0]):
            raise Fault("badArgument", f"The argument {name} is not written as the protocol says.")
    if "resumptionToken" in arguments:
        if len(arguments) > 2:
            raise Fault("badArgument", "A resumptionToken stands alone.")
        return verbs[0]
    for name, required in known.items():
        if required and name not in arguments:
            raise Fault("badArgument", f"{verbs[0]} needs the argument {name}.")
    return verbs[0]


def read_wish(verb: str, arguments: MultiDict[str, str]) -> Wish:
    """Read what a list shall hold. Raises Fault."""
    if "resumptionToken" in arguments:
        return read_token(verb, arguments["resumptionToken"])
    check_format(arguments["metadataPrefix"])
    since, until = arguments.get("from"), arguments.get("until")
    if since is not None and until is not None and len(since) != len(until):
        raise Fault("badArgument", "from and until must have the same granularity.")
    first = _moment("from", since) if since is not None else None
    before = None
    if until is not None:
        before = _moment("until", until) + timedelta(seconds=1 if _SECOND.fullmatch(until) else 86_400)
    if first and before and first >= before:
        raise Fault("badArgument", "from must not be later than until.")
    return Wish(first, before, arguments.get("set", ""))


def check_format(prefix: str) -> None:
    """Raise Fault for a format that is not offered."""
    if prefix != FORMAT:
        raise Fault("cannotDisseminateFormat", f"The only format is {FORMAT}.")


def _moment(name: str, text: str) -> datetime:
    if _DAY.fullmatch(text) or _SECOND.fullmatch(text):
        try:
            found = datetime.fromisoformat(text)
            if datetime(1000, 1, 1) <= found.replace(tzinfo=None) <= datetime(9998, 12, 31):  # noqa: DTZ001
                return found.replace(tzinfo=UTC)
        except ValueError:
            pass
    raise Fault("badArgument", f"{name} must be a day (2026-10-01) or a second (2026-10-01T09:00:00Z), in UTC.")


def cut(listed: Sequence[Listed], verb: str, wish: Wish) -> Part:
    """Return the next part of a list. Raises Fault when there is nothing in the whole list."""
    fitting = [one for one in listed if _fits(one, wish)]
    if not fitting:
        raise Fault("noRecordsMatch", "No record fits these arguments.")
    rest = [one for one in fitting if wish.after is None or (one.changed_at, one.id) > wish.after]
    members = tuple(rest[:PER_ANSWER])
    if len(rest) > PER_ANSWER:
        last = members[-1]
        following = Wish(wish.since, wish.before, wish.set_name, (last.changed_at, last.id), wish.cursor + PER_ANSWER)
        return Part(members, len(fitting), wish.cursor, write_token(verb, following))
    return Part(members, len(fitting), wish.cursor, "" if wish.after else None)


def _fits(one: Listed, wish: Wish) -> bool:
    second = one.changed_at.replace(microsecond=0)
    return (
        (wish.since is None or second >= wish.since)
        and (wish.before is None or second < wish.before)
        and (not wish.set_name or wish.set_name in sets_of(one))
    )


def sets_of(one: Listed) -> tuple[str, ...]:
    """Return the sets of a case: its kind, its category, its year and its themes."""
    themes = (f"theme-{theme}" for theme in dict.fromkeys(one.themes))
    return (f"kind-{one.kind}", *((f"category-{one.category}",) if one.category else ()), f"year-{one.year}", *themes)


def list_sets(listed: Sequence[Listed]) -> list[str]:
    """Return every set that holds a case."""
    return sorted({name for one in listed for name in sets_of(one)})


def name_of_set(name: str) -> str:
    """Return what people read for a set; a word that no vocabulary knows stays as it is."""
    facet, _, value = name.partition("-")
    if facet == "category":
        label = next(iter(category_names(value)[1:]), value)
    else:
        label = choose(vocabularies().get(f"{facet}s", {}).get(value), SOURCE_LANGUAGE).text or value
    return f"{facet.capitalize()}: {label}"


def write_token(verb: str, wish: Wish) -> str:
    """Write where a list goes on; the token says all of it, so that it never runs out."""
    position = [wish.after[0].isoformat(), wish.after[1]] if wish.after else []
    bounds = [moment.isoformat() if moment else "" for moment in (wish.since, wish.before)]
    told = json.dumps([verb, *bounds, wish.set_name, *position, wish.cursor], ensure_ascii=False)
    return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")


def read_token(verb: str, token: str) -> Wish:
    """Read a token. Raises Fault for one that was not written here for this verb."""
    try:
        if len(token) > _LONGEST_TOKEN:
            raise ValueError("No list goes on from here.")
        told = json.loads(base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True))
        written_for, since, before, set_name, moment, identity, cursor = told
        bounds = [datetime.fromisoformat(text) if text else None for text in (since, before)]
        after = datetime.fromisoformat(moment)
        wish = Wish(bounds[0], bounds[1], set_name, (after, identity), cursor)
        is_sound = isinstance(set_name, str) and isinstance(identity, str) and type(cursor) is int and cursor > 0
        has_zones = all(one is None or one.tzinfo is UTC for one in (*bounds, after))
        if is_sound and has_zones and written_for == verb and write_token(verb, wish) == token:
            return wish
    except (binascii.Error, ValueError, TypeError, AttributeError):
        pass
    raise Fault("badResumptionToken", "This resumptionToken was not given out here.")


def choose_email(*known: str, host: str) -> str:
    """Return the first address that the protocol takes, else that of whoever keeps the host."""
    return next((one for one in (*known, f"postmaster@{host}") if _EMAIL.fullmatch(one)), f"postmaster@{host}.invalid")


def stamp(moment: datetime) -> str:
    """Write a moment in the granularity of the repository: seconds, in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
