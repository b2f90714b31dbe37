"""The first admin key: left in a private file before it opens anything, and never in place of another one."""

import errno
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event

from workflow import bootstrap
from workflow.cli.serving import CannotWriteKeyError, KeyFileTakenError, make_first_key
from workflow.services import manage_keys
from workflow.services.authenticate import authenticate
from workflow.services.house import House
from workflow.settings import Settings


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[House]:
    """Open a house without a key, on a database of each kind."""
    environment = {"COURSEWATCH_DATABASE": database_url, "COURSEWATCH_DATA_DIR": str(tmp_path / "data")}
    opened = bootstrap.build(Settings.from_environment(environment))
    yield opened
    opened.close()


def test_the_key_in_the_file_opens_the_house(house: House, tmp_path: Path) -> None:
    make_first_key(house, tmp_path / "data")
    file = tmp_path / "data" / "admin.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert authenticate(house, file.read_text(encoding="ascii").strip()) is not None
    make_first_key(house, tmp_path / "data")
    assert len(manage_keys.listed(house)) == 1


def test_the_key_of_another_database_is_never_overwritten(house: House, tmp_path: Path) -> None:
    file = tmp_path / "data" / "admin.key"
    file.write_text("cw_another_key\n", encoding="ascii")
    with pytest.raises(KeyFileTakenError, match=r"admin\.key exists .* move it away, or set COURSEWATCH_DATA_DIR"):
        make_first_key(house, tmp_path / "data")
    assert file.read_text(encoding="ascii") == "cw_another_key\n"
    assert manage_keys.listed(house) == ()
    file.unlink()
    make_first_key(house, tmp_path / "data")
    assert len(manage_keys.listed(house)) == 1


def test_a_key_that_cannot_be_written_is_not_made(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(CannotWriteKeyError, match="cannot be written: No space left on device"):
            make_first_key(house, tmp_path / "data")
    assert not (tmp_path / "data" / "admin.key").exists()
    assert manage_keys.listed(house) == ()


def test_a_commit_of_unknown_end_leaves_the_file_that_may_hold_the_key(house: House, tmp_path: Path) -> None:
    file = tmp_path / "data" / "admin.key"

    def lost(_connection: object) -> None:
        # Asking for the keys is committed as well, with its access row.
        if file.exists():
            raise ConnectionError("lost")

    event.listen(house.database.writer, "commit", lost)
    with pytest.raises(ConnectionError):
        make_first_key(house, tmp_path / "data")
    event.remove(house.database.writer, "commit", lost)
    assert file.exists()


KILLED = """
import os
from pathlib import Path
from sqlalchemy import event
from workflow import bootstrap
from workflow.cli.serving import make_first_key
from workflow.settings import Settings

settings = Settings.from_environment(os.environ)
house = bootstrap.build(settings)
file = settings.data_dir / "admin.key"
event.listen(house.database.writer, "commit", lambda *_: os._exit(137) if file.exists() else None)
make_first_key(house, settings.data_dir)
"""


def test_a_start_that_is_killed_leaves_no_key_that_nobody_has(house: House, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "COURSEWATCH_DATABASE": house.settings.database,
        "COURSEWATCH_DATA_DIR": str(tmp_path / "data"),
    }
    killed = subprocess.run([sys.executable, "-c", KILLED], check=False, env=environment)
    assert killed.returncode == 137
    assert manage_keys.listed(house) == ()
    with pytest.raises(KeyFileTakenError, match="an interrupted start left it"):
        make_first_key(house, tmp_path / "data")
