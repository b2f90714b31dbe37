"""What a simulation may ask of chance: little enough to come out the same on every machine."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

Thing = TypeVar("Thing")
Bounds = tuple[int, int]


class Source(Protocol):
    """Where chance comes from: `random.Random(seed)`.

    Nothing but `random()` is asked of it: the one method whose sequence Python promises to keep for a seed.
    """

    def random(self) -> float:
        """Return a number from 0 up to, not including, 1."""


@dataclass(frozen=True, slots=True)
class Chance:
    """Draws from a seeded source; the same calls in the same order draw the same."""

    source: Source

    def happens(self, share: float) -> bool:
        """Whether something happens that happens in this share (0 to 1) of cases."""
        return self.source.random() < share

    def between(self, bounds: Bounds) -> int:
        """Return a whole number between two bounds, both inclusive."""
        least, most = bounds
        return least + int(self.source.random() * (most - least + 1))

    def one_of(self, things: Sequence[Thing]) -> Thing:
        """Return one of these, each as likely as any other."""
        return things[self.between((0, len(things) - 1))]

    def weighted(self, shares: Mapping[Thing, float]) -> Thing:
        """Return one of the keys, each as likely as its share says; the shares sum to 1."""
        left = self.source.random()
        *others, last = shares.items()
        for thing, share in others:
            left -= share
            if left < 0:
                return thing
        return last[0]

    def shuffled(self, things: Iterable[Thing]) -> list[Thing]:
        """Return these in an order of chance."""
        rest = list(things)
        return [rest.pop(self.between((0, len(rest) - 1))) for _ in range(len(rest))]
