"""`coursewatch protocol`: protocols as data."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from workflow.cli.talk import put, put_table, say
from workflow.protocols.model import Protocol, WindowRule

app = typer.Typer(help="Protocols as data: what their sources state, and nothing else.", no_args_is_help=True)


@app.command("list")
def list_protocols() -> None:
    """List the protocols of this release."""
    from workflow.protocols.library import shipped

    put_table(
        None,
        ("id", "version", "title", "sha256"),
        [(known.id, known.version, known.title, known.sha256[:12]) for known in shipped().versions],
    )


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="ID", help="A protocol's id, or id@version.")],
    *,
    toml: Annotated[bool, typer.Option("--toml", help="The exact text that the hash pins.")] = False,
) -> None:
    """Show a protocol: its elements, its windows with their sources, and what the sources leave open."""
    from workflow.protocols.library import shipped
    from workflow.services.read_protocols import found

    protocol = found(shipped(), name)
    if toml:
        put(protocol.body.rstrip("\n"))
        return
    put(f"{protocol.ref}: {protocol.title}\n{protocol.scope}\nsha256 {protocol.sha256}\n")
    elements = [(element.code, element.label, element.source) for element in protocol.elements]
    put_table("Elements", ("code", "label", "source"), elements)
    put_table("\nWindows", ("rule", "label", "from", "waits for", "thresholds", "source"), _windows(protocol))
    put_table("\nClassification", ("reading", "taken", "source"), _readings(protocol))
    put_table("\nSources", ("key", "title"), sorted(protocol.citations.items()))
    put("".join(f"\nNot stated: {open_question}" for open_question in protocol.not_stated).strip("\n"))


@app.command()
def check(
    path: Annotated[
        Path | None,
        typer.Argument(help="A protocol's folder; without it, those of this release.", exists=True, file_okay=False),
    ] = None,
) -> None:
    """Check a protocol: that it parses, holds together, has sources, and that its examples hold."""
    from workflow.services.check_protocols import check_folder, check_shipped

    problems = check_folder(path) if path else check_shipped()
    for problem in problems:
        put(problem)
    if problems:
        say(f"{len(problems)} problem{'s' if len(problems) > 1 else ''} found.")
        raise typer.Exit(1)
    say("Sound, and its examples hold." if path else "All are sound, and their examples hold.")


def _windows(protocol: Protocol) -> Iterator[tuple[str, ...]]:
    for window in protocol.windows:
        expected = " and ".join(" or ".join(expectation.facts) for expectation in window.expects)
        yield (window.rule, window.label, window.anchor, expected, "; ".join(_thresholds(window)), window.source)


def _readings(protocol: Protocol) -> Iterator[tuple[str, str, str]]:
    stated = protocol.switches_source or "not stated: as in most sources"
    for name, taken in asdict(protocol.switches).items():
        if name != "recovery":
            yield (name, str(taken), stated)
    recovery = protocol.switches.recovery
    if recovery is None:
        yield ("recovery", "none", "not stated: recovery is not judged")
        return
    limits = {name: limit for name, limit in asdict(recovery).items() if name != "source" and limit is not None}
    yield from ((f"recovery.{name}", f"{limit:g}", recovery.source) for name, limit in limits.items())


def _thresholds(window: WindowRule) -> Iterator[str]:
    stated = {
        "refused before": window.hard_min_days,
        "earliest": window.earliest_days,
        "target": window.target_days,
        "latest": window.latest_days,
        "critical from": window.critical_days,
    }
    yield from (f"{name} {days} d" for name, days in stated.items() if days is not None)
    months = {"target": window.target_months, "latest": window.latest_months}
    yield from (f"{name} {count} months" for name, count in months.items() if count is not None)
