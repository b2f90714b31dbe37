"""Puts a protocol on the terminal: the same parts in the same order as its page of the reference."""

from workflow.cli.talk import put, put_table
from workflow.protocols.model import Protocol
from workflow.services.reference.blocks import Block, Diagram, Drawing, Heading, Listing, Paragraph, Table, plain
from workflow.services.reference.protocol_parts import parts


def put_protocol(protocol: Protocol) -> None:
    """Print everything that a protocol's file states; pictures are left to pages."""
    in_force = f"in force from {protocol.in_force_from}\n" if protocol.in_force_from else ""
    put(f"{protocol.ref}: {protocol.title}\n{protocol.scope}\n{in_force}sha256 {protocol.sha256}")
    if protocol.changes:
        _put(Heading(2, "What is different from the version before"))
        _put(Listing(protocol.changes))
    for block in parts(protocol):
        _put(block)


def _put(block: Block) -> None:
    match block:
        case Heading():
            put(f"\n{block.text}")
        case Paragraph():
            put(plain(block.words))
        case Listing():
            put("\n".join(f"* {plain(item)}" for item in block.items))
        case Table():
            put_table(None, block.heads, (map(plain, row) for row in block.rows))
        case Drawing() | Diagram():
            return
