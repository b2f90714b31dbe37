"""Laws of simulated cohorts: whatever seed, size and day, the import takes every row and has nothing to remark."""

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as some

from workflow.domain.patient import PatientState
from workflow.domain.roles import Role
from workflow.protocols.library import shipped
from workflow.rules.candidates import Candidate, candidate
from workflow.rules.judgement import Accepted, Circumstances, Stamp
from workflow.rules.merge import Merged, merge
from workflow.rules.record import as_fact, record
from workflow.rules.silence import is_silent
from workflow.rules.step import begin
from workflow.services.import_rows import rows_of
from workflow.simulation.cohort import EARLIEST_LAST_DAY, simulate
from workflow.simulation.files import as_csv, as_ndjson
from workflow.simulation.situations import SITUATIONS

last_days = some.dates(min_value=EARLIEST_LAST_DAY, max_value=date(2199, 12, 31))
seeds = some.integers(min_value=0)
A_ROUND = len(SITUATIONS)
STAMP = Stamp(seq=1, recorded_at=datetime(2026, 3, 10, tzinfo=UTC), recorded_by="data_manager")


def read(text: str, name: str) -> dict[str, list[Candidate]]:
    found = defaultdict(list)
    for row in rows_of(text.encode(), name):
        assert row.patient is not None
        assert row.draft is not None, row.problems
        found[row.patient].append(candidate(row.line, row.draft))
    return found


def merged(candidates: list[Candidate], today: date) -> Merged:
    return merge((), candidates, (), given=circumstances(today), stamp=STAMP)


def circumstances(today: date) -> Circumstances:
    return Circumstances(role=Role.COORDINATOR, today=today, protocols=shipped(), importing=True)


# A ward treats a later relapse with the blocks that it knows; the studies of those blocks were of the first one.
OF_A_LATER_RELAPSE = ["eligibility_not_met"]


def remarks(candidates: list[Candidate], today: date) -> list[str]:
    """Return the codes of what is said beyond what must be, when somebody records these one after the other."""
    registration, *others = sorted(candidates, key=lambda row: row.place)
    state = begin(as_fact(registration.draft, STAMP, circumstances(today)))
    said = []
    for seq, row in enumerate(others, start=2):
        outcome = record(state, row.draft, replace(STAMP, seq=seq), circumstances(today))
        assert isinstance(outcome, Accepted)
        codes = [warning.code for warning in outcome.warnings]
        if row.draft.type == "protocol_chosen" and (state.relapse_number or 1) > 1:
            assert codes == OF_A_LATER_RELAPSE
            codes = []
        said += codes
        state = outcome.after
    return said


@settings(max_examples=15)
@given(seed=seeds, patients=some.integers(1, 2 * A_ROUND), last_day=last_days)
def test_every_row_of_every_cohort_is_accepted_with_no_more_than_what_must_be_said(
    seed: int, patients: int, last_day: date
) -> None:
    facts = list(simulate(Random(seed), patients=patients, last_day=last_day))
    assert max(fact.occurred_on for fact in facts) <= last_day
    charts = read(as_csv(facts), "cohort.csv")
    assert len(charts) == patients
    for rows in charts.values():
        answer = merged(rows, last_day)
        assert answer.refused == {}
        assert not answer.known
        assert not any(fact.unconfirmed for fact in answer.facts)
        assert answer.state is not None
        assert answer.state.conflicts == ()
        assert {deviation.kind for deviation in answer.state.deviations} <= {"late", "critical"}
        assert remarks(rows, last_day) == []


@settings(max_examples=6)
@given(seed=seeds, last_day=last_days)
def test_both_kinds_of_file_say_the_same(seed: int, last_day: date) -> None:
    facts = list(simulate(Random(seed), patients=10, last_day=last_day))
    as_records, as_lines = (
        [row.content for rows in read(text, name).values() for row in rows]
        for text, name in ((as_csv(facts), "cohort.csv"), (as_ndjson(facts), "cohort.ndjson"))
    )
    assert as_records == as_lines


def standing(state: PatientState, today: date) -> set[str]:
    interval = next((window for window in state.open_windows if window.rule == "TR-001"), None)
    found = {state.state}
    if interval is not None:
        found.add(interval.status(today))
        if interval.latest_on == today:
            found.add("due today")
        if interval.review_on is not None:
            found.add("review ahead" if interval.review_on > today else "review passed")
    if is_silent(state, today, shipped()):
        found.add("silent")
    course = state.course
    if state.state == "mrd_check" and course is not None and course.assessment_final:
        awaited = any(window.rule == "TR-013" for window in state.open_windows)
        found.add("result awaited" if awaited else "decision missing")
    return found


@settings(max_examples=6)
@given(seed=seeds, last_day=last_days)
def test_one_round_of_patients_has_every_situation_of_a_ward(seed: int, last_day: date) -> None:
    facts = simulate(Random(seed), patients=A_ROUND, last_day=last_day)
    found: Counter[str] = Counter()
    for rows in read(as_csv(facts), "cohort.csv").values():
        state = merged(rows, last_day).state
        assert state is not None
        found.update(standing(state, last_day))
    for situation in (
        *("relapse_diagnosed", "hsct.conditioning", "bridging.recovery", "refractory", "lost_to_follow_up", "deceased"),
        *("open", "late", "critical", "due today", "review ahead", "review passed", "silent"),
        *("result awaited", "decision missing"),
    ):
        assert found[situation] > 0, situation
    assert found["late"] + found["critical"] >= 6
