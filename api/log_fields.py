"""The fields that may stand in a line of the log, in one place: whatever is not named here is left out of it."""

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, Final

from workflow.domain.errors import CoursewatchError

# Places in our code are the longest of what is told; none of ours is cut.
LONGEST_TEXT = 300
LEFT_OUT = "left_out"
# Whose words are let through, besides ours: they tell of servers, jobs and collectors. All others may quote what they
# stumbled over, so of those only the name and the kind of the error are told.
HEARD = ("coursewatch", "uvicorn", "apscheduler", "opentelemetry")
LIBRARY_SAID = "a library said something"

FIELDS: Final[Mapping[str, str]] = {
    # Every line.
    "event": "what happened, in fixed words",
    "level": "info, warning, error",
    "timestamp": "when, in UTC",
    "logger": "which library spoke, where it was not us",
    "request_id": "which request it belongs to: X-Request-ID of the answer",
    "trace_id": "which trace it belongs to, where requests are traced",
    LEFT_OUT: "fields that this list does not know, by name: a mistake of ours, please report it",
    # Requests.
    "method": "GET, POST …",
    "route": "the route's template, never a path with ids",
    "status": "the HTTP status",
    "ms": "milliseconds until the last byte of the answer",
    "code": "which problem was answered, as in its body",
    "peer": "the address at the other end of a connection that was refused",
    # Faults.
    "error": "the class of an error, never what it says",
    "caused_by": "the class of the error behind it",
    "where": "places in our code: file, line, function",
    # Jobs.
    "job": "which job of the clock",
    "seconds": "by how many seconds the clock jumped",
    "patients": "how many patients a sweep or a seal took",
    "raised": "how many alerts were raised",
    "raised_by_reminder": "the same by row of the catalogue",
    "resolved": "how many alerts were resolved",
    "notices": "how many notices were made",
    "failed": "how many patients could not be judged, or notices not be carried through",
    "greatest_lateness_seconds": "by how much the latest of them was raised after its time",
    "from": "since when nobody swept",
    "until": "until when",
    "thresholds": "how many thresholds passed meanwhile",
    "by_severity": "the same by severity",
    "seal": "the number of a seal",
    "seal_hash": "its hash, worth noting outside the database",
    # Delivery.
    "notice": "the id of a notice",
    "alert": "the id of an alert",
    "kind": "first, repeat, digest …: what kind of notice",
    "link": "where to read it: an address with an alert's id",
    "outcome": "delivered, temporary, permanent",
    "detail": "where a delivery failed, in words of ours",
    "server": "host and port of the mail server",
    "in_flight": "how many notices are being delivered",
    "claimed": "how many were taken",
    "delivered": "how many went out",
    "temporary": "how many are tried again",
    "permanent": "how many attempts are final",
    "not_sent": "how many were not to be sent any more",
}


class UnknownLogFieldError(CoursewatchError):
    """A line would hold a field that `api/log_fields.py` does not know, or a text longer than any of ours."""


@dataclass(frozen=True, slots=True)
class OnlyKnownFields:
    """The last processor before a line is written; a `strict` one raises, so that a test finds what is left out."""

    strict: bool = False

    def __call__(self, _logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """Return the line with what may stand in it."""
        unknown = sorted(name for name in line if name not in FIELDS)
        long = sorted(name for name, value in line.items() if _short(value) != value)
        if self.strict and (unknown or long):
            raise UnknownLogFieldError(f"not in api/log_fields.py, or too long: {', '.join([*unknown, *long])}")
        told = {name: _short(value) for name, value in line.items() if name in FIELDS}
        return {**told, LEFT_OUT: unknown} if unknown else told


def only_heard(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Return a library's line without its words, unless it is one whose words are let through."""
    name = str(line.get("logger", ""))
    if name.partition(".")[0] in HEARD:
        return line
    return {**line, "event": LIBRARY_SAID}


def _short(value: object) -> object:
    match value:
        case str():
            return value if len(value) <= LONGEST_TEXT else f"{value[:LONGEST_TEXT]}…"
        case list():
            return [_short(each) for each in value]
        case dict():
            return {name: _short(each) for name, each in value.items()}
        case _:
            return value
