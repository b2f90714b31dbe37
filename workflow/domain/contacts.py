"""A site's contacts: who is told of an alert, and through which channel."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from pydantic_core import PydanticCustomError

EMAIL, LOG = "email", "log"
# RFC 5321 §4.5.3.1: 64 for the part before the @, 254 for an address that fits a mailbox's angle brackets.
LONGEST_LOCAL_PART, LONGEST_ADDRESS = 64, 254
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
# A hospital's own network may have names without a dot.
_ADDRESS = re.compile(rf"({_ATOM}(?:\.{_ATOM})*)@({_LABEL}(?:\.{_LABEL})*)")


class Recipient(NamedTuple):
    """Where a notice goes: the kind of a channel, and the address that this channel understands."""

    channel: str
    address: str


# What everybody who runs the server sees; it needs no address.
SERVER_LOG = Recipient(LOG, LOG)


def is_address(text: str) -> bool:
    """Whether this is one plain email address: ASCII, one @, no spaces, no quotes, no name around it."""
    found = _ADDRESS.fullmatch(text)
    return found is not None and len(found[1]) <= LONGEST_LOCAL_PART and len(text) <= LONGEST_ADDRESS


def channel_of(contact: str) -> Recipient:
    """Return where a contact's notices go; one that cannot be read goes to the log, where nothing is lost."""
    return Recipient(EMAIL, contact) if is_address(contact) else SERVER_LOG


def recipients_of(contacts: Iterable[str]) -> tuple[Recipient, ...]:
    """Return where a site's notices go, each place once and in the order of its contacts; without any, the log."""
    return tuple(dict.fromkeys(map(channel_of, contacts))) or (SERVER_LOG,)


def read_contact(contact: str) -> str:
    """Return a contact that a channel understands; raises PydanticCustomError for any other."""
    if contact != LOG and not is_address(contact):
        raise PydanticCustomError(
            "contact",
            "must be an email address without a name around it, like ward-3@hospital.example, or the word log",
        )
    return contact
