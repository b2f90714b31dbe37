"""When a relapse came, by BFM, COG and PDQ: every limit on its day and a day to either side, with rule and source."""

from datetime import date, timedelta

import pytest

from tests.spec.relapse_dates import ONGOING, UNKNOWN, reading, reason, timing


@pytest.mark.parametrize(
    ("diagnosed", "relapsed", "bfm", "cog"),
    [
        # 18 months after 29 September 2021 is 29 March 2023
        ("2021-09-29", "2021-09-30", "very_early", "very_early"),
        ("2021-09-29", "2023-03-28", "very_early", "very_early"),
        ("2021-09-29", "2023-03-29", "early", "intermediate"),
        ("2021-09-29", "2023-03-30", "early", "intermediate"),
        # the 31st of August has no 31st in February: its last day, in years with and without a leap day
        ("2021-08-31", "2023-02-27", "very_early", "very_early"),
        ("2021-08-31", "2023-02-28", "early", "intermediate"),
        ("2021-08-31", "2023-03-01", "early", "intermediate"),
        ("2022-08-31", "2024-02-28", "very_early", "very_early"),
        ("2022-08-31", "2024-02-29", "early", "intermediate"),
        # a diagnosis on a leap day
        ("2020-02-29", "2021-08-28", "very_early", "very_early"),
        ("2020-02-29", "2021-08-29", "early", "intermediate"),
        # months, not days: 547 days after both diagnoses, on one side of the limit and on the other
        ("2022-03-01", "2023-08-30", "very_early", "very_early"),
        ("2022-02-27", "2023-08-28", "early", "intermediate"),
    ],
)
def test_under_18_months_from_the_diagnosis_is_very_early_and_18_months_to_the_day_are_not(
    diagnosed: str, relapsed: str, bfm: str, cog: str
) -> None:
    found = timing(diagnosed, relapsed, ONGOING)

    assert (found.bfm, found.cog_subclass) == (bfm, cog)
    assert found.cog == "early"


@pytest.mark.parametrize(
    ("ended", "relapsed", "expected"),
    [
        ("2023-09-29", "2023-09-29", "early"),
        ("2023-09-29", "2024-03-28", "early"),
        ("2023-09-29", "2024-03-29", "early"),
        ("2023-09-29", "2024-03-30", "late"),
        # 31 August and 6 months: the last day of February
        ("2023-08-31", "2024-02-28", "early"),
        ("2023-08-31", "2024-02-29", "early"),
        ("2023-08-31", "2024-03-01", "late"),
        ("2024-08-31", "2025-02-28", "early"),
        ("2024-08-31", "2025-03-01", "late"),
        # and from the last day of February on, the same day of August, not its last
        ("2024-02-29", "2024-08-29", "early"),
        ("2024-02-29", "2024-08-30", "late"),
        ("2023-02-28", "2023-08-28", "early"),
        ("2023-02-28", "2023-08-29", "late"),
    ],
)
def test_more_than_6_months_after_the_end_of_therapy_is_late_for_bfm_and_pdq_and_6_months_to_the_day_are_not(
    ended: str, relapsed: str, expected: str
) -> None:
    found = timing("2021-01-15", relapsed, ended)

    assert (found.bfm, found.pdq) == (expected, expected)


@pytest.mark.parametrize(
    ("diagnosed", "relapsed", "expected"),
    [
        ("2021-09-29", "2024-09-28", ("early", "intermediate")),
        ("2021-09-29", "2024-09-29", ("late", "late")),
        ("2021-09-29", "2024-09-30", ("late", "late")),
        # three years after a leap day there is none
        ("2020-02-29", "2023-02-27", ("early", "intermediate")),
        ("2020-02-29", "2023-02-28", ("late", "late")),
        ("2021-02-28", "2024-02-27", ("early", "intermediate")),
        ("2021-02-28", "2024-02-28", ("late", "late")),
    ],
)
@pytest.mark.parametrize("frontline", [ONGOING, UNKNOWN, "2021-12-01"])
def test_cog_counts_36_months_from_the_diagnosis_whatever_became_of_frontline_therapy(
    diagnosed: str, relapsed: str, expected: tuple[str, str], frontline: str
) -> None:
    found = timing(diagnosed, relapsed, frontline)

    assert (found.cog, found.cog_subclass) == expected


@pytest.mark.parametrize("relapsed", ["2023-03-29", "2024-06-01", "2027-01-01"])
def test_on_frontline_therapy_no_relapse_is_late_for_bfm_or_pdq(relapsed: str) -> None:
    found = timing("2021-09-29", relapsed, ONGOING)

    assert (found.bfm, found.pdq) == ("early", "early")


@pytest.mark.parametrize("relapse_number", [2, 3, 17])
def test_from_the_second_relapse_on_there_is_no_class(relapse_number: int) -> None:
    found = reading("2021-09-29", "2022-01-01", "2021-12-01", relapse_number=relapse_number)

    assert (found.timing, found.flags) == (None, ())
    (why,) = found.reasons
    assert (why.about, why.source) == ("timing", "000; 002, Table 5 [42]")
    assert "first relapse" in why.text


@pytest.mark.parametrize(
    ("relapsed", "bfm_rule", "cog_rule", "subclass_rule"),
    [
        ("2023-03-28", "TR-034", "TR-037", "TR-036"),
        ("2024-03-29", "TR-035", "TR-037", "TR-036"),
        ("2024-09-29", "TR-035", "TR-037", "TR-037"),
    ],
)
def test_every_class_names_its_rule_and_its_source(
    relapsed: str, bfm_rule: str, cog_rule: str, subclass_rule: str
) -> None:
    found = reading("2021-09-29", relapsed, min("2023-09-29", relapsed))

    assert [(one.about, one.rule) for one in found.reasons if one.about.startswith("timing.")] == [
        ("timing.BFM", bfm_rule),
        ("timing.COG", cog_rule),
        ("timing.COG_subclass", subclass_rule),
        ("timing.PDQ", "TR-038"),
    ]
    assert [one.source[:3] for one in found.reasons[:4]] == ["002", "002", "002", "004"]


@pytest.mark.parametrize(
    ("relapsed", "ended", "about", "disputed"),
    [
        ("2023-03-29", "2023-01-01", "timing.BFM", "C03"),
        ("2024-03-29", "2023-09-29", "timing.BFM", "C04"),
        ("2024-09-29", "2023-09-29", "timing.COG", "C09"),
        ("2024-09-29", "2023-09-29", "timing.COG_subclass", "C09"),
    ],
)
def test_on_the_day_of_a_limit_that_the_sources_dispute_the_reason_says_so_and_on_no_other_day(
    relapsed: str, ended: str, about: str, disputed: str
) -> None:
    day = date.fromisoformat(relapsed)
    told = {
        shift: reason(about, reading("2021-09-29", (day + timedelta(days=shift)).isoformat(), ended))
        for shift in (-1, 0, 1)
    }

    assert {shift: disputed in one.contradictions for shift, one in told.items()} == {-1: False, 0: True, 1: False}
    assert {shift: one.status for shift, one in told.items()} == {-1: "explicit", 0: "conflict", 1: "explicit"}


def test_the_words_of_000_give_no_class() -> None:
    # 000: early up to 18 months from the diagnosis and late after that, without a word on the end of therapy.
    found = reading("2021-09-29", "2023-06-01", ONGOING)

    assert found.timing is not None
    assert found.timing.bfm == "early"
    assert reason("timing.BFM", found).contradictions == ("C01", "C02")
