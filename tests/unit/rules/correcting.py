"""Builders of corrections of one patient's file, so that a test says only what is wrong and how it is right."""

from collections.abc import Mapping
from datetime import date, timedelta

from tests.facts import AS_ORDERED, FIRST_INSTANT, REGISTERED, RELAPSED_ON, PatientFile, a_draft, a_running_block
from workflow.domain.errors import Refusal
from workflow.domain.roles import Role
from workflow.rules.changes import Change
from workflow.rules.correct import Corrected, correct
from workflow.rules.judgement import Circumstances, Stamp

REASON = "entered wrongly"
# The interval from R1 (f4) to the next block, whatever becomes of f4.
INTERVAL = "1:TR-001:f4"


def superseding(
    target: int,
    fact_type: str,
    on: date | str,
    /,
    *,
    at: str = "",
    override: Mapping[str, object] | None = None,
    **data: object,
) -> Change:
    """Return a change by which version `target` is as said here; data of the least kind where none is given."""
    draft = a_draft(fact_type, on, override=override, **data)
    return Change(draft=draft, target=target, reason=REASON, at=at)


def voiding(target: int, *, at: str = "") -> Change:
    """Return a change by which version `target` was entered in error."""
    return Change(target=target, reason=REASON, at=at)


def adding(fact_type: str, on: date | str, /, *, at: str = "", **data: object) -> Change:
    """Return a change by which a fact comes to this file, as from another patient."""
    return Change(draft=a_draft(fact_type, on, override=None, **data), reason=REASON, at=at)


def proposed(
    file: PatientFile, *changes: Change, role: Role = Role.CLINICIAN, keep_conflicts: bool = False
) -> Corrected | Refusal:
    """Return what the changes come to for a file; nothing is written."""
    seq = len(file.facts) + 1
    stamp = Stamp(seq=seq, recorded_at=FIRST_INSTANT + timedelta(minutes=seq), recorded_by=role.label)
    given = Circumstances(role=role, today=file.today, protocols=file.protocols, keep_conflicts=keep_conflicts)
    return correct(file.state, changes, stamp, given, file.facts)


def corrected(
    file: PatientFile, *changes: Change, role: Role = Role.CLINICIAN, keep_conflicts: bool = False
) -> Corrected:
    """Write changes that must be accepted to the file, and return what they came to."""
    outcome = proposed(file, *changes, role=role, keep_conflicts=keep_conflicts)
    assert isinstance(outcome, Corrected), outcome
    file.facts += outcome.facts
    file.state = outcome.after
    return outcome


def refused(file: PatientFile, *changes: Change, role: Role = Role.CLINICIAN, keep_conflicts: bool = False) -> Refusal:
    """Return the refusal of changes that must be refused."""
    outcome = proposed(file, *changes, role=role, keep_conflicts=keep_conflicts)
    assert isinstance(outcome, Refusal), outcome
    return outcome


def two_blocks() -> PatientFile:
    """Return a file of R1 (f4) from 3 to 8 February (f5) and R2 (f6) 21 days after it, of 2025."""
    file = a_running_block("2025-02-03")
    file.add("block_completed", "2025-02-08")
    file.add("block_started", "2025-02-24", element="R2")
    return file


def r1_on(day: str, *, at: str = "") -> Change:
    """Return the change by which R1 (f4) started on another day."""
    return superseding(4, "block_started", day, element="R1", at=at)


def r2_on(day: str, *, at: str = "", override: Mapping[str, object] | None = None) -> Change:
    """Return the change by which R2 (f6) started on another day."""
    return superseding(6, "block_started", day, at=at, override=override, element="R2")


def diagnosed_on(day: str, *, at: str = "") -> Change:
    """Return the change by which the first disease was diagnosed on another day."""
    data = {name: value for name, value in REGISTERED.items() if name != "frontline_end_date"}
    return superseding(1, "patient_registered", RELAPSED_ON, at=at, **(data | {"diagnosis_date": day}))


def with_a_countersignature() -> PatientFile:
    """Return a file of which R2 (f7), given as ordered on day 13, was countersigned (f8) the day after."""
    file = a_running_block("2025-02-03")
    file.add("block_completed", "2025-02-08")
    file.add("note_added", "2025-02-09")
    file.add("block_started", "2025-02-16", element="R2", override=AS_ORDERED)
    file.add("confirmed", "2025-02-17", fact="f7")
    return file
