"""What a story shows: requests with their answers, histories, and the same patient at several pairs of clocks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from docs.stories import tables
from docs.stories.telling import Exchange, Patient, Person, Shape


@dataclass(frozen=True, slots=True)
class Clocks:
    """A pair of clocks: the clinical day, and the moment of knowledge by the ward's wall clock; empty means now."""

    as_of: str = ""
    known_at: str = ""


NOW = Clocks()
# What a refusal says to a program, or says again; its words are in the rest.
NOT_TOLD_OF_REFUSALS = ("type", "instance", "title", "status")


def asked(person: Person, clocks: Clocks) -> dict[str, str]:
    """Return a pair of clocks as the parameters of a request."""
    known_at = {"known_at": person.ward.instant(clocks.known_at).isoformat()} if clocks.known_at else {}
    return known_at | ({"as_of": clocks.as_of} if clocks.as_of else {})


def exchange(name: str, person: Person, told: Exchange, *fields: str) -> None:
    """Show what was sent and answered: of an answer these fields, like "patient.state", of a refusal all."""
    phrase = HTTPStatus(told.status).phrase
    refused = told.status >= HTTPStatus.BAD_REQUEST
    answer = _but(told.answer, NOT_TOLD_OF_REFUSALS) if refused else _picked(told.answer, fields)
    sent = "" if told.sent is None else f"\n{tables.listing(told.sent)}"
    lines = [
        f"{told.at.astimezone(person.ward.zone):%Y-%m-%d %H:%M}, {told.who}:",
        "",
        "```http",
        f"{told.method} {told.path}{sent}",
        "",
        f"{told.status} {phrase}",
        tables.listing(answer),
        "```",
    ]
    person.ward.tell(name, "\n".join(lines))


def history(name: str, person: Person, patient: Patient, clocks: Clocks = NOW) -> None:
    """Show every version of every fact, those that count in their clinical order, then the others."""
    person.ward.tell(name, tables.history(_history(person, patient, clocks), person.ward.zone))


def side_by_side(name: str, person: Person, patient: Patient, columns: Mapping[str, Clocks]) -> None:
    """Show a patient at several pairs of clocks, a column each: state, windows, and the facts that differ."""
    read = [_standing(person, patient, clocks) for clocks in columns.values()]
    facts = [_facts(person, patient, clocks) for clocks in columns.values()]
    rows = [*_rows(read), *(row for row in _rows(facts) if len(set(row[1:])) > 1)]
    person.ward.tell(name, tables.table(("", *columns), rows))


def worklist(name: str, person: Person, columns: Mapping[str, Clocks]) -> None:
    """Show who stood on the worklist at several pairs of clocks."""
    rows = []
    for head, clocks in columns.items():
        items = person.reads("/worklist", asked(person, clocks)).answer["items"]
        rows += [(head, *_worklist_row(item)) for item in items] or [(head, "nobody", "", "", "")]
    heads = ("asked", "patient", "state", "stands", "window")
    person.ward.tell(name, tables.table(heads, rows))


def changed(name: str, person: Person, told: Exchange, part: Shape | None = None) -> None:
    """Show what a correction changed: today's state, the windows; `part` is one side of a move."""
    change = (part or told.answer)["changed"]
    rows = [("state", change["state"]["before"], change["state"]["after"])]
    for window in change["windows"]:
        name_of_it = tables.window_name(window["before"] or window["after"])
        rows.append((name_of_it, tables.window(window["before"]), tables.window(window["after"])))
    person.ward.tell(name, tables.table(("", "before", "after"), rows))


def _history(person: Person, patient: Patient, clocks: Clocks) -> Sequence[Shape]:
    parameters = {"include_superseded": "true"} | asked(person, clocks)
    items: list[Shape] = person.reads(f"/patients/{patient.id}/history", parameters).answer["items"]
    return items


def _rows(columns: Sequence[Mapping[str, str]]) -> list[tuple[str, ...]]:
    names = dict.fromkeys(row for column in columns for row in column)
    return [(row, *(column.get(row, tables.NOTHING) for column in columns)) for row in names]


def _standing(person: Person, patient: Patient, clocks: Clocks) -> dict[str, str]:
    path, parameters = f"/patients/{patient.id}", asked(person, clocks)
    windows = person.reads(f"{path}/windows", parameters).answer["items"]
    state = {"state": str(person.reads(path, parameters).answer["state"])}
    return state | {tables.window_name(window): tables.window(window) for window in windows}


def _facts(person: Person, patient: Patient, clocks: Clocks) -> dict[str, str]:
    items = _history(person, patient, clocks)
    return {f"{item['id']} {tables.what(item)}, {item['occurred_on']}": _counts(item) for item in items}


def _counts(item: Shape) -> str:
    if item.get("superseded_by"):
        return f"no longer counts: see {item['superseded_by']}"
    if item.get("operation") == "void":
        return f"voids {item['target']}"
    return ", ".join(part for part in (tables.course(item), tables.verdicts(item)) if part)


def _worklist_row(item: Shape) -> tuple[str, str, str, str]:
    window = item["window"]
    stands = item["status"] or ("silent" if item["unknown"] else tables.NOTHING)
    if window is None:
        return item["pseudonym"], item["state"], stands, ""
    stands = f"{stands}, {item['days']} d since {window['anchor']['on']}"
    return item["pseudonym"], item["state"], stands, tables.window_name(window)


def _picked(answer: Shape, fields: Sequence[str]) -> Shape:
    """Return an answer with these fields only, each at its place."""
    picked: Shape = {}
    for field in fields:
        *way, last = field.split(".")
        source: Any = answer
        target = picked
        for part in way:
            source = source[part]
            target = target.setdefault(part, {})
        target[last] = source[last]
    return picked


def _but(answer: Shape, fields: Sequence[str]) -> Shape:
    return {name: value for name, value in answer.items() if name not in fields}
