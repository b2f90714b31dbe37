"""A year of wards under one seed each; `make simulate` lives many more of them."""

import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from tests.simulation.run import run

ROOT = Path(__file__).parents[2]
SEEDS = range(1, 9)
# Sets of texts are gone through in another order by another process.
OTHER_ORDERS = ("1", "2")


@pytest.mark.parametrize("seed", SEEDS)
def test_a_year_of_wards_loses_no_alert_and_no_notice(seed: int) -> None:
    try:
        run(seed)
    except Exception as fault:
        fault.add_note(f"seed {seed}; alone: python -m tests.simulation --seeds 1 --from {seed} --log")
        raise


def test_the_same_seed_lives_the_same_year_in_every_process() -> None:
    logs = set()
    for order in OTHER_ORDERS:
        lived = subprocess.run(
            [sys.executable, "-m", "tests.simulation", "--seeds", "1", "--from", "2", "--log"],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": order},
            capture_output=True,
            check=True,
        )
        assert lived.stdout.count(b"\n") > 500
        logs.add(sha256(lived.stdout).hexdigest())
    assert len(logs) == 1
