"""The catalogue of reminders that are pushed to people: a row names a threshold of a window, never its number."""

from dataclasses import dataclass
from typing import Literal

from workflow.domain.alerts import Severity, Stage
from workflow.domain.windows import BLOCK_INTERVAL, DECISION, INDIVIDUAL_DECISION, MRD_RESULT

Threshold = Literal["earliest_on", "latest_on", "critical_from", "review_on", "anchor_on"]
NOT_DELIVERED = "CW-02"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """One row: of windows of `rule`, the first day of its stage is the day in `threshold`, shifted by `shift_days`.

    `site_days` names the site's setting whose days are added; without that setting the row reminds of nothing. With
    `on_working_day` it is told on the last working day before, where the day is none. `repeat_days`: told again every
    so many days while it stands.
    """

    id: str
    rule: str
    title: str
    stage: Stage
    severity: Severity
    threshold: Threshold
    sentence: str
    source: str
    shift_days: int = 0
    site_days: Literal["mrd_result_days"] | None = None
    on_working_day: bool = False
    repeat_days: int | None = None


# What goes to a digest, or is off by default, has no row yet. The numbers stand in the protocols, with their sources.
CATALOGUE = (
    Reminder(
        id="RM-02",
        rule=BLOCK_INTERVAL,
        title="Plan the next block",
        stage="reminder",
        severity="task",
        threshold="latest_on",
        shift_days=-3,
        on_working_day=True,
        sentence="The next block is to be planned. Decide and document: start, defer until, or stop.",
        source="000; lead of 3 days: a proposal of this program (RM-02)",
    ),
    Reminder(
        id="RM-04",
        rule=BLOCK_INTERVAL,
        title="Next block late",
        stage="late",
        severity="warning",
        threshold="latest_on",
        shift_days=1,
        sentence="The next block is late. Decide and document: start, defer until, or stop.",
        source="000, ALL-REZ BFM 90 paragraph: no more than 21 days (RM-04)",
    ),
    Reminder(
        id="RM-05",
        rule=BLOCK_INTERVAL,
        title="Next block critically late",
        stage="critical",
        severity="critical",
        threshold="critical_from",
        repeat_days=3,
        sentence="The next block is critically late. Decide and document: start, defer until, or stop.",
        source="000, ALL-REZ BFM 90 paragraph: more than 25 days (RM-05)",
    ),
    Reminder(
        id="RM-08",
        rule=INDIVIDUAL_DECISION,
        title="Individual decision missing",
        stage="due",
        severity="task",
        threshold="anchor_on",
        sentence="It is decided after each element whether treatment goes on, and this decision is missing. "
        "Decide and document: go on, or stop.",
        source="000, ALL-REZ BFM 95 paragraph (RM-08)",
    ),
    Reminder(
        id="CW-01",
        rule=BLOCK_INTERVAL,
        title="Review of a deferral passed",
        stage="due",
        severity="warning",
        threshold="review_on",
        shift_days=1,
        sentence="The review day of a deferral has passed. Decide and document: start, defer until, or stop.",
        source="operational: the review date that was documented with the deferral",
    ),
    Reminder(
        id="RM-19",
        rule=MRD_RESULT,
        title="MRD result overdue",
        stage="late",
        severity="warning",
        threshold="earliest_on",
        site_days="mrd_result_days",
        sentence="The result of an MRD sample is overdue. Record the result, or that there will be none.",
        source="operational: the sources state no number of days; the site's own setting (RM-19)",
    ),
    Reminder(
        id="CW-03",
        rule=DECISION,
        title="Consolidation decision missing",
        stage="due",
        severity="task",
        threshold="anchor_on",
        sentence="The consolidation decision is missing, and the course waits for it. Record the decision.",
        source="operational: the last result came in that the decision waited for",
    ),
)
DELIVERY_FAILURE = Reminder(
    id=NOT_DELIVERED,
    rule="",
    title="Notice not delivered",
    stage="due",
    severity="warning",
    threshold="anchor_on",
    sentence="A notice reached nobody at one of its addresses. Look at the alert, and have the address mended.",
    source="operational: every attempt to deliver the notice failed",
)
BY_ID = {reminder.id: reminder for reminder in (*CATALOGUE, DELIVERY_FAILURE)}
KNOWN = frozenset(BY_ID)


def reminder_of(reminder_id: str) -> Reminder:
    """Return a row of the catalogue; for a row that only another release knows, one that says so."""
    return BY_ID.get(reminder_id) or Reminder(
        id=reminder_id,
        rule="",
        title="Alert of another release",
        stage="due",
        severity="warning",
        threshold="anchor_on",
        sentence="This release does not know the row; look at the window.",
        source="",
    )
