"""Whether this process can serve: the database answers and stands at the revision it was built for."""

from workflow.persistence.errors import PersistenceError
from workflow.persistence.migrations import require_current
from workflow.services import answers
from workflow.services.house import Answer, House


def ready(house: House) -> Answer:
    """Return 200 where requests can be served, 503 with the failing part otherwise."""
    try:
        require_current(house.database)
    except PersistenceError as error:
        return Answer(503, answers.to_json({"status": "unavailable", "database": type(error).__name__}))
    return Answer(
        200, answers.to_json({"status": "ready", "database": "ok", "protocols": len(house.protocols.versions)})
    )
