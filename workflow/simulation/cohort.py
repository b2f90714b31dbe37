"""A whole cohort: patient after patient, until there are as many as were asked for."""

from collections.abc import Iterator
from datetime import date
from itertools import count

from workflow.simulation.chance import Chance, Source
from workflow.simulation.relapse import new_patient
from workflow.simulation.situations import SITUATIONS, Situation
from workflow.simulation.story import VirtualFact

# Told backwards from the last day, a course, the remission before it and a childhood fit between 1900 and this year.
EARLIEST_LAST_DAY = date(1950, 1, 1)
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_TOKEN_LETTERS = 5


def simulate(source: Source, *, patients: int, last_day: date) -> Iterator[VirtualFact]:
    """Yield the facts of a virtual cohort up to its last day, patient by patient, each by date.

    The same seed makes the same cohort on every machine, a larger one beginning with the patients of a smaller one.
    Pseudonyms carry letters drawn from the seed, so that two cohorts do not name the same patients.
    """
    chance = Chance(source)
    cohort = "".join(chance.one_of(_LETTERS) for _ in range(_TOKEN_LETTERS))
    situations = _situations(chance)
    for number in range(1, patients + 1):
        pseudonym = f"SIM-{cohort}-{number:04d}"
        situation = next(situations)
        story = new_patient(chance, pseudonym)
        situation(story)
        yield from story.dated(pseudonym, last_day)


def _situations(chance: Chance) -> Iterator[Situation]:
    for _ in count():
        yield from chance.shuffled(SITUATIONS)
