"""A small sound protocol as text, for tests that break one thing in it."""

from workflow.protocols.checks.structure import structure_flaws
from workflow.protocols.files.examples import Example, parse_examples_with_lines
from workflow.protocols.files.parse import parse_protocol
from workflow.protocols.files.problems import Flaw, key_text

SOUND = """
id = "small"
version = "1"
title = "Small"
scope = "Tests"

[citations]
000 = "A source"

[[elements]]
code = "R1"
label = "R1"
source = "000, page 1"

[[windows]]
rule = "TR-001"
label = "Next block"
source = "000, page 2; TR-001"
anchor = "block_started"
expects = [{ facts = ["block_started"] }]
hard_min_days = 14
hard_min_elements = ["R1"]
earliest_days = 14
target_days = 21
latest_days = 21
critical_days = 26
closed_by = [
  "intensive_chemotherapy_completed", "conditioning_started", "maintenance_started", "reinduction_failed",
  "transplanted"]

[[windows]]
rule = "W-2"
label = "Marrow and MRD"
source = "000, page 3"
anchor = "block_completed"
anchor_block = 2
expects = [{ facts = ["mrd_reported"], timepoints = ["WEEK_5"] }]
target_months = 2
latest_months = 3

[[mrd_points]]
timepoint = "WEEK_5"
method = "PCR"
cutoff = 0.001
source = "000, page 4"
"""


def broken(old: str, new: str) -> str:
    """Return the sound protocol with its first `old` replaced, which must be there."""
    assert old in SOUND
    return SOUND.replace(old, new, 1)


def examples_in(text: str) -> tuple[Example, ...]:
    """Return the worked examples of a text; raises ProtocolError."""
    return parse_examples_with_lines(text, "examples.toml")[0]


def flaws_of(text: str) -> list[Flaw]:
    """Return what the static checks find in a well-formed protocol."""
    return structure_flaws(parse_protocol(text, "protocol.toml"))


def flawed_keys(text: str) -> list[str]:
    """Return the keys at which the static checks find something."""
    return [key_text(flaw.at) for flaw in flaws_of(text)]
