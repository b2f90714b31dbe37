"""`coursewatch classify`: cases of a file under all schemes, without a database."""

import csv
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from workflow.cli.options import Recommendations, open_for_owner, settings_for
from workflow.cli.protocol_versions import at_hand
from workflow.cli.talk import say
from workflow.clock import today_in, utc_now
from workflow.domain.errors import CoursewatchError
from workflow.domain.messages import INTENDED_USE

if TYPE_CHECKING:
    from workflow.services.classify_cases import Cases


class CannotWriteError(CoursewatchError):
    """What was classified cannot be written to its end."""


def classify(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="CSV, one case a row; its columns are fields.")
    ],
    *,
    out: Annotated[
        Path | None,
        typer.Option(
            dir_okay=False,
            writable=True,
            allow_dash=True,
            help="Where to write the CSV; a new file is yours alone to read.",
            show_default="stdout",
        ),
    ] = None,
    reasons: Annotated[
        bool, typer.Option("--reasons", help="One more column: every reason, with its sentence and its source.")
    ] = False,
    recommendations: Recommendations = None,
) -> None:
    """Classify relapses: CSV in, the same rows out with timing, site, risk groups and recommendations beside them.

    Needed: diagnosis_date, relapse_date, phenotype, and relapse_site or findings.marrow_blasts_percent,
    findings.csf.wbc_per_ul …; MRD as mrd.value, mrd.unit, mrd.method, mrd.timepoint, or several as a JSON list in mrd.
    Further columns are carried through. A row that cannot be read gets its error and stops no other. Exit code 1: no
    row could be read.
    """
    from workflow.services.classify_cases import CasesAsked, classify_cases
    from workflow.services.csv_records import lines_of

    settings = settings_for(recommendations=recommendations)
    if out is not None and out.exists() and out.samefile(file):
        raise typer.BadParameter("--out names the file that is read; choose another")
    asked = CasesAsked(
        protocols=at_hand(settings),
        today=today_in(settings.time_zone, settings.now or utc_now()),
        recommendations=settings.recommendations,
        reasons=reasons,
    )
    cases = classify_cases(lines_of(file), file.name, asked)
    for hint in cases.hints:
        say(f"Warning: {hint}")
    rows, refused = _written(cases, out)
    say(f"{rows} rows: {rows - refused} classified, {refused} refused{'; see the column error' if refused else ''}.")
    if not settings.recommendations:
        say("Recommendations are switched off in this installation (COURSEWATCH_RECOMMENDATIONS).")
    say(INTENDED_USE)
    if rows and refused == rows:
        raise typer.Exit(1)


def _written(cases: "Cases", out: Path | None) -> tuple[int, int]:
    """Write the cases one at a time, as they are classified; return how many there are, and how many are refused."""
    from workflow.services.csv_records import UnreadableFileError

    rows = refused = 0
    with _opened(out) as written:
        table = csv.writer(_Plain(written), lineterminator="\n")
        table.writerow(cases.header)
        try:
            for row in cases.rows:
                table.writerow(row.cells)
                rows, refused = rows + 1, refused + row.refused
        except UnreadableFileError:
            say(f"Stopped after {rows} rows; what is written ends there.")
            raise
    return rows, refused


@contextmanager
def _opened(out: Path | None) -> Iterator[TextIO]:
    """Open the output, flushed at the end; raises BadParameter where it cannot be, CannotWriteError where it stops."""
    if out is None or str(out) == "-":
        yield sys.stdout
        sys.stdout.flush()
        return
    written = open_for_owner(out, "--out")
    try:
        yield written
        written.flush()
    except OSError as fault:
        raise CannotWriteError(f"{out} could not be written to its end: {fault.strerror}") from None
    finally:
        # Everything is flushed by now; what could not be written has been told, and would only fail once more.
        with suppress(OSError):
            written.close()


@dataclass(frozen=True, slots=True)
class _Plain:
    """Writes text as far as its encoding goes; what it cannot hold stands there escaped, as JSON writes it."""

    out: TextIO

    def write(self, text: str) -> int:
        """Write text."""
        encoding = self.out.encoding or "utf-8"
        return self.out.write(text.encode(encoding, "backslashreplace").decode(encoding))
