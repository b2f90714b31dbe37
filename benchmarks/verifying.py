"""How long `coursewatch db verify` takes over a healthy database of a thousand patients."""

import csv
import os
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks.server import TREE, coursewatch

COHORT = TREE / "tests" / "data" / "cohort.csv"
PATIENTS = 1_000


def verified(label: str, environment: Mapping[str, str]) -> None:
    """Print the seconds of the whole command and of its own processor time, the median of three each."""
    file = Path(environment["COURSEWATCH_DATA_DIR"]) / "thousand.csv"
    rows = write_cohort(file, PATIENTS)
    coursewatch("import", str(file), environment=environment)
    waited, worked = [], []
    for _ in range(3):
        begun, spent = perf_counter(), processor_seconds()
        coursewatch("db", "verify", environment=environment)
        waited.append(perf_counter() - begun)
        worked.append(processor_seconds() - spent)
    print(
        f"{label}: db verify of {PATIENTS:,} patients, {rows:,} rows: {median(waited):.1f} s, "
        f"{median(worked):.1f} s of them its own processor time",
        flush=True,
    )


def processor_seconds() -> float:
    """Return the processor time of all commands that have ended, in seconds."""
    spent = os.times()
    return spent.children_user + spent.children_system


def write_cohort(file: Path, patients: int) -> int:
    """Write so many patients, those of the cohort again and again under other pseudonyms; return the rows."""
    with COHORT.open(encoding="utf-8", newline="") as source:
        reader = csv.DictReader(source)
        columns, rows = list(reader.fieldnames or ()), list(reader)
    names = list(dict.fromkeys(row["patient"] for row in rows))
    written = 0
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, columns)
        writer.writeheader()
        for turn in range(-(-patients // len(names))):
            wanted = set(names[: patients - turn * len(names)])
            for row in rows:
                if row["patient"] in wanted:
                    writer.writerow(renamed(row, turn))
                    written += 1
    return written


def renamed(row: dict[str, str], turn: int) -> dict[str, str]:
    """Return a row of the cohort for its patient's namesake."""
    names = ("patient", "data.pseudonym", "external_id")
    return row | {name: f"{row[name]}-{turn}" for name in names if row.get(name)}
