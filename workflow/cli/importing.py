"""`coursewatch import`: facts from a file, with a bar while it runs and a report of every row."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from workflow.cli.options import Database, Protocols, open_for_owner, open_house, settings_for
from workflow.cli.talk import say
from workflow.domain.actor import LOCAL_ADMIN
from workflow.settings import Settings

if TYPE_CHECKING:
    from workflow.services.house import House
    from workflow.services.import_report import ImportResult
    from workflow.services.import_rows import Row

SHOWN_REFUSALS = 20


def import_file(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV or NDJSON, one fact a row.")],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Judge every row and store nothing.")] = False,
    report: Annotated[
        Path | None,
        typer.Option(
            dir_okay=False,
            writable=True,
            allow_dash=True,
            help="Where to write what became of each row, as NDJSON; a new file is yours alone to read.",
        ),
    ] = None,
    database: Database = None,
    protocols: Protocols = None,
) -> None:
    """Import facts; what is stored already is known again, and a refused row stops no other.

    Exit code 0: read to its end, rows refused or not. 1: stopped, nothing accepted or known, or an error inside.
    """
    from workflow.services.import_facts import ImportInterruptedError
    from workflow.services.import_rows import read_rows

    settings = settings_for(database, protocols=protocols)
    rows = read_rows(file)
    with _report_file(report, beside=file) as report_to, _house_to_import_into(settings, dry_run=dry_run) as house:
        try:
            result = _imported(house, rows, dry_run=dry_run)
        except ImportInterruptedError as interrupted:
            _write_report(interrupted.done, report_to)
            raise
        _write_report(result, report_to)
    _tell(result, dry_run=dry_run, reported=report is not None)
    if result.faulty or (result.rows and result.count("refused") == len(result.rows)):
        raise typer.Exit(1)


def _imported(house: "House", rows: "list[Row]", *, dry_run: bool) -> "ImportResult":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from workflow.services.import_facts import ImportOptions, import_facts

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(file=sys.stderr),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
    with bar:
        task = bar.add_task("Judging" if dry_run else "Importing", total=len(rows))
        options = ImportOptions(dry_run=dry_run, progress=lambda done: bar.advance(task, done))
        return import_facts(house, LOCAL_ADMIN, rows, options)


@contextmanager
def _house_to_import_into(settings: Settings, *, dry_run: bool) -> "Iterator[House]":
    """Open the database; a new SQLite file is made first, for a dry run in a folder that is thrown away."""
    from workflow.bootstrap import migrate

    if not _new_file(settings):
        with open_house(settings) as house:
            yield house
        return
    with tempfile.TemporaryDirectory(prefix="coursewatch-") as folder:
        chosen = settings
        if dry_run:
            aside = Path(folder)
            chosen = settings.with_(
                database=f"sqlite:///{aside / 'dry-run.sqlite3'}", secret_file=aside / "chain.secret"
            )
        migrate(chosen, tell=say)
        if not dry_run:
            say(f"The database is new: {chosen.database}")
        with open_house(chosen) as house:
            yield house


def _new_file(settings: Settings) -> bool:
    from workflow.persistence.engine import parse_url

    url = parse_url(settings.database)
    if url.get_backend_name() != "sqlite":
        return False
    path = Path(str(url.database))
    return not path.exists() or path.stat().st_size == 0


@contextmanager
def _report_file(path: Path | None, *, beside: Path) -> Iterator[TextIO | None]:
    """Open the report before anything is stored, so that a wrong path costs nothing, least of all the file itself."""
    if path is not None and path.exists() and path.samefile(beside):
        raise typer.BadParameter("--report names the file that is imported; choose another")
    if path is None or str(path) == "-":
        yield None if path is None else sys.stdout
        return
    report = open_for_owner(path, "--report")
    try:
        yield report
    finally:
        # Everything is flushed by now; what could not be written has been told, and would only fail once more.
        with suppress(OSError):
            report.close()


def _write_report(result: "ImportResult", report: TextIO | None) -> None:
    if report is None:
        return
    # What the report cannot hold as it is stands there escaped, as JSON writes it.
    encoding = report.encoding or "utf-8"
    try:
        for line in result.lines():
            report.write(line.encode(encoding, "backslashreplace").decode(encoding) + "\n")
        report.flush()
    except (OSError, ValueError) as fault:
        why = fault.strerror if isinstance(fault, OSError) else type(fault).__name__
        say(f"The report could not be written: {why}. The import itself went as follows.")


def _tell(result: "ImportResult", *, dry_run: bool, reported: bool) -> None:
    for warning in result.warnings:
        say(f"Warning: {warning.message}")
    if not reported:
        _tell_refusals(result)
    waiting = f" ({result.unconfirmed} of them wait for a countersignature)" if result.unconfirmed else ""
    say(
        f"{len(result.rows)} rows: {result.count('accepted')} accepted{waiting}, {result.count('known')} known, "
        f"{result.count('refused')} refused."
    )
    by_code = result.refused_by_code()
    if by_code:
        say("Refused: " + ", ".join(f"{count} {code}" for code, count in by_code.items()) + ".")
    if dry_run:
        say("Dry run: nothing was stored.")


def _tell_refusals(result: "ImportResult") -> None:
    refused = [row for row in result.rows if row.outcome == "refused"]
    for row in refused[:SHOWN_REFUSALS]:
        say(f"Row {row.row}: {row.reason}")
    if len(refused) > SHOWN_REFUSALS:
        say(f"… and {len(refused) - SHOWN_REFUSALS} more; --report FILE names them all.")
