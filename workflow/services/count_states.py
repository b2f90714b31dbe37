"""The census: how many patients stood in which state, at which site, by which protocol, at a pair of clocks."""

from dataclasses import dataclass

from workflow.domain.actor import Actor
from workflow.domain.roles import Role
from workflow.persistence.state_counts import count_states
from workflow.persistence.unit_of_work import reading
from workflow.protocols.model import Protocols
from workflow.services import answers
from workflow.services.clocks import Clocks
from workflow.services.house import Answer, House, require_role
from workflow.services.list_clocks import ListClocks, require_known


@dataclass(frozen=True, slots=True, kw_only=True)
class CensusFilter:
    """Who is counted: patients treated at `site`, on `protocol` (id@version, or an id for all its versions)."""

    site: str | None = None
    protocol: str | None = None


def counted(house: House, actor: Actor, wanted: CensusFilter, asked: Clocks) -> Answer:
    """Return items of state, site, protocol and the patients in it; raises InvalidInputError for an unknown filter."""
    require_role(actor, Role.VIEWER)
    versions = _versions(house.protocols, wanted.protocol)
    with reading(house.database, actor, lists=True) as unit:
        clocks = ListClocks.of(house, unit, asked)
        clocks.require_site(wanted.site)
        counts = count_states(
            unit.connection,
            unit.reach,
            today=clocks.today,
            known_at=asked.known_at,
            now=clocks.now,
            site=wanted.site,
            protocols=versions,
        )
        unit.note("count_states", items=len(counts))
    items: list[answers.Shape] = [
        {"state": count.state, "site": count.site_id, "protocol": count.protocol, "patients": count.patients}
        for count in counts
    ]
    return Answer(200, answers.to_json(answers.page(items, settled=clocks.settled)))


def _versions(protocols: Protocols, wanted: str | None) -> tuple[str, ...] | None:
    if wanted is None:
        return None
    require_known("protocol", wanted, {*protocols.ids, *(protocol.ref for protocol in protocols.versions)})
    return tuple(protocol.ref for protocol in protocols.versions if wanted in {protocol.id, protocol.ref})
