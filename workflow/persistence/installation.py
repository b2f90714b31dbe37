"""What a database knows about itself: whether it is for rehearsal, and whose secret its chain is made with."""

from sqlalchemy import Connection, select, update

from workflow.persistence.chain import secret_check
from workflow.persistence.engine import Database
from workflow.persistence.errors import WrongSecretError
from workflow.persistence.faults import translated
from workflow.persistence.tables import InstallationTable
from workflow.persistence.tables.base import table_of

INSTALLATION = table_of(InstallationTable)


def is_rehearsal(connection: Connection) -> bool:
    """Whether this database holds made-up patients only, so that its clock may be set."""
    with translated():
        return bool(connection.execute(select(INSTALLATION.c.rehearsal)).scalar_one_or_none())


def mark_rehearsal(connection: Connection) -> None:
    """Mark this database as rehearsal; there is no way back."""
    with translated():
        connection.execute(update(INSTALLATION).values(rehearsal=True))


def usable_from(connection: Connection) -> str | None:
    """Return the oldest revision whose processes may work on this database's tables; None where it says nothing."""
    with translated():
        found: str | None = connection.execute(select(INSTALLATION.c.usable_from)).scalar_one_or_none()
    return found


def allow_processes_from(connection: Connection, revision: str) -> None:
    """Let processes go on that work with this revision or a later one."""
    with translated():
        connection.execute(update(INSTALLATION).values(usable_from=revision))


def rules_of_upgrade(connection: Connection) -> str | None:
    """Return what the last upgrade judges by; None before the first that says so."""
    with translated():
        found: str | None = connection.execute(select(INSTALLATION.c.judged_by)).scalar_one_or_none()
    return found


def note_rules(connection: Connection, judged_by: str) -> None:
    """Note what this upgrade judges by: processes of other rules leave it to others to judge everybody anew."""
    with translated():
        connection.execute(update(INSTALLATION).values(judged_by=judged_by))


def is_bound(database: Database) -> bool:
    """Whether a secret belongs to this database already."""
    with database.read() as connection:
        return connection.execute(select(INSTALLATION.c.secret_check)).scalar_one_or_none() is not None


def require_secret(database: Database) -> None:
    """Bind the database to its secret on first use; raises WrongSecretError where it is bound to another one."""
    check = secret_check(database.secret)
    with database.read() as connection:
        found = connection.execute(select(INSTALLATION.c.secret_check)).scalar_one_or_none()
    if found is None:
        with database.write() as connection:
            unbound = INSTALLATION.c.secret_check.is_(None)
            connection.execute(update(INSTALLATION).where(unbound).values(secret_check=check))
            found = connection.execute(select(INSTALLATION.c.secret_check)).scalar_one()
    if found != check:
        raise WrongSecretError(
            "the secret file is not the one that this database's chain was made with; put that file back from its "
            "copy, or name it in COURSEWATCH_SECRET_FILE"
        )
