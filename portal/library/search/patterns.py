"""What a question asks of a case: patterns that satisfy clauses that must all hold."""

from dataclasses import dataclass

from portal.library.search.words import FIELD_MARK

AWARD_MARK = "@"
"""Begins the everyday words in names of awards, which only a question of several words can mean."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way to satisfy a clause: all terms in the case, in a row if `in_order`, only begun with if `prefix`."""

    terms: tuple[str, ...]
    in_order: bool = False
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """Satisfied by any of its patterns."""

    patterns: tuple[Pattern, ...]
    negative: bool = False
    ranking: bool = False
    """Holds wherever the others do, and only helps to rank."""


@dataclass(frozen=True, slots=True)
class Question:
    """All clauses must hold; `empty` asks for everything, and no clause without `empty` finds nothing."""

    clauses: tuple[Clause, ...] = ()
    empty: bool = False
    plain: bool = False
    """Nothing but words: no operator, phrase, field or exclusion."""
    languages: frozenset[str] = frozenset()
    """The languages in which the words may be meant."""
    placed: bool = False
    """Asks for places and for nothing else."""
    parts: int = 0
    """Expressions and unknown words of a question that looks abroad."""

    @property
    def terms(self) -> frozenset[str]:
        """Terms to mark in texts."""
        return frozenset(
            term.rpartition(FIELD_MARK)[2]
            for clause in self.clauses
            if not clause.negative
            for pattern in clause.patterns
            if not pattern.prefix
            for term in pattern.terms
            if not term.startswith(AWARD_MARK) and (FIELD_MARK not in term or term.startswith("title"))
        )

    @property
    def runs(self) -> tuple[tuple[str, ...], ...]:
        """Pairs of letters in a row to mark in texts: one pair alone may stand anywhere."""
        return tuple(
            pattern.terms
            for clause in self.clauses
            if not clause.negative
            for pattern in clause.patterns
            if pattern.in_order
        )

    @property
    def prefixes(self) -> tuple[str, ...]:
        """Beginnings of words to mark in texts."""
        return tuple(
            pattern.terms[0]
            for clause in self.clauses
            if not clause.negative
            for pattern in clause.patterns
            if pattern.prefix
        )
