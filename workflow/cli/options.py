"""The options that several commands share, and how they become settings and a house."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from workflow.clock import Clock
from workflow.domain.errors import CoursewatchError
from workflow.settings import PREFIX, Settings

if TYPE_CHECKING:
    from workflow.services.house import House

Database = Annotated[
    str | None,
    typer.Option(
        envvar="COURSEWATCH_DATABASE",
        metavar="URL",
        help="SQLAlchemy URL of the database: sqlite:///PATH or postgresql://USER@HOST/NAME.",
        show_default="SQLite in ./coursewatch-data",
    ),
]

Recommendations = Annotated[
    str | None,
    typer.Option(
        envvar="COURSEWATCH_RECOMMENDATIONS",
        metavar="on|off",
        help="off: classes and risk groups only; nothing says what a strategy recommends.",
        show_default="on",
    ),
]
Protocols = Annotated[
    str | None,
    typer.Option(
        envvar="COURSEWATCH_PROTOCOLS",
        metavar="DIR",
        help="A folder with protocols of your own: every folder below it that holds a protocol.toml.",
        show_default="those of this release alone",
    ),
]
# The mode of a file that may name patients by their pseudonyms.
OWNER_ONLY = 0o600


def open_for_owner(path: Path, option: str) -> TextIO:
    """Open a file to write; a new one is the owner's alone to read. Raises BadParameter, which names the option."""
    try:
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY), "w", encoding="utf-8")
    except OSError as fault:
        raise typer.BadParameter(f"{option}: {path} cannot be written: {fault.strerror}") from None


def settings_for(database: str | None = None, **options: object) -> Settings:
    """Return the settings of the environment with a command's options in their place; raises SettingsError."""
    return Settings.from_environment(environment_for(database, **options))


def environment_for(database: str | None = None, **options: object) -> Mapping[str, str]:
    """Return the environment that says the same as these options: one way to read a setting, not two."""
    given = {"database": database, **options}
    return os.environ | {f"{PREFIX}{name.upper()}": str(value) for name, value in given.items() if value is not None}


@contextmanager
def open_house(settings: Settings, clock: Clock | None = None) -> "Iterator[House]":
    """Open the house and close it again; a rehearsal may bring its clock. Raises what `bootstrap.build` raises."""
    from workflow.bootstrap import build

    require_database_file(settings)
    house = build(settings, clock=clock) if clock else build(settings)
    try:
        yield house
    finally:
        house.close()


class NoDatabaseError(CoursewatchError):
    """The database file that a command would look into is not there."""


def require_database_file(settings: Settings) -> None:
    """Raise NoDatabaseError where there is no SQLite file yet: a look must not make an empty installation."""
    from workflow.persistence.engine import parse_url

    url = parse_url(settings.database)
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():
        raise NoDatabaseError(
            f"there is no database {url.database}; run this where `coursewatch serve` runs, or name the database "
            "with --database or COURSEWATCH_DATABASE (`coursewatch db upgrade` makes a new one)"
        )


def read_instant(text: str) -> datetime:
    """Read an instant of an option; raises BadParameter saying how instants are written."""
    from pydantic_core import PydanticCustomError

    from workflow.domain.facts.base import read_asked_instant

    try:
        return read_asked_instant(text)
    except PydanticCustomError as invalid:
        raise typer.BadParameter(f"{text} {invalid.message()}") from None


def read_date(text: str) -> date:
    """Read a date of an option; raises BadParameter saying how dates are written."""
    from pydantic_core import PydanticCustomError

    from workflow.domain.facts.base import read_day

    try:
        return read_day(text)
    except PydanticCustomError as invalid:
        raise typer.BadParameter(f"{text} {invalid.message()}") from None
