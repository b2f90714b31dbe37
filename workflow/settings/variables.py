"""Reads the variables COURSEWATCH_… one by one, each error naming the variable and what may stand there."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from workflow.domain.contacts import is_address
from workflow.domain.errors import CoursewatchError
from workflow.domain.mail_servers import MailServer, read_mail_server
from workflow.domain.messages import MailContent

PREFIX = "COURSEWATCH_"
HIGHEST_PORT = 65535
# An hour: longer is no limit.
LONGEST_SECONDS = 3600
Network = IPv4Network | IPv6Network
Port = TypeVar("Port", int, None)
# Without query, fragment or user: links are made by adding a path.
_WEB_ADDRESS = re.compile(r"https?://[A-Za-z0-9._:\[\]-]+(?:/[A-Za-z0-9._~/-]*)?")


class NotingWhatIsAsked(dict[str, str]):
    """An environment in which nothing is set, and which keeps the names of what was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()

    def get(self, name: str, default: str = "") -> str:  # type: ignore[override]
        """Return the default, and note the name."""
        self.asked.add(name)
        return default


class SettingsError(CoursewatchError):
    """A setting cannot be read; the message names the variable, the rule and the way out."""


@dataclass(frozen=True, slots=True)
class Variables:
    """The environment of a process; each method reads one variable and raises SettingsError where it cannot."""

    env: Mapping[str, str]

    def text(self, name: str) -> str | None:
        """Return what is set, without the spaces around it; None where nothing is."""
        return self.env.get(PREFIX + name, "").strip() or None

    def path(self, name: str) -> Path | None:
        """Return a path, absolute or from the working directory."""
        text = self.text(name)
        return Path(text) if text else None

    def web_address(self, name: str) -> str | None:
        """Return where people reach the pages, without query, fragment or user."""
        text = self.text(name)
        if text is not None and not _WEB_ADDRESS.fullmatch(text):
            raise SettingsError(f"{PREFIX}{name} must be where people reach the pages, like https://cw.example.org")
        return text

    def address(self, name: str) -> str | None:
        """Return one email address."""
        text = self.text(name)
        if text is not None and not is_address(text):
            raise SettingsError(f"{PREFIX}{name} must be one plain email address, like coursewatch@hospital.example")
        return text

    def mail_server(self, name: str) -> MailServer | None:
        """Return a mail server from its URL."""
        text = self.text(name)
        try:
            return None if text is None else read_mail_server(text)
        except ValueError as fault:
            raise SettingsError(f"{PREFIX}{name} {fault}") from None

    def mail_content(self, name: str, default: MailContent) -> MailContent:
        """Return how much a mail tells."""
        text = self.text(name) or default
        if text not in {"link", "full"}:
            raise SettingsError(f"{PREFIX}{name} must be link (a mail names no patient) or full (it says what is late)")
        return "full" if text == "full" else "link"

    def on_or_off(self, name: str, *, default: bool) -> bool:
        """Return a switch."""
        text = self.text(name) or ("on" if default else "off")
        if text not in {"on", "off"}:
            raise SettingsError(f"{PREFIX}{name} must be on or off")
        return text == "on"

    def port(self, name: str, default: Port) -> int | Port:
        """Return a TCP port."""
        text = self.text(name)
        if text is None:
            return default
        if not text.isdecimal() or not int(text) <= HIGHEST_PORT:
            raise SettingsError(f"{PREFIX}{name} must be a port from 0 (any free one) to {HIGHEST_PORT}")
        return int(text)

    def seconds(self, name: str, default: float, *, or_none: bool = False) -> float:
        """Return a number of seconds above 0, or from 0 on where it may be none."""
        text = self.text(name)
        if text is None:
            return default
        try:
            number = float(text)
        except ValueError:
            number = -1.0
        if not 0 <= number <= LONGEST_SECONDS or (number == 0 and not or_none):
            least = "from 0" if or_none else "above 0"
            raise SettingsError(f"{PREFIX}{name} must be a number of seconds {least}, at most {LONGEST_SECONDS}")
        return number

    def networks(self, name: str) -> tuple[Network, ...]:
        """Return addresses and networks, which stand between commas or spaces."""
        parts = (self.text(name) or "").replace(",", " ").split()
        try:
            return tuple(ip_network(part) for part in parts)
        except ValueError:
            raise SettingsError(
                f"{PREFIX}{name} must be addresses or networks with commas between them, like 10.1.2.3,172.20.0.0/24"
            ) from None

    def proxies(self, name: str) -> tuple[Network, ...]:
        """Return addresses and networks of proxies, who are believed; never that of everybody."""
        networks = self.networks(name)
        for network in networks:
            if network.prefixlen == 0:
                raise SettingsError(
                    f"{PREFIX}{name}: {network} is everybody, and whoever it names is believed about who asks and "
                    "whether it was over TLS; name the addresses of the proxies themselves, like 10.1.2.3, or the "
                    "network that they alone are in"
                )
        return networks

    def time_zone(self, name: str, default: str) -> str:
        """Return the name of a time zone of the IANA database."""
        text = self.text(name) or default
        try:
            ZoneInfo(text)
        except (KeyError, ValueError, OSError):
            raise SettingsError(f"{PREFIX}{name} must be an IANA time zone, like Europe/Berlin") from None
        return text

    def instant(self, name: str) -> datetime | None:
        """Return an instant in UTC."""
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
