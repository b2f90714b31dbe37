"""The protocols of single drugs and their combinations, as far as their tables share them."""

from workflow.protocols.library import shipped
from workflow.protocols.model import Protocol

DRUG_PROTOCOLS = (
    "blinatumomab-rr",
    "blinatumomab-mrd",
    "inotuzumab",
    "nelarabine",
    "clofarabine",
    "liposomal-vincristine",
    "bortezomib-reinduction",
)


def protocol_of(name: str) -> Protocol:
    protocol = shipped().named(name)
    assert protocol is not None
    return protocol
