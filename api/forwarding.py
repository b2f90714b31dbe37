"""Who may ask, and how: beyond this machine only over TLS, ours or that of a proxy which the settings name."""

from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from starlette.types import Scope

from api.addresses import LOOPBACK, Address, address_in, host_of, own_path
from api.problems import ProblemDetails
from workflow.settings import Network, Settings

# What machines ask to learn whether this one lives; nothing of a patient is in it.
WATCHED = frozenset({"/health/live", "/health/ready", "/metrics"})


@dataclass(frozen=True, slots=True)
class Entrance:
    """The way in that an installation has: through these proxies alone, under this host's name alone.

    Without proxies whoever reaches the port is served, with health and metrics only where no watchers are named or it
    is one of them or this machine; without a public address every name is taken.
    """

    proxies: tuple[Network, ...] = ()
    watchers: tuple[Network, ...] = ()
    host: str | None = None

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return the entrance that the settings describe."""
        host = urlsplit(settings.public_url).netloc.lower() if settings.public_url else None
        return cls(settings.trusted_proxies, settings.watched_from, host)

    def refusal_of(self, scope: Scope) -> ProblemDetails | None:
        """Return why a request is not let in, or None; one that a proxy forwards is made to say who sent it, and how.

        X-Forwarded-For and X-Forwarded-Proto are believed from these proxies and from nobody else.
        """
        watching = own_path(scope) in WATCHED
        if watching and self._may_watch(scope):
            return None
        if self.proxies:
            refusal = self._through_proxy(scope)
            if refusal is not None:
                return refusal
        elif watching:
            return NOT_A_WATCHER
        return self._of_other_host(scope)

    def _may_watch(self, scope: Scope) -> bool:
        if not (self.proxies or self.watchers):
            return True
        peer = _address_of(scope, "client")
        if peer is None:
            return False
        this_machine = peer.is_loopback or peer == _address_of(scope, "server")
        return this_machine or _within(peer, self.proxies) or _within(peer, self.watchers)

    def _through_proxy(self, scope: Scope) -> ProblemDetails | None:
        peer = _address_of(scope, "client")
        if peer is None or not _within(peer, self.proxies):
            return NOT_THROUGH_PROXY
        if [value.strip().lower() for value in _values(scope, b"x-forwarded-proto")] != ["https"]:
            return TLS_NEEDED
        scope["scheme"] = "https"
        scope["client"] = (str(self._sender(scope) or peer), 0)
        return None

    def _sender(self, scope: Scope) -> Address | None:
        """Return who sent the request to the outermost of our proxies: each one appends who spoke to it."""
        hops = ",".join(_values(scope, b"x-forwarded-for")).split(",")
        for hop in reversed(hops):
            address = address_in(hop.strip())
            if address is None or not _within(address, self.proxies):
                return address
        return None

    def _of_other_host(self, scope: Scope) -> ProblemDetails | None:
        if self.host is None:
            return None
        named = ",".join(_values(scope, b"host")).lower()
        # What is asked on this machine itself, through no proxy, may call it by any of its own names.
        local = not self.proxies and host_of(named) in LOOPBACK
        return None if local or named in _spellings(self.host) else OTHER_HOST


NOT_THROUGH_PROXY = ProblemDetails(
    status=403,
    code="not_through_proxy",
    title="Not through the proxy",
    detail="This server answers only what comes through its proxy; go to the address that you were given. "
    "(COURSEWATCH_TRUSTED_PROXIES names the proxies, COURSEWATCH_WATCHED_FROM who may ask for health and metrics.)",
)
NOT_A_WATCHER = ProblemDetails(
    status=403,
    code="not_a_watcher",
    title="Not one of those who watch",
    detail="Health and metrics are told to this server's own machine and to those whom COURSEWATCH_WATCHED_FROM names.",
)
TLS_NEEDED = ProblemDetails(
    status=403,
    code="tls_needed",
    title="TLS needed",
    detail="The proxy did not say that this came over TLS. Use https://; the proxy must set the header "
    "X-Forwarded-Proto: https on what did, once, whatever the client sent.",
)
OTHER_HOST = ProblemDetails(
    status=421,
    code="other_host",
    title="Another host was asked for",
    detail="This server is known by the name in COURSEWATCH_PUBLIC_URL and answers under no other.",
)


def _address_of(scope: Scope, end: str) -> Address | None:
    """Return the address of one end of the connection, `client` or `server`."""
    named = scope.get(end)
    return address_in(named[0]) if named else None


def _within(address: Address, networks: tuple[Network, ...]) -> bool:
    return any(address in network for network in networks)


def _values(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for sent, value in scope["headers"] if sent == name]


def _spellings(host: str) -> tuple[str, ...]:
    """Return how a browser or a program may write the host: with the port that goes without saying, or without."""
    bare = host.removesuffix(":443").removesuffix(":80")
    return (host, bare) if bare != host else (host, f"{host}:443", f"{host}:80")
