"""`coursewatch sweep`: raise what fell due, once and now; or see what would be raised by the end of a day."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from workflow.cli.options import Database, Protocols, open_house, read_date, settings_for
from workflow.cli.talk import put, put_table, say
from workflow.domain.actor import LOCAL_ADMIN
from workflow.domain.errors import CoursewatchError

if TYPE_CHECKING:
    from workflow.services.house import House
    from workflow.services.run_sweep import SweepRun

WOULD_RAISE = ("patient", "site", "window", "reminder", "severity", "threshold", "days")


class NotAllJudgedError(CoursewatchError):
    """Some patients could not be judged; what concerns them is not raised."""


def sweep(
    *,
    as_of: Annotated[
        date | None,
        typer.Option(
            parser=read_date,
            metavar="DATE",
            help="Raise nothing; show what would be raised if the sweep came when this day ends at each site.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of a table.")] = False,
    database: Database = None,
    protocols: Protocols = None,
) -> None:
    """Look once at every patient for whom something fell due, raise alerts, and report; the scheduler does it too."""
    with open_house(settings_for(database, protocols=protocols)) as house:
        if as_of is not None:
            _rehearse(house, as_of, as_json=as_json)
        else:
            _sweep(house, as_json=as_json)


def _rehearse(house: "House", day: date, *, as_json: bool) -> None:
    from workflow.services.rehearse_sweep import rehearse_sweep

    rows = [asdict(row) for row in rehearse_sweep(house, LOCAL_ADMIN, day)]
    if as_json:
        put(json.dumps({"as_of": day, "would_raise": rows}, default=str, ensure_ascii=False, indent=2))
    else:
        put_table(None, WOULD_RAISE, ([row[name] for name in row if name != "days_late"] for row in rows))
    say(f"By the end of {day} a sweep would raise {_counted(len(rows), 'alert')}. Nothing was raised now.")


def _sweep(house: "House", *, as_json: bool) -> None:
    from workflow.identifiers import new_process_id
    from workflow.services.run_sweep import run_sweep

    run = run_sweep(house, new_process_id())
    if as_json:
        outage = run.outage.shape if run.outage else None
        put(json.dumps({**run.counts, "errors": dict(run.report.failed), "outage": outage}, indent=2))
    else:
        put_table(None, ("reminder", "severity", "raised", "longest passed for"), _rows(run))
    _tell(run)
    if run.report.failed:
        errors = ", ".join(f"{name}: {count}" for name, count in sorted(run.report.failed.items()))
        raise NotAllJudgedError(
            f"{_counted(run.report.failed.total(), 'patient')} could not be judged ({errors}), so nothing of "
            "them is raised. `coursewatch db verify` names whose rows cannot be read; the next sweep tries again"
        )


def _rows(run: "SweepRun") -> Sequence[Sequence[object]]:
    kinds: dict[tuple[str, str], list[timedelta]] = {}
    for passed in run.report.raised:
        kinds.setdefault((passed.alert.key.reminder, passed.alert.severity), []).append(passed.lateness)
    return [(*kind, len(found), _lasting(max(found))) for kind, found in sorted(kinds.items())]


def _tell(run: "SweepRun") -> None:
    report = run.report
    if run.outage:
        outage = run.outage
        say(
            f"Nobody swept from {outage.since:%Y-%m-%d %H:%M} to {outage.until:%Y-%m-%d %H:%M} UTC. "
            f"Thresholds that passed meanwhile: {_by_severity(outage.thresholds)}; "
            f"the longest ago: {_lasting(outage.greatest_lateness)}."
        )
    raised = _counted(len(report.raised), "alert")
    passed = f", the longest ago passed {_lasting(report.greatest_lateness)} before" if report.raised else ""
    say(
        f"{_counted(report.patients, 'patient')} looked at: {raised} raised{passed}; {report.resolved} resolved; "
        f"{_counted(report.notices, 'notice')} made."
    )


def _by_severity(thresholds: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in thresholds.items()) or "none"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _lasting(time: timedelta) -> str:
    """Write how long something lasted, as people say it: days and hours, or hours and minutes."""
    minutes = round(time.total_seconds() / 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if days else f"{hours} h {minutes} min"
