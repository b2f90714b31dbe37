"""The restore drill: is this backup one that a ward could go on from? Every step is done in earnest, and can fail."""

import traceback
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

from workflow.clock import Stopwatch
from workflow.domain.actor import LOCAL_ADMIN
from workflow.domain.errors import CoursewatchError
from workflow.persistence.backup import postgresql, sqlite
from workflow.persistence.backup.app_role import as_role
from workflow.persistence.backup.manifest import Contents, Manifest, read_manifest, require_whole
from workflow.persistence.backup.scratch import Scratch
from workflow.persistence.chain import secret_check
from workflow.persistence.engine import Dialect, parse_url
from workflow.persistence.pages import Page
from workflow.services.house import House
from workflow.services.read_worklist import Wanted, rows
from workflow.services.restore_backup import Restoring, put_back, require_fitting
from workflow.services.verify_database import Hearing, verify_database

ROWS_A_PAGE = 500
# Everything that has a window, so that as many rows as possible are read.
STATUSES = frozenset({"critical", "late", "due", "open", "upcoming", "unknown"})


class DrillError(CoursewatchError):
    """A step of the drill has failed: the backup, or the way back, is not what it should be."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step that was taken: its name, how it went (`failed` or not) in a line, and how long it took."""

    name: str
    told: str
    seconds: float
    failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What a drill needs of the installation: a scratch database, and what is done to any restored one.

    `scratch` says where a backup of a kind of database is restored to, raising RestoreError; `secret` returns the
    installation's secret, raising SettingsError, and never makes one. `upgrade` brings the database at a URL to this
    release and says what that came to; `open_house` opens it.
    """

    scratch: Callable[[Dialect], Scratch]
    restoring: Restoring
    secret: Callable[[], bytes]
    upgrade: Callable[[str], str]
    open_house: Callable[[str], AbstractContextManager[House]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """Who hears of a drill: each step as it ends, each finding on the way, and how the time is taken.

    `heed` is asked throughout and raises, as nothing else does, an exception that is no Exception where somebody has
    asked the drill to end.
    """

    step: Callable[[Step], None]
    finding: Callable[[str], None]
    stopwatch: Stopwatch
    heed: Callable[[], None] = lambda: None


NamedStep = tuple[str, Callable[[], str]]


def drill(file: Path, ground: Ground, listening: Listening) -> bool:
    """Restore a backup where nobody works, look whether a ward could go on with it, and remove it again.

    Returns whether every step went well. The first that fails is the last, but for the removal.
    """
    found: list[Manifest] = []
    if not _all_well(_before(file, found, ground), listening):
        return False
    (manifest,) = found
    scratch = ground.scratch(manifest.origin.dialect)
    try:
        if not _all_well(iter([("scratch", scratch.make)]), listening):
            return False
        well = _all_well(_steps(file, manifest, scratch, ground, listening), listening)
        removed = _all_well(iter([("remove", scratch.remove)]), listening)
    except BaseException:
        # Ended from outside, be it while it removes: what was restored are patients' data.
        _taken("remove", scratch.remove, listening)
        raise
    return well and removed


def _before(file: Path, found: list[Manifest], ground: Ground) -> Iterator[NamedStep]:
    """Yield what is looked at before anything is made; the manifest is put into `found`."""

    def manifest() -> str:
        read = read_manifest(file)
        ground.scratch(read.origin.dialect)
        found.append(read)
        return f"made at {read.made_at:%Y-%m-%d %H:%M} UTC by release {read.origin.release}, {read.origin.database}"

    def whole() -> str:
        require_whole(file, found[0])
        return f"{found[0].size_bytes:,} bytes, SHA-256 as the manifest says"

    yield "manifest", manifest
    yield "file", whole
    yield "secret", lambda: _fitting_secret(found[0], ground)


def _steps(
    file: Path, manifest: Manifest, scratch: Scratch, ground: Ground, listening: Listening
) -> Iterator[NamedStep]:
    """Yield what is done with the scratch database; from `rights` on as the app role, where the drill may take it."""
    url = worked_at = scratch.url
    restoring = replace(ground.restoring, progress=lambda *_: listening.heed(), tell=listening.finding)

    def restore() -> str:
        require_fitting(manifest, url)
        with scratch.filling(manifest):
            put_back(file, manifest, url, restoring)
        return f"at revision {manifest.contents.revision}"

    def rights() -> str:
        nonlocal worked_at
        role = postgresql.app_role_of_database(parse_url(url), ground.restoring.app_role)
        if not role.may_be_taken:
            return (
                f"{role.name} has its rights, but the next steps are not done as that role: {role.us} may not take it "
                f"(GRANT {role.name} TO {role.us})"
            )
        worked_at = as_role(url, role.name)
        return f"{role.name} has its rights, and the next steps are done as that role"

    def verify() -> str:
        with ground.open_house(worked_at) as house:
            return _verified(house, manifest, listening)

    def worklist() -> str:
        with ground.open_house(worked_at) as house:
            return _worklist_read(house, manifest, listening)

    yield "restore", restore
    yield "counts", lambda: _counted(url, manifest)
    yield "upgrade", lambda: ground.upgrade(url)
    if manifest.origin.dialect == "postgresql":
        yield "rights", rights
    yield "verify", verify
    yield "worklist", worklist


def _fitting_secret(manifest: Manifest, ground: Ground) -> str:
    check = secret_check(ground.secret())
    if manifest.contents.secret_check is None:
        return "nothing was chained yet"
    if check != manifest.contents.secret_check:
        raise DrillError(
            "the secret file is not the one that this database's chain was made with: without that one the restored "
            "database cannot be opened"
        )
    return "the secret file is the one of this database"


def _counted(url: str, manifest: Manifest) -> str:
    found, said = _contents(url), manifest.contents
    for what, here, there in (
        ("revision", found.revision, said.revision),
        ("counts", str(found.counts), str(said.counts)),
        ("newest seal", found.newest_seal, said.newest_seal),
        ("secret's check", found.secret_check, said.secret_check),
    ):
        if here != there:
            raise DrillError(f"the restored database has another {what} than the manifest: {here}, not {there}")
    return f"{found.counts}, as the manifest says"


def _contents(url: str) -> Contents:
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite":
        return sqlite.contents_of_file(Path(str(parsed.database)))
    return postgresql.contents_of_database(parsed)


def _verified(house: House, manifest: Manifest, listening: Listening) -> str:
    verified = verify_database(
        house,
        LOCAL_ADMIN,
        Hearing(found=lambda finding: listening.finding(finding.line), advance=listening.heed),
        expect_seal=manifest.contents.newest_seal,
    )
    if verified.findings:
        raise DrillError(f"findings: {verified.findings}. Keep this output and the backup as it is")
    seal = "the manifest's seal is there" if manifest.contents.newest_seal else "nothing is sealed yet"
    return f"patients: {verified.patients:,}, all healthy; {seal}"


def _worklist_read(house: House, manifest: Manifest, listening: Listening) -> str:
    day = manifest.made_at.date()
    found, cursor = 0, None
    while True:
        listening.heed()
        page = rows(house, LOCAL_ADMIN, Wanted(as_of=day, statuses=STATUSES), Page(ROWS_A_PAGE, cursor))
        found, cursor = found + len(page.rows), page.next_cursor
        if cursor is None:
            return f"rows as of {day}: {found:,}"


def _all_well(steps: Iterator[NamedStep], listening: Listening) -> bool:
    return all(_taken(name, _heeding(act, listening), listening) for name, act in steps)


def _heeding(act: Callable[[], str], listening: Listening) -> Callable[[], str]:
    """Let a step end as asked where it has not noticed, or has made a fault of its own of it."""

    def heeded() -> str:
        try:
            return act()
        finally:
            listening.heed()

    return heeded


def _taken(name: str, act: Callable[[], str], listening: Listening) -> bool:
    """Take one step and tell it; a fault of any kind is its failure, told without what it may quote."""
    began = listening.stopwatch()
    try:
        told, failed = act(), False
    except CoursewatchError as refused:
        told, failed = str(refused), True
    except Exception as fault:  # noqa: BLE001 -- a drill is there to find what nobody has thought of: a step that fails
        frames = traceback.extract_tb(fault.__traceback__)
        place = f" at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
        told, failed = f"an error inside Coursewatch ({type(fault).__name__}{place})", True
    listening.step(Step(name, told, listening.stopwatch() - began, failed))
    return not failed
