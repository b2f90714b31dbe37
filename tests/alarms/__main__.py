"""Makes every alert fire by a real fault and sees it end; takes about ten minutes (`make check-alerts`)."""

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

from tests.alarms.faults import FAULTS, Fault
from tests.alarms.installation import Installation, installed
from tests.alarms.rules import MONITORING, alert_names
from tests.alarms.watcher import NeverFiredError, Watcher, watching

PREFIX = "Coursewatch"
FIRES_WITHIN_SECONDS = 240.0
ENDS_WITHIN_SECONDS = 240.0
QUIET_WITHIN_SECONDS = 120.0
# Longer than any rule waits here.
QUIET_LOOKS = 20
PROMTOOL = (
    ("check", "rules", "alerts.yaml"),
    ("check", "config", "prometheus.yml"),
    ("test", "rules", "alerts_test.yaml"),
)


def tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def tried(fault: Fault, installation: Installation, watcher: Watcher) -> list[str]:
    """Make a fault, and return the alerts that did not fire or did not end."""
    missed = []
    wanted = {f"{PREFIX}{name}" for name in fault.alerts}
    tell(f"{fault.what}:")
    with contextmanager(fault.make)(installation):
        for name in fault.alerts:
            try:
                seconds = watcher.wait(_fires(PREFIX + name), FIRES_WITHIN_SECONDS, f"{name} fires")
            except NeverFiredError as never:
                missed.append(name)
                tell(f"  {never}")
            else:
                tell(f"  {PREFIX + name} fires after {seconds:.0f} s more")
    ends = wanted - {f"{PREFIX}{name}" for name in fault.stays}
    if ends:
        try:
            seconds = watcher.wait(lambda now: not ends & now, ENDS_WITHIN_SECONDS, "mended, and quiet again")
        except NeverFiredError as never:
            missed += sorted(ends)
            tell(f"  {never}")
        else:
            tell(f"  mended: quiet after {seconds:.0f} s")
    return missed


def _fires(name: str) -> Callable[[set[str]], bool]:
    return lambda now: name in now


def _quiet_for(looks: int) -> Callable[[set[str]], bool]:
    """Return what is reached when so many looks in a row have found nothing firing."""
    silent = [0]

    def quiet(now: set[str]) -> bool:
        silent[0] = 0 if now else silent[0] + 1
        return silent[0] >= looks

    return quiet


def main() -> int:
    """Return 1 where an alert did not do what it should."""
    parser = argparse.ArgumentParser(prog="python -m tests.alarms", description=__doc__)
    parser.add_argument("--only", help="the faults that cause this alert")
    chosen = parser.parse_args().only
    missing = [name for name in ("prometheus", "promtool") if shutil.which(name) is None]
    if missing:
        tell(f"SKIPPED: {', '.join(missing)} not found; on Debian and Ubuntu: apt-get install -y prometheus")
        return 0
    for act in PROMTOOL:
        tell(f"promtool {' '.join(act)}")
        subprocess.run(("promtool", *act), cwd=MONITORING, check=True)
    faults = [fault for fault in FAULTS if chosen in (None, *fault.alerts)]
    missed: list[str] = []
    with (
        tempfile.TemporaryDirectory(prefix="coursewatch-alarms-") as folder,
        installed(Path(folder)) as installation,
        watching(Path(folder), installation.targets()) as watcher,
    ):
        seconds = watcher.wait(_quiet_for(QUIET_LOOKS), QUIET_WITHIN_SECONDS, "all is quiet")
        tell(f"nothing is wrong: no alert fires (after {seconds:.0f} s)")
        for fault in faults:
            missed += tried(fault, installation, watcher)
    untried = set(alert_names()) - {f"{PREFIX}{name}" for fault in FAULTS for name in fault.alerts}
    tell(f"{len(alert_names())} alerts; not made to fire: {', '.join(sorted({*missed, *untried})) or 'none'}")
    return 1 if missed or untried else 0


sys.exit(main())
