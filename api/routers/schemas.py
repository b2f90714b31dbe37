"""The JSON schemas of a protocol's files, where an editor fetches them: public like /openapi.json."""

from functools import cache

from fastapi import APIRouter, Depends
from starlette.responses import Response

from api.dependencies import no_parameters
from workflow.protocols.files.schema import EXAMPLES_SCHEMA, PROTOCOL_SCHEMA, schemas

JSON_SCHEMA = "application/schema+json"

router = APIRouter(prefix="/reference", dependencies=[Depends(no_parameters)], include_in_schema=False)
_built = cache(schemas)


@router.get(f"/{PROTOCOL_SCHEMA}")
def of_protocol() -> Response:
    """Answer the schema of protocol.toml."""
    return Response(_built()[PROTOCOL_SCHEMA], media_type=JSON_SCHEMA)


@router.get(f"/{EXAMPLES_SCHEMA}")
def of_examples() -> Response:
    """Answer the schema of examples.toml."""
    return Response(_built()[EXAMPLES_SCHEMA], media_type=JSON_SCHEMA)
