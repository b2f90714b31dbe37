"""A ward with protocols of its own: who signs them, who chooses them, and other processes of the same ward."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from httpx2 import Response
from starlette.testclient import TestClient

from api.app import create_app
from tests.api.people import SECRET_OF_KEYS, key_id_of
from tests.api.ward import HandClock, Ward, opened_ward
from tests.introduced import changing
from workflow.bootstrap import build
from workflow.domain.actor import Actor, Grant
from workflow.domain.roles import Role
from workflow.persistence.actors import issue_key, make_actor
from workflow.settings import Settings

# Clinicians for all sites: those of one hospital sign nothing that others follow as well.
AUTHOR, APPROVER = "head_of_study", "head_of_quality"


@contextmanager
def ward_with(own: Path, database_url: str) -> Iterator[Ward]:
    """Open a ward with the protocols of a folder, and with two people who may sign."""
    with opened_ward(database_url, own.parent, protocols=own) as ward:
        with changing(ward.house.database) as connection:
            for name in (AUTHOR, APPROVER):
                make_actor(connection, Actor(name, name, (Grant(Role.CLINICIAN),)), at=ward.clock())
                issue_key(connection, name, key_id=key_id_of(name), secret=SECRET_OF_KEYS, at=ward.clock())
        yield ward


@contextmanager
def another_process(own: Path | None, database_url: str, folder: Path, clock: HandClock) -> Iterator[Ward]:
    """Open the same ward once more, beside the first one or after its end."""
    settings = Settings(database=database_url, data_dir=folder, secret_file=folder / "chain.secret", protocols=own)
    house = build(settings, clock=clock)
    try:
        with TestClient(create_app(house), base_url="http://localhost") as client:
            yield Ward(house, clock, client)
    finally:
        house.close()


def signed(ward: Ward, part: str, who: str, sha256: str, ref: str = "home-blocks@1") -> Response:
    """Sign one part of a version's release."""
    return ward.post(f"/protocols/{ref}/signatures", {"part": part, "sha256": sha256}, who)


def release(ward: Ward, sha256: str, ref: str = "home-blocks@1") -> None:
    """Let both people sign."""
    for part, who in (("author", AUTHOR), ("approver", APPROVER)):
        assert signed(ward, part, who, sha256, ref).status_code == 201


def chosen(ward: Ward, patient: str, protocol: str, on: str = "2025-02-01") -> Response:
    """Choose a protocol for a patient."""
    return ward.record(patient, "protocol_chosen", on, {"protocol": protocol})


def followed(ward: Ward, patient: str, on: str) -> str:
    """Return which version a patient's course followed on a day."""
    return str(ward.get(f"/patients/{patient}", as_of=on).json()["protocol"])
