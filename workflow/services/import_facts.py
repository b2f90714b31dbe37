"""Importing a file of facts: rows are judged patient by patient, and what is accepted of one is written at once."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from workflow.clock import today_in
from workflow.domain.actor import Actor
from workflow.domain.errors import CoursewatchError, InvalidInputError, Refusal
from workflow.domain.facts.registration import SiteChanged
from workflow.domain.facts.types import REGISTRATION
from workflow.domain.patient import PatientState
from workflow.domain.roles import Role
from workflow.persistence.errors import (
    DatabaseBusyError,
    DatabaseUnavailableError,
    DuplicatePseudonymError,
    PersistenceError,
)
from workflow.persistence.pseudonyms import ids_by_pseudonym
from workflow.persistence.unit_of_work import UnitOfWork, reading, writing
from workflow.rules.candidates import Candidate, Unread
from workflow.rules.judgement import Caution, Circumstances, Stamp
from workflow.rules.merge import Merged, merge
from workflow.services.errors import OutdatedProcessError
from workflow.services.house import House, require_role
from workflow.services.import_moves import pseudonym_taken, without_moves_onto_another
from workflow.services.import_patients import Target, targets_of, unread
from workflow.services.import_report import FAULT_INSIDE, ImportResult, RowResult, in_row_order, refused, results_of
from workflow.services.import_rows import Row
from workflow.services.import_writes import Chart, PatientWriter, charts_of
from workflow.services.place_of_care import moves_onto_another
from workflow.services.protocol_release import protocols_for
from workflow.services.register_patient import require_possible_days
from workflow.services.sites_named import SitesNamed

Progress = Callable[[int], None]


class ImportInterruptedError(CoursewatchError):
    """The import stopped before its end; whatever is in is whole, and the same import again brings in the rest."""

    def __init__(self, why: str, done: ImportResult, *, patients_done: int, patients: int) -> None:
        super().__init__(
            f"{why}. {patients_done} of {patients} patients are done, {done.count('accepted')} rows are stored, "
            "nothing is half-written. Run the same import again: it knows what is stored and brings in the rest."
        )
        self.done = done


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """How to import: `dry_run` judges everything and stores nothing; `progress` is told how many rows are done."""

    dry_run: bool = False
    progress: Progress = lambda _rows: None


def import_facts(house: House, actor: Actor, rows: Sequence[Row], options: ImportOptions | None = None) -> ImportResult:
    """Import the rows of a file; every row is accepted, known or refused, and a refused one stops no other.

    Each pseudonym is one transaction. Raises NotAllowedError, and ImportInterruptedError where the database or a
    person stops it: then the patients done so far are stored whole.
    """
    require_role(actor, Role.COORDINATOR)
    chosen = options or ImportOptions()
    work = _Import(house=house, actor=actor, dry_run=chosen.dry_run)
    groups = _by_pseudonym(rows)
    done = 0
    try:
        work.look_up(groups)
        for pseudonym, group in groups.items():
            work.results += work.nameless(group) if pseudonym is None else work.pseudonym(pseudonym, group)
            done += 1
            chosen.progress(len(group))
        if not chosen.dry_run:
            work.log(len(rows))
    except (PersistenceError, KeyboardInterrupt) as stopped:
        why = "The import was stopped" if isinstance(stopped, KeyboardInterrupt) else f"The import failed: {stopped}"
        raise ImportInterruptedError(why, work.result(), patients_done=done, patients=len(groups)) from stopped
    return work.result()


def _by_pseudonym(rows: Iterable[Row]) -> dict[str | None, list[Row]]:
    groups: dict[str | None, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row.patient].append(row)
    return groups


class _Rehearsed(Exception):  # noqa: N818 -- no error: it ends a dry run's transaction without a commit
    """A pseudonym is judged; nothing of it is to be stored."""


@dataclass(slots=True, kw_only=True)
class _Import:
    house: House
    actor: Actor
    dry_run: bool
    results: list[RowResult] = field(default_factory=list)
    warnings: dict[Caution, None] = field(default_factory=dict)
    time_zones: dict[str, str] = field(default_factory=dict)
    stored: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def result(self) -> ImportResult:
        return ImportResult(rows=in_row_order(self.results), warnings=tuple(self.warnings))

    def look_up(self, pseudonyms: Iterable[str | None]) -> None:
        """Learn which patients of the file are stored."""
        named = [pseudonym for pseudonym in pseudonyms if pseudonym is not None]
        with reading(self.house.database, self.actor, lists=True) as unit:
            self.stored |= ids_by_pseudonym(unit.connection, named, unit.reach, now=unit.instant())

    def log(self, items: int) -> None:
        with writing(self.house.database, self.actor) as unit:
            unit.note("import_facts", items=items)

    def nameless(self, rows: Iterable[Row]) -> list[RowResult]:
        """Refuse the rows that name no patient."""
        return [refused(row, unread(row).refusal) for row in rows]

    def pseudonym(self, pseudonym: str, rows: Sequence[Row]) -> list[RowResult]:
        """Judge and store the rows of one pseudonym, mostly one patient, in one transaction.

        Where that fails by a fault of ours, these rows are refused and the others go on.
        """
        try:
            return self._at_second_try(pseudonym, rows)
        except (DatabaseUnavailableError, DatabaseBusyError):
            raise
        except DuplicatePseudonymError:
            return [refused(row, pseudonym_taken()) for row in rows]
        except OutdatedProcessError as outdated:
            restart = Refusal(
                code=outdated.code, title=outdated.title, detail=f"{outdated}.", status=outdated.status, field="patient"
            )
            return [refused(row, restart) for row in rows]
        except Exception as fault:  # noqa: BLE001 -- one poisoned patient must not keep out all others, in every import
            broken = _fault_inside(fault)
            return [refused(row, broken) for row in rows]

    def _at_second_try(self, pseudonym: str, rows: Sequence[Row]) -> list[RowResult]:
        try:
            return self._in_transaction(pseudonym, rows)
        except DuplicatePseudonymError:
            # Somebody registered the patient since; now they are found.
            self.look_up([pseudonym])
            return self._in_transaction(pseudonym, rows)

    def _in_transaction(self, pseudonym: str, rows: Sequence[Row]) -> list[RowResult]:
        results: list[RowResult] = []
        sites: SitesNamed | None = None
        try:
            with writing(self.house.database, self.actor) as unit:
                sites = SitesNamed(house=self.house, actor=self.actor, unit=unit, known=self.time_zones)
                results += self._judged(unit, sites, pseudonym, rows)
                if self.dry_run:
                    raise _Rehearsed
        except _Rehearsed:
            pass
        if sites is not None:
            self.warnings |= dict.fromkeys(sites.made)
            self.time_zones |= sites.seen
        return results

    def _judged(self, unit: UnitOfWork, sites: SitesNamed, pseudonym: str, rows: Sequence[Row]) -> Iterator[RowResult]:
        charts = charts_of(self.house, unit, self.stored.get(pseudonym, ()))
        targets, lost = targets_of(rows, [chart.stored for chart in charts.values()])
        yield from (refused(row, refusal) for row, refusal in lost)
        for target in targets:
            chart = charts[target.stored.patient_id] if target.stored else None
            elsewhere = {other.site for other in targets if other is not target}
            merged = self._merged(unit, sites, target, chart, elsewhere=elsewhere)
            if isinstance(merged, Refusal):
                yield from (refused(row, merged) for row in target.rows)
            else:
                yield from results_of(target.rows, merged)

    def _merged(
        self, unit: UnitOfWork, sites: SitesNamed, target: Target, chart: Chart | None, *, elsewhere: set[str | None]
    ) -> Merged | Refusal:
        """Judge and write the rows of one patient; `elsewhere` the file registers others under the same pseudonym."""
        known_at = chart.locked.sites if chart else ((target.site,) if target.site else ())
        role = self._role(known_at)
        if isinstance(role, Refusal):
            return role
        now = chart.locked.now if chart else unit.instant()
        zone = chart.locked.time_zone if chart else sites.time_zone(target.site)
        if isinstance(zone, Refusal):
            return zone
        today = today_in(zone, now)
        judge = partial(
            merge,
            chart.facts if chart else (),
            given=Circumstances(
                role=role,
                today=today,
                protocols=protocols_for(self.house, unit.connection, (row.draft for row in target.rows)),
                importing=True,
                recommendations=self.house.settings.recommendations,
                rehearsal=self.house.rehearsal,
            ),
            stamp=Stamp(seq=chart.locked.last_seq + 1 if chart else 1, recorded_at=now, recorded_by=self.actor.id),
        )

        def taken(state: PatientState) -> bool:
            home, patient_id = (chart.locked.treating_site, chart.locked.id) if chart else (target.site, None)
            site = state.registration.site
            return (site != home and site in elsewhere) or moves_onto_another(
                unit, state, home=home, patient_id=patient_id
            )

        merged = without_moves_onto_another(judge, *_possible(target, sites, today), taken)
        if merged.accepted:
            sites.make(target.site, merged)
        if merged.accepted and not self.dry_run:
            PatientWriter(house=self.house, actor=self.actor, unit=unit).write(chart, merged)
        return merged

    def _role(self, sites: tuple[str, ...]) -> Role | Refusal:
        role = self.actor.role_at(frozenset(sites)) if sites else self.actor.highest_role
        if role is not None and role >= Role.COORDINATOR:
            return role
        return Refusal(
            code="role_needed",
            title="Another role is needed",
            detail=f"importing for {', '.join(sites)} needs the role {Role.COORDINATOR.label} there.",
            status=403,
            field="patient",
        )


def _fault_inside(fault: Exception) -> Refusal:
    """Return the refusal of rows that met an error of the program; its message may quote them, so only its kind."""
    return Refusal(
        code=FAULT_INSIDE,
        title="Error inside Coursewatch",
        detail=f"this patient's rows met an error inside Coursewatch ({type(fault).__name__}) and none of them is "
        "stored; please report it.",
        status=500,
    )


def _possible(target: Target, sites: SitesNamed, today: date) -> tuple[list[Candidate], list[Unread]]:
    """Return the rows to merge, and those refused before: unreadable ones, impossible registrations, unknown sites."""
    candidates, unreadable = [], target.unread()
    for row in target.candidates():
        refusal = _before_merging(row, sites, today)
        if refusal is None:
            candidates.append(row)
        else:
            unreadable.append(
                Unread(row=row.row, refusal=refusal, type=row.draft.type, occurred_on=row.draft.occurred_on)
            )
    return candidates, unreadable


def _before_merging(row: Candidate, sites: SitesNamed, today: date) -> Refusal | None:
    if isinstance(row.draft.data, SiteChanged):
        zone = sites.time_zone(row.draft.data.to)
        return zone if isinstance(zone, Refusal) else None
    if row.draft.type != REGISTRATION:
        return None
    try:
        require_possible_days(row.draft, today)
    except InvalidInputError as invalid:
        first = invalid.problems[0]
        return Refusal(code=first.code, title="Impossible", detail=str(invalid), status=422, field=first.field)
    return None
