"""Hands a notice to a mail server: delivered once the server has taken the whole message on itself, and not before."""

import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP as MAIL_LINES
from typing import ClassVar

from scheduler.channels.base import DeliveryError, PermanentFailureError, TemporaryFailureError
from scheduler.channels.smtp_dialogue import Dialogue
from workflow.clock import Clock, Stopwatch, monotonic
from workflow.domain.contacts import EMAIL, is_address
from workflow.domain.mail_servers import MailServer
from workflow.domain.messages import Message

# Ours are UUIDs; whatever else comes must fit the left side of a Message-ID (RFC 5322 §3.6.4).
_IDENTITY = re.compile(r"[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*")
# RFC 3463: class.subject.detail, which many servers put before their words.
_ENHANCED = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}(?=\s|$)")
YES, NEVER = range(200, 300), range(500, 600)
# The first that fits; a network names one loss in several ways, by the moment in which it is noticed.
FAULTS: tuple[tuple[type[Exception], str], ...] = (
    (TimeoutError, "no answer in time"),
    (ssl.SSLCertVerificationError, "the server's certificate does not hold"),
    (ssl.SSLError, "the way to the server cannot be sealed"),
    (socket.gaierror, "the server's name leads nowhere"),
    (ConnectionRefusedError, "nobody listens there"),
    (ConnectionError, "the connection was lost"),
    (smtplib.SMTPServerDisconnected, "the connection was lost"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailChannel:
    """Mail through one server; `clock` dates it, `trust` replaces the machine's certificate authorities."""

    kind: ClassVar[str] = EMAIL
    server: MailServer
    sender: str
    clock: Clock
    password: str | None = field(default=None, repr=False)
    trust: ssl.SSLContext | None = field(default=None, repr=False)
    stopwatch: Stopwatch = monotonic

    def send(self, message: Message, *, timeout_seconds: float) -> None:
        """Deliver by SMTP; the limit holds for the dialogue as a whole, from connecting to the last answer.

        A refusal of this message (5xx to MAIL, RCPT or DATA) is permanent. A fault of the way there is temporary:
        network, time, certificate, sign-in; it meets every message alike, and is mended without touching one.
        """
        mail = self._written(message)
        try:
            with _told_without_words(), self._dialogue(timeout_seconds) as dialogue:
                if self.server.user is not None and self.password is not None:
                    dialogue.login(self.server.user, self.password)
                _hand_over(dialogue, self.sender, message.recipient, mail)
        except DeliveryError as failure:
            failure.server = self.server.address
            raise

    @contextmanager
    def _dialogue(self, timeout_seconds: float) -> Iterator[Dialogue]:
        trust = self.trust or ssl.create_default_context()
        dialogue = Dialogue(
            self.server,
            trust,
            # Asking the resolver for this machine's own name may take minutes.
            own_name=_domain(self.sender),
            timeout_seconds=timeout_seconds,
            stopwatch=self.stopwatch,
        )
        try:
            if self.server.security == "starttls":
                dialogue.starttls(context=trust)
            yield dialogue
        finally:
            # Whatever became of the message is known by now; how the server takes its leave changes nothing.
            with suppress(smtplib.SMTPException, OSError):
                dialogue.quit()
            dialogue.close()

    def _written(self, message: Message) -> bytes:
        if not is_address(message.recipient):
            raise PermanentFailureError("email: the recipient is no plain email address")
        if not message.subject.isprintable() or not _IDENTITY.fullmatch(message.notice_id):
            raise PermanentFailureError("email: the subject or the notice's id cannot stand in a header")
        mail = EmailMessage(policy=MAIL_LINES)
        mail["From"] = self.sender
        mail["To"] = message.recipient
        mail["Subject"] = message.subject
        mail["Date"] = self.clock()
        mail["Message-ID"] = f"<{message.notice_id}@{_domain(self.sender)}>"
        # RFC 3834: no machine is to answer.
        mail["Auto-Submitted"] = "auto-generated"
        try:
            mail.set_content(message.text, cte="quoted-printable")
            mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
            return mail.as_bytes()
        except ValueError:  # a lone surrogate, which no encoding writes
            raise PermanentFailureError("email: the message holds characters that cannot be written") from None


def _domain(address: str) -> str:
    return address.rpartition("@")[2]


def _hand_over(dialogue: Dialogue, sender: str, recipient: str, mail: bytes) -> None:
    """Say MAIL, RCPT and DATA; no RSET after a refusal, for a dialogue carries one message and ends."""
    dialogue.ehlo_or_helo_if_needed()
    size = [f"size={len(mail)}"] if dialogue.has_extn("size") else []
    _require_yes("MAIL", *dialogue.mail(sender, size))
    _require_yes("RCPT", *dialogue.rcpt(recipient))
    before_text: smtplib.SMTPDataError | None = None
    code: int
    words: bytes | str
    try:
        code, words = dialogue.data(mail)
    except smtplib.SMTPDataError as refused:
        before_text = refused
        code, words = refused.smtp_code, refused.smtp_error
    # Outside of `except`, so that no trace of a failure shows the server's words.
    _require_yes("DATA", code, words)
    if before_text is not None:
        raise before_text


def _require_yes(command: str, code: int, words: bytes | str) -> None:
    """Raise the failure that an answer means; RFC 5321 §4.2.1: its first digit decides."""
    if code in YES:
        return
    said = words.encode("ascii", "replace") if isinstance(words, str) else words
    enhanced = _ENHANCED.match(said)
    detail = f"email: {command} answered {code}" + (f" {enhanced[0].decode('ascii')}" if enhanced else "")
    raise PermanentFailureError(detail) if code in NEVER else TemporaryFailureError(detail)


@contextmanager
def _told_without_words() -> Iterator[None]:
    """Turn what goes wrong on the way into our failures: codes and kinds, never words, which may quote addresses."""
    try:
        yield
    except smtplib.SMTPResponseException as refused:
        raise TemporaryFailureError(f"email: {_step(refused)} answered {refused.smtp_code}") from None
    except smtplib.SMTPNotSupportedError:
        raise TemporaryFailureError("email: the server lacks what the settings ask for: STARTTLS or sign-in") from None
    except (
        smtplib.SMTPException,
        OSError,
        ValueError,
    ) as fault:  # ValueError: a sign-in by MD5 where that is forbidden
        raise TemporaryFailureError(f"email: {_kind(fault)}") from None


def _step(refused: smtplib.SMTPResponseException) -> str:
    steps = {
        smtplib.SMTPConnectError: "the greeting",
        smtplib.SMTPHeloError: "EHLO",
        smtplib.SMTPAuthenticationError: "AUTH",
    }
    return steps.get(type(refused), "the server")


def _kind(fault: Exception) -> str:
    """Return what went wrong on the way; smtplib wraps the network's own faults, which say more."""
    inner = fault.__context__ if isinstance(fault, smtplib.SMTPServerDisconnected) else None
    met = inner if isinstance(inner, OSError) else fault
    return next((words for kind, words in FAULTS if isinstance(met, kind)), type(met).__name__)
