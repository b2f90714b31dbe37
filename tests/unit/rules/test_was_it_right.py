"""Was an alert right? A table of what was recorded when, of an R1 (f4) that started on 2025-01-08."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from tests.facts import PatientFile, a_draft, a_relapsed_patient
from workflow.domain.alerts import Alert, AlertKey
from workflow.domain.facts.fact import Moved
from workflow.domain.site_practice import SitePractice
from workflow.knowledge.reminders import NOT_DELIVERED, reminder_of
from workflow.rules.was_it_right import Finding, was_it_right

BERLIN = ZoneInfo("Europe/Berlin")
STARTED = "2025-01-08"
LATE_ON, CRITICAL_ON = date(2025, 1, 30), date(2025, 2, 3)
MIDNIGHT = time(0, 0, 1)


def at(day: str | date, hour: time = time(12)) -> datetime:
    """Return an instant by the clock of Berlin."""
    return datetime.combine(date.fromisoformat(str(day)), hour, BERLIN).astimezone(UTC)


@dataclass
class Desk:
    """A patient's file where every entry has the instant that the test gives it."""

    file: PatientFile

    def record(self, kind: str, on: str, entered: datetime, **data: object) -> "Desk":
        self.file.add(kind, on, **data)  # type: ignore[arg-type]
        return self._stamped(entered)

    def supersede(self, target: int, kind: str, on: str, entered: datetime, **data: object) -> "Desk":
        draft = a_draft(kind, on, **data)  # type: ignore[arg-type]
        self.file.supersede(self.file.facts[target - 1], draft)
        return self._stamped(entered, reason="read from the wrong line")

    def void(self, target: int, entered: datetime) -> "Desk":
        self.file.void(self.file.facts[target - 1])
        return self._stamped(entered, reason="not given")

    def moved_here(self) -> "Desk":
        self.file.facts[-1] = replace(self.file.facts[-1], moved=Moved(patient_id="other", seq=9))
        return self

    def _stamped(self, entered: datetime, **more: str) -> "Desk":
        self.file.facts[-1] = replace(self.file.facts[-1], recorded_at=entered, **more)  # type: ignore[arg-type]
        return self

    def asked(self, alert: Alert, **practice: object) -> Finding:
        def of_site(site: str) -> SitePractice:
            return SitePractice(id=site, **{"time_zone": "Europe/Berlin", **practice})  # type: ignore[arg-type]

        return was_it_right(alert, self.file.facts, self.file.protocols, of_site)


def after_r1() -> Desk:
    """Return the file in which R1 (f4) started on 2025-01-08 and was completed (f5) on the 13th, entered at once."""
    desk = Desk(a_relapsed_patient())
    desk.record("block_started", STARTED, at(STARTED), element="R1")
    return desk.record("block_completed", "2025-01-13", at("2025-01-13"), given="as_planned")


def an_alert(
    reminder: str = "RM-04", on: date = LATE_ON, raised: datetime | None = None, window: str = "1:TR-001:f4"
) -> Alert:
    row = reminder_of(reminder)
    return Alert(
        id="a",
        key=AlertKey(window, reminder, on),
        course=1,
        rule=row.rule,
        stage=row.stage,
        severity=row.severity,
        raised_at=raised or at(on, MIDNIGHT),
    )


def second_block(desk: Desk, on: str, entered: datetime) -> Desk:
    return desk.record("block_started", on, entered, element="R2")


def right_start(desk: Desk, day: str, entered: datetime) -> Desk:
    return desk.supersede(4, "block_started", day, entered, element="R1")


CASES: dict[str, tuple[Callable[[Desk], Desk], str]] = {
    "nothing came": (lambda desk: desk, "right"),
    "the block started on the day of the alert": (
        lambda desk: second_block(desk, "2025-01-30", at("2025-01-30")),
        "right",
    ),
    "the block started later": (lambda desk: second_block(desk, "2025-02-10", at("2025-02-10")), "right"),
    "the block had started the day before and was entered after": (
        lambda desk: second_block(desk, "2025-01-29", at("2025-02-01")),
        "late_documentation",
    ),
    "the start of the day before was entered in the act that found the alert": (
        lambda desk: second_block(desk, "2025-01-29", at("2025-01-30", MIDNIGHT)),
        "late_documentation",
    ),
    "the patient had died before, and it was entered after": (
        lambda desk: desk.record("died", "2025-01-20", at("2025-02-01")),
        "late_documentation",
    ),
    "the first start was corrected to a later day": (
        lambda desk: right_start(desk, "2025-01-10", at("2025-02-01")),
        "right_then_corrected",
    ),
    "the first start was taken back": (lambda desk: desk.void(4, at("2025-02-01")), "right_then_corrected"),
    "the first start was corrected and corrected back": (
        lambda desk: right_start(desk, "2025-01-10", at("2025-02-01")).supersede(
            6, "block_started", STARTED, at("2025-02-02"), element="R1"
        ),
        "right",
    ),
    "the start that was entered late was taken back": (
        lambda desk: second_block(desk, "2025-01-29", at("2025-02-01")).void(6, at("2025-02-02")),
        "right",
    ),
    "it was entered late, and what counts from it corrected afterwards": (
        lambda desk: right_start(second_block(desk, "2025-01-29", at("2025-02-01")), "2025-01-09", at("2025-02-03")),
        "late_documentation",
    ),
    "the start stood at another patient": (
        lambda desk: second_block(desk, "2025-01-29", at("2025-02-01")).moved_here(),
        "right_then_corrected",
    ),
    "the relapse turned out to be the second one": (
        lambda desk: desk.supersede(
            2, "relapse_diagnosed", "2025-01-06", at("2025-02-01"), relapse_site="isolated_bm", relapse_number=2
        ),
        "right",
    ),
    "the start was known before": (lambda desk: second_block(desk, "2025-01-28", at("2025-01-28")), "wrong"),
}


@pytest.mark.parametrize("case", CASES)
def test_the_four_answers(case: str) -> None:
    told, verdict = CASES[case]

    assert told(after_r1()).asked(an_alert()).verdict == verdict


def test_late_documentation_is_named_with_its_days() -> None:
    found = second_block(after_r1(), "2025-01-27", at("2025-02-18")).asked(an_alert(raised=at("2025-02-01")))

    assert found.why == (
        "Right by what was known then; late documentation: f6 block_started of 2025-01-27, recorded on 2025-02-18, "
        "after the alert of 2025-02-01."
    )
    assert ([fact.id for fact in found.facts], found.since) == (["f6"], at("2025-02-18"))


def test_a_correction_is_named_with_its_reason() -> None:
    found = right_start(after_r1(), "2025-01-10", at("2025-01-30")).asked(an_alert())

    assert found.why == (
        "Right by what was known then; corrected since: f6 supersedes f4 block_started of 2025-01-08 by block_started "
        "of 2025-01-10 (“read from the wrong line”), recorded on 2025-01-30, later on the day of the alert."
    )


def test_only_what_ended_the_window_is_named_of_an_import() -> None:
    desk = second_block(after_r1(), "2025-01-27", at("2025-02-18"))
    desk.record("note_added", "2025-01-27", at("2025-02-18"), text="seen")

    assert [fact.id for fact in desk.asked(an_alert()).facts] == ["f6"]


def test_the_last_turn_counts() -> None:
    desk = right_start(after_r1(), "2025-01-10", at("2025-02-01"))
    desk.supersede(6, "block_started", STARTED, at("2025-02-02"), element="R1")
    found = second_block(desk, "2025-01-29", at("2025-02-03")).asked(an_alert())

    assert (found.verdict, [fact.id for fact in found.facts]) == ("late_documentation", ["f8"])


def test_a_threshold_found_passed_is_right_by_the_fact_that_brought_it() -> None:
    desk = Desk(a_relapsed_patient())
    entered = at("2025-02-20")
    desk.record("block_started", STARTED, entered, element="R1")

    assert desk.asked(an_alert(raised=entered)).verdict == "right"


def test_an_alert_of_other_rules_or_a_clock_ahead_is_wrong() -> None:
    of_other_rules = an_alert(on=date(2025, 1, 25))
    ahead = an_alert(raised=at("2025-01-27"))

    assert after_r1().asked(of_other_rules).verdict == "wrong"
    assert second_block(after_r1(), "2025-01-28", at("2025-01-28")).asked(ahead).verdict == "wrong"


def test_a_plan_told_on_friday_for_sunday_is_right_though_the_block_started_on_saturday() -> None:
    told_on_friday = an_alert("RM-02", date(2025, 1, 26), at("2025-01-24", MIDNIGHT))
    on_saturday = second_block(after_r1(), "2025-01-25", at("2025-01-25"))
    on_thursday = second_block(after_r1(), "2025-01-23", at("2025-01-25"))

    assert on_saturday.asked(told_on_friday).verdict == "right"
    assert on_thursday.asked(told_on_friday).verdict == "late_documentation"
    # Without weekends it would have been told on Sunday only.
    assert on_saturday.asked(told_on_friday, working_days=(1, 2, 3, 4, 5, 6, 7)).verdict == "wrong"


def deferred(desk: Desk, on: str, review_on: str, entered: datetime) -> Desk:
    causes = [{"code": "infection", "primary": True}]
    return desk.record("block_deferred", on, entered, element="R2", causes=causes, review_on=review_on)


def test_a_new_deferral_does_not_undo_that_a_review_had_passed() -> None:
    passed = an_alert("CW-01", date(2025, 2, 1))
    waiting = deferred(after_r1(), "2025-01-28", "2025-01-31", at("2025-01-28"))

    on_the_day = deferred(waiting, "2025-02-01", "2025-02-10", at("2025-02-01"))
    assert on_the_day.asked(passed).verdict == "right"
    in_time = deferred(after_r1(), "2025-01-28", "2025-01-31", at("2025-01-28"))
    deferred(in_time, "2025-01-31", "2025-02-10", at("2025-02-02"))
    assert in_time.asked(passed).verdict == "late_documentation"


def test_a_result_is_overdue_by_the_days_that_the_site_had_set() -> None:
    sample = {"timepoint": "END_BLOCK_1", "method": "PCR", "sample_on": "2025-01-14"}
    desk = after_r1().record("mrd_sampled", "2025-01-14", at("2025-01-14"), **sample)
    overdue = an_alert("RM-19", date(2025, 1, 24), window="1:OP-001:f6")

    assert desk.asked(overdue, mrd_result_days=10).verdict == "right"
    assert desk.asked(overdue, mrd_result_days=14).verdict == "wrong"


def test_a_notice_that_was_given_up_is_no_matter_of_dates() -> None:
    assert after_r1().asked(an_alert(NOT_DELIVERED)).verdict == "right"


def test_of_an_alert_whose_row_only_another_release_knows_nothing_is_claimed() -> None:
    found = after_r1().asked(an_alert("RM-77"))
    assert found.verdict == "not_known"
    assert "another release" in found.why
