"""Findings of a day under treatment classify no relapse; those before it may replace what is on file, and say so."""

from typing import Any

import pytest

from tests.facts import PROTOCOL, PatientFile, a_draft, a_registered_patient, after_relapse
from tests.spec.classified_courses import the_course
from tests.unit.rules.correcting import corrected, superseding
from workflow.domain.classification import Classification
from workflow.rules.judgement import Accepted

STARTED = 3
CSF = {"wbc_per_ul": 1, "blasts": False, "rbc_per_ul": 0}
CNS = {"wbc_per_ul": 30, "blasts": True, "rbc_per_ul": 2}
FOUND = {"marrow_blasts_percent": 62, "csf": CSF, "testis": {"left": "normal", "right": "normal"}}


def worked_up(**findings: object) -> PatientFile:
    """Return a patient whose relapse is isolated in the marrow by its findings."""
    file = a_registered_patient()
    file.add("relapse_diagnosed", after_relapse(0), findings=FOUND | findings)
    file.add("protocol_chosen", after_relapse(0), protocol=PROTOCOL, strategy="BFM_2002")
    return file


def treated() -> PatientFile:
    """Return that patient with R1 since day 3."""
    file = worked_up()
    file.add("block_started", after_relapse(STARTED), element="R1")
    return file


def classification(file: PatientFile) -> Classification:
    found = the_course(file).classification
    assert found is not None
    return found


def said(accepted: Accepted) -> list[tuple[str, str]]:
    return [(caution.code, caution.message) for caution in accepted.warnings]


def test_a_control_marrow_recorded_as_findings_leaves_the_relapse_as_it_was_classified() -> None:
    file = treated()
    before = the_course(file)
    assert classification(file).site == "isolated_bm"

    ((code, message),) = said(file.add("findings_recorded", after_relapse(20), marrow_blasts_percent=3))

    assert the_course(file) == before
    assert code == "findings_after_start"
    for named in ("Treatment began on 2025-01-09", "response_assessed", "day of the examination", "correct"):
        assert named in message


@pytest.mark.parametrize(("day", "marrow", "code"), [(3, 3, "findings_replaced"), (4, 62, "findings_after_start")])
def test_findings_of_the_day_of_the_first_start_still_belong_to_the_relapse(day: int, marrow: int, code: str) -> None:
    file = treated()
    accepted = file.add("findings_recorded", after_relapse(day), marrow_blasts_percent=3)
    findings = the_course(file).findings
    assert findings is not None
    assert findings.marrow_blasts_percent == marrow
    assert code in dict(said(accepted))


def test_a_start_entered_late_turns_findings_after_it_into_findings_under_treatment() -> None:
    file = worked_up()
    file.add("findings_recorded", after_relapse(20), marrow_blasts_percent=3)
    assert classification(file).site == "needs_review"
    file.add("block_started", after_relapse(STARTED), element="R1")
    assert classification(file).site == "isolated_bm"


def test_a_site_proven_under_treatment_asks_for_local_therapy_and_changes_no_class() -> None:
    file = treated()
    before = classification(file)
    file.add("findings_recorded", after_relapse(20), csf=CNS)
    assert the_course(file).extramedullary == ("cns",)
    assert classification(file) == before


def test_signs_of_the_relapse_prove_no_site_by_a_marrow_under_treatment() -> None:
    file = worked_up(cns_signs=True)
    file.add("block_started", after_relapse(STARTED), element="R1")
    assert the_course(file).extramedullary == ()
    file.add("findings_recorded", after_relapse(20), marrow_blasts_percent=3)
    assert the_course(file).extramedullary == ()


def test_the_second_relapse_is_worked_up_although_the_first_was_treated() -> None:
    file = treated()
    file.add("block_completed", after_relapse(8))
    file.add("response_assessed", after_relapse(30))
    file.add("relapse_diagnosed", after_relapse(100), findings=FOUND)
    accepted = file.add("findings_recorded", after_relapse(101), csf=CNS)
    assert the_course(file, 2).extramedullary == ("cns",)
    assert classification(file).site == "isolated_bm"
    assert "findings_after_start" not in dict(said(accepted))


# What replaces what.
REPLACED: list[tuple[dict[str, Any], str | None]] = [
    ({"marrow_blasts_percent": 3}, "marrow_blasts_percent 62 → 3"),
    ({"marrow_blasts_percent": 62, "cns_mass": False}, None),
    ({"csf": CSF}, None),
    ({"csf": CSF | {"wbc_per_ul": 4.5, "blasts": True}}, "csf.wbc_per_ul 1 → 4.5, csf.blasts false → true"),
    ({"csf": {"wbc_per_ul": 1, "blasts": False}}, "csf.rbc_per_ul 0 → not recorded"),
    ({"testis": {"left": "enlarged", "right": "normal"}}, "testis.left normal → enlarged"),
    (
        {"other_em": [{"site": "skin", "biopsy": "positive"}]},
        "other_em skin not_done → skin positive",
    ),
]


@pytest.mark.parametrize(("later", "replaced"), REPLACED, ids=[str(row[1]) for row in REPLACED])
def test_findings_that_replace_others_are_named_and_stand(later: dict[str, Any], replaced: str | None) -> None:
    file = worked_up(other_em=[{"site": "skin", "biopsy": "not_done"}])
    told = dict(said(file.add("findings_recorded", after_relapse(1), **later)))
    expected = None if replaced is None else f"Findings of this relapse are replaced: {replaced}."
    assert told.get("findings_replaced") == expected
    findings = the_course(file).findings
    assert findings is not None
    dumped = findings.model_dump(mode="json", exclude_unset=True)
    assert {name: dumped[name] for name in later} == later


def test_a_second_sample_replaces_nothing() -> None:
    file = worked_up(csf=CSF | {"sampled_at": "2025-01-06T08:00:00Z"})
    csf = CNS | {"sampled_at": "2025-01-07T08:00:00Z"}
    assert "findings_replaced" not in dict(said(file.add("findings_recorded", after_relapse(1), csf=csf)))


def test_a_correction_says_it_as_recording_does() -> None:
    file = treated()
    file.add("findings_recorded", after_relapse(2), cns_mass=False)
    seq = file.facts[-1].seq
    change = superseding(seq, "findings_recorded", after_relapse(20), marrow_blasts_percent=3)
    assert [caution.code for caution in corrected(file, change).warnings] == ["findings_after_start"]


def test_corrected_findings_of_the_relapse_classify_it_anew_under_treatment_too() -> None:
    file = treated()
    relapse = file.facts[1]
    right = FOUND | {"marrow_blasts_percent": 20, "csf": CNS}
    file.supersede(relapse, a_draft("relapse_diagnosed", relapse.occurred_on, findings=right))
    assert classification(file).site == "combined_bm"
