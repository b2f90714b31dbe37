"""Which channels there are; a new one is a file beside this one and a line here."""

from collections.abc import Callable, Mapping

from scheduler.channels.base import Channel
from scheduler.channels.email import EmailChannel
from scheduler.channels.log import LogChannel
from scheduler.channels.unset import UnsetChannel
from workflow.clock import Clock
from workflow.domain.contacts import EMAIL, LOG
from workflow.settings import Settings


def _email(settings: Settings, clock: Clock) -> Channel:
    if settings.smtp is None or settings.mail_from is None:
        return UnsetChannel(EMAIL, "COURSEWATCH_SMTP_URL, COURSEWATCH_MAIL_FROM and COURSEWATCH_PUBLIC_URL")
    return EmailChannel(server=settings.smtp, sender=settings.mail_from, clock=clock, password=settings.smtp_password)


CHANNELS: Mapping[str, Callable[[Settings, Clock], Channel]] = {
    LOG: lambda _settings, _clock: LogChannel(),
    EMAIL: _email,
}


def open_channels(settings: Settings, clock: Clock) -> dict[str, Channel]:
    """Return every channel by its kind; raises SettingsError where a file that one needs cannot be read."""
    return {kind: build(settings, clock) for kind, build in CHANNELS.items()}
