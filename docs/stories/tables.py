"""Writes answers of the program as tables and listings that a ward and an engineer can both read."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

Shape = Mapping[str, Any]
NOTHING = "–"
WIDEST_LINE = 110
# What of a long fact is told in a table, and in which order; of all others everything is told.
TOLD = {
    "patient_registered": ("pseudonym", "site"),
    "mrd_reported": ("value", "unit", "method", "timepoint"),
    "block_deferred": ("element", "causes", "review_on"),
    "site_changed": ("role", "to"),
}


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table whose columns stand under each other in plain text too."""
    lines = [list(heads), *([cell.replace("|", "\\|") or NOTHING for cell in row] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    written = [" | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
    ruler = " | ".join("-" * width for width in widths)
    return "\n".join(f"| {line} |" for line in (written[0], ruler, *written[1:])) + "\n"


def what(fact: Shape) -> str:
    """Return the type of a fact with what it says, like "block_started R2"."""
    data = fact["data"]
    fields = TOLD.get(fact["type"]) or tuple(data)
    told = {name: data[name] for name in fields if name in data}
    return " ".join([fact["type"], ", ".join(_values(told))]).rstrip()


def _values(value: object, name: str = "") -> Iterable[str]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _values(each, key)
    elif isinstance(value, list):
        for each in value:
            yield from _values(each)
    elif isinstance(value, int | float) or name.endswith("_on"):
        yield from () if isinstance(value, bool) else (f"{name} {value}",)
    elif value is not None:
        yield str(value)


def moment(instant: str, zone: ZoneInfo) -> str:
    """Return an instant of an answer by the clock on the ward's wall."""
    return f"{datetime.fromisoformat(instant).astimezone(zone):%Y-%m-%d %H:%M}"


def course(entry: Shape) -> str:
    """Return the states before and after a fact, or what the fact is instead of a step."""
    if "state_before" not in entry:
        return NOTHING
    if entry["conflict"]:
        return f"{entry['state_before']}: not possible there, skipped"
    if entry["state_before"] == entry["state_after"]:
        return f"stays {entry['state_after']}"
    return f"{entry['state_before']} → {entry['state_after']}"


def verdicts(entry: Shape) -> str:
    """Return which windows a fact ended and how, and what it left to mend."""
    ended = [f"{each['rule']} {each['verdict']} ({each['days']} d)" for each in entry.get("verdicts", ())]
    named = {(each["window"], each["verdict"]) for each in entry.get("verdicts", ())}
    left = [each for each in entry.get("deviations", ()) if (each["window"], each["verdict"]) not in named]
    return ", ".join(ended + [each["verdict"] for each in left])


def correction(entry: Shape) -> str:
    """Return how a version came to stand where another stood, or what took its place, with the reason."""
    target, by, moved = entry.get("target"), entry.get("superseded_by"), entry.get("moved")
    voids = entry.get("operation") == "void"
    said = [f"{'voids' if voids else 'supersedes'} {target}"] if target else []
    if moved:
        said.append(f"{'moved to' if voids else 'moved from'} {moved['patient']} {moved['fact']}")
    if entry.get("reason"):
        said.append(f"“{entry['reason']}”")
    if by:
        said.append(f"no longer counts: see {by}")
    return ", ".join(said)


def history(items: Iterable[Shape], zone: ZoneInfo) -> str:
    """Return a history as a table; versions that no longer count follow those that do."""
    heads = ("fact", "what", "occurred on", "recorded at", "by", "state before → after", "verdicts", "correction")
    return table(
        heads,
        (
            (
                item["id"],
                what(item),
                item["occurred_on"],
                moment(item["recorded_at"], zone),
                item["recorded_by"],
                course(item),
                verdicts(item),
                correction(item),
            )
            for item in items
        ),
    )


def window(shape: Shape | None) -> str:
    """Return how a window stands: its anchor's day, status, verdict, days, thresholds while it is open."""
    if shape is None:
        return "not there"
    since = f"since {shape['anchor']['on']}"
    if shape["status"] == "met":
        return f"{since}: met on {shape['met_on']}, {shape['verdict'] or 'no verdict'}, {shape['days']} d"
    if shape["status"] == "closed":
        return f"{since}: closed on {shape['closed_on']}, {shape['verdict']}"
    silent = ", silent" if shape["unknown"] else ""
    return f"{since}: {shape['status']}, {shape['days']} d{silent}{_thresholds(shape)}"


def _thresholds(shape: Shape) -> str:
    named = (
        ("latest", shape["latest_on"]),
        ("critical from", shape["critical_from"]),
        ("review", shape["review_on"]),
        ("interrupted since", shape["paused_on"]),
    )
    said = ", ".join(f"{name} {day}" for name, day in named if day)
    return f" ({said})" if said else ""


def window_name(shape: Shape) -> str:
    """Return what a window is about, and its id, which stays when its anchor is corrected."""
    return f"{shape['label']} {shape['id']}"


def listing(value: object, indent: str = "") -> str:
    """Return JSON, each value on one line where it fits."""
    short = json.dumps(value, ensure_ascii=False)
    if len(indent) + len(short) <= WIDEST_LINE or not isinstance(value, Mapping | list):
        return short
    deeper = indent + "  "
    if isinstance(value, Mapping):
        parts = [f"{json.dumps(name, ensure_ascii=False)}: {listing(each, deeper)}" for name, each in value.items()]
        opening, closing = "{", "}"
    else:
        parts = [listing(each, deeper) for each in value]
        opening, closing = "[", "]"
    inside = ",\n".join(deeper + part for part in parts)
    return f"{opening}\n{inside}\n{indent}{closing}"
