"""What an administrator does at each size: check the database, back it up, import into it."""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks.scale.databases import Place, Server
from benchmarks.scale.ending import end_courses
from benchmarks.scale.processes import ran
from benchmarks.server import postgresql_programs
from benchmarks.verifying import COHORT
from workflow.identifiers import new_key_id

# A check of a million takes more than an hour: what it costs a patient is told by the smaller sizes.
VERIFY_AT_MOST, BACK_UP_AT_MOST = 100_000, 1_000_000
IMPORTED = "IMP-"


def verified(places: Mapping[int, Place]) -> Iterator[str]:
    """Yield how long a check takes a patient, and the memory it takes."""
    for size, place in places.items():
        if size > VERIFY_AT_MOST:
            continue
        check = ran("db", "verify", environment=place.environment)
        yield (
            f"{size:,} patients: {check.seconds:,.1f} s, {check.seconds / size * 1000:.2f} ms a patient, "
            f"{check.processor_seconds:,.1f} s of them its own processor time, {check.most_megabytes:,.0f} MB"
        )


def backed_up(server: Server, places: Mapping[int, Place]) -> Iterator[str]:
    """Yield how long a backup takes, and how large it is."""
    for size, place in places.items():
        if size > BACK_UP_AT_MOST:
            continue
        file = server.data / f"backup-{size}-{new_key_id()}"
        environment = place.environment | {
            "COURSEWATCH_DATABASE": place.owner,
            "COURSEWATCH_PG_BIN": str(postgresql_programs()),
        }
        made = ran("db", "backup", str(file), environment=environment)
        bytes_written = file.stat().st_size
        file.unlink()
        Path(f"{file}.json").unlink()
        yield (
            f"{size:,} patients: {made.seconds:,.1f} s, {bytes_written / 1e6:,.1f} MB, "
            f"{bytes_written / size / 1000:.1f} kB a patient, {made.most_megabytes:,.0f} MB of memory"
        )


def imported(places: Mapping[int, Place]) -> Iterator[str]:
    """Yield the rows a second of an import of the cohort into each database, and the memory it takes."""
    for size, place in places.items():
        file = place.folder / f"import-{size}.csv"
        rows = _write_import(file)
        done = ran("import", str(file), environment=place.environment)
        file.unlink()
        end_courses(place, IMPORTED)
        yield (
            f"{rows:,} rows into {size:,} patients: {done.seconds:,.1f} s, {rows / done.seconds:,.0f} rows/s, "
            f"{done.processor_seconds:,.1f} s its own processor time, {done.most_megabytes:,.0f} MB"
        )


def _write_import(file: Path) -> int:
    """Write the cohort under names that no patient has yet; return its rows."""
    new = new_key_id()
    with COHORT.open(encoding="utf-8", newline="") as source:
        reader = csv.DictReader(source)
        columns, rows = list(reader.fieldnames or ()), list(reader)
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, columns)
        writer.writeheader()
        for row in rows:
            named = {name: f"{IMPORTED}{new}-{row[name]}" for name in ("patient", "data.pseudonym") if row.get(name)}
            writer.writerow(row | named)
    return len(rows)
