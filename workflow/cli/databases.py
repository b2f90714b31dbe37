"""`coursewatch db`: the database's tables, and whether it still holds what was recorded."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from workflow.cli.options import Database, Protocols, open_house, settings_for
from workflow.cli.talk import put, say, told
from workflow.cli.waiting import wait_for_database
from workflow.domain.actor import LOCAL_ADMIN

if TYPE_CHECKING:
    from workflow.services.house import House
    from workflow.services.verify_database import Verified
    from workflow.settings import Settings

# A check reads everything once; no limit that keeps a ward's requests short fits it.
STATEMENT_SECONDS = 3600.0
FOUND, NOT_CHECKED = 1, 2

Rehearsal = Annotated[
    bool,
    typer.Option(
        "--rehearsal",
        envvar="COURSEWATCH_DB_UPGRADE_REHEARSAL",
        help="Mark an empty database as rehearsal: it alone accepts COURSEWATCH_NOW. There is no way back.",
    ),
]
app = typer.Typer(help="The database.", no_args_is_help=True)


@app.command()
def upgrade(database: Database = None, *, rehearsal: Rehearsal = False, protocols: Protocols = None) -> None:
    """Bring the database to this release's tables; on PostgreSQL run it as the role that owns them."""
    from workflow.bootstrap import migrate
    from workflow.persistence.migrations import app_role_missing, current_revision

    settings = settings_for(database, protocols=protocols)
    wait_for_database(settings, tables=False, stopped_as=1)
    before = current_revision(settings.database_url)
    migrate(settings, rehearsal=rehearsal, tell=say)
    after = current_revision(settings.database_url)
    say(f"The database is at revision {after} already." if before == after else f"The database is at {after} now.")
    if app_role_missing(settings.database_url, settings.app_role):
        say(
            f"The role {settings.app_role} does not exist, so it was granted nothing: CREATE ROLE {settings.app_role} "
            "LOGIN, then run `coursewatch db upgrade` again; or name another in COURSEWATCH_APP_ROLE."
        )


def _seal(noted: str | None) -> str | None:
    if noted is not None and not re.fullmatch(r"[0-9a-f]{64}", noted):
        raise typer.BadParameter("a seal's hash is 64 hexadecimal digits, as `db verify` told it")
    return noted


@app.command()
def verify(
    database: Database = None,
    *,
    expect_seal: Annotated[
        str | None,
        typer.Option(callback=_seal, metavar="HASH", help="A seal's hash noted elsewhere, which must still be there."),
    ] = None,
) -> None:
    """Check that facts, everything kept beside them, and seals are what was recorded; a line for each finding.

    Lines `notice:` on stderr name what a hospital made beside it and leads around row-level security: no finding.

    Exit code 0: healthy. 1: findings. 2: it could not be checked, or not to its end.

    Not seen: that the newest seals were removed and then what only they named (give --expect-seal the hash of one,
    noted outside this database), and what nothing had sealed yet.
    """
    settings = settings_for(database).with_(
        statement_timeout_seconds=STATEMENT_SECONDS, lock_timeout_seconds=STATEMENT_SECONDS
    )
    with _trouble_is_no_finding():
        say(f"Verifying {_named(settings)}.")
        with open_house(settings) as house:
            verified = _verified(house, expect_seal)
    for way in verified.ways_around:
        say(f"notice: {way}: not of this release, and may lead around row-level security; nothing is damaged by it")
    say(_summary(verified))
    if verified.findings:
        raise typer.Exit(FOUND)


def _named(settings: "Settings") -> str:
    from workflow.persistence.engine import name_of

    return name_of(settings.database)


@contextmanager
def _trouble_is_no_finding() -> Iterator[None]:
    """End what could not be checked with an exit code of its own: whoever reads 1 believes that rows were changed."""
    try:
        yield
    except Exception as fault:  # noqa: BLE001 -- as in `program`, which would give them the exit code of a finding
        say(f"coursewatch: {told(fault)}")
        say("The database was not checked to its end: this says nothing of what is in it.")
        raise typer.Exit(NOT_CHECKED) from None


def _verified(house: "House", expect_seal: str | None) -> "Verified":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from workflow.services.verify_database import Hearing, verify_database

    bar = Progress(
        TextColumn("Verifying"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(file=sys.stderr),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
    with bar:
        task = bar.add_task("", total=None)
        hearing = Hearing(
            found=lambda finding: put(finding.line),
            total=lambda patients: bar.update(task, total=patients),
            advance=lambda: bar.advance(task),
        )
        return verify_database(house, LOCAL_ADMIN, hearing, expect_seal=expect_seal)


def _summary(verified: "Verified") -> str:
    checked = f"{_counted(verified.patients, 'patient')} checked"
    if verified.findings:
        return f"{checked}: {_counted(verified.findings, 'finding')}. Keep this output and the database as it is."
    seal = verified.newest_seal
    if seal is None:
        return f"{checked}: healthy. Nothing is sealed yet; `coursewatch serve` and `coursewatch scheduler` seal."
    unsealed = f", {verified.unsealed} of them with facts newer than the newest seal" if verified.unsealed else ""
    return (
        f"{checked}: healthy{unsealed}.\nNewest seal: {seal.number} of {seal.sealed_at:%Y-%m-%d %H:%M} UTC, {seal.hash}"
    )


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
