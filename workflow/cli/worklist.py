"""`coursewatch worklist`: who is late, critical, due or unknown."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from workflow.cli.options import Database, open_house, read_date, read_instant, settings_for
from workflow.cli.talk import put, put_table, say
from workflow.domain.actor import LOCAL_ADMIN

if TYPE_CHECKING:
    from workflow.persistence.worklist import WorklistRow
    from workflow.services.house import House
    from workflow.services.read_worklist import Wanted

# From what needs a decision today to what can wait; a patient who is only silent comes last.
STATUSES = ("critical", "late", "due", "open", "upcoming", "unknown")
_COLUMNS = (
    "patient",
    "site",
    "state",
    "window",
    "started",
    "days",
    "past latest",
    "status",
    "next threshold",
    "owner",
    "last contact",
)
_PAGE_ROWS = 500
DAY_UNLESS_GIVEN = "today at each site; with --known-at the day of that instant there"

Judged = tuple["WorklistRow", date]


def _statuses(names: list[str] | None) -> list[str] | None:
    wrong = [name for name in names or [] if name not in STATUSES]
    if wrong:
        raise typer.BadParameter(f"{', '.join(wrong)} is no status; one of {', '.join(STATUSES)}")
    return names


def worklist(
    *,
    as_of: Annotated[
        date | None,
        typer.Option(parser=read_date, metavar="DATE", help="As of this day.", show_default=DAY_UNLESS_GIVEN),
    ] = None,
    known_at: Annotated[
        datetime | None,
        typer.Option(
            parser=read_instant,
            metavar="INSTANT",
            help="Only what had been recorded by then, e.g. 2026-01-31T08:30:00+01:00.",
            show_default="now",
        ),
    ] = None,
    site: Annotated[str | None, typer.Option(help="Only patients of this site.")] = None,
    rule: Annotated[str | None, typer.Option(help="Only windows of this rule, like TR-001.")] = None,
    status: Annotated[
        list[str] | None,
        typer.Option(
            callback=_statuses,
            help=f"One of {', '.join(STATUSES)}; repeat it for several.",
            show_default="critical, late, due, unknown",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of a table.")] = False,
    database: Database = None,
) -> None:
    """Show who is late, critical, due or unknown, the most urgent first."""
    from workflow.services.read_worklist import WORTH_SHOWING, Wanted, row_shape

    statuses = frozenset(status) if status else WORTH_SHOWING
    wanted = Wanted(as_of=as_of, known_at=known_at, statuses=statuses, site=site, rule=rule)
    with open_house(settings_for(database)) as house:
        found, settled = _all_rows(house, wanted)
        lies_ahead = known_at is not None and known_at > house.clock()
    judged = sorted(found, key=_urgency)
    summary = _summary(judged)
    if as_json:
        items = [row_shape(row, day) for row, day in judged]
        knowledge = {} if known_at is None else {"known_at": known_at, "settled": settled}
        document = {"as_of": as_of, **knowledge, "items": items, "summary": summary}
        put(json.dumps(document, default=str, ensure_ascii=False, indent=2))
        return
    put_table(None, _COLUMNS, (_cells(row, day) for row, day in judged))
    say(_told(summary, wanted))
    if lies_ahead:
        say("That instant lies ahead: this is what is known by now, and what is recorded until then will count too.")
    elif settled is False:
        say("Facts of the last seconds before that instant may still be on their way: ask again in a minute.")


def _all_rows(house: "House", wanted: "Wanted") -> tuple[list[Judged], bool | None]:
    """Return all rows, and whether they can still change; None where today's were asked."""
    from workflow.persistence.pages import Page
    from workflow.services.read_worklist import rows

    found: list[Judged] = []
    cursor: str | None = None
    while True:
        page = rows(house, LOCAL_ADMIN, wanted, Page(_PAGE_ROWS, cursor))
        found += page.rows
        cursor = page.next_cursor
        if cursor is None:
            # Who is silent has no window of the rule that was asked for.
            shown = [judged for judged in found if wanted.rule is None or judged[0].window is not None]
            return shown, page.settled


def _standing(row: "WorklistRow") -> str:
    if row.status in {"critical", "late"}:
        return str(row.status)
    if row.due:
        return "due"
    return "unknown" if row.status is None or row.unknown else str(row.status)


def _urgency(judged: Judged) -> tuple[int, int, str, str]:
    row, day = judged
    past = row.window.days_past_latest(day) if row.window else None
    return (STATUSES.index(_standing(row)), -(past or 0), row.pseudonym, row.window.id if row.window else "")


def _cells(row: "WorklistRow", day: date) -> Sequence[object]:
    window = row.window
    standing = _standing(row)
    silent = row.unknown and standing != "unknown"
    return (
        row.pseudonym,
        row.site_id,
        row.state,
        f"{window.rule} {window.label}" if window else None,
        window.anchor_on if window else None,
        window.days(day) if window else None,
        (window.days_past_latest(day) or None) if window else None,
        f"{standing}, unknown" if silent else standing,
        window.next_threshold(day) if window else None,
        row.owner,
        row.last_contact_on,
    )


def _summary(judged: Iterable[Judged]) -> dict[str, dict[str, int]]:
    """Count rows by rule and standing; who is silent without a window counts under no rule."""
    counts: dict[str, Counter[str]] = {}
    for row, _ in judged:
        counts.setdefault(row.window.rule if row.window else "no window", Counter())[_standing(row)] += 1
    return {
        rule: {standing: count[standing] for standing in STATUSES if count[standing]}
        for rule, count in sorted(counts.items())
    }


def _told(summary: dict[str, dict[str, int]], wanted: "Wanted") -> str:
    day = f"As of {wanted.as_of}" if wanted.as_of else "Today"
    if wanted.known_at is not None:
        day = f"{day if wanted.as_of else 'As it stood'}, by what was known at {wanted.known_at:%Y-%m-%d %H:%M:%S} UTC"
    if not summary:
        return f"{day}: nothing is late, critical, due or unknown."
    told = (f"{rule}: " + ", ".join(f"{count} {name}" for name, count in of.items()) for rule, of in summary.items())
    return f"{day}: " + " · ".join(told)
