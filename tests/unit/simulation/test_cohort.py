"""A simulated cohort: the same for a seed everywhere, in every situation of a ward, and held to the protocols."""

import os
import subprocess
import sys
from collections import Counter
from datetime import date
from itertools import pairwise
from random import Random

import pytest

from workflow.domain.windows import BLOCK_INTERVAL
from workflow.protocols.library import shipped
from workflow.protocols.model import Protocol
from workflow.simulation import assumptions as assumed
from workflow.simulation.chance import Chance
from workflow.simulation.cohort import EARLIEST_LAST_DAY, simulate
from workflow.simulation.files import as_csv, as_ndjson
from workflow.simulation.relapse import new_patient
from workflow.simulation.situations import IN_TREATMENT, SITUATIONS, Situation
from workflow.simulation.story import VirtualFact

LAST_DAY = date(2026, 3, 10)
SIMULATED = [protocol for protocol in shipped().versions if protocol.id in assumed.PROTOCOL]
PROTOCOLS = pytest.mark.parametrize("protocol", SIMULATED, ids=lambda protocol: protocol.ref)
IN_ANOTHER_PROCESS = """
import sys
from datetime import date
from random import Random
from workflow.simulation.cohort import simulate
from workflow.simulation.files import as_csv, as_ndjson

facts = list(simulate(Random(3), patients=30, last_day=date(2026, 3, 10)))
sys.stdout.buffer.write((as_csv(facts) + as_ndjson(facts)).encode())
"""


def cohort(seed: int, patients: int) -> list[VirtualFact]:
    return list(simulate(Random(seed), patients=patients, last_day=LAST_DAY))


def test_the_same_seed_makes_the_same_bytes_whatever_the_process_hashes_by() -> None:
    facts = cohort(3, 30)
    here = (as_csv(facts) + as_ndjson(facts)).encode()
    for hash_seed in ("1", "2"):
        ran = subprocess.run(
            [sys.executable, "-c", IN_ANOTHER_PROCESS],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            check=True,
        )
        assert ran.stdout == here


def test_a_larger_cohort_begins_with_the_patients_of_a_smaller_one() -> None:
    few = cohort(3, 10)
    assert cohort(3, 60)[: len(few)] == few


def test_another_seed_names_other_patients() -> None:
    names = [{fact.patient for fact in cohort(seed, 5)} for seed in (3, 4)]
    assert [len(of_one) for of_one in names] == [5, 5]
    assert names[0].isdisjoint(names[1])


def test_another_last_day_moves_every_day_and_changes_nothing_else() -> None:
    moved = list(simulate(Random(3), patients=20, last_day=EARLIEST_LAST_DAY))
    as_told = cohort(3, 20)
    assert {LAST_DAY - fact.occurred_on for fact in as_told} == {EARLIEST_LAST_DAY - fact.occurred_on for fact in moved}
    assert [fact.type for fact in moved] == [fact.type for fact in as_told]
    assert min(fact.occurred_on for fact in moved).year > 1900


def test_most_of_a_ward_is_in_treatment() -> None:
    assert len(IN_TREATMENT) > len(SITUATIONS) / 2


@pytest.mark.parametrize("situation", dict.fromkeys(SITUATIONS), ids=lambda situation: situation.__name__)
def test_no_situation_tells_what_lies_ahead_of_its_day(situation: Situation) -> None:
    for seed in range(50):
        story = new_patient(Chance(Random(seed)), "SIM-1")
        situation(story)
        assert story.last_day <= story.today


@PROTOCOLS
def test_the_days_between_blocks_are_those_of_the_protocols(protocol: Protocol) -> None:
    window = protocol.window_rule(BLOCK_INTERVAL)
    assert window is not None
    assert window.latest_days is not None
    assert window.critical_days is not None
    spans = assumed.INTERVAL_DAYS
    assert spans["on_time"] == (window.hard_min_days, window.latest_days)
    assert spans["late"] == (window.latest_days + 1, window.critical_days - 1)
    assert spans["critical"][0] == window.critical_days


@PROTOCOLS
def test_blocks_last_as_long_as_in_the_protocols(protocol: Protocol) -> None:
    length = protocol.window_rule("TR-004")
    assert length is not None
    assert (length.earliest_days, length.latest_days) == assumed.BLOCK_DAYS
    assert {element.code for element in protocol.elements} >= {"R1", "R2"}


def test_blocks_alternate_and_mostly_come_on_time() -> None:
    blocks: dict[str, list[VirtualFact]] = {}
    for fact in cohort(5, 300):
        if fact.type in {"relapse_diagnosed", "reinduction_failed"}:
            blocks.pop(fact.patient, None)
        elif fact.type == "block_started":
            blocks.setdefault(fact.patient, []).append(fact)
    pairs = [pair for started in blocks.values() for pair in pairwise(started)]
    assert all({first.data["element"], then.data["element"]} == {"R1", "R2"} for first, then in pairs)
    days = [(then.occurred_on - first.occurred_on).days for first, then in pairs]
    assert min(days) >= 14
    verdicts = Counter("on_time" if span <= 21 else "late" if span <= 25 else "critical" for span in days)
    assert verdicts["on_time"] > 0.7 * len(days)
    assert verdicts["late"] > verdicts["critical"] > 0
