"""Which versions of which facts may be corrected, and by whom: every refusal, its field, and its way out."""

import pytest

from tests.facts import OVERRIDE, REGISTERED, RELAPSED_ON, PatientFile, a_running_block
from tests.unit.rules.correcting import adding, corrected, refused, superseding, voiding
from workflow.domain.errors import Refusal
from workflow.domain.roles import Role
from workflow.rules.changes import Change, not_correctable, placed

FIRST, SECOND = "corrections.0", "corrections.1"
STARTED_ON = "2025-02-03"
REGISTRATION = "patient_registered"


def a_file() -> PatientFile:
    """Return a file of which f5 was superseded by f7, and f6 voided by f8."""
    file = a_running_block(STARTED_ON)
    file.add("block_completed", "2025-02-08")
    file.add("note_added", "2025-02-09")
    corrected(file, superseding(5, "block_completed", "2025-02-07"))
    corrected(file, voiding(6))
    return file


def registration_with(**changes: object) -> Change:
    return superseding(1, REGISTRATION, RELAPSED_ON, **(REGISTERED | changes))


@pytest.mark.parametrize(
    ("change", "code", "status", "field"),
    [
        (voiding(99), "unknown_fact", 422, "voids"),
        (superseding(99, "note_added", STARTED_ON), "unknown_fact", 422, "supersedes"),
        (voiding(5), "already_corrected", 409, "voids"),
        (superseding(5, "block_completed", "2025-02-06"), "already_corrected", 409, "supersedes"),
        (voiding(6), "already_corrected", 409, "voids"),
        (voiding(8), "already_corrected", 409, "voids"),
        (superseding(8, "note_added", "2025-02-10"), "already_corrected", 409, "supersedes"),
        (voiding(1), "registration_stays", 422, "voids"),
        (superseding(4, "block_completed", STARTED_ON), "type_differs", 422, "fact.type"),
        (superseding(4, "block_started", STARTED_ON, element="R1"), "changes_nothing", 422, "supersedes"),
        (registration_with(), "changes_nothing", 422, "supersedes"),
    ],
)
def test_what_cannot_be_corrected_is_refused_with_its_field(change: Change, code: str, status: int, field: str) -> None:
    refusal = refused(a_file(), change)

    assert (refusal.code, refusal.status, refusal.field) == (code, status, field)


@pytest.mark.parametrize(
    ("change", "way_out"),
    [
        (voiding(99), "f99 is no fact of this patient; see the history."),
        (voiding(5), "f5 was superseded by f7 of clinician at 2025-01-06 08:07 UTC; read it, and correct f7"),
        (voiding(6), "f6 was voided by f8 of clinician at 2025-01-06 08:08 UTC; record the fact anew."),
        (voiding(8), "f8 says that a fact was entered in error; record it anew."),
        (voiding(1), "f1 registers the patient; supersede it instead."),
        (superseding(4, "note_added", STARTED_ON), "f4 is a block_started; void it, and record the note_added"),
        (superseding(1, "note_added", STARTED_ON), "f1 is a patient_registered; record the note_added as a fact of"),
    ],
)
def test_a_refusal_says_how_it_stands_and_the_way_out(change: Change, way_out: str) -> None:
    assert refused(a_file(), change).detail.startswith(way_out)


def test_who_corrects_an_old_version_is_told_what_became_of_the_fact_in_the_end() -> None:
    file = a_file()
    corrected(file, superseding(7, "block_completed", "2025-02-06"))
    assert refused(file, voiding(5)).detail.startswith("f5 was superseded by f9 of clinician")
    corrected(file, voiding(9))
    for version in (5, 7):
        told = refused(file, voiding(version)).detail
        assert told.startswith(f"f{version} was voided by f10 of clinician at 2025-01-06 08:10 UTC; record the fact")


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ((voiding(7, at=FIRST), voiding(99, at=SECOND)), "unknown_fact", "corrections.1.voids"),
        ((voiding(7, at=FIRST), voiding(7, at=SECOND)), "corrected_twice", "corrections.1.voids"),
        (
            (voiding(7, at=FIRST), superseding(7, "block_completed", "2025-02-06", at=SECOND)),
            "corrected_twice",
            "corrections.1.supersedes",
        ),
        (
            (superseding(4, "note_added", STARTED_ON, at=FIRST), voiding(7, at=SECOND)),
            "type_differs",
            "corrections.0.fact.type",
        ),
    ],
)
def test_in_a_batch_the_field_names_the_correction(changes: tuple[Change, ...], code: str, field: str) -> None:
    refusal = refused(a_file(), *changes)

    assert (refusal.code, refusal.field) == (code, field)


@pytest.mark.parametrize(
    ("change", "role", "needed"),
    [
        (voiding(4), Role.NURSE, "clinician"),
        (superseding(4, "block_started", "2025-02-04", element="R1"), Role.NURSE, "clinician"),
        (adding("note_added", "2025-02-04"), Role.NURSE, "clinician"),
        (registration_with(sex="male"), Role.NURSE, "clinician"),
        (registration_with(site="hamburg"), Role.CLINICIAN, "coordinator"),
        (adding("site_changed", "2025-02-04", to="hamburg"), Role.CLINICIAN, "coordinator"),
    ],
)
def test_a_correction_needs_a_clinician_and_a_change_of_site_a_coordinator(
    change: Change, role: Role, needed: str
) -> None:
    refusal = not_correctable([change], a_file().facts, role)

    assert refusal is not None
    assert (refusal.code, refusal.status) == ("role_needed", 403)
    assert f"needs the role {needed}; this key has {role.label}." in refusal.detail
    assert not_correctable([change], a_file().facts, Role.named(needed)) is None


@pytest.mark.parametrize("change", [voiding(9), superseding(9, "site_changed", "2025-02-12", to="hamburg")])
def test_a_recorded_change_of_site_is_corrected_by_a_coordinator(change: Change) -> None:
    file = a_file()
    file.add("site_changed", "2025-02-11", to="hamburg")

    refusal = not_correctable([change], file.facts, Role.CLINICIAN)
    assert refusal is not None
    assert "needs the role coordinator" in refusal.detail
    assert not_correctable([change], file.facts, Role.COORDINATOR) is None


@pytest.mark.parametrize(
    "change",
    [
        superseding(4, "block_started", "2025-02-04", element="R1"),
        superseding(4, "block_started", STARTED_ON, element="R2"),
        superseding(4, "block_started", STARTED_ON, override=OVERRIDE, element="R1"),
        superseding(7, "block_completed", "2025-02-08"),
        voiding(7),
        registration_with(diagnosis_date="2022-03-02"),
    ],
)
def test_a_version_that_counts_may_be_corrected_in_anything_that_it_says(change: Change) -> None:
    assert not_correctable([change], a_file().facts, Role.CLINICIAN) is None


def test_a_field_is_placed_where_the_request_names_it() -> None:
    refusal = Refusal(code="too_early", title="Too early", detail="13 d", field="occurred_on")
    change = voiding(4, at=SECOND)

    assert placed(refusal, change).field == "corrections.1.fact.occurred_on"
    assert placed(refusal, voiding(4)).field == "fact.occurred_on"
    assert placed(Refusal(code="x", title="X", detail=""), voiding(4), within="").field is None
