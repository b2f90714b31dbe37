"""What every page with a filtered list needs: its filter form read, the sites to choose from, the way to more rows."""

import json
from typing import Any, TypeVar
from urllib.parse import urlencode

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from api.addresses import base_of
from api.problems import EdgeError, invalid_input, parameter_problem
from api.schemas.parameters import REPEATABLE
from workflow.domain.actor import Actor
from workflow.services import sites
from workflow.services.house import House

# A page that hangs on a ward's monitor must not grow old unseen.
REFRESH_SECONDS = 300
ROWS_A_PAGE = 200

Parameters = TypeVar("Parameters", bound=BaseModel)


def read_filters(request: Request, model: type[Parameters]) -> Parameters:
    """Read a filter form as `model`; a field left empty is a field left out. Raises EdgeError (422)."""
    sent: dict[str, Any] = {"limit": ROWS_A_PAGE}
    for name, value in request.query_params.multi_items():
        if value and name in REPEATABLE:
            sent.setdefault(name, []).append(value)
        elif value:
            sent[name] = value
    try:
        return model.model_validate(sent)
    except ValidationError as invalid:
        errors = invalid.errors(include_url=False, include_input=False)
        raise EdgeError(invalid_input(parameter_problem(error["loc"], error) for error in errors)) from None


def sites_to_choose(house: House, actor: Actor) -> list[dict[str, Any]]:
    """Return the sites that somebody may filter by."""
    listed: list[dict[str, Any]] = json.loads(sites.listed(house, actor).body)["items"]
    return listed


def next_page(request: Request, path: str, cursor: str | None) -> str | None:
    """Return where the next rows of the list at `path` are, filtered in the same way; None after the last ones."""
    if cursor is None:
        return None
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor" and value]
    return f"{base_of(request)}{path}?{urlencode([*kept, ('cursor', cursor)])}"
