"""A running pair of processes is upgraded while people work: no request fails, and nothing is lost or done twice."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.api.people import key_of, settle_in
from tests.databases import Urls
from tests.integration.races.processes import ApiProcess
from tests.integration.recorded import course, unguarded
from tests.integration.upgrade.balancing import Person, at_work, balancing
from tests.integration.upgrade.next_release import REVISION, make_next_release
from workflow import bootstrap
from workflow.bootstrap import build, migrate
from workflow.clock import utc_now
from workflow.domain.actor import LOCAL_ADMIN
from workflow.persistence.migrations import current_revision
from workflow.persistence.outcome import SEVERAL_RULES
from workflow.services import sites
from workflow.services.house import House
from workflow.services.run_sweep import run_sweep
from workflow.services.verify_database import Hearing, verify_database
from workflow.settings import Settings

PEOPLE, PATIENTS_EACH = 2, 4
# Several checks of the balancer long.
DRAIN_SECONDS = "0.5"


def environment_of(database_url: str, folder: Path, tree: Path | None) -> dict[str, str]:
    """Return the environment of a process; one of another release finds its packages first, and keeps them compiled."""
    environment = {
        "COURSEWATCH_DATABASE": database_url,
        "COURSEWATCH_DATA_DIR": str(folder),
        "COURSEWATCH_SECRET_FILE": str(folder / "chain.secret"),
        "COURSEWATCH_DRAIN": DRAIN_SECONDS,
    }
    return environment if tree is None else environment | {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": ""}


def settle(house: House) -> list[str]:
    """Give everybody a key and let a first sweep pass; return the ids of the patients."""
    settle_in(house.database, utc_now)
    sites.put(house, LOCAL_ADMIN, "berlin", {"time_zone": "Europe/Berlin"})
    patients = [course(house, f"A-{number}") for number in range(PEOPLE * PATIENTS_EACH)]
    run_sweep(house, "0a1b2c3d")
    return patients


def upgraded_by(tree: Path, environment: Mapping[str, str]) -> str:
    """Run `db upgrade` of another release as the owner, and return what it said."""
    finished = subprocess.run(
        [sys.executable, "-m", "workflow.cli", "db", "upgrade"],
        cwd=tree,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return finished.stderr


@pytest.mark.parametrize("database_urls", ["postgresql"], indirect=True)
def test_a_running_pair_is_upgraded_without_a_failed_request(
    database_urls: Urls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = tmp_path / "next"
    generation = make_next_release(tree)
    before, after = (environment_of(database_urls.app, tmp_path, release) for release in (None, tree))
    house = build(Settings.from_environment(before))
    patients = settle(house)
    started: list[ApiProcess] = []
    try:
        with balancing() as balancer:
            old = [ApiProcess(before) for _ in range(2)]
            started += old
            for each in old:
                balancer.add(each.port())
            people = [
                Person(f"note {number}", key_of("admin"), balancer, tuple(patients[number::PEOPLE]))
                for number in range(PEOPLE)
            ]
            with at_work(people):
                said = upgraded_by(tree, after | {"COURSEWATCH_DATABASE": database_urls.owner})
                assert f"The database is at {REVISION} now." in said
                assert "Folded anew: " in said
                # They go on beside the new tables, and are found ready.
                assert balancer.taken_out == []
                for each in old:
                    new = ApiProcess(after, tree)
                    started.append(new)
                    balancer.add(new.port())
                    each.end()
                    assert each.process.returncode == 0
        assert [failure for person in people for failure in person.failures] == []
        assert balancer.taken_out == [each.port() for each in old]
    finally:
        for each in started:
            each.end()
    assert [line for each in started for line in each.failures()] == []
    assert current_revision(database_urls.owner) == REVISION
    assert min(len(person.notes) for person in people) > 0
    assert min(person.reads for person in people) > 0

    noted = Counter(note for person in people for note in person.notes)
    assert noted == notes_stored(database_urls)
    house.close()
    # Whom the old processes recorded after the upgrade, the last step of the upgrade folds anew: the same command.
    assert stale(database_urls) > 0
    monkeypatch.setattr(bootstrap, "RULES_GENERATION", generation)
    migrate(Settings.from_environment(before).with_(database=database_urls.owner))
    house = build(Settings.from_environment(before))
    found: list[str] = []
    verify_database(house, LOCAL_ADMIN, Hearing(found=lambda finding: found.append(finding.line)))
    house.close()
    assert found == []


def notes_stored(urls: Urls) -> Counter[str]:
    """Return how often each note is on file."""
    with unguarded(urls) as connection:
        stored = connection.exec_driver_sql("SELECT payload::json ->> 'text' FROM fact WHERE type = 'note_added'")
        return Counter(stored.scalars())


def stale(urls: Urls) -> int:
    """Return how many patients the rules of both releases wrote."""
    with unguarded(urls) as connection:
        counted = connection.exec_driver_sql("SELECT count(*) FROM patient WHERE engine = %s", (SEVERAL_RULES,))
        return int(counted.scalar_one())
