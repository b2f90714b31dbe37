"""`coursewatch protocol list`, `diff` and `sign`: versions, what differs between them, and who released them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from workflow.cli.options import Database, NoDatabaseError, Protocols, open_house, require_database_file, settings_for
from workflow.cli.talk import put, put_table, say
from workflow.domain.actor import LOCAL_ADMIN

if TYPE_CHECKING:
    from workflow.protocols.model import Protocol
    from workflow.protocols.model import Protocols as AtHand
    from workflow.settings import Settings

COLUMNS = ("id", "version", "title", "release", "in force from", "sha256")
Named = Annotated[str, typer.Argument(metavar="ID", help="A protocol's id, id@version, or its folder.")]


def list_protocols(database: Database = None, protocols: Protocols = None) -> None:
    """List the protocols of this release and your own; with a database also what it keeps, and who released what."""
    settings = settings_for(database, protocols=protocols)
    try:
        require_database_file(settings)
    except NoDatabaseError:
        put_table(None, COLUMNS, _without_database(settings))
        return
    put_table(None, COLUMNS, _standing(settings))


def diff(
    a: Named,
    b: Annotated[str, typer.Argument(metavar="ID", help="The other one.")],
    database: Database = None,
    protocols: Protocols = None,
) -> None:
    """Show what B states otherwise than A, key by key; each is an id, id@version, or a folder.

    An id alone means the newest released version, as in a choice, in force or not yet; a draft only where none is.
    """
    from workflow.protocols.diff import differences

    known = as_released(settings_for(database, protocols=protocols))
    old, new = version_meant(a, known), version_meant(b, known)
    say(f"{old.ref} (sha256 {old.sha256[:12]}) → {new.ref} (sha256 {new.sha256[:12]})")
    found = differences(old, new)
    for difference in found:
        put(str(difference))
    if not found:
        same = "the same text" if old.sha256 == new.sha256 else "their texts differ, and state the same"
        say(f"{a} means {old.ref}, {b} means {new.ref}: {same}.")


def sign(
    ref: Annotated[str, typer.Argument(metavar="ID@VERSION", help="The version that is signed.")],
    *,
    part: Annotated[
        Literal["author", "approver"], typer.Option("--as", help="Two different people sign, each one part.")
    ],
    note: Annotated[str | None, typer.Option(help="What was checked, against which document.")] = None,
    sha256: Annotated[
        str | None, typer.Option(help="The hash of the text that was read; refused where it is another by now.")
    ] = None,
    database: Database = None,
    protocols: Protocols = None,
) -> None:
    """Sign a protocol version as the actor `local`; the other part takes another person's key (POST …/signatures)."""
    from workflow.services import protocol_release

    with open_house(settings_for(database, protocols=protocols)) as house:
        text = sha256 or protocol_release.version_called(house.protocols, ref).sha256
        raw = {"part": part, "sha256": text, "note": note}
        answer = protocol_release.sign(house, LOCAL_ADMIN, ref, raw)
    release = json.loads(answer.body)["release"]
    missing = [other for other in protocol_release.PARTS if release[other] is None]
    say(f"{ref} (sha256 {text[:12]}) is signed as its {part} by {LOCAL_ADMIN.id}.")
    say(f"It still lacks the signature of its {missing[0]}." if missing else "Both parts are signed.")


def at_hand(settings: "Settings") -> "AtHand":
    """Return the protocols of this release and of the installation's own folder; raises UnsoundDirectoryError."""
    from workflow.protocols.library import shipped
    from workflow.protocols.model import Protocols as Versions
    from workflow.services.check_protocols import load_own

    return Versions((*shipped().versions, *load_own(settings.protocols)))


def as_released(settings: "Settings") -> "AtHand":
    """Return the protocols at hand of which an id alone means a draft only where no version is released.

    Those of one's own are drafts until two people have signed; a database, where there is one, knows who did. It is
    only read: to look at a text does not fix it. Raises UnsoundDirectoryError, WrongRevisionError.
    """
    from workflow.bootstrap import signatures_on_file
    from workflow.protocols.library import shipped
    from workflow.protocols.model import Protocols as Versions
    from workflow.services.protocol_release import PARTS, released_by

    versions = at_hand(settings).versions
    of_release = {version.sha256 for version in shipped().versions}
    own = {version.sha256: PARTS for version in versions if version.sha256 not in of_release}
    if not own:
        return shipped()
    try:
        require_database_file(settings)
        signatures = signatures_on_file(settings)
    except NoDatabaseError:
        signatures = ()
    return released_by(Versions(versions, drafts=own), signatures)


def _standing(settings: "Settings") -> Iterator[tuple[object, ...]]:
    from workflow.services import read_protocols

    with open_house(settings) as house:
        items = json.loads(read_protocols.listed(house, LOCAL_ADMIN).body)["items"]
    for item in items:
        release = item["release"]
        signed = [f"{part} {release[part]['actor']}" for part in ("author", "approver") if release[part]]
        told = ", ".join([release["status"], *signed, *([] if item["offered"] else ["offered no more"])])
        yield (item["id"], item["version"], item["title"], told, item["in_force_from"], item["sha256"][:12])


def _without_database(settings: "Settings") -> Iterator[tuple[object, ...]]:
    from workflow.protocols.library import shipped

    of_release = {version.sha256 for version in shipped().versions}
    for version in at_hand(settings).versions:
        release = "shipped" if version.sha256 in of_release else "own: a database knows who signed"
        yield (version.id, version.version, version.title, release, version.in_force_from, version.sha256[:12])


def version_meant(name: str, known: "AtHand") -> "Protocol":
    """Return the version at hand of this name, or that of a folder; raises NotFoundError, ProtocolError."""
    from workflow.protocols.library import load_folder
    from workflow.services.read_protocols import found

    folder = Path(name)
    return load_folder(folder) if folder.is_dir() and known.named(name) is None else found(known, name)
