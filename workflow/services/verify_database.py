"""Is it still what was recorded? Checks a whole database, patient by patient, and the seals over all of them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from workflow.domain.actor import Actor
from workflow.domain.facts.fact import fact_id
from workflow.domain.roles import Role
from workflow.persistence.evidence import count_patients, rows_of_nobody, site_histories, stored_or_unreadable
from workflow.persistence.seal_check import BrokenSeal, broken_seals, is_sealed_as, lost_heads
from workflow.persistence.seals import Seal, count_unsealed, newest_seal
from workflow.persistence.unit_of_work import UnitOfWork, reading
from workflow.services.house import House, require_role_everywhere
from workflow.services.known_rows import Rules
from workflow.services.verify_patient import Finding, Present, check_patient


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """Who listens to a check: each finding as it is made, how many patients there are, and each of them as done."""

    found: Callable[[Finding], None]
    total: Callable[[int], None] = lambda _: None
    advance: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What a check comes to; `unsealed` counts the patients with facts that no seal names yet.

    `newest_seal` is that of a healthy database: no other is worth being noted.
    """

    patients: int
    findings: int
    unsealed: int
    newest_seal: Seal | None


def verify_database(house: House, actor: Actor, hearing: Hearing, *, expect_seal: str | None = None) -> Verified:
    """Check facts, what is stored beside them, and seals, in one read transaction; raises NotAllowedError.

    Cannot see: that the newest seals are gone together with all that they name, unless `expect_seal` is the hash of
    one of them, noted elsewhere; and that facts are gone which no seal named yet, where the patient was set back with
    them. The secret is trusted: who has it and the database can make everything anew.
    """
    require_role_everywhere(actor, Role.ADMIN)
    findings = 0
    with reading(house.database, actor) as unit:
        patients = count_patients(unit.connection)
        hearing.total(patients)
        for finding in _all_findings(house, unit, hearing, expect_seal):
            findings += 1
            hearing.found(finding)
        verified = Verified(
            patients=patients,
            findings=findings,
            unsealed=count_unsealed(unit.connection),
            newest_seal=None if findings else newest_seal(unit.connection),
        )
        unit.note("verify_database", items=patients)
    return verified


def _all_findings(house: House, unit: UnitOfWork, hearing: Hearing, expect_seal: str | None) -> Iterator[Finding]:
    connection = unit.connection
    rules = Rules(house.protocols, house.engine, site_histories(connection))
    present = Present(house.database.secret, rules, unit.instant())
    for stored in stored_or_unreadable(connection):
        yield from check_patient(stored, present)
        hearing.advance()
    for table, patient_id in rows_of_nobody(connection):
        yield Finding("patient", f"the patient's row is missing and rows of {table} are left", patient_id)
    yield from map(_seal_finding, broken_seals(house.database, connection))
    yield from map(_seal_finding, lost_heads(connection))
    if expect_seal is not None and not is_sealed_as(connection, expect_seal):
        yield Finding(
            "seal",
            "is not there: the newest seals were removed, or another database stands here",
            None,
            "the noted seal",
        )


def _seal_finding(broken: BrokenSeal) -> Finding:
    where = f"seal {broken.number}"
    if broken.seq is not None:
        where = f"{fact_id(broken.seq)} (seal {broken.number})"
    return Finding("seal", broken.why, broken.patient_id, where)
