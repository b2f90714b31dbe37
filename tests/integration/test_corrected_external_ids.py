"""One external id stands for one fact of a patient, whichever version of it brought the id."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.facts import REGISTERED
from tests.integration.corrections.hospitals import opened_house
from workflow.domain.actor import LOCAL_ADMIN
from workflow.services.correct_facts import correct_facts
from workflow.services.errors import RefusedError
from workflow.services.house import House
from workflow.services.record_fact import record
from workflow.services.register_patient import register


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[House]:
    """Open a house on each kind of database."""
    with opened_house(database_url, tmp_path) as (opened, _):
        yield opened


def a_note(external_id: str | None = None) -> dict[str, Any]:
    note = {"type": "note_added", "occurred_on": "2025-01-07", "data": {"text": "seen"}}
    return note if external_id is None else note | {"external_id": external_id}


def another_note(external_id: str | None = None) -> dict[str, Any]:
    return a_note(external_id) | {"data": {"text": f"seen, says {external_id}"}}


def with_notes(house: House, *external_ids: str) -> str:
    """Return a patient with a note for each external id, from f2 on."""
    answer = register(house, LOCAL_ADMIN, REGISTERED | {"occurred_on": "2025-01-06"})
    patient_id = str(json.loads(answer.body)["id"])
    for external_id in external_ids:
        record(house, LOCAL_ADMIN, patient_id, a_note(external_id))
    return patient_id


def corrected(house: House, patient_id: str, fact: str, right: dict[str, Any]) -> None:
    correct_facts(house, LOCAL_ADMIN, patient_id, {"supersedes": fact, "reason": "wrong row", "fact": right})


def test_an_id_that_a_correction_brings_is_taken_from_then_on(house: House) -> None:
    patient_id = with_notes(house, "row-1")
    corrected(house, patient_id, "f2", another_note("row-2"))

    with pytest.raises(RefusedError, match="external_id is taken by f"):
        record(house, LOCAL_ADMIN, patient_id, a_note("row-2"))
    with pytest.raises(RefusedError, match="external_id is taken by f"):
        record(house, LOCAL_ADMIN, patient_id, a_note("row-1"))


def test_a_correction_cannot_bring_the_id_of_another_fact(house: House) -> None:
    patient_id = with_notes(house, "row-1", "row-2")

    with pytest.raises(RefusedError, match="external_id is taken by f"):
        corrected(house, patient_id, "f2", another_note("row-2"))


def test_a_version_may_go_back_to_an_id_of_its_own(house: House) -> None:
    patient_id = with_notes(house, "row-1")
    corrected(house, patient_id, "f2", another_note("row-2"))

    corrected(house, patient_id, "f3", another_note("row-1"))
    corrected(house, patient_id, "f4", another_note("row-2"))
