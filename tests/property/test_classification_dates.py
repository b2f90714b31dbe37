"""Laws of the timing classes for any dates: exactly one, never earlier when later, all that a missing date leaves."""

from calendar import monthrange
from dataclasses import replace
from datetime import date, timedelta
from typing import get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from workflow.domain.case import Case, Phenotype
from workflow.domain.classification import BfmTiming, CogSubclass, CogTiming, PdqTiming, Timing
from workflow.domain.facts.findings import RelapseSite
from workflow.domain.switches import ShortFrontline, Switches
from workflow.knowledge.risk import risk_groups
from workflow.knowledge.timing import timing_of

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
LONGEST_COURSE_DAYS = 2000
BFM_ORDER, PDQ_ORDER = get_args(BfmTiming), get_args(PdqTiming)
COG_ORDER, SUBCLASS_ORDER = get_args(CogTiming), get_args(CogSubclass)


def completed_months(since: date, day: date) -> int:
    """Return how many calendar months are over, counted as people count: the day itself, or the last of its month."""
    months = (day.year - since.year) * 12 + day.month - since.month
    is_last_of_month = day.day == monthrange(day.year, day.month)[1]
    return months if day.day >= since.day or is_last_of_month else months - 1


def more_than_months(since: date, day: date, months: int) -> bool:
    """Return whether the day lies after the day on which so many months are over."""
    return completed_months(since, day - timedelta(days=1)) >= months


def bfm_by_counting(case: Case) -> str:
    """Return the class as the printed sentences of 002, Table 2 and Table 5 give it; the end must be known."""
    under_18 = completed_months(case.diagnosis_on, case.relapse_on) < 18
    long_after = case.frontline_end_on is not None and more_than_months(case.frontline_end_on, case.relapse_on, 6)
    if under_18 and long_after:
        return case.switches.short_frontline
    if under_18:
        return "very_early"
    return "late" if long_after else "early"


def cog_by_counting(case: Case) -> tuple[str, str]:
    """Return class and subclass as 002, Table 2 gives them."""
    months = completed_months(case.diagnosis_on, case.relapse_on)
    if months < 36:
        return "early", "very_early" if months < 18 else "intermediate"
    return "late", "late"


def month_after_month(since: date, months: int) -> date:
    """Return the same day so many months later, or the last of that month, by turning the calendar month by month."""
    year, month = since.year, since.month
    for _ in range(months):
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return date(year, month, min(since.day, monthrange(year, month)[1]))


@st.composite
def days_after(draw: st.DrawFn, since: date, months: tuple[int, ...]) -> date:
    """Draw a day from `since` on, most often one within a day of a limit that lies so many months after it."""
    if draw(st.integers(0, 3)) == 0:
        return since + timedelta(days=draw(st.integers(0, LONGEST_COURSE_DAYS)))
    return month_after_month(since, draw(st.sampled_from(months))) + timedelta(days=draw(st.integers(-1, 1)))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw a first relapse whose frontline therapy ended on a day up to it, or was going on."""
    month_ends = st.builds(month_after_month, st.just(date(1900, 1, 31)), st.integers(0, 3400))
    diagnosed = draw(st.one_of(st.dates(FIRST_DAY, date(2185, 12, 31)), month_ends))
    ended = draw(st.none() | days_after(diagnosed, (3, 12, 24, 30)))
    by_diagnosis = days_after(diagnosed, (6, 18, 36))
    relapsed = draw(by_diagnosis if ended is None else st.one_of(by_diagnosis, days_after(ended, (6,))))
    return Case(
        diagnosis_on=diagnosed,
        relapse_on=relapsed,
        frontline_end_on=None if ended is None else min(ended, relapsed),
        frontline_ongoing=ended is None,
        phenotype=draw(st.sampled_from(get_args(Phenotype))),
        switches=Switches(short_frontline=draw(st.sampled_from(get_args(ShortFrontline)))),
    )


def timing(case: Case) -> Timing:
    found = timing_of(case).timing
    assert found is not None
    return found


def without_end(case: Case) -> Case:
    return replace(case, frontline_end_on=None, frontline_ongoing=False)


@settings(max_examples=400)
@given(cases())
def test_every_known_course_has_exactly_one_class_in_each_system_the_one_that_counting_gives(case: Case) -> None:
    found = timing(case)

    assert found.bfm_possible == (bfm_by_counting(case),)
    assert (found.cog, found.cog_subclass) == cog_by_counting(case)
    assert found.pdq_possible == (
        "late"
        if case.frontline_end_on is not None and more_than_months(case.frontline_end_on, case.relapse_on, 6)
        else "early",
    )


@given(cases(), st.booleans())
def test_every_flag_and_every_class_has_one_reason(case: Case, known: bool) -> None:
    found = timing_of(case if known else without_end(case))

    assert [reason.about for reason in found.reasons] == [
        "timing.BFM",
        "timing.COG",
        "timing.COG_subclass",
        "timing.PDQ",
        *(f"flags.{flag}" for flag in found.flags),
    ]


@settings(max_examples=200)
@given(cases(), st.integers(1, LONGEST_COURSE_DAYS), st.booleans())
def test_a_later_relapse_is_never_in_an_earlier_class(case: Case, days: int, known: bool) -> None:
    earlier = case if known else without_end(case)
    later = replace(earlier, relapse_on=min(earlier.relapse_on + timedelta(days=days), LAST_DAY))
    before, after = timing(earlier), timing(later)

    for order, one, other in (
        (BFM_ORDER, before.bfm_possible, after.bfm_possible),
        (PDQ_ORDER, before.pdq_possible, after.pdq_possible),
        (COG_ORDER, (before.cog,), (after.cog,)),
        (SUBCLASS_ORDER, (before.cog_subclass,), (after.cog_subclass,)),
    ):
        assert order.index(one[0]) <= order.index(other[0])
        assert order.index(one[-1]) <= order.index(other[-1])


@given(cases(), st.integers(0, LONGEST_COURSE_DAYS))
def test_a_later_end_of_therapy_never_makes_a_class_later(case: Case, days: int) -> None:
    ended = case.frontline_end_on or case.diagnosis_on
    one = replace(case, frontline_end_on=ended, frontline_ongoing=False)
    other = replace(one, frontline_end_on=min(ended + timedelta(days=days), case.relapse_on))
    still_on = replace(case, frontline_end_on=None, frontline_ongoing=True)
    classes = [timing(each) for each in (still_on, other, one)]

    assert sorted(classes, key=lambda found: BFM_ORDER.index(found.bfm or "")) == classes
    assert sorted(classes, key=lambda found: PDQ_ORDER.index(found.pdq or "")) == classes
    assert len({(found.cog, found.cog_subclass) for found in classes}) == 1


@settings(max_examples=200)
@given(cases())
def test_the_classes_possible_without_the_end_hold_the_class_of_every_end(case: Case) -> None:
    found, possible = timing(case), timing(without_end(case))

    assert found.bfm in possible.bfm_possible
    assert found.pdq in possible.pdq_possible
    assert (found.cog, found.cog_subclass) == (possible.cog, possible.cog_subclass)


@given(cases())
def test_no_class_is_called_possible_that_no_end_leads_to(case: Case) -> None:
    possible = timing(without_end(case))
    ends = [case.diagnosis_on, case.relapse_on]
    known = [timing(replace(case, frontline_end_on=end, frontline_ongoing=False)) for end in ends]

    assert set(possible.bfm_possible) == {found.bfm for found in known}
    assert set(possible.pdq_possible) == {found.pdq for found in known}


@given(cases(), st.integers(1, LONGEST_COURSE_DAYS))
def test_an_end_after_the_relapse_says_as_much_as_none(case: Case, days: int) -> None:
    wrong = replace(case, frontline_end_on=case.relapse_on + timedelta(days=days), frontline_ongoing=False)
    reading = timing_of(wrong)

    assert reading.timing == timing(without_end(case))
    assert "frontline_end_after_relapse" in reading.flags


@settings(max_examples=200)
@given(cases(), st.sampled_from(get_args(RelapseSite)))
def test_a_group_given_without_the_end_is_the_group_of_every_end(case: Case, site: RelapseSite) -> None:
    known = risk_groups(case, timing(case), site)
    open_ended = risk_groups(case, timing(without_end(case)), site)

    for scheme, group in open_ended.groups.items():
        assert known.groups[scheme] in open_ended.possible[scheme].values()
        assert group in {None, known.groups[scheme]}
        assert (group is None) is (len(set(open_ended.possible[scheme].values())) > 1)
