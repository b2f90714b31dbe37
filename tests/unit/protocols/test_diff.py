"""What two versions state differently is told key by key, with both values, in the order of the file."""

import pytest

from tests.unit.protocols.texts import SOUND
from workflow.protocols.diff import differences
from workflow.protocols.files.parse import parse_protocol
from workflow.protocols.library import shipped
from workflow.protocols.model import Protocol

CAP = """
[[caps]]
rule = "TR-045"
elements = ["R1"]
most = 5
scope = "life"
source = "000, page 5"
"""


def protocol(old: str = "", new: str = "", *, more: str = "") -> Protocol:
    assert old in SOUND
    return parse_protocol((SOUND.replace(old, new, 1) if old else SOUND) + more, "protocol.toml")


def told(old: Protocol, new: Protocol) -> list[str]:
    return [str(difference) for difference in differences(old, new)]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ('title = "Small"', 'title = "Smaller"', "changed  title: Small → Smaller"),
        ("critical_days = 26\n", "critical_days = 28\n", "changed  windows TR-001, critical_days: 26 → 28"),
        ("critical_days = 26\n", "", "changed  windows TR-001, critical_days: 26 → not stated"),
        (
            '"transplanted"]',
            '"transplanted"]\npauses_with_interruption = true',
            "changed  windows TR-001, pauses_with_interruption: not stated → yes",
        ),
        (
            'timepoints = ["WEEK_5"] }]',
            'timepoints = ["WEEK_12"] }]',
            "changed  windows W-2, expects: mrd_reported (WEEK_5) → mrd_reported (WEEK_12)",
        ),
        (
            "critical_days = 26\n",
            'critical_days = 26\nrisk = { scheme = "ALL_REZ_BFM_95", groups = ["S3", "S4"] }\n',
            "changed  windows TR-001, risk: not stated → S3 or S4 of ALL_REZ_BFM_95",
        ),
        ("cutoff = 0.001", "cutoff = 0.0001", "changed  mrd_points WEEK_5, PCR, cutoff: 0.001 → 0.0001"),
        ('000 = "A source"', '000 = "The source"', "changed  citations 000: A source → The source"),
    ],
)
def test_a_changed_key_is_told_with_both_values(old: str, new: str, line: str) -> None:
    assert told(protocol(), protocol(old, new)) == [line]


def test_an_entry_that_is_added_or_gone_is_told_in_full() -> None:
    stated = "elements = R1; most = 5; scope = life; source = 000, page 5"

    assert told(protocol(), protocol(more=CAP)) == [f"added    caps TR-045: {stated}"]
    assert told(protocol(more=CAP), protocol()) == [f"gone     caps TR-045: {stated}"]


def dose(drug: str, amount: int) -> str:
    stated = f'drug = "{drug}"\namount = {amount}\nunit = "mg/m2"\nsource = "000, page 6"\n'
    return f'\n[[doses]]\nelement = "R1"\n{stated}'


def test_two_doses_of_one_drug_are_compared_in_their_order() -> None:
    first, second = dose("a drug", 5), dose("a drug", 7)

    assert told(protocol(more=first + second), protocol(more=first + dose("a drug", 8))) == [
        "changed  doses R1, a drug (2), amount: 7 → 8"
    ]
    assert told(protocol(more=first), protocol(more=first + second)) == [
        "added    doses R1, a drug (2): amount = 7; unit = mg/m2; source = 000, page 6"
    ]


@pytest.mark.parametrize("other", ["a drug (slow)", "a drug (2)"])
def test_what_is_named_like_another_entry_with_something_behind_is_no_second_one_of_it(other: str) -> None:
    more = dose(other, 3) + dose("a drug", 5)

    assert told(protocol(more=more), protocol(more=more.replace("= 5", "= 6"))) == [
        "changed  doses R1, a drug, amount: 5 → 6"
    ]
    assert told(protocol(more=more), protocol(more=dose("a drug", 5))) == [
        f"gone     doses R1, {other}: amount = 3; unit = mg/m2; source = 000, page 6"
    ]


def test_differences_stand_in_the_order_of_a_file() -> None:
    new = protocol("critical_days = 26", "critical_days = 27", more=CAP)
    old = protocol('title = "Small"', 'title = "Tiny"')

    assert [difference.at for difference in differences(old, new)] == ["title", "windows TR-001", "caps TR-045"]


def test_order_comments_and_version_make_no_difference() -> None:
    other = protocol('version = "1"', 'version = "2"  # nothing else', more="# the end\n")

    assert other.sha256 != protocol().sha256
    assert differences(protocol(), other) == ()


@pytest.mark.parametrize("version", shipped().versions, ids=lambda version: version.ref)
def test_a_protocol_differs_in_nothing_from_itself(version: Protocol) -> None:
    assert differences(version, version) == ()
