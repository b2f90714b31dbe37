"""Examples that speak of another protocol or of no element are told as that alone, at their own lines."""

from pathlib import Path

import pytest

from tests.unit.protocols.test_checks import EXAMPLE
from tests.unit.protocols.texts import SOUND, broken, examples_in
from workflow.protocols.checks.names_in_examples import misnamed
from workflow.protocols.files.parse import parse_protocol
from workflow.protocols.files.problems import ProtocolError, key_text
from workflow.protocols.library import load_folder

CHOICE = '{ protocol = "small" }'
CYCLES = broken('code = "R1"', 'code = "CYCLE"\nnumbered = true').replace('["R1"]', '["CYCLE"]')


def found(examples: str, protocol: str = SOUND) -> list[tuple[str, str, str]]:
    """Return key, message and what is allowed of each slip in examples."""
    flaws = misnamed(parse_protocol(protocol, "protocol.toml"), examples_in(examples))
    return [(key_text(flaw.at), flaw.message, flaw.allowed) for flaw in flaws]


def test_examples_of_their_own_protocol_have_no_slip() -> None:
    assert found(EXAMPLE) == []
    assert found(EXAMPLE.replace(CHOICE, '{ protocol = "small@1" }')) == []


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("smal", ", did you mean small?"),
        ("small@2", ", did you mean small?"),
        ("all-rez-bfm-90", ""),
    ],
)
def test_a_choice_that_pins_nothing_is_told_alone_and_at_its_line(name: str, meant: str, tmp_path: Path) -> None:
    examples = EXAMPLE.replace(CHOICE, f'{{ protocol = "{name}" }}')
    (tmp_path / "protocol.toml").write_text(SOUND, encoding="utf-8")
    (tmp_path / "examples.toml").write_text(examples, encoding="utf-8")

    with pytest.raises(ProtocolError) as refused:
        load_folder(tmp_path)

    (problem,) = (problem for problem in refused.value.problems if problem.file.endswith("examples.toml"))
    assert str(problem) == (
        f"{tmp_path}/examples.toml:8: examples[0].facts[1].data.protocol: {name} is not this protocol, which is "
        f"small@1{meant}; allowed: small or small@1"
    )
    assert not [problem for problem in refused.value.problems if "no example" in problem.message]


def test_the_first_of_two_examples_may_be_the_only_wrong_one() -> None:
    both = EXAMPLE.replace(CHOICE, '{ protocol = "other" }') + EXAMPLE.replace('name = "One"', 'name = "Two"')

    assert [key for key, _, _ in found(both)] == ["examples[0].facts[1].data.protocol"]


def test_an_example_may_choose_another_protocol_beside_its_own() -> None:
    other = '  { type = "protocol_chosen", occurred_on = 2025-01-06, data = { protocol = "other" } },\n'
    both = EXAMPLE.replace('  { type = "block_started"', f'{other}  {{ type = "block_started"', 1)

    assert found(both) == []
    assert [message for _, message, _ in found(both.replace('"other"', '"smal"'))] == [
        "smal is not this protocol, which is small@1, did you mean small?"
    ]


def test_an_id_before_its_first_day_is_told_to_name_the_version() -> None:
    later = broken('version = "1"', 'version = "1"\nin_force_from = 2026-01-01')

    assert found(EXAMPLE, later) == [
        (
            "examples[0].facts[1].data.protocol",
            "in_force_from is 2026-01-01, so small does not mean small@1 on 2025-01-06",
            "small@1",
        )
    ]
    assert found(EXAMPLE.replace(CHOICE, '{ protocol = "small@1" }'), later) == []


def test_a_choice_that_is_proposed_and_accepted_is_one_of_this_protocol() -> None:
    chosen = (
        '{ type = "protocol_chosen", occurred_on = 2025-03-01, data = { protocol = "smal" }, answer = "accepted" },'
    )
    proposed = EXAMPLE.replace("next = [", f"next = [\n  {chosen}")

    assert [key for key, _, _ in found(proposed)] == ["examples[0].next[0].data.protocol"]
    assert found(proposed.replace('"smal" }, answer = "accepted"', '"smal" }, answer = "unknown_protocol"')) == []


@pytest.mark.parametrize(
    ("place", "key"),
    [
        ('2025-01-08, data = { element = "R1" }', "examples[0].facts[2].data.element"),
        ('2025-01-21, data = { element = "R1" }', "examples[0].next[0].data.element"),
    ],
)
def test_a_misspelt_element_is_told_at_its_line(place: str, key: str) -> None:
    misspelt = EXAMPLE.replace(place, place.replace("R1", "R1b"))

    assert found(misspelt) == [(key, "R1b is not an element of small@1, did you mean R1?", "R1")]


def test_the_element_that_was_omitted_is_looked_at_as_well() -> None:
    omitted = (
        '{ type = "block_ended", occurred_on = 2025-02-01, data = { element = "R1b", end = "ceased", reason = "x" } },'
    )

    assert [key for key, _, _ in found(EXAMPLE.replace("]\nstate", f"  {omitted}\n]\nstate"))] == [
        "examples[0].facts[3].data.element"
    ]


def test_a_numbered_element_without_its_number_is_told_with_one() -> None:
    without = EXAMPLE.replace('"R1"', '"CYCLE_1"').replace('"CYCLE_1"', '"CYCLE"', 1)

    assert found(without, CYCLES) == [
        ("examples[0].facts[2].data.element", "CYCLE is not an element of small@1, did you mean CYCLE_1?", "CYCLE")
    ]


def test_an_element_that_nobody_takes_for_one_of_these_may_be_shown_and_so_may_one_that_is_warned_of() -> None:
    other = EXAMPLE.replace('2025-01-08, data = { element = "R1" }', '2025-01-08, data = { element = "PREPHASE" }')
    warned = EXAMPLE.replace(
        '2025-01-22, data = { element = "R1" }, answer = "accepted"',
        '2025-01-22, data = { element = "R1b" }, answer = "accepted", warnings = ["element_not_listed"]',
    )

    assert found(other) == []
    assert found(warned) == []


def test_before_the_protocol_is_chosen_and_after_a_relapse_no_element_is_one_of_its_own() -> None:
    relapse = '  { type = "relapse_diagnosed", occurred_on = 2025-01-07, data = { relapse_site = "isolated_bm" } },\n'
    after = EXAMPLE.replace('"R1"', '"R1b"').replace(
        '  { type = "block_started"', f'{relapse}  {{ type = "block_started"', 1
    )

    assert found(after) == []
