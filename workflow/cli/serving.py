"""`coursewatch serve` and `coursewatch api`: the processes that answer."""

import logging
import os
import signal
import socket
import ssl
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workflow.cli.demonstrating import Morning, demo_folder, make_ready, show_around
from workflow.cli.listening import require_protection
from workflow.cli.observing import observing
from workflow.cli.options import OWNER_ONLY, Database, Protocols, Recommendations, environment_for, open_house
from workflow.cli.talk import say
from workflow.cli.waiting import wait_for_database
from workflow.domain.errors import CoursewatchError
from workflow.domain.roles import Role
from workflow.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prometheus_client.registry import Collector

    from workflow.services.house import House

FIRST_KEY_FILE = "admin.key"
FIRST_ADMIN = "admin"
WAITING_CONNECTIONS = 2048

Host = Annotated[
    str | None,
    typer.Option(envvar="COURSEWATCH_HOST", help="The address to listen on.", show_default="127.0.0.1"),
]
Port = Annotated[
    int | None,
    typer.Option(envvar="COURSEWATCH_PORT", min=0, max=65535, help="0 takes any free one.", show_default="8000"),
]

Demo = Annotated[
    bool,
    typer.Option(
        "--demo",
        help="Show a made-up ward, in a database of its own in ./coursewatch-demo that is a rehearsal for ever.",
    ),
]


class CannotListenError(CoursewatchError):
    """The address cannot be listened on."""


class KeyFileTakenError(CoursewatchError):
    """The file for the first admin key holds another key."""


class CannotWriteKeyError(CoursewatchError):
    """The file for the first admin key cannot be written."""


def serve(
    database: Database = None,
    host: Host = None,
    port: Port = None,
    *,
    recommendations: Recommendations = None,
    protocols: Protocols = None,
    demo: Demo = False,
) -> None:
    """Start everything on one machine: migrate the database, make a first admin key, serve API and pages, tick.

    With --demo it shows a made-up ward on a morning of its own; a later start goes on where its days have come to.
    """
    from api.logs import configure_logs
    from scheduler.main import at_work
    from workflow.bootstrap import migrate

    folder = demo_folder() if demo else None
    settings = _settings_for_application(
        database, host=host, port=port, data_dir=folder, recommendations=recommendations, protocols=protocols
    )
    tls = require_protection(settings)
    # The address comes first: where another server has it, this one must not touch that server's database.
    with _listener(settings.host, settings.port) as listener:
        morning = make_ready(settings) if demo else None
        if morning is None:
            wait_for_database(settings, tables=False)
            migrate(settings, tell=say)
        configure_logs(least=logging.WARNING if demo else logging.INFO)
        # Notices link to where it answers; port 0 has become one that was free.
        settings = settings.with_(port=listener.getsockname()[1])
        if demo:
            settings = settings.with_(mail_content="full")
        with open_house(settings, morning.clock if morning else None) as house:
            make_first_key(house, settings.data_dir)
            with observing(settings) as observer, at_work(house, show=say if demo else None, observer=observer):
                _run(listener, settings, morning, tls=tls, also_measured=(observer.metrics.registry,))


def api(
    database: Database = None,
    host: Host = None,
    port: Port = None,
    *,
    recommendations: Recommendations = None,
    protocols: Protocols = None,
) -> None:
    """Start API and pages alone; any number of them beside each other on PostgreSQL. Never migrates.

    It waits COURSEWATCH_WAIT_FOR_DATABASE seconds for a database that does not answer or is upgraded elsewhere. SIGTERM
    ends it; with COURSEWATCH_DRAIN it answers /health/ready with 503 for so many seconds first, and serves meanwhile.
    """
    settings = _settings_for_application(
        database, host=host, port=port, recommendations=recommendations, protocols=protocols
    )
    wait_for_database(settings, tables=True)
    tls = require_protection(settings)
    with open_house(settings):
        pass
    with _listener(settings.host, settings.port) as listener:
        _run(listener, settings, tls=tls)


def _settings_for_application(database: str | None, **options: object) -> Settings:
    """Return the settings, and leave them in the environment, from which the application reads them again."""
    environment = environment_for(database, **options)
    os.environ.update(environment)
    return Settings.from_environment(environment)


def make_first_key(house: "House", data_dir: Path) -> None:
    """Where no key exists yet, make one for an admin and leave it in a file that its owner alone can read.

    Raises KeyFileTakenError, CannotWriteKeyError; then there is no key either.
    """
    from workflow.services import manage_keys

    if manage_keys.listed(house):
        return
    path = data_dir / FIRST_KEY_FILE
    # The file comes before the commit, and outlives one that fails: nobody can tell whether the key was stored then.
    manage_keys.create(house, FIRST_ADMIN, Role.ADMIN, keep=lambda key: _leave_key(key, path))
    say(f"The first admin key is in {path}; only you can read it.")


def _leave_key(key: str, path: Path) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = _new_key_file(path)
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(key + "\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            path.unlink()
            raise
    except OSError as fault:
        raise CannotWriteKeyError(f"{path} for the first admin key cannot be written: {fault.strerror}") from None


def _new_key_file(path: Path) -> int:
    try:
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    except FileExistsError:
        raise KeyFileTakenError(
            f"{path} exists and is not of this database, which has no key yet: it is another one's, or an interrupted "
            "start left it; move it away, or set COURSEWATCH_DATA_DIR to a folder of this database's own"
        ) from None


def _run(
    listener: socket.socket,
    settings: Settings,
    morning: Morning | None = None,
    *,
    tls: ssl.SSLContext | None = None,
    also_measured: "Iterable[Collector]" = (),
) -> None:
    """Serve until a signal ends it; the address is told once requests are answered."""
    import uvicorn

    from api.draining import Draining
    from api.main import app_from_environment
    from api.wire import SERVED_STRICTLY
    from workflow.cli.draining import FINISHED_WITHIN_SECONDS, DrainingServer

    host, port = listener.getsockname()[:2]
    address = f"{'https' if tls else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"

    def started() -> None:
        say(f"Coursewatch answers at {address}")
        if morning:
            show_around(morning, FIRST_KEY_FILE, address)

    draining = Draining()
    # Who looks around is to see mails and not the life of a server.
    least_logged = logging.WARNING if morning else logging.INFO
    application = partial(
        app_from_environment,
        morning.clock if morning else None,
        least_logged=least_logged,
        draining=draining,
        also_measured=also_measured,
    )
    config = uvicorn.Config(
        application,
        factory=True,
        log_config=None,
        timeout_graceful_shutdown=FINISHED_WITHIN_SECONDS,
        ssl_context_factory=(lambda _config, _default: tls) if tls else None,
        **SERVED_STRICTLY,
    )
    # uvicorn shuts down in good order and raises the signal once more: a process that was asked to end has done so.
    signal.signal(signal.SIGTERM, lambda _signal, _frame: sys.exit(0))
    try:
        DrainingServer(config, draining, settings.drain_seconds, started).run(sockets=[listener])
    except KeyboardInterrupt:
        say("Stopped.")


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        # From here on the address is taken for everybody else; who connects meanwhile is answered after the start.
        listener.listen(WAITING_CONNECTIONS)
    except OSError as fault:
        listener.close()
        raise CannotListenError(
            f"cannot listen on {host}, port {port}: {fault.strerror}; is Coursewatch running already? "
            "Another port: --port N, or COURSEWATCH_PORT=N make run"
        ) from None
    return listener
