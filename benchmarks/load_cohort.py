"""Makes a PostgreSQL database of many patients: `python -m benchmarks.load_cohort --patients 100000 --data FOLDER`."""

import argparse
from pathlib import Path
from time import perf_counter

from benchmarks.scale.databases import Place, Server, connected, hospital_server
from benchmarks.scale.loading import load

# What is measured adds patients: a small database is made anew when it is not of its size any more.
MOST_GROWN, LEAST = 1.5, 300


def main() -> None:
    """Load so many patients into the database of that size, unless it is there, and tell what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, required=True, help="how many patients")
    parser.add_argument("--data", type=Path, required=True, help="the folder of the PostgreSQL, made if need be")
    given = parser.parse_args()
    with hospital_server(given.data.resolve()) as server:
        loaded(server, given.patients)


def loaded(server: Server, patients: int) -> Place:
    """Return the database of so many patients, loaded first where it is not there, or has grown by half."""
    name = f"load_{patients}"
    found = server.existing(name)
    if found is not None and _patients(found) < MOST_GROWN * max(patients, LEAST):
        return found
    begun = perf_counter()
    place = server.made(name)
    load(place, patients)
    with connected(server.admin) as connection:
        connection.execute("CHECKPOINT")
    server.finish(name)
    took = perf_counter() - begun
    with connected(place.superuser) as connection:
        row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    assert row is not None
    size, there = row[0], _patients(place)
    print(
        f"loaded {there:,} patients in {took:,.0f} s: {size / 1e9:.2f} GB, {size / there / 1000:.1f} kB a patient",
        flush=True,
    )
    return place


def _patients(place: Place) -> int:
    with connected(place.superuser) as connection:
        row = connection.execute("SELECT count(*) FROM patient").fetchone()
    assert row is not None
    return int(row[0])


if __name__ == "__main__":
    main()
