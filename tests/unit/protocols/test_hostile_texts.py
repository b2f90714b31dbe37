"""What no protocol says is refused at its line: hidden characters, numbers and dates beyond measure, endless keys."""

import pytest

from tests.unit.protocols.texts import SOUND, broken, examples_in
from workflow.protocols.files.parse import parse_protocol
from workflow.protocols.files.problems import ProtocolError, ProtocolProblem

DOSE = """
[[doses]]
element = "R1"
drug = "a drug"
amount = {amount}
unit = "mg/m2"
source = "000, page 4"
"""
EXAMPLE = """
[[examples]]
name = "One"
why = "A test"
as_of = 2025-02-20
state = "reinduction.recovery"
facts = [
  { type = "relapse_diagnosed", occurred_on = 2025-01-06, data = { relapse_site = "isolated_bm" } },
]
"""


def problems_in(text: str) -> tuple[ProtocolProblem, ...]:
    with pytest.raises(ProtocolError) as refused:
        parse_protocol(text, "protocol.toml")
    return refused.value.problems


@pytest.mark.parametrize(
    ("hidden", "shown"),
    [
        ("\\u0000", "\\u0000"),
        ("\\u001b[2J", "\\u001b[2J"),
        ("\\t", "\\t"),
        ("\\n", "\\n"),
        ("\\u0085", "\\u0085"),
        ("\u202e", "\\u202e"),
        ("\u2066", "\\u2066"),
        ("\u200f", "\\u200f"),
        ("\u2028", "\\u2028"),
    ],
)
def test_a_character_that_nobody_sees_is_refused_and_shown_as_its_code(hidden: str, shown: str) -> None:
    (problem,) = problems_in(broken('title = "Small"', f'title = "Sm{hidden}all"'))

    assert (problem.line, problem.key) == (4, "title")
    assert str(problem) == (
        f'protocol.toml:4: title: "Sm{shown}all" cannot stand here; allowed: one line of text, not empty, without '
        "characters that nobody sees"
    )
    assert str(problem).isprintable()


@pytest.mark.parametrize("blank", ["", " ", "\u200b", "\u00a0\u2060", "\u3164", "\ufeff", "\\n"])
def test_a_text_without_anything_to_see_is_refused(blank: str) -> None:
    (problem,) = problems_in(broken('scope = "Tests"', f'scope = "{blank}"'))

    assert problem.key == "scope"


@pytest.mark.parametrize("text", ["Grüße, 10⁹/l ≤ 5 µg", "two\\nlines", "a\u200bb", "x", "診断"])
def test_a_text_that_can_be_read_is_taken_as_it_is(text: str) -> None:
    assert parse_protocol(broken('scope = "Tests"', f'scope = "{text}"'), "protocol.toml").scope == text.replace(
        "\\n", "\n"
    )


def test_a_key_that_nobody_sees_is_shown_as_its_code() -> None:
    (problem,) = problems_in(broken('000 = "A source"', '000 = "A source"\n"\\u202e" = "another"'))

    assert (problem.line, problem.key) == (9, "citations.\\u202e")


@pytest.mark.parametrize(
    ("number", "key"),
    [
        ("9" * 5000, "silent_after_days"),
        ("1e99999999999999999999", "silent_after_days"),
        ("1e400", "silent_after_days"),
        ("-1e-400", "silent_after_days"),
        ("0." + "1" * 60, "silent_after_days"),
        ("0x" + "f" * 5000, "silent_after_days"),
        ("9" * 400, "silent_after_days"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_a_number_beyond_all_measure_is_named_with_its_line_and_key(number: str, key: str) -> None:
    (problem,) = problems_in(broken('version = "1"', f'version = "1"\nsilent_after_days = {number}'))

    assert (problem.line, problem.key) == (4, key)
    assert len(str(problem)) < 250


@pytest.mark.parametrize("amount", ["1e6", "1e99", "0.0000001", "1e-99", "inf", "nan", "0", "1000000"])
def test_a_dose_is_an_amount_that_somebody_can_give(amount: str) -> None:
    (problem,) = problems_in(SOUND + DOSE.format(amount=amount))

    assert problem.key == "doses[0].amount"
    assert problem.allowed.startswith("a number above 0 and under 1000000")


@pytest.mark.parametrize("amount", ["999999.999999", "5", "0.8", "1e3"])
def test_a_dose_that_somebody_can_give_is_taken(amount: str) -> None:
    assert parse_protocol(SOUND + DOSE.format(amount=amount), "protocol.toml").doses


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "2200-01-01", "9999-12-31"])
def test_a_date_near_the_ends_of_the_calendar_is_refused(day: str) -> None:
    (problem,) = problems_in(broken('version = "1"', f'version = "1"\nin_force_from = {day}'))
    with pytest.raises(ProtocolError) as refused:
        examples_in(EXAMPLE.replace("2025-02-20", day).replace("2025-01-06", day))

    assert (problem.line, problem.key) == (4, "in_force_from")
    keys = [problem.key for problem in refused.value.problems]
    assert keys == ["examples[0].as_of", "examples[0].facts[0].occurred_on"]


@pytest.mark.parametrize(("parts", "said"), [(20_000, "a key of 1000 parts and more"), (900, "is not a key here")])
def test_a_key_of_endless_parts_is_not_read(parts: int, said: str) -> None:
    (problem,) = problems_in(SOUND + ".".join("a" * parts) + " = 1\n")
    (of_quoted,) = problems_in(SOUND + ".".join(['"a b"'] * parts) + " = 1\n")

    assert of_quoted.message == said
    assert (problem.line, problem.message) == (SOUND.count("\n") + 1, said)
    assert len(problem.key) < 100


def test_a_text_with_many_dots_is_no_key() -> None:
    dots = f"{'.' * 500} {'e. g. ' * 50}"

    assert parse_protocol(broken('scope = "Tests"', f'scope = "{dots}"'), "protocol.toml").scope == dots


@pytest.mark.parametrize("nested", ["[" * 450 + "]" * 450, "[" * 20_000 + "]" * 20_000])
def test_what_is_nested_beyond_all_reason_is_refused(nested: str) -> None:
    assert problems_in(f"{SOUND}\nx = {nested}\n")
