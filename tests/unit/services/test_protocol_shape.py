"""A protocol's answer tells everything that its file states, under the file's names, and no number loses a digit."""

import json

from tests.unit.protocols.everything import everything
from workflow.services import answers
from workflow.services.read_protocols import shape

TOLD = json.loads(answers.to_json(shape(everything())))
S4 = {"scheme": "ALL_REZ_BFM_95", "groups": ["S4"]}


def test_amounts_and_cut_offs_are_text_as_they_were_written() -> None:
    (dose,) = TOLD["doses"]

    assert (dose["amount"], dose["unit"], dose["days"], dose["for"]) == ("0.80", "mg/m2", [1, 8, 15], "under 45 kg")
    assert "for_" not in dose
    assert (TOLD["mrd_points"][0]["cutoff"], TOLD["mrd_points"][0]["printed"]) == ("0.0001", "0.01 %")


def test_sequence_caps_and_the_individual_decision_are_told() -> None:
    assert [(row["after"], row["then"]) for row in TOLD["sequence"]] == [
        ("START", ["R1", "CYCLE_1"]),
        ("R1", ["CYCLE"]),
    ]
    assert TOLD["sequence"][0]["risk"] is None
    assert (TOLD["caps"][0]["most"], TOLD["caps"][0]["scope"]) == (5, "life")
    assert TOLD["individual_decision"]["risk"] == S4


def test_conditions_of_windows_are_told() -> None:
    free_interval, local_therapy = TOLD["windows"]

    assert free_interval["anchor_elements"] == ["CYCLE"]
    assert free_interval["expects"][0]["elements"] == ["CYCLE"]
    assert free_interval["risk"] == S4
    assert free_interval["pauses_with_interruption"]
    assert local_therapy["anchor_decisions"] == ["chemotherapy"]
    assert local_therapy["local_therapy_indicated"]


def test_what_is_asked_stated_and_changed_is_told() -> None:
    assert [entry["asks"] for entry in TOLD["eligibility"]] == ["BCP, or the second relapse", "CD19 on the blasts"]
    assert TOLD["stated"][0]["rule"] == "TR-057"
    assert (TOLD["changes"], TOLD["in_force_from"]) == (["a cap was added"], "2025-01-31")
