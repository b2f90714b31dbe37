"""The field's words for fact types and states, as sentences on pages need them."""

from collections.abc import Mapping

FACT_WORDS: Mapping[str, str] = {
    "patient_registered": "registration",
    "relapse_diagnosed": "diagnosis of relapse",
    "findings_recorded": "findings",
    "protocol_chosen": "choice of protocol",
    "block_started": "start of the next block",
    "delay_explained": "explanation of a delay",
    "confirmed": "countersignature",
    "owner_changed": "change of owner",
    "contact_recorded": "contact",
    "block_completed": "end of the block",
    "block_decision": "decision about the next block",
    "block_ended": "omission or stop of a block",
    "block_deferred": "deferral",
    "counts_recorded": "blood counts",
    "toxicity_recorded": "toxicity",
    "mrd_not_available": "note that MRD is not available",
    "therapy_interrupted": "interruption of therapy",
    "therapy_resumed": "resumption of therapy",
    "hsct_postponed": "postponement of HSCT",
    "treatment_intent_changed": "change of treatment intent",
    "site_changed": "change of site",
    "response_assessed": "response assessment",
    "mrd_sampled": "MRD sample",
    "mrd_reported": "MRD result",
    "consolidation_decided": "consolidation decision",
    "donor_search_started": "start of the donor search",
    "donor_found": "donor found",
    "donor_lost": "loss of the donor",
    "donor_search_failed": "end of the donor search without a donor",
    "conditioning_started": "start of conditioning",
    "transplanted": "transplant",
    "hsct_cancelled": "cancellation of HSCT",
    "intensive_chemotherapy_completed": "end of intensive chemotherapy",
    "local_therapy_given": "local therapy",
    "local_therapy_postponed": "postponement of local therapy",
    "maintenance_started": "start of maintenance",
    "maintenance_completed": "end of maintenance",
    "reinduction_failed": "failure of reinduction",
    "appointment_booked": "appointment",
    "second_malignancy_diagnosed": "second malignancy",
    "died": "death",
    "lost_to_follow_up": "loss to follow-up",
    "withdrawn": "withdrawal",
    "care_resumed": "return to care",
    "note_added": "note",
}
# What a window counts from. The ward counts the start as day 1, so pages say "22 days after the start", never "day 22".
ANCHOR_WORDS: Mapping[str, str] = {**FACT_WORDS, "block_started": "start", "block_completed": "block's end"}


def days_in_words(days: int) -> str:
    """Return a number of days, like `1 day` or `22 days`."""
    return f"{days} day" if days == 1 else f"{days} days"


def state_in_words(state: str) -> str:
    """Return a state of the chart as people read it: `reinduction.block` is `reinduction, block`."""
    return state.replace(".", ", ").replace("_", " ").replace("hsct", "HSCT").replace("mrd", "MRD")


def awaited_in_words(fact_types: tuple[str, ...]) -> str:
    """Return what a window still waits for."""
    return " and ".join(_one_awaited(fact_type) for fact_type in fact_types)


def _one_awaited(label: str) -> str:
    return FACT_WORDS.get(label, label.replace("_", " "))
