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
            'closed_by = ["transplanted"]',
            'closed_by = ["transplanted"]\npauses_with_interruption = true',
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


def test_two_windows_of_one_rule_are_told_apart() -> None:
    again = '\n[[windows]]\nrule = "TR-001"\nlabel = "Second"\nsource = "000, page 2"\nanchor = "hsct_cancelled"\n'
    again += 'expects = [{ facts = ["block_started"] }]\ntarget_days = 5\n'

    assert told(protocol(more=again), protocol(more=again.replace("= 5", "= 6"))) == [
        "changed  windows TR-001 (2), target_days: 5 → 6"
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
