"""Every fact type with its payload, its place within a day, and nothing else."""

from workflow.domain.facts import registration, response, treatment
from workflow.domain.facts.base import Payload
from workflow.domain.facts.findings import RecordedFindings

REGISTRATION = "patient_registered"

PAYLOADS: dict[str, type[Payload]] = {
    REGISTRATION: registration.PatientRegistered,
    "relapse_diagnosed": treatment.RelapseDiagnosed,
    "findings_recorded": RecordedFindings,
    "protocol_chosen": treatment.ProtocolChosen,
    "block_started": treatment.BlockStarted,
    "delay_explained": treatment.DelayExplained,
    "confirmed": registration.Confirmed,
    "owner_changed": registration.OwnerChanged,
    "contact_recorded": registration.ContactRecorded,
    "block_completed": treatment.BlockCompleted,
    "block_decision": treatment.BlockDecision,
    "block_ended": treatment.BlockEndedWithoutCompletion,
    "block_deferred": treatment.BlockDeferred,
    "counts_recorded": response.CountsRecorded,
    "toxicity_recorded": response.ToxicityRecorded,
    "mrd_not_available": response.MrdNotAvailable,
    "therapy_interrupted": treatment.Interruption,
    "therapy_resumed": treatment.Interruption,
    "hsct_postponed": treatment.Postponed,
    "treatment_intent_changed": treatment.TreatmentIntentChanged,
    "site_changed": registration.SiteChanged,
    "response_assessed": response.ResponseAssessed,
    "mrd_sampled": response.MrdSampled,
    "mrd_reported": response.MrdReported,
    "consolidation_decided": treatment.ConsolidationDecided,
    "donor_search_started": treatment.Donor,
    "donor_found": treatment.Donor,
    "donor_lost": treatment.Donor,
    "donor_search_failed": treatment.Donor,
    "conditioning_started": treatment.ConditioningStarted,
    "transplanted": treatment.Transplanted,
    "hsct_cancelled": treatment.HsctCancelled,
    "intensive_chemotherapy_completed": treatment.Milestone,
    "local_therapy_given": treatment.LocalTherapyGiven,
    "local_therapy_postponed": treatment.LocalTherapyPostponed,
    "maintenance_started": treatment.Milestone,
    "maintenance_completed": treatment.Milestone,
    "reinduction_failed": treatment.ReinductionFailed,
    "appointment_booked": registration.AppointmentBooked,
    "second_malignancy_diagnosed": registration.SecondMalignancyDiagnosed,
    "died": registration.Died,
    "lost_to_follow_up": registration.LostToFollowUp,
    "withdrawn": registration.Withdrawn,
    "care_resumed": registration.CareResumed,
    "note_added": registration.NoteAdded,
}
FACT_TYPES: tuple[str, ...] = tuple(PAYLOADS)

# contract.md §4: the order of facts that share a day. "The rest" stands before the notes and the ends of care.
_BEFORE_THE_REST = (
    REGISTRATION,
    "care_resumed",
    "relapse_diagnosed",
    "findings_recorded",
    "protocol_chosen",
    "block_completed",
    "block_ended",
    "block_deferred",
    "block_decision",
    "mrd_sampled",
    "response_assessed",
    "mrd_reported",
    # Beside the results, unlike the rest: that none will come lets a decision of the same day pass.
    "mrd_not_available",
    "reinduction_failed",
    "consolidation_decided",
    "hsct_cancelled",
    "donor_search_started",
    "donor_found",
    "donor_search_failed",
    "block_started",
    "conditioning_started",
    "transplanted",
    "intensive_chemotherapy_completed",
    "local_therapy_given",
    "local_therapy_postponed",
    "maintenance_started",
    "maintenance_completed",
    "second_malignancy_diagnosed",
    "treatment_intent_changed",
    "site_changed",
    "appointment_booked",
)
# Within the rest: therapy that is interrupted and resumed on one day is read in this order, whichever came in first.
_LAST_OF_THE_REST = ("therapy_interrupted", "therapy_resumed")
_AFTER_THE_REST = ("note_added", "lost_to_follow_up", "withdrawn", "died")
_REST = len(_BEFORE_THE_REST)
_RANKS = {
    **{name: place for place, name in enumerate(_BEFORE_THE_REST)},
    **{name: _REST + 1 + place for place, name in enumerate((*_LAST_OF_THE_REST, *_AFTER_THE_REST))},
}


def rank(fact_type: str) -> int:
    """Return the place of a fact type within its day (contract §4)."""
    return _RANKS.get(fact_type, _REST)


# What a nurse may record as given on somebody's order; other facts say nothing that a clinician would countersign.
GIVEN = frozenset(
    {
        "block_started",
        "block_completed",
        "conditioning_started",
        "transplanted",
        "local_therapy_given",
        "maintenance_started",
    }
)
