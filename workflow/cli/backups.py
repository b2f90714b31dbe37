"""`coursewatch db backup`, `restore` and `drill`: a copy of everything, the way back, and the proof that it is one."""

import logging
import os
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workflow.cli.ending import Heed, ended_in_good_order
from workflow.cli.options import Database, Protocols, open_house, require_database_file, settings_for
from workflow.cli.talk import put, say
from workflow.domain.errors import CoursewatchError
from workflow.settings import PREFIX, Settings, SettingsError, read_secret, require_no_password

if TYPE_CHECKING:
    from workflow.persistence.backup.manifest import Manifest
    from workflow.persistence.backup.sqlite import Progress
    from workflow.services.drill import Step

# What reads or writes everything once is not held to the limits that keep a ward's requests short.
STATEMENT_SECONDS = 3600.0

PgBin = Annotated[
    Path | None,
    typer.Option(
        "--pg-bin",
        envvar="COURSEWATCH_PG_BIN",
        metavar="DIR",
        help="The folder of PostgreSQL's pg_dump and pg_restore.",
        show_default="PATH",
    ),
]
Backup = Annotated[Path, typer.Argument(metavar="FILE", help="A backup; its manifest FILE.json stands beside it.")]


class NoFolderError(CoursewatchError):
    """The folder that a backup is to be written into is not there."""


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file; FILE.json is written beside it.")],
    *,
    database: Database = None,
    pg_bin: PgBin = None,
) -> None:
    """Write everything into one file while processes work; on PostgreSQL run it as the role that owns the tables.

    The file's name is printed once the file is whole: until then nothing has that name. The secret file is not in it.
    """
    from workflow.clock import monotonic, utc_now
    from workflow.services.back_up import Making, back_up

    settings = settings_for(database)
    require_database_file(settings)
    if not file.parent.is_dir():
        raise NoFolderError(f"there is no folder {file.parent} to write the backup into")
    began = monotonic()
    with ended_in_good_order() as heed, _bar("Backing up", heed) as progress:
        making = Making(now=utc_now(), release=version("coursewatch"), pg_bin=pg_bin, progress=progress, tell=say)
        manifest = back_up(settings.database_url, file, making)
    say(
        f"{manifest.contents.counts}, at revision {manifest.contents.revision}: {manifest.size_bytes:,} bytes in "
        f"{monotonic() - began:.1f} s."
    )
    say(f"It cannot be used without the secret file, which is not in it. {_secret_told(manifest, settings)}")
    if manifest.contents.newest_seal:
        say(f"Newest seal, worth noting elsewhere: {manifest.contents.newest_seal}")
    put(str(file))


def restore(file: Backup, *, database: Database = None, pg_bin: PgBin = None) -> None:
    """Restore a backup into an empty database, all of it or nothing; on PostgreSQL as the role that is to own it."""
    from workflow.services.restore_backup import Restoring, restore_backup

    settings = settings_for(database)
    with ended_in_good_order() as heed, _bar("Restoring", heed) as progress:
        restoring = Restoring(app_role=settings.app_role, pg_bin=pg_bin, progress=progress, tell=say)
        restored = restore_backup(file, settings.database_url, restoring)
    manifest, named = restored.manifest, _named(database)
    made = f"made at {manifest.made_at:%Y-%m-%d %H:%M} UTC by release {manifest.origin.release}"
    say(f"Restored: {manifest.contents.counts}, {made}. Next:")
    say(f"- {_secret_told(manifest, settings)}")
    if not restored.granted:
        say(f"- The role {settings.app_role} does not exist: CREATE ROLE {settings.app_role} LOGIN.")
    if restored.older or not restored.granted:
        say(f"- coursewatch db upgrade{named}")
    expected = f" --expect-seal {manifest.contents.newest_seal}" if manifest.contents.newest_seal else ""
    say(f"- coursewatch db verify{named}{expected}")


def drill(
    file: Backup,
    *,
    into: Annotated[
        str | None,
        typer.Option(
            envvar="COURSEWATCH_DRILL_INTO",
            metavar="URL",
            help="An empty database to restore into; it is empty again afterwards.",
            show_default="a new one beside --database, or a file in a temporary folder",
        ),
    ] = None,
    database: Database = None,
    protocols: Protocols = None,
    pg_bin: PgBin = None,
) -> None:
    """Prove that a backup can be worked on: restore it aside, upgrade, verify, compare, read the worklist, remove it.

    Each step is printed with its seconds. Needs the secret file. Exit code 0: every step went well. 1: one failed.
    """
    from workflow.clock import monotonic
    from workflow.identifiers import new_process_id
    from workflow.persistence.backup.scratch import scratch_for
    from workflow.services.drill import Ground, Listening
    from workflow.services.drill import drill as do_drill
    from workflow.services.restore_backup import Restoring

    settings = settings_for(database, protocols=protocols).with_(
        statement_timeout_seconds=STATEMENT_SECONDS, lock_timeout_seconds=STATEMENT_SECONDS
    )
    if into:
        require_no_password(into, "--into (COURSEWATCH_DRILL_INTO)")
    chosen = settings.with_(database=into).database_url if into else None
    drill_id = new_process_id()
    ground = Ground(
        scratch=lambda dialect: scratch_for(dialect, settings.database_url, chosen, drill_id),
        restoring=Restoring(app_role=settings.app_role, pg_bin=pg_bin),
        secret=lambda: read_secret(settings.secret_file),
        upgrade=lambda url: _upgraded(_at(url, settings)),
        open_house=lambda url: open_house(_at(url, settings)),
    )
    began = monotonic()
    with ended_in_good_order() as heed, _owner_on_purpose():
        well = do_drill(file, ground, Listening(step=_put_step, finding=put, stopwatch=monotonic, heed=heed))
    if not well:
        put("the drill has failed")
        raise typer.Exit(1)
    put(f"the drill has succeeded in {monotonic() - began:.1f} s")


def _at(url: str, settings: Settings) -> Settings:
    return settings.with_(database=url, database_password_file=None)


def _upgraded(settings: Settings) -> str:
    from workflow.bootstrap import migrate
    from workflow.persistence.migrations import current_revision

    before = current_revision(settings.database_url)
    migrate(settings)
    after = current_revision(settings.database_url)
    return f"at revision {after} already" if before == after else f"from revision {before} to {after}"


def _put_step(step: "Step") -> None:
    put(f"{step.name:<9} {step.seconds:7.2f} s  {'FAILED: ' if step.failed else ''}{step.told}")


def _named(database: str | None) -> str:
    """Return the option that names this database once more; nothing where every command finds it in the environment."""
    told = database is not None and database != os.environ.get(f"{PREFIX}DATABASE")
    return f" --database {shlex.quote(str(database))}" if told else ""


def _secret_told(manifest: "Manifest", settings: Settings) -> str:
    """Say where the secret file is, or that it is missing or another one."""
    from workflow.persistence.chain import secret_check

    file, wanted = settings.secret_file, manifest.contents.secret_check
    if wanted is None:
        return "Nobody has opened this database yet, so no secret belongs to it."
    try:
        fits = secret_check(read_secret(file)) == wanted
    except SettingsError:
        return f"{file} cannot be read: there belongs the secret file of this database (COURSEWATCH_SECRET_FILE)."
    if not fits:
        return f"WARNING: {file} is not the secret file of this database; find the one that is."
    return f"{file} is the one that belongs to it."


@contextmanager
def _owner_on_purpose() -> Iterator[None]:
    """Keep the warning back that row-level security does not hold an owner: a drill has no other role."""

    def without_warning(record: logging.LogRecord) -> bool:
        return not record.getMessage().startswith("running_as_owner:")

    log = logging.getLogger("coursewatch")
    log.addFilter(without_warning)
    try:
        yield
    finally:
        log.removeFilter(without_warning)


@contextmanager
def _bar(doing: str, heed: Heed) -> "Iterator[Progress]":
    """Show a bar on a terminal, and a line where nobody watches; whoever has asked to end is heeded as it moves."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    watched = sys.stderr.isatty()
    if not watched:
        say(f"{doing} …")
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(file=sys.stderr), transient=True, disable=not watched) as bar:
        task = bar.add_task(doing, total=None)

        def progress(done: int, total: int) -> None:
            heed()
            bar.update(task, completed=done, total=total)

        yield progress
