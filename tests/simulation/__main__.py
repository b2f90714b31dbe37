"""Lives the years of many seeds, several at a time; a failing seed prints itself and how to live it alone."""

import argparse
import os
import sys
import traceback
from concurrent.futures import ProcessPoolExecutor, as_completed

from tests.simulation.run import run

ALONE = "python -m tests.simulation --seeds 1 --from {seed} --log"


def failure_of(seed: int) -> str | None:
    """Return why a seed fails; None where all is well."""
    try:
        run(seed)
    except Exception:  # noqa: BLE001 -- whatever goes wrong is told with its seed, and the others go on
        return traceback.format_exc()
    return None


def main() -> int:
    """Return 1 where a seed failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=20, help="how many")
    parser.add_argument("--from", type=int, default=1, dest="first", help="the first of them")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="how many at a time")
    parser.add_argument("--log", action="store_true", help="print what happens in them, one after the other")
    told = parser.parse_args()
    seeds = range(told.first, told.first + told.seeds)
    if told.log:
        for seed in seeds:
            lived: list[str] = []
            try:
                run(seed, lived)
            finally:
                sys.stdout.writelines(f"{line}\n" for line in lived)
        return 0
    failed = 0
    with ProcessPoolExecutor(told.workers) as pool:
        waiting = {pool.submit(failure_of, seed): seed for seed in seeds}
        for number, done in enumerate(as_completed(waiting), start=1):
            why = done.result()
            if why is not None:
                failed += 1
                seed = waiting[done]
                sys.stderr.write(f"\n{why}seed {seed} failed; alone: {ALONE.format(seed=seed)}\n")
            if sys.stderr.isatty() or number == told.seeds:
                sys.stderr.write(f"\r{number} of {told.seeds} seeds, {failed} failed ")
                sys.stderr.flush()
    sys.stderr.write("\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
