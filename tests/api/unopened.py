"""A house with settings and a clock, and nothing behind its door: enough to ask an application what it would take."""

from types import SimpleNamespace
from typing import cast

from workflow.clock import utc_now
from workflow.services.house import House
from workflow.settings import Settings


def unopened_house() -> House:
    """Return a house whose database nobody may ask for."""
    return cast("House", SimpleNamespace(settings=Settings.from_environment({}), clock=utc_now))
