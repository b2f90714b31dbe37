"""Coded reasons that people give: for passing a gate, for a delay, for an end that is no completion."""

from typing import Literal, get_args

ClinicianOverride = Literal["clinical_decision", "rapid_progression", "logistics", "trial_instruction", "other"]
NurseOverride = Literal["given_as_ordered"]
OverrideCode = Literal[
    "clinical_decision", "rapid_progression", "logistics", "trial_instruction", "other", "given_as_ordered"
]
CauseCode = Literal[
    "count_recovery", "infection", "organ_toxicity", "capacity", "laboratory", "donor", "family", "holiday", "other"
]
BlockEnd = Literal["omitted", "ceased", "skipped_per_protocol"]

CLINICIAN_OVERRIDES: tuple[str, ...] = get_args(ClinicianOverride)
GIVEN_AS_ORDERED = "given_as_ordered"
# Written by the importer itself on a gated row: it counts at once and waits for a clinician's countersignature.
IMPORTED_UNCONFIRMED = "imported_unconfirmed"

CLINICIANS_OFFER: dict[str, object] = {"codes": list(CLINICIAN_OVERRIDES), "needs_role": "clinician"}
OVERRIDE_OFFER: dict[str, object] = {
    **CLINICIANS_OFFER,
    "or": {"code": GIVEN_AS_ORDERED, "with": "ordered_by", "needs_role": "nurse"},
}
