"""Fills templates: everything escaped, nothing undefined, the same frame around every page."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

PAGES = Path(__file__).parent
STATIC = PAGES / "static"
# Domain model, rule 6: said on every page.
INTENDED_USE = (
    "Coursewatch documents treatment and shows how it adheres to a protocol. "
    "It is not a substitute for individual treatment decisions."
)


@cache
def templates() -> Environment:
    """Return the templates; a name that a presenter forgot is an error, not a blank."""
    return Environment(
        loader=FileSystemLoader(PAGES / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page(
    request: Request, template: str, values: Mapping[str, object], *, status: int = 200, signed_in_as: str | None = None
) -> HTMLResponse:
    """Return a filled page; `signed_in_as` is the name shown beside the way out."""
    frame = {
        "base": request.scope.get("root_path", ""),
        "path": request.url.path,
        "intended_use": INTENDED_USE,
        "signed_in_as": signed_in_as,
    }
    return HTMLResponse(templates().get_template(template).render({**frame, **values}), status)
