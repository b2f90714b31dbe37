"""Fills the pages of the reference: the same blocks as in docs/reference, as HTML."""

from starlette.requests import Request
from starlette.responses import Response

from api.pages.rendering import page
from workflow.domain.actor import Actor
from workflow.services import read_reference
from workflow.services.house import House
from workflow.services.reference.blocks import INDEX, Heading, Page

# From so many headings on a page says first what is on it.
HEADINGS_FOR_CONTENTS = 4


def reference_page(request: Request, house: House, actor: Actor, name: str = INDEX) -> Response:
    """Return one page of the reference; raises NotFoundError where there is none of this name."""
    shown = read_reference.page(house, actor, name)
    values = {"shown": shown, "index": INDEX, "contents": _contents(shown)}
    return page(request, "reference.html", values, signed_in_as=actor.name)


def _contents(shown: Page) -> list[Heading]:
    headings = [block for block in shown.blocks if isinstance(block, Heading) and block.level == 2]  # noqa: PLR2004
    return headings if len(headings) >= HEADINGS_FOR_CONTENTS else []
