"""What is said in other words, or in other languages: the thesaurus of the domain and where its expressions stand.

A row of the file is one concept. The expressions of a row of the kind "same" mean the same; those of a row of the kind
"near" belong to one subject, which is enough to look into other languages and too little to answer a question.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).resolve().parents[2] / "data" / "thesaurus.tsv"

MARK = "~"
"""Begins the term of a concept, which goes on with the language in which it is said."""

SHORTEST_RUN = 2
"""Letters of an expression in a script without spaces."""


@dataclass(frozen=True, slots=True)
class Concept:
    """A row: its name, whether its expressions mean the same, and the expressions by language."""

    name: str
    is_same: bool
    said: dict[str, tuple[str, ...]]


@cache
def concepts() -> dict[str, Concept]:
    """Read the thesaurus, by name: the first English expression of a row names it."""
    head, *rows = (line.split("\t") for line in FILE.read_text(encoding="utf-8").splitlines())
    found: dict[str, Concept] = {}
    for kind, *cells in rows:
        said = {
            tag: tuple(one.strip() for one in cell.split(";") if one.strip())
            for tag, cell in zip(head[1:], cells, strict=True)
        }
        name = said["en"][0].replace(" ", "-").lower()
        found[name] = Concept(name, kind == "same", {tag: told for tag, told in said.items() if told})
    return found


@cache
def languages() -> frozenset[str]:
    """Give the languages in which expressions are known."""
    return frozenset(tag for concept in concepts().values() for tag in concept.said)


def concept_term(language: str, name: str) -> str:
    """Give the term of a concept said in a language."""
    return f"{MARK}{language}:{name}"


def name_of(term: str) -> str:
    """Give the name of the concept of a term."""
    return term.partition(":")[2]


def anywhere_term(term: str) -> str:
    """Give the term of a concept said in any language."""
    return concept_term("", name_of(term))


class Expressions:
    """The expressions of one language, as rows of terms, found in rows of terms."""

    def __init__(self, rows: Iterator[tuple[tuple[str, ...], str]]) -> None:
        """Take (terms in a row, term of the concept)."""
        self._by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for terms, concept in rows:
            kept = self._by_first.setdefault(terms[0], [])
            if (terms, concept) not in kept:
                kept.append((terms, concept))

    def find(self, terms: Sequence[str]) -> Iterator[tuple[int, int, str]]:
        """Give the first and last place of each expression, and the term of its concept."""
        for at, term in enumerate(terms):
            for said, concept in self._by_first.get(term, ()):
                if len(said) == 1 or tuple(terms[at : at + len(said)]) == said:
                    yield at, at + len(said) - 1, concept
