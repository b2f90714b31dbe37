"""What a story shows of alerts: the ledger as it stands or stood, what happened to one, and whether it was right."""

from collections.abc import Mapping
from dataclasses import replace

from docs.stories import showing, tables
from docs.stories.showing import Clocks, asked
from docs.stories.telling import Exchange, Person, Shape, Ward
from workflow.domain.delivery import DELIVERED
from workflow.services.deliver_notices import claim, prepare, settle
from workflow.services.sweep import sweep as sweep_once

_HEADS = ("alert", "patient", "severity", "since", "raised at", "stands", "notice due")


def sweep(ward: Ward) -> None:
    """Let the scheduler look once, as it does every minute; nobody asks it to."""
    sweep_once(ward.house)


def morning(ward: Ward, day: str) -> None:
    """Let the scheduler look just after midnight, and send at half past seven what is due then."""
    ward.now(f"{day} 00:01")
    sweep(ward)
    ward.now(f"{day} 07:30")
    send(ward)


def send(ward: Ward) -> None:
    """Let the scheduler send what is due by now."""
    # Of one recipient's notices one at a time is claimed.
    while due := claim(ward.house, "story", busy=(), limit=100):
        for claimed in due:
            if prepare(ward.house, claimed) is not None:
                settle(ward.house, claimed, DELIVERED)


def newest(person: Person, reminder: str) -> str:
    """Return the id of the newest alert of a reminder; a story names it by that."""
    found = person.reads("/alerts", {"reminder": reminder, "limit": "1"}).answer["items"][0]
    person.ward.call(str(found["id"]), f"alert {reminder}")
    return str(found["id"])


def ledger(name: str, person: Person) -> None:
    """Show every alert that is not resolved."""
    items = _in_order(person.reads("/alerts").answer["items"])
    person.ward.tell(name, tables.table(_HEADS, [_row(item, person) for item in items] or [("none", *[""] * 6)]))


def ledger_then(name: str, person: Person, columns: Mapping[str, str]) -> None:
    """Show the ledger as it stood at several moments, by the ward's wall clock."""
    rows = []
    for head, moment in columns.items():
        items = _in_order(person.reads("/alerts", asked(person, Clocks(known_at=moment))).answer["items"])
        rows += [(head, *_row(item, person)) for item in items] or [(head, "none", *[""] * 6)]
    person.ward.tell(name, tables.table(("asked", *_HEADS), rows))


def exchange(name: str, person: Person, told: Exchange, *fields: str) -> None:
    """Show what was sent and answered, as of any request; of a patient's alerts what they are and how they stand."""
    answer = dict(told.answer)
    if "patient" in answer and isinstance(answer["patient"], Mapping):
        short = [
            {field: alert[field] for field in ("reminder", "threshold_on", "status")}
            for alert in answer["patient"]["alerts"]
        ]
        answer["patient"] = {**answer["patient"], "alerts": short}
    showing.exchange(name, person, replace(told, answer=answer), *fields)


def changed(name: str, person: Person, told: Exchange) -> None:
    """Show which alerts a correction changed."""
    rows = [
        (
            (each["before"] or each["after"])["reminder"],
            _stands(each["before"], person) if each["before"] else "not there",
            _stands(each["after"], person),
        )
        for each in sorted(told.answer["changed"]["alerts"], key=lambda each: str(each["after"]["reminder"]))
    ]
    person.ward.tell(name, tables.table(("alert", "before", "after"), rows))


def events(name: str, person: Person, alert: str) -> None:
    """Show what happened to an alert, and the notices that told of it."""
    told = person.reads(f"/alerts/{alert}").answer
    zone = person.ward.zone
    rows = [
        (
            tables.moment(event["at"], zone),
            event["kind"],
            ", ".join(part for part in (event["by"], event["fact"]) if part),
            f"“{event['reason']}”" if event["reason"] else "",
        )
        for event in told["events"]
    ]
    rows += [
        (tables.moment(notice["due_at"], zone), "notice due", notice["channel"], notice["status"])
        for notice in told["notices"]
    ]
    person.ward.tell(name, tables.table(("when", "what", "who or which fact", "said"), sorted(rows)))


def explanation(name: str, person: Person, alert: str) -> None:
    """Show whether an alert was right, beside the last lines of its proof as it stood."""
    told = person.reads(f"/alerts/{alert}/explanation")
    right = told.answer["was_it_right"]
    answer: Shape = {
        "reminder": told.answer["reminder"],
        "threshold_on": told.answer["threshold_on"],
        "proof": {"arithmetic": told.answer["proof"]["arithmetic"][-2:]},
        "was_it_right": {field: right[field] for field in ("verdict", "why")},
    }
    showing.exchange(name, person, replace(told, answer=answer), *answer)


def _in_order(items: list[Shape]) -> list[Shape]:
    """Return alerts with the latest threshold first; of what is raised at one instant, a list tells any one first."""
    return sorted(items, key=lambda item: (item["threshold_on"], item["reminder"]), reverse=True)


def _row(item: Shape, person: Person) -> tuple[str, ...]:
    zone = person.ward.zone
    # At a past instant only what was planned is told.
    told = ", ".join(
        f"{tables.moment(notice['due_at'], zone)}, {notice['status'] or 'planned'}" for notice in item["notices"]
    )
    return (
        f"{item['reminder']} {item['title']}",
        item["pseudonym"],
        item["severity"],
        item["threshold_on"],
        tables.moment(item["raised_at"], zone),
        _stands(item, person),
        told,
    )


def _stands(item: Shape, person: Person) -> str:
    if item["status"] == "acknowledged":
        return f"acknowledged by {item['acknowledged_by']}"
    if item["status"] == "snoozed":
        return f"snoozed until {tables.moment(item['snoozed_until'], person.ward.zone)}"
    if item["status"] == "resolved":
        by = item["resolved_by_fact"]
        return f"resolved {item['resolution'].replace('_', ' ')}{f' {by}' if by else ''}"
    return str(item["status"])
