"""A patient moved to another version of a protocol: what is open is counted anew from its anchor, what ended stays."""

from dataclasses import replace
from datetime import date

import pytest

from tests.facts import PatientFile, a_draft
from tests.spec.small_protocols import BLOCKS, a_course_of, small
from workflow.domain.windows import Window
from workflow.protocols.model import Protocol, Protocols
from workflow.rules.explain import explain
from workflow.rules.fold import fold
from workflow.rules.judgement import Accepted

LAST_DAY = date(2025, 12, 31)
STARTED_ON, MOVED_ON = "2025-01-07", "2025-01-14"
INTERVAL = """
[[windows]]
rule = "TR-001"
label = "{label}"
source = "000, page 2"
anchor = "block_started"
expects = [{{ facts = ["block_started"] }}]
hard_min_days = {least}
hard_min_elements = {gated}
earliest_days = {least}
latest_days = {latest}
critical_days = 26
{more}
"""
ASSESSMENT = """
[[windows]]
rule = "TR-013"
label = "Marrow and MRD"
source = "000, page 3"
anchor = "block_completed"
anchor_block = {block}
expects = [{expects}]
target_days = {target}
"""
MARROW, MRD, COUNTS = (f'{{ facts = ["{fact}"] }}' for fact in ("response_assessed", "mrd_reported", "counts_recorded"))


def blocks(version: str, *windows: str, infusion: bool = False) -> Protocol:
    """Return R1 and R2, the second as a continuous infusion where that is asked for."""
    elements = f"{BLOCKS}continuous_infusion = true\n" if infusion else BLOCKS
    return small("blocks", elements, *windows, version=version)


def interval(
    least: int = 14, latest: int = 21, *, label: str = "Next block", gated: str = '["R1"]', more: str = ""
) -> str:
    return INTERVAL.format(least=least, latest=latest, label=label, gated=gated, more=more)


def assessment(*expects: str, block: int = 1, target: int = 0) -> str:
    return ASSESSMENT.format(block=block, expects=", ".join(expects), target=target)


def after_r1(*versions: Protocol) -> PatientFile:
    """Return a patient who follows the first of these versions, R1 given and the next block awaited."""
    file = a_course_of(versions)
    file.add("block_started", STARTED_ON, element="R1")
    file.add("block_completed", "2025-01-12")
    return file


def moved(*versions: Protocol) -> PatientFile:
    file = after_r1(*versions)
    file.add("protocol_chosen", MOVED_ON, protocol=versions[-1].ref)
    return file


def the(file: PatientFile, rule: str) -> Window:
    (window,) = (known for known in file.state.windows if known.rule == rule)
    return window


def test_an_open_interval_is_counted_anew_from_its_anchor_by_the_new_version() -> None:
    before = the(after_r1(blocks("1", interval()), blocks("2", interval(16, 24))), "TR-001")
    after = the(moved(blocks("1", interval()), blocks("2", interval(16, 24, label="The next one"))), "TR-001")

    assert (str(before.hard_min_on), str(before.latest_on)) == ("2025-01-21", "2025-01-28")
    assert (str(after.hard_min_on), str(after.latest_on)) == ("2025-01-23", "2025-01-31")
    assert (after.id, after.anchor_on, after.label) == (before.id, before.anchor_on, "The next one")
    assert (after.protocol, str(after.stood_from)) == ("blocks@2", MOVED_ON)


def test_the_proof_names_the_version_that_judges_and_the_gate_asks_by_it() -> None:
    file = moved(blocks("1", interval()), blocks("2", interval(16, 24)))
    proof = explain(file.state, the(file, "TR-001").id, LAST_DAY, file.protocols)

    assert proof is not None
    assert proof.protocol == "blocks@2"
    assert "latest: 2025-01-07 + 24 d = 2025-01-31" in proof.arithmetic
    assert str(file.refused("block_started", "2025-01-22", element="R2").earliest_on) == "2025-01-23"


def test_a_window_that_has_ended_keeps_its_version_and_its_verdict() -> None:
    file = after_r1(blocks("1", interval()), blocks("2", interval(25, 25)))
    file.add("block_started", "2025-01-27", element="R2")
    file.add("block_completed", "2025-02-01")
    file.add("protocol_chosen", "2025-02-02", protocol="blocks@2")
    ended, waiting = (known for known in file.state.windows if known.rule == "TR-001")

    assert (ended.protocol, ended.verdict(LAST_DAY)) == ("blocks@1", "on_time")
    assert (waiting.protocol, str(waiting.latest_on)) == ("blocks@2", "2025-02-21")


def test_a_fact_backdated_before_the_move_is_judged_by_the_version_of_its_day() -> None:
    file = after_r1(blocks("1", interval()), blocks("2", interval(7, 10)))
    file.add("protocol_chosen", "2025-02-10", protocol="blocks@2")
    # Until its end is recorded too, a block runs on the day of the move: a clinician says that it will be.
    started = file.propose(a_draft("block_started", "2025-01-27", element="R2"), keep_conflicts=True)
    assert isinstance(started, Accepted)
    file.keep(started)
    file.add("block_completed", "2025-02-01")
    assert file.state.conflicts == ()
    first, second = (known for known in file.state.windows if known.rule == "TR-001")

    assert (first.protocol, first.verdict(LAST_DAY)) == ("blocks@1", "on_time")
    assert (second.protocol, str(second.latest_on), str(second.stood_from)) == ("blocks@2", "2025-02-06", "2025-02-10")


def test_until_the_move_the_window_stood_by_the_former_version() -> None:
    file = moved(blocks("1", interval()), blocks("2", interval(16, 24)))
    (stood,) = (known for known in file.state.earlier_windows if known.rule == "TR-001")

    assert (stood.protocol, str(stood.latest_on)) == ("blocks@1", "2025-01-28")
    assert (str(stood.stood_from), str(stood.ended_on), stood.end) == (STARTED_ON, MOVED_ON, None)


def test_a_voided_move_leaves_the_former_version() -> None:
    versions = (blocks("1", interval()), blocks("2", interval(16, 24)))
    file = moved(*versions)
    file.void(file.facts[-1])

    assert file.state.windows == after_r1(*versions).state.windows
    assert file.state.earlier_windows == ()


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(blocks("2"), id="without the rule"),
        pytest.param(blocks("2", interval(more='anchor_elements = ["R2"]')), id="with the rule for other elements"),
        pytest.param(blocks("2", interval(more="anchor_block = 2")), id="with the rule for another block"),
        pytest.param(
            blocks("2", interval(more='risk = { scheme = "ALL_REZ_BFM_95", groups = ["S4"] }')),
            id="with the rule for another group",
        ),
    ],
)
def test_what_the_new_version_would_not_have_opened_is_closed_by_the_move(second: Protocol) -> None:
    window = the(moved(blocks("1", interval()), second), "TR-001")

    assert (window.verdict(LAST_DAY), window.ended_because) == ("not_applicable", "protocol_chosen")


def test_an_element_that_the_new_version_gives_as_an_infusion_has_no_block_interval_any_more() -> None:
    file = a_course_of([blocks("1", interval()), blocks("2", interval(), infusion=True)])
    file.add("block_started", STARTED_ON, element="R2")
    file.add("block_completed", "2025-01-12")
    file.add("protocol_chosen", MOVED_ON, protocol="blocks@2")

    assert the(file, "TR-001").ended_because == "protocol_chosen"


def test_the_gate_follows_what_the_new_version_says_of_the_element() -> None:
    file = moved(blocks("1", interval()), blocks("2", interval(gated='["R2"]')))

    assert the(file, "TR-001").hard_min_on is None
    assert file.add("block_started", "2025-01-20", element="R2").warnings[0].code == "early"


def test_a_window_anchored_on_the_end_of_a_block_moves_too() -> None:
    file = moved(blocks("1", assessment(MARROW, target=0)), blocks("2", assessment(MARROW, target=9)))

    assert str(the(file, "TR-013").target_on) == "2025-01-21"


def test_what_has_come_in_has_come_in_and_what_is_asked_anew_is_awaited() -> None:
    file = after_r1(blocks("1", assessment(MARROW, MRD)), blocks("2", assessment(MARROW, MRD, COUNTS)))
    file.add("response_assessed", "2025-01-13")
    file.add("protocol_chosen", MOVED_ON, protocol="blocks@2")

    assert the(file, "TR-013").expects == ("mrd_reported", "counts_recorded")


def test_where_everything_that_the_new_version_asks_has_come_in_the_window_is_closed() -> None:
    file = after_r1(blocks("1", assessment(MARROW, MRD)), blocks("2", assessment(MARROW)))
    file.add("response_assessed", "2025-01-13")
    file.add("protocol_chosen", MOVED_ON, protocol="blocks@2")

    assert the(file, "TR-013").ended_because == "protocol_chosen"


def test_another_protocol_leaves_what_is_open_to_the_protocol_of_its_anchor() -> None:
    other = replace(blocks("1", interval(7, 10)), id="others", sha256="others")
    before, after = (
        the(after_r1(blocks("1", interval()), other), "TR-001"),
        the(moved(blocks("1", interval()), other), "TR-001"),
    )

    assert after == before


def test_the_same_version_chosen_once_more_changes_nothing() -> None:
    file = after_r1(blocks("1", interval()))
    before = file.state.windows
    file.add("protocol_chosen", MOVED_ON, protocol="blocks@1")

    assert (file.state.windows, file.state.earlier_windows) == (before, ())


def test_a_deferral_outlives_the_move() -> None:
    file = after_r1(blocks("1", interval()), blocks("2", interval(16, 24)))
    file.add("block_deferred", "2025-01-13", element="R2", review_on="2025-01-20")
    file.add("protocol_chosen", MOVED_ON, protocol="blocks@2")

    assert the(file, "TR-001").review_on == date(2025, 1, 20)


def test_a_version_that_is_not_at_hand_moves_nothing_and_its_course_stays_readable() -> None:
    first, second = blocks("1", interval()), blocks("2", interval(16, 24))
    file = moved(first, second)
    file.add("block_started", "2025-01-31", element="R2")
    elsewhere = fold(file.facts, Protocols((first,)))
    window = elsewhere.windows[0]

    assert (window.protocol, str(window.latest_on), window.verdict(LAST_DAY)) == ("blocks@1", "2025-01-28", "late")
    assert elsewhere.open_windows == ()
    proof = explain(elsewhere, f"1:TR-001:f{file.facts[-1].lineage}", LAST_DAY, Protocols((first,)))
    assert proof is not None
    assert proof.why == "The pinned protocol blocks@2 is not loaded here, so its interval cannot be judged."


PAUSING = "pauses_with_interruption = true"


def interrupted_before_the_move(first: str, second: str) -> PatientFile:
    """Return a patient whose therapy stood still for two days and then since 2025-01-13, moved on 2025-01-14."""
    file = after_r1(blocks("1", interval(more=first)), blocks("2", interval(more=second)))
    for fact, on in (("interrupted", "2025-01-10"), ("resumed", "2025-01-12"), ("interrupted", "2025-01-13")):
        file.add(f"therapy_{fact}", on)
    file.add("protocol_chosen", MOVED_ON, protocol="blocks@2")
    return file


def test_an_interruption_that_lasts_lasts_through_the_move_and_what_was_counted_is_kept() -> None:
    file = interrupted_before_the_move(PAUSING, PAUSING)
    standing = the(file, "TR-001")
    assert (str(standing.paused_on), standing.interrupted_days, standing.latest_on) == ("2025-01-13", 2, None)

    file.add("therapy_resumed", "2025-01-16")
    assert str(the(file, "TR-001").latest_on) == "2025-02-02"


def test_a_version_that_counts_interruptions_anew_lets_go_on_what_stood_still() -> None:
    window = the(interrupted_before_the_move(PAUSING, ""), "TR-001")

    assert (window.paused_on, window.interrupted_days, str(window.latest_on)) == (None, 0, "2025-01-28")


def test_a_version_that_begins_not_to_count_them_begins_with_the_one_that_lasts() -> None:
    window = the(interrupted_before_the_move("", PAUSING), "TR-001")

    assert (str(window.paused_on), window.interrupted_days, window.latest_on) == ("2025-01-13", 0, None)
