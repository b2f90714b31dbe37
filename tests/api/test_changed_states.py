"""Which states a correction says that it changed: those whose days differ, and no others."""

from typing import Any

from tests.api.ward import Ward


def states_changed(ward: Ward, patient: str, fact: str, right: dict[str, Any]) -> dict[str, Any]:
    """Put a fact right; return the states with their days, before and after."""
    body = {"supersedes": fact, "reason": "typing error", "fact": right}
    answer = ward.post(f"/patients/{patient}/corrections", body)
    assert answer.status_code == 200, answer.text
    states: dict[str, Any] = answer.json()["changed"]["states"]
    return states


def test_a_protocol_chosen_on_another_day_changes_no_state(ward: Ward) -> None:
    patient = ward.after_first_block()
    chosen = {"type": "protocol_chosen", "occurred_on": "2025-01-08", "data": {"protocol": "all-rez-bfm-2002"}}

    assert states_changed(ward, patient, "f3", chosen) == {"before": [], "after": []}


def test_the_state_that_the_registration_opens_has_no_first_day(ward: Ward) -> None:
    patient = ward.after_first_block()
    relapse = {"type": "relapse_diagnosed", "occurred_on": "2025-01-05", "data": {"relapse_site": "isolated_bm"}}

    assert states_changed(ward, patient, "f2", relapse) == {
        "before": [
            {"state": "registered", "course": None, "from": None, "to": "2025-01-06"},
            {"state": "relapse_diagnosed", "course": 1, "from": "2025-01-06", "to": "2025-01-08"},
        ],
        "after": [
            {"state": "registered", "course": None, "from": None, "to": "2025-01-05"},
            {"state": "relapse_diagnosed", "course": 1, "from": "2025-01-05", "to": "2025-01-08"},
        ],
    }
