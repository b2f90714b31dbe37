"""Ends a command that somebody has asked to end as an exception does: what is unfinished is removed on the way out."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

# What a shell says of a process that a signal has ended: so much more than the signal's number.
ENDED_BY = 128
# SIGHUP is what comes when the connection is lost over which somebody works on another machine.
ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

Heed: TypeAlias = Callable[[], None]
"""Raises Ended where somebody has asked the command to end."""


class Ended(SystemExit):
    """A signal has ended the command."""

    def __init__(self, number: int) -> None:
        super().__init__(ENDED_BY + number)
        self.exit_code = ENDED_BY + number


@contextmanager
def ended_in_good_order() -> Iterator[Heed]:
    """Raise Ended at each signal that asks to end, but while one that was raised is on its way out and removes things.

    Once is not enough: in a finalizer Python drops what is raised, and a driver may make a fault of its own of it. So
    what was asked is kept, to be heeded between two steps, and at the end at the latest.
    """
    asked: list[int] = []

    def end(number: int, _frame: object) -> None:
        asked.append(number)
        if not _on_its_way_out():
            raise Ended(number)

    def heed() -> None:
        if asked:
            raise Ended(asked[0])

    # What was ignored stays ignored: that is what nohup is for.
    before = {one: signal.getsignal(one) for one in ENDING if signal.getsignal(one) is not signal.SIG_IGN}
    try:
        for one in before:
            signal.signal(one, end)
        yield heed
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
        heed()


def _on_its_way_out() -> bool:
    """Whether what runs at this moment does so because Ended was raised: an `except` or `finally` around it."""
    handled = sys.exception()
    while handled is not None:
        if isinstance(handled, Ended):
            return True
        handled = handled.__context__
    return False
