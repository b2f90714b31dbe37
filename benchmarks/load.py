"""A load of many keep-alive connections from one process, cheap enough not to be what is measured."""

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter

from workflow.identifiers import new_key_id

CONNECTIONS = 16


@dataclass(frozen=True, slots=True)
class Call:
    """One POST: path and JSON body."""

    path: str
    body: Mapping[str, object]


class UnexpectedStatusError(Exception):
    """A call of the load was not answered with 2xx, so its time means nothing."""


def timed_round(port: int, scripts: Iterable[Sequence[Call]], headers: Mapping[str, str] | None = None) -> float:
    """Send all scripts over 16 connections, each script in its order, and return requests per second."""
    texts = [
        [_request(port, call, {**(headers or {}), "Idempotency-Key": new_key_id()}) for call in script]
        for script in scripts
    ]
    return asyncio.run(_round(port, texts))


def answers_of(port: int, calls: Sequence[Call], headers: Mapping[str, str]) -> list[dict[str, object]]:
    """Send calls one after the other and return their JSON answers: the preparation of a round."""
    return asyncio.run(_answers(port, [_request(port, call, headers) for call in calls]))


async def _round(port: int, scripts: list[list[bytes]]) -> float:
    queue: asyncio.Queue[list[bytes]] = asyncio.Queue()
    for script in scripts:
        queue.put_nowait(script)
    total = sum(map(len, scripts))
    begun = perf_counter()
    await asyncio.gather(*(_worker(port, queue) for _ in range(CONNECTIONS)))
    return total / (perf_counter() - begun)


async def _worker(port: int, queue: asyncio.Queue[list[bytes]]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while not queue.empty():
        for request in queue.get_nowait():
            await _exchange(reader, writer, request)
    writer.close()
    await writer.wait_closed()


async def _answers(port: int, requests: list[bytes]) -> list[dict[str, object]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    found = [json.loads(await _exchange(reader, writer, request)) for request in requests]
    writer.close()
    await writer.wait_closed()
    return found


async def _exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> bytes:
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        int(line.partition(b":")[2]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
    )
    body = await reader.readexactly(length)
    if not head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 201")):
        raise UnexpectedStatusError(head.partition(b"\r\n")[0].decode() + " " + body.decode()[:500])
    return body


def _request(port: int, call: Call, headers: Mapping[str, str]) -> bytes:
    body = json.dumps(call.body).encode()
    told = {
        "Host": f"127.0.0.1:{port}",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        **headers,
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"POST {call.path} HTTP/1.1\r\n{lines}\r\n".encode() + body
