"""Settings come from the environment alone, and what cannot be read is named with the way out."""

import os
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from traceback import format_exception

import pytest

from workflow.domain.mail_servers import MailServer
from workflow.settings import Settings, SettingsError, known_variables, read_or_make_secret
from workflow.settings.secret_files import open_to_others


def test_without_a_variable_everything_has_a_default() -> None:
    settings = Settings.from_environment({})
    assert settings.database == "sqlite:///coursewatch-data/coursewatch.sqlite3"
    assert settings.data_dir == Path("coursewatch-data")
    assert settings.secret_file == Path("coursewatch-data/chain.secret")
    assert (settings.host, settings.port, settings.time_zone) == ("127.0.0.1", 8000, "UTC")
    assert (settings.statement_timeout_seconds, settings.lock_timeout_seconds) == (5.0, 3.0)
    assert (settings.public_url, settings.now) == (None, None)
    assert settings.recommendations
    assert (settings.smtp, settings.mail_from, settings.smtp_password, settings.mail_content) == (
        *(None, None, None),
        "link",
    )


def test_every_variable_is_read() -> None:
    settings = Settings.from_environment(
        {
            "COURSEWATCH_DATABASE": "postgresql://app@db/coursewatch",
            "COURSEWATCH_DATA_DIR": "/srv/cw",
            "COURSEWATCH_SECRET_FILE": "/run/secrets/chain",
            "COURSEWATCH_HOST": "0.0.0.0",  # noqa: S104 -- what a container listens on
            "COURSEWATCH_PORT": "8443",
            "COURSEWATCH_TIME_ZONE": "Europe/Berlin",
            "COURSEWATCH_PUBLIC_URL": "https://cw.example.org",
            "COURSEWATCH_APP_ROLE": "cw",
            "COURSEWATCH_STATEMENT_TIMEOUT": "7.5",
            "COURSEWATCH_LOCK_TIMEOUT": "2",
            "COURSEWATCH_NOW": "2026-01-31T08:30:00+01:00",
            "COURSEWATCH_SMTP_URL": "smtp+starttls://cw@mail.example.org:2587",
            "COURSEWATCH_SMTP_PASSWORD_FILE": "/run/secrets/mail",
            "COURSEWATCH_MAIL_FROM": "cw@example.org",
            "COURSEWATCH_MAIL_CONTENT": "full",
            "COURSEWATCH_RECOMMENDATIONS": "off",
        }
    )
    assert settings == Settings(
        database="postgresql://app@db/coursewatch",
        data_dir=Path("/srv/cw"),
        secret_file=Path("/run/secrets/chain"),
        host="0.0.0.0",  # noqa: S104 -- what a container listens on
        port=8443,
        time_zone="Europe/Berlin",
        public_url="https://cw.example.org",
        app_role="cw",
        statement_timeout_seconds=7.5,
        lock_timeout_seconds=2.0,
        now=datetime(2026, 1, 31, 7, 30, tzinfo=UTC),
        smtp=MailServer(host="mail.example.org", port=2587, security="starttls", user="cw"),
        smtp_password_file=Path("/run/secrets/mail"),
        mail_from="cw@example.org",
        mail_content="full",
        recommendations=False,
    )


def test_the_secret_and_the_database_live_in_the_data_folder_by_default() -> None:
    settings = Settings.from_environment({"COURSEWATCH_DATA_DIR": "/srv/cw"})
    assert settings.database == "sqlite:////srv/cw/coursewatch.sqlite3"
    assert settings.secret_file == Path("/srv/cw/chain.secret")
    assert settings.with_(port=1).port == 1


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("RECOMMENDATIONS", "no", "COURSEWATCH_RECOMMENDATIONS must be on or off"),
        ("PORT", "http", "COURSEWATCH_PORT must be a port from 0"),
        ("PORT", "70000", "COURSEWATCH_PORT must be a port"),
        ("TIME_ZONE", "Berlin", "COURSEWATCH_TIME_ZONE must be an IANA time zone, like Europe/Berlin"),
        ("TIME_ZONE", "../etc/passwd", "COURSEWATCH_TIME_ZONE must be an IANA time zone"),
        ("STATEMENT_TIMEOUT", "0", "COURSEWATCH_STATEMENT_TIMEOUT must be a number of seconds above 0"),
        ("LOCK_TIMEOUT", "nan", "COURSEWATCH_LOCK_TIMEOUT must be a number of seconds above 0"),
        ("NOW", "2026-01-31T08:30:00", "COURSEWATCH_NOW must be a time with its offset"),
        ("NOW", "tomorrow", "COURSEWATCH_NOW must be a time with its offset"),
        ("PUBLIC_URL", "cw.example.org", "COURSEWATCH_PUBLIC_URL must be where people reach the pages, like https://"),
        ("PUBLIC_URL", "https://cw.example.org/?a=b", "COURSEWATCH_PUBLIC_URL must be where people reach the pages"),
        ("PUBLIC_URL", "https://cw.example.org/\nBcc:", "COURSEWATCH_PUBLIC_URL must be where people reach the pages"),
        ("MAIL_FROM", "Coursewatch <cw@example.org>", "COURSEWATCH_MAIL_FROM must be one plain email address, like"),
        ("TRUSTED_PROXIES", "proxy", "COURSEWATCH_TRUSTED_PROXIES must be addresses or networks"),
        ("TRUSTED_PROXIES", "10.1.2.3, 0.0.0.0/0", "COURSEWATCH_TRUSTED_PROXIES: 0.0.0.0/0 is everybody, .* name the"),
        ("TRUSTED_PROXIES", "::/0", "COURSEWATCH_TRUSTED_PROXIES: ::/0 is everybody"),
        ("MAIL_CONTENT", "all", "COURSEWATCH_MAIL_CONTENT must be link .* or full"),
    ],
)
def test_what_cannot_be_read_is_named_with_the_way_out(name: str, value: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        Settings.from_environment({f"COURSEWATCH_{name}": value})


def test_everybody_may_be_let_watch_and_a_wide_network_may_hold_the_proxies() -> None:
    settings = Settings.from_environment(
        {"COURSEWATCH_WATCHED_FROM": "0.0.0.0/0", "COURSEWATCH_TRUSTED_PROXIES": "10.0.0.0/8"}
    )
    assert settings.watched_from == (ip_network("0.0.0.0/0"),)
    assert settings.trusted_proxies == (ip_network("10.0.0.0/8"),)


def test_where_mail_is_handed_over_is_read_from_one_url() -> None:
    def read(url: str) -> MailServer | None:
        mail = {"MAIL_FROM": "cw@example.org", "PUBLIC_URL": "https://cw.example.org", "SMTP_URL": url}
        return Settings.from_environment({f"COURSEWATCH_{name}": value for name, value in mail.items()}).smtp

    assert read("smtp://mail") == MailServer(host="mail", port=25, security="none")
    assert read("smtp+starttls://mail/") == MailServer(host="mail", port=587, security="starttls")
    assert read("smtps://mail.example.org") == MailServer(host="mail.example.org", port=465, security="tls")
    assert read("smtp://[::1]:2525") == MailServer(host="::1", port=2525, security="none")


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.org",
        "http://mail.example.org",
        "smtp://",
        "smtp://mail:port",
        "smtp://mail:70000",
        "smtp://mail:0",
        "smtp://mail/path",
        "smtp://mail?x=1",
        "smtp://[::1",
        "smtp://mäil.example.org",
        "smtp://us%0Aer@mail",
    ],
)
def test_a_url_that_names_no_mail_server_is_refused_with_the_form(url: str) -> None:
    with pytest.raises(SettingsError, match=r"^COURSEWATCH_SMTP_URL must "):
        Settings.from_environment({"COURSEWATCH_SMTP_URL": url})


def test_a_password_in_the_mail_servers_url_is_refused_unseen() -> None:
    with pytest.raises(SettingsError, match="SMTP_URL must not hold the password; put it into the file") as refused:
        Settings.from_environment({"COURSEWATCH_SMTP_URL": f"smtps://cw:{'hush' * 2}@mail"})
    assert "hushhush" not in "".join(format_exception(refused.value))


@pytest.mark.parametrize(
    ("url", "others", "message"),
    [
        ("smtp://mail", {"PUBLIC_URL": "https://cw"}, "COURSEWATCH_MAIL_FROM must be set with COURSEWATCH_SMTP_URL"),
        ("smtp://mail", {"MAIL_FROM": "a@b"}, "COURSEWATCH_PUBLIC_URL must be set with COURSEWATCH_SMTP_URL"),
        ("smtp://cw@mail", {}, "COURSEWATCH_SMTP_PASSWORD_FILE and a user .* belong together"),
        ("smtp://mail", {"SMTP_PASSWORD_FILE": "/x"}, "COURSEWATCH_SMTP_PASSWORD_FILE and a user .* belong together"),
    ],
)
def test_mail_that_is_half_set_is_refused_at_the_start(url: str, others: dict[str, str], message: str) -> None:
    whole = {"MAIL_FROM": "a@b", "PUBLIC_URL": "https://cw"}
    given = {"SMTP_URL": url, **(whole if "belong" in message else {}), **others}
    with pytest.raises(SettingsError, match=message):
        Settings.from_environment({f"COURSEWATCH_{name}": value for name, value in given.items()})


def test_all_variables_that_are_read_are_known() -> None:
    known = known_variables()
    assert {"COURSEWATCH_DATABASE", "COURSEWATCH_DATABASE_PASSWORD_FILE", "COURSEWATCH_DRAIN"} <= known
    assert "COURSEWATCH_DATABASE_PASSWORD" not in known


def test_without_a_password_file_the_url_stays_as_it_is() -> None:
    settings = Settings.from_environment({"COURSEWATCH_DATABASE": "postgresql://app@/cw?host=/run/pg"})
    assert settings.database_url == "postgresql://app@/cw?host=/run/pg"


def test_a_secret_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "data" / "chain.secret"
    first = read_or_make_secret(file, lambda: "a" * 43)
    assert first == b"a" * 43
    assert file.stat().st_mode & 0o777 == 0o600
    assert read_or_make_secret(file, lambda: "b" * 43) == first


@pytest.mark.parametrize(
    ("mode", "owner", "group", "others_too"),
    [
        (0o600, 10001, 10001, False),
        (0o400, 10001, 10001, False),
        (0o440, 0, 0, False),
        (0o600, 0, 0, False),
        (0o440, 10001, 0, True),
        (0o440, 0, 10001, True),
        (0o444, 0, 0, True),
        (0o640, 0, 0, True),
        (0o460, 0, 0, True),
        (0o441, 0, 0, True),
        (0o640, 10001, 10001, True),
        (0o604, 10001, 10001, True),
    ],
)
def test_a_secret_is_its_owners_alone_or_a_credential_that_systemd_hands_over(
    mode: int, owner: int, group: int, others_too: bool
) -> None:
    assert open_to_others(os.stat_result((0o100000 | mode, 1, 1, 1, owner, group, 65, 0, 0, 0))) is others_too


def test_a_short_or_open_secret_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "chain.secret"
    file.write_text("short", encoding="ascii")
    file.chmod(0o600)
    with pytest.raises(SettingsError, match="shorter than 32 bytes; restore it from the backup"):
        read_or_make_secret(file, lambda: "b" * 43)
    file.write_text("a" * 43, encoding="ascii")
    file.chmod(0o640)
    with pytest.raises(SettingsError, match=f"others can read the secret; run: chmod 600 {file}"):
        read_or_make_secret(file, lambda: "b" * 43)
