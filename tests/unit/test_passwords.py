"""Passwords come from files that not everybody can read, are never taken from a URL, and are shown to nobody."""

from pathlib import Path

import pytest

from workflow.settings import Settings, SettingsError


def password_file(folder: Path, content: str, mode: int = 0o600) -> Path:
    """Write a file as whoever installs does, with umask 077."""
    file = folder / "password"
    file.touch()
    file.chmod(mode)
    file.write_text(content, encoding="utf-8")
    return file


@pytest.mark.parametrize("kind", ["DATABASE", "SMTP"])
def test_a_password_file_is_not_empty_and_not_for_everybody(kind: str, tmp_path: Path) -> None:
    file = password_file(tmp_path, " \n")
    settings = Settings.from_environment(
        {"COURSEWATCH_DATABASE": "postgresql://app@db/cw", f"COURSEWATCH_{kind}_PASSWORD_FILE": str(file)}
    )

    def read() -> str | None:
        return settings.database_url if kind == "DATABASE" else settings.smtp_password

    with pytest.raises(SettingsError, match=f"^COURSEWATCH_{kind}_PASSWORD_FILE: {file} is empty"):
        read()
    password_file(tmp_path, "hush")
    for mode in (0o604, 0o444, 0o601):
        file.chmod(mode)
        with pytest.raises(
            SettingsError, match=f"^COURSEWATCH_{kind}_PASSWORD_FILE: everybody .*; run: chmod o= {file}"
        ):
            read()
    # As secrets of containers are handed over, and credentials of systemd.
    for mode in (0o600, 0o400, 0o440):
        file.chmod(mode)
        assert "hush" in str(read())


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://app:hushhush@db/cw",
        "postgresql://app:hush/hush@db/cw",
        "postgresql://:hushhush@/cw",
        "postgresql://app@db/cw?password=hushhush",
        "postgresql://app@/cw?host=/run/pg&sslpassword=hushhush",
    ],
)
def test_a_password_in_the_databases_url_is_refused_unseen(url: str) -> None:
    with pytest.raises(
        SettingsError, match=r"^COURSEWATCH_DATABASE .* must not hold the password; put it into"
    ) as refused:
        Settings.from_environment({"COURSEWATCH_DATABASE": url})
    assert "hush" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://app@db:5433/cw?sslmode=verify-full",
        "postgresql://app@[::1]:5433/cw",
        "postgresql:///cw?host=/run/pg&passfile=/run/pgpass",
        "sqlite:////srv/a:b@c/cw.sqlite3",
    ],
)
def test_a_port_or_an_at_sign_elsewhere_is_no_password(url: str) -> None:
    assert Settings.from_environment({"COURSEWATCH_DATABASE": url}).database == url


def test_the_mail_servers_password_comes_from_a_file_and_is_not_shown(tmp_path: Path) -> None:
    file = password_file(tmp_path, "hush hush\n")
    settings = Settings.from_environment({"COURSEWATCH_SMTP_PASSWORD_FILE": str(file)})
    assert settings.smtp_password == "hush hush"
    assert "hush" not in repr(settings)
    for unfit in ("pässword", "two\nlines"):
        file.write_text(unfit, encoding="utf-8")
        with pytest.raises(SettingsError, match=r"SMTP_PASSWORD_FILE: .* must hold one line of printable ASCII"):
            _ = settings.smtp_password
    file.write_bytes(b"\xff")
    with pytest.raises(SettingsError, match=r"SMTP_PASSWORD_FILE: .* must be text in UTF-8"):
        _ = settings.smtp_password
    file.unlink()
    with pytest.raises(SettingsError, match=r"SMTP_PASSWORD_FILE: .* cannot be read"):
        _ = settings.smtp_password


def test_the_databases_password_comes_from_a_file_and_is_not_shown(tmp_path: Path) -> None:
    file = password_file(tmp_path, "p@ss/wörd\n")
    settings = Settings.from_environment(
        {"COURSEWATCH_DATABASE": "postgresql://app@db:5433/cw?x=1", "COURSEWATCH_DATABASE_PASSWORD_FILE": str(file)}
    )
    assert settings.database_url == "postgresql://app:p%40ss%2Fw%C3%B6rd@db:5433/cw?x=1"
    assert "p@ss" not in repr(settings)
    file.unlink()
    with pytest.raises(SettingsError, match=r"DATABASE_PASSWORD_FILE: .* cannot be read"):
        _ = settings.database_url
