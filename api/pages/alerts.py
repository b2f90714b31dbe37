"""Presents alerts: what has passed, whether that was right, what was done about it, and who was told."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from workflow.domain.alerts import Alert
from workflow.knowledge.reminders import NOT_DELIVERED, reminder_of
from workflow.persistence.alert_lists import AlertRow
from workflow.rules.was_it_right import Rightness
from workflow.services.explain_alert import ExplainedAlert

# Of a severity: its word, a shape beside it for a black-and-white print, and the colours of the worklist.
WORDS: Mapping[str, str] = {"critical": "Critical", "warning": "Warning", "task": "Task", "info": "Information"}
MARKS: Mapping[str, str] = {"critical": "▲", "warning": "◆", "task": "●", "info": "○"}
COLOURS: Mapping[str, str] = {"critical": "critical", "warning": "late", "task": "due", "info": "open"}
STATUSES: Mapping[str, str] = {
    "open": "Open",
    "acknowledged": "Acknowledged",
    "snoozed": "Snoozed",
    "resolved": "Resolved",
}
RIGHTNESS: Mapping[Rightness, str] = {
    "right": "Yes.",
    "right_then_corrected": "Yes, by what was known then; corrected since.",
    "late_documentation": "Yes, by what was known then; the documentation came late.",
    "wrong": "No.",
    "not_known": "This release cannot say.",
}
# Of an alert that still stands; what is recorded later may turn it.
RIGHT_SO_FAR = "Right so far."
_START_OR_STOP = (
    "Record a start or a stop and the alert resolves itself. A deferral leaves it standing; until the deferral's "
    "review day is over, a critical one is not told again."
)
# By the row of the catalogue; a row that another release knows has no words here.
ENDS_BY_ITSELF: Mapping[str, str] = {
    "RM-02": _START_OR_STOP,
    "RM-04": _START_OR_STOP,
    "RM-05": _START_OR_STOP,
    "CW-01": "Record a start, another deferral or a stop and the alert resolves itself.",
    "RM-19": "Record the result, or that there will be none, and the alert resolves itself.",
    "CW-03": "Record the decision and the alert resolves itself.",
    NOT_DELIVERED: "It ends with the alerts of its window.",
}
_HAPPENED: Mapping[str, str] = {
    "raised": "Raised",
    "reopened": "Raised anew",
    "acknowledged": "Acknowledged",
    "snoozed": "Snoozed",
    "woken": "Snooze over",
    "resolved": "Resolved",
}
_TOLD: Mapping[str, str] = {
    "pending": "to be sent",
    "delivered": "delivered",
    "withdrawn": "not sent: withdrawn",
    "dead": "given up",
}
_BY: Mapping[str, str] = {"by_fact": "by", "by_correction": "by the correction"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One alert in the list, as it is read."""

    id: str
    colour: str
    mark: str
    severity: str
    title: str
    reminder: str
    sentence: str
    pseudonym: str
    site: str
    threshold: str
    raised: str
    status: str
    held: str


def lines(rows: Iterable[AlertRow], zones: Mapping[str, str]) -> list[Line]:
    """Return alerts in the order they came; instants in the time zone of each one's site, `zones` has them all."""
    return [_line(row, zones[row.site_id]) for row in rows]


def _line(row: AlertRow, time_zone: str) -> Line:
    alert, reminder = row.alert, reminder_of(row.alert.key.reminder)
    return Line(
        id=alert.id,
        colour=COLOURS[alert.severity],
        mark=MARKS[alert.severity],
        severity=WORDS[alert.severity],
        title=reminder.title,
        reminder=reminder.id,
        sentence=reminder.sentence,
        pseudonym=row.pseudonym,
        site=row.site_id,
        threshold=f"Since {alert.key.threshold_on}",
        raised=f"raised {moment(alert.raised_at, time_zone)}",
        status=STATUSES[alert.status],
        held=held(alert, time_zone),
    )


def held(alert: Alert, time_zone: str) -> str:
    """Return who sees to an alert, until when it sleeps, or what ended it; empty where it is open."""
    if alert.status == "acknowledged":
        return f"by {alert.acknowledged_by}: {alert.reason}"
    if alert.status == "snoozed" and alert.snoozed_until is not None:
        return f"until {moment(alert.snoozed_until, time_zone)}: {alert.reason}"
    if alert.status != "resolved" or alert.resolved_at is None:
        return ""
    when = moment(alert.resolved_at, time_zone)
    if alert.resolution == "by_hand":
        return f"by hand, {when}: {alert.reason}"
    if alert.resolved_by_seq is None:
        return f"by another setting or other rules, {when}"
    return f"{_BY[str(alert.resolution)]} f{alert.resolved_by_seq}, {when}"


def alert_values(told: ExplainedAlert) -> dict[str, object]:
    """Return what the page of one alert shows."""
    row, shape = told.seen.row, told.seen.shape
    line = _line(row, told.time_zone)
    right_so_far = told.finding.verdict == "right" and not row.alert.resolved
    return {
        "line": line,
        "source": reminder_of(row.alert.key.reminder).source,
        "window": row.alert.key.window_key,
        "course": row.alert.course,
        "since": told.since,
        "ends_by_itself": None if row.alert.resolved else ENDS_BY_ITSELF.get(row.alert.key.reminder, ""),
        "episode": row.alert.episode,
        "proof": told.proof,
        "citations": (told.proof or {}).get("citations", {}),
        "verdict": told.finding.verdict,
        "right": RIGHT_SO_FAR if right_so_far else RIGHTNESS[told.finding.verdict],
        "why": told.finding.why,
        "turning": [
            (fact.id, fact.type.replace("_", " "), fact.occurred_on, moment(fact.recorded_at, told.time_zone))
            for fact in told.finding.facts
        ],
        "happened": [_happened(event, told.time_zone) for event in _list(shape["events"])],
        "notices": [_told(notice, told.time_zone) for notice in _list(shape["notices"])],
        "time_zone": told.time_zone,
    }


def _list(value: object) -> list[dict[str, Any]]:
    return value if isinstance(value, list) else []


def _happened(event: Mapping[str, Any], time_zone: str) -> tuple[str, str, str]:
    """Return when, what, and by whom or what and why."""
    by = event["by"] or ""
    if event["on_behalf_of"]:
        by = f"{event['on_behalf_of']}, entered by {by}"
    until = event["until"] and f"until {moment(event['until'], time_zone)}"
    parts = [by, event["fact"] and f"with {event['fact']}", until]
    said = ", ".join(part for part in parts if part)
    reason = f"“{event['reason']}”" if event["reason"] else ""
    return moment(event["at"], time_zone), _HAPPENED[event["kind"]], " ".join(part for part in (said, reason) if part)


def _told(notice: Mapping[str, Any], time_zone: str) -> tuple[str, str, str, str]:
    """Return when it is due, the way it goes, what became of it, and its attempts."""
    way = f"{notice['channel']}: {notice['recipient']}" if notice["recipient"] else str(notice["channel"])
    if notice["step"]:
        way = f"{way} (told again)"
    outcomes = ", ".join(f"{moment(tried['at'], time_zone)} {tried['outcome']}" for tried in notice["outcomes"])
    return moment(notice["due_at"], time_zone), way, _TOLD[notice["status"]], outcomes or "none yet"


def moment(instant: datetime, time_zone: str) -> str:
    """Return an instant by the clock on the wall of a site."""
    return f"{instant.astimezone(ZoneInfo(time_zone)):%Y-%m-%d %H:%M}"
