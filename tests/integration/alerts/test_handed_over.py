"""A patient who was handed over is judged by the days of the hospital that treats them, whatever the clock says."""

from datetime import timedelta
from functools import partial
from pathlib import Path

from tests.integration.alerts.hospitals import BEGUN_AT, HandClock, Hospitals, outcome_of
from tests.simulation import people
from workflow.domain.actor import LOCAL_ADMIN
from workflow.services.record_fact import record
from workflow.services.register_patient import register

SAMPLED = {"timepoint": "WEEK_5", "method": "PCR", "sample_on": "2025-01-06"}


def test_a_clock_set_back_does_not_judge_by_the_hospital_that_handed_the_patient_over(
    database_url: str, tmp_path: Path
) -> None:
    hospitals = Hospitals(database_url, tmp_path, HandClock())
    day = BEGUN_AT.date()
    answer = outcome_of(
        partial(register, hospitals.house, LOCAL_ADMIN, people.a_registration("ALL-1", "auckland", day))
    )
    assert isinstance(answer, dict)
    patient_id = answer["id"]

    def written(raw: people.Raw) -> None:
        told = outcome_of(partial(record, hospitals.house, LOCAL_ADMIN, patient_id, raw))
        assert isinstance(told, dict), told

    for raw in people.a_beginning(day):
        written(raw)
    written({"type": "mrd_sampled", "data": SAMPLED, "occurred_on": str(day)})
    # Overdue in Auckland since 9 January, in Berlin from the 13th on.
    hospitals.clock.set(BEGUN_AT + timedelta(days=5))
    written(people.a_transfer("berlin", day + timedelta(days=4)))
    hospitals.clock.set(BEGUN_AT + timedelta(days=1))
    written({"type": "note_added", "data": {"text": "seen"}, "occurred_on": str(day)})
    (alert,) = hospitals.rows("alert", [patient_id])
    hospitals.house.close()
    assert (str(alert["threshold_on"]), alert["status"], alert["episode"]) == ("2025-01-09", "resolved", 1)
