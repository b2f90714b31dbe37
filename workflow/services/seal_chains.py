"""Sealing what has grown: from then on even a patient who was set back consistently is found out."""

from collections.abc import Iterator

from workflow.domain.actor import SCHEDULER
from workflow.persistence.seals import Seal, add_seal, lock_seals, unsealed_heads
from workflow.persistence.unit_of_work import reading, writing
from workflow.services.house import House


def seal_chains(house: House) -> Iterator[Seal]:
    """Seal the heads of all chains that grew since they were last sealed, and yield each seal; nothing new: no seal.

    The hash of the newest seal is what is worth noting outside this database, on paper or in another system: whoever
    can rewrite the database can remove its newest seals, but cannot make a seal with that hash again without all that
    was sealed until then. So it is told wherever it is made.
    """
    while _something_new(house):
        seal = _sealed(house)
        if seal is None:
            return
        yield seal


def _something_new(house: House) -> bool:
    # Asked before the write lock is taken: on SQLite a ward that records would wait for a tick with nothing to do.
    with reading(house.database, SCHEDULER) as unit:
        return bool(unsealed_heads(unit.connection, 1))


def _sealed(house: House) -> Seal | None:
    with writing(house.database, SCHEDULER) as unit:
        lock_seals(house.database, unit.connection)
        heads = unsealed_heads(unit.connection)
        if not heads:
            return None
        unit.note("seal_chains", items=len(heads))
        return add_seal(house.database, unit.connection, heads, unit.instant())
