"""What the parts of a question ask together: neighbours, other words, exclusions, and how much may be missing."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import reduce
from itertools import combinations, pairwise, product

from portal.library.search.korean import HANGUL
from portal.library.search.patterns import AWARD_MARK, Clause, Pattern, Question
from portal.library.search.reading import MOST_CLAUSES, Expression, Group, Leaf, flat, is_negative
from portal.library.search.thesaurus import anywhere_term
from portal.library.search.words import LONGEST_JOIN

LONG_NAME = 3
"""From this number of words on, a question can mean the name of an award."""

FORGIVEN_FROM = 3
"""From this number of words on, a plain question is answered by cases that lack one of them."""

_FORGIVEN_TO = 10

_MOST_WORDS = 8


def clauses_of(group: Group, expressions: tuple[Expression, ...] = ()) -> list[Clause]:
    """Turn a group into clauses that must all hold."""

    def row_clauses() -> list[Clause]:
        leaves = (_in_other_words(leaf, expressions) for leaf in _joined(_neighbours(row)))
        return [Clause(leaf.patterns) for leaf in leaves]

    if group.either:
        choices = [clauses_of(Group((part,))) for part in group.parts]
        size = reduce(lambda many, one: many * max(1, len(one)), choices, 1)
        if size > MOST_CLAUSES:
            # Too many ways: any word of it will do.
            choices = [[Clause(tuple(p for clause in one for p in clause.patterns))] for one in choices]
        return [
            Clause(tuple(dict.fromkeys(pattern for clause in way for pattern in clause.patterns)))
            for way in product(*(one for one in choices if one))
        ]
    parts = list(flat(group))
    telling = [part for part in parts if not (isinstance(part, Leaf) and part.minor)]
    if any(not is_negative(part) for part in telling):
        parts = telling
    clauses: list[Clause] = []
    row: list[Leaf] = []
    general = [part for part in parts if isinstance(part, Leaf) and part.general]
    if any(not is_negative(part) and part not in general for part in parts):
        parts = [part for part in parts if part not in general]
    else:
        general = []
    for part in parts:
        if isinstance(part, Leaf):
            row.append(part)
            continue
        clauses += row_clauses()
        row = []
        if part.negative:
            clauses += _excluding(part)
        else:
            clauses += clauses_of(part)
    clauses += row_clauses()
    return clauses + _ranking_only(clauses, general)


def _neighbours(leaves: list[Leaf]) -> list[Leaf]:
    """Let two or three neighbouring Korean words also be written as one: 스마트 도시 asks the same as 스마트도시."""
    merged: list[Leaf] = []
    at = 0
    while at < len(leaves):
        end = at
        while end < len(leaves) and leaves[end].hangul is not None and not leaves[end].minor:
            end += 1
        run = leaves[at:end]
        if len(run) == 2:
            together = tuple(dict.fromkeys(term for leaf in run for term in leaf.patterns[0].terms))
            combined = [Pattern(together)]
            for index, leaf in enumerate(run):
                for pattern in leaf.patterns[1:]:
                    others = (term for other, one in enumerate(run) if other != index for term in one.patterns[0].terms)
                    combined.append(Pattern(tuple(dict.fromkeys((*pattern.terms, *others)))))
            whole = "".join(term for leaf in run for term in leaf.patterns[0].terms)
            if len(whole) <= LONGEST_JOIN:
                combined.append(Pattern((whole,)))
            told = tuple(one for leaf in run for one in leaf.told)
            merged.append(Leaf(tuple(dict.fromkeys(combined)), told=told))
            at = end
        elif run:
            merged += run
            at = end
        else:
            merged.append(leaves[at])
            at += 1
    return merged


def _joined(leaves: list[Leaf]) -> list[Leaf]:
    """Let two neighbouring words in letters also be written as one: smart band asks the same as smartband."""
    joined = list(leaves)
    for at, (left, right) in enumerate(pairwise(leaves)):
        if left.alphabetic and right.alphabetic and not (left.minor or right.minor):
            whole = (Pattern(("=" + left.alphabetic + right.alphabetic,)),)
            joined[at] = replace(joined[at], patterns=joined[at].patterns + whole)
            joined[at + 1] = replace(joined[at + 1], patterns=joined[at + 1].patterns + whole)
    return joined


def _in_other_words(leaf: Leaf, expressions: Iterable[Expression]) -> Leaf:
    """Let what the thesaurus knows also be said in other words, beside the words that it does not know."""
    others: list[Pattern] = []
    for one in expressions:
        beside = tuple(term for start, end, term in leaf.told if not one.covers(start, end))
        if len(beside) < len(leaf.told):
            others += [Pattern((term, *beside)) for term in one.terms]
    return replace(leaf, patterns=tuple(dict.fromkeys((*leaf.patterns, *others)))) if others else leaf


def _ranking_only(clauses: list[Clause], general: list[Leaf]) -> list[Clause]:
    """Let words help to rank that need not be there: any of them, or what is there anyway."""
    there = [pattern for clause in clauses if not clause.negative for pattern in clause.patterns]
    if not general:
        return []
    others = (pattern for leaf in general for pattern in leaf.patterns)
    return [Clause(tuple(dict.fromkeys((*there, *others))), ranking=True)]


def _excluding(group: Group) -> list[Clause]:
    """Exclude what holds all parts of a group: (-(a b) leaves a alone)."""
    wanted = [clause for clause in clauses_of(replace(group, negative=False)) if not clause.negative]
    if len(wanted) < 2:
        return [replace(clause, negative=True) for clause in wanted]
    loose = all(not (pattern.in_order or pattern.prefix) for clause in wanted for pattern in clause.patterns)
    if not loose or reduce(lambda many, one: many * len(one.patterns), wanted, 1) > MOST_CLAUSES:
        return [Clause(tuple(dict.fromkeys(p for clause in wanted for p in clause.patterns)), negative=True)]
    ways = product(*(clause.patterns for clause in wanted))
    together = (Pattern(tuple(dict.fromkeys(term for pattern in way for term in pattern.terms))) for way in ways)
    return [Clause(tuple(dict.fromkeys(together)), negative=True)]


def forgiving(clauses: list[Clause]) -> list[Clause]:
    """Let one of many words be missing: of any two, one must be there."""
    asking, ranking = _apart(clauses)
    if not FORGIVEN_FROM <= len(asking) <= _FORGIVEN_TO:
        return clauses
    either = [Clause(tuple(dict.fromkeys(one.patterns + other.patterns))) for one, other in combinations(asking, 2)]
    return either + ranking


def holding_most(clauses: list[Clause]) -> list[Clause]:
    """Ask for more than half of the words: of any that are as many as may be missing and one, one must be there."""
    asking, ranking = _apart(clauses)
    missing = (len(asking) - 1) // 2
    if not FORGIVEN_FROM <= len(asking) <= _MOST_WORDS:
        return forgiving(clauses)
    rows = combinations([one.patterns for one in asking], missing + 1)
    most = [Clause(tuple(dict.fromkeys(pattern for patterns in row for pattern in patterns))) for row in rows]
    return most + ranking


def _apart(clauses: list[Clause]) -> tuple[list[Clause], list[Clause]]:
    """Return the clauses that ask for something, and those that only rank."""
    return [one for one in clauses if not one.ranking], [one for one in clauses if one.ranking]


def look_abroad(whole: Group, expressions: tuple[Expression, ...], names: Iterable[str]) -> Question:
    """Ask for what the thesaurus knows, in any language, and for names; other words count as parts not found."""
    patterns = dict.fromkeys(Pattern((anywhere_term(term),)) for one in expressions for term in one.terms)
    patterns |= dict.fromkeys(Pattern(("=" + name,)) for name in names)
    leaves = [part for part in flat(whole) if isinstance(part, Leaf) and not part.minor and not part.general]
    unknown = {
        place
        for leaf in leaves
        for place in leaf.told
        if not any(one.covers(place[0], place[1]) for one in expressions)
    }
    return Question((Clause(tuple(patterns)),) if patterns else (), plain=True, parts=len(expressions) + len(unknown))


def with_awards(clauses: list[Clause]) -> list[Clause]:
    """Let a question of several words also mean the name of an award."""
    asked = {term for clause in clauses if not clause.negative for term in clause.patterns[0].terms}
    if len(asked) < LONG_NAME:
        return clauses
    mark: Callable[[Pattern], Pattern] = lambda one: replace(one, terms=tuple(AWARD_MARK + term for term in one.terms))  # noqa: E731
    return [
        clause
        if clause.negative
        else replace(
            clause,
            patterns=clause.patterns
            + tuple(mark(one) for one in clause.patterns if not one.prefix and _may_name_award(one)),
        )
        for clause in clauses
    ]


def _may_name_award(pattern: Pattern) -> bool:
    return all(term.startswith("en:") or HANGUL.match(term) for term in pattern.terms)
