"""Protocols as data: list them, read one, see one drawn."""

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from api.answering import answered, existing_name
from api.dependencies import CallerOf, Sent, no_parameters
from api.schemas import documentation as documented
from workflow.services import protocol_release, read_protocols

MERMAID = "text/vnd.mermaid"
SVG = "image/svg+xml"

router = APIRouter(prefix="/api/v1/protocols", tags=["protocols"], dependencies=[Depends(no_parameters)])


@router.get("", summary="List protocols", **documented.LIST_PROTOCOLS)
def listed(asked: CallerOf) -> Response:
    """List every protocol version at hand, whether it is offered, and who released it."""
    return answered(read_protocols.listed(asked.house, asked.actor))


@router.get("/{protocol_id}", summary="Read a protocol", **documented.READ_PROTOCOL)
def one(asked: CallerOf, protocol_id: documented.ProtocolId) -> Response:
    """Read one protocol by id (its newest version) or by id@version: elements, windows, sources, what is not stated."""
    return answered(read_protocols.one(asked.house, asked.actor, existing_name(protocol_id, "protocol")))


@router.post("/{protocol_id}/signatures", summary="Sign a protocol", **documented.SIGN_PROTOCOL)
async def sign(sent: Sent, protocol_id: documented.ProtocolId) -> Response:
    """Sign exactly this text of `id@version` as its author or its approver, as a clinician for all sites.

    A protocol of the installation's own may be chosen once two different people have signed it; a signature is never
    taken back, a changed text is a new version.
    """
    ref = existing_name(protocol_id, "protocol")
    once = sent.conditions.once
    answer = await sent.turns.carry_out(protocol_release.sign, sent.house, sent.actor, ref, sent.raw, once=once)
    return answered(answer)


@router.get("/{protocol_id}/diagram", response_class=Response, summary="Draw a protocol", **documented.DIAGRAM)
def diagram(request: Request, asked: CallerOf, protocol_id: documented.ProtocolId) -> Response:
    """Read a protocol's windows and the chart as Mermaid text, or with `Accept: image/svg+xml` its windows drawn."""
    name = existing_name(protocol_id, "protocol")
    if SVG in request.headers.get("accept", ""):
        drawn, media_type = read_protocols.timeline_svg(asked.house, name), SVG
    else:
        drawn, media_type = read_protocols.diagram(asked.house, name), MERMAID
    return Response(drawn, media_type=media_type, headers={"Vary": "Accept"})
