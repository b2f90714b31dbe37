"""Histories as wards write them: mostly forwards, sometimes backdated, each fact judged as it is recorded."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, TypeVar

from hypothesis import strategies as st

from tests.facts import AS_ORDERED, OVERRIDE, RELAPSED_ON, TODAY, PatientFile
from tests.property.payloads import data_of
from tests.spec.chart_paths import reach
from workflow.domain.chart import STATES, TRIGGERS
from workflow.domain.errors import InvalidInputError, Refusal
from workflow.domain.facts.fact import FactDraft
from workflow.domain.facts.read import read_fact
from workflow.domain.roles import Role
from workflow.rules.judgement import Accepted
from workflow.rules.machine import possible_facts

Drawn = TypeVar("Drawn")
Draw = Callable[[st.SearchStrategy[Drawn]], Drawn]
# What usually comes next in a state; drawn more often than what only adds to it or ends it.
USUAL: Mapping[str, tuple[str, ...]] = {
    "registered": ("relapse_diagnosed",),
    "relapse_diagnosed": ("protocol_chosen", "block_started"),
    "second_relapse": ("protocol_chosen", "block_started"),
    "reinduction.block": ("block_completed", "block_completed", "block_started"),
    "reinduction.recovery": ("block_started", "block_started", "response_assessed", "block_deferred"),
    "mrd_check": ("consolidation_decided", "consolidation_decided", "block_started", "reinduction_failed"),
    "refractory": ("block_started", "consolidation_decided"),
    "consolidation.block": ("block_completed", "consolidation_decided"),
    "consolidation.recovery": ("block_started", "block_started", "intensive_chemotherapy_completed"),
    "local_therapy": ("local_therapy_given", "maintenance_started"),
    "bridging.block": ("block_completed", "block_completed", "hsct_cancelled"),
    "bridging.recovery": ("block_started", "conditioning_started"),
    "hsct.preparation": ("conditioning_started", "donor_search_started", "block_started", "hsct_cancelled"),
    "hsct.conditioning": ("transplanted",),
    "hsct.transplanted": ("relapse_diagnosed", "findings_recorded"),
    "maintenance": ("maintenance_completed", "consolidation_decided"),
    "follow_up": ("relapse_diagnosed",),
    "palliative": ("treatment_intent_changed",),
    "lost_to_follow_up": ("care_resumed",),
    "withdrawn": ("care_resumed",),
}
OVERRIDES = st.sampled_from([None, None, None, OVERRIDE, AS_ORDERED])
# Days since the last entry, the thresholds of the block interval among them.
GAPS = (0, 0, 1, 3, 5, 6, 8, 9, 13, 14, 15, 16, 17, 20, 21, 22, 25, 26, 40)


def last_day(file: PatientFile) -> date:
    """Return the day of the latest fact."""
    return max((fact.occurred_on for fact in file.facts[1:]), default=RELAPSED_ON)


def a_day(draw: Draw[Any], file: PatientFile) -> date:
    """Return the day of the next entry: mostly after the last one, sometimes among those before it."""
    last = last_day(file)
    if draw(st.integers(0, 4)):
        return min(TODAY, last + timedelta(days=draw(st.sampled_from(GAPS))))
    known = st.sampled_from(sorted({fact.occurred_on for fact in file.facts}))
    day: date = draw(st.one_of(known, st.dates(min(RELAPSED_ON, last), last)))
    return day


def a_type(draw: Draw[Any], file: PatientFile) -> str:
    """Return the type of the next entry: mostly what is usual, often what is possible, now and then any."""
    chance = draw(st.integers(0, 9))
    usual = USUAL.get(file.state.state, ())
    if chance < 6 and usual:
        return str(draw(st.sampled_from(usual)))
    return str(draw(st.sampled_from(TRIGGERS if chance == 9 else possible_facts(file.state.state))))


def a_readable_draft(draw: Draw[Any], fact_type: str, on: date) -> FactDraft | None:
    """Return a drawn draft of this type and day, or None where what was drawn cannot be read."""
    raw = {"type": fact_type, "occurred_on": str(on), "data": draw(data_of(fact_type, on))}
    override = draw(OVERRIDES)
    try:
        return read_fact(raw if override is None else raw | {"override": override})
    except InvalidInputError:
        return None


def write_an_entry(draw: Draw[Any], file: PatientFile) -> None:
    """Record one drawn fact where it is accepted; a gate is passed by a clinician half of the time."""
    draft = a_readable_draft(draw, a_type(draw, file), a_day(draw, file))
    if draft is None:
        return
    outcome = file.propose(draft, keep_conflicts=draw(st.booleans()))
    if isinstance(outcome, Refusal) and outcome.override is not None:
        outcome = file.propose(draft, Role.COORDINATOR, importing=True, keep_conflicts=True)
    if isinstance(outcome, Accepted):
        file.keep(outcome)


@st.composite
def histories(draw: Draw[Any], most: int = 20) -> PatientFile:
    """Return a patient of any state with up to `most` further entries, each accepted by `record`, conflicts too."""
    file = reach(draw(st.sampled_from(sorted(STATES))))
    for _ in range(draw(st.integers(1, most))):
        write_an_entry(draw, file)
    return file


@st.composite
def arbitrary_drafts(draw: Draw[Any], most: int = 20) -> list[FactDraft]:
    """Return readable drafts of any type on any day, in any order: most are not possible where they stand."""
    drawn = []
    for _ in range(draw(st.integers(0, most))):
        on = draw(st.dates(date(2021, 1, 1), date(2027, 1, 1)))
        drawn.append(a_readable_draft(draw, draw(st.sampled_from(TRIGGERS)), on))
    return [draft for draft in drawn if draft is not None]
