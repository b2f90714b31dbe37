"""The shortest real history into every state of the chart, and into the circumstances that the chart table names."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from tests.facts import AS_ORDERED, PatientFile, a_registered_patient, after_relapse

Step = tuple[str, int, Mapping[str, Any]]
ASKED_ON = after_relapse(200)


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """In what a history into a state may differ; a remission needs under 5 % marrow blasts."""

    course: bool = True
    early_remission: bool = False
    marrow_blasts_percent: int = 1
    final: bool = True
    relapse_site: str = "isolated_bm"
    meanwhile: tuple[str, str] | None = None
    intensive_completed: bool = False


# From which state, by which facts, so many days after the relapse. R2 starts 22 days after R1: one delay is on file.
PATHS: Mapping[str, tuple[str, tuple[Step, ...]]] = {
    "relapse_diagnosed": ("registered", (("relapse_diagnosed", 0, {}), ("protocol_chosen", 0, {}))),
    "reinduction.block": (
        "relapse_diagnosed",
        (
            ("block_started", 3, {"element": "R1"}),
            ("block_completed", 8, {}),
            ("block_started", 25, {"element": "R2"}),
        ),
    ),
    "reinduction.recovery": ("reinduction.block", (("block_completed", 30, {}),)),
    "mrd_check": ("reinduction.recovery", (("response_assessed", 32, {}),)),
    "refractory": ("mrd_check", (("reinduction_failed", 34, {}),)),
    "consolidation.recovery": ("mrd_check", (("consolidation_decided", 34, {"decision": "chemotherapy"}),)),
    "consolidation.block": ("consolidation.recovery", (("block_started", 46, {"element": "R1"}),)),
    "local_therapy": ("consolidation.recovery", (("intensive_chemotherapy_completed", 60, {}),)),
    "maintenance": ("consolidation.recovery", (("maintenance_started", 70, {}),)),
    "follow_up": ("maintenance", (("maintenance_completed", 150, {}),)),
    "bridging.recovery": ("mrd_check", (("consolidation_decided", 34, {"decision": "bridging_then_hsct"}),)),
    "bridging.block": ("bridging.recovery", (("block_started", 46, {"element": "R1"}),)),
    "hsct.preparation": ("mrd_check", (("consolidation_decided", 34, {"decision": "hsct"}),)),
    "hsct.conditioning": ("hsct.preparation", (("conditioning_started", 80, {}),)),
    "hsct.transplanted": ("hsct.conditioning", (("transplanted", 90, {}),)),
    "second_relapse": ("follow_up", (("relapse_diagnosed", 180, {}),)),
    "palliative": ("mrd_check", (("treatment_intent_changed", 40, {}),)),
    "deceased": ("mrd_check", (("died", 40, {}),)),
    "lost_to_follow_up": ("mrd_check", (("lost_to_follow_up", 40, {}),)),
    "withdrawn": ("mrd_check", (("withdrawn", 40, {}),)),
}


@cache
def _reached(state: str, given: Circumstances) -> PatientFile:
    if state == "registered":
        file = a_registered_patient()
        # f2 waits for a countersignature, so that there is something to confirm.
        file.add("local_therapy_given", after_relapse(-1), override=AS_ORDERED)
        return file
    source, steps = PATHS[state]
    file = _reached(source if given.course else "registered", given).copy()
    for fact_type, days, data in steps:
        file.add(fact_type, after_relapse(days), **_told(fact_type, data, given))
    if given.early_remission and state in {"relapse_diagnosed", "second_relapse"}:
        file.add("response_assessed", file.state.trail[-1].on)
    return file


def _told(fact_type: str, data: Mapping[str, Any], given: Circumstances) -> Mapping[str, Any]:
    if fact_type == "response_assessed":
        return {"marrow_blasts_percent": given.marrow_blasts_percent, "final": given.final}
    return {"relapse_site": given.relapse_site} if fact_type == "relapse_diagnosed" else data


def reach(state: str, given: Circumstances | None = None) -> PatientFile:
    """Return a patient in `state`; raises AssertionError where a fact on the way is not accepted."""
    given = given or Circumstances()
    if state == "local_therapy":
        given = Circumstances(relapse_site="combined_bm")
    file = _reached(state, given).copy()
    if given.meanwhile is not None:
        fact_type, answer = given.meanwhile
        cancelled: Mapping[str, Any] = {"reason": "no donor", "next": answer}
        file.add(fact_type, after_relapse(48), **cancelled if fact_type == "hsct_cancelled" else {"decision": answer})
    if given.intensive_completed and state == "consolidation.recovery":
        file.add("intensive_chemotherapy_completed", after_relapse(60))
    assert file.state.state == state
    return file
