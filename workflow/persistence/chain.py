"""The hash chain of a patient's facts: whoever changes, drops or reorders one breaks every hash after it."""

import hmac
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime

# Before the first fact of a patient.
GENESIS = ""
# What stands in the chain itself; payload, note and override stand there by their digests, so that they can be erased.
CHAINED = (
    *("patient_id", "seq", "lineage", "op", "target_seq", "type", "occurred_on", "certainty"),
    *("payload_sha256", "remarks_sha256", "actor_id", "on_behalf_of", "recorded_at", "source_recorded_at"),
    *("external_id", "import_key", "protocol_sha"),
)
# In the chain by name where a fact has them, so that facts recorded before there were such columns keep their hash.
CHAINED_IF_PRESENT = ("moved_patient_id", "moved_seq")


def fact_hash(secret: bytes, prev_hash: str, row: Mapping[str, object]) -> str:
    """Return the keyed hash of one stored fact and of everything before it: HMAC-SHA-256, in hex."""
    values = [_written(row[name]) for name in CHAINED]
    values += [[name, row[name]] for name in CHAINED_IF_PRESENT if row[name] is not None]
    canonical = json.dumps(values, separators=(",", ":"), ensure_ascii=False)
    return hmac.digest(secret, f"{prev_hash}\n{canonical}".encode(), "sha256").hex()


def secret_check(secret: bytes) -> str:
    """Return what tells two secrets apart without telling either."""
    return hmac.digest(secret, b"coursewatch secret check", "sha256").hex()


def _written(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value.isoformat() if isinstance(value, date) else value
