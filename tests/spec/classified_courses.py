"""A first relapse on its way to a decision, for tests of what the strategies say of it as it goes."""

from typing import Any

from tests.facts import PatientFile, a_registered_patient, after_relapse
from workflow.domain.classification import Recommendation
from workflow.domain.facts.treatment import Strategy
from workflow.domain.patient import Course

# The days after the relapse on which the two blocks start and end, and the response is assessed.
R1, R1_ENDS, R2, R2_ENDS, ASSESSED = 3, 8, 22, 27, 30
SAMPLED, REPORTED, DECIDED = 29, 34, 36
# 10 months after frontline therapy: late by BFM, so that MRD decides of an isolated marrow relapse (IR).
ISOLATED_MARROW: dict[str, Any] = {"relapse_site": "isolated_bm"}


def a_chosen_strategy(strategy: Strategy | None = "BFM_2002", /, **registration: object) -> PatientFile:
    """Return a patient with an isolated marrow relapse, late by BFM, who is treated by this strategy."""
    file = a_registered_patient(None, **registration)
    file.add("relapse_diagnosed", after_relapse(0), **ISOLATED_MARROW)
    chosen: dict[str, Any] = {} if strategy is None else {"strategy": strategy}
    file.add("protocol_chosen", after_relapse(0), protocol="all-rez-bfm-2002", **chosen)
    return file


def after_two_blocks(strategy: Strategy | None = "BFM_2002", /, **registration: object) -> PatientFile:
    """Return that patient after two blocks, not assessed yet."""
    file = a_chosen_strategy(strategy, **registration)
    for started, ended, element in ((R1, R1_ENDS, "R1"), (R2, R2_ENDS, "R2")):
        file.add("block_started", after_relapse(started), element=element)
        file.add("block_completed", after_relapse(ended))
    return file


def in_remission(strategy: Strategy | None = "BFM_2002", /, **registration: object) -> PatientFile:
    """Return that patient in remission after two blocks, without an MRD result."""
    file = after_two_blocks(strategy, **registration)
    file.add("response_assessed", after_relapse(ASSESSED))
    return file


def result(sampled: int = SAMPLED, **changes: object) -> dict[str, Any]:
    """Return an MRD result as BFM 2002 wants it, of a sample so many days after the relapse."""
    return {
        "timepoint": "AFTER_INDUCTION_COURSE_2",
        "method": "PCR",
        "sample_on": str(after_relapse(sampled)),
        "unit": "fraction",
        "value": "0.002",
    } | changes


def the_course(file: PatientFile, number: int = 1) -> Course:
    """Return the course of this relapse."""
    return next(course for course in file.state.courses if course.number == number)


def recommended(file: PatientFile, strategy: Strategy = "BFM_2002", number: int = 1) -> Recommendation:
    """Return what a strategy recommends for the course of this relapse."""
    classification = the_course(file, number).classification
    assert classification is not None
    return classification.recommendation[strategy]
