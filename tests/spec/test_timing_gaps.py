"""Where the timing systems part, two rules collide, or a date is missing or cannot be: no class is guessed."""

from datetime import date

import pytest

from tests.spec.relapse_dates import ONGOING, UNKNOWN, reading, reason, timing
from workflow.domain.switches import ShortFrontline

GAP_OF_24_MONTHS = ("2021-01-15", "2023-01-15")
THERAPY_OF_35_MONTHS = ("2020-01-15", "2022-12-15")
THERAPY_OF_30_MONTHS = ("2021-01-15", "2023-07-15")


@pytest.mark.parametrize(
    ("frontline", "relapsed", "bfm", "cog", "disagree"),
    [
        # after 24 months of therapy: late by BFM and early by COG from the day after 30 months until before 36
        (GAP_OF_24_MONTHS, "2023-07-15", "early", "early", False),
        (GAP_OF_24_MONTHS, "2023-07-16", "late", "early", True),
        (GAP_OF_24_MONTHS, "2024-01-14", "late", "early", True),
        (GAP_OF_24_MONTHS, "2024-01-15", "late", "late", False),
        # after longer therapy the gap turns round: early by BFM and late by COG from 36 months on
        (THERAPY_OF_35_MONTHS, "2023-01-14", "early", "early", False),
        (THERAPY_OF_35_MONTHS, "2023-01-15", "early", "late", True),
        (THERAPY_OF_35_MONTHS, "2023-06-15", "early", "late", True),
        (THERAPY_OF_35_MONTHS, "2023-06-16", "late", "late", False),
        (("2020-01-15", ONGOING), "2023-01-14", "early", "early", False),
        (("2020-01-15", ONGOING), "2023-01-15", "early", "late", True),
        # after 30 months both limits fall on one day, which BFM gives to early and COG to late
        (THERAPY_OF_30_MONTHS, "2024-01-14", "early", "early", False),
        (THERAPY_OF_30_MONTHS, "2024-01-15", "early", "late", True),
        (THERAPY_OF_30_MONTHS, "2024-01-16", "late", "late", False),
        # very early is early for both
        (GAP_OF_24_MONTHS, "2022-01-15", "very_early", "early", False),
    ],
)
def test_where_bfm_and_cog_part(
    frontline: tuple[str, str], relapsed: str, bfm: str, cog: str, *, disagree: bool
) -> None:
    diagnosed, ended = frontline
    known = ONGOING if ended == ONGOING or date.fromisoformat(ended) > date.fromisoformat(relapsed) else ended
    found = reading(diagnosed, relapsed, known)

    assert found.timing is not None
    assert (found.timing.bfm, found.timing.cog) == (bfm, cog)
    assert ("systems_disagree" in found.flags) is disagree


def test_the_disagreement_is_told_with_both_comparisons() -> None:
    told = reason("flags.systems_disagree", reading("2021-01-15", "2023-08-01", "2023-01-15"))

    assert "2023-08-01 > 2023-01-15 + 6 months = 2023-07-15" in told.text
    assert "2023-08-01 < 2021-01-15 + 36 months = 2024-01-15" in told.text
    assert (told.contradictions, told.status) == (("C07",), "explicit")


def test_the_reverse_gap_follows_from_the_rules_and_is_printed_nowhere() -> None:
    told = reason("flags.systems_disagree", reading("2020-01-15", "2023-01-15", ONGOING))

    assert "frontline therapy was going on" in told.text
    assert "2023-01-15 >= 2020-01-15 + 36 months = 2023-01-15" in told.text
    assert (told.contradictions, told.status) == (("C07",), "inferred")


@pytest.mark.parametrize(
    ("relapsed", "conflict"),
    [
        ("2022-06-01", False),  # 6 months after the end, to the day
        ("2022-06-02", True),
        ("2023-03-28", True),  # the last day under 18 months from the diagnosis
        ("2023-03-29", False),
    ],
)
def test_after_short_frontline_therapy_very_early_and_late_collide(relapsed: str, *, conflict: bool) -> None:
    found = reading("2021-09-29", relapsed, "2021-12-01")

    assert found.timing is not None
    assert found.timing.bfm_alternative == ("late" if conflict else None)
    assert ("timing_conflict" in found.flags) is conflict
    assert found.timing.bfm == ("late" if relapsed == "2023-03-29" else "very_early")


@pytest.mark.parametrize(("taken", "alternative"), [("very_early", "late"), ("late", "very_early")])
def test_a_protocol_says_which_of_the_two_stands_and_a_clinician_is_asked_either_way(
    taken: ShortFrontline, alternative: str
) -> None:
    found = reading("2021-09-29", "2022-09-29", "2021-12-01", short_frontline=taken)
    told = reason("flags.timing_conflict", found)

    assert found.timing is not None
    assert (found.timing.bfm, found.timing.bfm_alternative) == (taken, alternative)
    assert "2022-09-29 < 2021-09-29 + 18 months = 2023-03-29" in told.text
    assert "2022-09-29 > 2021-12-01 + 6 months = 2022-06-01" in told.text
    assert "a clinician must confirm" in told.text
    assert (told.status, told.contradictions) == ("conflict", ("C05",))
    assert reason("timing.BFM", found).contradictions == ("C01", "C02", "C05")


def test_late_by_the_short_frontline_reading_is_still_early_for_cog_and_said_so() -> None:
    found = reading("2021-09-29", "2022-09-29", "2021-12-01", short_frontline="late")

    assert set(found.flags) == {"timing_conflict", "systems_disagree"}


@pytest.mark.parametrize(
    ("relapsed", "short_frontline", "bfm", "pdq"),
    [
        # under 18 months the diagnosis decides
        ("2023-03-28", "very_early", ("very_early",), ("early", "late")),
        # from then on the end of therapy does, and it is missing
        ("2023-03-29", "very_early", ("early", "late"), ("early", "late")),
        ("2026-01-01", "very_early", ("early", "late"), ("early", "late")),
        # a protocol that reads short frontline therapy as late makes the end count earlier
        ("2023-03-28", "late", ("very_early", "late"), ("early", "late")),
        ("2023-03-29", "late", ("early", "late"), ("early", "late")),
        # within 6 months of the diagnosis no end can lie more than 6 months back
        ("2022-03-29", "late", ("very_early",), ("early",)),
        ("2022-03-30", "late", ("very_early", "late"), ("early", "late")),
        ("2022-03-29", "very_early", ("very_early",), ("early",)),
    ],
)
def test_without_the_end_of_frontline_therapy_every_class_that_it_could_lead_to_stays_possible(
    relapsed: str, short_frontline: ShortFrontline, bfm: tuple[str, ...], pdq: tuple[str, ...]
) -> None:
    found = reading("2021-09-29", relapsed, UNKNOWN, short_frontline=short_frontline)

    assert found.timing is not None
    assert (found.timing.bfm_possible, found.timing.pdq_possible) == (bfm, pdq)
    assert found.timing.bfm == (bfm[0] if len(bfm) == 1 else None)
    assert found.timing.bfm_alternative is None
    assert found.flags == ()


def test_what_is_missing_is_said_where_the_class_stays_open() -> None:
    found = reading("2021-09-29", "2024-07-29")

    assert reason("timing.BFM", found).text == (
        "BFM early or late: counted from the diagnosis, 2024-07-29 >= 2021-09-29 + 18 months = 2023-03-29; "
        "the end of frontline therapy is not known."
    )
    assert reason("timing.PDQ", found).text == "PDQ early or late: the end of frontline therapy is not known."


def test_an_end_of_frontline_therapy_after_the_relapse_is_not_used_and_asked_to_be_corrected() -> None:
    found = reading("2021-09-29", "2024-07-29", "2024-07-30")
    told = reason("flags.frontline_end_after_relapse", found)

    assert found.timing == timing("2021-09-29", "2024-07-29", UNKNOWN)
    assert found.flags == ("frontline_end_after_relapse",)
    assert "2024-07-30 > 2024-07-29" in told.text
    assert "correct the registration" in told.text


def test_an_end_of_frontline_therapy_on_the_day_of_the_relapse_is_used() -> None:
    found = reading("2021-09-29", "2024-07-29", "2024-07-29")

    assert found.timing is not None
    assert (found.timing.bfm, found.timing.pdq, found.flags) == ("early", "early", ())
