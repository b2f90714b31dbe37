"""The message that a notice is, written when it is sent: what its alert is about, as much of it as a mail may tell."""

from datetime import datetime

from workflow.clock import today_in
from workflow.domain.alerts import Notice
from workflow.domain.calendar import days_between
from workflow.domain.messages import Message
from workflow.knowledge.reminders import NOT_DELIVERED, reminder_of
from workflow.persistence.mapping import state_from_json
from workflow.persistence.notices import Subject
from workflow.persistence.sites import find_site
from workflow.persistence.unit_of_work import UnitOfWork
from workflow.rules.explain import explain
from workflow.rules.wording import Briefing, Span, anchor_in_words, link_to, message_of
from workflow.services.house import House


def written(house: House, unit: UnitOfWork, notice: Notice, subject: Subject, now: datetime) -> Message:
    """Return the message of a notice that is sent at `now`; the patient's course is read only where it is told of."""
    settings = house.settings
    full = settings.mail_content == "full"
    briefing = Briefing(
        notice=notice,
        alert=subject.alert,
        reminder=reminder_of(subject.alert.key.reminder),
        pseudonym=subject.pseudonym,
        site=subject.site_id,
        link=link_to(subject.alert.id, settings.public_url or f"http://{settings.host}:{settings.port}"),
        span=_span(house, unit, subject, now) if full else None,
    )
    return message_of(briefing, settings.mail_content)


def _span(house: House, unit: UnitOfWork, subject: Subject, now: datetime) -> Span | None:
    key = subject.alert.key
    if key.reminder == NOT_DELIVERED:
        return None
    state = state_from_json(subject.state_json)
    window = next((known for known in state.windows if known.id == key.window_key), None)
    if window is None:
        return None
    site = find_site(unit.connection, subject.site_id)
    today = today_in(site.time_zone if site else house.settings.time_zone, now)
    explanation = explain(state, window.id, today, house.protocols)
    return Span(
        label=window.label,
        anchor_on=window.anchor_on,
        days=days_between(window.anchor_on, today),
        counted_from=anchor_in_words(state, window.rule, window.anchor),
        evidence=explanation.evidence if explanation else None,
        citations=explanation.citations if explanation else {},
    )
