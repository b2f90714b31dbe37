"""Every situation that a ward has on one day: who is being treated, who waits for what, and whose course is over."""

from collections.abc import Callable

from workflow.simulation import assumptions as assumed
from workflow.simulation.afterwards import (
    BLOCKS_TO_DECISION,
    condition,
    fail,
    relapse_again,
    treat_to_remission,
    visits,
)
from workflow.simulation.blocks import ASSESSED_AFTER, Treatment, begin, go_on, put_off, start, wait
from workflow.simulation.chance import Bounds
from workflow.simulation.relapse import choose_protocol
from workflow.simulation.story import Story
from workflow.simulation.strategy import recommended

Situation = Callable[[Story], None]
_LATEST = assumed.INTERVAL_DAYS["on_time"][1]
_LATE = assumed.INTERVAL_DAYS["late"]
_CRITICAL: Bounds = (26, 33)
# How many blocks a patient may have had who is somewhere in treatment.
_BLOCKS_SO_FAR: Bounds = (1, 6)


def _in_blocks(story: Story, *, protocol: str | None = None, blocks: int | None = None) -> Treatment:
    treatment = begin(story, 0, protocol=protocol)
    go_on(treatment, (blocks or story.chance.between(_BLOCKS_SO_FAR)) - 1)
    return treatment


def _days_after_start(treatment: Treatment, days: Bounds) -> int:
    after = treatment.chance.between(days)
    treatment.story.today = treatment.started_on + after
    return after


def work_up(story: Story) -> None:
    """Tell of a relapse of these days; the protocol is chosen, or not yet."""
    story.today = story.chance.between((0, 2))
    if story.today:
        choose_protocol(story, story.today)


def block_running(story: Story) -> None:
    """Tell of a block that is being given."""
    _days_after_start(_in_blocks(story), (0, 3))


def recovering_on_time(story: Story) -> None:
    """Tell of a block that is over; the next one is not late."""
    treatment = _in_blocks(story)
    wait(treatment, _days_after_start(treatment, (8, 18)))


def due_today(story: Story) -> None:
    """Tell up to the last day on which the next block is on time."""
    treatment = _in_blocks(story)
    wait(treatment, _days_after_start(treatment, (_LATEST, _LATEST)))


def late(story: Story) -> None:
    """Tell of a next block that is late, and nobody has said why."""
    treatment = _in_blocks(story)
    wait(treatment, _days_after_start(treatment, _LATE))


def critical(story: Story) -> None:
    """Tell of a next block that is critical, and nobody has said why."""
    treatment = _in_blocks(story)
    wait(treatment, _days_after_start(treatment, _CRITICAL))


def critical_after_first_block(story: Story) -> None:
    """Tell the same between the first and the second block, of which the published contrast speaks."""
    treatment = _in_blocks(story, blocks=1)
    wait(treatment, _days_after_start(treatment, _CRITICAL))


def deferred_review_ahead(story: Story) -> None:
    """Tell of a critical block that is deferred; the review lies ahead."""
    treatment = _in_blocks(story)
    days = _days_after_start(treatment, _CRITICAL)
    put_off(treatment, last_review=(days + 1, days + 5))
    wait(treatment, days)


def deferred_review_passed(story: Story) -> None:
    """Tell of a critical block that is deferred; the review has passed without a start or a new deferral."""
    treatment = _in_blocks(story)
    days = _days_after_start(treatment, _CRITICAL)
    put_off(treatment, last_review=(days - 3, days - 1))
    wait(treatment, days)


def mrd_awaited(story: Story) -> None:
    """Tell of a sample whose result is not there yet."""
    treatment = _in_blocks(story, protocol="all-rez-bfm-2002", blocks=ASSESSED_AFTER)
    wait(treatment, _days_after_start(treatment, (10, 14)), without={"mrd_reported"})


def decision_missing(story: Story) -> None:
    """Tell of a final assessment, with its MRD result, that awaits the decision."""
    treatment = _in_blocks(story, blocks=ASSESSED_AFTER)
    wait(treatment, _days_after_start(treatment, (17, 20)), without={"decision"})


def silent(story: Story) -> None:
    """Tell of nothing since the block's end, more than a week ago."""
    treatment = _in_blocks(story)
    wait(treatment, _days_after_start(treatment, (15, 20)), quiet=True)


def donor_searched(story: Story) -> None:
    """Tell of the way to a transplant, between blocks, with no donor yet."""
    treatment = _to_transplant(story)
    wait(treatment, _days_after_start(treatment, (8, 18)))


def conditioning(story: Story) -> None:
    """Tell of conditioning that is being given."""
    story.today = condition(_to_transplant(story)) + story.chance.between((0, 4))


def _to_transplant(story: Story) -> Treatment:
    # Where the strategy speaks for chemotherapy whatever the result, the protocol is one without a strategy.
    by_strategy = story.case is None or recommended(story.case, "above_cutoff") == "HSCT"
    treatment = begin(story, 0, protocol=None if by_strategy else "all-rez-bfm-90")
    treatment.transplant = True
    go_on(treatment, BLOCKS_TO_DECISION - 1)
    return treatment


def refractory(story: Story) -> None:
    """Tell of a reinduction that has failed; what comes next is being decided."""
    fail(story, 0)
    story.today = story.last_day


def second_relapse_treated(story: Story) -> None:
    """Tell of blocks again, after a second relapse."""
    treat_to_remission(story, 0)
    treatment = begin(story, relapse_again(story))
    wait(treatment, _days_after_start(treatment, (7, 24)))


def after_first_line_of_blocks(story: Story) -> None:
    """Tell of maintenance, or of the time after the transplant."""
    treat_to_remission(story, 0)
    visits(story, story.chance.between((20, 600)))
    story.today = story.last_day + story.chance.between((0, 20))


def follow_up(story: Story) -> None:
    """Tell of years after the relapse."""
    treat_to_remission(story, 0)
    visits(story, story.chance.between((760, 1200)))
    story.today = story.last_day + story.chance.between((0, 60))


def lost(story: Story) -> None:
    """Tell of somebody who was seen for the last time long ago."""
    treat_to_remission(story, 0)
    visits(story, story.chance.between((100, 500)))
    _over(story, "lost_to_follow_up", after=(90, 200))


def died_of_treatment(story: Story) -> None:
    """Tell of a death of infection between blocks."""
    treatment = _in_blocks(story)
    wait(treatment, 8)
    _over(story, "died", after=(1, 3), cause="infection")


def died_after_failure(story: Story) -> None:
    """Tell of two failed attempts, palliative care, and death."""
    treatment = fail(story, 0)
    _new_attempt(treatment)
    story.tell(story.last_day + 1, "treatment_intent_changed", intent="palliative", reason="refractory disease")
    _over(story, "died", after=assumed.SALVAGE_FAILS_AFTER_DAYS, cause="leukaemia")


def died_after_second_relapse(story: Story) -> None:
    """Tell of a second relapse that went on in spite of treatment."""
    treat_to_remission(story, 0)
    fail(story, relapse_again(story))
    _over(story, "died", after=assumed.SALVAGE_FAILS_AFTER_DAYS, cause="leukaemia")


def _new_attempt(treatment: Treatment) -> None:
    """Tell the first block of another attempt, which a patient comes to after a failure."""
    treatment.blocks, treatment.decision = 0, None
    start(treatment, treatment.story.last_day + treatment.chance.between(assumed.DAYS_TO_NEXT_STEP))
    wait(treatment, _LATEST)


def _over(story: Story, fact_type: str, *, after: Bounds, **data: object) -> None:
    story.tell(story.last_day + story.chance.between(after), fact_type, **data)
    story.today = story.last_day + story.chance.between(assumed.ENDED_DAYS_AGO)


IN_TREATMENT: tuple[Situation, ...] = (
    work_up,
    block_running,
    block_running,
    recovering_on_time,
    recovering_on_time,
    due_today,
    late,
    late,
    critical,
    critical_after_first_block,
    deferred_review_ahead,
    deferred_review_passed,
    mrd_awaited,
    decision_missing,
    silent,
    donor_searched,
    conditioning,
    refractory,
    second_relapse_treated,
)
OTHERS: tuple[Situation, ...] = (
    after_first_line_of_blocks,
    after_first_line_of_blocks,
    follow_up,
    follow_up,
    lost,
    died_of_treatment,
    died_after_failure,
    died_after_second_relapse,
)
# A round of patients: each of these situations once, in an order of chance.
SITUATIONS = (*IN_TREATMENT, *OTHERS)
