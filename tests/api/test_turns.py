"""Writes take turns: as many at once as the database takes, and nobody waits for ever."""

from threading import Event
from types import SimpleNamespace
from typing import cast

import pytest
from anyio import create_task_group, run, to_thread

from api.turns import Turns
from workflow.persistence.errors import DatabaseBusyError
from workflow.persistence.tally import Tally
from workflow.services.house import House

PATIENT, IMPATIENT = 60.0, 0.0


class Writer:
    """A write that stays in its transaction until it is let go."""

    def __init__(self) -> None:
        self.begun, self.go = Event(), Event()

    def write(self, answer: str) -> str:
        """Write, and answer."""
        self.begun.set()
        assert self.go.wait(PATIENT)
        return answer


def house_of_one_writer() -> SimpleNamespace:
    database = SimpleNamespace(writers=1, tally=Tally())
    return SimpleNamespace(database=database, settings=SimpleNamespace(lock_timeout_seconds=PATIENT))


def test_a_write_whose_turn_does_not_come_is_told_that_the_database_is_busy_and_is_not_carried_out() -> None:
    house, first, second = house_of_one_writer(), Writer(), Writer()
    turns = Turns(cast("House", house))

    async def story() -> None:
        async with create_task_group() as people:
            people.start_soon(turns.carry_out, first.write, "first")
            await to_thread.run_sync(first.begun.wait)
            house.settings.lock_timeout_seconds = IMPATIENT
            with pytest.raises(DatabaseBusyError):
                await turns.carry_out(second.write, "second")
            first.go.set()

    run(story)
    assert not second.begun.is_set()


def test_the_next_write_begins_when_the_one_before_has_ended_even_by_an_error() -> None:
    turns = Turns(cast("House", house_of_one_writer()))
    writer = Writer()
    writer.go.set()

    def refuse() -> None:
        raise ZeroDivisionError

    async def story() -> str:
        with pytest.raises(ZeroDivisionError):
            await turns.carry_out(refuse)
        return await turns.carry_out(writer.write, "second")

    assert run(story) == "second"
