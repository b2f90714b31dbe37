"""What the tests of channels send, and to where."""

import ssl
from datetime import UTC, datetime

from scheduler.channels.email import EmailChannel
from tests.integration.channels.post_office import PASSWORD, USER
from workflow.clock import Stopwatch, monotonic
from workflow.domain.mail_servers import MailServer, Security
from workflow.domain.messages import Message

NOW = datetime(2024, 2, 3, 6, 30, tzinfo=UTC)
SENDER = "coursewatch@hospital.example"
WARD = "ward-3@north.example"
# Words that may stand in a message and nowhere else.
PRIVATE = "ALL-0007"
PATIENT = {
    "subject": "Critical notice RM-05 at Köln",
    "text": f"{PRIVATE}\n.\n− end\n",
    "html": f"<p>{PRIVATE} −</p>\n",
}
# Long enough for a busy machine; a server that never answers gets a short one.
PATIENCE_SECONDS, SHORT_SECONDS = 60.0, 1.0


def message(**changes: str) -> Message:
    """Return a message as a notice would be, with some parts replaced."""
    parts = {
        "notice_id": "01940000-0000-7000-8000-000000000001",
        "alert_id": "01940000-0000-7000-8000-0000000000aa",
        "kind": "Critical notice RM-05: Next block critically late",
        "link": "https://cw.example/alerts/01940000-0000-7000-8000-0000000000aa",
        "recipient": WARD,
        **PATIENT,
    }
    return Message(**{**parts, **changes})


def mailing(
    port: int,
    *,
    security: Security = "none",
    host: str = "127.0.0.1",
    trust: ssl.SSLContext | None = None,
    sign_in: bool = False,
    password: str = PASSWORD,
    stopwatch: Stopwatch = monotonic,
) -> EmailChannel:
    """Return the channel to a server on this machine."""
    return EmailChannel(
        server=MailServer(host=host, port=port, security=security, user=USER if sign_in else None),
        sender=SENDER,
        clock=lambda: NOW,
        password=password if sign_in else None,
        trust=trust,
        stopwatch=stopwatch,
    )
