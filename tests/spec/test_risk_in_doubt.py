"""Risk groups where a date is missing, two timing rules collide, or no table speaks: nothing is guessed."""

from datetime import date

import pytest

from tests.spec.relapse_dates import DIAGNOSED_ON, ENDED_ON, RELAPSED_ON, a_case, risk_of
from workflow.domain.case import Case, Phenotype
from workflow.domain.classification import BfmTiming
from workflow.domain.facts.findings import RelapseSite
from workflow.domain.switches import Switches
from workflow.knowledge.risk_tables import SCHEMES

SCHEME_IDS = tuple(scheme.id for scheme in SCHEMES)


# Without the end of frontline therapy a relapse from 18 months on is early or late.
@pytest.mark.parametrize(
    ("site", "phenotype", "groups"),
    [
        ("isolated_em", "BCP", (None, None, "SR", None)),
        ("combined_bm", "BCP", ("IR", "IR", "SR", "S2")),
        ("isolated_bm", "BCP", (None, None, None, None)),
        ("isolated_em", "T", (None, None, "SR", None)),
        ("combined_bm", "T", ("HR", "HR", "HR", "S4")),
        ("isolated_bm", "T", ("HR", "HR", "HR", "S4")),
    ],
)
def test_without_a_date_a_group_is_given_where_every_class_leads_to_it(
    site: RelapseSite, phenotype: Phenotype, groups: tuple[str | None, ...]
) -> None:
    found = risk_of(a_case("late", phenotype, end=None), site)

    assert tuple(found.groups[scheme] for scheme in SCHEME_IDS) == groups
    assert all(set(possible) == {"early", "late"} for possible in found.possible.values())
    assert found.flags == ()


def test_the_reason_says_which_classes_were_possible_and_whether_they_differ() -> None:
    alike, differing = (
        next(reason for reason in risk_of(a_case("late", phenotype, end=None), "isolated_bm").reasons)
        for phenotype in ("T", "BCP")
    )

    assert alike.text == "Isolated marrow relapse, T-cell: HR, early or late alike."
    assert differing.text == (
        "Isolated marrow relapse, B-cell precursor: HR if early, IR if late; "
        "no group while the end of frontline therapy is not known."
    )


def test_what_several_cells_say_is_as_sure_as_the_least_sure_of_them() -> None:
    by_site = {site: risk_of(a_case("late", "T", end=None), site).reasons for site in ("isolated_em", "isolated_bm")}

    assert [reason.status for reason in by_site["isolated_em"][:4]] == ["conflict", "explicit", "explicit", "conflict"]
    assert [reason.status for reason in by_site["isolated_bm"]] == ["explicit", "explicit", "explicit", "conflict"]


def test_the_note_of_each_possible_cell_stands_with_its_class() -> None:
    why = risk_of(a_case("late", "T", end=None), "isolated_bm").reasons[3]

    assert "If early: The words of S3" in why.text
    assert "If late: The words of S2" in why.text


@pytest.mark.parametrize(
    ("taken", "group", "other"),
    [
        ("very_early", "IR", "Read as late (short frontline therapy) it is SR"),
        ("late", "SR", "Read as very early (short frontline therapy) it is IR"),
    ],
)
def test_where_two_timing_rules_collide_the_other_group_is_named_and_a_clinician_is_asked(
    taken: BfmTiming, group: str, other: str
) -> None:
    case = Case(
        diagnosis_on=DIAGNOSED_ON,
        relapse_on=date(2022, 9, 29),
        frontline_end_on=date(2021, 12, 1),
        phenotype="BCP",
        switches=Switches(short_frontline="late" if taken == "late" else "very_early"),
    )
    found = risk_of(case, "isolated_em")
    why = found.reasons[0]

    assert found.groups["BFM"] == group
    assert other in why.text
    assert "a clinician must confirm the class before the group is used" in why.text
    assert "C05" in why.contradictions


def test_a_site_that_needs_review_has_no_group_and_none_is_guessed_over_the_possible_sites() -> None:
    # very early marrow relapses are HR whether isolated or combined; it is still not said
    found = risk_of(a_case("very_early", "T"), "needs_review")

    assert set(found.groups.values()) == {None}
    assert (found.possible, found.flags) == ({}, ())
    assert {reason.about for reason in found.reasons} == {f"risk.{scheme}" for scheme in SCHEME_IDS}
    assert all("needs review" in reason.text for reason in found.reasons)


def test_a_second_relapse_has_no_group() -> None:
    case = Case(
        diagnosis_on=DIAGNOSED_ON,
        relapse_on=RELAPSED_ON["late"],
        phenotype="T",
        frontline_ongoing=True,
        relapse_number=2,
    )
    found = risk_of(case, "isolated_bm")

    assert set(found.groups.values()) == {None}
    assert (found.possible, found.flags) == ({}, ())
    assert all("first relapse" in reason.text for reason in found.reasons)


def test_after_a_transplant_in_first_remission_the_groups_stay() -> None:
    case = Case(
        diagnosis_on=DIAGNOSED_ON,
        relapse_on=RELAPSED_ON["late"],
        frontline_end_on=ENDED_ON,
        phenotype="BCP",
        prior_hsct=True,
    )

    assert risk_of(case, "isolated_bm").groups == {
        "BFM": "IR",
        "UKALL_R3": "IR",
        "I_BFM_SG": "SR",
        "ALL_REZ_BFM_95": "S2",
    }
