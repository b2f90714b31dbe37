"""Moves the clock of a running process: libfaketime, loaded before anything else, reads the offset from a file."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

from tests.pages.browser import may_install, one_at_a_time
from workflow.clock import utc_now

# For machines that the wheel's library is not built for.
INSTALL = ("apt-get", "install", "--yes", "--quiet", "--no-install-recommends", "libfaketime")
SYSTEMS_OWN = "*/faketime/libfaketime.so.1"
PROBE = (sys.executable, "-c", "import time; print(time.time())")
READABLE = 0o755


class NoMovedClockError(RuntimeError):
    """The clock tests need libfaketime: on Debian or Ubuntu, as root, run `apt-get install -y libfaketime`."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


@dataclass(frozen=True, slots=True)
class MovedClock:
    """An offset from the true time, for every process started with `environment`; the monotonic clock stays true."""

    folder: Path

    @property
    def environment(self) -> Mapping[str, str]:
        """What a process is started with so that its clock can be moved while it runs."""
        return {
            "LD_PRELOAD": str(self.folder / "libfaketime.so.1"),
            "FAKETIME_TIMESTAMP_FILE": str(self.folder / "offset"),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DONT_RESET": "1",
        }

    def move(self, offset: timedelta) -> None:
        """Let the processes' clocks be so much ahead of the true time, or behind it, from now on."""
        written = self.folder / "offset.next"
        written.write_text(f"{offset.total_seconds():+.0f}\n", encoding="ascii")
        written.chmod(READABLE)
        # Whoever reads meanwhile reads a whole number.
        written.replace(self.folder / "offset")


def moved_clock(folder: Path) -> MovedClock:
    """Return a clock in this folder, true for now; raises NoMovedClockError where there is no way to move one."""
    folder.chmod(READABLE)
    for library in _libraries():
        shutil.copyfile(library, folder / "libfaketime.so.1")
        (folder / "libfaketime.so.1").chmod(READABLE)
        clock = MovedClock(folder)
        clock.move(timedelta(days=1))
        if _moves(clock):
            clock.move(timedelta(0))
            return clock
    raise NoMovedClockError


def _libraries() -> Iterator[Path]:
    spec = find_spec("libfaketime")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        yield from Path(place).glob("vendor/*/src/libfaketime.so.1")
    yield from Path("/usr/lib").glob(SYSTEMS_OWN)
    if may_install():
        with one_at_a_time():
            environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            for command in (("apt-get", "update", "--quiet"), INSTALL):
                subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)
        yield from Path("/usr/lib").glob(SYSTEMS_OWN)


def _moves(clock: MovedClock) -> bool:
    # Where the library is another machine's, the probe runs without it, by the true time.
    told = subprocess.run(
        PROBE, env=os.environ | clock.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True
    )
    return datetime.fromtimestamp(float(told.stdout), UTC) > utc_now() + timedelta(hours=12)
