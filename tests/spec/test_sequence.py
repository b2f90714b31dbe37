"""What may come next by a protocol's sequence; a departure is a warning, and never a refusal."""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.facts import PatientFile
from tests.spec.small_protocols import (
    BLOCKS,
    EARLY,
    OF_UNKNOWN_TIME,
    VERY_EARLY,
    a_course_of,
    cycles,
    give,
    small,
)
from workflow.rules.next_steps import next_steps

R3 = """
[[elements]]
code = "R3"
label = "R3"
source = "000, page 1"

"""
ALTERNATELY = f"""{R3}
[[sequence]]
after = "START"
then = ["R1"]
source = "000, page 7"

[[sequence]]
after = "R1"
then = ["R2"]
source = "000, page 7"

[[sequence]]
after = "R2"
then = ["R1"]
source = "000, page 7"
"""
BY_GROUP = """
[[sequence]]
after = "START"
then = ["R2"]
risk = { scheme = "ALL_REZ_BFM_95", groups = ["S4"] }
source = "000, page 8"

[[sequence]]
after = "START"
then = ["R1"]
risk = { scheme = "ALL_REZ_BFM_95", groups = ["S1", "S2"] }
source = "000, page 8"
"""
STATED, GROUPED, CYCLES = small("stated", BLOCKS, ALTERNATELY), small("grouped", BLOCKS, BY_GROUP), cycles()


def warned(file: PatientFile, element: str, attempt: int | None = None) -> list[str]:
    """Return the codes of the warnings with a start."""
    accepted = file.copy().add("block_started", "2025-12-01", element=element, attempt=attempt)
    return [warning.code for warning in accepted.warnings]


def after(elements: Sequence[str], protocol: str = "stated") -> PatientFile:
    """Return a patient who was given these elements, a month each."""
    file = a_course_of([STATED, GROUPED, CYCLES])
    if protocol != "stated":
        file.add("protocol_chosen", "2025-01-07", protocol=protocol)
    for month, element in enumerate(elements, start=2):
        give(file, element, f"2025-{month:02}-03", f"2025-{month:02}-08")
    return file


@pytest.mark.parametrize(
    ("given", "element", "codes"),
    [
        ((), "R1", []),
        ((), "R2", ["out_of_sequence"]),
        (("R1",), "R2", []),
        (("R1",), "R1", ["out_of_sequence"]),
        (("R1",), "R3", ["out_of_sequence"]),
        (("R1", "R2"), "R1", []),
        # After what no row names anything may come.
        (("R3",), "R3", []),
        (("R1", "PREPHASE"), "R1", []),
        (("R1",), "PREPHASE", ["element_not_listed"]),
    ],
)
def test_what_the_sequence_does_not_have_next_is_taken_with_a_warning(
    given: tuple[str, ...], element: str, codes: list[str]
) -> None:
    assert warned(after(given), element) == codes


@pytest.mark.parametrize(
    ("given", "element", "codes"),
    [
        ((), "CYCLE_1", []),
        ((), "CYCLE_2", ["out_of_sequence"]),
        (("CYCLE_1",), "CYCLE_2", []),
        (("CYCLE_1",), "CYCLE_1", ["out_of_sequence"]),
        (("CYCLE_1", "PREPHASE"), "CYCLE_2", []),
        (("CYCLE_1",), "CYCLE", ["element_not_listed"]),
        ((), "PREPHASE", []),
    ],
)
def test_a_numbered_element_comes_with_the_next_number_of_its_kind(
    given: tuple[str, ...], element: str, codes: list[str]
) -> None:
    assert warned(after(given, "cycles"), element) == codes


def test_a_departure_is_told_what_comes_next_and_where_that_is_written() -> None:
    (told,) = after(("R1",)).add("block_started", "2025-12-01", element="R1").warnings
    assert told.message == (
        "After R1 of 2025-02-03 R2 comes next under stated@1 (000, page 7). If R1 was given, nothing is to be done; if "
        "the element is wrong, correct it."
    )
    (told,) = after((), "cycles").add("block_started", "2025-12-01", element="CYCLE_2").warnings
    assert told.message.startswith("At the start of an attempt CYCLE_1 or PREPHASE comes next under cycles@1. If")
    (told,) = after((), "cycles").add("block_started", "2025-12-01", element="R1").warnings
    assert told.message.startswith("cycles@1 does not list this element; it lists CYCLE_1, CYCLE_2 and so on, PREPHASE")


def test_what_was_given_under_another_protocol_in_between_leaves_the_sequence_where_it_was() -> None:
    file = after(("R1",))
    file.add("protocol_chosen", "2025-03-01", protocol="cycles")
    give(file, "CYCLE_1", "2025-03-03", "2025-03-31")
    file.add("protocol_chosen", "2025-04-01", protocol="stated")

    assert warned(file, "R2") == []
    assert warned(file, "R1") == ["out_of_sequence"]


def test_a_new_attempt_begins_the_sequence_anew_and_counts_anew() -> None:
    file = after(("R1",))
    file.add("reinduction_failed", "2025-03-01")
    assert (warned(file, "R1"), warned(file, "R2")) == ([], ["out_of_sequence"])
    assert warned(file, "R2", attempt=1) == []

    numbered = after(("CYCLE_1",), "cycles")
    numbered.add("reinduction_failed", "2025-03-01")
    assert (warned(numbered, "CYCLE_1"), warned(numbered, "CYCLE_2")) == ([], ["out_of_sequence"])


@pytest.mark.parametrize(
    ("registered", "r1", "r2"),
    [
        (VERY_EARLY, ["out_of_sequence"], []),
        ({}, [], ["out_of_sequence"]),
        # Neither row is for S3; and nothing that may be right is called a departure.
        (EARLY, [], []),
        (OF_UNKNOWN_TIME, [], []),
    ],
)
def test_a_row_for_a_group_speaks_of_its_patients_alone(
    registered: dict[str, Any], r1: list[str], r2: list[str]
) -> None:
    file = a_course_of([GROUPED], **registered)
    assert (warned(file, "R1"), warned(file, "R2")) == (r1, r2)


@pytest.mark.parametrize(
    ("groups", "r2", "r3"),
    [
        # Who is in another group is asked about nothing; so nobody is whose group is not known.
        (('["S3", "S4"]',), [], []),
        # Whichever the group is, one of the rows speaks of the patient.
        (('["S3", "S4"]', '["S1", "S2"]'), [], ["out_of_sequence"]),
    ],
)
def test_where_the_group_is_not_known_rows_that_leave_one_out_ask_about_nothing(
    groups: tuple[str, ...], r2: list[str], r3: list[str]
) -> None:
    rows = [
        f'[[sequence]]\nafter = "START"\nthen = ["{element}"]\nsource = "000, page 8"\n'
        f'risk = {{ scheme = "ALL_REZ_BFM_95", groups = {named} }}\n'
        for element, named in zip(("R1", "R2"), groups, strict=False)
    ]
    file = a_course_of([small("some", BLOCKS, R3 + "".join(rows))], **OF_UNKNOWN_TIME)

    assert (warned(file, "R1"), warned(file, "R2"), warned(file, "R3")) == ([], r2, r3)


@pytest.mark.parametrize(
    ("given", "protocol", "offered"),
    [
        ((), "stated", ("R1",)),
        (("R1",), "stated", ("R2",)),
        (("R3",), "stated", ("R1", "R2", "R3")),
        ((), "cycles", ("CYCLE_1", "PREPHASE")),
        (("CYCLE_1",), "cycles", ("CYCLE_2", "PREPHASE")),
    ],
)
def test_next_steps_offer_what_may_come(given: tuple[str, ...], protocol: str, offered: tuple[str, ...]) -> None:
    file = after(given, protocol)
    steps = {step.type: step for step in next_steps(file.state, file.today, file.protocols)}
    assert (steps["block_started"].elements, steps["block_deferred"].elements) == (offered, offered)
