"""`make attack`: schemathesis against a ward that is served over real sockets, for as long as one likes."""

import argparse
import logging
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

from api.logs import configure_logs
from tests.api.people import key_of
from tests.api.serving import served
from tests.api.ward import opened_ward
from workflow.persistence.migrations import upgrade
from workflow.services.run_sweep import run_sweep

# The document says shapes; whether a date lies in the future or a start comes too early, only the house can say.
# And here schemathesis takes a body for wrong that leaves out what may be left out; the suite asks that check as well.
LEFT_OUT = "positive_data_acceptance,negative_data_rejection"


def main() -> int:
    """Return 0 where every answer was one that the document describes, and none a server error."""
    parser = argparse.ArgumentParser(prog="python -m tests.api.attacks", description=__doc__)
    parser.add_argument("--examples", type=int, default=200, help="how many requests of each kind a route gets")
    parser.add_argument("--seed", type=int, default=1, help="chance begins here")
    told = parser.parse_args()
    # Between the lines of a report nobody wants one for each request.
    configure_logs(least=logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        database = f"sqlite:///{Path(folder) / 'coursewatch.sqlite3'}"
        upgrade(database)
        with opened_ward(database, Path(folder)) as ward:
            ward.after_first_block()
            # Where nobody sweeps, readiness says so by 503.
            run_sweep(ward.house, "0a1b2c3d")
            with served(ward.client.app) as address:
                return subprocess.run(_command(address, told.examples, told.seed), check=False).returncode


def _command(address: str, examples: int, seed: int) -> list[str]:
    return [
        *(f"{sysconfig.get_path('scripts')}/st", "run", f"{address}/openapi.json"),
        *("--header", f"Authorization: Bearer {key_of('admin')}", "--exclude-checks", LEFT_OUT),
        *("--max-examples", str(examples), "--seed", str(seed), "--continue-on-failure", "--no-color"),
        *("--generation-database", "none", "--warnings", "off"),
    ]


if __name__ == "__main__":
    sys.exit(main())
