"""A mail server as a URL names it: where it is, how the way to it is sealed, and who signs in."""

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import SplitResult, unquote, urlsplit

Security = Literal["none", "starttls", "tls"]
SCHEMES: dict[str, tuple[Security, int]] = {
    # RFC 5321, RFC 6409 and RFC 8314: the ports that these ways are known by.
    "smtp": ("none", 25),
    "smtp+starttls": ("starttls", 587),
    "smtps": ("tls", 465),
}
_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")
_USER = re.compile(r"[\x21-\x7e]+")
FORM = "must be smtp://host, smtp+starttls://host or smtps://host, with user@ before and :port after it where needed"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where mail is handed over; with `starttls` and `tls` the server's certificate is checked, without exception."""

    host: str
    port: int
    security: Security
    user: str | None = None

    @property
    def address(self) -> str:
        """Host and port, as logs name the server; whoever signs in there is left out."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def read_mail_server(url: str) -> MailServer:
    """Read a mail server's URL; raises ValueError with the rule, never with the URL: a password may stand in it."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError(FORM) from None
    if parts.password is not None:
        raise ValueError("must not hold the password; put it into the file that COURSEWATCH_SMTP_PASSWORD_FILE names")
    user = unquote(parts.username) if parts.username else None
    if _is_more(parts) or host is None or not _HOST.fullmatch(host) or (user and not _USER.fullmatch(user)):
        raise ValueError(FORM)
    if port == 0:
        raise ValueError("must name a port from 1 to 65535, or none")
    security, usual_port = SCHEMES[parts.scheme]
    return MailServer(host=host, port=port or usual_port, security=security, user=user)


def _is_more(parts: SplitResult) -> bool:
    """Whether the URL says what no mail server's does."""
    return parts.scheme not in SCHEMES or parts.path not in {"", "/"} or bool(parts.query or parts.fragment)
