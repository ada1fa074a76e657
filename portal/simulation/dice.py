"""Seeded chance that gives the same world on every Python version."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Draw from a stream that depends on the seed words alone.

    Only `Random.random()` is used: its sequence for a given seed is guaranteed across Python versions, while that of
    `shuffle`, `sample` and `gauss` is not.
    """

    def __init__(self, *words: object) -> None:
        self._random = random.Random("/".join(str(word) for word in words))

    def below(self, count: int) -> int:
        """Draw a whole number from 0 to count - 1."""
        return int(self._random.random() * count)

    def between(self, low: float, high: float) -> float:
        """Draw a number from [low, high)."""
        return low + self._random.random() * (high - low)

    def bell(self, spread: float) -> float:
        """Draw from a bell curve around 0 with this standard deviation, never further out than six of them."""
        total = -6.0
        for _ in range(12):
            total += self._random.random()  # not sum(): Python 3.12 began to add floats in another way
        return total * spread

    def pick(self, items: Sequence[T]) -> T:
        """Draw one item."""
        return items[self.below(len(items))]

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """Give the items in a random order (Fisher-Yates)."""
        out = list(items)
        for last in range(len(out) - 1, 0, -1):
            other = self.below(last + 1)
            out[last], out[other] = out[other], out[last]
        return out

    def sample(self, items: Sequence[T], count: int) -> list[T]:
        """Draw up to `count` different items, in random order."""
        return self.shuffled(items)[:count]
