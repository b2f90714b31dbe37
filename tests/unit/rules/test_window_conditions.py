"""A timing rule with a condition opens its window where the condition holds, and nowhere else."""

import pytest

from tests.facts import PatientFile, a_draft
from tests.spec.small_protocols import BLOCKS, CYCLES, EARLY, OF_UNKNOWN_TIME, VERY_EARLY, a_course_of, give, small
from workflow.protocols.model import Protocol
from workflow.rules.explain import explain
from workflow.rules.window_conditions import awaited_by_start

NO_CAP = CYCLES.partition("[[caps]]")[0]
INFUSION = """
[[elements]]
code = "INFUSION"
label = "Infusion"
source = "000, page 1"
numbered = true
continuous_infusion = true
"""
WINDOW = """
[[windows]]
rule = "{rule}"
label = "Something"
source = "000, page 2"
anchor = "{anchor}"
expects = [{expects}]
target_days = 7
{conditions}
"""
NEXT_START = '{ facts = ["block_started"] }'


def a_window(anchor: str, conditions: str, expects: str = '{ facts = ["counts_recorded"] }', rule: str = "W-1") -> str:
    return WINDOW.format(rule=rule, anchor=anchor, expects=expects, conditions=conditions)


def a_protocol(*windows: str, protocol_id: str = "mixed", version: str = "1") -> Protocol:
    return small(protocol_id, BLOCKS, NO_CAP, INFUSION, *windows, version=version)


def opened(file: PatientFile) -> list[str]:
    return [str(window.anchor_on) for window in file.state.windows]


@pytest.mark.parametrize(
    ("anchor", "names", "expected"),
    [
        ("block_started", '["R1"]', ["2025-02-03"]),
        ("block_completed", '["R1"]', ["2025-02-08"]),
        ("block_started", '["CYCLE"]', ["2025-03-03"]),
        ("block_completed", '["CYCLE"]', ["2025-03-08"]),
        ("block_started", '["CYCLE_2"]', []),
        ("block_started", '["R2", "CYCLE_1"]', ["2025-03-03"]),
        ("block_started", '["PREPHASE"]', []),
    ],
)
def test_a_rule_for_some_elements_opens_on_these(anchor: str, names: str, expected: list[str]) -> None:
    file = a_course_of([a_protocol(a_window(anchor, f"anchor_elements = {names}"))])
    give(file, "R1", "2025-02-03", "2025-02-08")
    give(file, "CYCLE_1", "2025-03-03", "2025-03-08")

    assert opened(file) == expected


@pytest.mark.parametrize(
    ("decisions", "decision", "opens"),
    [
        ('["hsct"]', "hsct", True),
        ('["hsct"]', "chemotherapy", False),
        ('["hsct", "bridging_then_hsct"]', "bridging_then_hsct", True),
    ],
)
def test_a_rule_for_some_decisions_opens_on_these(decisions: str, decision: str, opens: bool) -> None:
    file = a_course_of([a_protocol(a_window("consolidation_decided", f"anchor_decisions = {decisions}"))])
    give(file, "R1", "2025-02-03", "2025-02-08")
    file.add("response_assessed", "2025-02-20")
    file.add("consolidation_decided", "2025-02-21", decision=decision)

    assert bool([window for window in file.state.windows if window.rule == "W-1"]) is opens


@pytest.mark.parametrize(
    ("registered", "opens"),
    [
        pytest.param(VERY_EARLY, True, id="in the group"),
        pytest.param(EARLY, False, id="in another group"),
        pytest.param(OF_UNKNOWN_TIME, False, id="of a group that is not known"),
    ],
)
def test_a_rule_for_a_group_opens_for_its_patients(registered: dict[str, object], opens: bool) -> None:
    risk = 'risk = { scheme = "ALL_REZ_BFM_95", groups = ["S4"] }'
    file = a_course_of([a_protocol(a_window("block_started", risk))], **registered)
    file.add("block_started", "2025-02-03", element="R1")

    assert opened(file) == (["2025-02-03"] if opens else [])


@pytest.mark.parametrize(
    ("relapse_site", "opens"), [("combined_bm", True), ("isolated_em", True), ("isolated_bm", False)]
)
def test_a_rule_of_local_therapy_opens_where_it_is_indicated(relapse_site: str, opens: bool) -> None:
    file = a_course_of([a_protocol(a_window("block_started", "local_therapy_indicated = true"))])
    file.supersede(file.facts[1], a_draft("relapse_diagnosed", "2025-01-06", relapse_site=relapse_site))
    file.add("block_started", "2025-02-03", element="R1")

    assert opened(file) == (["2025-02-03"] if opens else [])


def test_an_infusion_opens_no_block_interval_and_meets_the_one_before_it() -> None:
    file = a_course_of([a_protocol(a_window("block_started", "", NEXT_START, rule="TR-001"))])
    give(file, "R1", "2025-02-03", "2025-02-08")
    give(file, "INFUSION_1", "2025-02-24", "2025-03-24")
    (interval,) = file.state.windows
    assert (interval.end, str(interval.ended_on)) == ("met", "2025-02-24")

    file.add("block_started", "2025-04-07", element="R2")
    assert opened(file) == ["2025-02-03", "2025-04-07"]


def test_another_rule_than_the_block_interval_opens_on_an_infusion_as_well() -> None:
    file = a_course_of([a_protocol(a_window("block_started", "", NEXT_START, rule="TR-044"))])
    file.add("block_started", "2025-02-03", element="INFUSION_1")

    assert opened(file) == ["2025-02-03"]


def test_a_minimum_after_the_end_of_an_element_is_a_gate_for_the_elements_that_it_names() -> None:
    minimum = 'hard_min_days = 3\nhard_min_elements = ["CYCLE"]'
    file = a_course_of([a_protocol(a_window("block_completed", minimum, NEXT_START))])
    give(file, "R1", "2025-02-03", "2025-02-08")
    give(file, "CYCLE_1", "2025-03-03", "2025-03-08")

    assert [window.hard_min_on and str(window.hard_min_on) for window in file.state.windows] == [None, "2025-03-11"]


ANY, OWN = ("W-1", NEXT_START), ("W-2", '{ facts = ["block_started"], elements = ["CYCLE"] }')


def test_a_start_without_its_number_opens_nothing_that_is_for_its_kind() -> None:
    file = a_course_of([a_protocol(a_window("block_started", 'anchor_elements = ["CYCLE"]'))])
    give(file, "CYCLE", "2025-02-03", "2025-02-08")
    assert opened(file) == []

    give(file, "CYCLE_1", "2025-03-03", "2025-03-08")
    assert opened(file) == ["2025-03-03"]


def test_a_booking_without_a_number_is_held_back_as_the_next_of_its_kind() -> None:
    minimum = 'anchor_elements = ["CYCLE"]\nhard_min_days = 42\nhard_min_elements = ["CYCLE"]'
    file = a_course_of([a_protocol(a_window("block_started", minimum, OWN[1]))])
    give(file, "CYCLE_1", "2025-02-03", "2025-03-03")

    refusal = file.refused("appointment_booked", "2025-03-04", for_="CYCLE", on="2025-03-16")
    assert (refusal.code, str(refusal.earliest_on)) == ("too_early", "2025-03-17")
    file.add("appointment_booked", "2025-03-04", for_="CYCLE", on="2025-03-17")


@pytest.mark.parametrize(
    ("chosen", "element", "awaited"),
    [
        (None, "CYCLE_1", ["W-1", "W-2"]),
        (None, "R2", ["W-1"]),
        (None, "SOMETHING_ELSE", ["W-1"]),
        ("mixed@2", "CYCLE_1", ["W-1", "W-2"]),
        ("other@1", "CYCLE_1", ["W-1"]),
    ],
)
def test_what_a_start_would_meet_is_what_it_meets_and_what_waits_for_others_it_closes(
    chosen: str | None, element: str, awaited: list[str]
) -> None:
    both = [a_window("block_completed", "", expects, rule=rule) for rule, expects in (ANY, OWN)]
    known = [a_protocol(*both), a_protocol(*both, version="2"), a_protocol(protocol_id="other")]
    file = a_course_of(known)
    give(file, "R1", "2025-02-03", "2025-02-08")
    if chosen is not None:
        file.add("protocol_chosen", "2025-02-10", protocol=chosen)
    told = awaited_by_start(file.state, element, file.protocols)
    file.add("block_started", "2025-02-24", element=element)
    ends = {window.rule: window.end for window in file.state.windows if str(window.ended_on) == "2025-02-24"}

    assert [window.rule for window in told] == awaited
    assert ends == {rule: "met" if rule in awaited else "closed" for rule in ("W-1", "W-2")}


def test_of_one_rule_one_window_is_open_whichever_protocol_opened_it() -> None:
    after_r1, after_any = (
        a_window("block_completed", elements, '{ facts = ["response_assessed"] }')
        for elements in ('anchor_elements = ["R1"]', "")
    )
    file = a_course_of([a_protocol(after_r1), a_protocol(after_any, protocol_id="other")])
    give(file, "R1", "2025-02-03", "2025-02-08")
    file.add("protocol_chosen", "2025-02-10", protocol="other")
    give(file, "R2", "2025-02-24", "2025-03-01")

    assert [(str(window.anchor_on), window.end) for window in file.state.windows] == [
        ("2025-02-08", "closed"),
        ("2025-03-01", None),
    ]


def test_what_starts_to_wait_while_therapy_stands_still_stands_still_from_its_first_day() -> None:
    pausing = a_window("block_completed", "latest_days = 10\npauses_with_interruption = true", NEXT_START)
    file = a_course_of([a_protocol(pausing)])
    file.add("block_started", "2025-02-03", element="R1")
    file.add("therapy_interrupted", "2025-02-05")
    file.add("block_completed", "2025-02-08")
    (window,) = file.state.windows
    assert (str(window.paused_on), window.latest_on) == ("2025-02-08", None)

    file.add("therapy_resumed", "2025-02-11")
    (window,) = file.state.windows
    assert (window.interrupted_days, str(window.latest_on)) == (3, "2025-02-21")


def test_a_start_lets_what_stands_still_go_on_whatever_it_waits_for() -> None:
    awaits_marrow = '{ facts = ["response_assessed"] }'
    pausing = "latest_days = 30\npauses_with_interruption = true\nanchor_block = 1"
    file = a_course_of([a_protocol(a_window("block_completed", pausing, awaits_marrow))])
    give(file, "R1", "2025-02-03", "2025-02-08")
    file.add("therapy_interrupted", "2025-02-10")
    file.add("block_started", "2025-02-15", element="R2")
    (window,) = file.state.windows

    assert (window.paused_on, window.interrupted_days, str(window.latest_on)) == (None, 5, "2025-03-15")


def test_a_start_closes_what_waits_for_the_end_of_the_block_before_it() -> None:
    length = a_window("block_started", 'anchor_elements = ["CYCLE"]', '{ facts = ["block_completed"] }')
    file = a_course_of([a_protocol(length)])
    file.add("block_started", "2025-02-03", element="CYCLE_1")
    file.add("block_started", "2025-02-24", element="R1")
    file.add("block_completed", "2025-03-01")
    (window,) = file.state.windows

    assert (window.end, str(window.ended_on)) == ("closed", "2025-02-24")


def test_why_a_condition_opened_no_block_interval_is_explained() -> None:
    file = a_course_of([a_protocol(a_window("block_started", 'anchor_elements = ["R1"]', NEXT_START, rule="TR-001"))])
    fact = file.add("block_started", "2025-02-03", element="R2").fact
    proof = explain(file.state, f"1:TR-001:{fact.id}", fact.occurred_on, file.protocols)

    assert proof is not None
    assert proof.verdict == "not_applicable"
    assert proof.why == "The interval of mixed@1 is not stated for this block of this patient, and none is guessed."
