"""What keeps a process from beginning its work at a database, and whether waiting may heal it."""

import re
from dataclasses import dataclass
from typing import Literal

from sqlalchemy.exc import OperationalError

from workflow.persistence.engine import Database
from workflow.persistence.errors import (
    DatabaseBusyError,
    DatabaseUnavailableError,
    EarlierRevisionError,
    PermissionDeniedError,
    WrongRevisionError,
)
from workflow.persistence.faults import in_one_line
from workflow.persistence.migrations import require_current

Healing = Literal["in time", "soon or never"]
# A failed connection has no SQLSTATE: libpq keeps the server's words only. A server that speaks another language than
# English is not understood, and waited for as for one that is starting.
_REFUSED_BY_NAME = re.compile(
    r"FATAL: +(?:password authentication failed|no pg_hba\.conf entry|(?:role|database) \".*\" does not exist"
    r"|permission denied for database)"
)


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What is in the way, for whoever runs the process; it names hosts, roles and databases, never a password.

    A server that starts or an upgrade that runs elsewhere is over `in time`; a role, a database or a password that is
    not there is made `soon` by whoever sets the installation up, or is a mistake.
    """

    what: str
    heals: Healing


def obstacle(database: Database, *, tables: bool) -> Obstacle | None:
    """Return what keeps a process from its work; with `tables` it needs those of its release, which others make.

    What no waiting heals is no obstacle here: whoever opens the database meets it and says so.
    """
    try:
        with database.reader.connect():
            pass
        if tables:
            require_current(database)
    except OperationalError as fault:
        heals: Healing = "soon or never" if _REFUSED_BY_NAME.search(str(fault.orig)) else "in time"
        return Obstacle(in_one_line(fault), heals)
    except (EarlierRevisionError, DatabaseBusyError, DatabaseUnavailableError) as error:
        return Obstacle(str(error), "in time")
    except PermissionDeniedError as error:
        return Obstacle(str(error), "soon or never")
    except WrongRevisionError:
        return None
    return None
