"""What a past list shows without walking the chart is what the fold tells, of any history on any of its days."""

from hypothesis import given, settings

from tests.facts import PatientFile
from tests.property.histories import histories
from tests.property.test_fold_laws import as_they_stood
from workflow.rules.fold import effective, fold, until
from workflow.rules.glance import as_it_waited, glance
from workflow.rules.silence import silence_begins, silent_from


@settings(max_examples=40)
@given(histories())
def test_a_glance_tells_what_the_fold_tells(file: PatientFile) -> None:
    known = effective(file.facts)
    for day in {fact.occurred_on for fact in known[1:]}:
        counted = until(known, day)
        state, seen = fold(counted, file.protocols), glance(counted)
        assert (seen.owner, seen.deputy, seen.last_contact_on) == (state.owner, state.deputy, state.last_contact_on)
        assert seen.pseudonym == state.registration.pseudonym
        pinned = file.protocols.named(state.course.protocol) if state.course and state.course.protocol else None
        begins = silence_begins(state.state, seen.last_contact_on, pinned)
        assert begins == silent_from(state, file.protocols)


@settings(max_examples=40)
@given(histories())
def test_a_window_is_taken_back_to_a_day_or_left_to_the_fold(file: PatientFile) -> None:
    known = effective(file.facts)
    state = fold(known, file.protocols)
    for day in {fact.occurred_on for fact in known[1:]}:
        now = {window.id: window for window in as_they_stood(state, day)}
        then = until(known, day)
        for window in fold(then, file.protocols).open_windows:
            assert as_it_waited(now[window.id], known[len(then) :], file.protocols) in {None, window}
