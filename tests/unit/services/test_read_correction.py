"""What a correction or a move must look like, and what whoever sends another one is told."""

import pytest

from workflow.domain.errors import InvalidInputError, Problem
from workflow.services.read_correction import read_corrections, read_move

VOID = {"voids": "f6", "reason": "not given"}
FIRST, SECOND = "0193aaaa-0000-7000-8000-000000000001", "0193aaaa-0000-7000-8000-000000000002"
MOVE: dict[str, object] = {"from": FIRST, "to": SECOND, "facts": ["f6"], "reason": "of the other twin"}


@pytest.mark.parametrize("name", ["supersedes", "voids", "reason", "fact"])
def test_what_stands_beside_a_batch_is_told_where_it_belongs(name: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        read_corrections({"corrections": [VOID], name: "not given"})

    where = f"{name} belongs into each of the corrections, not beside them"
    assert list(refused.value.problems) == [Problem(name, "extra_forbidden", where)]


@pytest.mark.parametrize("name", ["from", "to"])
@pytest.mark.parametrize("written", ["MV-A", "", 7, None])
def test_a_move_names_its_patients_by_their_ids(name: str, written: object) -> None:
    with pytest.raises(InvalidInputError) as refused:
        read_move(MOVE | {name: written})

    (problem,) = refused.value.problems
    assert (problem.field, problem.code) == (name, "patient_id")
    assert "must be the patient's id, not the pseudonym" in problem.message


def test_a_move_reads_ids_as_they_are_told() -> None:
    move = read_move(MOVE)

    assert (str(move.from_), str(move.to), move.facts) == (FIRST, SECOND, ["f6"])
