"""How long a notice waits after a failed attempt: twice as long each time, and not all notices equally long."""

from datetime import timedelta

FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)
# From here on every wait is the longest one.
_DOUBLINGS = 6


def wait_after(attempt: int, chance: float) -> timedelta:
    """Return how long to wait after an attempt, the first of which is 1; `chance` is drawn anew each time from 0 to 1.

    The upper half of each wait is left to chance: what failed together, as when a server was down, comes back spread.
    """
    assert attempt >= 1
    assert 0 <= chance <= 1
    whole = min(FIRST_WAIT * (1 << min(attempt - 1, _DOUBLINGS)), LONGEST_WAIT)
    return whole * (1 + chance) / 2
