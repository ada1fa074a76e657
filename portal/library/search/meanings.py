"""What lies near to a question in another language: by the vectors of texts, and by what the thesaurus knows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from portal.library.search.encoding import PASSAGES, SENTENCES, Vectors, models

WEIGHTS = {(SENTENCES,): ((1.0,), 0.12), (SENTENCES, PASSAGES): ((0.5, 1.5), 1.2)}
"""For each set of models, what their cosines weigh, and what is taken from the sum: what two texts have in common that
have nothing in common (the second model's cosines begin at about .8)."""

SAID = 0.5
"""What it adds to the nearness when a text says everything that the thesaurus knows of the question."""

NEAR_ALONE, NEAR_BESIDE, LEAST = 0.08, 0.0, -0.05
"""Least nearness of a case where the words of the question find nothing, beside what they find, and of all."""

WORDS_ALONE, PER_WORD = 2, 0.03
"""Up to how many words a question must have a case so near, and by how much less near for each further one: the more a
question says, the less of it a short text can say."""

SAID_ENOUGH = 0.5
"""Least share of the question that a case without a vector must say."""


@dataclass(frozen=True, slots=True)
class Near:
    """A case whose texts in other languages mean or say something near; the language is not known without vectors."""

    id: str
    language: str | None
    nearness: float


def least_nearness(words: int, *, beside: bool) -> float:
    """Return how near a case must be to a question of so many telling words, alone or beside what they find."""
    return NEAR_BESIDE if beside else max(LEAST, NEAR_ALONE - PER_WORD * max(0, words - WORDS_ALONE))


class Meanings:
    """The vectors of a set of cases; made anew for another set."""

    def __init__(self, rows: Iterable[tuple[str, str, Vectors]]) -> None:
        """Take (case, language, vector)."""
        kept = list(rows)
        self._numbers: dict[str, int] = {}
        self._owners = np.array([self._numbers.setdefault(case, len(self._numbers)) for case, _, _ in kept], np.intp)
        self._ids = list(self._numbers)
        self._tags = sorted({language for _, language, _ in kept})
        self._languages = np.array([self._tags.index(language) for _, language, _ in kept], np.intp)
        if kept:
            weights, self._common = WEIGHTS[models()]
            scale = np.repeat(np.array(weights, np.float32), [model.size for model in models()])
            self._matrix = np.stack([row for _, _, row in kept]) * scale

    def __bool__(self) -> bool:
        """Tell whether there is any."""
        return bool(self._ids)

    def near(
        self, question: Vectors | None, languages: frozenset[str], said: Mapping[str, float], least: float
    ) -> list[Near]:
        """Give the cases near to a question in languages that it is not of, the nearest first.

        ``said`` tells of cases how much of the question their texts say, from 0 to about 1: it is added to what they
        mean, and stands alone for cases without a vector and where the question has none. ``least`` is the nearness
        that is asked for.
        """
        known = self._numbers if question is not None else {}
        found = [
            Near(case, None, SAID * share) for case, share in said.items() if case not in known and share >= SAID_ENOUGH
        ]
        if question is not None and self:
            found += self._meant(question, languages, said, least)
        return sorted(found, key=lambda one: (-one.nearness, one.id))

    def _meant(
        self, question: Vectors, languages: frozenset[str], said: Mapping[str, float], least: float
    ) -> Iterator[Near]:
        """Give the cases near enough by the mean of their texts: the best of many is near by chance more often."""
        foreign = np.flatnonzero(np.array([tag not in languages for tag in self._tags])[self._languages])
        owners = self._owners[foreign]
        meant = self._matrix[foreign] @ question - self._common
        told = np.bincount(owners, minlength=len(self._ids))
        nearness = np.bincount(owners, weights=meant, minlength=len(self._ids)) / np.maximum(told, 1)
        for case, share in said.items():
            if case in self._numbers:
                nearness[self._numbers[case]] += SAID * share
        fitting = (told > 0) & (nearness >= least)
        best: dict[int, int] = {}
        for place in np.flatnonzero(fitting[owners]).tolist():
            owner = int(owners[place])
            if owner not in best or meant[place] > meant[best[owner]]:
                best[owner] = place
        for owner, place in best.items():
            yield Near(self._ids[owner], self._tags[self._languages[foreign[place]]], float(nearness[owner]))
