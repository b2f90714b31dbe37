"""`python -m benchmarks.scale --sizes 1000 100000 --data FOLDER`: every figure of docs/performance.md, part by part."""

import argparse
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from os import cpu_count, getloadavg
from pathlib import Path

from benchmarks.load_cohort import loaded
from benchmarks.scale import delivery, keeping, reading, serving, sweeping
from benchmarks.scale.databases import Place, Server, hospital_server

Part = Callable[[Server, Mapping[int, Place]], Iterator[str]]
# In this order: what adds patients comes last.
PARTS: Mapping[str, Part] = {
    "delivery": lambda server, _places: delivery.measure(server),
    "sweep": lambda _server, places: sweeping.measure(places),
    "lists": lambda _server, places: reading.measure(places),
    "verify": lambda _server, places: keeping.verified(places),
    "backup": keeping.backed_up,
    "post": lambda _server, places: serving.measure(places),
    "import": lambda _server, places: keeping.imported(places),
}


def main() -> None:
    """Load what is not there, measure the chosen parts, and print a line a figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 100_000], help="numbers of patients")
    parser.add_argument("--data", type=Path, help="the folder of the PostgreSQL, kept; otherwise a fresh one, removed")
    parser.add_argument("--only", type=lambda told: told.split(","), default=list(PARTS), help=",".join(PARTS))
    given = parser.parse_args()
    with ExitStack() as stack:
        data = given.data or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="coursewatch-scale-")))
        server = stack.enter_context(hospital_server(data.resolve()))
        needed = any(part != "delivery" for part in given.only)
        places = {size: loaded(server, size) for size in sorted(given.sizes)} if needed else {}
        say = partial(print, flush=True)
        say(f"{cpu_count()} cores, load {getloadavg()[0]:.1f} at the beginning")
        for name in given.only:
            for line in PARTS[name](server, places):
                say(f"{name}: {line}")
        say(f"load {getloadavg()[0]:.1f} at the end")


if __name__ == "__main__":
    main()
