"""A running pair of processes is upgraded while people work: no request fails, and nothing is lost or done twice."""

import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

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


@pytest.mark.parametrize("database_urls", ["postgresql"], indirect=True)
def test_a_running_pair_is_upgraded_without_a_failed_request(
    database_urls: Urls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = tmp_path / "next"
    generation = make_next_release(tree)
    settings = Settings.from_environment(environment_of(database_urls.app, tmp_path, None))
    house = build(settings)
    patients = settle(house)
    house.close()

    with Releases(database_urls, tmp_path, tree) as releases, balancing() as balancer:
        old = [releases.start_old(), releases.start_old()]
        for each in old:
            balancer.add(each.port())
        people = [
            Person(f"note {number}", key_of("admin"), balancer, tuple(patients[number::PEOPLE]))
            for number in range(PEOPLE)
        ]
        with at_work(people):
            said = releases.upgrade()
            # They go on beside the new tables, and are found ready.
            assert balancer.taken_out == []
            for each, new in zip(old, [releases.start_new(), releases.start_new()], strict=True):
                balancer.add(new.port())
                each.end()
                assert each.process.returncode == 0
    assert f"The database is at {REVISION} now." in said
    assert "Folded anew: " in said
    assert [failure for person in people for failure in person.failures] == []
    assert balancer.taken_out == [each.port() for each in old]
    assert min(min(len(person.notes), person.reads) for person in people) > 0
    assert notes_stored(database_urls) == Counter(note for person in people for note in person.notes)

    # Whom the old processes recorded after the upgrade, the last step of the upgrade folds anew: the same command.
    assert written_by_both(database_urls) > 0
    monkeypatch.setattr(bootstrap, "RULES_GENERATION", generation)
    migrate(settings.with_(database=database_urls.owner))
    assert findings(settings) == []


@dataclass(slots=True)
class Releases:
    """Processes of this release and of the next one, on one database; none may fail by a fault of its own."""

    urls: Urls
    folder: Path
    tree: Path
    started: list[ApiProcess] = field(default_factory=list)

    def __enter__(self) -> Self:
        """Start nothing yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """End everything that was started."""
        for each in self.started:
            each.end()
        assert [line for each in self.started for line in each.failures()] == []

    def start_old(self) -> ApiProcess:
        """Start a process of this release."""
        self.started.append(ApiProcess(environment_of(self.urls.app, self.folder, None)))
        return self.started[-1]

    def start_new(self) -> ApiProcess:
        """Start a process of the next release."""
        self.started.append(ApiProcess(environment_of(self.urls.app, self.folder, self.tree), self.tree))
        return self.started[-1]

    def upgrade(self) -> str:
        """Run `db upgrade` of the next release as the owner, and return what it said."""
        finished = subprocess.run(
            [sys.executable, "-m", "workflow.cli", "db", "upgrade"],
            cwd=self.tree,
            env=os.environ | environment_of(self.urls.owner, self.folder, self.tree),
            capture_output=True,
            text=True,
            check=True,
        )
        return finished.stderr


def findings(settings: Settings) -> list[str]:
    """Return what a check of the database finds."""
    house = build(settings)
    found: list[str] = []
    verify_database(house, LOCAL_ADMIN, Hearing(found=lambda finding: found.append(finding.line)))
    house.close()
    return found


def notes_stored(urls: Urls) -> Counter[str]:
    """Return how often each note is on file."""
    with unguarded(urls) as connection:
        stored = connection.exec_driver_sql("SELECT payload::json ->> 'text' FROM fact WHERE type = 'note_added'")
        return Counter(stored.scalars())


def written_by_both(urls: Urls) -> int:
    """Return how many patients the rules of both releases wrote."""
    with unguarded(urls) as connection:
        counted = connection.exec_driver_sql("SELECT count(*) FROM patient WHERE engine = %s", (SEVERAL_RULES,))
        return int(counted.scalar_one())
