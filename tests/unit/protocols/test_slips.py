"""What is no TOML is answered with what to write instead, not only with the name of the format."""

import pytest

from tests.unit.protocols.texts import broken
from workflow.protocols.files.parse import parse_protocol
from workflow.protocols.files.problems import ProtocolError, ProtocolProblem

TITLE = 'title = "Small"'
CUT_OFF = "cutoff = 0.001"
EXPECTS = 'expects = [{ facts = ["block_started"] }]'


def only_problem(text: str) -> ProtocolProblem:
    with pytest.raises(ProtocolError) as refused:
        parse_protocol(text, "protocol.toml")
    (problem,) = refused.value.problems
    return problem


@pytest.mark.parametrize(
    ("old", "new", "allowed"),
    [
        (CUT_OFF, "cutoff = 0,001", "a number with a point: 0.001"),
        (CUT_OFF, "point = { cutoff = 0,001, more = 1 }", "a number with a point: 0.001"),
        (CUT_OFF, "cutoff = .001", "a digit before the point: 0.001"),
        (CUT_OFF, "cutoff = 0.1 %", "a number without its unit"),
        (TITLE, "in_force_from = 3.1.2025", "a date as year-month-day: 2025-01-03"),
        (TITLE, "in_force_from = 03.01.2025", "a date as year-month-day: 2025-01-03"),
        (TITLE, "in_force_from = 31.02.2025", "a date as year-month-day without quotes, as in 2025-01-31"),
        (TITLE, "in_force_from = 2025-1-3", "a date as year-month-day: 2025-01-03"),
        (TITLE, "in_force_from = 2025/01/03", "a date as year-month-day: 2025-01-03"),
        (TITLE, "in_force_from = 01/03/2025", "a date as year-month-day without quotes, as in 2025-01-31"),
        (TITLE, "in_force_from = 2025-02-30", "a date that exists; check day and month"),
        (TITLE, "title = \u201cSmall\u201d", 'straight quotes around a text: "…"'),
        (TITLE, "title = \u201eSmall\u201c", 'straight quotes around a text: "…"'),
        (TITLE, "title = Small thing", 'a text in quotes: "Small thing"'),
        (TITLE, 'title: "Small"', "= between key and value"),
        (TITLE, 'title "Small"', "key = value"),
        (TITLE, "title =", "a value after the ="),
        (TITLE, 'title = "Small', "a text that ends in a straight quote on its own line"),
        (TITLE, 'title = "a\\p"', "\\\\ for each \\ of a text"),
        (TITLE, f"{TITLE}\n{TITLE}", "each key once in its table"),
        (TITLE, "numbered = True", "true, in small letters"),
        (EXPECTS, 'expects = [{ facts = ["block_started" "died"] }]', "a comma before this entry"),
        (EXPECTS, 'expects = [\n  { facts = ["died"] }\n  { facts = ["died"] },\n]', "a comma before this entry"),
        (EXPECTS, 'expects = [{ facts = ["died"]\nhard = 1', "a table in braces whose keys stand apart by commas"),
        (EXPECTS, 'expects = [{ facts = ["died"] }\nhard = 1', "] at the end of the list before this line"),
        (EXPECTS, 'risk = { scheme = "BFM" groups = ["HR"] }', "a comma before groups"),
        (EXPECTS, 'risk = { scheme = "BFM", }', "a table in braces that is on one line and has no comma before its }"),
        ("[[mrd_points]]", "[windows]", "as in [[windows]]"),
    ],
)
def test_a_slip_is_answered_with_what_to_write(old: str, new: str, allowed: str) -> None:
    problem = only_problem(broken(old, new))

    assert problem.message.startswith("is not TOML: ")
    assert allowed in problem.allowed


def test_what_stands_within_a_text_is_no_slip() -> None:
    written = 'title = "As \u201cprinted\u201d: 0,001 on 3.1.2025'
    assert only_problem(broken(TITLE, written)).allowed.startswith("a text that ends in a straight quote")
    assert parse_protocol(broken(TITLE, f'{written}"'), "protocol.toml").title.startswith("As \u201cprinted\u201d")


def test_what_nobody_has_foreseen_names_the_format() -> None:
    assert only_problem(broken(TITLE, "title = >35")).allowed == "a text in TOML 1.0"


@pytest.mark.parametrize(
    ("line", "under", "header"),
    [
        ("silent_after_days = 10", '000 = "A source"', "[citations]"),
        ("in_force_from = 2026-01-01", '000 = "A source"', "[citations]"),
        ('changes = ["All"]', '000 = "A source"', "[citations]"),
        ("in_force_from = 2026-01-01", 'label = "R1"', "[[elements]]"),
        ('not_stated = ["much"]', "cutoff = 0.001", "[[mrd_points]]"),
    ],
)
def test_a_key_of_the_whole_file_below_a_table_is_told_where_it_belongs(line: str, under: str, header: str) -> None:
    text = broken(under, f"{under}\n{line}")
    name = line.partition(" ")[0]

    problem = only_problem(text)

    assert problem.key.endswith(f".{name}")
    assert text.splitlines()[problem.line - 1] == line
    assert problem.message == f"stands under {header}; move it above the first [table]"
    assert problem.allowed.startswith(f"{name} above the first [table]: ")


@pytest.mark.parametrize("header", ['[citations]\n000 = "A source"\n', '[[elements]]\ncode = "R1"\nlabel = "R1"\n'])
def test_a_key_that_is_missing_where_it_belongs_is_told_where_it_stands(header: str) -> None:
    text = broken(f"{TITLE}\n", "").replace(header, f"{header}{TITLE}\n")

    problem = only_problem(text)

    assert problem.message.startswith("stands under [")
    assert text.splitlines()[problem.line - 1] == TITLE


def test_a_list_or_a_table_with_nothing_in_it_is_told_in_plain_words() -> None:
    assert str(only_problem(broken('000 = "A source"\n', ""))) == (
        'protocol.toml:7: citations: is empty; allowed: a table of one citation or more, as in 000 = "title"'
    )
    assert only_problem(broken('"PCR"', '["PCR"]')).message == "a list cannot stand here"
    assert only_problem(broken('"PCR"', "{ by = 1 }")).message == "a table cannot stand here"
