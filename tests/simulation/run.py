"""One seed from beginning to end, on real storage in a folder of its own."""

import shutil
import tempfile
from functools import cache
from pathlib import Path
from random import Random

from tests.databases import migrated_sqlite_file
from tests.integration.alerts.hospitals import Hospitals
from tests.simulation.clocks import SimulatedClock, ids_by_seed
from tests.simulation.endings import go_quiet, require_all_well
from tests.simulation.world import World

# In memory, where there is such a folder: what is tried is what is stored, not the disk.
_IN_MEMORY = Path("/dev/shm")  # noqa: S108 -- each run makes a folder of its own in it


def run(seed: int, told: list[str] | None = None) -> list[str]:
    """Live the year of a seed and return the log of what happened; raises AssertionError where something is wrong.

    The log is kept in `told`, where one is given: so far it is there for a year that goes wrong, too.
    """
    folder = Path(tempfile.mkdtemp(prefix="coursewatch-simulation-", dir=_IN_MEMORY if _IN_MEMORY.is_dir() else None))
    try:
        file = folder / "coursewatch.sqlite3"
        file.write_bytes(_template())
        clock = SimulatedClock()
        with ids_by_seed(seed, clock):
            hospitals = Hospitals(f"sqlite:///{file}", folder, clock)
            try:
                world = World(hospitals, clock, Random(seed), told=[] if told is None else told)
                world.live()
                go_quiet(world)
                require_all_well(world)
                return world.told
            finally:
                hospitals.house.close()
    finally:
        shutil.rmtree(folder)


@cache
def _template() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return migrated_sqlite_file(Path(folder)).read_bytes()
