"""What an installation may choose, read once from its environment, so that no module asks the environment itself."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Self
from urllib.parse import quote, urlsplit, urlunsplit

from workflow.domain.mail_servers import MailServer
from workflow.domain.messages import MailContent
from workflow.persistence.limits import DEFAULT_LIMITS
from workflow.settings.secret_files import password_in, read_or_make_secret, read_secret
from workflow.settings.variables import PREFIX, Network, NotingWhatIsAsked, SettingsError, Variables

__all__ = [
    "PREFIX",
    "Network",
    "Settings",
    "SettingsError",
    "known_variables",
    "read_or_make_secret",
    "read_secret",
    "require_no_password",
    "sqlite_url",
]
# Where a database's URL holds a password: as SQLAlchemy reads it before the @, and as libpq reads what follows the ?.
_PASSWORD = re.compile(r"[\w+]+://(?:[^:/]*:[^@]*@|[^?]*\?(?:.*&)?(?:ssl)?password=)", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One installation: where its data are and how it is reached.

    `database` is a SQLAlchemy URL without a password; a password is read from `database_password_file`.
    `now` fixes the clock of a database that is marked as rehearsal, and of no other. Without `smtp` no mail is sent;
    `mail_content` says whether a mail holds a link only or what the alert is about. Without `recommendations` nothing
    says what a strategy recommends, and no decision is held against it; classes and risk groups stay. `protocols` is a
    folder with protocols of the installation's own. A starting process waits so long for a database that does not
    answer or is being migrated, and one that was told to end answers so long as not ready before it ends. Beyond
    loopback it serves TLS with `tls_certificate_file`, or only what comes from `trusted_proxies`, and
    health and metrics besides to `watched_from`. `traces_url` takes
    traces by OTLP over HTTP; `watch_port` is where a scheduler tells its health and metrics.
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
    wait_for_database_seconds: float = 30.0
    drain_seconds: float = 0.0
    tls_certificate_file: Path | None = None
    tls_key_file: Path | None = None
    trusted_proxies: tuple[Network, ...] = ()
    watched_from: tuple[Network, ...] = ()
    watch_host: str = "127.0.0.1"
    watch_port: int | None = None
    traces_url: str | None = None

    @classmethod
    def from_environment(cls, env: Mapping[str, str]) -> Self:
        """Read the variables COURSEWATCH_…; raises SettingsError naming the first that cannot be read."""
        read = Variables(env)
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
            wait_for_database_seconds=read.seconds("WAIT_FOR_DATABASE", cls.wait_for_database_seconds, or_none=True),
            drain_seconds=read.seconds("DRAIN", cls.drain_seconds, or_none=True),
            tls_certificate_file=read.path("TLS_CERTIFICATE_FILE"),
            tls_key_file=read.path("TLS_KEY_FILE"),
            trusted_proxies=read.proxies("TRUSTED_PROXIES"),
            watched_from=read.networks("WATCHED_FROM"),
            watch_host=read.text("WATCH_HOST") or cls.watch_host,
            watch_port=read.port("WATCH_PORT", None),
            traces_url=read.web_address("TRACES_URL"),
        )
        require_no_password(settings.database, f"{PREFIX}DATABASE (--database)")
        _require_what_mail_needs(settings)
        return settings

    @property
    def database_url(self) -> str:
        """The database's URL with the password from its file, for the driver's eyes only: never log or show it."""
        if self.database_password_file is None:
            return self.database
        password = password_in(self.database_password_file, "DATABASE_PASSWORD_FILE")
        parts = urlsplit(self.database)
        user, _, host = parts.netloc.rpartition("@")
        name = user.partition(":")[0]
        return urlunsplit(parts._replace(netloc=f"{name}:{quote(password, safe='')}@{host}"))

    @property
    def smtp_password(self) -> str | None:
        """The password of the mail server's user, for the sign-in alone: never log or show it."""
        if self.smtp_password_file is None:
            return None
        password = password_in(self.smtp_password_file, "SMTP_PASSWORD_FILE")
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


def known_variables() -> frozenset[str]:
    """Return the names of all variables that settings are read from."""
    environment = NotingWhatIsAsked()
    Settings.from_environment(environment)
    return frozenset(environment.asked)


def require_no_password(url: str, where: str) -> None:
    """Raise SettingsError, without showing it, where a database's URL holds a password.

    It would stand in the list of processes, in `inspect` of a container, and in what a command prints of its database.
    """
    if _PASSWORD.match(url):
        raise SettingsError(
            f"{where} must not hold the password; put it into the file that {PREFIX}DATABASE_PASSWORD_FILE names"
        )


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
