"""What an installation may choose, read once from its environment, so that no module asks the environment itself."""

import os
import re
import stat
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Self
from urllib.parse import quote, urlsplit, urlunsplit
from zoneinfo import ZoneInfo

from workflow.domain.contacts import is_address
from workflow.domain.errors import CoursewatchError
from workflow.domain.mail_servers import MailServer, read_mail_server
from workflow.domain.messages import MailContent
from workflow.persistence.limits import DEFAULT_LIMITS

PREFIX = "COURSEWATCH_"
LEAST_SECRET_BYTES = 32
HIGHEST_PORT = 65535
# Without query, fragment or user: links are made by adding a path.
_WEB_ADDRESS = re.compile(r"https?://[A-Za-z0-9._:\[\]-]+(?:/[A-Za-z0-9._~/-]*)?")


class SettingsError(CoursewatchError):
    """A setting cannot be read; the message names the variable, the rule and the way out."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One installation: where its data are and how it is reached.

    `database` is a SQLAlchemy URL without a password; a password is read from `database_password_file`.
    `now` fixes the clock of a database that is marked as rehearsal, and of no other. Without `smtp` no mail is sent;
    `mail_content` says whether a mail holds a link only or what the alert is about. Without `recommendations` nothing
    says what a strategy recommends, and no decision is held against it; classes and risk groups stay. `protocols` is a
    folder with protocols of the installation's own.
    """

    database: str
    data_dir: Path
    secret_file: Path
    database_password_file: Path | None = None
    host: str = "127.0.0.1"
    port: int = 8000
    time_zone: str = "UTC"
    public_url: str | None = None
    app_role: str = "coursewatch_app"
    statement_timeout_seconds: float = DEFAULT_LIMITS.statement_seconds
    lock_timeout_seconds: float = DEFAULT_LIMITS.lock_seconds
    now: datetime | None = None
    smtp: MailServer | None = None
    smtp_password_file: Path | None = None
    mail_from: str | None = None
    mail_content: MailContent = "link"
    recommendations: bool = True
    protocols: Path | None = None

    @classmethod
    def from_environment(cls, env: Mapping[str, str]) -> Self:
        """Read the variables COURSEWATCH_…; raises SettingsError naming the first that cannot be read."""
        read = _Variables(env)
        data_dir = read.path("DATA_DIR") or Path("coursewatch-data")
        settings = cls(
            database=read.text("DATABASE") or sqlite_url(data_dir),
            data_dir=data_dir,
            secret_file=read.path("SECRET_FILE") or data_dir / "chain.secret",
            database_password_file=read.path("DATABASE_PASSWORD_FILE"),
            host=read.text("HOST") or cls.host,
            port=read.port("PORT", cls.port),
            time_zone=read.time_zone("TIME_ZONE", cls.time_zone),
            public_url=read.web_address("PUBLIC_URL"),
            app_role=read.text("APP_ROLE") or cls.app_role,
            statement_timeout_seconds=read.seconds("STATEMENT_TIMEOUT", cls.statement_timeout_seconds),
            lock_timeout_seconds=read.seconds("LOCK_TIMEOUT", cls.lock_timeout_seconds),
            now=read.instant("NOW"),
            smtp=read.mail_server("SMTP_URL"),
            smtp_password_file=read.path("SMTP_PASSWORD_FILE"),
            mail_from=read.address("MAIL_FROM"),
            mail_content=read.mail_content("MAIL_CONTENT", cls.mail_content),
            recommendations=read.on_or_off("RECOMMENDATIONS", default=cls.recommendations),
            protocols=read.path("PROTOCOLS"),
        )
        _require_what_mail_needs(settings)
        return settings

    @property
    def database_url(self) -> str:
        """The database's URL with the password from its file, for the driver's eyes only: never log or show it."""
        if self.database_password_file is None:
            return self.database
        password = _password_in(self.database_password_file, "DATABASE_PASSWORD_FILE")
        parts = urlsplit(self.database)
        user, _, host = parts.netloc.rpartition("@")
        name = user.partition(":")[0]
        return urlunsplit(parts._replace(netloc=f"{name}:{quote(password, safe='')}@{host}"))

    @property
    def smtp_password(self) -> str | None:
        """The password of the mail server's user, for the sign-in alone: never log or show it."""
        if self.smtp_password_file is None:
            return None
        password = _password_in(self.smtp_password_file, "SMTP_PASSWORD_FILE")
        if not (password and password.isascii() and password.isprintable()):
            raise SettingsError(
                f"{PREFIX}SMTP_PASSWORD_FILE: {self.smtp_password_file} must hold one line of printable ASCII, "
                "the only password that a mail server is sure to understand"
            )
        return password

    def with_(self, **changes: object) -> Self:
        """Return these settings with some replaced, e.g. by options of the command line."""
        return replace(self, **changes)  # type: ignore[arg-type]


def sqlite_url(data_dir: Path) -> str:
    """Return the URL of the database that a data folder holds by default."""
    return f"sqlite:///{data_dir / 'coursewatch.sqlite3'}"


def _password_in(file: Path, variable: str) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError as fault:
        raise SettingsError(f"{PREFIX}{variable}: {file} cannot be read: {fault.strerror}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{PREFIX}{variable}: {file} must be text in UTF-8") from None


def _require_what_mail_needs(settings: Settings) -> None:
    """Raise SettingsError where mail is half set: it would be noticed when the first critical notice is due."""
    server = settings.smtp
    if server is None:
        return
    if settings.mail_from is None:
        raise SettingsError(f"{PREFIX}MAIL_FROM must be set with {PREFIX}SMTP_URL: the address that mail comes from")
    if settings.public_url is None:
        raise SettingsError(f"{PREFIX}PUBLIC_URL must be set with {PREFIX}SMTP_URL: every mail links to it")
    if (server.user is None) is not (settings.smtp_password_file is None):
        raise SettingsError(
            f"{PREFIX}SMTP_PASSWORD_FILE and a user in {PREFIX}SMTP_URL (smtps://user@host) belong together; "
            "set both or neither"
        )


def read_or_make_secret(path: Path, make: Callable[[], str]) -> bytes:
    """Return the secret in this file; on first use the file is made, readable by its owner only.

    Raises SettingsError where the file is short or open to others: the secret proves that no row was altered.
    """
    if not path.exists():
        _make_secret_file(path, make())
    secret = path.read_bytes().strip()
    if len(secret) < LEAST_SECRET_BYTES:
        raise SettingsError(
            f"{path}: the secret is shorter than {LEAST_SECRET_BYTES} bytes; restore it from the backup, "
            "or move the file away to have a new one made for a new database"
        )
    if stat.S_IMODE(path.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
        raise SettingsError(f"{path}: others can read the secret; run: chmod 600 {path}")
    return secret


def _make_secret_file(path: Path, secret: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written under another name first: whoever finds the file finds the whole secret in it.
    descriptor, whole = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secret + "\n")
            file.flush()
            os.fsync(file.fileno())
        # Another process of this installation may be first; then its secret is read next.
        with suppress(FileExistsError):
            os.link(whole, path)
    finally:
        Path(whole).unlink()


@dataclass(frozen=True, slots=True)
class _Variables:
    env: Mapping[str, str]

    def text(self, name: str) -> str | None:
        return self.env.get(PREFIX + name, "").strip() or None

    def path(self, name: str) -> Path | None:
        text = self.text(name)
        return Path(text) if text else None

    def web_address(self, name: str) -> str | None:
        text = self.text(name)
        if text is not None and not _WEB_ADDRESS.fullmatch(text):
            raise SettingsError(f"{PREFIX}{name} must be where people reach the pages, like https://cw.example.org")
        return text

    def address(self, name: str) -> str | None:
        text = self.text(name)
        if text is not None and not is_address(text):
            raise SettingsError(f"{PREFIX}{name} must be one plain email address, like coursewatch@hospital.example")
        return text

    def mail_server(self, name: str) -> MailServer | None:
        text = self.text(name)
        try:
            return None if text is None else read_mail_server(text)
        except ValueError as fault:
            raise SettingsError(f"{PREFIX}{name} {fault}") from None

    def mail_content(self, name: str, default: MailContent) -> MailContent:
        text = self.text(name) or default
        if text not in {"link", "full"}:
            raise SettingsError(f"{PREFIX}{name} must be link (a mail names no patient) or full (it says what is late)")
        return "full" if text == "full" else "link"

    def on_or_off(self, name: str, *, default: bool) -> bool:
        text = self.text(name) or ("on" if default else "off")
        if text not in {"on", "off"}:
            raise SettingsError(f"{PREFIX}{name} must be on or off")
        return text == "on"

    def port(self, name: str, default: int) -> int:
        text = self.text(name)
        if text is None:
            return default
        if not text.isdecimal() or not int(text) <= HIGHEST_PORT:
            raise SettingsError(f"{PREFIX}{name} must be a port from 0 (any free one) to {HIGHEST_PORT}")
        return int(text)

    def seconds(self, name: str, default: float) -> float:
        text = self.text(name)
        if text is None:
            return default
        try:
            number = float(text)
        except ValueError:
            number = 0.0
        if not 0 < number <= 3600:  # noqa: PLR2004 -- an hour: longer is no limit
            raise SettingsError(f"{PREFIX}{name} must be a number of seconds above 0, at most 3600")
        return number

    def time_zone(self, name: str, default: str) -> str:
        text = self.text(name) or default
        try:
            ZoneInfo(text)
        except (KeyError, ValueError, OSError):
            raise SettingsError(f"{PREFIX}{name} must be an IANA time zone, like Europe/Berlin") from None
        return text

    def instant(self, name: str) -> datetime | None:
        text = self.text(name)
        if text is None:
            return None
        try:
            instant = datetime.fromisoformat(text)
        except ValueError:
            instant = None
        if instant is None or instant.tzinfo is None:
            raise SettingsError(f"{PREFIX}{name} must be a time with its offset, like 2026-01-31T08:30:00+01:00")
        return instant.astimezone(UTC)
