"""The words of a notice: what it calls itself, what it may tell in a mail, and how it says days."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from urllib.parse import quote

from workflow.domain.alerts import Alert, Notice, Severity
from workflow.domain.calendar import MINUS, days_between
from workflow.domain.messages import INTENDED_USE, MailContent, Message
from workflow.domain.patient import PatientState
from workflow.domain.windows import BLOCK_INTERVAL, DECISION
from workflow.knowledge.reminders import Reminder
from workflow.protocols.sources import citation_keys
from workflow.rules.letters import Letter, as_html, as_text, one_line

_CALLED: dict[Severity, str] = {
    "info": "Information",
    "task": "Task",
    "warning": "Warning",
    "critical": "Critical notice",
}
_NAMELESS = (
    "An alert waits for you. This message names no patient and says nothing clinical; "
    "sign in to Coursewatch to read what it is about."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The window that an alert is about: `days` have passed since its anchor on the day of the notice.

    `counted_from` says what the anchor is (`the start of R1`). `evidence` is the published contrast where it may be
    quoted, as the window's explanation gives it: for the interval between a course's first two blocks, else None.
    `citations` are the titles behind the keys of sources, as the explanation gives them.
    """

    label: str
    anchor_on: date
    days: int
    counted_from: str | None = None
    evidence: str | None = None
    citations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Briefing:
    """What one notice is about; an alert about a delivery that failed has no span."""

    notice: Notice
    alert: Alert
    reminder: Reminder
    pseudonym: str
    site: str
    link: str
    span: Span | None = None


def link_to(alert_id: str, public_url: str) -> str:
    """Return where an alert is read and acted upon; `public_url` is where people reach the pages."""
    return f"{public_url.rstrip('/')}/alerts/{quote(alert_id, safe='')}"


def message_of(briefing: Briefing, content: MailContent) -> Message:
    """Return the message that a notice is.

    With `link` it depends on the alert's id, severity, catalogue row's id, site and link alone. The subject names no
    patient with either content: subjects are shown on locked screens.
    """
    notice = briefing.notice
    letter = _full(briefing) if content == "full" else _nameless(briefing)
    return Message(
        notice_id=notice.id,
        alert_id=notice.alert_id,
        kind=f"{_name(briefing)}: {one_line(briefing.reminder.title)}",
        link=briefing.link,
        recipient=notice.recipient,
        subject=_subject(briefing),
        text=as_text(letter),
        html=as_html(letter),
    )


def days_after(days: int, what: str) -> str:
    """Return how far a day is from another one: `22 days after …`, never a number that a ward counts from 1."""
    if days == 0:
        return f"the same day as {what}"
    unit = "day" if abs(days) == 1 else "days"
    return f"{abs(days)} {unit} {'after' if days > 0 else 'before'} {what}"


def anchor_in_words(state: PatientState, rule: str, anchor: int) -> str | None:
    """Return what a window of this rule is counted from, its anchor a lineage of facts; None: its date says it all."""
    if rule == DECISION:
        return "the last result came in"
    if rule != BLOCK_INTERVAL:
        return None
    blocks = (block for course in state.courses for block in course.blocks)
    return next((f"the start of {block.element}" for block in blocks if block.fact == anchor), None)


def since_in_words(day: date, anchor_on: date, counted_from: str | None) -> str:
    """Return a day with its distance from a window's anchor: `2024-02-03, 26 days after the start of R1 (2024-01-08)`.

    On the anchor's own day no distance is told: `the last result came in, 2024-01-08`.
    """
    if day == anchor_on:
        return f"{counted_from}, {day}" if counted_from else str(day)
    what = f"{counted_from} ({anchor_on})" if counted_from else str(anchor_on)
    return f"{day}, {days_after(days_between(anchor_on, day), what)}"


def _name(briefing: Briefing) -> str:
    return f"{_CALLED[briefing.alert.severity]} {briefing.reminder.id}"


def _subject(briefing: Briefing) -> str:
    again = f" (notice {briefing.notice.step + 1})" if briefing.notice.step else ""
    return one_line(f"{_name(briefing)} at {briefing.site}{again}")


def _nameless(briefing: Briefing) -> Letter:
    return _letter(briefing, heading=_name(briefing), request=_NAMELESS)


def _full(briefing: Briefing) -> Letter:
    reminder, span = briefing.reminder, briefing.span
    lines = (
        ("Patient", briefing.pseudonym),
        *(_span_lines(span, briefing.alert.key.threshold_on) if span else ()),
        ("Source", reminder.source),
        *(_titles(reminder.source, span.citations) if span else ()),
    )
    late = briefing.alert.stage in {"late", "critical"}
    return _letter(
        briefing,
        heading=reminder.title,
        about=f"{_name(briefing)}, ",
        request=reminder.sentence,
        lines=lines,
        quotation=(span.evidence or "") if span and late else "",
    )


def _span_lines(span: Span, threshold_on: date) -> tuple[tuple[str, str], ...]:
    told_on = span.anchor_on + timedelta(days=span.days)
    again = (("This notice", told_on),) if told_on != threshold_on else ()
    lines = [("Window", span.label)]
    for name, day in (("Since", threshold_on), *again):
        lines.append((name, since_in_words(day, span.anchor_on, span.counted_from)))
        if day != span.anchor_on:
            days = days_between(span.anchor_on, day)
            lines.append(("Arithmetic", f"{day} {MINUS} {span.anchor_on} = {days} d"))
    return tuple(lines)


def _titles(source: str, citations: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the title behind each key that a source names, once."""
    return tuple((key, citations[key]) for key in dict.fromkeys(citation_keys(source)) if key in citations)


def _letter(
    briefing: Briefing,
    *,
    heading: str,
    request: str,
    about: str = "",
    lines: tuple[tuple[str, str], ...] = (),
    quotation: str = "",
) -> Letter:
    return Letter(
        severity=briefing.alert.severity,
        heading=one_line(heading),
        about=one_line(f"{about}{briefing.site}"),
        request=one_line(request),
        lines=tuple((name, one_line(value)) for name, value in lines),
        quotation=one_line(quotation),
        link=briefing.link,
        link_name="Open the alert",
        own_lines=_own_lines(briefing.notice),
        closing=INTENDED_USE,
    )


def _own_lines(notice: Notice) -> tuple[tuple[str, str], ...]:
    lines = [("Alert", notice.alert_id)]
    if notice.step:
        lines.append(("Notice", f"number {notice.step + 1} of this alert: it is not resolved yet"))
    if notice.episode > 1:
        lines.append(("Raised", f"{notice.episode} times: it had ended, and was raised anew"))
    return tuple(lines)
