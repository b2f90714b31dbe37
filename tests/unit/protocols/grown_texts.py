"""A small sound protocol that uses the whole grammar, as text, for tests that break one thing in it."""

from tests.unit.protocols.texts import flawed_keys, flaws_of
from workflow.protocols.files.problems import key_text

GROWN = """
id = "grown"
version = "1"
title = "Grown"
scope = "Tests"

[citations]
000 = "A source"

[without_window]
F1 = "no interval is stated"

[[elements]]
code = "R1"
label = "R1"
source = "000, page 1"

[[elements]]
code = "F1"
label = "F1"
source = "000, page 1"

[[elements]]
code = "CYCLE"
label = "Cycle"
source = "000, page 1"
numbered = true
continuous_infusion = true

[[sequence]]
after = "START"
then = ["R1"]
source = "000, page 2"

[[sequence]]
after = "START"
then = ["F1"]
source = "000, page 2"
risk = { scheme = "ALL_REZ_BFM_95", groups = ["S3", "S4"] }

[[sequence]]
after = "R1"
then = ["CYCLE", "R1"]
source = "000, page 2"

[[sequence]]
after = "F1"
then = ["R1"]
source = "000, page 2"

[[sequence]]
after = "CYCLE"
then = ["CYCLE"]
source = "000, page 2"

[[windows]]
rule = "W-1"
label = "Next block"
source = "000, page 3"
anchor = "block_started"
anchor_elements = ["R1"]
expects = [{ facts = ["block_started"] }]
hard_min_days = 14
hard_min_elements = ["R1"]
latest_days = 21
closed_by = ["conditioning_started", "transplanted", "maintenance_started"]

[[windows]]
rule = "W-2"
label = "Infusion"
source = "000, page 3"
anchor = "block_started"
anchor_elements = ["CYCLE"]
expects = [{ facts = ["block_completed"] }]
pauses_with_interruption = true
earliest_days = 28
latest_days = 28
closed_by = ["block_started", "reinduction_failed"]

[[windows]]
rule = "W-3"
label = "Free interval"
source = "000, page 3"
anchor = "block_completed"
anchor_elements = ["CYCLE"]
expects = [{ facts = ["block_started"], elements = ["CYCLE"] }]
hard_min_days = 14
hard_min_elements = ["CYCLE"]
closed_by = ["conditioning_started", "transplanted", "maintenance_started"]

[[windows]]
rule = "W-4"
label = "Cycle"
source = "000, page 3"
anchor = "block_started"
anchor_elements = ["CYCLE_1"]
expects = [{ facts = ["block_started"], elements = ["CYCLE"] }]
latest_days = 50
closed_by = ["conditioning_started", "transplanted", "maintenance_started"]

[[windows]]
rule = "W-5"
label = "Result before the transplant"
source = "000, page 3"
anchor = "consolidation_decided"
anchor_decisions = ["hsct"]
risk = { scheme = "BFM", groups = ["HR"] }
expects = [{ facts = ["mrd_reported"], timepoints = ["PRE_HSCT"] }]
target_days = 7
closed_by = ["transplanted"]

[[caps]]
rule = "C-1"
elements = ["CYCLE"]
most = 3
scope = "course"
source = "000, page 4"

[individual_decision]
rule = "D-1"
risk = { scheme = "ALL_REZ_BFM_95", groups = ["S4"] }
source = "000, page 4"

[[eligibility]]
asks = "Children"
source = "000, page 5"
age_years = [1, 18]

[[doses]]
element = "CYCLE"
drug = "blinatumomab"
amount = 15
unit = "mcg/m2/day"
days = [1, 8]
source = "000, page 6"

[[stated]]
rule = "S-1"
text = "Something that no clock runs for."
source = "000, page 7"

[[mrd_points]]
timepoint = "PRE_HSCT"
method = "PCR"
cutoff = 0.0001
printed = "0.01 %"
source = "000, page 8"
"""


def changed(*replacements: tuple[str, str]) -> str:
    """Return the protocol with the first of each old text replaced, which must be there."""
    text = GROWN
    for old, new in replacements:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def said_by_key(*replacements: tuple[str, str]) -> dict[str, str]:
    """Return what the static checks say once something is changed, all that is said of one key together."""
    said: dict[str, str] = {}
    for flaw in flaws_of(changed(*replacements)):
        key = key_text(flaw.at)
        said[key] = "\n".join(filter(None, (said.get(key), f"{flaw.message}; allowed: {flaw.allowed}")))
    return said


def keys_flawed(*replacements: tuple[str, str]) -> list[str]:
    """Return the keys at which the static checks find something once something is changed."""
    return flawed_keys(changed(*replacements))
