"""How figures are taken: rounds that go from database to database, medians, and ratios to the smallest one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter, process_time

Measure = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Rate:
    """How many a second, and the processor time of this process that each took, in milliseconds."""

    per_second: float
    milliseconds: float


class Timer:
    """Counts from when it is made."""

    def __init__(self) -> None:
        self._begun, self._spent = perf_counter(), process_time()

    def rate(self, many: int) -> Rate:
        """Return the rate of so many since then."""
        taken, spent = perf_counter() - self._begun, process_time() - self._spent
        return Rate(many / taken, spent * 1000 / many)


def median_rate(rates: Sequence[Rate]) -> Rate:
    """Return the medians of both, without the first one, which warms caches and statement plans up."""
    return Rate(median(each.per_second for each in rates[1:]), median(each.milliseconds for each in rates[1:]))


@dataclass(frozen=True, slots=True)
class Sizes:
    """One figure at each number of patients."""

    what: str
    unit: str
    medians: Mapping[int, float]

    def __str__(self) -> str:
        """Tell the figure at each size, and its ratio to the smallest."""
        first = self.medians[min(self.medians)]
        told = ", ".join(f"{size:,}: {value:,.1f} {self.unit}" for size, value in self.medians.items())
        ratios = ", ".join(f"{value / first:.2f}" for value in self.medians.values())
        return f"{self.what} | {told} | ratio {ratios}"


def interleaved(measures: Mapping[int, Measure], rounds: int) -> dict[int, float]:
    """Return the median of each after one round that warms up; each round goes through all, so all share a bad time."""
    taken: dict[int, list[float]] = {size: [] for size in measures}
    for _ in range(rounds + 1):
        for size, measure in measures.items():
            taken[size].append(measure())
    return {size: median(values[1:]) for size, values in taken.items()}


def milliseconds(act: Callable[[], object]) -> Measure:
    """Return a measure of how long an act takes, in milliseconds."""

    def measure() -> float:
        begun = perf_counter()
        act()
        return (perf_counter() - begun) * 1000

    return measure
