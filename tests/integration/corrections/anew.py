"""A corrected file, entered once more for somebody else as if it had been right at first."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from itertools import count
from typing import Any

from hypothesis import event

from tests.integration.corrections.drawing import raw
from tests.integration.corrections.reference import ReferenceFile
from tests.introduced import seeing
from tests.property.naming import entered_in_order, named_by_fact
from workflow.domain.actor import LOCAL_ADMIN
from workflow.domain.facts.fact import Fact, payload_json
from workflow.domain.patient import PatientState
from workflow.persistence.patient_reads import read_patient
from workflow.persistence.reach import Reach
from workflow.rules.fold import fold, replay
from workflow.services.errors import RefusedError
from workflow.services.house import House
from workflow.services.record_fact import record
from workflow.services.register_patient import register

NUMBERS = count(1)
# A correction judges only what it touches: another fact may stand early, or without its step, or its delay be gone.
JUDGED_ONCE = {
    "too_early",
    "relapse_without_remission",
    "mrd_needed",
    "against_strategy",
    "not_possible_in_state",
    "nothing_to_confirm",
    "no_such_delay",
    "segments_exceed_delay",
    "already_treating",
}


def require_as_if_right_at_first(house: House, file: ReferenceFile) -> None:
    """Fail unless a patient stands as they would had every fact that counts been recorded so, in its order.

    Recorded through the services only as far as those accept it: what a correction made early meets its gate there.
    """
    if all(entry.operation == "record" for entry in file.entries):
        return
    moments = replay(file.standing(), file.protocols)
    standing = [moment.fact for moment in moments]
    right = entered_in_order(standing, standing)
    told = _told(file.state, standing)
    assert _told(fold(right, file.protocols), right) == told
    state = _recorded(house, right)
    event(f"right at first: {'refused' if state is None else 'recorded'}")
    assert state is None or _told(state, right) == told


def _recorded(house: House, facts: Sequence[Fact]) -> PatientState | None:
    """Return a new patient of whom these facts were recorded one by one, or None where one is refused."""
    registration = json.loads(payload_json(facts[0].data)) | {"pseudonym": f"ANEW-{next(NUMBERS)}"}
    answer = register(house, LOCAL_ADMIN, registration | {"occurred_on": str(facts[0].occurred_on)})
    patient_id = json.loads(answer.body)["id"]
    try:
        for fact in facts[1:]:
            given = {name: part for name, part in asdict(fact.override).items() if part} if fact.override else None
            record(house, LOCAL_ADMIN, patient_id, raw(fact) | ({"override": given} if given else {}))
    except RefusedError as refused:
        if refused.code not in JUDGED_ONCE:
            raise
        return None
    with seeing(house.database) as connection:
        row = read_patient(connection, patient_id, Reach.everywhere(), house.clock())
    assert row is not None
    return row.state


def _told(state: PatientState, facts: Sequence[Fact]) -> dict[str, Any]:
    """Return a patient told by what the facts are, whatever their pseudonym."""
    told = named_by_fact(state, facts)
    told["registration"] = json.loads(payload_json(told["registration"])) | {"pseudonym": ""}
    return told
