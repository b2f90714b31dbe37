"""What even a consistent rewriting cannot hide from the seals, and what it can."""

import pytest

from tests.integration.recorded import NEWEST, OWNED, Recorded, add
from workflow.services.seal_chains import seal_chains

REMOVED = (
    *(f"DELETE FROM {table} WHERE patient_id = :a" for table in OWNED),  # noqa: S608 -- our own names
    "DELETE FROM patient WHERE id = :a",
)


def test_a_patient_set_back_consistently_is_named_by_the_seal_and_by_nothing_else(courses: Recorded) -> None:
    list(seal_chains(courses.house))
    courses.set_back()
    gone = f"f{NEWEST} (seal 1): the seal names a fact that is gone: the patient was set back"
    assert courses.findings() == [f"seal: patient A, {gone}"]


def test_a_patient_set_back_and_gone_on_from_there_is_named_by_the_seal(courses: Recorded) -> None:
    list(seal_chains(courses.house))
    courses.set_back()
    add(courses.house, courses.a, "note_added", "2025-02-01", {"text": "another course of things"})
    other = f"f{NEWEST} (seal 1): the seal names another fact than the one that stands here"
    assert courses.findings() == [f"seal: patient A, {other}"]


def test_what_was_set_back_before_any_seal_cannot_be_seen(courses: Recorded) -> None:
    courses.set_back()
    assert courses.findings() == []


def test_a_patient_of_whom_nothing_is_left_is_named_by_the_seal(courses: Recorded) -> None:
    list(seal_chains(courses.house))
    courses.tamper(*REMOVED)
    gone = f"f{NEWEST} (seal 1): the seal names a fact of a patient who is gone"
    assert courses.findings() == [f"seal: patient A, {gone}"]


SEALS_TAMPERED: dict[str, tuple[str, list[str]]] = {
    "a seal's time": (
        "UPDATE seal SET sealed_at = '2024-01-01 00:00:00.000000' WHERE id = 2",
        ["seal: seal 2: the row was altered or put in"],
    ),
    "a seal's hash": (
        "UPDATE seal SET hash = 'x' WHERE id = 2",
        [
            "seal: seal 2: the row was altered or put in",
            "seal: seal 3: it does not follow the seal before it: that one stands in the place of another",
        ],
    ),
    "a sealed head": (
        (
            "UPDATE sealed_head SET seq = 2, hash = (SELECT hash FROM fact WHERE patient_id = :a AND seq = 2) "
            "WHERE seal_id = 2 AND patient_id = :a"
        ),
        ["seal: seal 2: its heads were altered"],
    ),
    "a sealed head removed": (
        "DELETE FROM sealed_head WHERE seal_id = 1 AND patient_id = :a",
        ["seal: seal 1: it was made over 2 heads, 1 of them are there"],
    ),
    "a seal removed and its heads left": (
        "DELETE FROM seal WHERE id = 3",
        ["seal: seal 3: its heads are there and the seal is missing"],
    ),
}


@pytest.fixture
def sealed(courses: Recorded) -> Recorded:
    """Give the two courses with three seals."""
    list(seal_chains(courses.house))
    for number in (2, 3):
        add(courses.house, courses.a, "note_added", "2025-02-01", {"text": f"before seal {number}"})
        list(seal_chains(courses.house))
    return courses


@pytest.mark.parametrize("act", SEALS_TAMPERED)
def test_what_was_done_to_the_seals_is_named(sealed: Recorded, act: str) -> None:
    statement, expected = SEALS_TAMPERED[act]
    assert sealed.findings() == []
    sealed.tamper(statement)
    assert sealed.findings() == expected


def test_a_seal_removed_from_the_middle_with_its_heads_is_missed(sealed: Recorded) -> None:
    sealed.tamper("DELETE FROM sealed_head WHERE seal_id < 3", "DELETE FROM seal WHERE id < 3")
    assert sealed.findings() == ["seal: seal 1: it and all up to seal 2 are missing"]


def test_the_newest_seals_removed_with_all_they_named_are_seen_by_a_hash_noted_elsewhere(sealed: Recorded) -> None:
    noted = str(sealed.one("SELECT hash FROM seal WHERE id = 3"))
    assert sealed.findings(expect_seal=noted) == []
    sealed.tamper("DELETE FROM sealed_head WHERE seal_id = 3", "DELETE FROM seal WHERE id = 3")
    assert sealed.findings() == []
    assert sealed.findings(expect_seal=noted) == [
        "seal: the noted seal: is not there: the newest seals were removed, or another database stands here"
    ]
