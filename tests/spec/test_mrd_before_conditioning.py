"""Conditioning without an MRD result from before it is a warning, where the protocol looks at one (TR-016)."""

from typing import Any

import pytest

from tests.facts import PatientFile
from tests.spec.small_protocols import BLOCKS, a_course_of, give, small

POINT = """
[[mrd_points]]
timepoint = "PRE_HSCT"
source = "000, page 10"
"""
WINDOW = """
[[windows]]
rule = "TR-016"
label = "MRD before the transplant"
source = "000, page 10"
anchor = "consolidation_decided"
expects = [{ facts = ["mrd_reported"], timepoints = ["PRE_HSCT"] }]
"""
NOT_EVALUABLE = {
    "timepoint": "PRE_HSCT",
    "method": "FLOW",
    "sample_on": "2025-02-22",
    "unit": "fraction",
    "result": "not_evaluable",
}
A_SAMPLE = NOT_EVALUABLE | {"result": "positive_quantified", "value": "0.01"}


def before_conditioning(*parts: str) -> PatientFile:
    file = give(a_course_of([small("asking", BLOCKS, *parts)]), "R1", "2025-02-03", "2025-02-08")
    file.add("response_assessed", "2025-02-20", marrow_blasts_percent=1, final=True)
    file.add("consolidation_decided", "2025-02-21", decision="hsct")
    return file


def warned(file: PatientFile) -> list[str]:
    return [warning.code for warning in file.add("conditioning_started", "2025-03-03").warnings]


@pytest.mark.parametrize(("part", "codes"), [(POINT, ["pre_hsct_mrd_missing"]), (WINDOW, ["pre_hsct_mrd_missing"])])
def test_a_protocol_that_looks_at_it_asks_for_it(part: str, codes: list[str]) -> None:
    assert warned(before_conditioning(part)) == codes


def test_a_protocol_that_does_not_look_at_it_asks_nothing() -> None:
    assert warned(before_conditioning()) == []


@pytest.mark.parametrize(
    ("fact", "data", "codes"),
    [
        ("mrd_reported", A_SAMPLE, []),
        ("mrd_not_available", {"timepoint": "PRE_HSCT"}, []),
        ("mrd_reported", A_SAMPLE | {"timepoint": "END_BLOCK_1", "sample_on": "2025-02-08"}, ["pre_hsct_mrd_missing"]),
        ("mrd_reported", NOT_EVALUABLE, ["pre_hsct_mrd_missing"]),
        # Not taken after the first start: in doubt, and used for nothing.
        ("mrd_reported", A_SAMPLE | {"sample_on": "2025-02-03"}, ["pre_hsct_mrd_missing"]),
    ],
)
def test_only_a_usable_result_of_its_point_or_that_there_is_none_answers(
    fact: str, data: dict[str, Any], codes: list[str]
) -> None:
    file = before_conditioning(POINT)
    file.add(fact, "2025-02-25", **data)
    assert warned(file) == codes
