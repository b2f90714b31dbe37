"""Silence is told beside the windows: in treatment only, after the site's days, else the protocol's."""

from datetime import date

import pytest

from tests.facts import a_registered_patient, a_running_block
from tests.spec.chart_paths import reach
from workflow.domain.chart import STATES
from workflow.rules.silence import is_silent, silent_from

IN_TREATMENT = {
    "reinduction.block",
    "reinduction.recovery",
    "mrd_check",
    "consolidation.block",
    "consolidation.recovery",
    "local_therapy",
    "bridging.block",
    "bridging.recovery",
    "hsct.preparation",
    "hsct.conditioning",
}


@pytest.mark.parametrize(
    ("site_days", "first_day"), [(None, date(2025, 2, 11)), (3, date(2025, 2, 7)), (14, date(2025, 2, 18))]
)
def test_longer_than_the_days_allowed_is_silence(site_days: int | None, first_day: date) -> None:
    file = a_running_block("2025-02-03")

    assert silent_from(file.state, file.protocols, site_days) == first_day
    assert is_silent(file.state, first_day, file.protocols, site_days)
    assert not is_silent(file.state, date.fromordinal(first_day.toordinal() - 1), file.protocols, site_days)


def test_a_contact_breaks_the_silence() -> None:
    file = a_running_block("2025-02-03")
    file.add("contact_recorded", "2025-02-20", on="2025-02-19")

    assert silent_from(file.state, file.protocols) == date(2025, 2, 27)


@pytest.mark.parametrize("state", STATES)
def test_only_a_patient_in_treatment_can_be_silent(state: str) -> None:
    file = reach(state)
    assert (silent_from(file.state, file.protocols) is not None) is (state in IN_TREATMENT)


def test_without_a_protocol_seven_days_are_allowed() -> None:
    file = a_registered_patient()
    file.add("relapse_diagnosed", "2025-01-06")
    file.add("block_started", "2025-02-03", element="R1")

    assert silent_from(file.state, file.protocols) == date(2025, 2, 11)
