"""The ward of a demo: two sites and a simulated cohort, brought in by the import that real patients come by."""

from datetime import date, datetime

from workflow.clock import today_in
from workflow.domain.actor import LOCAL_ADMIN
from workflow.domain.errors import CoursewatchError
from workflow.persistence.engine import Database
from workflow.persistence.installation import is_rehearsal
from workflow.persistence.pseudonyms import ids_by_pseudonym
from workflow.persistence.rehearsals import in_use, newest_instant, site_made_at
from workflow.persistence.unit_of_work import reading
from workflow.services import sites
from workflow.services.house import House
from workflow.services.import_facts import import_facts
from workflow.services.import_rows import rows_of
from workflow.simulation.chance import Source
from workflow.simulation.cohort import simulate
from workflow.simulation.files import as_csv

PATIENTS = 40
HOME, HOME_TIME_ZONE = "berlin", "Europe/Berlin"
# Their notices go to the server's log, where whoever started the demo reads them.
SITES: dict[str, dict[str, object]] = {
    HOME: {"name": "Demo Berlin", "time_zone": HOME_TIME_ZONE, "contacts": ["log"]},
    "vienna": {"name": "Demo Vienna", "time_zone": "Europe/Vienna", "contacts": ["log"]},
}


class NoDemoHereError(CoursewatchError):
    """The database is in earnest use, so that no made-up patient may come into it."""


class DemoNotLoadedError(CoursewatchError):
    """Rows of the demo's cohort were refused."""


def require_fit_for_demo(database: Database) -> None:
    """Raise NoDemoHereError where the database is no rehearsal and holds patients, sites or keys; of any revision."""
    with reading(database, LOCAL_ADMIN) as unit:
        if not is_rehearsal(unit.connection) and in_use(unit.connection):
            raise NoDemoHereError(
                "this database is in use and no rehearsal: a demo would put made-up patients into it. Unset "
                "COURSEWATCH_DATABASE and --database, or name a folder of the demo's own in COURSEWATCH_DATA_DIR"
            )


def stands_at(database: Database) -> datetime | None:
    """Return the instant, in UTC, that the days of a demo have come to; None before its first start."""
    with reading(database, LOCAL_ADMIN) as unit:
        return newest_instant(unit.connection)


def load_demo(house: House, source: Source) -> int:
    """Make the sites and import the cohort where they are not there yet; return how many facts came in.

    The cohort's last day is the day on which the home site was made: a start that was interrupted is completed by the
    next one. `source` is seeded the same at every start. Raises DemoNotLoadedError.
    """
    last_day = _make_sites(house)
    facts = list(simulate(source, patients=PATIENTS, last_day=last_day))
    if _known(house, {fact.patient for fact in facts}):
        return 0
    result = import_facts(house, LOCAL_ADMIN, list(rows_of(as_csv(facts).encode(), "demo.csv")))
    if result.count("refused"):
        refused = ", ".join(f"{count} {code}" for code, count in result.refused_by_code().items())
        raise DemoNotLoadedError(f"rows of the demo's cohort were refused: {refused}; begin with a new folder")
    return result.count("accepted")


def _make_sites(house: House) -> date:
    """Make the sites that are not there; return the day of the home site on which it was made."""
    with house.database.read() as connection:
        made = {site_id: site_made_at(connection, site_id) for site_id in SITES}
    for site_id, setting in SITES.items():
        if made[site_id] is None:
            sites.put(house, LOCAL_ADMIN, site_id, setting)
    return today_in(HOME_TIME_ZONE, made[HOME] or house.clock())


def _known(house: House, pseudonyms: set[str]) -> bool:
    with reading(house.database, LOCAL_ADMIN) as unit:
        found = ids_by_pseudonym(unit.connection, sorted(pseudonyms), unit.reach, now=unit.instant())
    return pseudonyms <= found.keys()
