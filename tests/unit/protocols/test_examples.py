"""Worked examples hold for the shipped protocols, pin their numbers, and fail when anything in them is not so."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.unit.protocols.texts import examples_in
from workflow.domain.facts.read import read_payload
from workflow.protocols.files.examples import Example, ExampleFact, ProposedFact
from workflow.protocols.library import examples_of, load_folder, shipped, shipped_folders
from workflow.protocols.model import Protocol
from workflow.rules.examples import failures
from workflow.services.check_protocols import check_folder, check_shipped

# Read once: each reading proves the whole folder again.
SHIPPED = [(folder.name, load_folder(folder), examples_of(folder)) for folder in shipped_folders()]


def example_of(name: str) -> tuple[Example, Protocol]:
    protocol, examples = next((known, examples) for folder, known, examples in SHIPPED if folder == "all-rez-bfm-90")
    return next(example for example in examples if example.name.startswith(name)), protocol


@pytest.mark.parametrize(
    ("protocol", "examples"), [pytest.param(protocol, examples, id=name) for name, protocol, examples in SHIPPED]
)
def test_the_examples_hold(protocol: Protocol, examples: tuple[Example, ...]) -> None:
    assert {example.name: failures(example, protocol) for example in examples} == {
        example.name: [] for example in examples
    }


def test_the_shipped_protocols_pass_the_check_that_users_run_which_moves_each_number_by_one() -> None:
    assert check_shipped() == []


@pytest.mark.parametrize("closing", ["conditioning_started", "intensive_chemotherapy_completed"])
def test_a_missing_end_makes_an_example_fail(closing: str) -> None:
    failed = []
    for _, protocol, examples in SHIPPED:
        windows = tuple(
            replace(window, closed_by=tuple(fact for fact in window.closed_by if fact != closing))
            for window in protocol.windows
        )
        altered = replace(protocol, windows=windows)
        failed += [failure for example in examples for failure in failures(example, altered)]

    assert any("expected closed" in failure for failure in failed)


def test_a_wrong_state_is_named() -> None:
    example, protocol = example_of("26 days")

    (failure,) = failures(replace(example, state="mrd_check"), protocol)

    assert failure == "state is reinduction.recovery on 2025-02-03, expected mrd_check"


@pytest.mark.parametrize(
    ("changes", "failure"),
    [
        ({"status": "late"}, "1:TR-001 from 2025-01-08: status is critical, expected late"),
        ({"verdict": "none"}, "1:TR-001 from 2025-01-08: verdict is critical, expected none"),
        ({"values": {"days": 25}}, "1:TR-001 from 2025-01-08: days is 26, expected 25"),
        ({"values": {"days_past_latest": 4}}, "1:TR-001 from 2025-01-08: days_past_latest is 5, expected 4"),
        (
            {"values": {"target_on": date(2025, 1, 30)}},
            "1:TR-001 from 2025-01-08: target_on is 2025-01-29, expected 2025-01-30",
        ),
        ({"unset": ("critical_from",)}, "1:TR-001 from 2025-01-08: critical_from is 2025-02-03, expected None"),
    ],
)
def test_a_window_that_stands_otherwise_is_named(changes: dict[str, object], failure: str) -> None:
    example, protocol = example_of("26 days")
    window = replace(example.windows[0], **changes)  # type: ignore[arg-type]

    assert failures(replace(example, windows=(window,)), protocol) == [failure]


@pytest.mark.parametrize(
    "changes", [{"rule": "TR-021"}, {"anchor_on": date(2025, 1, 9)}, {"course": 2}], ids=["rule", "anchor", "course"]
)
def test_a_window_that_is_not_there_is_named_beside_those_that_are(changes: dict[str, object]) -> None:
    example, protocol = example_of("26 days")
    window = replace(example.windows[0], **changes)  # type: ignore[arg-type]

    (failure,) = failures(replace(example, windows=(window,)), protocol)

    assert failure.startswith("there is no window ")
    assert "1:TR-001 from 2025-01-08" in failure


def test_a_window_that_should_be_absent_is_named() -> None:
    example, protocol = example_of("26 days")

    (failure,) = failures(replace(example, absent=("TR-004",)), protocol)

    assert failure == "there is a window 1:TR-004 from 2025-01-08, expected none"


def test_a_fact_that_the_state_cannot_have_is_named() -> None:
    example, protocol = example_of("26 days")
    impossible = ExampleFact(
        type="maintenance_completed", occurred_on=date(2025, 2, 1), data=read_payload("maintenance_completed", {})
    )

    found = failures(replace(example, facts=(*example.facts, impossible)), protocol)

    assert found == ["maintenance_completed on 2025-02-01 is not possible in reinduction.recovery"]


@pytest.mark.parametrize(
    ("changes", "failure"),
    [
        ({"answer": "accepted"}, "block_started on 2025-01-21: the answer is too_early, expected accepted"),
        (
            {"earliest_on": date(2025, 1, 23)},
            "block_started on 2025-01-21: earliest_on is 2025-01-22, expected 2025-01-23",
        ),
    ],
)
def test_an_answer_to_a_proposed_fact_that_is_another_is_named(changes: dict[str, object], failure: str) -> None:
    example, protocol = example_of("13 days after the start")
    proposed: ProposedFact = replace(example.next[0], **changes)  # type: ignore[arg-type]

    assert failures(replace(example, next=(proposed,)), protocol) == [failure]


def test_an_example_may_register_its_own_patient() -> None:
    protocol = shipped().versions[0]
    (example,) = examples_in(
        """
        [[examples]]
        name = "Before the relapse"
        why = "The registration is the example's own."
        as_of = 2025-01-01
        state = "registered"
        absent = ["TR-001"]
        [[examples.facts]]
        type = "patient_registered"
        occurred_on = 2025-01-01
        data = { pseudonym = "A", site = "B", diagnosis_date = 2020-01-01, phenotype = "T" }
        """
    )

    assert failures(example, protocol) == []


def test_an_empty_check_means_that_the_examples_were_run(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def run(example: Example, _protocol: Protocol) -> list[str]:
        asked.append(example.name)
        return []

    monkeypatch.setattr("workflow.services.check_protocols.failures", run)
    folder = Path(str(shipped_folders()[0]))

    assert check_folder(folder) == []
    assert asked == [example.name for example in examples_of(folder)]
