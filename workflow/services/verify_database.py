"""Is it still what was recorded? Checks a whole database, patient by patient, and the seals over all of them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from workflow.domain.actor import Actor
from workflow.domain.facts.fact import fact_id
from workflow.domain.roles import Role
from workflow.persistence.errors import UnreadableTextError
from workflow.persistence.evidence import count_patients, rows_of_nobody, site_histories, stored_or_unreadable
from workflow.persistence.fence_check import broken_fences, unheld_app_role
from workflow.persistence.guard_check import missing_guards
from workflow.persistence.seal_check import BrokenSeal, broken_seals, is_sealed_as, lost_heads
from workflow.persistence.seals import Seal, count_unsealed, newest_seal
from workflow.persistence.unit_of_work import UnitOfWork, reading
from workflow.persistence.ways_around import rights_too_many, ways_around
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

    `newest_seal` is that of a healthy database: no other is worth being noted. `ways_around` row-level security, of a
    hospital's own making, are no damage.
    """

    patients: int
    findings: int
    unsealed: int
    newest_seal: Seal | None
    ways_around: tuple[str, ...]


def verify_database(house: House, actor: Actor, hearing: Hearing, *, expect_seal: str | None = None) -> Verified:
    """Check facts, what is stored beside them, guards and seals, in one read transaction; raises NotAllowedError.

    Cannot see: that the newest seals are gone, and then that facts are gone which only they named, where the patient
    was set back with them; `expect_seal`, the hash of one of those seals noted elsewhere, tells. Nor facts that no seal
    named yet. The secret is trusted: who has it and the database can make everything anew.
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
            ways_around=tuple(ways_around(unit.connection, house.settings.app_role)),
        )
        unit.note("verify_database", items=patients)
    return verified


def _all_findings(house: House, unit: UnitOfWork, hearing: Hearing, expect_seal: str | None) -> Iterator[Finding]:
    connection = unit.connection
    try:
        settings = site_histories(connection)
    except UnreadableTextError:
        settings = {}
        yield Finding("site", "a row cannot be read: it was altered", None, "the sites' settings")
    rules = Rules(house.protocols, house.engine, settings)
    present = Present(house.database.secret, rules, unit.instant())
    yield from _readable("patients", _patient_findings(unit, present, hearing))
    for trigger in missing_guards(connection):
        yield Finding(
            "guard", "is missing or switched off: it keeps rows from being changed", None, f"the trigger {trigger}"
        )
    for part in broken_fences(connection):
        yield Finding(
            "fence", "is missing or changed: it keeps other sites' rows from a forgotten condition", None, part
        )
    for role in unheld_app_role(connection, house.settings.app_role):
        yield Finding("fence", "is not held by row-level security", None, role)
    for right in rights_too_many(connection, house.settings.app_role):
        yield Finding("fence", "was given by no release: `coursewatch db upgrade` takes it back", None, right)
    yield from _readable("seals", map(_seal_finding, broken_seals(house.database, connection)))
    yield from _readable("seals", map(_seal_finding, lost_heads(connection)))
    if expect_seal is not None and not is_sealed_as(connection, expect_seal):
        yield Finding(
            "seal",
            "is not there: the newest seals were removed, or another database stands here",
            None,
            "the noted seal",
        )


def _patient_findings(unit: UnitOfWork, present: Present, hearing: Hearing) -> Iterator[Finding]:
    for stored in stored_or_unreadable(unit.connection):
        yield from check_patient(stored, present)
        hearing.advance()
    for table, patient_id in rows_of_nobody(unit.connection):
        yield Finding("patient", f"the patient's row is missing and rows of {table} are left", patient_id)


def _readable(what: str, findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield findings until a row cannot be read at all, and then that: it hides nothing that comes after."""
    try:
        yield from findings
    except (UnreadableTextError, TypeError):
        yield Finding("database", "cannot be read any further: a key was altered", None, what)


def _seal_finding(broken: BrokenSeal) -> Finding:
    where = f"seal {broken.number}"
    if broken.seq is not None:
        fact = fact_id(broken.seq) if str(broken.seq).isdecimal() else "a fact"
        where = f"{fact} (seal {broken.number})"
    return Finding("seal", broken.why, broken.patient_id, where)
