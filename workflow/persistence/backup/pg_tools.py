"""Runs PostgreSQL's own pg_dump and pg_restore: no shell, no password among the arguments, no row in an error."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from psycopg.conninfo import make_conninfo
from psycopg.pq import Conninfo
from sqlalchemy import URL
from sqlalchemy.dialects import registry

from workflow.persistence.backup.errors import ToolError

_VERSION = re.compile(r"\(PostgreSQL\) (?P<whole>(?P<major>\d+)\S*)")
# From here on pg_dump writes, and pg_restore says, what a server before it does not understand.
TRANSACTION_TIMEOUT_SINCE = 17
# What is known to be said, and what to do about it. Anything else may quote a row, so it is not shown.
_SAID: tuple[tuple[str, str], ...] = (
    (r"no space left|could not write|file too large", "there is no space left where it writes"),
    (r"row-level security|row security", "row-level security keeps rows from this role: run it as the tables' owner"),
    (r"lock timeout", "somebody holds a table for longer than half a minute, like an upgrade; try again"),
    (r"permission denied|must be owner", "this role may not do it: run it as the owner of the tables"),
    (
        r"unrecognized configuration parameter",
        "it is of a newer release than the server and says what that does not know",
    ),
    (r"unsupported version", "the backup was made by a newer pg_dump than this pg_restore"),
    (r"role .* does not exist", "a role that the tables name is missing: CREATE ROLE, as for a new installation"),
    (r"could not read|unexpected end|input file|corrupt|could not uncompress|valid archive", "the file is damaged"),
    (r"connection to server|could not connect|server closed|terminat", "the server could not be reached, or stopped"),
    (r"already exists", "the database is not empty"),
)


@dataclass(frozen=True, slots=True)
class Tool:
    """One of PostgreSQL's programs and its release."""

    name: str
    path: str
    version: str
    major: int


def find_tool(name: str, folder: Path | None) -> Tool:
    """Return a program from this folder, or from PATH; raises ToolError saying how to come by it."""
    found = shutil.which(name, path=str(folder) if folder else None)
    if found is None:
        raise ToolError(
            f"{name} is not {f'in {folder}' if folder else 'on PATH'}: install PostgreSQL's client programs (Debian: "
            "apt-get install postgresql-client), or name their folder in COURSEWATCH_PG_BIN"
        )
    with _started(found, "--version") as asked:
        assert asked.stdout is not None
        told = _VERSION.search(asked.stdout.read())
    if told is None:
        raise ToolError(f"{found} does not say which release of PostgreSQL it belongs to")
    return Tool(name, found, told["whole"], int(told["major"]))


def run_tool(tool: Tool, arguments: Sequence[str], url: URL, hear: Callable[[str], None]) -> None:
    """Run a program on a database and let `hear` have each line that it says; raises ToolError where it fails."""
    where, password = connection_of(url)
    told = (f"--dbname={where}", "--no-password", "--verbose", *arguments)
    error: str | None = None
    with _started(tool.path, *told, environment={} if password is None else {"PGPASSWORD": password}) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                hear(line)
                if error is None and re.search(r"\b(error|ERROR|FATAL):", line):
                    error = line
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        raise ToolError(f"{tool.name} failed: {explained(error, process.returncode)}")


def _started(path: str, *arguments: str, environment: dict[str, str] | None = None) -> subprocess.Popen[str]:
    """Start a program; what it says is read from one pipe, in English, for that is the language it is compared in."""
    # S603 asks whether a stranger could choose what runs. It is PostgreSQL's program of that name, from the folder of
    # whoever runs this command, and no shell reads what it is given: one word of the list is one argument.
    return subprocess.Popen(  # noqa: S603 -- no stranger chooses it
        [path, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=os.environ | {"LC_ALL": "C"} | (environment or {}),
        text=True,
        errors="replace",
    )


def explained(error: str | None, code: int) -> str:
    """Say what is known about a failed program, without a word of what it said itself: that may quote a row."""
    known = (why for pattern, why in _SAID if re.search(pattern, error or "", re.IGNORECASE))
    if code < 0:
        return next(known, f"it was ended by signal {-code}; the disk may be full, or a limit was reached")
    return next(known, f"exit code {code}; what it said is not shown, for it may quote a patient's data")


def connection_of(url: URL) -> tuple[str, str | None]:
    """Return how a program of PostgreSQL reaches the database, without the password, and the password apart."""
    _, named = registry.load("postgresql.psycopg")().create_connect_args(url)
    known = {option.keyword.decode() for option in Conninfo.get_defaults()}
    given = {name: value for name, value in named.items() if name in known}
    password = given.pop("password", None)
    if "sslpassword" in given:
        raise ToolError("a password of a TLS key would be shown among the arguments; use a key file without one")
    return make_conninfo(**given), None if password is None else str(password)
