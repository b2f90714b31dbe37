"""Every alert has one of the four answers, and it is the one that a slow reading of the file gives."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from tests.facts import PatientFile
from tests.property.histories import Draw, histories
from workflow.domain.alerts import Alert, AlertKey
from workflow.domain.facts.fact import Fact
from workflow.domain.patient import PatientState
from workflow.domain.site_practice import SitePractice
from workflow.domain.windows import Window
from workflow.knowledge.reminders import BY_ID
from workflow.rules.fold import effective, fold, until
from workflow.rules.thresholds import thresholds
from workflow.rules.was_it_right import was_it_right

DELAYS = (0, 0, 1, 4, 30, 30)
RAISED_AFTER = (-1, 0, 0, 0, 0, 1)


def practice(site: str) -> SitePractice:
    return SitePractice(id=site, time_zone="UTC", mrd_result_days=10)


def entered_in_time_or_late(draw: Draw[Any], file: PatientFile) -> list[Fact]:
    """Return the facts of a file, some of them corrected, each recorded after it occurred and after the one before."""
    for target in draw(st.lists(st.sampled_from(file.facts[1:]), max_size=2, unique_by=lambda fact: fact.seq)):
        if draw(st.booleans()):
            file.void(target)
        else:
            file.facts.append(
                replace(
                    target,
                    seq=len(file.facts) + 1,
                    operation="supersede",
                    target_seq=target.seq,
                    occurred_on=target.occurred_on + timedelta(days=draw(st.sampled_from((-2, 1, 5)))),
                )
            )
    facts: list[Fact] = []
    last = datetime(2020, 1, 1, tzinfo=UTC)
    for fact in file.facts:
        own = datetime.combine(fact.occurred_on, time(12), UTC) + timedelta(days=draw(st.sampled_from(DELAYS)))
        last = max(own, last + timedelta(minutes=draw(st.sampled_from((0, 1)))))
        facts.append(replace(fact, recorded_at=last))
    return facts


@st.composite
def alerts_with_files(draw: Draw[Any]) -> tuple[Alert, list[Fact], PatientFile]:
    """Return an alert as the file may have called for one at some moment, or nearly, with the whole file."""
    file = draw(histories(8))
    assume(len(file.facts) > 1)
    facts = entered_in_time_or_late(draw, file)
    known = draw(st.integers(1, len(facts) - 1))
    state = fold(facts[:known], file.protocols)
    found = thresholds(state, practice(state.registration.site))
    assume(found)
    threshold = draw(st.sampled_from(found))
    key = threshold.key
    if draw(st.integers(0, 9)) == 0:
        key = AlertKey(key.window_key, key.reminder, key.threshold_on + timedelta(days=1))
    row = threshold.reminder
    due_at = max(threshold.fires_at, facts[known - 1].recorded_at)
    raised_at = due_at + timedelta(days=draw(st.sampled_from(RAISED_AFTER)))
    alert = Alert(
        id="a",
        key=key,
        course=1,
        rule=row.rule,
        stage=row.stage,
        severity=row.severity,
        raised_at=raised_at,
    )
    return alert, facts, file


def right_by(alert: Alert, facts: Sequence[Fact], file: PatientFile) -> bool:
    """Read slowly whether the threshold was there, and not ended before: on its day, the day before, or by now."""
    if not facts:
        return False
    told_on = told(alert)
    counted = effective(facts)
    days: tuple[date | None, ...] = (None, told_on, told_on - timedelta(days=1))
    for day in days:
        state = fold(counted if day is None else until(counted, day), file.protocols)
        for window in state.windows:
            if window.id.split(":")[1:] != alert.key.window_key.split(":")[1:]:
                continue
            ended_before = window.ended_on is not None and window.ended_on < told_on
            if first_day(alert, window) == alert.key.threshold_on and not ended_before:
                return True
    return False


def first_day(alert: Alert, window: Window) -> date | None:
    row = BY_ID[alert.key.reminder]
    day: date | None = getattr(window, row.threshold)
    if day is None:
        return None
    return day + timedelta(days=row.shift_days + (10 if row.site_days else 0))


def told(alert: Alert) -> date:
    day = alert.key.threshold_on
    while BY_ID[alert.key.reminder].on_working_day and day.isoweekday() > 5:
        day -= timedelta(days=1)
    return day


def open_and_passed(alert: Alert, state: PatientState) -> bool:
    passed = datetime.combine(told(alert), time(), UTC) <= alert.raised_at
    return passed and any(
        window.end is None
        and window.id.split(":")[1:] == alert.key.window_key.split(":")[1:]
        and first_day(alert, window) == alert.key.threshold_on
        for window in state.windows
    )


@settings(max_examples=100)
@given(alerts_with_files())
def test_the_answer_is_that_of_a_slow_reading(drawn: tuple[Alert, list[Fact], PatientFile]) -> None:
    alert, facts, file = drawn
    found = was_it_right(alert, facts, file.protocols, practice)
    event(found.verdict)

    instants = sorted({fact.recorded_at for fact in facts})
    known = {instant: [fact for fact in facts if fact.recorded_at <= instant] for instant in instants}
    if right_by(alert, facts, file):
        assert (found.verdict, found.facts) == ("right", ())
        return
    before = [fact for fact in facts if fact.recorded_at < alert.raised_at]
    with_it = [fact for fact in facts if fact.recorded_at <= alert.raised_at]
    then = [side for side in (before, with_it) if side and open_and_passed(alert, fold(side, file.protocols))]
    if not then:
        assert (found.verdict, found.facts) == ("wrong", ())
        return
    # Backwards from today, until it was right: what was recorded just after that moment turned it.
    turned = instants[-1]
    for instant in reversed(instants):
        if right_by(alert, known[instant], file):
            break
        turned = instant
    new = [fact for fact in facts if fact.recorded_at == turned]
    corrected = any(fact.operation != "record" for fact in new)
    assert found.verdict == ("right_then_corrected" if corrected else "late_documentation")
    assert found.since == turned
    assert {fact.seq for fact in found.facts} <= {fact.seq for fact in new}
    assert found.facts
    assert all(fact.id in found.why for fact in found.facts)
