"""Conditions of a write, as HTTP words them: repeat it safely (Idempotency-Key), only if unchanged (If-Match)."""

import re
from hashlib import sha256

from starlette.requests import Request

from api.addresses import query_of
from api.problems import EdgeError, invalid_input
from workflow.domain.errors import Problem
from workflow.services.house import Once

LONGEST_KEY = 200
_PRINTABLE = re.compile(r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?")
_ENTITY_TAG = re.compile(r'(?:W/)?"(\d{1,9})"')
ANY_VERSION = "*"


def read_once(request: Request, key: str | None, body: bytes) -> Once:
    """Return the idempotency key with the digest of the request it stands for; raises EdgeError (422)."""
    if key is None:
        return Once()
    if len(key) > LONGEST_KEY or not _PRINTABLE.fullmatch(key):
        raise EdgeError(
            invalid_input(
                [
                    Problem(
                        "Idempotency-Key",
                        "idempotency_key_format",
                        f"Idempotency-Key must be 1 to {LONGEST_KEY} printable ASCII characters, e.g. a UUID",
                    )
                ]
            )
        )
    return Once(key, request_digest(request, body))


def request_digest(request: Request, body: bytes) -> str:
    """Return the SHA-256 of method, path, query and body, in hex: the same digest means the same request."""
    digest = sha256(f"{request.method} {request.scope['path']}?{query_of(request)}\n".encode())
    digest.update(body)
    return digest.hexdigest()


def read_if_match(header: str | None) -> int | None:
    """Return the version that an If-Match names; None without one and for `*`; raises EdgeError (422).

    A weak tag names the version as well: proxies that compress weaken the tags that we send.
    """
    if header is None or header.strip() == ANY_VERSION:
        return None
    tag = _ENTITY_TAG.fullmatch(header.strip())
    if tag is None:
        raise EdgeError(
            invalid_input(
                [
                    Problem(
                        "If-Match",
                        "if_match_format",
                        'If-Match must be the ETag of the patient as it was read, like "12", or *',
                    )
                ]
            )
        )
    return int(tag[1])


def entity_tag(version: int) -> str:
    """Return the ETag of a patient's version."""
    return f'"{version}"'
