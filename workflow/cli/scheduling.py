"""`coursewatch scheduler`: the clock's work in a process of its own."""

import signal

from workflow.cli.observing import watched
from workflow.cli.options import Database, Protocols, open_house, settings_for
from workflow.cli.talk import say
from workflow.cli.waiting import wait_for_database

ENDS = {signal.SIGTERM, signal.SIGINT}


def scheduler(database: Database = None, protocols: Protocols = None) -> None:
    """Do the clock's work in a process of its own, any number of them beside each other on PostgreSQL. Never migrates.

    That is: raise what fell due, seal what was recorded, forget old answers. With COURSEWATCH_WATCH_PORT it tells its
    health and its metrics there (/health/live, /health/ready, /metrics).
    """
    from api.logs import configure_logs
    from scheduler.main import at_work

    configure_logs()
    settings = settings_for(database, protocols=protocols)
    wait_for_database(settings, tables=True)
    # Held back, in every thread that starts from here, until they are waited for: a handler might interrupt that wait.
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)
    with open_house(settings) as house, watched(settings, house) as observer, at_work(house, observer=observer):
        say("Coursewatch ticks.")
        signal.sigwait(ENDS)
    say("Stopped.")
