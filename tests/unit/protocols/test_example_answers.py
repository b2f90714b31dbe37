"""What an example may ask of a proposed fact: its answer, the rule of the refusal, the protocol's own warnings."""

from dataclasses import replace

import pytest

from tests.unit.protocols.texts import SOUND
from workflow.domain.facts.read import read_payload
from workflow.protocols.files.examples import Example, parse_examples
from workflow.protocols.files.parse import parse_protocol
from workflow.protocols.files.problems import ProtocolError
from workflow.protocols.files.vocabulary import PROTOCOL_WARNINGS
from workflow.rules.examples import failures

SMALL = parse_protocol(SOUND, "protocol.toml")
TOO_EARLY = 'type = "block_started", occurred_on = 2025-01-21, data = { element = "R1" }, answer = "too_early"'
ASKED = """
[[eligibility]]
asks = "T lineage"
source = "000, page 5"
phenotype = "T"

[[eligibility]]
asks = "13 to 17 years"
source = "000, page 5"
age_years = [13, 17]
"""
UNLISTED = 'type = "block_started", occurred_on = 2025-01-22, data = { element = "R9" }, answer = "accepted"'
LISTED = 'type = "block_started", occurred_on = 2025-01-22, data = { element = "R1" }, answer = "accepted"'


def example_with(proposed: str) -> Example:
    """Return an example with one running block and one proposed fact."""
    (example,) = parse_examples(
        f"""
        [[examples]]
        name = "One"
        why = "A test"
        as_of = 2025-01-20
        state = "reinduction.recovery"
        facts = [
          {{ type = "relapse_diagnosed", occurred_on = 2025-01-06, data = {{ relapse_site = "isolated_bm" }} }},
          {{ type = "protocol_chosen", occurred_on = 2025-01-06, data = {{ protocol = "small" }} }},
          {{ type = "block_started", occurred_on = 2025-01-08, data = {{ element = "R1" }} }},
          {{ type = "block_completed", occurred_on = 2025-01-13, data = {{ given = "as_planned" }} }},
        ]
        next = [{{ {proposed} }}]
        """,
        "examples.toml",
    )
    return example


@pytest.mark.parametrize(
    "proposed",
    [
        f'{TOO_EARLY}, earliest_on = 2025-01-22, rule = "TR-001"',
        f"{TOO_EARLY}, warnings = []",
        f"{LISTED}, warnings = []",
        f'{UNLISTED}, warnings = ["element_not_listed"]',
        UNLISTED,
    ],
    ids=["rule", "a refusal warns of nothing", "nothing to warn of", "warning", "warnings not looked at"],
)
def test_an_answer_that_is_as_stated_holds(proposed: str) -> None:
    assert failures(example_with(proposed), SMALL) == []


@pytest.mark.parametrize(
    ("proposed", "failure"),
    [
        (f'{TOO_EARLY}, rule = "TR-002"', "block_started on 2025-01-21: the rule is TR-001, expected TR-002"),
        (f'{LISTED}, rule = "TR-001"', "block_started on 2025-01-22: the rule is none, expected TR-001"),
        (
            f"{UNLISTED}, warnings = []",
            "block_started on 2025-01-22: the warnings are element_not_listed, expected none",
        ),
        (
            f'{LISTED}, warnings = ["out_of_sequence", "early"]',
            "block_started on 2025-01-22: the warnings are none, expected early, out_of_sequence",
        ),
    ],
    ids=["other rule", "rule of what is accepted", "warning not stated", "warnings that do not come"],
)
def test_an_answer_that_is_otherwise_is_named(proposed: str, failure: str) -> None:
    assert failures(example_with(proposed), SMALL) == [failure]


def test_a_warning_that_no_protocol_gives_is_answered_with_those_that_one_gives() -> None:
    with pytest.raises(ProtocolError) as refused:
        example_with(f'{LISTED}, warnings = ["out_of_sequenc"]')

    (problem,) = refused.value.problems
    assert problem.key == "examples[0].next[0].warnings[0]"
    assert problem.message == '"out_of_sequenc" is not a warning that a protocol gives, did you mean out_of_sequence?'
    assert problem.allowed == ", ".join(PROTOCOL_WARNINGS)


def test_warnings_that_come_from_the_patients_course_are_none_of_the_protocols() -> None:
    ceased = (
        'type = "block_ended", occurred_on = 2025-01-22, data = { element = "R1", end = "ceased", reason = "x" }, '
        'answer = "accepted", warnings = []'
    )

    assert failures(example_with(ceased), SMALL) == []


@pytest.mark.parametrize(
    ("registered", "warnings"),
    [
        (("T", "2012-01-05"), ""),
        (("BCP", "2012-01-05"), '"eligibility_not_met"'),
        (("T", "2012-01-06"), '"eligibility_not_met"'),
        (None, '"eligibility_not_met", "eligibility_unknown"'),
    ],
    ids=["fits", "other phenotype", "a day too young", "not said: any phenotype, no birth date"],
)
def test_who_the_patient_is_an_example_says_by_registering_them(
    registered: tuple[str, str] | None, warnings: str
) -> None:
    asking = parse_protocol(SOUND + ASKED, "protocol.toml")
    facts = '{ type = "relapse_diagnosed", occurred_on = 2025-01-05, data = { relapse_site = "isolated_bm" } }'
    if registered is not None:
        phenotype, birth_date = registered
        facts = (
            '{ type = "patient_registered", occurred_on = 2025-01-01, data = { pseudonym = "A", site = "B", '
            f'diagnosis_date = 2020-01-01, birth_date = {birth_date}, phenotype = "{phenotype}" }} }}, {facts}'
        )
    (example,) = parse_examples(
        f"""
        [[examples]]
        name = "One"
        why = "A test"
        as_of = 2025-01-05
        state = "relapse_diagnosed"
        facts = [{facts}]
        [[examples.next]]
        type = "protocol_chosen"
        occurred_on = 2025-01-05
        data = {{ protocol = "small" }}
        answer = "accepted"
        warnings = [{warnings}]
        """,
        "examples.toml",
    )

    assert failures(example, asking) == []


@pytest.mark.parametrize(
    ("chosen", "failure"),
    [
        ("smal", "smal is not this protocol, which is small@1, did you mean small?"),
        ("small@2", "small@2 is not this protocol, which is small@1, did you mean small?"),
    ],
)
def test_a_choice_that_pins_nothing_by_a_slip_is_told_and_nothing_that_follows_from_it(
    chosen: str, failure: str
) -> None:
    example = example_with(f'{TOO_EARLY}, rule = "TR-001"')
    slip = replace(example.facts[1], data=read_payload("protocol_chosen", {"protocol": chosen}))
    example = replace(example, facts=(example.facts[0], slip, *example.facts[2:]))

    assert failures(example, SMALL) == [f"protocol_chosen on 2025-01-06: {failure}"]


def test_an_example_may_choose_another_protocol() -> None:
    example = example_with(f"{LISTED}, warnings = []")
    other = replace(example.facts[1], data=read_payload("protocol_chosen", {"protocol": "all-rez-bfm-90"}))

    assert failures(replace(example, facts=(example.facts[0], other, *example.facts[2:])), SMALL) == []
