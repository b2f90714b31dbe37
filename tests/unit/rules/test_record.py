"""Recording stamps a draft, pins what it names, and asks for the history only where it needs it."""

from dataclasses import replace
from datetime import UTC, date, datetime

from tests.facts import PROTOCOL, a_draft, a_registered_patient, a_relapsed_patient, a_running_block
from workflow.domain.errors import Refusal
from workflow.domain.roles import Role
from workflow.protocols.library import shipped
from workflow.rules.judgement import Accepted, Circumstances, Stamp
from workflow.rules.record import as_fact, needs_history, record

GIVEN = Circumstances(role=Role.CLINICIAN, today=date(2026, 6, 30), protocols=shipped())
STAMP = Stamp(
    seq=5, recorded_at=datetime(2026, 6, 30, 8, tzinfo=UTC), recorded_by="ward_nurse", on_behalf_of="treating_doctor"
)


def test_a_fact_carries_the_stamp_of_its_recording() -> None:
    fact = as_fact(a_draft("note_added", "2025-02-03"), STAMP, GIVEN)

    assert (fact.seq, fact.lineage, fact.operation, fact.target_seq) == (5, 5, "record", None)
    assert (fact.recorded_by, fact.on_behalf_of, fact.recorded_at) == (
        "ward_nurse",
        "treating_doctor",
        STAMP.recorded_at,
    )
    assert fact.protocol_sha is None


def test_choosing_a_protocol_pins_its_hash() -> None:
    protocol = shipped().named(PROTOCOL)
    assert protocol is not None
    for name in (PROTOCOL, f"{PROTOCOL}@2"):
        fact = as_fact(a_draft("protocol_chosen", "2025-02-03", protocol=name), STAMP, GIVEN)
        assert fact.protocol_sha == protocol.sha256

    file = a_relapsed_patient()
    assert file.state.current_course.protocol == f"{PROTOCOL}@2"
    assert file.state.current_course.protocol_sha == protocol.sha256


def test_a_strategy_stays_until_another_is_named() -> None:
    file = a_relapsed_patient()
    file.add("protocol_chosen", "2025-01-07", protocol=PROTOCOL, strategy="BFM_2002")
    file.add("protocol_chosen", "2025-01-08", protocol="all-rez-bfm-90")

    assert file.state.current_course.strategy == "BFM_2002"
    assert file.state.current_course.protocol == "all-rez-bfm-90@2"


def test_the_history_is_needed_for_what_does_not_come_last() -> None:
    file = a_running_block("2025-02-03")

    assert needs_history(file.state, a_draft("note_added", "2025-02-02"), STAMP, GIVEN)
    assert needs_history(file.state, a_draft("block_completed", "2025-02-03"), STAMP, GIVEN)
    assert not needs_history(file.state, a_draft("block_completed", "2025-02-04"), STAMP, GIVEN)


def test_the_newest_fact_is_recorded_without_the_history() -> None:
    file = a_running_block("2025-02-03")
    draft = a_draft("block_completed", "2025-02-08")

    assert record(file.state, draft, STAMP, GIVEN) == record(file.state, draft, STAMP, GIVEN, file.facts)


def test_a_plan_may_lie_ahead() -> None:
    file = a_registered_patient()
    draft = a_draft("relapse_diagnosed", "2026-07-15")

    refused = record(file.state, draft, STAMP, GIVEN, file.facts)
    planned = record(file.state, draft, STAMP, replace(GIVEN, planning=True), file.facts)
    assert isinstance(refused, Refusal)
    assert refused.code == "in_the_future"
    assert isinstance(planned, Accepted)


def test_an_answer_carries_only_the_deviations_of_this_fact() -> None:
    file = a_running_block("2025-02-03")
    first = file.add("block_started", "2025-03-05", element="R2")
    second = file.add("block_completed", "2025-03-10")

    assert {deviation.kind for deviation in first.deviations} == {"critical", "completion_not_recorded"}
    assert second.deviations == ()
    assert second.before == first.after
