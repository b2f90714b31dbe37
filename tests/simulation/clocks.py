"""The simulated time: it goes on truly, while the clock that everybody reads may be days off; and ids by a seed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from unittest.mock import patch

from workflow import identifiers

BEGUN_AT = datetime(2025, 1, 1, 6, tzinfo=UTC)
_A_READING = timedelta(microseconds=20)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class SimulatedClock:
    """True time, and by how much the clock is wrong; each reading takes a moment."""

    true: datetime = BEGUN_AT
    wrong_by: timedelta = timedelta(0)
    jumps: int = 0

    def __call__(self) -> datetime:
        self.true += _A_READING
        return self.true + self.wrong_by

    def jump(self, to: timedelta) -> None:
        """Set the clock wrong by so much, or right again."""
        self.wrong_by = to
        self.jumps += 1


class _Chance:
    """Stands where identifiers ask the machine for chance and time."""

    def __init__(self, chance: Random, clock: SimulatedClock) -> None:
        self.randbits = chance.getrandbits
        self._clock = clock

    def token_urlsafe(self, size: int) -> str:
        return self.token_hex(size)

    def token_hex(self, size: int) -> str:
        return f"{self.randbits(size * 8):0{size * 2}x}"

    def time_ns(self) -> int:
        return (self._clock.true + self._clock.wrong_by - _EPOCH) // timedelta(microseconds=1) * 1000


@contextmanager
def ids_by_seed(seed: int, clock: SimulatedClock) -> Iterator[None]:
    """Make all identifiers of the house by a seed and by the simulated clock, until the block ends."""
    chance = _Chance(Random(seed), clock)
    with patch.object(identifiers, "secrets", chance), patch.object(identifiers, "time", chance):
        yield
