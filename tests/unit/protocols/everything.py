"""A protocol as text that uses every part of the grammar once, for tests of how protocols are shown."""

from workflow.protocols.files.parse import parse_protocol
from workflow.protocols.model import Protocol

EVERYTHING = """
id = "everything"
version = "2"
title = "Everything at once"
scope = "Tests of how protocols are shown"
in_force_from = 2025-01-31
changes = ["a cap was added"]
not_stated = ["how long it takes"]

[citations]
000 = "A source"

[[elements]]
code = "R1"
label = "R1"
source = "000, page 1"

[[elements]]
code = "CYCLE"
label = "Cycle of infusion"
source = "000, page 2"
numbered = true
continuous_infusion = true

[[sequence]]
after = "START"
then = ["R1", "CYCLE_1"]
source = "000, page 3"

[[sequence]]
after = "R1"
then = ["CYCLE"]
source = "000, page 4"
risk = { scheme = "ALL_REZ_BFM_95", groups = ["S3", "S4"] }

[[caps]]
rule = "TR-043"
elements = ["CYCLE"]
most = 5
scope = "life"
source = "000, page 5"

[individual_decision]
rule = "TR-006"
risk = { scheme = "ALL_REZ_BFM_95", groups = ["S4"] }
source = "000, page 6"

[[eligibility]]
asks = "BCP, or the second relapse"
source = "000, page 7"
phenotype = "BCP"
relapse_number_from = 2

[[eligibility]]
asks = "CD19 on the blasts"
source = "000, page 8"

[[doses]]
element = "CYCLE"
drug = "a drug"
amount = 0.80
unit = "mg/m2"
days = [1, 8, 15]
for = "under 45 kg"
source = "000, page 9"

[[mrd_points]]
timepoint = "END_BLOCK_1"
cutoff = 0.0001
printed = "0.01 %"
source = "000, page 10"

[[stated]]
rule = "TR-057"
text = "Infused over 24 hours or over 36: the outcome did not differ."
source = "000, page 11"

[[windows]]
rule = "TR-041"
label = "Free interval"
source = "000, page 12"
anchor = "block_completed"
anchor_elements = ["CYCLE"]
expects = [{ facts = ["block_started"], elements = ["CYCLE"] }]
hard_min_days = 14
hard_min_elements = ["CYCLE"]
earliest_days = 14
risk = { scheme = "ALL_REZ_BFM_95", groups = ["S4"] }
pauses_with_interruption = true

[[windows]]
rule = "TR-023"
label = "Local therapy"
source = "000, page 13"
anchor = "consolidation_decided"
anchor_decisions = ["chemotherapy"]
expects = [{ facts = ["local_therapy_given"] }]
local_therapy_indicated = true
note = "No day is stated."
"""


def everything() -> Protocol:
    """Return the protocol that uses every part of the grammar."""
    return parse_protocol(EVERYTHING, "protocol.toml")
