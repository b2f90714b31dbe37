"""What follows the decision: transplant or further chemotherapy, maintenance, another relapse, the end of care."""

from workflow.simulation import assumptions as assumed
from workflow.simulation.blocks import Treatment, begin, go_on, report_mrd, wait
from workflow.simulation.relapse import diagnose
from workflow.simulation.story import Day, Story

# Two blocks, their assessment, and the block that follows the decision.
BLOCKS_TO_DECISION = 3
# The sample before a transplant and its result, in days before conditioning.
_LAST_SAMPLE, _LAST_RESULT = 6, 1


def treat_to_decision(story: Story, relapsed_on: int) -> Treatment:
    """Tell a course up to the first block after its decision."""
    treatment = begin(story, relapsed_on)
    go_on(treatment, BLOCKS_TO_DECISION - 1)
    return treatment


def treat_to_remission(story: Story, relapsed_on: int) -> None:
    """Tell a whole course that goes well: to the transplant, or to the start of maintenance."""
    treatment = treat_to_decision(story, relapsed_on)
    if treatment.decision == "hsct" and story.chance.happens(assumed.DONOR_SEARCH_FAILS):
        give_up_transplant(treatment)
    if treatment.decision == "hsct":
        transplant(treatment)
    else:
        finish_chemotherapy(treatment)


def condition(treatment: Treatment) -> int:
    """Tell the way from bridging blocks to conditioning; return the day on which that starts."""
    story, chance = treatment.story, treatment.chance
    go_on(treatment, chance.between(assumed.BRIDGING_BLOCKS) - 1)
    days = chance.between(assumed.LAST_BLOCK_TO_NEXT_PHASE_DAYS)
    wait(treatment, days - 1)
    day = treatment.started_on + days
    donor = chance.weighted(assumed.DONOR_TYPE)
    story.tell(treatment.started_on + chance.between((1, 7)), "donor_found", donor_type=donor)
    story.tell(day - _LAST_SAMPLE, "mrd_sampled", timepoint="PRE_HSCT", method="PCR", sample_on=Day(day - _LAST_SAMPLE))
    report_mrd(
        story,
        day - _LAST_RESULT,
        timepoint="PRE_HSCT",
        sampled_on=day - _LAST_SAMPLE,
        result=chance.weighted(assumed.MRD),
    )
    story.tell(day, "conditioning_started", tbi=chance.happens(assumed.IRRADIATION))
    return day


def transplant(treatment: Treatment) -> None:
    """Tell conditioning, transplant and the counts of the weeks after it."""
    story, chance = treatment.story, treatment.chance
    day = condition(treatment) + chance.between(assumed.CONDITIONING_DAYS)
    story.tell(day, "transplanted", donor_type=chance.weighted(assumed.DONOR_TYPE))
    for week in range(1, 5):
        sampled = day + 7 * week
        story.tell(sampled, "counts_recorded", sampled_on=Day(sampled), anc=chance.between((100 * week, 900 * week)))


def give_up_transplant(treatment: Treatment) -> None:
    """Tell that no donor is found, so that chemotherapy goes on instead."""
    story = treatment.story
    # On that day the block that was running has ended.
    day = treatment.started_on + assumed.BLOCK_DAYS[1] + 2
    story.tell(day, "donor_search_failed", reason="no suitable donor")
    story.tell(day, "hsct_cancelled", reason="no suitable donor", next="chemotherapy")
    treatment.decision = "chemotherapy"


def finish_chemotherapy(treatment: Treatment) -> None:
    """Tell the remaining blocks, local therapy where a site outside the marrow was found, and maintenance's start."""
    story, chance = treatment.story, treatment.chance
    go_on(treatment, chance.between(assumed.CHEMOTHERAPY_BLOCKS))
    days = chance.between(assumed.LAST_BLOCK_TO_NEXT_PHASE_DAYS)
    wait(treatment, days)
    day = treatment.started_on + days
    story.tell(day, "intensive_chemotherapy_completed")
    if story.outside_marrow is not None:
        day += chance.between(assumed.DAYS_TO_NEXT_STEP)
        story.tell(day, "local_therapy_given", target=story.outside_marrow, kind="irradiation")
    story.tell(day + chance.between(assumed.DAYS_TO_NEXT_STEP), "maintenance_started")


def visits(story: Story, days: int) -> None:
    """Tell visits over so many days after the newest fact, and complete the maintenance that ends within them."""
    chance, begun = story.chance, story.last_day
    in_maintenance = story.facts[-1].type == "maintenance_started"
    completed = begun + chance.between(assumed.MAINTENANCE_DAYS)
    day = begun + chance.between(assumed.DAYS_BETWEEN_VISITS)
    while day <= begun + days:
        story.tell(day, "contact_recorded", on=Day(day), result="seen as outpatient")
        day += chance.between(assumed.DAYS_BETWEEN_VISITS)
    if in_maintenance and completed <= begun + days:
        story.tell(completed, "maintenance_completed")


def relapse_again(story: Story) -> int:
    """Tell another relapse after a time in remission; return its day."""
    days = story.chance.between(assumed.SECOND_RELAPSE_AFTER_DAYS)
    relapsed_on = story.last_day + days
    visits(story, days - 1)
    diagnose(story, relapsed_on)
    return relapsed_on


def fail(story: Story, relapsed_on: int) -> Treatment:
    """Tell two blocks that bring no remission."""
    treatment = begin(story, relapsed_on)
    treatment.remission = False
    go_on(treatment, 1)
    wait(treatment, assumed.INTERVAL_DAYS["on_time"][1])
    return treatment
