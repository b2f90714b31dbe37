"""The watch over the clock: it hears of every jump, either way, and of nothing else."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import active_count

import pytest

from scheduler.clock_watch import ClockWatch, watching

BEGUN = datetime(2025, 3, 30, 0, 30, tzinfo=UTC)


@dataclass
class Hands:
    """A wall clock and a stopwatch that go on together, until one of them is moved by hand."""

    wall: datetime = BEGUN
    seconds: float = 1000.0
    held_up: float = 0.0
    heard: list[timedelta] = field(default_factory=list)

    def clock(self) -> datetime:
        """Return the wall clock's time; the thread may be held up right after it was read."""
        read = self.wall
        self.go_on(self.held_up)
        return read

    def stopwatch(self) -> float:
        """Return the stopwatch's seconds."""
        return self.seconds

    def go_on(self, seconds: float) -> None:
        """Let time pass."""
        self.seconds += seconds
        self.wall += timedelta(seconds=seconds)

    def watch(self) -> ClockWatch:
        """Return a watch that tells its jumps to `heard`."""
        return ClockWatch(self.heard.append, clock=self.clock, stopwatch=self.stopwatch)


@pytest.mark.parametrize(
    ("jump", "heard"),
    [
        (timedelta(0), False),
        (timedelta(seconds=2), False),
        (timedelta(seconds=-2), False),
        (timedelta(seconds=2, milliseconds=1), True),
        (timedelta(seconds=-2, milliseconds=-1), True),
        (timedelta(days=3), True),
        (timedelta(days=-4), True),
    ],
)
def test_a_jump_of_more_than_two_seconds_is_heard_either_way_and_once(jump: timedelta, heard: bool) -> None:
    hands = Hands()
    watch = hands.watch()
    hands.go_on(1.0)
    hands.wall += jump

    looks = [watch.look()]
    hands.go_on(1.0)
    looks.append(watch.look())

    assert looks == [jump if heard else None, None]
    assert hands.heard == ([jump] if heard else [])


def test_a_long_wait_between_two_looks_is_no_jump() -> None:
    hands = Hands()
    watch = hands.watch()
    hands.go_on(7200.0)
    assert watch.look() is None


@pytest.mark.parametrize("held_up_at", [0, 1])
def test_a_watch_that_is_held_up_between_its_two_readings_hears_no_jump(held_up_at: int) -> None:
    hands = Hands(held_up=60.0 if held_up_at == 0 else 0.0)
    watch = hands.watch()
    hands.held_up = 60.0 if held_up_at == 1 else 0.0
    hands.go_on(1.0)
    looks = [watch.look()]
    hands.held_up = 0.0
    hands.go_on(1.0)
    looks.append(watch.look())
    assert looks == [None, None]


def test_a_jump_that_is_larger_than_the_watch_was_held_up_is_heard() -> None:
    hands = Hands()
    watch = hands.watch()
    hands.wall -= timedelta(days=4)
    hands.held_up = 60.0
    assert watch.look() == timedelta(days=-4)


def test_a_clock_that_is_slewed_by_a_twentieth_for_an_hour_is_no_jump() -> None:
    hands = Hands()
    watch = hands.watch()
    for _ in range(3600):
        hands.go_on(1.0)
        hands.wall -= timedelta(milliseconds=50)
        assert watch.look() is None


def test_the_watch_leaves_no_thread_behind() -> None:
    before = active_count()
    with watching(lambda _: None):
        assert active_count() == before + 1
    assert active_count() == before
