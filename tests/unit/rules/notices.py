"""Briefings to word, as the alerts of a ward give them."""

from datetime import UTC, date, datetime, timedelta

from workflow.domain.alerts import Alert, AlertKey, Notice
from workflow.knowledge.reminders import reminder_of
from workflow.rules.wording import Briefing, Span, link_to

NOTICE_ID = "01940000-0000-7000-8000-000000000001"
ALERT_ID = "01940000-0000-7000-8000-0000000000aa"
STARTED_ON = date(2024, 1, 8)
AT = datetime(2024, 2, 3, 6, 30, tzinfo=UTC)
TITLE = "iLive: history of the ALL-REZ BFM trials"
EVIDENCE = "A longer break between the first and the second block was associated with worse survival."


def span_of(days: int = 26, **changes: str | None) -> Span:
    """Return the window that opened on STARTED_ON, `days` after it."""
    parts: dict[str, str | None] = {"label": "Next block", "counted_from": "the start of R1", "evidence": EVIDENCE}
    parts.update(changes)
    return Span(
        label=parts["label"] or "",
        anchor_on=STARTED_ON,
        days=days,
        counted_from=parts["counted_from"],
        evidence=parts["evidence"],
        citations={"000": TITLE, "002": "another source"},
    )


def briefing_of(
    reminder: str = "RM-05",
    *,
    span: Span | None,
    threshold_days: int = 26,
    step: int = 0,
    episode: int = 1,
    pseudonym: str = "ALL-0007",
    site: str = "berlin",
) -> Briefing:
    """Return what one notice of a catalogue's row is about."""
    row = reminder_of(reminder)
    return Briefing(
        notice=Notice(
            id=NOTICE_ID,
            alert_id=ALERT_ID,
            episode=episode,
            step=step,
            recipient="ward-3@north.example",
            channel="email",
            made_at=AT,
            due_at=AT,
        ),
        alert=Alert(
            id=ALERT_ID,
            key=AlertKey("1:TR-001:f17", row.id, STARTED_ON + timedelta(days=threshold_days)),
            course=1,
            rule=row.rule,
            stage=row.stage,
            severity=row.severity,
            raised_at=AT,
        ),
        reminder=row,
        pseudonym=pseudonym,
        site=site,
        link=link_to(ALERT_ID, "https://cw.example/"),
        span=span,
    )
