"""What an example may ask of a proposed fact: its answer, the rule of the refusal, the protocol's own warnings."""

import ast
from pathlib import Path

import pytest

from tests.unit.protocols.texts import SOUND, examples_in
from workflow import rules
from workflow.protocols.files.examples import Example
from workflow.protocols.files.parse import parse_protocol
from workflow.protocols.files.problems import ProtocolError
from workflow.protocols.files.vocabulary import ANSWERS, PROTOCOL_WARNINGS
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
    (example,) = examples_in(
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
        """
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
    (example,) = examples_in(
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
        """
    )

    assert failures(example, asking) == []


def refused_at(proposed: str) -> list[str]:
    with pytest.raises(ProtocolError) as refused:
        example_with(proposed)
    return [f"{problem.key}: {problem.message}; allowed: {problem.allowed}" for problem in refused.value.problems]


def test_an_answer_that_there_is_not_is_told_with_all_that_there_are() -> None:
    (said,) = refused_at(LISTED.replace('"accepted"', '"too early"'))

    wrong, _, allowed = said.partition("; allowed: ")
    assert wrong == (
        'examples[0].next[0].answer: "too early" is not "accepted", nor the code of a refusal, did you mean too_early?'
    )
    assert allowed == ", ".join(ANSWERS)


def codes_of_refusals() -> set[str]:
    """Return every code that a refusal has in the rules."""
    found = set()
    for module in Path(rules.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                named = [word.value for word in node.keywords if word.arg == "code"]
                codes = {"Refusal": named, "wrong_date": node.args[:1]}.get(node.func.id, [])
                found |= {
                    code.value for code in codes if isinstance(code, ast.Constant) and isinstance(code.value, str)
                }
    return found


def test_every_code_that_an_example_can_be_refused_with_is_an_answer() -> None:
    # An example overrides nothing, inserts nothing, imports nothing, acts on no alert, knows released protocols only.
    elsewhere = {"override_needs_role", "makes_conflicts", "protocol_not_offered", "protocol_not_released"}
    elsewhere |= {"unknown_patient", "external_id_reused"}
    elsewhere |= {"alert_resolved", "already_acknowledged", "snooze_out_of_range"}

    assert set(ANSWERS) == {"accepted"} | (codes_of_refusals() - elsewhere)


@pytest.mark.parametrize(
    ("proposed", "key", "said"),
    [
        (
            '"block_completed", occurred_on = 2025-01-22, data = { given = "partly" }',
            "data.given",
            '"partly" cannot stand here; allowed: "as_planned"',
        ),
        (
            '"block_completed", occurred_on = 2025-01-22, data = { givn = "as_planned" }',
            "data.givn",
            "is not a field here; did you mean given?; allowed: the data of block_completed: given",
        ),
        (
            '"response_assessed", occurred_on = 2025-01-22, data = { marrow_blasts_percent = "few", final = true }',
            "data.marrow_blasts_percent",
            '"few" cannot stand here; allowed: a number, like 12.5, without a unit or percent sign',
        ),
        (
            '"appointment_booked", occurred_on = 2025-01-22, data = { for = "mri", on = "23.1.2025" }',
            "data.on",
            '"23.1.2025" cannot stand here; allowed: a date written YYYY-MM-DD',
        ),
    ],
)
def test_data_that_cannot_be_are_told_once_what_may_stand_there(proposed: str, key: str, said: str) -> None:
    (problem,) = [line for line in refused_at(f'type = {proposed}, answer = "accepted"') if f"next[0].{key}: " in line]

    assert problem.startswith(f"examples[0].next[0].{key}: {said}")
    assert problem.count("should be") == 0
    assert problem.count("allowed") == 1
