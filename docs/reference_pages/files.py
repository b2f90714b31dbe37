"""What docs/reference must hold: each page of the reference, its drawings, and the schemas of protocol files."""

from collections.abc import Mapping
from pathlib import Path

from workflow.protocols.files.schema import schemas
from workflow.protocols.library import shipped
from workflow.services.read_reference import pages
from workflow.services.reference.markdown import files_of

FOLDER = Path(__file__).resolve().parents[1] / "reference"


def written() -> Mapping[str, str]:
    """Return the text of every file by its name, from the protocols of this release."""
    told = {name: text for page in pages(shipped()).values() for name, text in files_of(page).items()}
    return told | schemas()


def on_disk(folder: Path = FOLDER) -> Mapping[str, str]:
    """Return the text of every file that is there by its name."""
    return {file.name: file.read_text(encoding="utf-8") for file in sorted(folder.iterdir())}


def write(folder: Path = FOLDER) -> tuple[str, ...]:
    """Write every file anew and take away what is none of them; return the names of what changed."""
    folder.mkdir(exist_ok=True)
    before, now = on_disk(folder), written()
    for name in before.keys() - now.keys():
        (folder / name).unlink()
    changed = {name: text for name, text in now.items() if before.get(name) != text}
    for name, text in changed.items():
        (folder / name).write_text(text, encoding="utf-8")
    return tuple(sorted(changed.keys() | (before.keys() - now.keys())))
