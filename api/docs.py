"""The interactive documentation: Swagger UI from files at hand, so that it works without internet and inline script."""

from importlib.resources import files
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse

from api.pages.rendering import page

SWAGGER_FILES = Path(str(files("fastapi_offline"))) / "static"


async def docs(request: Request) -> HTMLResponse:
    """Answer the page that loads Swagger UI on our own /openapi.json."""
    return page(request, "docs.html", {})
