"""An interruption of therapy: days that do not count move a window that says so, and while it lasts nothing is late."""

from datetime import date

import pytest

from tests.facts import PatientFile, a_draft, a_registered_patient
from workflow.domain.windows import Window
from workflow.rules.explain import explain
from workflow.rules.fold import fold, until

STARTED_ON = "2025-02-18"
INTERRUPTED_ON, RESUMED_ON = "2025-02-28", "2025-03-04"
LAST_DAY = date(2025, 12, 31)


def an_infusion() -> PatientFile:
    """Return a patient whose first cycle of blinatumomab runs; its 28 days end on 2025-03-18."""
    file = a_registered_patient(ph_status="negative")
    file.add("relapse_diagnosed", "2025-01-06", relapse_site="isolated_bm")
    file.add("protocol_chosen", "2025-01-06", protocol="blinatumomab-rr")
    file.add("block_started", STARTED_ON, element="CYCLE_1")
    return file


def interrupted() -> PatientFile:
    file = an_infusion()
    file.add("therapy_interrupted", INTERRUPTED_ON, reason="fever")
    return file


def interrupted_for_four_days() -> PatientFile:
    file = interrupted()
    file.add("therapy_resumed", RESUMED_ON)
    return file


def infusion(file: PatientFile) -> Window:
    (window,) = (known for known in file.state.windows if known.rule == "TR-040")
    return window


def thresholds(window: Window) -> tuple[str | None, ...]:
    days = (window.earliest_on, window.target_on, window.latest_on, window.critical_from)
    return tuple(None if day is None else str(day) for day in days)


def test_the_end_is_expected_as_many_days_later_as_the_infusion_stood_still() -> None:
    window = infusion(interrupted_for_four_days())

    assert thresholds(infusion(an_infusion())) == ("2025-03-18", "2025-03-18", "2025-03-18", None)
    assert thresholds(window) == ("2025-03-22", "2025-03-22", "2025-03-22", None)
    assert (window.paused_on, window.interrupted_days) == (None, 4)


@pytest.mark.parametrize(
    ("ended_on", "verdict"), [("2025-03-21", "early"), ("2025-03-22", "on_time"), ("2025-03-23", "late")]
)
def test_28_days_of_infusion_are_28_days_on_which_it_runs(ended_on: str, verdict: str) -> None:
    file = interrupted_for_four_days()
    file.add("block_completed", ended_on)

    assert infusion(file).verdict(LAST_DAY) == verdict


def test_while_it_stands_still_nothing_is_late_or_due_however_long() -> None:
    window = infusion(interrupted())

    assert thresholds(window) == ("2025-03-18", None, None, None)
    assert window.paused_on == date.fromisoformat(INTERRUPTED_ON)
    for day in (date(2025, 3, 1), date(2025, 3, 18), date(2025, 3, 19), date(2025, 6, 30)):
        assert window.status(day) in {"upcoming", "open"}
        assert (window.verdict(day), window.days_past_latest(day), window.is_due(day)) == (None, None, False)


def test_the_next_cycle_is_counted_from_the_real_end_and_no_earlier_than_from_the_start() -> None:
    file = interrupted_for_four_days()
    file.add("block_completed", "2025-03-22")
    refusal = file.refused("block_started", "2025-04-04", element="CYCLE_2")

    assert (refusal.rule, str(refusal.earliest_on)) == ("TR-041", "2025-04-05")
    from_start = file.open_window("TR-041-START")
    assert from_start is not None
    assert (str(from_start.hard_min_on), from_start.interrupted_days) == ("2025-04-01", 0)
    file.add("block_started", "2025-04-05", element="CYCLE_2")


def test_interruptions_add_up() -> None:
    file = interrupted_for_four_days()
    file.add("therapy_interrupted", "2025-03-10")
    file.add("therapy_resumed", "2025-03-11")

    assert infusion(file).interrupted_days == 5
    assert thresholds(infusion(file))[2] == "2025-03-23"


def test_interrupted_twice_before_it_goes_on_is_one_interruption_from_the_first_day() -> None:
    file = interrupted()
    file.add("therapy_interrupted", "2025-03-02")
    file.add("therapy_resumed", RESUMED_ON)

    assert infusion(file).interrupted_days == 4


def test_what_is_resumed_without_an_interruption_moves_nothing() -> None:
    file = an_infusion()
    before = infusion(file)
    file.add("therapy_resumed", RESUMED_ON)

    assert infusion(file) == before


def test_interrupted_and_resumed_on_one_day_moves_nothing() -> None:
    file = interrupted()
    file.add("therapy_resumed", INTERRUPTED_ON)

    assert thresholds(infusion(file)) == thresholds(infusion(an_infusion()))
    assert infusion(file).interrupted_days == 0
    assert [str(stood.ended_on) for stood in file.state.earlier_windows] == [INTERRUPTED_ON]


def test_an_infusion_that_ends_while_it_stands_still_is_judged_by_the_days_on_which_it_ran() -> None:
    file = interrupted()
    file.add("block_completed", "2025-03-20", given="stopped_early")
    window = infusion(file)

    assert (window.verdict(LAST_DAY), window.interrupted_days, window.paused_on) == ("early", 20, None)
    assert file.open_window("TR-041") is not None


@pytest.mark.parametrize("ending", ["died", "withdrawn", "lost_to_follow_up", "reinduction_failed"])
def test_a_course_that_ends_while_therapy_stands_still_closes_the_window_without_a_verdict(ending: str) -> None:
    file = interrupted()
    file.add(ending, "2025-03-20")

    assert infusion(file).verdict(LAST_DAY) == "not_applicable"


def test_a_start_tells_that_therapy_goes_on() -> None:
    file = interrupted()
    file.add("block_completed", "2025-03-18")
    file.add("block_started", "2025-04-01", element="CYCLE_2")
    second = file.open_window("TR-040")

    assert second is not None
    assert (second.paused_on, thresholds(second)[2]) == (None, "2025-04-29")


def test_a_correction_of_either_day_moves_the_end_as_if_recorded_right_at_first() -> None:
    file = interrupted_for_four_days()
    interruption, resumption = file.facts[-2:]
    file.supersede(interruption, a_draft("therapy_interrupted", "2025-02-27"))
    assert thresholds(infusion(file))[2] == "2025-03-23"
    file.supersede(resumption, a_draft("therapy_resumed", "2025-03-02"))
    assert thresholds(infusion(file))[2] == "2025-03-21"


def test_a_voided_interruption_leaves_the_first_days_and_a_voided_resumption_lets_it_stand_still() -> None:
    file = interrupted_for_four_days()
    interruption, resumption = file.facts[-2:]
    without_resumption = file.copy()
    without_resumption.void(resumption)
    file.void(interruption)

    assert infusion(file) == infusion(an_infusion())
    assert infusion(without_resumption) == infusion(interrupted())


def test_an_interval_between_blocks_counts_on_while_therapy_is_interrupted() -> None:
    file = a_registered_patient()
    file.add("relapse_diagnosed", "2025-01-06", relapse_site="isolated_bm")
    file.add("protocol_chosen", "2025-01-06", protocol="all-rez-bfm-2002")
    file.add("block_started", "2025-01-07", element="R1")
    before = file.open_window("TR-001")
    file.add("therapy_interrupted", "2025-01-09")

    assert file.open_window("TR-001") == before


@pytest.mark.parametrize("known_until", [INTERRUPTED_ON, RESUMED_ON, "2025-03-22"])
def test_on_each_day_the_window_stood_as_it_was_known_on_that_day(known_until: str) -> None:
    file = interrupted_for_four_days()
    file.add("block_completed", "2025-03-22")
    stands = {(str(window.stood_from), window.latest_on, window.paused_on) for window in file.state.earlier_windows}
    (then,) = (
        window
        for window in fold(until(file.facts, date.fromisoformat(known_until)), file.protocols).windows
        if window.rule == "TR-040"
    )

    assert stands == {(STARTED_ON, date(2025, 3, 18), None), (INTERRUPTED_ON, None, date(2025, 2, 28))}
    assert (str(then.stood_from), then.latest_on) == {
        INTERRUPTED_ON: (INTERRUPTED_ON, None),
        RESUMED_ON: (RESUMED_ON, date(2025, 3, 22)),
        "2025-03-22": (RESUMED_ON, date(2025, 3, 22)),
    }[known_until]


def test_the_proof_counts_the_days_that_do_not_count() -> None:
    file = interrupted_for_four_days()
    file.add("block_completed", "2025-03-22")
    proof = explain(file.state, infusion(file).id, LAST_DAY, file.protocols)

    assert proof is not None
    assert proof.why == "block_completed on 2025-03-22, 32 days after 2025-02-18: on_time."
    assert proof.arithmetic == (
        "earliest: 2025-02-18 + 28 d + 4 d interrupted = 2025-03-22",
        "target: 2025-02-18 + 28 d + 4 d interrupted = 2025-03-22",
        "latest: 2025-02-18 + 28 d + 4 d interrupted = 2025-03-22",
        "2025-03-22 − 2025-02-18 = 32 d",
        "2025-03-22 − 2025-02-18 − 4 d interrupted = 28 d counted",
    )


def test_the_proof_of_a_window_that_stands_still_says_since_when() -> None:
    file = interrupted()
    proof = explain(file.state, infusion(file).id, date(2025, 3, 30), file.protocols)

    assert proof is not None
    assert proof.why == (
        "block_completed awaited; 2025-03-30 is 40 days after 2025-02-18: open. "
        "Therapy is interrupted since 2025-02-28: until it goes on, no latest day is known."
    )
    assert proof.arithmetic[-2:] == ("2025-03-30 − 2025-02-18 = 40 d", "2025-02-28 − 2025-02-18 = 10 d counted")


BOTH = ("therapy_interrupted", "therapy_resumed")


@pytest.mark.parametrize("entered", [BOTH, BOTH[::-1]])
def test_interrupted_and_resumed_on_one_day_says_the_same_in_whichever_order_it_was_entered(
    entered: tuple[str, str],
) -> None:
    running, standing = an_infusion(), interrupted()
    for fact_type in entered:
        running.add(fact_type, RESUMED_ON)
        standing.add(fact_type, RESUMED_ON)

    # Where it ran, it runs; where it stood still, it went on and stopped again, and the days before are counted.
    assert (infusion(running).paused_on, infusion(running).interrupted_days) == (None, 0)
    assert running.state.current_course.interrupted_on is None
    assert (str(infusion(standing).paused_on), infusion(standing).interrupted_days) == (RESUMED_ON, 4)
    assert str(standing.state.current_course.interrupted_on) == RESUMED_ON
    standing.add("therapy_resumed", "2025-03-06")
    assert (infusion(standing).paused_on, infusion(standing).interrupted_days) == (None, 6)
