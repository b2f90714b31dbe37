"""Block intervals agree with the wall calendar whatever the dates, and a refusal's way out is the truth."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.facts import OVERRIDE, PatientFile, a_draft, a_registered_patient
from tests.spec.wall_calendar import interval_status, interval_verdict
from workflow.domain.errors import Refusal
from workflow.domain.windows import Window

STARTS = st.dates(date(2019, 1, 1), date(2032, 12, 31))
GAPS = st.lists(st.integers(1, 60), min_size=1, max_size=6)


def a_series(first: date, gaps: list[int], element: str = "R1") -> tuple[PatientFile, list[date]]:
    """Return a patient whose blocks start so many days apart, each recorded with a clinician's reason."""
    file = a_registered_patient(diagnosis_date="2018-01-01", frontline_end_date="2018-06-01")
    file.today = date(2034, 1, 1)
    file.add("relapse_diagnosed", first)
    file.add("protocol_chosen", first)
    starts = [first]
    for gap in gaps:
        starts.append(starts[-1] + timedelta(days=gap))
    for start in starts:
        file.add("block_started", start, element=element, override=OVERRIDE)
    return file, starts


def intervals(file: PatientFile) -> list[Window]:
    return [window for window in file.state.windows if window.rule == "TR-001"]


@settings(max_examples=60)
@given(STARTS, GAPS)
def test_verdicts_and_deviations_agree_with_counting_days(first: date, gaps: list[int]) -> None:
    file, starts = a_series(first, gaps)
    counted = [interval_verdict(start, following) for start, following in pairwise(starts)]
    *ended, last = intervals(file)

    assert [window.verdict(file.today) for window in ended] == counted
    assert (last.anchor_on, last.end) == (starts[-1], None)
    told = [deviation.kind for deviation in file.state.deviations if (deviation.window or "").startswith("1:TR-001")]
    assert told == [verdict for verdict in counted if verdict != "on_time"]


@settings(max_examples=30)
@given(STARTS, GAPS)
def test_the_status_of_every_day_agrees_with_counting_days(first: date, gaps: list[int]) -> None:
    file, starts = a_series(first, gaps)
    for window, start, following in zip(intervals(file), starts, [*starts[1:], None], strict=True):
        for days in range(70):
            day = start + timedelta(days=days)
            assert window.status(day) == interval_status(start, following, day)


@settings(max_examples=60)
@given(STARTS, st.integers(1, 60), st.sampled_from(["R1", "R2", "F1", "F2"]))
def test_only_what_counting_calls_early_after_an_r_element_is_refused(first: date, gap: int, element: str) -> None:
    file, _ = a_series(first, [], element)
    day = first + timedelta(days=gap)
    outcome = file.propose(a_draft("block_started", day, element="R2"))

    assert isinstance(outcome, Refusal) is (interval_verdict(first, day) == "early" and element.startswith("R"))
    if isinstance(outcome, Refusal):
        assert outcome.earliest_on is not None
        assert outcome.arithmetic == f"{day} − {first} = {gap} d < 14 d"
        file.add("block_started", outcome.earliest_on, element="R2")
        assert intervals(file)[0].verdict(file.today) == "on_time"


@settings(max_examples=60)
@given(STARTS, GAPS, st.data())
def test_a_start_entered_afterwards_is_judged_as_if_entered_in_time(
    first: date, gaps: list[int], data: st.DataObject
) -> None:
    in_time, starts = a_series(first, gaps)
    missed = data.draw(st.integers(0, len(starts) - 1))
    file = a_registered_patient(diagnosis_date="2018-01-01", frontline_end_date="2018-06-01")
    file.today = in_time.today
    file.add("relapse_diagnosed", first)
    file.add("protocol_chosen", first)
    for start in [*starts[:missed], *starts[missed + 1 :], starts[missed]]:
        file.add("block_started", start, element="R1", override=OVERRIDE)

    told = [(window.anchor_on, window.ended_on, window.verdict(file.today)) for window in intervals(file)]
    assert told == [(window.anchor_on, window.ended_on, window.verdict(file.today)) for window in intervals(in_time)]
