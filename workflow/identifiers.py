"""The only place that makes identifiers and secrets, so that everything else takes them as arguments."""

import secrets
import time
from uuid import UUID

SECRET_BYTES = 32
KEY_ID_BYTES = 6
PROCESS_ID_BYTES = 4
SESSION_ID_BYTES = 8
NANOSECONDS_PER_MILLISECOND = 1_000_000
RANDOM_A_BITS = 12
RANDOM_B_BITS = 62
# As many as a float keeps.
FRACTION_BITS = 53


def new_id() -> str:
    """Return a new UUID of version 7 as text: it sorts by the millisecond it was made in and tells nothing else.

    Laid out as RFC 9562 §5.7 says: 48 bits of milliseconds since 1970, version 7, 12 random bits, variant, 62 random
    bits. (The standard library makes these from Python 3.14 on; we still run on 3.11.)
    """
    milliseconds = time.time_ns() // NANOSECONDS_PER_MILLISECOND
    random_a = secrets.randbits(RANDOM_A_BITS)
    random_b = secrets.randbits(RANDOM_B_BITS)
    return str(UUID(int=milliseconds << 80 | 0x7 << 76 | random_a << 64 | 0b10 << 62 | random_b))


def new_secret() -> str:
    """Return a new secret of 256 random bits, written in letters, digits, `-` and `_`: 43 characters."""
    return secrets.token_urlsafe(SECRET_BYTES)


def new_key_id() -> str:
    """Return the public id of a new API key: 12 random hexadecimal digits."""
    return secrets.token_hex(KEY_ID_BYTES)


def new_session_id() -> str:
    """Return a new id of a browser's session: 16 random hexadecimal digits, which tell two of one key apart."""
    return secrets.token_hex(SESSION_ID_BYTES)


def random_fraction() -> float:
    """Return a random number from 0 up to, but not including, 1; for spreading things in time."""
    return secrets.randbits(FRACTION_BITS) / (1 << FRACTION_BITS)


def new_process_id() -> str:
    """Return a new id of a running process: 8 random hexadecimal digits, telling nothing of the machine it runs on."""
    return secrets.token_hex(PROCESS_ID_BYTES)
