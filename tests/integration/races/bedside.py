"""Several people at one patient at the same moment, and the same acts one after the other on the patient's twin."""

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from threading import Barrier
from typing import Any

from tests.api.ward import REGISTRATION
from tests.integration.alike import comparable
from tests.integration.races.processes import Hospital
from tests.integration.races.waiting import LONGEST_WAIT_SECONDS
from tests.integration.races.wire import Letter, Lines, Reply

NUMBERS = count(1)


@dataclass(frozen=True, slots=True)
class Bed:
    """One patient of these tests."""

    id: str
    pseudonym: str

    def record(self, fact_type: str, on: str, data: Mapping[str, object], **more: object) -> Letter:
        """Return the request to record a fact; `more` are headers by their names, and fields of the fact."""
        fields = {name: value for name, value in more.items() if name.islower()}
        headers = {name: str(value) for name, value in more.items() if name not in fields}
        return self._letter("facts", {"type": fact_type, "occurred_on": on, "data": data, **fields}, headers)

    def note(self, about: str, **more: object) -> Letter:
        """Return the request to record a note."""
        return self.record("note_added", "2025-01-20", {"text": about}, **more)

    def supersede(self, fact: str, fact_type: str, on: str, data: Mapping[str, object], **headers: str) -> Letter:
        """Return the request to correct a fact."""
        new = {"type": fact_type, "occurred_on": on, "data": data}
        return self._letter("corrections", {"supersedes": fact, "reason": "wrong date", "fact": new}, headers)

    def void(self, fact: str, **headers: str) -> Letter:
        """Return the request to take a fact back."""
        return self._letter("corrections", {"voids": fact, "reason": "entered in error"}, headers)

    def move(self, facts: Sequence[str], to: "Bed", **headers: str) -> Letter:
        """Return the request to move facts to another patient."""
        body = {"facts": list(facts), "from": self.id, "to": to.id, "reason": "wrong patient"}
        return Letter(path="/corrections/move", body=json.dumps(body).encode(), headers=_named(headers))

    def _letter(self, what: str, body: Mapping[str, object], headers: Mapping[str, str]) -> Letter:
        return Letter(path=f"/patients/{self.id}/{what}", body=json.dumps(body).encode(), headers=_named(headers))


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def at_once(opened: Hospital, acts: Sequence[Letter | Callable[[], object]]) -> list[Any]:
    """Let everybody act at the same moment, the letters shared out among the processes; return what came of each."""
    ready = Barrier(len(acts))
    ports = opened.ports()

    def go(place: int, act: Letter | Callable[[], object]) -> object:
        with closing(Lines()) as lines:
            ready.wait(LONGEST_WAIT_SECONDS)
            return lines.ask(ports[place % len(ports)], act) if isinstance(act, Letter) else act()

    with ThreadPoolExecutor(len(acts)) as people:
        return list(people.map(go, range(len(acts)), acts))


def one_by_one(opened: Hospital, letters: Sequence[Letter]) -> list[Reply]:
    """Send one request after the other."""
    with closing(Lines()) as lines:
        return [lines.ask(opened.ports()[0], letter) for letter in letters]


def next_pseudonym() -> str:
    """Return a pseudonym that nobody here has had."""
    return f"BED-{next(NUMBERS):04}"


def admitted(opened: Hospital) -> Bed:
    """Register a patient; return them."""
    pseudonym = next_pseudonym()
    body = json.dumps({**REGISTRATION, "pseudonym": pseudonym}).encode()
    (reply,) = one_by_one(opened, [Letter(path="/patients", body=body)])
    assert reply.status == 201, reply.body
    return Bed(reply.json()["id"], pseudonym)


def in_first_block(opened: Hospital) -> Bed:
    """Return a patient with a relapse (f2), a protocol (f3) and the start of R1 on 2025-01-08 (f4)."""
    bed = admitted(opened)
    course = (
        bed.record("relapse_diagnosed", "2025-01-06", {"relapse_site": "isolated_bm"}),
        bed.record("protocol_chosen", "2025-01-07", {"protocol": "all-rez-bfm-2002"}),
        bed.record("block_started", "2025-01-08", {"element": "R1"}),
    )
    assert [reply.status for reply in one_by_one(opened, course)] == [201, 201, 201]
    return bed


def outcomes(replies: Sequence[Reply]) -> list[tuple[int, str | None]]:
    """Return status and code of each answer, sorted."""
    return sorted(((reply.status, reply.code) for reply in replies), key=str)


def told_of(reply: Reply, bed: Bed) -> tuple[int, str | None, str]:
    """Return an answer without what differs between twins: who they are, when it was recorded, ids of alerts."""
    body = json.loads(reply.body.decode().replace(bed.id, "ID").replace(bed.pseudonym, "PSEUDONYM"))
    return reply.status, reply.etag, json.dumps(comparable(body, without={"recorded_at"}))
