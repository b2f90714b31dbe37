"""A window that treatment has left behind would be late for ever: the check says where, and which fact is to end it."""

import pytest

from tests.unit.protocols.texts import SOUND, broken, flaws_of
from workflow.protocols.files.problems import Flaw

CLOSED_BY = SOUND[SOUND.index("closed_by") : SOUND.index("[[windows]]", SOUND.index("closed_by"))]


def ended_by(*facts: str) -> str:
    return broken(CLOSED_BY, f"closed_by = {list(facts)}\n".replace("'", '"'))


def another(anchor: str, awaited: str, closed_by: str = "") -> str:
    return f"""{SOUND}
[[windows]]
rule = "W-3"
label = "Another"
source = "000, page 5"
anchor = "{anchor}"
expects = [{{ facts = ["{awaited}"] }}]
latest_days = 60
{closed_by}
"""


def of_one(text: str) -> Flaw:
    (flaw,) = flaws_of(text)
    return flaw


def ways_away(text: str) -> set[str]:
    """Return how the last window of a text would be left waiting: which fact leads where."""
    messages = [flaw.message for flaw in flaws_of(text) if flaw.at == ("windows", 2, "closed_by")]
    return {message.partition(" for ever: ")[2].removesuffix(", and nothing leads back") for message in messages}


@pytest.mark.parametrize(
    "missing",
    ["intensive_chemotherapy_completed", "conditioning_started", "maintenance_started", "reinduction_failed"],
)
def test_a_block_interval_ends_with_what_ends_it_everywhere(missing: str) -> None:
    told = {flaw.message for flaw in flaws_of(broken(f'"{missing}"', '"hsct_cancelled"'))}

    assert f"TR-001 would run on after {missing}" in told


def test_a_transplant_without_conditioning_on_file_leaves_a_block_interval_waiting() -> None:
    four = ["intensive_chemotherapy_completed", "conditioning_started", "maintenance_started", "reinduction_failed"]
    flaw = of_one(ended_by(*four))

    assert flaw.message == (
        "TR-001 would wait for block_started for ever: transplanted leads to hsct.transplanted, and nothing leads back"
    )
    assert flaw.allowed == "closed_by with transplanted, or with a fact before it"


@pytest.mark.parametrize(
    ("anchor", "awaited", "ways"),
    [
        ("block_started", "block_completed", {"reinduction_failed leads to refractory"}),
        (
            "block_completed",
            "block_started",
            {"transplanted leads to hsct.transplanted", "maintenance_completed leads to follow_up"},
        ),
        (
            "consolidation_decided",
            "conditioning_started",
            {"transplanted leads to hsct.transplanted", "maintenance_started leads to maintenance"},
        ),
        ("donor_search_started", "donor_found", set()),
        ("mrd_sampled", "mrd_reported", set()),
    ],
)
def test_what_leads_away_for_good_is_named_with_its_state(anchor: str, awaited: str, ways: set[str]) -> None:
    assert ways_away(another(anchor, awaited)) == ways


@pytest.mark.parametrize(
    ("closer", "ways"), [("transplanted", set()), ("conditioning_started", {"transplanted leads to hsct.transplanted"})]
)
def test_a_window_that_ends_before_it_is_left_behind_passes(closer: str, ways: set[str]) -> None:
    text = another("block_completed", "block_started", f'closed_by = ["{closer}", "maintenance_started"]')

    assert ways_away(text) == ways


def test_of_two_things_awaited_each_must_stay_possible() -> None:
    both = another("consolidation_decided", "mrd_reported").replace(
        '{ facts = ["mrd_reported"] }', '{ facts = ["mrd_reported"] }, { facts = ["hsct_cancelled"] }'
    )

    assert "transplanted leads to hsct.transplanted" in ways_away(both)
    assert {flaw.message.partition(" for ever")[0] for flaw in flaws_of(both)} == {"W-3 would wait for hsct_cancelled"}


def test_two_rules_that_wait_for_the_same_after_the_same_are_one() -> None:
    second = SOUND[SOUND.index("[[windows]]") : SOUND.index('rule = "W-2"') - len("[[windows]]\n")]
    double = second.replace("TR-001", "LOCAL-2", 1).replace("latest_days = 21", "latest_days = 24")
    flaw = of_one(SOUND + double)

    assert flaw.at == ("windows", 2, "rule")
    assert flaw.message.startswith("LOCAL-2 opens after the same and waits for the same as TR-001")
    assert flaws_of(SOUND + double.replace('anchor = "block_started"', 'anchor = "block_completed"')) == []
