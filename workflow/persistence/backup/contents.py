"""What a database says about itself: the same questions when it is copied and when the copy is tried."""

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, func, inspect, select

from workflow.persistence.backup.errors import BackupError
from workflow.persistence.backup.manifest import Contents, Counts
from workflow.persistence.faults import translated
from workflow.persistence.installation import INSTALLATION, usable_from
from workflow.persistence.tables import AlertTable, FactTable, PatientTable, SealTable
from workflow.persistence.tables.base import table_of

_SEAL = table_of(SealTable)
_COUNTED = {
    "patients": table_of(PatientTable),
    "facts": table_of(FactTable),
    "alerts": table_of(AlertTable),
    "seals": _SEAL,
}
# Nothing but what is asked for is read: a damaged seal keeps nobody from copying the evidence.
_NEWEST_SEAL = select(_SEAL.c.hash).order_by(_SEAL.c.id.desc()).limit(1)
_BOUND = select(INSTALLATION.c.secret_check, INSTALLATION.c.rehearsal)


def contents(connection: Connection) -> Contents:
    """Return what the snapshot of this connection holds; raises BackupError where there are no tables of ours."""
    with translated():
        revision = MigrationContext.configure(connection).get_current_revision()
        if revision is None:
            raise BackupError("there is nothing to back up: the database has no tables of Coursewatch")
        columns = {column["name"] for column in inspect(connection).get_columns(INSTALLATION.name)}
        counts = {
            name: connection.execute(select(func.count()).select_from(of)).scalar_one() for name, of in _COUNTED.items()
        }
        secret_check, rehearsal = connection.execute(_BOUND).one()
        return Contents(
            revision=revision,
            usable_from=usable_from(connection) if "usable_from" in columns else None,
            rehearsal=rehearsal,
            counts=Counts(**counts),
            newest_seal=connection.execute(_NEWEST_SEAL).scalar_one_or_none(),
            secret_check=secret_check,
        )
