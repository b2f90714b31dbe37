"""Several people set one site at the same moment, or name a new one: nothing that one of them set is lost."""

import json
from collections.abc import Callable, Mapping

from tests.api.ward import REGISTRATION
from tests.integration.races.bedside import at_once, next_pseudonym
from tests.integration.races.processes import Hospital
from tests.integration.races.wire import Letter
from workflow.domain.actor import LOCAL_ADMIN
from workflow.services import sites

ROUNDS = 8
PARTS: tuple[Mapping[str, object], ...] = (
    {"name": "Hospital of the races"},
    {"time_zone": "Europe/Vienna"},
    {"contacts": ["ward-3@north.example"]},
    {"silent_after_days": 5},
)


def setting(opened: Hospital, site: str, part: Mapping[str, object]) -> Callable[[], object]:
    return lambda: sites.put(opened.house, LOCAL_ADMIN, site, part)


def told_of_site(opened: Hospital, site: str) -> dict[str, object]:
    listed: list[dict[str, object]] = json.loads(sites.listed(opened.house, LOCAL_ADMIN).body)["items"]
    return next(each for each in listed if each["id"] == site)


def test_parts_of_one_site_set_at_once_are_all_set(opened: Hospital) -> None:
    for number in range(ROUNDS):
        site = f"races-{number}"
        at_once(opened, [setting(opened, site, part) for part in PARTS])
        stands = told_of_site(opened, site)
        for part in PARTS:
            assert stands.items() >= part.items()


def test_a_site_set_while_registrations_name_it_for_the_first_time_keeps_what_was_set(opened: Hospital) -> None:
    for number in range(ROUNDS):
        site = f"new-{number}"
        letters = [
            Letter(
                path="/patients",
                body=json.dumps({**REGISTRATION, "pseudonym": next_pseudonym(), "site": site}).encode(),
                who="admin",
            )
            for _ in range(3)
        ]
        *replies, _ = at_once(opened, [*letters, setting(opened, site, {"time_zone": "Europe/Vienna"})])
        assert [reply.status for reply in replies] == [201, 201, 201]
        assert told_of_site(opened, site)["time_zone"] == "Europe/Vienna"
