"""A condition that leaves something out is shown from its other side, or nobody would notice that it is gone."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.unit.protocols.texts import broken, examples_in
from workflow.protocols.checks.coverage import coverage_flaws, example_flaws
from workflow.protocols.checks.coverage_of_conditions import conditions_shown
from workflow.protocols.checks.told import told
from workflow.protocols.files.examples import Example
from workflow.protocols.files.parse import parse_protocol
from workflow.protocols.files.problems import key_text
from workflow.protocols.library import examples_of, load_folder, shipped_folders
from workflow.protocols.model import Protocol, WindowRule
from workflow.rules.examples import failures

R2 = '[[elements]]\ncode = "R2"\nlabel = "R2"\nsource = "000, page 1"\n\n[[windows]]\nrule = "W-2"'
TWO = broken('[[windows]]\nrule = "W-2"', R2)
AFTER_R1 = TWO.replace('anchor = "block_started"', 'anchor = "block_started"\nanchor_elements = ["R1"]', 1)
DECIDED = TWO.replace(
    'anchor = "block_completed"\nanchor_block = 2', 'anchor = "consolidation_decided"\nanchor_decisions = ["hsct"]'
)
LOCAL = TWO.replace(
    'anchor = "block_completed"\nanchor_block = 2', 'anchor = "block_completed"\nlocal_therapy_indicated = true'
)
GROUPS = LOCAL.replace("local_therapy_indicated = true", 'risk = { scheme = "BFM", groups = ["HR"] }')
STORY = """
[[examples]]
name = "One"
why = "A test"
as_of = 2025-03-01
state = "reinduction.block"
facts = [
  { type = "relapse_diagnosed", occurred_on = 2025-01-06, data = { relapse_site = "isolated_bm" } },
  { type = "protocol_chosen", occurred_on = 2025-01-06, data = { protocol = "small" } },
  { type = "block_started", occurred_on = 2025-01-08, data = { element = "R1" } },
  { type = "block_completed", occurred_on = 2025-01-13, data = { given = "as_planned" } },
  { type = "block_started", occurred_on = 2025-01-29, data = { element = "R2" } },
  { type = "block_ended", occurred_on = 2025-02-01, data = { element = "R2", end = "ceased", reason = "toxicity" } },
  { type = "consolidation_decided", occurred_on = 2025-02-20, data = { decision = "chemotherapy" } },
]
"""


def unshown(protocol: str, says: str) -> list[tuple[str, str]]:
    """Return the conditions that an example does not show from their other side."""
    parsed = parse_protocol(protocol, "protocol.toml")
    examples = examples_in(STORY + says)
    flaws = list(conditions_shown(parsed, examples, [told(example, parsed) for example in examples]))
    assert [flaw for flaw in coverage_flaws(parsed, examples) if flaw in flaws] == flaws
    return [(key_text(flaw.at), flaw.message) for flaw in flaws]


@pytest.mark.parametrize(
    ("protocol", "key", "message"),
    [
        (
            AFTER_R1,
            "windows[0].anchor_elements",
            "no example shows a patient with another element (R2), for whom TR-001",
        ),
        (DECIDED, "windows[1].anchor_decisions", "with another decision (chemotherapy, bridging_then_hsct"),
        (LOCAL, "windows[1].local_therapy_indicated", "no example shows a patient without local therapy indicated"),
        (GROUPS, "windows[1].risk", "no example shows a patient outside HR, for whom W-2 opens no window"),
    ],
)
def test_what_no_example_leaves_out_is_told(protocol: str, key: str, message: str) -> None:
    ((at, said),) = unshown(protocol, "")

    assert at == key
    assert message in said


@pytest.mark.parametrize(
    ("protocol", "says"),
    [
        (AFTER_R1, 'no_windows = [{ rule = "TR-001", anchor_on = 2025-01-29 }]'),
        (AFTER_R1, 'absent = ["TR-001"]'),
        (DECIDED, 'absent = ["W-2"]'),
        (LOCAL, 'no_windows = [{ rule = "W-2", anchor_on = 2025-02-01 }]'),
        (GROUPS, 'no_windows = [{ rule = "W-2", anchor_on = 2025-01-13 }]'),
    ],
)
def test_a_window_that_is_not_opened_shows_it(protocol: str, says: str) -> None:
    assert unshown(protocol, says) == []


@pytest.mark.parametrize(
    "says",
    [
        'no_windows = [{ rule = "TR-001", anchor_on = 2025-01-08 }]',
        'no_windows = [{ rule = "TR-001", anchor_on = 2025-02-01 }]',
        'no_windows = [{ rule = "W-2", anchor_on = 2025-01-29 }]',
    ],
    ids=["after the element that is named", "from its end", "of another rule"],
)
def test_no_window_from_another_day_shows_nothing(says: str) -> None:
    assert [key for key, _ in unshown(AFTER_R1, says)] == ["windows[0].anchor_elements"]


@pytest.mark.parametrize(
    "protocol",
    [
        AFTER_R1.replace('["R1"]\nexpects', '["R1", "R2"]\nexpects'),
        AFTER_R1.replace('label = "R2"', 'label = "R2"\ncontinuous_infusion = true'),
        TWO,
    ],
    ids=["every element named", "an infusion opens no block interval", "no condition"],
)
def test_a_condition_that_leaves_nothing_out_has_no_other_side(protocol: str) -> None:
    assert unshown(protocol, "") == []


@pytest.mark.parametrize(
    ("says", "key"),
    [
        ('no_windows = [{ rule = "TR-002", anchor_on = 2025-01-29 }]', "examples[0].no_windows[0].rule"),
        ('no_windows = [{ rule = "TR-001", anchor_on = 2025-01-30 }]', "examples[0].no_windows[0].anchor_on"),
        ('no_windows = [{ rule = "TR-001", anchor_on = 2025-02-01 }]', "examples[0].no_windows[0].anchor_on"),
    ],
    ids=["unknown rule", "a day without facts", "a day without such a fact"],
)
def test_a_window_that_nothing_could_open_is_a_flaw_of_the_examples(says: str, key: str) -> None:
    (flaw,) = example_flaws(parse_protocol(AFTER_R1, "protocol.toml"), examples_in(STORY + says))

    assert key_text(flaw.at) == key
    assert key.endswith("rule") or flaw.allowed == "the day of such a fact: 2025-01-08, 2025-01-29"


def test_a_window_counted_from_a_day_that_should_have_none_makes_the_example_fail() -> None:
    (example,) = examples_in(f'{STORY}no_windows = [{{ rule = "TR-001", anchor_on = 2025-01-29 }}]')
    expected = "there is a window 1:TR-001 from 2025-01-29, expected none"

    assert expected in failures(example, parse_protocol(TWO, "protocol.toml"))
    assert expected not in failures(example, parse_protocol(AFTER_R1, "protocol.toml"))


def without_a_condition() -> Iterator[tuple[Protocol, tuple[Example, ...], str]]:
    """Yield every shipped protocol with one condition of one window taken away, and its examples."""
    for folder in shipped_folders():
        protocol, examples = load_folder(folder), examples_of(folder)
        codes = {element.code for element in protocol.elements}
        for place, window in enumerate(protocol.windows):
            wider: dict[str, WindowRule] = {}
            if not codes <= set(window.anchor_elements):
                wider["anchor_elements"] = replace(window, anchor_elements=())
            wider["anchor_decisions"] = replace(window, anchor_decisions=())
            wider["risk"] = replace(window, risk=None)
            wider["local_therapy_indicated"] = replace(window, local_therapy_indicated=False)
            for key, other in wider.items():
                if other != window:
                    windows = (*protocol.windows[:place], other, *protocol.windows[place + 1 :])
                    yield replace(protocol, windows=windows), examples, f"{protocol.ref} {window.rule} {key}"


def test_a_shipped_window_without_its_condition_makes_an_example_fail() -> None:
    unnoticed = [
        name
        for protocol, examples, name in without_a_condition()
        if not any(failures(example, protocol) for example in examples)
    ]

    assert unnoticed == []
