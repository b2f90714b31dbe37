"""A scheduler whose death is planned: it sweeps and delivers, and kills itself by SIGKILL at the n-th of its steps."""

import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import event

from scheduler.channels.base import Channel, DeliveryError
from scheduler.channels.registry import open_channels
from workflow.bootstrap import build
from workflow.domain.delivery import DELIVERED, SEND_WITHIN_SECONDS, Attempted, Claimed
from workflow.domain.messages import Message
from workflow.services.deliver_notices import claim_prepared, settle, settle_delivered
from workflow.services.house import House
from workflow.services.sweep import sweep
from workflow.settings import Settings

Step = Callable[[], None]


def main() -> None:
    """Carry out the tasks of the standard input, each in a child that may die, and tell what became of it.

    It forks for each death: started anew each time, most of a test would be imports.
    """
    for line in sys.stdin:
        steps, writing_end = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(steps)
            # What the channel `log` tells is no answer to a task.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            _live(json.loads(line), writing_end)
            os._exit(0)
        os.close(writing_end)
        with os.fdopen(steps, "rb") as pipe:
            begun = len(pipe.read())
        _, status = os.waitpid(child, 0)
        how = {0: "lived"}.get(status, "killed" if os.WTERMSIG(status) == signal.SIGKILL else f"failed {status}")
        sys.stdout.write(json.dumps({"steps": begun, "how": how}) + "\n")
        sys.stdout.flush()


def _live(task: dict[str, Any], pipe: int) -> None:
    """Open the house, then count each step: a statement, a commit, the sending, and what lies between."""
    now = datetime.fromisoformat(task["now"])
    house = build(Settings.from_environment(task["environment"]), clock=lambda: now)
    begun = 0

    def step() -> None:
        nonlocal begun
        begun += 1
        os.write(pipe, b".")
        if begun == task["die_at"]:
            os.kill(os.getpid(), signal.SIGKILL)

    for engine in (house.database.writer, house.database.reader):
        event.listen(engine, "before_cursor_execute", lambda *_: step())
        event.listen(engine, "commit", lambda *_: step())
    work(house, open_channels(house.settings, house.clock), "mortal", step)


def work(house: House, channels: dict[str, Channel], worker: str, step: Step) -> None:
    """Sweep once, and deliver until nothing is due, as the worker of a scheduler does."""
    sweep(house, _stop)
    while claims := claim_prepared(house, worker, busy=(), limit=2):
        delivered = []
        for claimed, message in claims:
            step()
            if message is not None:
                outcome = _sent(channels, claimed, message)
                step()
                if outcome.result == "delivered":
                    delivered.append(claimed)
                else:
                    settle(house, claimed, outcome)
        assert settle_delivered(house, delivered) == {claimed.notice.id for claimed in delivered}


def _sent(channels: dict[str, Channel], claimed: Claimed, message: Message) -> Attempted:
    try:
        channels[claimed.notice.channel].send(message, timeout_seconds=SEND_WITHIN_SECONDS)
    except DeliveryError as failure:
        return Attempted("temporary", failure.detail)
    return DELIVERED


def _stop(fault: Exception) -> None:
    raise fault


if __name__ == "__main__":
    main()
