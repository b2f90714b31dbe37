"""A ward with two sealed courses, a folder for its backups, and the ways in which a backup goes bad."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.databases import PostgresqlServer, Urls
from tests.integration.cli.running import Finished, coursewatch
from tests.integration.recorded import Recorded
from workflow.services.seal_chains import seal_chains

BACKUP = "ward.backup"


@dataclass(frozen=True, slots=True)
class Ward:
    """Two recorded courses, the folder in which commands run, and the folder in which a drill works."""

    courses: Recorded
    office: Path
    scratch: Path
    seal: str
    server: PostgresqlServer | None

    @property
    def dialect(self) -> str:
        """Which kind of database it is."""
        return self.courses.house.database.dialect

    @property
    def file(self) -> Path:
        """Where the backup of a test stands."""
        return self.office / BACKUP

    @property
    def secret_file(self) -> Path:
        """The secret file of the installation."""
        return self.courses.house.settings.secret_file

    def backed_up(self) -> Path:
        """Make a backup as the owner, and return its file."""
        finished = coursewatch("db", "backup", self.file)
        assert (finished.code, finished.out) == (0, f"{self.file}\n"), finished.err
        return self.file

    def manifest(self) -> dict[str, Any]:
        """Return the manifest of the backup."""
        read: dict[str, Any] = json.loads(self.told.read_text(encoding="utf-8"))
        return read

    @property
    def told(self) -> Path:
        """Where the manifest of the backup stands."""
        return self.office / f"{BACKUP}.json"

    def retell(self, **changes: object) -> None:
        """Change the manifest of the backup; `part__name` is a name of a part."""
        manifest = self.manifest()
        for path, value in changes.items():
            *parts, name = path.split("__")
            of = manifest
            for part in parts:
                of = of[part]
            of[name] = value
        self.told.write_text(json.dumps(manifest), encoding="utf-8")

    def retell_as_whole(self) -> None:
        """Let the manifest be that of the file as it is now."""
        whole = self.file.read_bytes()
        self.retell(size_bytes=len(whole), sha256=sha256(whole).hexdigest())

    @contextmanager
    def as_it_was_afterwards(self) -> Iterator[None]:
        """Put the backup, its manifest and the secret back, whatever becomes of them."""
        kept = {path: path.read_bytes() for path in (self.file, self.told, self.secret_file)}
        yield
        for path, content in kept.items():
            path.write_bytes(content)
            path.chmod(0o600)

    def drilled(self, *arguments: object) -> Finished:
        """Do the drill."""
        return coursewatch("db", "drill", self.file, *arguments)

    def leftovers(self) -> list[str]:
        """Name what a command has left behind besides what it was asked for."""
        left = [path.name for path in self.scratch.iterdir()]
        left += [path.name for path in self.office.iterdir() if not path.name.startswith(BACKUP)]
        if self.server is not None:
            with psycopg.connect(self.courses.urls.owner) as connection:
                found = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'coursewatch_drill_%'")
                left += [str(name) for (name,) in found]
        return left

    @contextmanager
    def empty(self) -> Iterator[Urls]:
        """Give a database of the same kind without any table."""
        if self.server is None:
            url = f"sqlite:///{self.office.parent / 'restored.sqlite3'}"
            yield Urls(owner=url, app=url)
            return
        urls = self.server.empty()
        yield urls
        self.server.drop(urls)


@contextmanager
def opened(
    courses: Recorded, folder: Path, server: PostgresqlServer | None, environment: pytest.MonkeyPatch
) -> Iterator[Ward]:
    """Let commands run as the owner of the database of these courses, which are sealed."""
    (seal,) = seal_chains(courses.house)
    office, scratch = folder / "office", folder / "scratch"
    office.mkdir()
    scratch.mkdir()
    environment.chdir(office)
    environment.setattr(tempfile, "tempdir", str(scratch))
    environment.setenv("COURSEWATCH_DATABASE", courses.urls.owner)
    environment.setenv("COURSEWATCH_DATA_DIR", str(courses.house.settings.data_dir))
    if server is not None:
        environment.setenv("COURSEWATCH_PG_BIN", str(server.programs))
    yield Ward(courses, office, scratch, seal.hash, server)


def flip_a_byte(file: Path) -> None:
    """Change one bit in the middle of a file."""
    whole = bytearray(file.read_bytes())
    whole[len(whole) // 2] ^= 1
    file.write_bytes(whole)


def cut_short(file: Path) -> None:
    """Leave the first half of a file."""
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])


def program(folder: Path, name: str, script: str) -> Path:
    """Put a program of the shell in the place of one of PostgreSQL's; return its folder."""
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}", encoding="utf-8")
    file.chmod(0o755)
    return folder
