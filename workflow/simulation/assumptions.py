"""Every number that a simulated cohort is made with: a simulation's assumptions, none of them a published figure."""

from collections.abc import Mapping
from typing import Literal

from workflow.domain.case import Phenotype, Sex
from workflow.simulation.chance import Bounds

IntervalKind = Literal["on_time", "late", "critical"]
Shares = Mapping[str, float]

# Each is a simulation's assumption, no published figure: shares of cases (0 to 1) and days (least, most; both
# inclusive) were chosen so that a ward looks like a ward, and nothing about any disease, protocol or hospital can be
# read from them. Two are not free: INTERVAL_DAYS follow the windows of the shipped protocols (TR-001), BLOCK_DAYS their
# block length (TR-004); a test holds them to the protocols.

# The person and the first disease.
SITES: Shares = {"berlin": 0.6, "vienna": 0.4}
SEX: Mapping[Sex, float] = {"female": 0.45, "male": 0.55}
PHENOTYPE: Mapping[Phenotype, float] = {"BCP": 0.85, "T": 0.15}
PH_STATUS: Shares = {"negative": 0.9, "positive": 0.04, "unknown": 0.06}
AGE_AT_DIAGNOSIS_DAYS: Bounds = (400, 5500)
FRONTLINE_DAYS: Bounds = (700, 760)
DIAGNOSIS_TO_RELAPSE_DAYS: Bounds = (200, 2200)

# A relapse.
RELAPSE_SITE: Shares = {"isolated_bm": 0.65, "combined_bm": 0.25, "isolated_em": 0.1}
PERIPHERAL_BLASTS = 0.6
PROTOCOL: Shares = {"all-rez-bfm-2002": 0.7, "all-rez-bfm-90": 0.3}
PROTOCOL_AFTER_RELAPSE_DAYS: Bounds = (0, 2)
FIRST_BLOCK_AFTER_RELAPSE_DAYS: Bounds = (3, 7)

# Blocks, as days after their start: the last day of one of 5 to 7 days is 4 to 6 days after the first.
INTERVAL: Mapping[IntervalKind, float] = {"on_time": 0.78, "late": 0.14, "critical": 0.08}
INTERVAL_DAYS: Mapping[IntervalKind, Bounds] = {"on_time": (14, 21), "late": (22, 25), "critical": (26, 36)}
BLOCK_DAYS: Bounds = (4, 6)
GIVEN: Shares = {"as_planned": 0.85, "modified": 0.12, "stopped_early": 0.03}
DAYS_BETWEEN_COUNTS: Bounds = (3, 5)
TOXICITY = 0.2
FAMILY_CONTACT = 0.3
DEFERRED_AFTER_DAYS: Bounds = (18, 20)
REVIEW_AFTER_DAYS: Bounds = (2, 5)

# Response, as days after a block's end, a sample, a result.
ASSESSMENT_AFTER_BLOCK_DAYS: Bounds = (1, 3)
RESULT_AFTER_SAMPLE_DAYS: Bounds = (4, 7)
DECISION_AFTER_RESULT_DAYS: Bounds = (0, 1)
MRD: Shares = {"not_detected": 0.35, "below_cutoff": 0.3, "above_cutoff": 0.35}
TRANSPLANT_WITHOUT_MRD = 0.4

# After the decision.
CHEMOTHERAPY_BLOCKS: Bounds = (3, 5)
BRIDGING_BLOCKS: Bounds = (1, 3)
DONOR_TYPE: Shares = {"matched_sibling": 0.25, "matched_unrelated": 0.55, "haploidentical": 0.2}
DONOR_SEARCH_FAILS = 0.1
IRRADIATION = 0.7
LAST_BLOCK_TO_NEXT_PHASE_DAYS: Bounds = (14, 20)
CONDITIONING_DAYS: Bounds = (6, 9)
DAYS_TO_NEXT_STEP: Bounds = (7, 14)
MAINTENANCE_DAYS: Bounds = (690, 725)
DAYS_BETWEEN_VISITS: Bounds = (30, 80)

# How courses end, and how long ago.
SECOND_RELAPSE_AFTER_DAYS: Bounds = (120, 600)
SALVAGE_FAILS_AFTER_DAYS: Bounds = (20, 90)
ENDED_DAYS_AGO: Bounds = (0, 1200)
