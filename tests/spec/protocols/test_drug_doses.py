"""Every dose of the drug protocols, written out by hand from the sources."""

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
