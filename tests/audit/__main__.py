"""`make audit`: fails where a pinned package is known to be vulnerable; says so where no source answers."""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from tests.audit.findings import Audit, judged, read_audit, read_leaves
from workflow.clock import utc_now

ROOT = Path(__file__).parents[2]
LOCKS = (ROOT / "requirements.lock", ROOT / "requirements-dev.lock")
EXCEPTIONS = Path(__file__).parent / "exceptions.toml"
TIMEOUT_SECONDS = 15
# `required` makes it a failure where nobody answers.
MODE = "AUDIT"
# Another source that is asked as https://api.osv.dev/v1/query is, like a mirror within the house.
SOURCE = "AUDIT_URL"


def main() -> int:
    """Return 0 where nothing is known against what is pinned, or nobody could be asked; 1 otherwise."""
    parser = argparse.ArgumentParser(prog="python -m tests.audit", description=__doc__)
    parser.add_argument("--lock", type=Path, action="append", help="a lock file; default: both of this tree")
    parser.add_argument("--exceptions", type=Path, default=EXCEPTIONS, help="what was looked at and may stay")
    told = parser.parse_args()
    leaves = read_leaves(told.exceptions)
    audit, why_not = audited(told.lock or LOCKS)
    if audit is None or len(audit.unasked) == audit.packages:
        counted = "" if audit is None else f" ({len(audit.unasked)} of {audit.packages} packages)"
        sys.stderr.write(f"NOT AUDITED: no vulnerability source answered{counted}.{why_not}\n")
        return 1 if os.environ.get(MODE) == "required" else 0
    fails, notes = judged(audit, leaves, utc_now().date())
    sys.stderr.writelines(f"{line}\n" for line in (*notes, *fails, _summary(audit, fails)))
    incomplete = bool(audit.unasked) and os.environ.get(MODE) == "required"
    return 1 if fails or incomplete else 0


def _summary(audit: Audit, fails: list[str]) -> str:
    asked = audit.packages - len(audit.unasked)
    unasked = f"; NOT AUDITED: {', '.join(audit.unasked)}" if audit.unasked else ""
    return f"Audited {asked} of {audit.packages} packages: {len(fails)} to be mended{unasked}."


def audited(locks: list[Path] | tuple[Path, ...]) -> tuple[Audit | None, str]:
    """Return the audit of these lock files; None with the reason where the source could not be asked."""
    source = os.environ.get(SOURCE)
    command = [
        *(sys.executable, "-m", "pip_audit", "--format", "json", "--require-hashes", "--disable-pip"),
        *("--progress-spinner", "off", "--timeout", str(TIMEOUT_SECONDS), "--aliases", "on"),
        *(argument for lock in locks for argument in ("--requirement", str(lock))),
        *(("--vulnerability-service", "osv", "--osv-url", source) if source else ()),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        return read_audit(json.loads(done.stdout)["dependencies"]), ""
    except (ValueError, KeyError):
        # Where the source cannot be reached, it ends with a fault of its own instead of an answer.
        last = (done.stderr.strip().splitlines() or ["pip-audit said nothing"])[-1]
        return None, f" {last[:300]}"


if __name__ == "__main__":
    sys.exit(main())
