"""What the people of a busy day want recorded: drawn by a seed, most of it acceptable in whatever order it comes."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from random import Random

from tests.api.ward import REGISTRATION
from tests.integration.races.wire import Letter

FACTS_A_PATIENT = 10


class Way(Enum):
    """How a request reaches the processes."""

    PLAINLY = "sent once"
    AT_ONCE = "sent to two processes at the same moment"
    AGAIN = "answered, and sent again elsewhere all the same"
    UNHEARD = "cut off after sending, so that no answer is heard, then sent again"
    CUT_SHORT = "cut off in the middle, then sent again"
    IF_MATCH = "sent for the version that was read, and again for the newer one where it was stale"


HOW_OFTEN = {Way.PLAINLY: 64, Way.AT_ONCE: 9, Way.AGAIN: 7, Way.UNHEARD: 8, Way.CUT_SHORT: 4, Way.IF_MATCH: 8}


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One request and how it is sent; `after` is the number of the errand that must be done before.

    `refused` is status and code where it must be refused.
    """

    number: int
    letter: Letter
    way: Way = Way.PLAINLY
    after: int | None = None
    refused: tuple[int, str] | None = None

    @property
    def key(self) -> str:
        """The idempotency key."""
        return self.letter.headers["Idempotency-Key"]


def registrations(chance: Random, patients: int, day: str) -> list[Errand]:
    """Return the registration of so many patients; pseudonyms and keys are this day's own."""
    return [
        Errand(
            number=number,
            letter=_letter("/patients", {**REGISTRATION, "pseudonym": f"{day}-{number}"}, f"{day}-patient-{number}"),
            way=chance.choice((Way.PLAINLY, Way.PLAINLY, Way.AT_ONCE, Way.UNHEARD)),
        )
        for number in range(patients)
    ]


def a_busy_day(chance: Random, patient_ids: Sequence[str], day: str) -> list[Errand]:
    """Return ten facts a patient, and some to be refused, in an order in which each comes after what it waits for."""
    waiting: list[Errand] = []
    for patient_id in patient_ids:
        waiting += _of_one_patient(chance, patient_id, first=len(waiting))
    waiting += _to_be_refused(chance, patient_ids, tuple(waiting))
    return [replace(errand, letter=_of_day(errand.letter, day)) for errand in _in_a_possible_order(chance, waiting)]


def _of_day(letter: Letter, day: str) -> Letter:
    return replace(letter, headers={"Idempotency-Key": f"{day}-{letter.headers['Idempotency-Key']}"})


def _of_one_patient(chance: Random, patient_id: str, *, first: int) -> Iterator[Errand]:
    # Each course step waits for the one before; of the rest, what belongs to a course waits for its beginning.
    course: tuple[tuple[int | None, str, str, Mapping[str, object]], ...] = (
        (None, "relapse_diagnosed", "2025-01-06", {"relapse_site": "isolated_bm"}),
        (0, "protocol_chosen", "2025-01-07", {"protocol": "all-rez-bfm-2002"}),
        (1, "block_started", "2025-01-08", {"element": "R1"}),
        (2, "block_completed", "2025-01-13", {"given": "as_planned"}),
        (None, "note_added", "2025-01-10", {"text": f"first {patient_id}"}),
        (None, "note_added", "2025-02-10", {"text": f"second {patient_id}"}),
        (None, "contact_recorded", "2025-02-03", {"on": "2025-02-03", "result": "well"}),
        (0, "counts_recorded", "2025-01-14", {"anc": chance.randrange(100, 900)}),
        (0, "toxicity_recorded", "2025-01-12", {"kind": "mucositis", "grade": chance.randrange(1, 4)}),
        (0, "appointment_booked", "2025-01-15", {"for": "response_assessed", "on": "2025-02-05"}),
    )
    assert len(course) == FACTS_A_PATIENT
    for place, (after, fact_type, on, data) in enumerate(course):
        number = first + place
        fact: dict[str, object] = {"type": fact_type, "occurred_on": on, "data": data}
        if place % 3 == 0:
            fact["external_id"] = f"laboratory-{place}"
        yield Errand(
            number=number,
            letter=_letter(f"/patients/{patient_id}/facts", fact, f"fact-{number}"),
            way=chance.choices(tuple(HOW_OFTEN), tuple(HOW_OFTEN.values()))[0],
            after=None if after is None else first + after,
        )


def _to_be_refused(chance: Random, patient_ids: Sequence[str], accepted: Sequence[Errand]) -> Iterator[Errand]:
    number = len(accepted)
    for place in chance.sample(range(len(patient_ids)), max(4, len(patient_ids) // 8)):
        path = f"/patients/{patient_ids[place]}/facts"
        note = {"type": "note_added", "occurred_on": "2025-01-10", "data": {"text": f"refused {place}"}}
        start = {"type": "block_started", "occurred_on": "2025-01-18", "data": {"element": "R2"}}
        of_patient = accepted[place * FACTS_A_PATIENT : (place + 1) * FACTS_A_PATIENT]
        used = chance.choice(of_patient)
        for letter, after, refused in (
            (_letter(path, start, f"early-{place}"), of_patient[2].number, (409, "too_early")),
            (_letter(path, {**note, "data": {}}, f"without-text-{place}"), None, (422, "missing")),
            (replace(_letter(path, note, f"not-ours-{place}"), who="other_hospital"), None, (404, "not_found")),
            (_letter(path, note, used.key), used.number, (422, "idempotency_key_reused")),
        ):
            yield Errand(number=number, letter=letter, after=after, refused=refused)
            number += 1


def _in_a_possible_order(chance: Random, errands: Sequence[Errand]) -> list[Errand]:
    """Return the errands shuffled, each after the one that it waits for."""
    shuffled = list(errands)
    chance.shuffle(shuffled)
    by_number = {errand.number: errand for errand in errands}
    ordered: dict[int, Errand] = {}
    for errand in shuffled:
        chain = [errand]
        while (before := chain[-1].after) is not None:
            chain.append(by_number[before])
        ordered.update((each.number, each) for each in reversed(chain) if each.number not in ordered)
    return list(ordered.values())


def _letter(path: str, body: Mapping[str, object], key: str) -> Letter:
    return Letter(path=path, body=json.dumps(body).encode(), headers={"Idempotency-Key": key})
