"""What is said with an accepted fact, once for each guard of the chart that warns instead of refusing."""

import pytest

from tests.facts import PROTOCOL, PatientFile, a_registered_patient, a_relapsed_patient, after_relapse
from tests.spec.chart_paths import Circumstances, reach
from workflow.protocols.library import shipped
from workflow.protocols.model import Protocols
from workflow.rules.judgement import Accepted


def codes(accepted: Accepted) -> list[str]:
    assert all(caution.message.endswith((".", "?")) for caution in accepted.warnings)
    return [caution.code for caution in accepted.warnings]


def test_an_ordinary_course_goes_without_warnings() -> None:
    file = a_relapsed_patient()
    assert codes(file.add("block_started", after_relapse(3), element="R1")) == []
    assert codes(file.add("block_completed", after_relapse(8))) == []
    assert codes(file.add("block_started", after_relapse(20), element="R2")) == []


def test_an_element_that_is_not_listed_is_accepted_with_those_that_are() -> None:
    accepted = a_relapsed_patient().add("block_started", after_relapse(3), element="R9")

    assert codes(accepted) == ["element_not_listed"]
    assert "it lists R1, R2, F1, F2" in accepted.warnings[0].message


def test_a_block_without_a_protocol() -> None:
    file = a_registered_patient()
    file.add("relapse_diagnosed", after_relapse(0))
    assert codes(file.add("block_started", after_relapse(3))) == ["no_protocol"]


def test_a_block_whose_protocol_is_not_loaded_here() -> None:
    file = a_relapsed_patient()
    elsewhere = PatientFile(file.facts, file.state, Protocols(()))
    assert codes(elsewhere.add("block_started", after_relapse(3))) == ["protocol_not_loaded"]
    assert shipped().named(PROTOCOL) is not None


def test_a_block_after_a_final_assessment_while_the_decision_is_pending() -> None:
    assert "decision_pending" in codes(reach("mrd_check").add("block_started", after_relapse(45)))


def test_a_relapse_whose_screening_is_incomplete_names_what_is_missing() -> None:
    file = a_registered_patient(sex="male")
    accepted = file.add("relapse_diagnosed", after_relapse(0), findings={"marrow_blasts_percent": 60})

    assert codes(accepted) == ["screening_incomplete"]
    assert "incomplete (csf, testis)" in accepted.warnings[0].message


def test_findings_that_give_no_site_say_what_to_examine_until_they_do() -> None:
    file = a_registered_patient()
    csf = {"wbc_per_ul": 1, "blasts": False, "rbc_per_ul": 0}
    found = {"marrow_blasts_percent": 12, "peripheral_blasts": False, "csf": csf}
    accepted = file.add("relapse_diagnosed", after_relapse(0), findings=found)
    assert codes(accepted) == ["site_needs_review"]
    assert accepted.warnings[0].message.startswith("12 % marrow blasts")

    again = file.add("findings_recorded", after_relapse(1), cns_mass=False)
    assert codes(again) == ["site_needs_review"]
    assert codes(file.add("findings_recorded", after_relapse(2), marrow_blasts_percent=60)) == ["findings_replaced"]


def test_colliding_times_are_to_be_confirmed_until_somebody_has_acknowledged_them() -> None:
    file = a_registered_patient(None, diagnosis_date="2024-01-06", frontline_end_date="2024-05-06")
    file.add("relapse_diagnosed", after_relapse(0))
    chosen = file.add("protocol_chosen", after_relapse(0), protocol=PROTOCOL)
    assert codes(chosen) == ["timing_conflict"]
    assert "acknowledged_flags timing_conflict" in chosen.warnings[0].message
    assert codes(file.add("block_started", after_relapse(1))) == ["timing_conflict"]
    file.add("block_completed", after_relapse(6))
    flags = ["timing_conflict"]
    assert codes(file.add("protocol_chosen", after_relapse(7), protocol=PROTOCOL, acknowledged_flags=flags)) == []
    assert codes(file.add("block_started", after_relapse(20), element="R2")) == []


def test_a_relapse_before_the_registered_end_of_frontline_therapy() -> None:
    file = a_registered_patient(frontline_end_date="2025-06-01")
    assert codes(file.add("relapse_diagnosed", after_relapse(0))) == ["frontline_end_after_relapse"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (Circumstances(marrow_blasts_percent=5), "no_remission"),
        (Circumstances(final=False), "assessment_not_final"),
        (Circumstances(), None),
    ],
)
def test_a_decision_says_what_it_still_lacks(given: Circumstances, code: str | None) -> None:
    accepted = reach("mrd_check", given).add("consolidation_decided", after_relapse(40))
    assert codes(accepted) == ([] if code is None else [code])


def test_maintenance_before_intensive_chemotherapy_was_completed() -> None:
    accepted = reach("consolidation.recovery").add("maintenance_started", after_relapse(70))
    assert codes(accepted) == ["intensive_not_completed"]
