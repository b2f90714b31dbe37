"""`coursewatch scheduler`: the clock's work in a process of its own."""

import signal
from threading import Event

from workflow.cli.options import Database, open_house, settings_for
from workflow.cli.talk import say


def scheduler(database: Database = None) -> None:
    """Seal and forget in a process of its own; any number of them beside each other on PostgreSQL. Never migrates."""
    from api.logs import configure_logs
    from scheduler.main import ticking

    configure_logs()
    asked_to_end = Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda _signal, _frame: asked_to_end.set())
    with open_house(settings_for(database)) as house, ticking(house):
        say("Coursewatch ticks.")
        asked_to_end.wait()
    say("Stopped.")
