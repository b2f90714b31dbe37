"""Mail is handed over whole or not at all, and each way of failing has its one outcome."""

import itertools
import socket
from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import partial
from traceback import format_exception

import pytest

from scheduler.channels.base import DeliveryError, PermanentFailureError, TemporaryFailureError
from scheduler.channels.email import EmailChannel
from tests.integration.channels.post_office import (
    HANG_UP,
    SILENCE,
    TRICKLE,
    USER,
    Conduct,
    PostOffice,
    opened_post_office,
    server_context,
    trusting,
)
from tests.integration.channels.sending import (
    NOW,
    PATIENCE_SECONDS,
    PRIVATE,
    SENDER,
    SHORT_SECONDS,
    WARD,
    mailing,
    message,
)
from workflow.domain.mail_servers import Security

DELIVERED = "delivered"


def outcome(channel: EmailChannel, *, seconds: float = PATIENCE_SECONDS) -> tuple[str, str]:
    """Send, and return what came of it with the failure's detail, in which nothing private may stand."""
    try:
        channel.send(message(), timeout_seconds=seconds)
    except DeliveryError as failure:
        told = f"{failure!r} {''.join(format_exception(failure))}"
        assert [private for private in (PRIVATE, WARD, SENDER, "Köln") if private in told] == []
        return ("temporary" if isinstance(failure, TemporaryFailureError) else "permanent"), failure.detail
    return DELIVERED, ""


def read(office: PostOffice) -> EmailMessage:
    (envelope,) = office.taken
    assert isinstance(envelope.content, bytes)
    mail = message_from_bytes(envelope.content, policy=default)
    assert isinstance(mail, EmailMessage)
    return mail


def resolved(*addresses: str) -> Callable[..., object]:
    """Return a resolver that finds mail.example at these addresses and leaves every other name to the machine's own."""
    own = socket.getaddrinfo

    def resolve(host: str, port: int, *rest: int, **more: int) -> object:
        if host != "mail.example":
            return own(host, port, *rest, **more)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    return resolve


def lines(part: EmailMessage) -> list[str]:
    content: str = part.get_content()
    return content.splitlines()


SPEC = [
    # step, what the server does there, outcome, detail, messages it read to the end
    ("greeting", "421 Too many", "temporary", "email: the greeting answered 421", 0),
    ("greeting", "554 No service", "temporary", "email: the greeting answered 554", 0),
    ("greeting", "what?", "temporary", "email: the greeting answered -1", 0),
    ("greeting", HANG_UP, "temporary", "email: the connection was lost", 0),
    ("greeting", SILENCE, "temporary", "email: no answer in time", 0),
    ("EHLO", "502 Never heard of it", "temporary", "email: EHLO answered 502", 0),
    ("MAIL", "451 4.3.0 Later, " + SENDER, "temporary", "email: MAIL answered 451 4.3.0", 0),
    ("MAIL", "550 5.7.1 Not from " + SENDER, "permanent", "email: MAIL answered 550 5.7.1", 0),
    ("MAIL", "421 Closing", "temporary", "email: MAIL answered 421", 0),
    ("MAIL", SILENCE, "temporary", "email: no answer in time", 0),
    ("RCPT", "450 4.2.1 Later, " + WARD, "temporary", "email: RCPT answered 450 4.2.1", 0),
    ("RCPT", "550 5.1.1 No such " + WARD, "permanent", "email: RCPT answered 550 5.1.1", 0),
    ("RCPT", "250 Taken, but nobody there", "permanent", "email: DATA answered 503", 0),
    ("RCPT", SILENCE, "temporary", "email: no answer in time", 0),
    ("DATA", "451 Later", "temporary", "email: DATA answered 451", 0),
    ("DATA", "554 Never", "permanent", "email: DATA answered 554", 0),
    ("DATA", "250 Already?", "temporary", "email: the server answered 250", 0),
    ("DATA", HANG_UP, "temporary", "email: the connection was lost", 0),
    ("DATA", SILENCE, "temporary", "email: no answer in time", 0),
    ("dot", "452 Full", "temporary", "email: DATA answered 452", 1),
    ("dot", "552 5.3.4 Too long", "permanent", "email: DATA answered 552 5.3.4", 1),
    ("dot", HANG_UP, "temporary", "email: the connection was lost", 1),
    ("dot", SILENCE, "temporary", "email: no answer in time", 1),
    ("QUIT", "500 Stay", DELIVERED, "", 1),
    ("QUIT", HANG_UP, DELIVERED, "", 1),
    ("QUIT", SILENCE, DELIVERED, "", 1),
]


@pytest.mark.parametrize(("step", "does", "came_of_it", "detail", "taken"), SPEC)
def test_each_way_of_failing_has_its_outcome(step: str, does: str, came_of_it: str, *, detail: str, taken: int) -> None:
    with opened_post_office(Conduct(at={step: does})) as office:
        # Silence is waited for; every step before it gets the same limit anew, however busy the machine.
        patient, hasty = mailing(office.port), mailing(office.port, stopwatch=lambda: 0.0)
        found = outcome(hasty, seconds=SHORT_SECONDS) if does == SILENCE else outcome(patient)
    assert found == (came_of_it, detail)
    assert len(office.taken) == taken


def test_an_answer_that_trickles_in_for_ever_ends_with_the_limit() -> None:
    seconds_passed = itertools.count()
    with opened_post_office(Conduct(at={"EHLO": TRICKLE})) as office:
        channel = mailing(office.port, stopwatch=lambda: float(next(seconds_passed)))
        assert outcome(channel) == ("temporary", "email: no answer in time")


def test_where_nobody_listens_or_the_name_leads_nowhere_a_later_attempt_may_succeed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert outcome(mailing(port)) == ("temporary", "email: nobody listens there")
    assert outcome(mailing(25, host="mail.invalid")) == ("temporary", "email: the server's name leads nowhere")


def test_a_server_is_found_at_whichever_of_its_addresses_it_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    with opened_post_office(Conduct()) as office:
        monkeypatch.setattr(socket, "getaddrinfo", resolved("127.0.0.2", "127.0.0.1"))
        assert outcome(mailing(office.port, host="mail.example")) == (DELIVERED, "")
        monkeypatch.undo()
        monkeypatch.setattr(socket, "getaddrinfo", resolved("127.0.0.2"))
        assert outcome(mailing(office.port, host="mail.example")) == ("temporary", "email: nobody listens there")
    assert len(office.taken) == 1


def test_a_mail_is_text_and_html_with_the_headers_of_a_machine() -> None:
    with opened_post_office(Conduct()) as office:
        assert outcome(mailing(office.port)) == (DELIVERED, "")
    (envelope,) = office.taken
    mail = read(office)
    assert (envelope.mail_from, envelope.rcpt_tos) == (SENDER, [WARD])
    assert {name: str(value) for name, value in mail.items() if name not in {"Content-Type", "MIME-Version"}} == {
        "From": SENDER,
        "To": WARD,
        "Subject": message().subject,
        "Date": "Sat, 03 Feb 2024 06:30:00 +0000",
        "Message-ID": f"<{message().notice_id}@hospital.example>",
        "Auto-Submitted": "auto-generated",
    }
    assert mail["Date"].datetime == NOW
    assert mail.get_content_type() == "multipart/alternative"
    text, html = mail.iter_parts()
    assert isinstance(text, EmailMessage)
    assert isinstance(html, EmailMessage)
    assert (text.get_content_type(), lines(text)) == ("text/plain", message().text.splitlines())
    assert (html.get_content_type(), lines(html)) == ("text/html", message().html.splitlines())
    assert isinstance(envelope.original_content, bytes)
    assert envelope.original_content.isascii()


def test_a_second_attempt_carries_the_same_message_id() -> None:
    with opened_post_office(Conduct(at={"dot": HANG_UP})) as office:
        assert outcome(mailing(office.port))[0] == "temporary"
        assert outcome(mailing(office.port))[0] == "temporary"
    contents = [envelope.content for envelope in office.taken]
    assert all(isinstance(content, bytes) for content in contents)
    ids = [message_from_bytes(content)["Message-ID"] for content in contents if isinstance(content, bytes)]
    assert ids == [f"<{message().notice_id}@hospital.example>"] * 2


@pytest.mark.parametrize(
    ("security", "shown", "trusted", "came_of_it", "detail"),
    [
        ("starttls", "localhost", "localhost", DELIVERED, ""),
        ("tls", "localhost", "localhost", DELIVERED, ""),
        ("starttls", "elsewhere", "elsewhere", "temporary", "email: the server's certificate does not hold"),
        ("tls", "elsewhere", "elsewhere", "temporary", "email: the server's certificate does not hold"),
        ("starttls", "localhost", None, "temporary", "email: the server's certificate does not hold"),
        ("tls", "localhost", None, "temporary", "email: the server's certificate does not hold"),
    ],
)
def test_a_sealed_way_needs_a_certificate_of_that_name_from_a_known_authority(
    security: Security, shown: str, trusted: str | None, came_of_it: str, *, detail: str
) -> None:
    context = server_context(shown)
    conduct = Conduct(tls=context) if security == "tls" else Conduct(starttls=context)
    with opened_post_office(conduct) as office:
        trust = trusting(trusted) if trusted else None
        assert outcome(mailing(office.port, security=security, trust=trust)) == (came_of_it, detail)
    assert len(office.taken) == (came_of_it == DELIVERED)


def test_nothing_is_said_in_clear_where_a_sealed_way_is_asked_for() -> None:
    lacking = "email: the server lacks what the settings ask for: STARTTLS or sign-in"
    with opened_post_office(Conduct()) as office:
        assert outcome(mailing(office.port, security="starttls", sign_in=True)) == ("temporary", lacking)
        assert outcome(mailing(office.port, security="tls", sign_in=True)) == (
            "temporary",
            "email: the way to the server cannot be sealed",
        )
    assert (office.taken, office.signed_in) == ([], [])


def test_who_signs_in_is_served_and_a_wrong_password_is_no_fault_of_the_message() -> None:
    conduct = Conduct(starttls=server_context("localhost"))
    with opened_post_office(conduct) as office:
        sealed = partial(mailing, office.port, security="starttls", trust=trusting("localhost"), sign_in=True)
        assert outcome(sealed()) == (DELIVERED, "")
        assert outcome(sealed(password="another one")) == ("temporary", "email: AUTH answered 535")
    assert set(office.signed_in) == {USER}
    assert len(office.taken) == 1


def test_a_server_in_a_network_of_its_own_may_take_the_password_in_clear() -> None:
    with opened_post_office(Conduct(sign_in=True)) as office:
        assert outcome(mailing(office.port, sign_in=True)) == (DELIVERED, "")
    with opened_post_office(Conduct()) as office:
        assert outcome(mailing(office.port, sign_in=True))[0] == "temporary"


@pytest.mark.parametrize(
    "changes",
    [
        {"recipient": f"{WARD}\r\nBcc: all@north.example"},
        {"recipient": f"Ward 3 <{WARD}>"},
        {"recipient": "log"},
        {"recipient": f"{WARD}, all@north.example"},
        {"subject": "Critical\r\nBcc: all@north.example"},
        {"subject": "Critical\u2028Bcc: all@north.example"},
        {"subject": "Critical\x85Bcc: all@north.example"},
        {"subject": "Critical\udcff"},
        {"notice_id": "a>\r\nBcc: all@north.example"},
        {"notice_id": "a@b"},
        {"text": "\udcff"},
        {"html": "\udcff"},
    ],
)
def test_what_would_break_out_of_a_header_is_never_sent(changes: dict[str, str]) -> None:
    with opened_post_office(Conduct()) as office:
        with pytest.raises(PermanentFailureError) as failure:
            mailing(office.port).send(message(**changes), timeout_seconds=PATIENCE_SECONDS)
        assert "north.example" not in "".join(format_exception(failure.value))
    assert (office.taken, office.clerks) == ([], [])
