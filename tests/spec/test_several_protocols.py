"""A course passes through several protocols: each window is judged by the protocol of its anchor (domain model §4)."""

from datetime import date, timedelta

import pytest

from tests.facts import OVERRIDE, PatientFile, a_registered_patient
from workflow.domain.windows import Window
from workflow.rules.explain import Explanation, explain

LAST_DAY = date(2025, 6, 30)
R1, R2, CYCLE_1, R1_AGAIN = "2025-01-07", "2025-01-28", "2025-02-18", "2025-03-22"
INFUSION_ENDED = "2025-03-18"


def given(file: PatientFile, element: str, started_on: str, ended_on: str) -> None:
    file.add("block_started", started_on, element=element)
    file.add("block_completed", ended_on)


def r1_r2_and_blinatumomab() -> PatientFile:
    """Return a patient whose first cycle of blinatumomab runs since 21 days after the start of R2."""
    file = a_registered_patient(ph_status="negative")
    file.add("relapse_diagnosed", "2025-01-06", relapse_site="isolated_bm")
    file.add("protocol_chosen", "2025-01-06", protocol="all-rez-bfm-2002")
    given(file, "R1", R1, "2025-01-12")
    given(file, "R2", R2, "2025-02-02")
    file.add("protocol_chosen", "2025-02-10", protocol="blinatumomab-rr")
    file.add("block_started", CYCLE_1, element="CYCLE_1")
    return file


def and_r1_again() -> PatientFile:
    """Return the same patient with R1 four days after the end of the infusion."""
    file = r1_r2_and_blinatumomab()
    file.add("block_completed", INFUSION_ENDED)
    file.add("protocol_chosen", "2025-03-20", protocol="all-rez-bfm-2002")
    file.add("block_started", R1_AGAIN, element="R1")
    return file


def the(file: PatientFile, rule: str, anchor_on: str) -> Window:
    (window,) = (known for known in file.state.windows if (known.rule, str(known.anchor_on)) == (rule, anchor_on))
    return window


def intervals(file: PatientFile) -> list[str]:
    return [str(window.anchor_on) for window in file.state.windows if window.rule == "TR-001"]


def started(file: PatientFile, on: str) -> int:
    return next(fact.lineage for fact in file.facts if (fact.type, str(fact.occurred_on)) == ("block_started", on))


def explained(file: PatientFile, window_id: str) -> Explanation:
    found = explain(file.state, window_id, LAST_DAY, file.protocols)
    assert found is not None
    return found


def test_every_window_of_the_course_is_judged_by_the_protocol_of_its_anchor() -> None:
    file = and_r1_again()
    told = [
        (window.rule, str(window.anchor_on), window.protocol.partition("@")[0], window.verdict(LAST_DAY))
        for window in file.state.windows
        if window.end is not None
    ]

    assert told == [
        ("TR-001", R1, "all-rez-bfm-2002", "on_time"),
        ("TR-004", R1, "all-rez-bfm-2002", "on_time"),
        ("TR-001", R2, "all-rez-bfm-2002", "on_time"),
        ("TR-004", R2, "all-rez-bfm-2002", "on_time"),
        ("TR-040", CYCLE_1, "blinatumomab-rr", "on_time"),
        ("TR-041-START", CYCLE_1, "blinatumomab-rr", "not_applicable"),
        ("TR-041", INFUSION_ENDED, "blinatumomab-rr", "not_applicable"),
    ]


def test_the_start_of_the_infusion_meets_the_interval_of_the_block_before_it() -> None:
    interval = the(r1_r2_and_blinatumomab(), "TR-001", R2)

    assert (interval.end, str(interval.ended_on), interval.days(LAST_DAY)) == ("met", CYCLE_1, 21)


def test_no_block_interval_runs_during_the_infusion_and_a_new_one_begins_with_the_next_block() -> None:
    assert intervals(r1_r2_and_blinatumomab()) == [R1, R2]
    assert r1_r2_and_blinatumomab().open_window("TR-001") is None
    assert intervals(and_r1_again()) == [R1, R2, R1_AGAIN]


def test_the_free_interval_is_asked_of_the_next_cycle_and_not_of_a_block() -> None:
    file = r1_r2_and_blinatumomab()
    file.add("block_completed", INFUSION_ENDED)

    refusal = file.refused("block_started", R1_AGAIN, element="CYCLE_2")
    assert (refusal.code, refusal.rule, str(refusal.earliest_on)) == ("too_early", "TR-041", "2025-04-01")
    file.add("protocol_chosen", "2025-03-20", protocol="all-rez-bfm-2002")
    accepted = file.add("block_started", R1_AGAIN, element="R1")
    assert [warning.code for warning in accepted.warnings] == ["minimum_left"]
    assert accepted.deviations == ()


def test_a_cycle_under_another_protocol_closes_the_free_interval_without_a_verdict() -> None:
    file = r1_r2_and_blinatumomab()
    file.add("block_completed", INFUSION_ENDED)
    file.add("protocol_chosen", "2025-03-20", protocol="blinatumomab-mrd")
    file.add("block_started", R1_AGAIN, element="CYCLE_1", override=OVERRIDE)

    assert the(file, "TR-041", INFUSION_ENDED).verdict(LAST_DAY) == "not_applicable"


def test_it_is_explained_why_the_infusion_opened_no_block_interval() -> None:
    file = and_r1_again()
    proof = explained(file, f"1:TR-001:f{started(file, CYCLE_1)}")

    assert (proof.verdict, proof.protocol) == ("not_applicable", "blinatumomab-rr@1")
    assert proof.why == (
        "CYCLE_1 is a continuous infusion: block intervals are suspended while it runs, "
        "and the next block's start begins a new one."
    )


def test_a_window_of_a_protocol_that_was_left_is_explained_by_that_protocol() -> None:
    file = and_r1_again()
    proof = explained(file, the(file, "TR-041", INFUSION_ENDED).id)
    protocol = file.protocols.named("blinatumomab-rr@1")

    assert protocol is not None
    assert (proof.protocol, proof.protocol_sha256) == (protocol.ref, protocol.sha256)
    assert proof.why == "Ended by block_started on 2025-03-22 without its fact: not applicable."
    assert "minimum: 2025-03-18 + 14 d = 2025-04-01" in proof.arithmetic


def test_a_block_under_a_protocol_without_an_interval_says_so_whatever_is_chosen_later() -> None:
    file = a_registered_patient()
    file.add("relapse_diagnosed", "2025-01-06", relapse_site="isolated_bm")
    file.add("protocol_chosen", "2025-01-06", protocol="cog-aall01p2")
    given(file, "BLOCK_1", R1, "2025-02-03")
    file.add("protocol_chosen", "2025-02-10", protocol="all-rez-bfm-2002")
    proof = explained(file, f"1:TR-001:f{started(file, R1)}")

    assert proof.protocol == "cog-aall01p2@1"
    assert proof.why.startswith("cog-aall01p2@1 stated no interval after this block: the sources give none")


def test_what_is_said_of_a_block_ends_no_window_that_waits_for_a_cycle() -> None:
    file = r1_r2_and_blinatumomab()
    file.add("block_completed", INFUSION_ENDED)
    file.add("block_ended", "2025-03-19", element="R1", end="omitted", reason="by plan")
    file.add("block_deferred", "2025-03-19", element="R1", review_on="2025-03-25")
    waiting = the(file, "TR-041", INFUSION_ENDED)
    assert (waiting.end, waiting.review_on) == (None, None)

    file.add("block_ended", "2025-03-20", element="CYCLE_2", end="omitted", reason="remission reached")
    assert the(file, "TR-041", INFUSION_ENDED).verdict(LAST_DAY) == "not_applicable"


@pytest.mark.parametrize(
    ("days", "verdict"), [(20, "early"), (21, "on_time"), (27, "on_time"), (28, "on_time"), (29, "late"), (40, "late")]
)
def test_a_cycle_of_inotuzumab_may_be_extended_to_28_days(days: int, verdict: str) -> None:
    file = a_registered_patient()
    file.add("relapse_diagnosed", "2025-01-06", relapse_site="isolated_bm")
    file.add("protocol_chosen", "2025-01-06", protocol="inotuzumab")
    file.add("block_started", R1, element="CYCLE_1")
    file.add("block_completed", "2025-01-21")
    accepted = file.add("block_started", date.fromisoformat(R1) + timedelta(days=days), element="CYCLE_2")

    assert the(file, "TR-048", R1).verdict(LAST_DAY) == verdict
    assert [deviation.kind for deviation in accepted.deviations] == ([] if verdict == "on_time" else [verdict])
    assert ("early" in {warning.code for warning in accepted.warnings}) is (verdict == "early")
