"""Blocks one after another: their starts and ends, what is seen between them, and what puts the next one off."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from workflow.simulation import assumptions as assumed
from workflow.simulation.assumptions import IntervalKind
from workflow.simulation.chance import Bounds, Chance
from workflow.simulation.relapse import choose_protocol
from workflow.simulation.story import Day, Story
from workflow.simulation.strategy import recommended

# The block after which the response is assessed: all-rez-bfm-2002 says so (TR-013), for others this simulation does.
ASSESSED_AFTER = 2
_COUNT_STEP = 130
_CAUSES = ("count_recovery", "infection", "organ_toxicity", "capacity", "family", "holiday")


@dataclass(slots=True, kw_only=True)
class Treatment:
    """A course of blocks as far as it is told: `blocks` so far, the latest of them started on the day `started_on`.

    `decision` stands once it is told. `remission`: whether the assessment will find one. `transplant`: what will be
    decided, where the story knows it beforehand.
    """

    story: Story
    protocol: str
    blocks: int = 0
    started_on: int = 0
    decision: str | None = None
    remission: bool = True
    transplant: bool | None = None

    @property
    def chance(self) -> Chance:
        """Where this patient's chance comes from."""
        return self.story.chance

    @property
    def next_element(self) -> str:
        """The element that comes next: R1 and R2 alternate."""
        return "R1" if self.blocks % 2 == 0 else "R2"


def begin(story: Story, relapsed_on: int, *, protocol: str | None = None) -> Treatment:
    """Tell the choice of a protocol and the first block after a relapse."""
    chosen_on = relapsed_on + story.chance.between(assumed.PROTOCOL_AFTER_RELAPSE_DAYS)
    treatment = Treatment(story=story, protocol=choose_protocol(story, chosen_on, protocol))
    start(treatment, relapsed_on + story.chance.between(assumed.FIRST_BLOCK_AFTER_RELAPSE_DAYS))
    return treatment


def start(treatment: Treatment, day: int) -> None:
    """Tell the start of the next block."""
    treatment.story.tell(day, "block_started", element=treatment.next_element)
    treatment.blocks += 1
    treatment.started_on = day


def go_on(treatment: Treatment, blocks: int) -> None:
    """Tell so many further blocks, with what lies between them: mostly on time, some late, some critical."""
    for _ in range(blocks):
        kind = treatment.chance.weighted(assumed.INTERVAL)
        days = _interval_days(treatment, kind)
        if kind != "on_time":
            put_off(treatment, last_review=(days, days))
        wait(treatment, days)
        start(treatment, treatment.started_on + days)


def _interval_days(treatment: Treatment, kind: IntervalKind) -> int:
    least, most = assumed.INTERVAL_DAYS[kind]
    # After the assessed block the decision comes first; a block before it would be one to explain.
    return treatment.chance.between((max(least, _latest_decision(treatment)), most))


def _latest_decision(treatment: Treatment) -> int:
    if treatment.blocks != ASSESSED_AFTER:
        return 0
    spans = (
        assumed.BLOCK_DAYS,
        assumed.ASSESSMENT_AFTER_BLOCK_DAYS,
        assumed.RESULT_AFTER_SAMPLE_DAYS,
        assumed.DECISION_AFTER_RESULT_DAYS,
    )
    return sum(most for _, most in spans)


def wait(treatment: Treatment, days: int, *, without: AbstractSet[str] = frozenset(), quiet: bool = False) -> None:
    """Tell what is seen in the days after the latest start: its end, counts, the response where it is due.

    `without` names facts that nobody has recorded yet; `quiet`: nothing is recorded after the block's end.
    """
    story, chance, started_on = treatment.story, treatment.chance, treatment.started_on
    length = chance.between(assumed.BLOCK_DAYS)
    if length > days:
        return
    story.tell(started_on + length, "block_completed", given=chance.weighted(assumed.GIVEN))
    if quiet:
        return
    _counts(treatment, length, days)
    if chance.happens(assumed.TOXICITY) and length < days:
        kind, grade = chance.one_of(("mucositis", "fever", "transaminases")), chance.between((1, 3))
        story.tell(started_on + length + 1, "toxicity_recorded", kind=kind, grade=grade)
    if chance.happens(assumed.FAMILY_CONTACT) and length + 2 <= days:
        day = started_on + chance.between((length + 2, days))
        story.tell(day, "contact_recorded", on=Day(day), result="at home, well")
    if treatment.blocks == ASSESSED_AFTER and treatment.decision is None:
        _respond(treatment, length, days, without)


def _counts(treatment: Treatment, length: int, days: int) -> None:
    chance = treatment.chance
    after = length + 1
    while after <= days:
        recovered = after - length
        day = treatment.started_on + after
        treatment.story.tell(
            day,
            "counts_recorded",
            sampled_on=Day(day),
            anc=recovered * _COUNT_STEP + chance.between((0, 200)),
            wbc=f"{1 + recovered // 4}.{chance.between((0, 9))}",
            platelets=20 + 9 * recovered + chance.between((0, 15)),
        )
        after += chance.between(assumed.DAYS_BETWEEN_COUNTS)


def _respond(treatment: Treatment, length: int, days: int, without: AbstractSet[str]) -> None:
    """Tell assessment, MRD and decision after the second block, as far as these days reach."""
    story, chance = treatment.story, treatment.chance
    mrd = "above_cutoff" if treatment.transplant else chance.weighted(assumed.MRD)
    steps = _response_days(treatment, length)
    for fact_type, after in steps:
        if after > days or fact_type in without:
            return
        day = treatment.started_on + after
        if fact_type == "mrd_sampled":
            story.tell(day, fact_type, timepoint="AFTER_INDUCTION_COURSE_2", method="PCR", sample_on=Day(day))
        elif fact_type == "response_assessed":
            _assess(treatment, day)
        elif fact_type == "mrd_reported":
            sampled = treatment.started_on + dict(steps)["mrd_sampled"]
            report_mrd(story, day, timepoint="AFTER_INDUCTION_COURSE_2", sampled_on=sampled, result=mrd)
        else:
            _decide(treatment, day, mrd)


def _response_days(treatment: Treatment, length: int) -> tuple[tuple[str, int], ...]:
    chance = treatment.chance
    sample = length + chance.between(assumed.ASSESSMENT_AFTER_BLOCK_DAYS)
    result = sample + chance.between(assumed.RESULT_AFTER_SAMPLE_DAYS)
    decision = result + chance.between(assumed.DECISION_AFTER_RESULT_DAYS)
    assessed = ("response_assessed", sample)
    if treatment.protocol == "all-rez-bfm-2002":
        return ("mrd_sampled", sample), assessed, ("mrd_reported", result), ("decision", decision)
    return assessed, ("decision", decision)


def _assess(treatment: Treatment, day: int) -> None:
    chance = treatment.chance
    treatment.story.tell(
        day,
        "response_assessed",
        marrow_blasts_percent=chance.between((0, 4) if treatment.remission else (15, 70)),
        peripheral_blasts=not treatment.remission,
        final=True,
        anc=chance.between((500, 2500)),
        platelets=chance.between((60, 250)),
    )


def _decide(treatment: Treatment, day: int, mrd: str) -> None:
    if not treatment.remission:
        treatment.story.tell(day, "reinduction_failed", criterion="no complete remission after the second block")
        treatment.decision = "failed"
        return
    if treatment.transplant is not None:
        transplant = treatment.transplant
    elif treatment.protocol == "all-rez-bfm-2002":
        case = treatment.story.case
        transplant = recommended(case, mrd) == "HSCT" if case else mrd == "above_cutoff"
    else:
        transplant = treatment.chance.happens(assumed.TRANSPLANT_WITHOUT_MRD)
    treatment.decision = "hsct" if transplant else "chemotherapy"
    treatment.story.tell(day, "consolidation_decided", decision=treatment.decision)
    if transplant:
        treatment.story.tell(day, "donor_search_started")


def report_mrd(story: Story, day: int, *, timepoint: str, sampled_on: int, result: str) -> None:
    """Tell an MRD result as a fraction of cells: not detected, or below or above the 0.001 of BFM 2002 (TR-013)."""
    digit = story.chance.between((1, 9))
    value = {"below_cutoff": f"0.000{digit}", "above_cutoff": f"0.00{digit}"}.get(result)
    below = "0.0001" if result == "not_detected" else None
    story.tell(
        day,
        "mrd_reported",
        timepoint=timepoint,
        method="PCR",
        unit="fraction",
        sample_on=Day(sampled_on),
        value=value,
        below=below,
    )


def put_off(treatment: Treatment, *, last_review: Bounds) -> None:
    """Tell that the next block is put off, and again at each review, up to one between these days after the start."""
    chance, started_on = treatment.chance, treatment.started_on
    causes = [{"code": chance.one_of(_CAUSES), "primary": True}]
    earliest, latest = last_review
    review = chance.between(assumed.DEFERRED_AFTER_DAYS)
    while review < earliest:
        deferred, review = review, min(latest, review + chance.between(assumed.REVIEW_AFTER_DAYS))
        treatment.story.tell(
            started_on + deferred,
            "block_deferred",
            element=treatment.next_element,
            causes=causes,
            review_on=Day(started_on + review),
        )
