"""Ends the courses that a part has added, so that the next part finds the same due rows at each size."""

from datetime import timedelta

from benchmarks.courses_as_recorded import NOW, house_at
from benchmarks.scale.databases import Place, connected
from workflow.clock import utc_now
from workflow.domain.actor import LOCAL_ADMIN
from workflow.services.record_fact import record


def end_courses(place: Place, pseudonym: str) -> None:
    """Record that everybody whose pseudonym begins so has withdrawn: nothing of theirs is due any more."""
    with connected(place.superuser) as connection:
        found = connection.execute(
            "SELECT id FROM patient WHERE pseudonym LIKE %s AND (next_due_at IS NOT NULL OR open_alerts > 0)",
            [pseudonym + "%"],
        ).fetchall()
    with house_at(place.app, place.folder) as (house, clock):
        # Behind whatever was recorded of them, by whichever clock.
        clock.now = max(NOW, utc_now()) + timedelta(minutes=1)
        for (patient,) in found:
            day = NOW.date().isoformat()
            record(house, LOCAL_ADMIN, patient, {"type": "withdrawn", "occurred_on": day, "data": {}})
