"""What a case tells beside its texts: the context of its city, what it took, what came of it, and who says so.

Kept as one JSON value of the case: it is always read with the case, and searched through the index, not by SQL.
Places of sources are counted from 0 in the case's own list of sources.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from portal.errors import Refusal
from portal.i18n import sentence

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Budget:
    """What a programme cost: an amount in a currency (ISO 4217), the years it covers as its source words them."""

    amount: Decimal
    currency: str
    years: str = ""
    source: int | None = None


@dataclass(frozen=True, slots=True)
class Indicator:
    """A measured result: before and after, with unit and moment (``2024``, ``2024-03`` or ``2024-03-31``)."""

    name: Texts
    value: Decimal
    unit: Texts = field(default_factory=dict)
    baseline: Decimal | None = None
    baseline_date: str = ""
    date: str = ""
    source: int | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """How many people a programme reached by a moment."""

    people: int
    date: str = ""
    source: int | None = None


@dataclass(frozen=True, slots=True)
class Follower:
    """Who copied a programme."""

    city: str
    country: str
    year: int | None = None
    source: int | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """What one source says about a subject; statements about the same subject stand side by side."""

    subject: Texts
    text: Texts
    date: str = ""
    source: int | None = None


@dataclass(frozen=True, slots=True)
class Details:
    """Everything a case tells beside its texts; every part may be missing."""

    population: int | None = None
    income: str | None = None
    budget: Budget | None = None
    partners: tuple[str, ...] = ()
    technologies: tuple[Texts, ...] = ()
    target_groups: tuple[str, ...] = ()
    sdgs: tuple[int, ...] = ()
    reach: Reach | None = None
    indicators: tuple[Indicator, ...] = ()
    followers: tuple[Follower, ...] = ()
    statements: tuple[Statement, ...] = ()


Record = TypeVar("Record")


def dump(record: Any) -> dict[str, Any]:
    """Return a record as JSON values; what is empty is left out, and decimals are texts."""
    written = {one.name: _write(getattr(record, one.name)) for one in fields(record)}
    return {name: value for name, value in written.items() if value not in (None, "", [], {})}


def _write(value: Any) -> Any:
    if is_dataclass(value):
        return dump(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, tuple):
        return [_write(one) for one in value]
    return dict(value) if isinstance(value, Mapping) else value


def load(kind: type[Record], given: Any, where: str = "details") -> Record:
    """Read a record from JSON values.

    Raises Refusal with the place of the first fault: an unknown name, a missing one, or a value of another kind.
    """
    if not isinstance(given, Mapping):
        raise Refusal(sentence("%(where)s must be an object with names and values."), field=where, where=where)
    hints = _hints(kind)  # type: ignore[arg-type]
    for name in given:
        if name not in hints:
            raise Refusal(sentence("%(where)s has no part “%(name)s”."), field=where, where=where, name=str(name)[:80])
    read = {name: _read(hints[name], value, f"{where}.{name}") for name, value in given.items()}
    try:
        return kind(**read)
    except TypeError:
        wanted = [one.name for one in fields(kind) if one.name not in given]  # type: ignore[arg-type]
        raise Refusal(
            sentence("%(where)s needs “%(name)s”."), field=where, where=where, name=wanted[0] if wanted else ""
        ) from None


@cache
def _hints(kind: type[Any]) -> dict[str, Any]:
    return get_type_hints(kind)


def _read(hint: Any, value: Any, where: str) -> Any:
    """Read one value of the kind that a type hint names."""
    if get_origin(hint) in (Union, types.UnionType):
        if value is None:
            return None
        hint = next(one for one in get_args(hint) if one is not type(None))
    if is_dataclass(hint):
        return load(hint, value, where)  # type: ignore[arg-type]
    if get_origin(hint) is tuple:
        if not isinstance(value, list):
            raise Refusal(sentence("%(where)s must be a list."), field=where, where=where)
        return tuple(_read(get_args(hint)[0], one, f"{where}[{place}]") for place, one in enumerate(value))
    if hint is Decimal and isinstance(value, str | int | float) and not isinstance(value, bool):
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            number = Decimal("NaN")
        if number.is_finite():
            return number
    elif hint is int and isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    elif hint is str and isinstance(value, str):
        return value.strip()
    elif hint == Texts and isinstance(value, Mapping):
        if all(isinstance(tag, str) and isinstance(text, str) for tag, text in value.items()):
            return {tag: text.strip() for tag, text in value.items() if text.strip()}
    raise Refusal(
        sentence("%(where)s has a value of the wrong kind: “%(value)s”."),
        field=where,
        where=where,
        value=str(value)[:80],
    )  # fmt: skip
