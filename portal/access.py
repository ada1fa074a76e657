"""Permissions as data: who a visitor is, and tables of predicates that say what they may do."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


@dataclass(frozen=True, slots=True)
class Visitor:
    """The person at the door; ``id`` is None for an anonymous one."""

    id: str | None = None
    name: str = ""
    email: str = ""
    language: str = ""
    roles: frozenset[str] = frozenset()
    organisations: frozenset[str] = frozenset()
    judgeships: Mapping[str, str] = field(default_factory=dict)  # edition id → judge id, accepted ones

    @property
    def signed_in(self) -> bool:
        """Whether the person has signed in."""
        return self.id is not None

    @property
    def is_judge(self) -> bool:
        """Whether the person judges any edition."""
        return bool(self.judgeships)

    @property
    def is_staff(self) -> bool:
        """Whether the person belongs to the secretariat (an administrator does too)."""
        return bool(self.roles & {"secretariat", "administrator"})

    @property
    def is_administrator(self) -> bool:
        """Whether the person manages people and settings."""
        return "administrator" in self.roles


ANONYMOUS = Visitor()


class Permission(Enum):
    """Base of each room's enum of permissions."""


#: One argument: about the visitor alone. Two: about the visitor and the thing.
Predicate = Callable[..., bool]
#: A permission is granted when all predicates of any one of its lists hold.
Law = Mapping[Permission, Sequence[Sequence[Predicate]]]


class Public(Permission):
    """What everybody may read."""

    READ = "read"


def anybody(visitor: Visitor) -> bool:
    """Always true."""
    return True


def signed_in(visitor: Visitor) -> bool:
    """Signed in."""
    return visitor.signed_in


def secretariat(visitor: Visitor) -> bool:
    """Member of the secretariat, or an administrator."""
    return visitor.is_staff


def administrator(visitor: Visitor) -> bool:
    """An administrator."""
    return visitor.is_administrator


def any_judge(visitor: Visitor) -> bool:
    """A judge of any edition."""
    return visitor.is_judge


LAW: Law = {Public.READ: [[anybody]]}


def needs_thing(predicate: Predicate) -> bool:
    """Tell whether a predicate looks at a thing besides the visitor."""
    return len(inspect.signature(predicate).parameters) > 1


class Laws:
    """All rooms' tables together, as the doors ask them."""

    def __init__(self, *tables: Law) -> None:
        self.table: dict[Permission, list[list[Predicate]]] = {}
        for table in tables:
            for permission, ways in table.items():
                if permission in self.table:
                    raise ValueError(f"{permission} stands in two tables.")
                self.table[permission] = [list(way) for way in ways]
        self._about_thing = {
            permission: any(needs_thing(predicate) for way in ways for predicate in way)
            for permission, ways in self.table.items()
        }

    def is_about_a_thing(self, permission: Permission) -> bool:
        """Tell whether the permission can only be decided with the thing at hand."""
        return self._about_thing[permission]

    def may_enter(self, visitor: Visitor, permission: Permission) -> bool:
        """Decide what can be decided of the visitor alone: False means no thing could change it."""
        return any(
            all(needs_thing(predicate) or predicate(visitor) for predicate in way) for way in self.table[permission]
        )

    def allows(self, visitor: Visitor, permission: Permission, thing: Any = None) -> bool:
        """Decide the permission for this visitor and this thing."""
        return any(
            all(predicate(visitor, thing) if needs_thing(predicate) else predicate(visitor) for predicate in way)
            for way in self.table[permission]
        )
