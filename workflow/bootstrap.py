"""The composition root: the one place where settings become a running Coursewatch."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from workflow.clock import Clock, utc_now
from workflow.domain.actor import LOCAL_ADMIN, SCHEDULER
from workflow.domain.chart import TRANSITIONS
from workflow.domain.errors import CoursewatchError
from workflow.identifiers import new_secret
from workflow.knowledge.reminders import CATALOGUE
from workflow.knowledge.tables import tables_in_full
from workflow.persistence.engine import Database, open_database
from workflow.persistence.errors import ProtocolHashMismatchError, WrongSecretError
from workflow.persistence.fence_check import holds_us
from workflow.persistence.installation import (
    is_bound,
    is_rehearsal,
    mark_rehearsal,
    note_rules,
    require_secret,
    rules_of_upgrade,
)
from workflow.persistence.limits import Limits
from workflow.persistence.migrations import require_current, upgrade
from workflow.persistence.patient_writes import forget_answers
from workflow.persistence.patients import has_patients
from workflow.persistence.protocol_signatures import Signature, list_signatures
from workflow.persistence.protocol_versions import Origin, StoredProtocol, list_versions, store_versions
from workflow.persistence.refolding import may_rewrite_spans
from workflow.persistence.unit_of_work import writing
from workflow.protocols.files.parse import parse_protocol
from workflow.protocols.files.problems import ProtocolError
from workflow.protocols.library import place_of, shipped
from workflow.protocols.model import Protocol, Protocols
from workflow.protocols.operations import OPERATIONS
from workflow.services.check_protocols import load_own
from workflow.services.fold_anew import fold_all_anew
from workflow.services.house import House
from workflow.services.protocol_release import PARTS
from workflow.settings import Settings, read_or_make_secret

# Raised by hand whenever a rule of the fold changes: patients of another generation are folded anew by `migrate`.
RULES_GENERATION = 6
# Raised by hand whenever a rule of the judge changes: every patient is then judged anew by the next sweeps.
JUDGE_GENERATION = 1
# How long a repeated request gets its first answer (architecture: idempotency keys live 30 days).
ANSWERS_KEPT_FOR = timedelta(days=30)

_log = logging.getLogger("coursewatch")


class RehearsalOnlyError(CoursewatchError):
    """COURSEWATCH_NOW moves the clock of a rehearsal database only; unset it, or make one: db upgrade --rehearsal."""


def migrate(settings: Settings, *, rehearsal: bool = False, tell: Callable[[str], None] = lambda _: None) -> None:
    """Bring the database to this release's revision, and every patient to its rules; runs as the owner role.

    With `rehearsal` the database is marked for trying things, for ever; raises RehearsalOnlyError where it already
    holds patients. `tell` hears what takes long, a line at a time.
    """
    own = load_own(settings.protocols)
    upgrade(settings.database_url, app_role=settings.app_role, tell=tell)
    database = open_database(settings.database_url, secret=b"")
    try:
        if rehearsal:
            with writing(database, LOCAL_ADMIN, bounded=False) as unit:
                if not is_rehearsal(unit.connection) and has_patients(unit.connection):
                    raise RehearsalOnlyError("this database holds patients; make a rehearsal of an empty one")
                mark_rehearsal(unit.connection)
        protocols, _ = _protocols_of(settings, database, own)
        engine = engine_of(protocols.versions)
        _note_rules(database, judged_by_of(engine))
        fold_all_anew(database, protocols, engine, tell)
    finally:
        database.dispose()


def moved_clock(now: datetime) -> Clock:
    """Return a clock that goes on from `now`: what a rehearsal is told to live in."""
    ahead = now - utc_now()
    return lambda: utc_now() + ahead


def build(settings: Settings, *, clock: Clock | None = None) -> House:
    """Open everything and return the house; refuses a database of another revision and never migrates.

    Raises UnsoundDirectoryError where a protocol of the installation's own cannot be used.
    """
    if clock is None and settings.now is not None:
        clock = moved_clock(settings.now)
    own = load_own(settings.protocols)
    database = open_database(
        settings.database_url,
        secret=b"",
        clock=clock,
        limits=Limits(statement_seconds=settings.statement_timeout_seconds, lock_seconds=settings.lock_timeout_seconds),
    )
    try:
        require_current(database)
        database = replace(database, secret=_secret_of(settings.secret_file, database))
        require_secret(database)
        _tell_who_is_not_held(database)
        rehearsal = rehearses(database)
        if settings.now is not None and not rehearsal:
            raise RehearsalOnlyError(str(RehearsalOnlyError.__doc__))
        protocols, unreadable = _protocols_of(settings, database, own)
        forget_old_answers(database)
    except BaseException:
        database.dispose()
        raise
    engine = engine_of(protocols.versions)
    _tell_of_other_rules(database, judged_by_of(engine))
    return House(
        database=database,
        protocols=protocols,
        engine=engine,
        judged_by=judged_by_of(engine),
        clock=clock or utc_now,
        settings=settings,
        rehearsal=rehearsal,
        unreadable=unreadable,
    )


def _secret_of(file: Path, database: Database) -> bytes:
    """Return the installation's secret, made on first use; raises WrongSecretError where the database has one already.

    Whoever binds a database to its secret has made the file before: a file that is missing still is nowhere.
    """
    if not file.exists() and is_bound(database) and not file.exists():
        raise WrongSecretError(
            f"there is no secret file {file}, and this database's chain was made with one: put it back from its copy, "
            "or name it in COURSEWATCH_SECRET_FILE. No new one was made, for the chain cannot go on with another"
        )
    return read_or_make_secret(file, new_secret)


def _tell_who_is_not_held(database: Database) -> None:
    """Log a line where row-level security does not hold the role that this process signed in as; it starts."""
    with database.read() as connection:
        if not holds_us(connection):
            _log.warning(
                "running_as_owner: row-level security does not hold this database role (the owner of the tables, a "
                "superuser, or one with BYPASSRLS). Start everything but `db upgrade` as the app role."
            )


def _note_rules(database: Database, judged_by: str) -> None:
    """Let others know by which rules everybody is judged from now on; on PostgreSQL only the owner may."""
    with database.read() as connection:
        known = rules_of_upgrade(connection) == judged_by or not may_rewrite_spans(connection)
    if not known:
        with database.write() as connection:
            note_rules(connection, judged_by)


def _tell_of_other_rules(database: Database, judged_by: str) -> None:
    """Say so where the last upgrade brought everybody to other rules: this process is older, or it was forgotten."""
    with database.read() as connection:
        known = rules_of_upgrade(connection)
    if known not in {None, judged_by}:
        _log.warning(
            "The database was upgraded to other rules than this process has: it serves, folding each patient as it "
            "reads them, and leaves it to others to judge everybody anew. Run `coursewatch db upgrade` of the newest "
            "release and start all processes anew."
        )


def signatures_on_file(settings: Settings) -> tuple[Signature, ...]:
    """Return who signed protocols, from a database that is only read; raises WrongRevisionError."""
    database = open_database(settings.database_url, secret=b"")
    try:
        require_current(database)
        with database.read() as connection:
            return list_signatures(connection)
    finally:
        database.dispose()


def _protocols_of(settings: Settings, database: Database, own: Sequence[Protocol]) -> tuple[Protocols, frozenset[str]]:
    """Return the protocols as `pinned_protocols`; where one of the own ones has changed, its file is named."""
    try:
        return pinned_protocols(database, own)
    except ProtocolHashMismatchError as changed:
        place = place_of(changed.ref, settings.protocols) if settings.protocols else None
        raise ProtocolHashMismatchError(f"{place}: {changed}", changed.ref) if place else changed from None


def pinned_protocols(database: Database, own: Sequence[Protocol] = ()) -> tuple[Protocols, frozenset[str]]:
    """Store the bodies of shipped and own protocols, refuse a changed one, and return all that were ever stored.

    The second part are the hashes of those that this release cannot read: they keep nobody from their work.

    What is neither shipped nor among `own` any more is kept for its courses and withdrawn. Own ones are drafts here,
    whoever signed them: that is asked anew for each choice. Raises ProtocolHashMismatchError where a version comes with
    another body than the one stored.
    """
    of_release = shipped().versions
    current = (*of_release, *own)
    with database.write() as connection:
        store_versions(
            connection,
            [_stored(version, "shipped") for version in of_release] + [_stored(version, "own") for version in own],
            database.instant(connection),
        )
        stored = list_versions(connection)
    offered = {version.sha256 for version in current}
    read = {version.sha256: _read(version) for version in stored if version.sha256 not in offered}
    earlier = [version for version in read.values() if version is not None]
    whose = {version.sha256: version.origin for version in stored} | {v.sha256: "shipped" for v in of_release}
    versions = (*earlier, *current)
    drafts = {version.sha256: PARTS for version in versions if whose[version.sha256] == "own"}
    protocols = Protocols(versions, withdrawn=[version.sha256 for version in earlier], drafts=drafts)
    return protocols, frozenset(sha256 for sha256, version in read.items() if version is None)


def _stored(version: Protocol, origin: Origin) -> StoredProtocol:
    return StoredProtocol(version.id, version.version, version.sha256, version.body, origin)


def _read(stored: StoredProtocol) -> Protocol | None:
    """Return a stored body as a protocol, or None and a line in the log where this release cannot read it."""
    name = f"{stored.id}@{stored.version}"
    try:
        return parse_protocol(stored.body, name)
    except ProtocolError:
        _log.warning("Protocol %s is stored and this release cannot read it: its courses have no timing rules.", name)
        return None


def rehearses(database: Database) -> bool:
    """Whether the database is for trying things, so that no moved clock writes false times into real courses."""
    with database.read() as connection:
        return is_rehearsal(connection)


def forget_old_answers(database: Database) -> None:
    """Forget what requests were answered so long ago that nobody repeats them any more."""
    with writing(database, SCHEDULER, bounded=False) as unit:
        forget_answers(unit.connection, unit.instant() - ANSWERS_KEPT_FOR)


def engine_of(versions: Iterable[Protocol]) -> str:
    """Return the hash of what snapshots depend on: generation of the rules, chart, tables, protocol bodies."""
    parts = [
        str(RULES_GENERATION),
        repr(TRANSITIONS),
        tables_in_full(),
        OPERATIONS.sha256,
        *sorted(protocol.sha256 for protocol in versions),
    ]
    return sha256("\n".join(parts).encode()).hexdigest()


def judged_by_of(engine: str) -> str:
    """Return the hash of what ledgers depend on besides the site: the engine, the catalogue, the judge's generation."""
    return sha256("\n".join((engine, str(JUDGE_GENERATION), repr(CATALOGUE))).encode()).hexdigest()
