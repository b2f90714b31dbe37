"""An explanation can be checked by hand: its lines hold, its source is named, the contrast stands where it belongs."""

from datetime import date

import pytest

from tests.facts import PROTOCOL, PatientFile, a_registered_patient, a_running_block
from workflow.protocols.library import shipped
from workflow.protocols.model import Protocols
from workflow.rules.explain import Explanation, explain


def two_intervals() -> PatientFile:
    file = a_running_block("2025-02-03")
    file.add("block_completed", "2025-02-08")
    file.add("block_started", "2025-03-01", element="R2")
    file.add("block_completed", "2025-03-06")
    return file


def explained(file: PatientFile, window_id: str, as_of: str = "2025-06-30") -> Explanation:
    found = explain(file.state, window_id, date.fromisoformat(as_of), file.protocols)
    assert found is not None
    return found


def test_a_critical_interval_is_proved_line_by_line() -> None:
    proof = explained(two_intervals(), "1:TR-001:f4")

    assert (proof.rule, proof.status, proof.verdict) == ("TR-001", "met", "critical")
    assert proof.anchor_on == date(2025, 2, 3)
    assert proof.why == "block_started on 2025-03-01, 26 days after 2025-02-03: critical."
    assert proof.arithmetic == (
        "minimum: 2025-02-03 + 14 d = 2025-02-17",
        "earliest: 2025-02-03 + 14 d = 2025-02-17",
        "target: 2025-02-03 + 21 d = 2025-02-24",
        "latest: 2025-02-03 + 21 d = 2025-02-24",
        "critical from: 2025-02-03 + 26 d = 2025-03-01",
        "2025-03-01 − 2025-02-03 = 26 d",
        "2025-03-01 − 2025-02-24 = 5 d past the latest day",
    )
    protocol = shipped().named(PROTOCOL)
    assert protocol is not None
    assert (proof.protocol, proof.protocol_sha256) == (protocol.ref, protocol.sha256)
    assert proof.source is not None
    assert "Under 14 days early, 14 to 21 on time, 22 to 25 late, from 26 critical" in proof.boundary


def test_the_published_contrast_is_quoted_for_the_first_interval_and_nowhere_else() -> None:
    first = explained(two_intervals(), "1:TR-001:f4")
    second = explained(two_intervals(), "1:TR-001:f6")

    assert first.evidence is not None
    assert "40 %" in first.evidence
    assert second.evidence is None
    assert explained(two_intervals(), "1:TR-004:f4").evidence is None


def test_an_interval_that_waits_says_for_what_and_since_when() -> None:
    proof = explained(two_intervals(), "1:TR-001:f6", "2025-03-23")

    assert (proof.status, proof.verdict) == ("late", "late")
    assert proof.why == "block_started awaited; 2025-03-23 is 22 days after 2025-03-01: late."


def test_an_interval_that_was_closed_is_not_applicable() -> None:
    file = two_intervals()
    file.add("died", "2025-03-10")
    proof = explained(file, "1:TR-001:f6")

    assert (proof.status, proof.verdict) == ("closed", "not_applicable")
    assert proof.why == "Ended by died on 2025-03-10 without its fact: not applicable."


def test_without_a_protocol_the_answer_is_not_applicable_and_says_why() -> None:
    file = a_registered_patient()
    file.add("relapse_diagnosed", "2025-01-06")
    file.add("block_started", "2025-02-03", element="R1")
    proof = explained(file, "1:TR-001:f3")

    assert (proof.verdict, proof.status, proof.source) == ("not_applicable", None, None)
    assert proof.why == "No protocol was chosen when this block started, so no interval applies."


def test_a_protocol_chosen_after_the_start_is_not_said_to_state_no_interval() -> None:
    file = a_registered_patient()
    file.add("relapse_diagnosed", "2025-01-06")
    file.add("block_started", "2025-02-03", element="R1")
    file.add("block_completed", "2025-02-08")
    file.add("protocol_chosen", "2025-02-09", protocol=PROTOCOL)
    proof = explained(file, "1:TR-001:f3")

    assert proof.verdict == "not_applicable"
    chosen = file.state.current_course.protocol
    assert proof.why == f"{chosen} was chosen after this block had started, so its interval does not apply."


def test_a_protocol_that_is_not_loaded_here_is_said_to_be_so() -> None:
    file = two_intervals()
    elsewhere = explain(file.state, "1:TR-001:f4", date(2025, 6, 30), Protocols(()))

    assert elsewhere is not None
    assert elsewhere.protocol == file.state.current_course.protocol
    assert (elsewhere.protocol_sha256, elsewhere.source) == (None, None)


@pytest.mark.parametrize(
    "window_id",
    [
        "",
        "x",
        "1:TR-001",
        "1:TR-001:f99",
        "2:TR-001:f4",
        "1:TR-999:f4",
        "1:TR-004:f5",
        "9999999999:TR-001:f4",
        "1:TR-001:4",
    ],
)
def test_an_id_that_names_nothing_has_no_explanation(window_id: str) -> None:
    file = two_intervals()
    assert explain(file.state, window_id, date(2025, 6, 30), file.protocols) is None
