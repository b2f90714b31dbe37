"""What every channel promises, whatever its kind; one that is added is asked the same."""

import io
import json
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from traceback import format_exception

import pytest
from aiosmtpd.smtp import Envelope

from api.logs import configure_logs
from scheduler.channels.base import Channel, TemporaryFailureError
from scheduler.channels.registry import CHANNELS, open_channels
from tests.integration.channels.post_office import Conduct, opened_post_office
from tests.integration.channels.sending import NOW, PATIENCE_SECONDS, PRIVATE, SENDER, WARD, message
from workflow.domain.contacts import EMAIL, LOG, channel_of
from workflow.domain.mail_servers import MailServer
from workflow.settings import Settings

Identities = Callable[[], list[str]]


@dataclass(frozen=True)
class Counterparts:
    """What a kind of channel speaks to: one that takes messages and tells their ids, and one out of reach."""

    taking: Callable[[Settings], AbstractContextManager[tuple[Settings, Identities]]]
    away: Callable[[Settings], AbstractContextManager[Settings]]


@contextmanager
def taking_log(settings: Settings) -> Iterator[tuple[Settings, Identities]]:
    stream = io.StringIO()
    configure_logs(stream)
    try:
        yield settings, lambda: [json.loads(line)["notice"] for line in stream.getvalue().splitlines()]
    finally:
        configure_logs()


@contextmanager
def closed_log(settings: Settings) -> Iterator[Settings]:
    stream = io.StringIO()
    configure_logs(stream)
    stream.close()
    try:
        yield settings
    finally:
        configure_logs()


def mailed_through(settings: Settings, port: int) -> Settings:
    return settings.with_(smtp=MailServer(host="127.0.0.1", port=port, security="none"), mail_from=SENDER)


@contextmanager
def taking_mail(settings: Settings) -> Iterator[tuple[Settings, Identities]]:
    with opened_post_office(Conduct()) as office:
        yield mailed_through(settings, office.port), lambda: [message_id(envelope) for envelope in office.taken]


def message_id(envelope: Envelope) -> str:
    content = envelope.content
    assert isinstance(content, bytes)
    (line,) = [line for line in content.splitlines() if line.startswith(b"Message-ID: ")]
    return line.decode().removeprefix("Message-ID: <").partition("@")[0]


@contextmanager
def closed_post_office(settings: Settings) -> Iterator[Settings]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    yield mailed_through(settings, port)


COUNTERPARTS = {
    LOG: Counterparts(taking_log, closed_log),
    EMAIL: Counterparts(taking_mail, closed_post_office),
}
EVERY_KIND = pytest.mark.parametrize("kind", CHANNELS)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.from_environment({"COURSEWATCH_DATA_DIR": str(tmp_path)})


def channel_of_kind(kind: str, settings: Settings) -> Channel:
    return open_channels(settings, lambda: NOW)[kind]


def test_every_kind_of_channel_is_asked() -> None:
    assert COUNTERPARTS.keys() == CHANNELS.keys()


@pytest.mark.parametrize("contact", ["log", WARD, "Tel. 1", ""])
def test_every_contact_leads_to_a_channel_that_there_is(contact: str) -> None:
    assert channel_of(contact).channel in CHANNELS


@EVERY_KIND
def test_a_channel_is_named_as_notices_name_it(kind: str, settings: Settings) -> None:
    assert channel_of_kind(kind, settings).kind == kind
    with COUNTERPARTS[kind].taking(settings) as (made, _):
        assert channel_of_kind(kind, made).kind == kind


@EVERY_KIND
def test_a_message_sent_twice_arrives_twice_under_one_identity(kind: str, settings: Settings) -> None:
    with COUNTERPARTS[kind].taking(settings) as (made, identities):
        channel = channel_of_kind(kind, made)
        channel.send(message(), timeout_seconds=PATIENCE_SECONDS)
        channel.send(message(), timeout_seconds=PATIENCE_SECONDS)
        assert identities() == [message().notice_id] * 2


@EVERY_KIND
def test_a_counterpart_out_of_reach_is_a_reason_to_try_again_and_tells_nothing(kind: str, settings: Settings) -> None:
    with COUNTERPARTS[kind].away(settings) as made, pytest.raises(TemporaryFailureError) as failure:
        channel_of_kind(kind, made).send(message(), timeout_seconds=PATIENCE_SECONDS)
    told = "".join(format_exception(failure.value))
    assert failure.value.detail.startswith(f"{kind}: ")
    assert [private for private in (PRIVATE, WARD, SENDER, "Köln") if private in told] == []


def test_mail_without_a_server_waits_for_its_settings(settings: Settings) -> None:
    channel = channel_of_kind(EMAIL, settings)
    with pytest.raises(
        TemporaryFailureError, match="set COURSEWATCH_SMTP_URL, COURSEWATCH_MAIL_FROM and COURSEWATCH_PUBLIC_URL"
    ):
        channel.send(message(), timeout_seconds=PATIENCE_SECONDS)


def test_the_log_has_one_line_a_notice_that_says_where_to_read_it_and_nothing_private(settings: Settings) -> None:
    stream = io.StringIO()
    configure_logs(stream)
    channel_of_kind(LOG, settings).send(message(), timeout_seconds=PATIENCE_SECONDS)
    configure_logs()
    (line,) = stream.getvalue().splitlines()
    told = json.loads(line)
    assert told.pop("timestamp")
    assert told == {
        "event": "notice",
        "level": "info",
        "kind": message().kind,
        "link": message().link,
        "alert": message().alert_id,
        "notice": message().notice_id,
    }
