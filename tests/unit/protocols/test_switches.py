"""What a protocol states about classification becomes its switches; what it leaves out stays as in most sources."""

import pytest

from tests.unit.protocols.texts import SOUND, flawed_keys, flaws_of
from workflow.domain.switches import AS_MOST_SOURCES, Recovery, Switches
from workflow.protocols.files.parse import parse_protocol
from workflow.protocols.files.problems import ProtocolError, ProtocolProblem
from workflow.protocols.library import shipped
from workflow.protocols.model import Protocol

STATED = """
[classification]
source = "000, page 5"
second_csf_sample = true
testis_by_enlargement = true
short_frontline = "late"
table_6_late_from_months = 24

[classification.recovery]
source = "000, page 6"
wbc_above = 2.0
platelets_above = 50
"""


def parsed(addition: str) -> Protocol:
    return parse_protocol(SOUND + addition, "protocol.toml")


def problem_of(addition: str) -> ProtocolProblem:
    with pytest.raises(ProtocolError) as refused:
        parsed(addition)
    (problem,) = refused.value.problems
    return problem


def test_a_protocol_that_says_nothing_reads_as_most_sources_do() -> None:
    protocol = parsed("")

    assert protocol.switches == AS_MOST_SOURCES
    assert protocol.switches_source is None


def test_every_switch_is_taken_as_written() -> None:
    protocol = parsed(STATED)

    assert protocol.switches == Switches(
        second_csf_sample=True,
        testis_by_enlargement=True,
        short_frontline="late",
        table_6_late_from_months=24,
        recovery=Recovery(source="000, page 6", wbc_above=2.0, platelets_above=50.0),
    )
    assert protocol.switches_source == "000, page 5"
    assert flaws_of(SOUND + STATED) == []


def test_what_a_protocol_leaves_out_of_its_table_reads_as_in_most_sources() -> None:
    protocol = parsed('[classification]\nsource = "000, page 5"\nsecond_csf_sample = true\n')

    assert protocol.switches == Switches(second_csf_sample=True)


def test_an_inclusive_limit_is_kept_apart_from_a_strict_one() -> None:
    inclusive = STATED.replace("wbc_above = 2.0", "anc_at_least = 750").replace(
        "platelets_above = 50", "platelets_at_least = 75"
    )

    assert parsed(inclusive).switches.recovery == Recovery(
        source="000, page 6", anc_at_least=750.0, platelets_at_least=75.0
    )


def test_one_shipped_protocol_has_counts_of_its_own_and_all_else_reads_as_most_sources_do() -> None:
    """AALL01P2 [28] is one of the studies of a printed range: 750 to 1000 neutrophils, 75 to 100 platelets."""
    of_cog = Recovery(source="002, Table 2 note 4 [19,28,29]", anc_at_least=1000.0, platelets_at_least=100.0)

    read = {protocol.ref: protocol.switches for protocol in shipped().versions}
    assert read.pop("cog-aall01p2@1") == Switches(recovery=of_cog)
    assert set(read.values()) == {AS_MOST_SOURCES}


@pytest.mark.parametrize(
    ("old", "new", "key", "words", "allowed"),
    [
        ('source = "000, page 5"\n', "", "classification.source", "is required", "the key of a citation"),
        ('"late"', '"early"', "classification.short_frontline", "not a class that a short frontline", "late"),
        ("= 24", "= 0", "classification.table_6_late_from_months", "0 cannot stand", "after diagnosis, 1 to 120"),
        ("= true", '= "yes"', "classification.second_csf_sample", '"yes" cannot stand here', "true or false"),
        ("second_csf", "secnd_csf", "classification.secnd_csf_sample", "did you mean second_csf_sample?", "recovery"),
        ("wbc_above = 2.0", "wbc_above = 0", "classification.recovery.wbc_above", "0 cannot stand", "10⁹/l"),
        ("wbc_above = 2.0", "wbc_above = nan", "classification.recovery.wbc_above", "cannot stand", "10⁹/l"),
        ("wbc_above", "wbc_over", "classification.recovery.wbc_over", "did you mean wbc_above?", "anc_at_least"),
        ("= 2.0", '= "2"', "classification.recovery.wbc_above", '"2" cannot stand here', "a number above 0"),
    ],
)
def test_a_wrong_switch_is_named_with_its_line_its_key_and_what_may_stand_there(
    old: str, new: str, key: str, words: str, allowed: str
) -> None:
    assert old in STATED
    wrong = STATED.replace(old, new, 1)

    problem = problem_of(wrong)

    name = key.rpartition(".")[2] if new else "[classification]"
    assert problem.key == key
    assert words in problem.message
    assert allowed in problem.allowed
    assert name in (SOUND + wrong).splitlines()[problem.line - 1]


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('"000, page 5"', '"009, page 5"', "classification.source"),
        ('"000, page 5"', '"000"', "classification.source"),
        ('"000, page 6"', '"page 6"', "classification.recovery.source"),
        ("platelets_above = 50\n", "", "classification.recovery"),
        ("platelets_above = 50", "platelets_above = 50\nplatelets_at_least = 75", "classification.recovery"),
        ("wbc_above = 2.0\n", "", "classification.recovery"),
    ],
)
def test_a_reading_without_a_source_or_a_recovery_without_its_counts_is_no_protocol(
    old: str, new: str, key: str
) -> None:
    assert old in STATED
    assert flawed_keys(SOUND + STATED.replace(old, new, 1)) == [key]
