"""Windows of several protocols and versions, with interruptions, agree with counting the days one by one."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.property.counted_days import ONE_DAY, Seen, Version, as_facts, courses, read_off, two_protocols
from tests.property.test_fold_laws import as_they_stood
from workflow.domain.patient import PatientState
from workflow.domain.windows import Window
from workflow.persistence.mapping import read_snapshot, state_to_json
from workflow.protocols.model import Protocols
from workflow.rules.fold import fold

AFTERWARDS = timedelta(days=30)


def told_of(window: Window, day: date) -> tuple[object, ...]:
    return (
        window.rule,
        window.anchor_on,
        window.protocol,
        window.end,
        window.ended_on,
        window.end and window.verdict(day),
    )


def told_by(seen: Seen) -> tuple[object, ...]:
    return seen.rule, seen.anchor_on, seen.version.ref, seen.end, seen.ended_on, seen.verdict


def late_days(state: PatientState, first: date, last: date) -> set[tuple[str, date, date]]:
    days = (first + timedelta(days=days) for days in range((last - first).days + 1))
    return {
        (window.rule, window.anchor_on, day)
        for day in days
        for window in as_they_stood(state, day)
        if window.status(day) == "late"
    }


@settings(max_examples=120)
@given(st.data())
def test_windows_end_and_stand_as_counting_the_days_one_by_one_tells(data: st.DataObject) -> None:
    versions: dict[str, Version] = data.draw(two_protocols())
    events = data.draw(courses(versions))
    protocols = {ref: version.protocol() for ref, version in versions.items()}
    facts = as_facts(events, protocols)
    state = fold(facts, Protocols(protocols.values()))
    last = events[-1].on + AFTERWARDS
    seen = read_off(events, versions, last)

    assert state.conflicts == ()
    assert sorted(told_of(window, last) for window in state.windows) == sorted(map(told_by, seen))
    assert late_days(state, events[0].on, last) == {
        (window.rule, window.anchor_on, day) for window in seen for day in window.late_on
    }
    assert all(stood.ended_on is not None and stood.stood_from < stood.ended_on for stood in state.earlier_windows)
    assert read_snapshot(state_to_json(state)) == state


@settings(max_examples=40)
@given(st.data())
def test_each_day_the_windows_stood_as_the_fold_until_that_day_tells(data: st.DataObject) -> None:
    versions: dict[str, Version] = data.draw(two_protocols())
    events = data.draw(courses(versions))
    protocols = {ref: version.protocol() for ref, version in versions.items()}
    facts = as_facts(events, protocols)
    at_hand = Protocols(protocols.values())
    state = fold(facts, at_hand)
    for event in events:
        for day in (event.on - ONE_DAY, event.on):
            then = fold([fact for fact in facts if fact.seq <= 2 or fact.occurred_on <= day], at_hand)
            now = {window.id: (window.protocol, window.status(day)) for window in as_they_stood(state, day)}
            assert now == {window.id: (window.protocol, window.status(day)) for window in then.windows}
