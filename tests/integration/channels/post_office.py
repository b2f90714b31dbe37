"""A real mail server in a thread, which at any step of the dialogue does what a test wants of it."""

import asyncio
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

CERTIFICATES = Path(__file__).parents[2] / "data" / "certificates"
# What may happen at a step instead of an answer: nothing ever, the end, or an answer that never ends.
SILENCE, HANG_UP, TRICKLE = "silence", "hang up", "trickle"
USER, PASSWORD = "coursewatch", "a password of the tests"


def server_context(certificate: str) -> ssl.SSLContext:
    """Return what a server shows: a certificate of the tests, by the name it was made out to."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / f"{certificate}.pem")
    return context


def trusting(certificate: str) -> ssl.SSLContext:
    """Return what a client checks: as always, with one certificate of the tests as its only authority."""
    return ssl.create_default_context(cafile=str(CERTIFICATES / f"{certificate}.pem"))


@dataclass(frozen=True, kw_only=True)
class Conduct:
    """How the server behaves: at some steps an answer of its own, or what stands in for one.

    Steps: greeting, EHLO, MAIL, RCPT, DATA (before the text), dot (after it), QUIT.
    """

    at: Mapping[str, str] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None
    starttls: ssl.SSLContext | None = None
    sign_in: bool = False


@dataclass
class PostOffice:
    """A running server: where it is, and each envelope that it read to its final dot."""

    port: int
    clerks: list["_Clerk"] = field(default_factory=list, repr=False)
    taken: list[Envelope] = field(default_factory=list)
    signed_in: list[str] = field(default_factory=list)


class _Clerk(SMTP):
    def __init__(self, office: PostOffice, conduct: Conduct, loop: asyncio.AbstractEventLoop) -> None:
        self.conduct = conduct
        office.clerks.append(self)
        super().__init__(
            _Counter(office),
            hostname="post.example",
            loop=loop,
            tls_context=conduct.starttls,
            auth_require_tls=not conduct.sign_in,
            authenticator=_authenticator(office),
        )

    async def does_otherwise(self, step: str) -> bool:
        """Do what is wanted at this step; False where nothing is."""
        action = self.conduct.at.get(step)
        if action is None:
            return False
        assert isinstance(self.transport, asyncio.Transport)
        if action == HANG_UP:
            self.transport.abort()
        if action in {HANG_UP, SILENCE}:
            await asyncio.Event().wait()
        while action == TRICKLE:
            await self.push("250-more")
        await self.push(action)
        return True

    async def _handle_client(self) -> None:
        if await self.does_otherwise("greeting"):
            assert self.transport is not None
            self.transport.close()
        else:
            await super()._handle_client()

    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802 -- aiosmtpd's name
        if not await self.does_otherwise("EHLO"):
            await super().smtp_EHLO(hostname)

    async def smtp_HELO(self, hostname: str) -> None:  # noqa: N802 -- aiosmtpd's name
        if not await self.does_otherwise("EHLO"):
            await super().smtp_HELO(hostname)

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802 -- aiosmtpd's name
        if not await self.does_otherwise("MAIL"):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802 -- aiosmtpd's name
        if not await self.does_otherwise("RCPT"):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 -- aiosmtpd's name
        if self.conduct.at.get("DATA") == HANG_UP:
            await self.push("354 Go on")
        if not await self.does_otherwise("DATA"):
            await super().smtp_DATA(arg)

    async def smtp_QUIT(self, arg: str) -> None:  # noqa: N802 -- aiosmtpd's name
        if not await self.does_otherwise("QUIT"):
            await super().smtp_QUIT(arg)


class _Counter:
    def __init__(self, office: PostOffice) -> None:
        self.office = office

    async def handle_DATA(self, server: _Clerk, _session: Session, envelope: Envelope) -> str:  # noqa: N802 -- aiosmtpd's name
        self.office.taken.append(envelope)
        action = server.conduct.at.get("dot", "250 Taken")
        if action in {HANG_UP, SILENCE, TRICKLE}:
            await server.does_otherwise("dot")
        return action


def _authenticator(office: PostOffice):  # type: ignore[no-untyped-def] # noqa: ANN202 -- aiosmtpd's own type is Any
    def authenticate(*known: object) -> AuthResult:
        given = known[-1]
        assert isinstance(given, LoginPassword)
        office.signed_in.append(given.login.decode())
        return AuthResult(success=given == LoginPassword(USER.encode(), PASSWORD.encode()), handled=False)

    return authenticate


@contextmanager
def opened_post_office(conduct: Conduct) -> Iterator[PostOffice]:
    """Run a server on a free port of this machine for as long as the block lasts."""
    loop = asyncio.new_event_loop()
    office = PostOffice(port=0)
    server = loop.run_until_complete(
        loop.create_server(lambda: _Clerk(office, conduct, loop), "127.0.0.1", 0, ssl=conduct.tls)
    )
    office.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, name="post office")
    thread.start()
    try:
        yield office
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        loop.run_until_complete(_everybody_leaves(office))
        loop.run_until_complete(server.wait_closed())
        loop.close()


async def _everybody_leaves(office: PostOffice) -> None:
    for clerk in office.clerks:
        if isinstance(clerk.transport, asyncio.Transport):
            clerk.transport.abort()
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    # What a lost connection still has to do was put at the end of the loop's queue.
    await asyncio.sleep(0)
