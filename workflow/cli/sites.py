"""`coursewatch site`: hospitals, their time zones and contacts."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from workflow.cli.options import Database, open_house, settings_for
from workflow.cli.talk import put, put_table, say
from workflow.domain.actor import LOCAL_ADMIN
from workflow.domain.contacts import EMAIL, channel_of

if TYPE_CHECKING:
    from workflow.services.house import House

app = typer.Typer(help="Hospitals: name, time zone, working days, contacts.", no_args_is_help=True)
_COLUMNS = (
    *("id", "name", "time_zone", "working_days", "holidays", "contacts"),
    *("silent_after_days", "notices_at", "mrd_result_days"),
)


_OPTIONAL = ("silent_after_days", "notices_at", "mrd_result_days")
_NULLABLE = ", ".join(_OPTIONAL).replace("_", "-")
# What is sent for a setting that is taken back.
_EMPTY: Mapping[str, object] = {**dict.fromkeys(_OPTIONAL), "contacts": []}


@app.command("set")
def set_site(
    site: Annotated[str, typer.Argument(metavar="ID", help="The site's id, as facts name it.")],
    *,
    name: Annotated[str | None, typer.Option(help="The hospital's name.")] = None,
    time_zone: Annotated[str | None, typer.Option(help="IANA time zone, like Europe/Berlin.")] = None,
    working_days: Annotated[str | None, typer.Option(help="Numbers of weekdays, Monday is 1: 1,2,3,4,5.")] = None,
    holiday: Annotated[list[str] | None, typer.Option(help="A holiday, YYYY-MM-DD; repeat it for each.")] = None,
    contact: Annotated[
        list[str] | None, typer.Option(help="Who is told: an email address, or log; repeat it for each.")
    ] = None,
    silent_after_days: Annotated[
        int | None, typer.Option(help="After how many days without a record a patient in treatment counts as unknown.")
    ] = None,
    notices_at: Annotated[
        str | None, typer.Option(help="The hour of notices, HH:MM; critical ones always go out at 07:30.")
    ] = None,
    mrd_result_days: Annotated[
        int | None, typer.Option(help="How many days after the sample an MRD result is overdue.")
    ] = None,
    unset: Annotated[
        list[str] | None,
        typer.Option(help=f"Take a setting back: contact (all of them), {_NULLABLE}; repeat it for each."),
    ] = None,
    database: Database = None,
) -> None:
    """Make a site, or change what is named; the rest stays as it is."""
    from workflow.services import sites

    given: dict[str, object] = {
        "name": name,
        "time_zone": time_zone,
        "working_days": _numbers(working_days) if working_days else None,
        "holidays": holiday or None,
        "contacts": contact or None,
        "silent_after_days": silent_after_days,
        "notices_at": notices_at,
        "mrd_result_days": mrd_result_days,
    }
    raw = {field: value for field, value in given.items() if value is not None} | _taken_back(unset or [], given)
    settings = settings_for(database)
    with open_house(settings) as house:
        answer = sites.put(house, LOCAL_ADMIN, site, raw)
        is_new = answer.status == 201  # noqa: PLR2004 -- as on HTTP
        others = _others(house, site) if is_new and time_zone is None else None
    say(f"Site {site} was made." if is_new else f"Site {site} was set.")
    if others is not None:
        _ask_about_new(site, str(json.loads(answer.body)["time_zone"]), others)
    if settings.smtp is None:
        _warn_of_unsent_mail(contact or [])


@app.command("list")
def list_sites(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of a table.")] = False,
    database: Database = None,
) -> None:
    """List the sites."""
    from workflow.services import sites

    with open_house(settings_for(database)) as house:
        answer = sites.listed(house, LOCAL_ADMIN)
    if as_json:
        put(answer.body)
        return
    rows = json.loads(answer.body)["items"]
    put_table(
        None, [name.replace("_", " ") for name in _COLUMNS], [[_cell(row[name]) for name in _COLUMNS] for row in rows]
    )


def _taken_back(names: list[str], given: Mapping[str, object]) -> dict[str, object]:
    """Return null, for contacts an empty list, for each setting that is taken back.

    Refuses one that is none, or that is set as well.
    """
    taken: dict[str, object] = {}
    for name in names:
        field = "contacts" if name == "contact" else name.replace("-", "_")
        if field not in _EMPTY:
            raise typer.BadParameter(f"--unset {name}: contact, {_NULLABLE} can be taken back")
        if given[field] is not None:
            raise typer.BadParameter(f"--unset {name}: it is set in the same command; do one of the two")
        taken[field] = _EMPTY[field]
    return taken


def _others(house: "House", site: str) -> list[str]:
    """Return the ids of the other sites."""
    from workflow.services import sites

    listed = json.loads(sites.listed(house, LOCAL_ADMIN).body)["items"]
    return [str(row["id"]) for row in listed if row["id"] != site]


def _ask_about_new(site: str, time_zone: str, others: list[str]) -> None:
    """Say what a site that was made without a time zone has got: a misspelt id makes a site too."""
    known = f" There were already: {', '.join(others)}; is {site} a typo?" if others else ""
    say(f"Site {site} is new, with the time zone {time_zone}; --time-zone sets another.{known}")


def _warn_of_unsent_mail(contacts: list[str]) -> None:
    if any(channel_of(contact).channel == EMAIL for contact in contacts):
        say(
            "No mail goes out by these settings: COURSEWATCH_SMTP_URL is not set here. Notices by email wait until the "
            "process that sends them (`coursewatch serve` or `coursewatch scheduler`) has it."
        )


def _cell(value: object) -> object:
    return ", ".join(map(str, value)) if isinstance(value, list) else value


def _numbers(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise typer.BadParameter("--working-days must be numbers with commas, like 1,2,3,4,5") from None
