"""Whether the stored ledger of a patient is what the slow reading says, and nothing else."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from tests.integration.alerts.reading import Episode, FirstNotice, Key, Moment, episodes, first_notices
from workflow.domain.contacts import recipients_of

Row = Mapping[str, Any]
# Raised for what happened to notices, not for what is known of the patient.
OF_DELIVERY = "CW-02"


def key_of(row: Row) -> Key:
    """Return what makes an alert the same one."""
    return row["window_key"], row["reminder"], row["threshold_on"]


def require_as_read(
    told: Sequence[Moment], alerts: Sequence[Row], notices: Sequence[Row], *, sent: bool = False
) -> None:
    """Fail unless a patient's alerts, their episodes and ends, and their first notices are those of the reading.

    Where notices were `sent`, some are due at another time than they were at first, because an attempt failed.
    """
    alerts = [row for row in alerts if row["reminder"] != OF_DELIVERY]
    expected = episodes(told)
    assert Counter(map(key_of, alerts)) == Counter(expected.keys())
    for row in alerts:
        _require_alert(row, expected[key_of(row)])
    by_id = {row["id"]: row for row in alerts}
    notices = [row for row in notices if row["alert_id"] in by_id]
    first = [(_first_of(row, by_id), row) for row in notices if row["step"] == 0]
    read = first_notices(expected, told)
    if sent:
        assert {(notice.key, notice.episode) for notice, _ in first} == {(each.key, each.episode) for each in read}
    else:
        assert {notice for notice, _ in first} == read
    practices = {moment.now: moment.practice for moment in told}
    whom: dict[tuple[Key, int], set[tuple[str, str]]] = defaultdict(set)
    for notice, row in first:
        whom[notice.key, notice.episode].add((row["channel"], row["recipient"]))
    for notice, row in first:
        if row["made_at"] in practices:
            assert whom[notice.key, notice.episode] == set(recipients_of(practices[row["made_at"]].contacts))


def _first_of(row: Row, by_id: Mapping[str, Row]) -> FirstNotice:
    return FirstNotice(key_of(by_id[row["alert_id"]]), row["episode"], row["due_at"])


def _require_alert(row: Row, runs: Sequence[Episode]) -> None:
    last = runs[-1]
    stored = row["episode"], row["status"] == "resolved", row["resolution"]
    read = len(runs), last.ended_as is not None, last.ended_as
    assert stored == read, f"{key_of(row)}: stored {stored}, read {read} from {runs}"
