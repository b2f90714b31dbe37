"""How long a notice waits after a failed attempt."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.domain.delivery import MOST_ATTEMPTS
from workflow.rules.backoff import LONGEST_WAIT, wait_after

CHANCES = st.floats(0, 1)


@pytest.mark.parametrize(
    ("attempt", "minutes"), [(1, 1), (2, 2), (3, 4), (4, 8), (5, 16), (6, 32), (7, 60), (8, 60), (9, 60), (10**9, 60)]
)
def test_a_wait_doubles_from_a_minute_to_an_hour_and_chance_takes_at_most_half(attempt: int, minutes: int) -> None:
    assert wait_after(attempt, 1) == timedelta(minutes=minutes)
    assert wait_after(attempt, 0) == timedelta(minutes=minutes) / 2
    assert wait_after(attempt, 0.5) == timedelta(minutes=minutes) * 3 / 4


@given(st.integers(1, 10**6), CHANCES, CHANCES)
def test_a_later_attempt_never_waits_less_on_the_same_chance(attempt: int, chance: float, other: float) -> None:
    assert timedelta(0) < wait_after(attempt, chance) <= wait_after(attempt + 1, chance) <= LONGEST_WAIT
    assert (wait_after(attempt, chance) <= wait_after(attempt, other)) or chance >= other


@pytest.mark.parametrize(("chance", "minutes"), [(0, 121.5), (1, 243)])
def test_a_notice_is_given_up_two_to_four_hours_after_its_first_attempt(chance: float, minutes: float) -> None:
    waits = (wait_after(attempt, chance) for attempt in range(1, MOST_ATTEMPTS))
    assert sum(waits, timedelta(0)) == timedelta(minutes=minutes)
