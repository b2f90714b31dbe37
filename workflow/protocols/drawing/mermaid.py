"""A protocol's elements and what may follow which, as Mermaid text beside its windows."""

from collections.abc import Iterator

from workflow.protocols.drawing.gates import gates_beside_windows
from workflow.protocols.drawing.sentences import BEGINNING, element_words
from workflow.protocols.drawing.wording import groups_words
from workflow.protocols.model import START, Follows, Protocol


def quoted(text: str) -> str:
    """Return text that may stand between quotes in Mermaid, which knows no backslash."""
    named = {"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;"}
    return "".join(named.get(letter, letter) for letter in text)


def sequence_mermaid(protocol: Protocol) -> str:
    """Return a protocol's elements and its sequence as a Mermaid flowchart by itself."""
    return "\n".join(["flowchart LR", *sequence_lines(protocol)]) + "\n"


def sequence_lines(protocol: Protocol) -> Iterator[str]:
    """Yield the elements, what follows which, and what limits them, as one subgraph of a flowchart."""
    yield '    subgraph elements["Elements and their sequence"]'
    nodes = {element.code: f"s{place}" for place, element in enumerate(protocol.elements)}
    for element in protocol.elements:
        special = element_words(element)
        label = element.code if element.label == element.code else f"{element.code}: {element.label}"
        yield f'        {nodes[element.code]}["{quoted(label)}{f"<br/>{quoted(special)}" if special else ""}"]'
    if any(row.after == START for row in protocol.sequence):
        yield f'        start(["{BEGINNING}"])'
    for row in protocol.sequence:
        yield from _arrows(protocol, row, nodes)
    for place, gate in enumerate(gates_beside_windows(protocol)):
        yield f'        limit{place}[/"{quoted(gate.words)}"/]'
    yield "    end"


def _arrows(protocol: Protocol, row: Follows, nodes: dict[str, str]) -> Iterator[str]:
    """Yield a row's arrows; a numbered element written with its number is drawn at the node of its kind."""
    label = f'|"{quoted(groups_words(row.risk))}"|' if row.risk else ""
    source = "start" if row.after == START else _node(protocol, row.after, nodes)
    for code in row.then:
        yield f"        {source} -->{label} {_node(protocol, code, nodes)}"


def _node(protocol: Protocol, code: str, nodes: dict[str, str]) -> str:
    element = protocol.element(code)
    return nodes[code] if code in nodes or element is None else nodes[element.code]
