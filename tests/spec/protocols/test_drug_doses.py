"""Every dose of the drug protocols and whom each drug is for, written out by hand from the sources."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

import pytest

from tests.spec.protocols.drugs import DRUG_PROTOCOLS, protocol_of
from workflow.protocols.library import shipped
from workflow.protocols.model import Dose

# protocol: element, drug, amount, unit, days with the start as day 1 (none: continuous), the citation
DOSES: dict[str, tuple[tuple[str, str, str, str, tuple[int, ...], str], ...]] = {
    "blinatumomab-rr": (("CYCLE", "blinatumomab", "28", "mcg/day", (), "003"),),
    "blinatumomab-mrd": (
        ("CYCLE", "blinatumomab", "15", "mcg/m2/day", (), "003"),
        ("CYCLE", "blinatumomab", "28", "mcg/day", (), "003"),
    ),
    "inotuzumab": (
        ("CYCLE", "inotuzumab ozogamicin", "0.8", "mg/m2", (1,), "003"),
        ("CYCLE", "inotuzumab ozogamicin", "0.5", "mg/m2", (8, 15), "003"),
    ),
    "nelarabine": (("CYCLE", "nelarabine", "1500", "mg/m2", (1, 3, 5), "003"),),
    "clofarabine": (("CLOFARABINE", "clofarabine", "52", "mg/m2/day", (1, 2, 3, 4, 5), "003"),),
    "liposomal-vincristine": (("DOSE", "liposomal vincristine", "2.25", "mg/m2", (1,), "003"),),
    "bortezomib-reinduction": (("CYCLE", "bortezomib", "1.3", "mg/m2", (1, 4, 8, 11), "002"),),
}
# protocol: conditions that something on file can answer, and how many are left to people
CONDITIONS: dict[str, tuple[set[tuple[str, object]], int]] = {
    "blinatumomab-rr": ({("phenotype", "BCP"), ("ph_status", "negative")}, 0),
    "blinatumomab-mrd": ({("phenotype", "BCP"), ("in_remission", True), ("mrd_from", Decimal("0.001"))}, 2),
    "inotuzumab": ({("phenotype", "BCP")}, 0),
    "nelarabine": ({("phenotype", "T"), ("prior_regimens_from", 2)}, 0),
    "clofarabine": ({("prior_regimens_from", 2), ("relapse_number_from", 2), ("age_years", (1, 40))}, 0),
    "liposomal-vincristine": (
        {("ph_status", "negative"), ("relapse_number_from", 2), ("prior_regimens_from", 2)},
        0,
    ),
    "bortezomib-reinduction": ({("prior_regimens_from", 2)}, 1),
}
CONDITION_FIELDS = (
    "phenotype",
    "ph_status",
    "relapse_number_from",
    "prior_regimens_from",
    "in_remission",
    "mrd_from",
    "age_years",
    "risk",
)


def every_dose() -> Iterator[Dose]:
    return (dose for protocol in shipped().versions for dose in protocol.doses)


@pytest.mark.parametrize("protocol", DRUG_PROTOCOLS)
def test_the_doses_are_those_that_are_stated(protocol: str) -> None:
    doses = protocol_of(protocol).doses

    assert [(dose.element, dose.drug, str(dose.amount), dose.unit, dose.days) for dose in doses] == [
        row[:5] for row in DOSES[protocol]
    ]
    assert all(dose.source.startswith(f"{row[5]}, ") for dose, row in zip(doses, DOSES[protocol], strict=True))


def test_the_weight_that_divides_the_doses_of_blinatumomab_is_45_kg() -> None:
    below, above = protocol_of("blinatumomab-mrd").doses

    assert (below.for_, above.for_) == ("under 45 kg", "45 kg or more")
    assert below.note is not None
    assert "28 mcg/day at most" in below.note


def test_the_three_doses_of_inotuzumab_make_the_dose_of_the_cycle() -> None:
    first, later = protocol_of("inotuzumab").doses

    assert first.amount * len(first.days) + later.amount * len(later.days) == Decimal("1.8")


def test_the_dose_of_the_first_week_of_blinatumomab_is_not_made_up() -> None:
    said = " | ".join(protocol_of("blinatumomab-rr").not_stated)

    assert "the low dose in the first week of the first cycle" in said
    assert {dose.amount for dose in protocol_of("blinatumomab-rr").doses} == {Decimal(28)}


def test_no_shipped_protocol_names_a_blinatumomab_dose_in_milligrams() -> None:
    """One source has lost the micro sign in print (C44): a thousand times too much."""
    units = {dose.unit for dose in every_dose() if "blinatumomab" in dose.drug.lower()}

    assert units == {"mcg/day", "mcg/m2/day"}


@pytest.mark.parametrize("protocol", ["blinatumomab-rr", "blinatumomab-mrd"])
def test_no_text_about_blinatumomab_speaks_of_milligrams(protocol: str) -> None:
    body = protocol_of(protocol).body

    assert "mg/" not in body
    assert " mg" not in body


def test_days_of_doses_come_in_order_from_the_first_day_on() -> None:
    for dose in every_dose():
        assert all(day >= 1 for day in dose.days)
        assert all(earlier < later for earlier, later in pairwise(dose.days))


@pytest.mark.parametrize("protocol", DRUG_PROTOCOLS)
def test_whom_a_drug_is_for_is_asked_as_stated(protocol: str) -> None:
    entries = protocol_of(protocol).eligibility

    asked = [
        {(name, getattr(entry, name)) for name in CONDITION_FIELDS if getattr(entry, name) is not None}
        for entry in entries
    ]
    conditions, left_to_people = CONDITIONS[protocol]
    assert set[tuple[str, object]]().union(*asked) == conditions
    assert sum(not entry for entry in asked) == left_to_people


@pytest.mark.parametrize("protocol", ["clofarabine", "liposomal-vincristine"])
def test_two_regimens_or_a_second_relapse_are_enough_each(protocol: str) -> None:
    (entry,) = (entry for entry in protocol_of(protocol).eligibility if entry.prior_regimens_from)

    assert (entry.prior_regimens_from, entry.relapse_number_from) == (2, 2)
