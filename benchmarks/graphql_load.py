"""A small load generator: raw HTTP/1.1 over kept connections, so that it is never what limits the measurement."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field


@dataclass
class Answer:
    """One HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Measured:
    """What was measured of one page on one server, over all rounds."""

    requests: int = 0
    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Requests per second with many connections."""
        return self.requests / self.seconds

    def percentile(self, share: float) -> float:
        """A latency in milliseconds, with one connection."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def request_bytes(body: bytes, **headers: str) -> bytes:
    """A POST of JSON to ``/graphql/``; the same for every port, since addresses in answers come from ``Host``."""
    lines = [
        "POST /graphql/ HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *[f"{name.replace('_', '-')}: {value}" for name, value in headers.items()],
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Connection:
    """One kept connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, port: int) -> Connection:
        return cls(*await asyncio.open_connection("127.0.0.1", port, limit=2**20))

    async def ask(self, request: bytes) -> Answer:
        """Send a request and read the whole answer."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {
            name.lower(): value for name, _colon, value in (line.partition(": ") for line in lines if line)
        }
        body = await self._reader.readexactly(int(headers["content-length"]))
        return Answer(int(first.split(" ")[1]), headers, body)

    def close(self) -> None:
        self._writer.close()


async def one(port: int, request: bytes) -> Answer:
    """Ask once."""
    connection = await Connection.open(port)
    try:
        return await connection.ask(request)
    finally:
        connection.close()


async def throughput(port: int, request: bytes, connections: int, seconds: float) -> tuple[int, float]:
    """Ask as fast as answers come; returns the answers' number and the seconds it took. Raises unless all are 200."""
    opened = [await Connection.open(port) for _ in range(connections)]
    started = time.perf_counter()
    deadline = started + seconds

    async def work(connection: Connection) -> int:
        done = 0
        while time.perf_counter() < deadline:
            answer = await connection.ask(request)
            if answer.status != 200:
                raise RuntimeError(f"HTTP {answer.status}: {answer.body[:200]!r}")
            done += 1
        return done

    try:
        done = sum(await asyncio.gather(*[work(connection) for connection in opened]))
        return done, time.perf_counter() - started
    finally:
        for connection in opened:
            connection.close()


async def latencies(port: int, request: bytes, count: int, seconds: float) -> list[float]:
    """Seconds of up to ``count`` requests, one after the other, for at most ``seconds``."""
    connection = await Connection.open(port)
    found: list[float] = []
    deadline = time.perf_counter() + seconds
    try:
        while len(found) < count and time.perf_counter() < deadline:
            started = time.perf_counter()
            await connection.ask(request)
            found.append(time.perf_counter() - started)
    finally:
        connection.close()
    return found
