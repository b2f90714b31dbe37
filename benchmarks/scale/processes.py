"""Processes of Coursewatch as a hospital runs them, with the most memory that each has taken."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from benchmarks.server import TREE


class CommandFailedError(Exception):
    """A command that is measured did not end well, so its time means nothing."""


@dataclass(frozen=True, slots=True)
class Ran:
    """A command that ended: how long it took, its own processor time, and the most memory it had."""

    seconds: float
    processor_seconds: float
    most_megabytes: float


def ran(*arguments: str, environment: Mapping[str, str]) -> Ran:
    """Run a command of Coursewatch to its end; raises CommandFailedError."""
    command = [sys.executable, "-m", "workflow.cli", *arguments]
    begun = perf_counter()
    process = subprocess.Popen(  # noqa: S603, RUF100 -- waited for below, with what it has used
        command, env=os.environ | environment, cwd=TREE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stderr.close()
    if process.returncode != 0:
        raise CommandFailedError(f"{' '.join(arguments[:2])}: {said.decode()[-500:]}")
    return Ran(perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / 1000)


@contextmanager
def running(*arguments: str, environment: Mapping[str, str]) -> Iterator[int]:
    """Run a command of Coursewatch that ends when it is told to, and give its process's id."""
    command = [sys.executable, "-m", "workflow.cli", *arguments]
    with subprocess.Popen(
        command, env=os.environ | environment, cwd=TREE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield process.pid
        finally:
            process.terminate()


def most_megabytes(process: int) -> float:
    """Return the most memory that a running process has had so far."""
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
    return float(line.split()[1]) / 1000


def processor_seconds(process: int) -> float:
    """Return the processor time that a running process has used so far, in seconds."""
    # Behind the name of the program, which may hold spaces: state first, user and system time 12th and 13th.
    told = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")
