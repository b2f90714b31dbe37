"""A protocol's elements can all be gone through, by every patient that its conditions tell apart, within its caps."""

from tests.unit.protocols.grown_texts import changed, keys_flawed, said_by_key
from workflow.protocols.checks.groups import combinations, holds
from workflow.protocols.checks.paths import nth_elements, paths
from workflow.protocols.files.parse import parse_protocol

AFTER_R1 = 'then = ["CYCLE", "R1"]'
ANYBODY = {"ALL_REZ_BFM_95": None, "BFM": None}


def test_patients_are_told_apart_by_each_group_that_a_condition_names() -> None:
    told = [
        (groups["ALL_REZ_BFM_95"], groups["BFM"]) for groups in combinations(parse_protocol(changed(), "protocol.toml"))
    ]

    assert sorted(told, key=str) == sorted(((s, bfm) for s in ("S3", "S4", None) for bfm in ("HR", None)), key=str)


def test_a_condition_holds_for_its_groups_alone() -> None:
    risk = parse_protocol(changed(), "protocol.toml").sequence[1].risk

    assert holds(risk, {"ALL_REZ_BFM_95": "S4"})
    assert not holds(risk, {"ALL_REZ_BFM_95": "S1"})
    assert not holds(risk, ANYBODY)
    assert holds(None, ANYBODY)


def test_an_element_that_no_row_names_is_never_reached() -> None:
    said = said_by_key((AFTER_R1, 'then = ["R1"]'))

    assert said["elements[2].code"] == (
        "the sequence never comes to CYCLE; from START it leads to R1, F1 only; "
        "allowed: CYCLE in then of a row that is reached, or no such element"
    )


def test_an_element_that_only_a_group_comes_to_is_reached() -> None:
    assert keys_flawed() == []
    assert paths(parse_protocol(changed(), "protocol.toml"), ANYBODY).elements.isdisjoint({"F1"})


def test_after_what_no_row_names_anything_may_come() -> None:
    protocol = parse_protocol(changed(('after = "F1"\nthen = ["R1"]', 'after = "R1"\nthen = ["R1"]')), "protocol.toml")

    follows = paths(protocol, {"ALL_REZ_BFM_95": "S4"}).follows

    assert {code for last, code in follows if last == "F1"} == {"R1", "F1", "CYCLE_1"}


def test_a_cap_that_takes_every_step_away_makes_a_trap() -> None:
    said = said_by_key(("most = 3", "most = 1"))

    assert said["sequence[4].then"] == (
        "CYCLE is a trap: only CYCLE may follow, and C-1 allows 1 of CYCLE; "
        "allowed: an element that no cap keeps away, or no row after CYCLE"
    )


def test_a_cap_that_is_reached_after_some_steps_is_an_end_and_no_trap() -> None:
    assert "sequence[4].then" not in said_by_key(("most = 3", "most = 2"))


def test_a_step_that_nobody_can_take_is_named() -> None:
    said = said_by_key((AFTER_R1, 'then = ["CYCLE_2", "CYCLE", "R1"]'))

    assert said["sequence[2].then[0]"] == (
        "CYCLE_2 can never come after R1: nobody gets there within the caps and groups; "
        "allowed: a step that some patient can take, from START on"
    )


def test_a_row_for_a_group_counts_for_its_patients_alone() -> None:
    protocol = parse_protocol(changed(), "protocol.toml")

    assert nth_elements(protocol, ANYBODY, 1) == {"R1"}
    assert nth_elements(protocol, {"ALL_REZ_BFM_95": "S3"}, 1) == {"R1", "F1"}
    assert nth_elements(protocol, ANYBODY, 3) == {"R1", "CYCLE_1", "CYCLE_2"}


def test_more_situations_than_can_be_looked_at_are_said_and_not_walked_for_ever() -> None:
    caps = "".join(
        f'[[caps]]\nrule = "C-{code}"\nelements = ["{code}"]\nmost = 99\nscope = "life"\nsource = "000, page 4"\n\n'
        for code in ("R1", "F1")
    )
    said = said_by_key(
        ("[individual_decision]", f"{caps}[individual_decision]"),
        (AFTER_R1, 'then = ["CYCLE", "R1", "F1"]'),
    )

    assert "leave more than 2000 situations open" in said["sequence"]
