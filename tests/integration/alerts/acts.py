"""What people do in a house, the same in several houses: patients are named by their place among the house's own."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import time
from random import Random
from typing import Any, TypeAlias

from tests.integration.alerts.checks import key_of
from tests.integration.alerts.hospitals import HandClock, Hospitals
from tests.integration.alerts.reading import Key
from tests.simulation import people
from workflow.domain.actor import LOCAL_ADMIN
from workflow.domain.site_practice import SitePractice
from workflow.services import act_on_alert
from workflow.services.correct_facts import correct_facts
from workflow.services.house import Answer
from workflow.services.import_facts import import_facts
from workflow.services.import_rows import rows_of
from workflow.services.move_facts import move_facts
from workflow.services.record_fact import record

Act: TypeAlias = Callable[[Hospitals[HandClock], Sequence[str]], Answer]
OTHERWISE: tuple[dict[str, Any], ...] = (
    {"mrd_result_days": None},
    {"mrd_result_days": 4},
    {"mrd_result_days": 14},
    {"working_days": (2, 5), "holidays": ()},
    {"notices_at": time(13)},
    {"time_zone": "America/New_York"},
)
UPON_ALERTS = {
    "acknowledge": act_on_alert.acknowledge,
    "snooze": act_on_alert.snooze,
    "resolve": act_on_alert.resolve,
}


def recording(which: int, raw: people.Raw) -> Act:
    """Return the act of recording a fact."""
    return lambda hospitals, ids: record(hospitals.house, LOCAL_ADMIN, ids[which], raw)


def correcting(which: int, raw: people.Raw) -> Act:
    """Return the act of correcting facts."""
    return lambda hospitals, ids: correct_facts(hospitals.house, LOCAL_ADMIN, ids[which], raw)


def moving(wrong: int, right: int, facts: Sequence[str]) -> Act:
    """Return the act of moving facts from one patient to another."""

    def act(hospitals: Hospitals[HandClock], ids: Sequence[str]) -> Answer:
        ends = {"from": ids[wrong], "to": ids[right]}
        return move_facts(
            hospitals.house,
            LOCAL_ADMIN,
            {**ends, "facts": list(facts), "reason": people.REASON, "keep_conflicts": True},
        )

    return act


def importing(pseudonym: str, told: Sequence[people.Raw]) -> Act:
    """Return the act of importing facts of one patient."""
    rows = ({name: part for name, part in raw.items() if name != "keep_conflicts"} for raw in told)
    content = "\n".join(json.dumps({**row, "patient": pseudonym}) for row in rows).encode()

    def act(hospitals: Hospitals[HandClock], _ids: Sequence[str]) -> Answer:
        result = import_facts(hospitals.house, LOCAL_ADMIN, list(rows_of(content, "facts.ndjson")))
        return Answer(200, json.dumps({"outcomes": [row.outcome for row in result.rows]}))

    return act


def acting_upon(which: int, key: Key, deed: str, raw: Mapping[str, str]) -> Act:
    """Return the act upon the alert that is this one in whichever house."""

    def act(hospitals: Hospitals[HandClock], ids: Sequence[str]) -> Answer:
        (row,) = (row for row in hospitals.rows("alert", [ids[which]]) if key_of(row) == key)
        return UPON_ALERTS[deed](hospitals.house, LOCAL_ADMIN, row["id"], raw)

    return act


def set_otherwise(chance: Random, practice: SitePractice) -> SitePractice:
    """Return a site's practice with something set otherwise."""
    return replace(practice, **chance.choice(OTHERWISE))
