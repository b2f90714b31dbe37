"""Two processes and a busy day: each fact stands once, a retry is an echo, and one process may be killed at work."""

from itertools import count
from random import Random

import pytest

from tests.integration.races.accounts import (
    registered,
    require_one_application_each,
    require_what_was_said_is_stored,
)
from tests.integration.races.crowd import Crowd
from tests.integration.races.errands import a_busy_day
from tests.integration.races.processes import Hospital

KILLED_AFTER = 80

pytestmark = pytest.mark.parametrize("standing", ["postgresql"], indirect=True)


@pytest.mark.parametrize(("seed", "patients"), [(20_250_106, 200)])
def test_two_thousand_facts_through_two_processes_stand_once_each(opened: Hospital, seed: int, patients: int) -> None:
    chance, day = Random(seed), f"busy-{seed}"
    patient_ids = registered(opened, chance, patients, day)
    errands = a_busy_day(chance, patient_ids, day)
    accepted = [errand for errand in errands if errand.refused is None]
    assert len(accepted) == 2000

    crowd = Crowd(opened.ports)
    crowd.carry_out(errands)
    crowd.ask_again(chance.sample(accepted, 100))

    require_one_application_each(errands, crowd.heard)
    require_what_was_said_is_stored(opened, patient_ids, errands, crowd.heard)


@pytest.mark.parametrize(("seed", "patients"), [(7, 20)])
def test_a_process_killed_at_work_loses_nothing_and_its_successor_gives_the_first_answers(
    opened: Hospital, seed: int, patients: int
) -> None:
    chance, day = Random(seed), f"killed-{seed}"
    patient_ids = registered(opened, chance, patients, day)
    errands = a_busy_day(chance, patient_ids, day)
    victim, done = opened.processes[1], count(1)

    def kill_at_work() -> None:
        if next(done) == KILLED_AFTER:
            victim.kill()

    crowd = Crowd(opened.ports, on_done=kill_at_work)
    crowd.carry_out(errands)
    victim.begin()
    successor = Crowd(lambda: (victim.port(),), heard=crowd.heard)
    successor.ask_again(errand for errand in errands if errand.refused is None)

    require_one_application_each(errands, crowd.heard)
    require_what_was_said_is_stored(opened, patient_ids, errands, crowd.heard)
