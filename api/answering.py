"""Hands a use case's answer on as HTTP: its JSON as it stands, the patient's version as ETag."""

import re

from starlette.responses import Response

from api.conditions import entity_tag
from workflow.services.errors import NotFoundError
from workflow.services.house import Answer

_FACT_ID = re.compile(r"f[1-9]\d{0,8}")
_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,200}")


def answered(answer: Answer) -> Response:
    """Return the answer as it was built, and stored for a repeated request: byte for byte."""
    headers = {} if answer.version is None else {"ETag": entity_tag(answer.version)}
    return Response(answer.body, answer.status, headers=headers, media_type="application/json")


def existing_fact(fact_id: str) -> str:
    """Return an id that a fact may have; raises NotFoundError for any other text, before a database sees it."""
    return _shaped(_FACT_ID, fact_id, "no such fact of this patient")


def existing_name(name: str, what: str) -> str:
    """Return a printable name; raises NotFoundError for any other text."""
    return _shaped(_NAME, name, f"no such {what}")


def _shaped(shape: re.Pattern[str], text: str, otherwise: str) -> str:
    if not shape.fullmatch(text):
        raise NotFoundError(otherwise)
    return text
