"""For whom a protocol is: said when it is chosen, by what is on file, and never a refusal."""

from dataclasses import fields
from decimal import Decimal
from typing import Any

import pytest

from tests.facts import PatientFile, a_registered_patient
from tests.spec.small_protocols import (
    BLOCKS,
    EARLY,
    OF_UNKNOWN_TIME,
    RELAPSED_ON,
    VERY_EARLY,
    give,
    small,
)
from workflow.protocols.drawing.sentences import eligibility_words
from workflow.protocols.for_whom import Conditions, Eligibility, InGroups
from workflow.protocols.model import Protocols
from workflow.rules.eligibility import findings
from workflow.rules.judgement import Caution

OTHER = small("other", BLOCKS)


def for_whom(*conditions: str) -> str:
    """Return an entry with these conditions."""
    return "\n".join(("[[eligibility]]", 'asks = "For some."', 'source = "000, page 9"', *conditions, ""))


def told(
    entries: str, *before: tuple[str, str, dict[str, Any]], on: str = "2025-03-03", **registered: object
) -> list[Caution]:
    """Return what is said of eligibility when the protocol is chosen after these facts."""
    asking = small("asking", BLOCKS, entries)
    file = a_registered_patient(Protocols((asking, OTHER)), **registered)
    file.add("relapse_diagnosed", RELAPSED_ON, relapse_site="isolated_bm")
    for fact_type, day, data in before:
        file.add(fact_type, day, **data)
    warnings = file.add("protocol_chosen", on, protocol="asking").warnings
    return [warning for warning in warnings if warning.code.startswith("eligibility")]


def codes(*arguments: Any, **registered: Any) -> list[str]:  # noqa: ANN401 -- handed on as they come
    return [warning.code.removeprefix("eligibility_") for warning in told(*arguments, **registered)]


MET: list[str] = []
NOT_MET, UNKNOWN = ["not_met"], ["unknown"]
IN_REMISSION = ("response_assessed", "2025-02-10", {"marrow_blasts_percent": 1, "final": True})
NO_REMISSION = ("response_assessed", "2025-02-10", {"marrow_blasts_percent": 40, "final": True})
A_BLOCK = (
    ("block_started", "2025-01-20", {"element": "R1"}),
    ("block_completed", "2025-01-25", {"given": "as_planned"}),
)
FAILED = ("reinduction_failed", "2025-02-12", {"criterion": "marrow"})


def mrd(**result: object) -> tuple[str, str, dict[str, Any]]:
    """Return a result of a sample after the first block."""
    point = {"timepoint": "END_BLOCK_1", "method": "FLOW", "sample_on": "2025-02-01", "unit": "fraction"}
    return ("mrd_reported", "2025-02-20", point | result)


@pytest.mark.parametrize(
    ("condition", "registered", "answer"),
    [
        ('phenotype = "T"', {"phenotype": "T"}, MET),
        ('phenotype = "T"', {"phenotype": "BCP"}, NOT_MET),
        ('ph_status = "negative"', {"ph_status": "negative"}, MET),
        ('ph_status = "negative"', {"ph_status": "positive"}, NOT_MET),
        ('ph_status = "negative"', {"ph_status": "unknown"}, UNKNOWN),
        ('ph_status = "negative"', {}, UNKNOWN),
        # Chosen on 2025-03-03: 21 until the day before the 22nd birthday, 1 from the first one on.
        ("age_years = [1, 21]", {"birth_date": "2003-03-04"}, MET),
        ("age_years = [1, 21]", {"birth_date": "2003-03-03"}, NOT_MET),
        ("age_years = [1, 21]", {"birth_date": "2021-03-01"}, MET),
        ("age_years = [4, 21]", {"birth_date": "2021-03-03"}, MET),
        ("age_years = [4, 21]", {"birth_date": "2021-03-04"}, NOT_MET),
        ("age_years = [1, 21]", {}, UNKNOWN),
        ('risk = { scheme = "ALL_REZ_BFM_95", groups = ["S3", "S4"] }', VERY_EARLY, MET),
        ('risk = { scheme = "ALL_REZ_BFM_95", groups = ["S4"] }', EARLY, NOT_MET),
        ('risk = { scheme = "ALL_REZ_BFM_95", groups = ["S4"] }', OF_UNKNOWN_TIME, UNKNOWN),
    ],
)
def test_what_is_registered_answers(condition: str, registered: dict[str, Any], answer: list[str]) -> None:
    assert codes(for_whom(condition), **registered) == answer


def test_who_was_born_on_a_leap_day_is_a_year_older_on_the_last_day_of_february() -> None:
    born = {"birth_date": "2004-02-29", "diagnosis_date": "2020-01-01", "frontline_end_date": "2022-01-01"}
    assert codes(for_whom("age_years = [21, 30]"), on="2025-02-28", **born) == MET
    assert codes(for_whom("age_years = [21, 30]"), on="2025-02-27", **born) == NOT_MET


@pytest.mark.parametrize(
    ("condition", "before", "answer"),
    [
        ("relapse_number_from = 1", (), MET),
        ("relapse_number_from = 2", (), NOT_MET),
        ("relapse_number_to = 1", (), MET),
        ("in_remission = true", (), NOT_MET),
        ("in_remission = false", (), MET),
        ("in_remission = true", A_BLOCK, UNKNOWN),
        ("in_remission = true", (*A_BLOCK, IN_REMISSION), MET),
        ("in_remission = false", (*A_BLOCK, IN_REMISSION), NOT_MET),
        ("in_remission = true", (*A_BLOCK, NO_REMISSION), NOT_MET),
        ("in_remission = false", (*A_BLOCK, FAILED), MET),
        ("mrd_from = 0.001", A_BLOCK, UNKNOWN),
        ("mrd_from = 0.001", (*A_BLOCK, mrd(value="0.001")), MET),
        ("mrd_from = 0.001", (*A_BLOCK, mrd(value="0.1", unit="percent")), MET),
        ("mrd_from = 0.001", (*A_BLOCK, mrd(value="0.00099")), NOT_MET),
        ("mrd_from = 0.001", (*A_BLOCK, mrd(below="0.0001")), NOT_MET),
        ("mrd_from = 0.001", (*A_BLOCK, mrd(below="0.01")), UNKNOWN),
        # A result in doubt, of a second block that nobody gave, is used for nothing.
        ("mrd_from = 0.001", (*A_BLOCK, mrd(value="0.01", timepoint="END_BLOCK_2")), UNKNOWN),
        ("prior_regimens_from = 1", (), MET),
        ("prior_regimens_from = 2", (), NOT_MET),
        ("prior_regimens_from = 2", (*A_BLOCK, FAILED), MET),
        ("prior_regimens_from = 3", (*A_BLOCK, FAILED), NOT_MET),
        ("prior_regimens_to = 2", (*A_BLOCK, FAILED), MET),
        ("prior_regimens_to = 1", (*A_BLOCK, FAILED), NOT_MET),
    ],
)
def test_the_course_answers(condition: str, before: tuple[Any, ...], answer: list[str]) -> None:
    assert codes(for_whom(condition), *before) == answer


def test_a_relapse_treated_elsewhere_counts_as_one_regimen_and_each_attempt_here_as_one() -> None:
    asking = small("asking", BLOCKS, for_whom("prior_regimens_from = 9"))
    file = a_registered_patient(Protocols((asking, OTHER)))
    file.add("relapse_diagnosed", RELAPSED_ON, relapse_site="isolated_bm", relapse_number=3)
    assert "3 earlier regimens" in _chosen(file, "2025-01-07")
    give(file, "R1", "2025-01-20", "2025-01-25")
    give(file, "R2", "2025-02-20", "2025-02-25")
    assert "4 earlier regimens" in _chosen(file, "2025-03-01")
    file.add("reinduction_failed", "2025-03-02")
    assert "4 earlier regimens" in _chosen(file, "2025-03-03")
    give(file, "R1", "2025-03-05", "2025-03-10")
    file.add("response_assessed", "2025-03-20", marrow_blasts_percent=1, final=True)
    file.add("relapse_diagnosed", "2025-06-01", relapse_site="isolated_bm")
    assert "5 earlier regimens" in _chosen(file, "2025-06-02")


def _chosen(file: PatientFile, on: str) -> str:
    return file.add("protocol_chosen", on, protocol="asking").warnings[0].message


def test_from_the_second_relapse_on_no_risk_group_fits() -> None:
    asking = small("asking", BLOCKS, for_whom('risk = { scheme = "BFM", groups = ["HR"] }'))
    file = a_registered_patient(Protocols((asking,)), **VERY_EARLY)
    file.add("relapse_diagnosed", RELAPSED_ON, relapse_site="isolated_bm", relapse_number=2)
    (warning,) = file.add("protocol_chosen", RELAPSED_ON, protocol="asking").warnings

    assert warning.code == "eligibility_not_met"
    assert "no risk group, since relapse 2 has none" in warning.message


def test_any_one_condition_is_enough_and_several_entries_must_all_hold() -> None:
    either = for_whom("relapse_number_from = 2", "prior_regimens_from = 2")
    assert codes(either, *A_BLOCK, FAILED) == MET
    assert codes(either) == NOT_MET
    assert codes(for_whom("relapse_number_from = 2", 'ph_status = "negative"')) == UNKNOWN
    both = for_whom("relapse_number_from = 1") + for_whom('phenotype = "T"') + for_whom('ph_status = "negative"')
    assert codes(both) == ["not_met", "unknown"]


@pytest.mark.parametrize(
    ("conditions", "number", "answer"),
    [
        (("relapse_number_to = 1",), 1, MET),
        (("relapse_number_to = 1",), 2, NOT_MET),
        (("relapse_number_from = 2", "relapse_number_to = 3"), 1, NOT_MET),
        (("relapse_number_from = 2", "relapse_number_to = 3"), 2, MET),
        (("relapse_number_from = 2", "relapse_number_to = 3"), 3, MET),
        (("relapse_number_from = 2", "relapse_number_to = 3"), 4, NOT_MET),
        # Frontline therapy, and one for each relapse treated elsewhere.
        (("prior_regimens_from = 2", "prior_regimens_to = 3"), 1, NOT_MET),
        (("prior_regimens_from = 2", "prior_regimens_to = 3"), 2, MET),
        (("prior_regimens_from = 2", "prior_regimens_to = 3"), 3, MET),
        (("prior_regimens_from = 2", "prior_regimens_to = 3"), 4, NOT_MET),
    ],
)
def test_from_and_to_of_one_number_must_both_hold(conditions: tuple[str, ...], number: int, answer: list[str]) -> None:
    file = a_registered_patient(Protocols((small("asking", BLOCKS, for_whom(*conditions)),)))
    file.add("relapse_diagnosed", RELAPSED_ON, relapse_site="isolated_bm", relapse_number=number)
    warnings = file.add("protocol_chosen", RELAPSED_ON, protocol="asking").warnings
    assert [warning.code.removeprefix("eligibility_") for warning in warnings] == answer


# Each condition there is, stated alone.
EACH: dict[str, dict[str, Any]] = {
    "phenotype": {"phenotype": "T"},
    "ph_status": {"ph_status": "negative"},
    "age_years": {"age_years": (1, 21)},
    "prior_regimens": {"prior_regimens_to": 1},
    "relapse_number": {"relapse_number_to": 1},
    "in_remission": {"in_remission": False},
    "mrd_from": {"mrd_from": Decimal("0.001")},
    "risk": {"risk": InGroups(scheme="BFM", groups=("IR",))},
}


def test_every_field_but_the_question_and_its_source_states_a_condition() -> None:
    stated = {name for condition in EACH.values() for name in condition}

    assert {field.name.replace("_from", "_to") for field in fields(Eligibility)} - {"asks", "source"} == {
        name.replace("_from", "_to") for name in stated
    }
    assert set(EACH) == set(Conditions.__annotations__)


@pytest.mark.parametrize("about", EACH)
def test_every_condition_is_read_from_the_file_and_said_in_words(about: str) -> None:
    asked = Eligibility(asks="For some.", source="000, page 9", **EACH[about])
    file = a_registered_patient(Protocols((OTHER,)))
    file.add("relapse_diagnosed", RELAPSED_ON, relapse_site="isolated_bm")

    assert list(asked.conditions) == [about]
    assert len(findings(asked, file.state, file.today)) == 1
    assert eligibility_words(asked) != eligibility_words(Eligibility(asks="For some.", source="000, page 9"))


def test_what_no_fact_answers_is_left_to_people() -> None:
    (warning,) = told(for_whom())

    assert warning == Caution("eligibility_unknown", "For some (000, page 9). Nothing on file answers this; check it.")


def test_it_is_told_for_whom_where_that_is_written_and_what_is_on_file() -> None:
    (unmet,) = told(for_whom("relapse_number_from = 2", "prior_regimens_from = 2"))
    (unknown,) = told(for_whom('phenotype = "T"', 'ph_status = "negative"'))

    assert unmet.message == "For some (000, page 9). On file: 1 earlier regimen; relapse 1, which does not fit."
    assert unknown.message == (
        "For some (000, page 9). On file: phenotype BCP; Ph not known, which does not settle it."
    )
