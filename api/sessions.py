"""A browser's sign-in: a cookie that names itself, a key and a day's end, sealed so that nobody can write one."""

import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from hmac import new as new_hmac

COOKIE = "coursewatch_session"
# Names that browsers take from nobody but this very host, over TLS; the second where a proxy gave us a path below it.
OF_THIS_HOST, OVER_TLS = "__Host-", "__Secure-"
# One long shift: a monitor on a ward is signed in again once a day.
LASTS = timedelta(hours=12)
_COOKIE = re.compile(r"(([A-Za-z0-9-]{1,64})\.(\d{1,12})\.([0-9a-f]{16}))\.([A-Za-z0-9_-]{43})")
# `cw_<key id>_<secret>`: the id is no secret, it is what an administrator revokes a key by.
_KEY = re.compile(r"cw_([A-Za-z0-9-]{1,64})_[A-Za-z0-9_-]{1,200}")


@dataclass(frozen=True, slots=True)
class Session:
    """Who is signed in, by key id, and until when; signing out, and revoking the key, ends it.

    Its own `id` tells it from another one of the same key, begun in the same second by a neighbour.
    """

    key_id: str
    until: datetime
    id: str


def cookie_name(base: str, *, encrypted: bool) -> str:
    """Return the cookie's name for what is served below `base`: over TLS another one than without.

    So no cookie that was planted on the way without TLS, or by another host of the domain, is ever looked at.
    """
    if not encrypted:
        return COOKIE
    return f"{OVER_TLS if base else OF_THIS_HOST}{COOKIE}"


def key_id_of(presented_key: str) -> str | None:
    """Return the id inside a presented key, or None where it is not shaped like one."""
    key = _KEY.fullmatch(presented_key)
    return key[1] if key else None


def sealed(session: Session, secret: bytes) -> str:
    """Return a session as the cookie's text, sealed with the house's secret."""
    said = f"{session.key_id}.{int(session.until.timestamp())}.{session.id}"
    return f"{said}.{_seal(said, secret)}"


def opened(cookie: str | None, secret: bytes, now: datetime) -> Session | None:
    """Return the session of a cookie; None where it is absent, altered, or over at `now`."""
    parts = _COOKIE.fullmatch(cookie or "")
    if parts is None or not compare_digest(parts[5], _seal(parts[1], secret)):
        return None
    until = datetime.fromtimestamp(int(parts[3]), tz=UTC)
    return Session(parts[2], until, parts[4]) if now < until else None


def _seal(said: str, secret: bytes) -> str:
    """Return an HMAC with a key of its own, so that no chain hash of the database can serve as a seal."""
    key = new_hmac(secret, b"coursewatch browser session", sha256).digest()
    return urlsafe_b64encode(new_hmac(key, said.encode(), sha256).digest()).decode().rstrip("=")
