"""A protocol's text becomes a protocol, or everything that is wrong with it at once."""

from decimal import Decimal
from hashlib import sha256

import pytest

from tests.unit.protocols.texts import SOUND, broken
from workflow.domain.facts.types import FACT_TYPES
from workflow.protocols.files.parse import parse_protocol
from workflow.protocols.files.problems import ProtocolError, ProtocolProblem
from workflow.protocols.model import Expectation


def problems_of(text: str) -> tuple[ProtocolProblem, ...]:
    with pytest.raises(ProtocolError) as refused:
        parse_protocol(text, "folder/protocol.toml")
    return refused.value.problems


def line_with(text: str, words: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), start=1) if words in line)


def test_a_sound_text_becomes_a_protocol_that_keeps_it_word_for_word() -> None:
    protocol = parse_protocol(SOUND, "protocol.toml")

    assert protocol.ref == "small@1"
    assert protocol.body == SOUND
    assert protocol.sha256 == sha256(SOUND.encode()).hexdigest()
    assert [element.code for element in protocol.elements] == ["R1"]
    assert [window.rule for window in protocol.windows] == ["TR-001", "W-2"]
    assert protocol.windows[0].hard_min_elements == ("R1",)
    assert protocol.windows[0].closed_by[-1] == "transplanted"
    assert protocol.windows[1].expects == (Expectation(facts=("mrd_reported",), timepoints=("WEEK_5",)),)
    assert protocol.windows[1].latest_months == 3


def test_a_cut_off_keeps_its_digits() -> None:
    assert parse_protocol(SOUND, "protocol.toml").mrd_points[0].cutoff == Decimal("0.001")


def test_what_is_not_written_stays_empty() -> None:
    protocol = parse_protocol(SOUND, "protocol.toml")

    assert protocol.without_window == {}
    assert protocol.not_stated == ()
    assert protocol.silent_after_days == 7
    assert protocol.windows[1].latest_days is None
    assert protocol.windows[1].closed_by == ()


@pytest.mark.parametrize(
    ("old", "new", "key", "words", "allowed"),
    [
        (
            'id = "small"',
            'id = "Small One"',
            "id",
            '"Small One" cannot stand here',
            "small letters, digits and hyphens",
        ),
        ('version = "1"', "version = 1", "version", "1 cannot stand here", "letters, digits"),
        ('title = "Small"', 'title = "  "', "title", "cannot stand here", "text, not empty"),
        ('scope = "Tests"', 'colour = "red"\nscope = "Tests"', "colour", "not a key here", "silent_after_days"),
        ("latest_days", "latest_day", "windows[0].latest_day", "did you mean latest_days?", "latest_months"),
        ("= 26", '= "26"', "windows[0].critical_days", '"26" cannot stand here', "whole number of days"),
        ("= 26", "= true", "windows[0].critical_days", "cannot stand here", "whole number of days"),
        ("= 26", "= -1", "windows[0].critical_days", "-1 cannot stand here", "0 to 3650"),
        ("= 26", "= 26.0", "windows[0].critical_days", "26.0 cannot stand here", "whole number of days"),
        (
            '"block_started"',
            '"block_strated"',
            "windows[0].anchor",
            "did you mean block_started?",
            "maintenance_started",
        ),
        ('"block_started"', '"note_added"', "windows[0].anchor", "not a fact type that a window", "block_completed"),
        ('["block_started"]', '["BLOCK_STARTED"]', "windows[0].expects[0].facts[0]", "mean block_started?", "died"),
        ('["block_started"]', "[]", "windows[0].expects[0].facts", "is empty", "one fact type or more"),
        ('[{ facts = ["block_started"] }]', "[]", "windows[0].expects", "is empty", "one table or more"),
        ('"transplanted"]', '"transplant"]', "windows[0].closed_by[4]", "did you mean transplanted?", "withdrawn"),
        ('["WEEK_5"]', '["WEEK_6"]', "windows[1].expects[0].timepoints[0]", "mean WEEK_5?", "PRE_HSCT"),
        ('method = "PCR"', 'method = "pcr"', "mrd_points[0].method", "did you mean PCR?", "FLOW, PCR, NGS"),
        ('timepoint = "WEEK_5"', 'timepoint = "WEEK_13"', "mrd_points[0].timepoint", "did you mean", "END_INDUCTION"),
        ("= 0.001", "= 10", "mrd_points[0].cutoff", "10 cannot stand here", "fraction of cells between 0 and 1"),
        ("= 0.001", "= nan", "mrd_points[0].cutoff", "cannot stand here", "fraction of cells between 0 and 1"),
        ("anchor_block = 2", "anchor_block = 0", "windows[1].anchor_block", "0 cannot stand here", "1 to 99"),
        ('rule = "W-2"', 'rule = "1:2"', "windows[1].rule", '"1:2" cannot stand here', "letters, digits"),
        ('000 = "A source"', "000 = 1", "citations.000", "1 cannot stand here", "a table of one citation or more"),
        ('[citations]\n000 = "A source"', "citations = {}", "citations", "is empty", "one citation or more"),
    ],
)
def test_a_wrong_word_is_named_with_its_line_its_key_and_what_may_stand_there(
    old: str, new: str, key: str, words: str, allowed: str
) -> None:
    text = broken(old, new)

    (problem,) = problems_of(text)

    assert problem.key == key
    assert words in problem.message
    assert allowed in problem.allowed
    assert problem.line == line_with(text, new.splitlines()[0])
    assert str(problem) == f"folder/protocol.toml:{problem.line}: {key}: {problem.message}; allowed: {problem.allowed}"


@pytest.mark.parametrize(
    ("line", "key", "at"),
    [
        ('scope = "Tests"\n', "scope", None),
        ('source = "000, page 1"\n', "elements[0].source", "[[elements]]"),
        ('source = "000, page 2; TR-001"\n', "windows[0].source", "[[windows]]"),
        ('anchor = "block_started"\n', "windows[0].anchor", "[[windows]]"),
        ('expects = [{ facts = ["block_started"] }]\n', "windows[0].expects", "[[windows]]"),
        ('source = "000, page 4"\n', "mrd_points[0].source", "[[mrd_points]]"),
    ],
)
def test_what_is_missing_is_named_at_the_table_it_belongs_to(line: str, key: str, at: str | None) -> None:
    text = broken(line, "")

    (problem,) = problems_of(text)

    assert (problem.key, problem.message) == (key, "is required")
    assert problem.line == (1 if at is None else line_with(text, at))


def test_all_problems_are_reported_together_by_line() -> None:
    text = broken('title = "Small"', 'titel = "Small"').replace("= 26", '= "26"').replace('"PCR"', '"PRC"')

    problems = problems_of(text)

    assert [problem.key for problem in problems] == [
        "title",
        "titel",
        "windows[0].critical_days",
        "mrd_points[0].method",
    ]
    assert "did you mean title?" in problems[1].message


def test_every_clinical_fact_type_is_allowed_and_no_paper() -> None:
    (problem,) = problems_of(broken('anchor = "block_started"', 'anchor = "nothing"'))
    papers = {"patient_registered", "note_added", "confirmed", "delay_explained", "owner_changed", "contact_recorded"}

    assert set(problem.allowed.split(", ")) == set(FACT_TYPES) - papers


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ('id = "a"\ntitle = \nscope = "b"\n', 2, "title"),
        ('id = "a"\nid = "b"\n', 2, "id"),
        ('id = "a"\n[windows\n', 2, "windows"),
        ('id = "a', 1, "id"),
        ("", 1, "id"),
        ("a = " + "[" * 100_000, 1, "a"),
    ],
)
def test_what_is_not_toml_is_named_with_its_line(text: str, line: int, key: str) -> None:
    first = problems_of(text)[0]

    assert (first.line, first.key) == (line, key)
    assert first.allowed


def test_an_overlong_value_is_not_repeated_in_full() -> None:
    problem = problems_of(broken('id = "small"', f'id = "{"A" * 5000}"'))[0]

    assert len(problem.message) < 200
