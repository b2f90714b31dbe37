"""`coursewatch simulate`: a virtual cohort as facts to import, for trying things on nobody."""

from datetime import date
from pathlib import Path
from random import Random
from typing import Annotated

import typer

from workflow.cli.options import read_date, settings_for
from workflow.cli.talk import put, say
from workflow.clock import today_in, utc_now

MOST_PATIENTS = 100_000


def _last_day(given: date | None) -> date | None:
    from workflow.simulation.cohort import EARLIEST_LAST_DAY

    if given is not None and given < EARLIEST_LAST_DAY:
        raise typer.BadParameter(f"{given} must be {EARLIEST_LAST_DAY} or later: courses are told backwards from it")
    return given


def simulate(
    *,
    patients: Annotated[int, typer.Option(min=1, max=MOST_PATIENTS, help="How many virtual patients.")],
    seed: Annotated[int, typer.Option(min=0, help="The same seed makes the same cohort, byte for byte.")],
    out: Annotated[
        Path | None,
        typer.Option(dir_okay=False, help="Where to: NDJSON for .ndjson or .jsonl, else CSV.", show_default="stdout"),
    ] = None,
    until: Annotated[
        date | None,
        typer.Option(
            parser=read_date,
            callback=_last_day,
            metavar="DATE",
            help="The cohort's last day; an import refuses days that lie ahead.",
            show_default="today",
        ),
    ] = None,
) -> None:
    """Write a virtual cohort as facts to import: believable courses of relapsed ALL that nobody ever had.

    How often something happens, and after how many days, is a simulation's assumption and no published figure.
    """
    from workflow.services.import_rows import NDJSON_SUFFIXES
    from workflow.simulation.cohort import simulate as facts_of
    from workflow.simulation.files import as_csv, as_ndjson

    settings = settings_for()
    last_day = until or today_in(settings.time_zone, settings.now or utc_now())
    # S311: chance is seeded here, and guards nothing.
    facts = list(facts_of(Random(seed), patients=patients, last_day=last_day))  # noqa: S311
    ndjson = out is not None and out.name.lower().endswith(NDJSON_SUFFIXES)
    text = as_ndjson(facts) if ndjson else as_csv(facts)
    if out is None:
        put(text.removesuffix("\n"))
    else:
        _write(out, text)
    said = "1 virtual patient" if patients == 1 else f"{patients} virtual patients"
    say(f"{said}, {len(facts)} facts, the last day {last_day}: simulated, no real course and no published figure.")


def _write(out: Path, text: str) -> None:
    try:
        out.write_bytes(text.encode())
    except OSError as fault:
        raise typer.BadParameter(f"--out: {out} cannot be written: {fault.strerror}") from None
