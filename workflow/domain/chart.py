"""The chart: every state, and which fact leads from where to where, declared once as data (domain model §2)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from workflow.domain.facts.types import FACT_TYPES, REGISTRATION

INITIAL = "registered"
BLOCK_STATES = ("reinduction.block", "consolidation.block", "bridging.block")
RECOVERY_STATES = ("reinduction.recovery", "consolidation.recovery", "bridging.recovery")
SUSPENDED = ("lost_to_follow_up", "withdrawn")
TERMINAL = ("deceased",)

STATES: dict[str, str] = {
    "registered": "known to the program, no relapse recorded yet",
    "relapse_diagnosed": "first relapse: work-up, classification, protocol chosen",
    "reinduction.block": "a reinduction element is being given",
    "reinduction.recovery": "between reinduction elements; the interval clock is running",
    "mrd_check": "response assessment: morphology and MRD",
    "consolidation.block": "a post-induction element is being given",
    "consolidation.recovery": "between post-induction elements",
    "local_therapy": "local irradiation or surgery at the end of intensive chemotherapy",
    "bridging.block": "an element on the way to HSCT is being given",
    "bridging.recovery": "between elements on the way to HSCT",
    "hsct.preparation": "donor and pre-HSCT MRD",
    "hsct.conditioning": "conditioning is being given",
    "hsct.transplanted": "day 0 and after",
    "palliative": "treatment with curative intent has ended; resumable",
    "maintenance": "up to 24 calendar months",
    "follow_up": "off therapy",
    "refractory": "alive after reinduction failure; salvage is a new attempt",
    "second_relapse": "second or any later relapse: work-up again, on a new course",
    "deceased": "terminal",
    "lost_to_follow_up": "suspended; resumable to the state before",
    "withdrawn": "suspended; resumable to the state before",
}
LIVING = tuple(state for state in STATES if state not in TERMINAL)
ACTIVE = tuple(state for state in LIVING if state not in SUSPENDED)
# Where silence is worth asking about: a patient under treatment of whom nothing is recorded (domain model §4).
IN_TREATMENT = (*BLOCK_STATES, *RECOVERY_STATES, "mrd_check", "local_therapy", "hsct.preparation", "hsct.conditioning")


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One arrow: on this fact, from this state, to that state, where all guards (by name) hold.

    The first arrow whose guards hold is taken. `deviation` names what the step leaves to mend or to explain;
    `warning` is said to whoever records the fact.
    """

    fact: str
    source: str
    dest: str
    when: tuple[str, ...] = ()
    deviation: str | None = None
    warning: str | None = None


def _arrows(
    fact: str,
    sources: Iterable[str],
    dest: str | None,
    *when: str,
    deviation: str | None = None,
    warning: str | None = None,
) -> list[Transition]:
    return [
        Transition(fact=fact, source=source, dest=dest or source, when=when, deviation=deviation, warning=warning)
        for source in sources
    ]


def _stays(facts: Iterable[str], sources: Sequence[str], *when: str) -> list[Transition]:
    return [arrow for fact in facts for arrow in _arrows(fact, sources, None, *when)]


def _recovery_of(block_state: str) -> str:
    return block_state.removesuffix("block") + "recovery"


DECIDED = {
    "hsct": "hsct.preparation",
    "chemotherapy": "consolidation.recovery",
    "bridging_then_hsct": "bridging.recovery",
}
AFTER_CANCELLED_HSCT = {"chemotherapy": "consolidation.recovery", "individual": "mrd_check", "palliative": "palliative"}
# Where a decision taken while a block runs leads once it has ended, and where a start from there arrives.
ARRIVES_FOR_BLOCK = {
    "hsct.preparation": "bridging.block",
    "bridging.recovery": "bridging.block",
    "consolidation.recovery": "consolidation.block",
    "mrd_check": "consolidation.block",
}

_RELAPSE = [
    *_arrows("relapse_diagnosed", ACTIVE, "second_relapse", "has_course"),
    *_arrows("relapse_diagnosed", ACTIVE, "relapse_diagnosed"),
]
_BLOCK_STARTS = [
    *_arrows(
        "block_started",
        ["relapse_diagnosed", "second_relapse", "reinduction.recovery", "refractory"],
        "reinduction.block",
    ),
    *_arrows("block_started", ["mrd_check"], "reinduction.block", "assessment_not_final"),
    *_arrows("block_started", ["mrd_check"], "consolidation.block", warning="decision_pending"),
    *_arrows(
        "block_started",
        ["consolidation.recovery"],
        "consolidation.block",
        "intensive_completed",
        warning="intensive_reopened",
    ),
    *_arrows("block_started", ["consolidation.recovery"], "consolidation.block"),
    *_arrows("block_started", ["local_therapy"], "consolidation.block", warning="intensive_reopened"),
    *_arrows("block_started", ["bridging.recovery", "hsct.preparation"], "bridging.block"),
]
# A start while a block runs closes that block without its completion, then arrives as from where its end leads.
_BLOCK_OVER_BLOCK = [
    arrow
    for block in BLOCK_STATES
    for arrow in (
        *(
            Transition(
                fact="block_started",
                source=block,
                dest=arrives,
                when=(f"awaits:{awaited}",),
                deviation="completion_not_recorded",
                warning="completion_not_recorded",
            )
            for awaited, arrives in ARRIVES_FOR_BLOCK.items()
        ),
        Transition(
            fact="block_started",
            source=block,
            dest=block,
            deviation="completion_not_recorded",
            warning="completion_not_recorded",
        ),
    )
]
_BLOCK_ENDS = [
    arrow
    for block in BLOCK_STATES
    for fact, guards in (("block_completed", ()), ("block_ended", ("ends_running_element",)))
    for arrow in (
        *(
            Transition(fact=fact, source=block, dest=awaited, when=(*guards, f"awaits:{awaited}"))
            for awaited in ARRIVES_FOR_BLOCK
        ),
        Transition(fact=fact, source=block, dest=_recovery_of(block), when=guards),
    )
]
_BETWEEN_BLOCKS = [
    *_stays(["block_ended", "block_deferred"], (*RECOVERY_STATES, "mrd_check", "hsct.preparation")),
    *_stays(["block_decision"], ("relapse_diagnosed", "second_relapse", "mrd_check", *RECOVERY_STATES)),
    *_stays(["protocol_chosen"], ("relapse_diagnosed", "second_relapse", "refractory", "mrd_check", *RECOVERY_STATES)),
]
_DECIDABLE = (
    "mrd_check",
    "consolidation.recovery",
    "local_therapy",
    "maintenance",
    "bridging.recovery",
    "hsct.preparation",
    "refractory",
)
_CONSOLIDATION = [
    *[
        arrow
        for decision, dest in DECIDED.items()
        for arrow in _arrows("consolidation_decided", _DECIDABLE, dest, f"decides:{decision}")
    ],
    # A running block finishes first; its end leads where the decision says.
    *_stays(["consolidation_decided"], ("consolidation.block", "bridging.block")),
    *_arrows("reinduction_failed", ["mrd_check", "reinduction.block", "reinduction.recovery"], "refractory"),
]
_HSCT = [
    *_arrows("conditioning_started", ["hsct.preparation", "bridging.recovery"], "hsct.conditioning"),
    *_arrows("transplanted", ["hsct.conditioning"], "hsct.transplanted"),
    *_arrows(
        "transplanted", ["hsct.preparation"], "hsct.transplanted", deviation="gap", warning="conditioning_not_recorded"
    ),
    *[
        arrow
        for next_step, dest in AFTER_CANCELLED_HSCT.items()
        for arrow in _arrows(
            "hsct_cancelled",
            ["hsct.preparation", "hsct.conditioning", "bridging.recovery"],
            dest,
            f"next:{next_step}",
        )
    ],
    *_arrows("hsct_cancelled", ["bridging.block"], "palliative", "next:palliative"),
    *_stays(["hsct_cancelled"], ("bridging.block",)),
]
_AFTER_CHEMOTHERAPY = [
    *_arrows(
        "intensive_chemotherapy_completed", ["consolidation.recovery"], "local_therapy", "local_therapy_indicated"
    ),
    *_stays(["intensive_chemotherapy_completed"], ("consolidation.recovery",)),
    *_arrows("maintenance_started", ["local_therapy", "consolidation.recovery"], "maintenance"),
    *_arrows("maintenance_completed", ["maintenance"], "follow_up"),
]
_INTENT = [
    *[
        arrow
        for state in LIVING
        if state != "palliative"
        for arrow in _arrows(
            "treatment_intent_changed", ["palliative"], state, "decides_intent:curative", f"was_in:{state}"
        )
    ],
    *_stays(["treatment_intent_changed"], LIVING, "decides_intent:curative"),
    *_arrows("treatment_intent_changed", LIVING, "palliative"),
]
_CARE = [
    *_arrows("lost_to_follow_up", ACTIVE, "lost_to_follow_up"),
    *_arrows("withdrawn", ACTIVE, "withdrawn"),
    *[arrow for state in ACTIVE for arrow in _arrows("care_resumed", SUSPENDED, state, f"was_in:{state}")],
    *_arrows("died", LIVING, "deceased"),
]
_RESPONSE = [
    *_arrows("response_assessed", ["reinduction.recovery"], "mrd_check"),
    *_stays(
        [
            "response_assessed",
            "findings_recorded",
            "counts_recorded",
            "toxicity_recorded",
            "mrd_sampled",
            "mrd_reported",
            "mrd_not_available",
            "donor_search_started",
            "donor_found",
            "donor_lost",
            "donor_search_failed",
            "hsct_postponed",
            "therapy_interrupted",
            "therapy_resumed",
        ],
        [state for state in LIVING if state != INITIAL],
        "has_course",
    ),
]
_ANYWHERE = [
    *_stays(["local_therapy_given", "local_therapy_postponed"], LIVING),
    *_stays(["appointment_booked", "second_malignancy_diagnosed", "site_changed"], ACTIVE),
    *_stays(["note_added", "delay_explained", "confirmed", "owner_changed", "contact_recorded"], tuple(STATES)),
]

TRANSITIONS: tuple[Transition, ...] = (
    *_RELAPSE,
    *_BLOCK_STARTS,
    *_BLOCK_OVER_BLOCK,
    *_BLOCK_ENDS,
    *_BETWEEN_BLOCKS,
    *_CONSOLIDATION,
    *_HSCT,
    *_AFTER_CHEMOTHERAPY,
    *_INTENT,
    *_CARE,
    *_RESPONSE,
    *_ANYWHERE,
)
TRIGGERS: tuple[str, ...] = tuple(fact for fact in FACT_TYPES if fact != REGISTRATION)
