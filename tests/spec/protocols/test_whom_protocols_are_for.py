"""Whom each shipped protocol is for, written out by hand from the sources."""

from decimal import Decimal
from typing import Any

import pytest

from tests.spec.protocols.drugs import protocol_of
from workflow.protocols.for_whom import Bounds
from workflow.protocols.library import shipped

FIRST_RELAPSE: dict[str, Any] = {"relapse_number": Bounds(None, 1)}
FROM_2 = Bounds(2, None)
PEOPLE_ANSWER: dict[str, Any] = {}
# protocol: what each entry is answered by; several must all hold, of one entry any one is enough.
ASKED: dict[str, list[dict[str, Any]]] = {
    "all-rez-bfm-90": [FIRST_RELAPSE],  # what is reported is of first relapses (000)
    "all-rez-bfm-95": [FIRST_RELAPSE],
    "all-rez-bfm-2002": [FIRST_RELAPSE],  # its groups divide first relapses (002 [42])
    "ukall-r3": [FIRST_RELAPSE],
    "cog-aall01p2": [],  # no source says who may enter
    "blinatumomab-rr": [{"phenotype": "BCP"}, {"ph_status": "negative"}],
    "blinatumomab-mrd": [
        {"phenotype": "BCP"},
        PEOPLE_ANSWER,  # CD19
        {"in_remission": True},
        {"relapse_number": Bounds(None, 1)},  # CR1 or CR2
        {"mrd_from": Decimal("0.001")},
    ],
    "inotuzumab": [{"phenotype": "BCP"}],
    "nelarabine": [{"phenotype": "T"}, {"prior_regimens": FROM_2}],
    "clofarabine": [
        {"prior_regimens": FROM_2},  # alone
        {"age_years": Bounds(1, 21)},  # alone
        PEOPLE_ANSWER,  # the combination: resistant, or a second or later marrow relapse
    ],
    "liposomal-vincristine": [{"ph_status": "negative"}, {"relapse_number": FROM_2, "prior_regimens": FROM_2}],
    "bortezomib-reinduction": [{"prior_regimens": Bounds(2, 3)}],
}


def test_the_table_has_every_shipped_protocol() -> None:
    assert sorted(ASKED) == sorted(shipped().ids)


@pytest.mark.parametrize("protocol", ASKED)
def test_whom_a_protocol_is_for_is_asked_as_stated(protocol: str) -> None:
    assert [entry.conditions for entry in protocol_of(protocol).eligibility] == ASKED[protocol]


def test_what_is_asked_of_clofarabine_says_whether_alone_or_in_combination() -> None:
    asked = [entry.asks for entry in protocol_of("clofarabine").eligibility]

    assert [words.partition(":")[0] for words in asked] == [
        "For clofarabine alone",
        "For clofarabine alone",
        "For the combination",
    ]


def test_a_number_without_its_unit_is_no_age() -> None:
    """One source prints "adults <= 40" beside the dose: years or an amount, it does not say."""
    body = protocol_of("clofarabine").body

    assert any("adults <= 40" in gap for gap in protocol_of("clofarabine").not_stated)
    assert body.count("40") == 1


@pytest.mark.parametrize("protocol", ["inotuzumab", "blinatumomab-rr"])
def test_no_marker_is_asked_for_that_no_source_names(protocol: str) -> None:
    assert "CD" not in protocol_of(protocol).body
