"""An MRD result belongs to the course of its sample, and counts where its time point fits the blocks of that course."""

import pytest

from tests.facts import OVERRIDE, PatientFile, a_draft, a_relapsed_patient, after_relapse
from tests.spec.chart_paths import reach
from tests.spec.classified_courses import ISOLATED_MARROW, in_remission, recommended, result, the_course
from workflow.domain.facts.response import MrdReported
from workflow.domain.patient import MrdOnFile
from workflow.rules.judgement import Accepted

SECOND_RELAPSE = 100


def twice_relapsed() -> PatientFile:
    file = in_remission()
    file.add("relapse_diagnosed", after_relapse(SECOND_RELAPSE), **ISOLATED_MARROW)
    file.add("protocol_chosen", after_relapse(SECOND_RELAPSE), protocol="all-rez-bfm-2002")
    return file


def codes(accepted: Accepted) -> list[str]:
    return [caution.code for caution in accepted.warnings]


@pytest.mark.parametrize(
    ("sampled", "course"),
    [(-1, None), (0, 1), (29, 1), (99, 1), (100, 2), (101, 2)],
)
def test_a_result_is_filed_to_the_course_that_was_under_way_on_the_day_of_its_sample(
    sampled: int, course: int | None
) -> None:
    file = twice_relapsed()
    accepted = file.add("mrd_reported", after_relapse(110), **result(sampled, timepoint="OTHER"))
    filed = {known.number: [one.result.sample_on for one in known.mrd] for known in file.state.courses}
    assert filed == {number: [after_relapse(sampled)] if number == course else [] for number in (1, 2)}
    said = {None: ["sample_before_first_relapse"], 1: ["sample_of_earlier_course"], 2: []}
    assert codes(accepted) == said[course]


def test_a_sample_before_the_first_relapse_is_said_to_count_for_nothing() -> None:
    accepted = in_remission().add("mrd_reported", after_relapse(31), **result(-1))
    (caution,) = accepted.warnings
    assert caution.message.startswith("The sample of 2025-01-05 lies before the first relapse here, 2025-01-06:")


def test_there_being_no_result_belongs_to_the_course_of_its_day() -> None:
    file = twice_relapsed()
    file.add("mrd_not_available", after_relapse(110))
    assert [known.mrd_not_available for known in file.state.courses] == [(), ("AFTER_INDUCTION_COURSE_2",)]


def test_a_result_of_the_earlier_course_leaves_the_windows_of_the_current_one_alone() -> None:
    file = twice_relapsed()
    for started, ended in ((105, 110), (124, 129)):
        file.add("block_started", after_relapse(started))
        file.add("block_completed", after_relapse(ended))
    (window,) = (window for window in file.state.open_windows if window.rule == "TR-013")
    file.add("mrd_reported", after_relapse(130), **result())
    assert window in file.state.open_windows
    file.add("mrd_reported", after_relapse(131), **result(130))
    assert "mrd_reported" not in next(known for known in file.state.windows if known.id == window.id).expects


# The time points against two blocks (R1 from day 3 to 8, R2 from 22 to 27, both with their ends), a third from 43 on,
# and what is said of a sample of that day; None where it fits.
FITS: list[tuple[str, int, str | None]] = [
    ("END_BLOCK_1", 7, "the sample of 2025-01-13 was taken before R1 of 2025-01-09 ended on 2025-01-14"),
    ("END_BLOCK_1", 8, None),
    ("END_BLOCK_1", 22, None),
    ("END_BLOCK_1", 23, "the sample of 2025-01-29 was taken after R2 of 2025-01-28 had started"),
    ("END_BLOCK_2", 26, "the sample of 2025-02-01 was taken before R2 of 2025-01-28 ended on 2025-02-02"),
    ("END_BLOCK_2", 27, None),
    ("END_BLOCK_2", 43, None),
    ("END_BLOCK_2", 44, "the sample of 2025-02-19 was taken after R1 of 2025-02-18 had started"),
    ("AFTER_INDUCTION_COURSE_2", 26, "the sample of 2025-02-01 was taken before R2 of 2025-01-28 ended on 2025-02-02"),
    ("AFTER_INDUCTION_COURSE_2", 27, None),
    ("AFTER_INDUCTION_COURSE_2", 44, "the sample of 2025-02-19 was taken after R1 of 2025-02-18 had started"),
    ("END_BLOCK_3", 43, "the sample of 2025-02-18 was not taken after the start of R1 of 2025-02-18"),
    ("END_BLOCK_3", 44, "R1 of 2025-02-18 is still running; its end is not on file"),
    ("END_INDUCTION", 3, "the sample of 2025-01-09 was not taken after the first start, R1 of 2025-01-09"),
    ("END_INDUCTION", 4, "the sample of 2025-01-10 was taken before R1 of 2025-01-09 ended on 2025-01-14"),
    ("END_INDUCTION", 8, None),
    ("END_INDUCTION", 22, None),
    ("END_INDUCTION", 23, "the sample of 2025-01-29 was taken before R2 of 2025-01-28 ended on 2025-02-02"),
    ("END_INDUCTION", 27, None),
    ("END_INDUCTION", 43, None),
    ("END_INDUCTION", 44, "R1 of 2025-02-18 is still running; its end is not on file"),
    ("WEEK_5", 3, "the sample of 2025-01-09 was not taken after the first start, R1 of 2025-01-09"),
    ("WEEK_5", 4, None),
    ("WEEK_12", 3, "the sample of 2025-01-09 was not taken after the first start, R1 of 2025-01-09"),
    ("WEEK_12", 4, None),
    ("PRE_HSCT", 3, "the sample of 2025-01-09 was not taken after the first start, R1 of 2025-01-09"),
    ("PRE_HSCT", 4, None),
    ("OTHER", 0, None),
    ("OTHER", 44, None),
]


def in_third_block() -> PatientFile:
    file = in_remission()
    file.add("consolidation_decided", after_relapse(40), override=OVERRIDE, decision="bridging_then_hsct")
    file.add("block_started", after_relapse(43), element="R1")
    return file


@pytest.mark.parametrize(("timepoint", "sampled", "doubt"), FITS, ids=[f"{row[0]} day {row[1]}" for row in FITS])
def test_a_time_point_fits_the_blocks_or_is_doubted(timepoint: str, sampled: int, doubt: str | None) -> None:
    file = in_third_block()
    accepted = file.add("mrd_reported", after_relapse(60), **result(sampled, timepoint=timepoint))
    assert [known.doubt for known in the_course(file).mrd] == [doubt]
    assert file.state.unconfirmed == (() if doubt is None else (accepted.fact.lineage,))
    assert codes(accepted) == ([] if doubt is None else ["timepoint_in_doubt"])
    assert doubt is None or doubt in accepted.warnings[0].message


@pytest.mark.parametrize("timepoint", ["END_BLOCK_1", "END_BLOCK_2", "END_BLOCK_3", "AFTER_INDUCTION_COURSE_2"])
def test_without_its_block_on_file_a_time_point_is_doubted(timepoint: str) -> None:
    file = a_relapsed_patient()
    file.add("mrd_reported", after_relapse(5), **result(4, timepoint=timepoint))
    (known,) = the_course(file).mrd
    assert known.doubt is not None
    assert known.doubt.startswith("no attempt of course 1 has a ")


@pytest.mark.parametrize("timepoint", ["END_INDUCTION", "WEEK_5", "WEEK_12", "PRE_HSCT"])
def test_without_any_block_on_file_a_later_time_point_is_doubted(timepoint: str) -> None:
    file = a_relapsed_patient()
    file.add("mrd_reported", after_relapse(5), **result(4, timepoint=timepoint))
    assert the_course(file).mrd[0].doubt == "no block of course 1 is on file"


@pytest.mark.parametrize(("sampled", "fits"), [(90, True), (91, False)])
def test_a_sample_before_the_transplant_is_not_taken_after_it(sampled: int, *, fits: bool) -> None:
    file = reach("hsct.transplanted")
    file.add("mrd_reported", after_relapse(95), **result(sampled, timepoint="PRE_HSCT"))
    (known,) = the_course(file).mrd
    doubt = "the sample of 2025-04-07 was taken after the transplant of 2025-04-06"
    assert known.doubt == (None if fits else doubt)


def test_a_block_whose_end_nobody_recorded_is_taken_to_have_ended_any_day_after_its_start() -> None:
    file = a_relapsed_patient()
    file.add("block_started", after_relapse(3), element="R1")
    file.add("block_started", after_relapse(22), element="R2")
    file.add("mrd_reported", after_relapse(25), **result(10, timepoint="END_BLOCK_1"))
    assert the_course(file).mrd[0].doubt is None


def test_each_attempt_has_its_own_second_block() -> None:
    file = in_remission()
    file.add("reinduction_failed", after_relapse(31))
    for started, ended in ((45, 50), (64, 69)):
        file.add("block_started", after_relapse(started))
        file.add("block_completed", after_relapse(ended))
    for day, (sampled, fits) in enumerate([(29, True), (47, False), (60, False), (70, True)], start=80):
        file.add("mrd_reported", after_relapse(day), **result(sampled))
        assert (the_course(file).mrd[-1].doubt is None) is fits


def test_a_result_in_doubt_counts_once_a_clinician_has_confirmed_it() -> None:
    file = in_remission()
    doubted = file.add("mrd_reported", after_relapse(34), **result(26)).fact
    assert recommended(file).decision == "NEED_MRD"
    file.add("confirmed", after_relapse(35), fact=doubted.id)
    assert recommended(file).decision == "HSCT"
    assert isinstance(doubted.data, MrdReported)
    known = MrdOnFile(fact=doubted.lineage, version=doubted.seq, result=doubted.data, confirmed=True)
    assert the_course(file).mrd == (known,)
    assert file.state.unconfirmed == ()


def test_a_result_of_an_earlier_course_is_confirmed_there() -> None:
    file = twice_relapsed()
    doubted = file.add("mrd_reported", after_relapse(110), **result(26)).fact
    file.add("confirmed", after_relapse(111), fact=doubted.id)
    assert recommended(file).decision == "HSCT"
    assert the_course(file, 2).mrd == ()


def test_a_corrected_block_takes_the_doubt_away() -> None:
    file = in_remission()
    file.add("mrd_reported", after_relapse(34), **result(26))
    (ended,) = (fact for fact in file.facts if fact.occurred_on == after_relapse(27))
    file.supersede(ended, a_draft("block_completed", after_relapse(26)))
    assert the_course(file).mrd[0].doubt is None
    assert file.state.unconfirmed == ()


@pytest.mark.parametrize(("sampled", "timepoint"), [(25, "AFTER_INDUCTION_COURSE_2"), (26, "END_BLOCK_2")])
def test_a_result_put_right_after_its_confirmation_is_in_doubt_until_it_is_confirmed_again(
    sampled: int, timepoint: str
) -> None:
    file = in_remission()
    doubted = file.add("mrd_reported", after_relapse(34), **result(26)).fact
    file.add("confirmed", after_relapse(35), fact=doubted.id)
    file.supersede(doubted, a_draft("mrd_reported", after_relapse(34), **result(sampled, timepoint=timepoint)))
    (known,) = the_course(file).mrd
    assert known.doubt is not None
    assert file.state.unconfirmed == (doubted.lineage,)
    assert recommended(file).decision == "NEED_MRD"
    file.add("confirmed", after_relapse(36), fact=doubted.id)
    assert the_course(file).mrd[0].doubt is None
    assert not file.state.unconfirmed


def test_a_result_put_right_to_a_day_that_fits_needs_no_confirmation() -> None:
    file = in_remission()
    doubted = file.add("mrd_reported", after_relapse(34), **result(26)).fact
    file.add("confirmed", after_relapse(35), fact=doubted.id)
    file.supersede(doubted, a_draft("mrd_reported", after_relapse(34), **result(29)))
    assert the_course(file).mrd[0].doubt is None
    assert file.state.unconfirmed == ()
    assert recommended(file).decision == "HSCT"
