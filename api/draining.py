"""Whether this process was told to end and is still answering, so that a balancer turns to others before it ends."""

from dataclasses import dataclass


@dataclass(slots=True)
class Draining:
    """From `begun` on readiness is refused, and everything else is answered as before."""

    begun: bool = False
