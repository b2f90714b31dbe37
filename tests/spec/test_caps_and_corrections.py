"""A correction and a cap: what is put right is no one more, and what comes to count by it is asked about, or told."""

from tests.facts import OVERRIDE, PatientFile, a_draft
from tests.spec.small_protocols import a_course_of, cycles, give
from workflow.domain.errors import Refusal
from workflow.domain.roles import Role
from workflow.rules.changes import Change
from workflow.rules.correct import Corrected, correct
from workflow.rules.judgement import Circumstances, Stamp

ELSEWHERE = cycles(protocol_id="elsewhere")


def after_two() -> PatientFile:
    file = give(a_course_of([cycles(), ELSEWHERE]), "CYCLE_1", "2025-02-03", "2025-03-03")
    return give(file, "CYCLE_2", "2025-04-01", "2025-04-29")


def corrected(file: PatientFile, *changes: Change) -> Corrected | Refusal:
    given = Circumstances(role=Role.CLINICIAN, today=file.today, protocols=file.protocols)
    last = file.facts[-1]
    stamp = Stamp(seq=last.seq + 1, recorded_at=last.recorded_at, recorded_by="clinician")
    return correct(file.state, changes, stamp, given, file.facts)


def test_putting_a_counted_start_right_makes_it_no_one_more_and_adding_one_by_correction_does() -> None:
    file = after_two()
    right = a_draft("block_started", "2025-04-02", element="CYCLE_2")
    added = a_draft("block_started", "2025-03-15", element="CYCLE_2")

    assert isinstance(corrected(file, Change(reason="wrong day", target=file.facts[-2].seq, draft=right)), Corrected)
    refusal = corrected(file, Change(reason="missing", draft=added))
    assert isinstance(refusal, Refusal)
    assert refusal.code == "cap_reached"
    reasoned = Change(
        reason="missing", draft=a_draft("block_started", "2025-03-15", override=OVERRIDE, element="CYCLE_2")
    )
    assert isinstance(corrected(file, reasoned), Corrected)


def test_one_that_is_added_where_another_is_voided_is_no_one_more() -> None:
    file = after_two()
    end, start = file.facts[-1], file.facts[-2]
    added = Change(reason="given later", draft=a_draft("block_started", "2025-03-15", element="CYCLE_2"))
    voids = (Change(reason="not given", target=end.seq), Change(reason="not given", target=start.seq))

    assert isinstance(corrected(file, added, *voids), Corrected)


def a_block_and_two_cycles() -> PatientFile:
    file = give(a_course_of([cycles(), ELSEWHERE]), "R1", "2025-01-07", "2025-01-12")
    give(file, "CYCLE_1", "2025-02-03", "2025-03-03")
    return give(file, "CYCLE_2", "2025-04-01", "2025-04-29")


def test_a_correction_that_makes_a_start_one_that_counts_is_asked_about_those_after_it_too() -> None:
    file = a_block_and_two_cycles()
    start = next(fact for fact in file.facts if fact.type == "block_started")
    as_cycle = a_draft("block_started", "2025-01-07", element="CYCLE_1")
    refusal = corrected(file, Change(reason="wrong element", target=start.seq, draft=as_cycle))

    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.arithmetic) == ("cap_reached", "2 on file + 1 = 3 > 2")
    later = a_draft("block_started", "2025-01-08", element="R1")
    assert isinstance(corrected(file, Change(reason="wrong day", target=start.seq, draft=later)), Corrected)


def test_a_correction_of_the_protocol_that_brings_more_under_a_cap_than_it_allows_warns() -> None:
    file = after_two()
    file.add("protocol_chosen", "2025-05-05", protocol="elsewhere")
    give(file, "CYCLE_1", "2025-06-02", "2025-06-30")
    chosen = next(fact for fact in file.facts if str(fact.occurred_on) == "2025-05-05")
    back = a_draft("protocol_chosen", "2025-05-05", protocol="cycles")
    outcome = corrected(file, Change(reason="wrong protocol", target=chosen.seq, draft=back))

    assert isinstance(outcome, Corrected)
    (told,) = (warning.message for warning in outcome.warnings if warning.code == "cap_exceeded")
    assert told.startswith("3 starts of CYCLE come under cycles now; at most 2 are stated in one course (CAP-1; 000")
    assert "CYCLE_1 of 2025-02-03, CYCLE_2 of 2025-04-01, CYCLE_1 of 2025-06-02. Check which" in told


def test_a_protocol_entered_for_an_earlier_day_that_brings_too_many_under_a_cap_warns_and_a_note_does_not() -> None:
    file = a_course_of([ELSEWHERE, cycles()])
    for number, month in enumerate(("02", "04", "06"), start=1):
        file.add("block_started", f"2025-{month}-03", override=OVERRIDE, element=f"CYCLE_{number}")
        file.add("block_completed", f"2025-{month}-28")
    accepted = file.copy().add("protocol_chosen", "2025-01-07", protocol="cycles")

    assert [warning.code for warning in accepted.warnings] == ["cap_exceeded"]
    assert file.add("note_added", "2025-01-07").warnings == ()
