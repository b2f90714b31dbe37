"""The windows of daily work: what opens them, what meets them, what closes them, under every protocol and none."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from tests.facts import MRD, PatientFile, a_registered_patient, a_relapsed_patient, a_running_block, after_relapse
from tests.spec.chart_paths import reach
from workflow.domain.windows import Window

POINT = "WEEK_5"
SAMPLE: dict[str, Any] = {"timepoint": POINT, "method": "PCR", "sample_on": str(after_relapse(9))}
RESULT = MRD | {"timepoint": POINT, "sample_on": str(after_relapse(9))}
Step = tuple[str, Mapping[str, Any]]
# What ends the waiting for a result, how, and by which fact.
ENDS: list[tuple[str, Mapping[str, Any], str]] = [
    ("mrd_reported", RESULT, "met"),
    ("mrd_not_available", {"timepoint": POINT}, "met"),
    ("mrd_sampled", SAMPLE | {"sample_on": str(after_relapse(12))}, "closed"),
    ("died", {}, "closed"),
    ("lost_to_follow_up", {}, "closed"),
    ("withdrawn", {}, "closed"),
    ("treatment_intent_changed", {"intent": "palliative"}, "closed"),
]
LEAVES: list[Step] = [
    ("mrd_reported", RESULT | {"timepoint": "END_BLOCK_1"}),
    ("mrd_not_available", {"timepoint": "END_BLOCK_1"}),
    ("mrd_sampled", SAMPLE | {"timepoint": "END_BLOCK_1"}),
    ("block_completed", {"given": "as_planned"}),
    ("note_added", {"text": "seen"}),
]
About = tuple[str, int]
Ends = list[tuple[int, str | None]]
SAMPLED, REPORTED, NONE_TO_COME = "mrd_sampled", "mrd_reported", "mrd_not_available"
# What is told of a time point, one fact a day, each with the day of its sample; then the windows in the order in which
# they were opened, each with the day of its sample and how it ended.
SAMPLES: list[tuple[str, str, list[About], Ends]] = [
    (
        "a result is that of its own sample",
        "OTHER",
        [(SAMPLED, 5), (SAMPLED, 7), (REPORTED, 5)],
        [(5, "met"), (7, None)],
    ),
    ("the later result comes first", "OTHER", [(SAMPLED, 5), (SAMPLED, 7), (REPORTED, 7)], [(5, None), (7, "met")]),
    ("a result of a day without a sample", "OTHER", [(SAMPLED, 5), (REPORTED, 6)], [(5, None)]),
    (
        "each sample has its result",
        "OTHER",
        [(SAMPLED, 5), (SAMPLED, 7), (REPORTED, 7), (REPORTED, 5)],
        [(5, "met"), (7, "met")],
    ),
    ("nothing is to come", "OTHER", [(SAMPLED, 5), (SAMPLED, 7), (NONE_TO_COME, 9)], [(5, "met"), (7, "met")]),
    ("the same sample twice", "OTHER", [(SAMPLED, 5), (SAMPLED, 5)], [(5, "closed"), (5, None)]),
    ("the result was there first", "OTHER", [(REPORTED, 5), (SAMPLED, 5)], []),
    ("the result of another day was there first", "OTHER", [(REPORTED, 5), (SAMPLED, 7)], [(7, None)]),
    ("a named point, its own sample", POINT, [(SAMPLED, 5), (REPORTED, 5)], [(5, "met")]),
    ("a named point has the result of a later sample", POINT, [(SAMPLED, 5), (REPORTED, 7)], [(5, "closed")]),
    ("a named point, sampled anew", POINT, [(SAMPLED, 5), (SAMPLED, 7)], [(5, "closed"), (7, None)]),
    (
        "a named point, sampled anew, earlier result",
        POINT,
        [(SAMPLED, 5), (SAMPLED, 7), (REPORTED, 5)],
        [(5, "closed"), (7, None)],
    ),
    (
        "a named point, sampled anew, later result",
        POINT,
        [(SAMPLED, 5), (SAMPLED, 7), (REPORTED, 7)],
        [(5, "closed"), (7, "met")],
    ),
    ("a named point, the earlier sample told last", POINT, [(SAMPLED, 7), (SAMPLED, 5)], [(7, None), (5, None)]),
    (
        "a named point, the earlier told last, both ended",
        POINT,
        [(SAMPLED, 7), (SAMPLED, 5), (REPORTED, 7)],
        [(7, "met"), (5, "closed")],
    ),
    ("a named point, the same sample twice", POINT, [(SAMPLED, 5), (SAMPLED, 5)], [(5, "closed"), (5, None)]),
    ("a named point, the result was there first", POINT, [(REPORTED, 5), (SAMPLED, 5)], []),
    ("a named point, sampled again after its result", POINT, [(REPORTED, 5), (SAMPLED, 7)], [(7, None)]),
    ("a named point, a reported sample told late", POINT, [(SAMPLED, 5), (REPORTED, 7), (SAMPLED, 7)], [(5, "closed")]),
]


def windows_of(file: PatientFile, rule: str) -> list[Window]:
    """Return the windows of a rule, ended ones too."""
    return [window for window in file.state.windows if window.rule == rule]


def a_sampled_patient() -> PatientFile:
    """Return a patient whose R1 runs and of whom an MRD sample was taken a day before it was written down (f5)."""
    file = a_running_block(after_relapse(3))
    file.add("mrd_sampled", after_relapse(10), **SAMPLE)
    return file


def about_samples(file: PatientFile, point: str, told: Sequence[About]) -> PatientFile:
    """Return the file with what is told about a time point, a fact a day from the tenth day after the relapse on."""
    for on, (fact_type, day) in enumerate(told, start=10):
        sample = {"timepoint": point, "sample_on": str(after_relapse(day))}
        data = {SAMPLED: SAMPLE | sample, REPORTED: MRD | sample, NONE_TO_COME: {"timepoint": point}}[fact_type]
        file.add(fact_type, after_relapse(on), **data)
    return file


def an_assessed_patient(*, final: bool = True) -> PatientFile:
    """Return a patient after their first block, assessed (f6), of whom no MRD result is awaited."""
    file = a_running_block(after_relapse(3))
    file.add("block_completed", after_relapse(8))
    file.add("response_assessed", after_relapse(10), marrow_blasts_percent=1, final=final)
    return file


def test_a_sample_opens_the_waiting_for_its_result_on_the_day_it_was_taken() -> None:
    (window,) = windows_of(a_sampled_patient(), "OP-001")
    assert (window.id, window.earliest_on, window.end) == ("1:OP-001:f5", after_relapse(9), None)
    assert window.expects == (f"mrd_reported:{POINT}",)
    assert (window.latest_on, window.critical_from) == (None, None)


def test_a_sample_is_waited_for_where_no_protocol_is_chosen() -> None:
    file = a_registered_patient()
    file.add("relapse_diagnosed", after_relapse(0))
    file.add("mrd_sampled", after_relapse(10), **SAMPLE)
    assert len(windows_of(file, "OP-001")) == 1


@pytest.mark.parametrize(("fact_type", "data", "end"), ENDS, ids=[row[0] for row in ENDS])
def test_the_waiting_for_a_result_ends(fact_type: str, data: Mapping[str, Any], end: str) -> None:
    file = a_sampled_patient()
    file.add(fact_type, after_relapse(12), **data)
    window = windows_of(file, "OP-001")[0]
    assert (window.end, window.ended_on, window.ended_because) == (end, after_relapse(12), fact_type)
    assert window.ended_by == file.facts[-1].seq


@pytest.mark.parametrize(("fact_type", "data"), LEAVES, ids=[f"{row[0]}" for row in LEAVES])
def test_what_is_about_something_else_leaves_the_waiting(fact_type: str, data: Mapping[str, Any]) -> None:
    file = a_sampled_patient()
    file.add(fact_type, after_relapse(12), **data)
    assert windows_of(file, "OP-001")[0].end is None


def test_another_sample_of_the_same_point_is_waited_for_from_its_own_day() -> None:
    file = a_sampled_patient()
    file.add("mrd_sampled", after_relapse(12), **(SAMPLE | {"sample_on": str(after_relapse(12))}))
    assert [(window.end, window.earliest_on) for window in windows_of(file, "OP-001")] == [
        ("closed", after_relapse(9)),
        (None, after_relapse(12)),
    ]


@pytest.mark.parametrize(("_case", "point", "told", "ends"), SAMPLES, ids=[row[0] for row in SAMPLES])
def test_every_sample_waits_for_its_own_result(_case: str, point: str, told: Sequence[About], ends: Ends) -> None:
    file = about_samples(a_running_block(after_relapse(3)), point, told)
    assert [(window.earliest_on, window.end) for window in windows_of(file, "OP-001")] == [
        (after_relapse(day), end) for day, end in ends
    ]


def test_a_result_of_another_point_is_not_that_of_a_sample_of_the_same_day() -> None:
    file = about_samples(a_running_block(after_relapse(3)), "END_BLOCK_1", [(REPORTED, 5)])
    file.add("mrd_sampled", after_relapse(12), **(SAMPLE | {"sample_on": str(after_relapse(5))}))
    assert [window.end for window in windows_of(file, "OP-001")] == [None]


def test_a_sample_waits_again_once_its_result_proves_an_error() -> None:
    file = about_samples(a_running_block(after_relapse(3)), "OTHER", [(REPORTED, 5), (SAMPLED, 5)])
    file.void(file.facts[-2])
    assert [window.end for window in windows_of(file, "OP-001")] == [None]


def test_a_result_on_file_in_the_course_of_its_sample_is_not_waited_for_in_the_next_course() -> None:
    file = reach("follow_up")
    sample = {"timepoint": "OTHER", "sample_on": str(after_relapse(170))}
    file.add("mrd_reported", after_relapse(175), **(MRD | sample))
    file.add("relapse_diagnosed", after_relapse(180))
    file.add("mrd_sampled", after_relapse(181), **(SAMPLE | sample))
    assert windows_of(file, "OP-001") == []


def test_a_sample_of_the_earlier_course_documented_in_the_next_one_is_met_by_its_own_result() -> None:
    file = reach("follow_up")
    sample = {"timepoint": "OTHER", "sample_on": str(after_relapse(170))}
    file.add("relapse_diagnosed", after_relapse(180))
    file.add("mrd_sampled", after_relapse(181), **(SAMPLE | sample))
    file.add("mrd_reported", after_relapse(185), **(MRD | sample))
    assert [(window.course, window.end) for window in windows_of(file, "OP-001")] == [(2, "met")]


def test_a_sample_of_a_palliative_patient_is_not_waited_for() -> None:
    file = reach("palliative")
    file.add("mrd_sampled", after_relapse(41), **(SAMPLE | {"sample_on": str(after_relapse(41))}))
    assert windows_of(file, "OP-001") == []


def test_the_decision_is_waited_for_from_the_final_assessment() -> None:
    (window,) = windows_of(an_assessed_patient(), "OP-002")
    assert (window.id, window.anchor_on, window.target_on, window.end) == (
        "1:OP-002:f6",
        after_relapse(10),
        after_relapse(10),
        None,
    )


def test_an_assessment_that_is_not_final_waits_for_no_decision() -> None:
    assert windows_of(an_assessed_patient(final=False), "OP-002") == []


def test_the_decision_is_not_waited_for_while_a_result_is() -> None:
    file = an_assessed_patient()
    file.void(file.facts[-1])
    file.add("mrd_sampled", after_relapse(9), **SAMPLE)
    file.add("response_assessed", after_relapse(10), marrow_blasts_percent=1, final=True)
    assert windows_of(file, "OP-002") == []
    file.add("mrd_reported", after_relapse(15), **RESULT)
    (window,) = windows_of(file, "OP-002")
    assert (window.anchor, window.anchor_on) == (file.facts[-1].seq, after_relapse(15))


def test_the_decision_is_not_waited_for_while_the_protocol_awaits_a_result() -> None:
    file = reach("mrd_check")
    assert windows_of(file, "OP-002") == []
    file.add("mrd_not_available", after_relapse(33))
    assert [window.anchor_on for window in windows_of(file, "OP-002")] == [after_relapse(33)]


def test_a_sample_taken_after_the_assessment_puts_the_decision_off() -> None:
    file = an_assessed_patient()
    file.add("mrd_sampled", after_relapse(12), **SAMPLE)
    assert [window.end for window in windows_of(file, "OP-002")] == ["closed"]
    file.add("mrd_reported", after_relapse(15), **RESULT)
    assert [(window.end, window.anchor_on) for window in windows_of(file, "OP-002")] == [
        ("closed", after_relapse(10)),
        (None, after_relapse(15)),
    ]


@pytest.mark.parametrize(
    ("fact_type", "data", "end"),
    [
        ("consolidation_decided", {"decision": "chemotherapy"}, "met"),
        ("consolidation_decided", {"decision": "hsct"}, "met"),
        ("reinduction_failed", {}, "closed"),
        ("died", {}, "closed"),
        ("treatment_intent_changed", {"intent": "palliative"}, "closed"),
    ],
)
def test_the_waiting_for_the_decision_ends(fact_type: str, data: Mapping[str, Any], end: str) -> None:
    file = an_assessed_patient()
    file.add(fact_type, after_relapse(14), override={"code": "clinical_decision", "reason": "decided"}, **data)
    (window,) = windows_of(file, "OP-002")
    assert (window.end, window.ended_on, window.ended_because) == (end, after_relapse(14), fact_type)


@pytest.mark.parametrize("point", ["OTHER", POINT])
def test_a_sample_told_after_its_result_puts_no_decision_off(point: str) -> None:
    file = about_samples(an_assessed_patient(), point, [(REPORTED, 9), (SAMPLED, 9)])
    assert [(window.id, window.end) for window in windows_of(file, "OP-002")] == [("1:OP-002:f6", None)]


def test_the_decision_waits_until_every_sample_has_its_result() -> None:
    file = about_samples(an_assessed_patient(), "OTHER", [(SAMPLED, 5), (SAMPLED, 7), (REPORTED, 5)])
    assert [window.end for window in windows_of(file, "OP-002")] == []
    file.add("mrd_reported", after_relapse(15), **(MRD | {"timepoint": "OTHER", "sample_on": str(after_relapse(7))}))
    assert [window.end for window in windows_of(file, "OP-002")] == [None]


def test_a_decision_entered_in_error_is_waited_for_again_from_the_same_day() -> None:
    file = an_assessed_patient()
    override = {"code": "clinical_decision", "reason": "decided"}
    decided = file.add("consolidation_decided", after_relapse(14), override=override, decision="hsct").fact
    file.void(decided)
    assert [(window.id, window.end) for window in windows_of(file, "OP-002")] == [("1:OP-002:f6", None)]


def test_before_a_course_nothing_is_waited_for() -> None:
    assert a_relapsed_patient().state.windows == ()
