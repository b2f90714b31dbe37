"""Fills templates: everything escaped, nothing undefined, the same frame around every page."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from api.addresses import base_of, own_path
from api.dependencies import house_of
from workflow.domain.messages import INTENDED_USE
from workflow.services.reference.blocks import INDEX, Link, spans

PAGES = Path(__file__).parent
STATIC = PAGES / "static"
_DATE = re.compile(r"\b(\d{4}-\d{2}-\d{2})\b")


@cache
def templates() -> Environment:
    """Return the templates; a name that a presenter forgot is an error, not a blank."""
    found = Environment(
        loader=FileSystemLoader(PAGES / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["dated"] = dated
    found.filters["spans"] = spans
    found.filters["leads_to"] = leads_to
    return found


def dated(text: object) -> Markup:
    """Return text, escaped, with every date in it marked as one, so that no line ends inside a date."""
    return Markup(_DATE.sub(r'<time datetime="\1">\1</time>', str(escape(text))))  # noqa: S704 -- escaped just here


def leads_to(link: Link) -> str:
    """Return where a link inside the reference leads, as a path of ours."""
    page_path = "" if link.page == INDEX else f"/{link.page}"
    place = f"#{link.anchor}" if link.anchor else ""
    return f"/reference{page_path}{place}"


def page(
    request: Request, template: str, values: Mapping[str, object], *, status: int = 200, signed_in_as: str | None = None
) -> HTMLResponse:
    """Return a filled page; `signed_in_as` is the name shown beside the way out."""
    frame = {
        "base": base_of(request),
        "path": own_path(request.scope),
        "intended_use": INTENDED_USE,
        "signed_in_as": signed_in_as,
        "rehearsal": house_of(request).rehearsal,
    }
    return HTMLResponse(templates().get_template(template).render({**frame, **values}), status)
