#!/usr/bin/env python3
"""A crowd of clients against each server, every answer compared whole.

    tests/crowd/crowd.py BUILD [--seconds N] [--seed S] [--client N] [SERVER...]

Each client has a number, and by seed and number a script of its own: a pipeline of 1 to 20 requests,
bodies that nobody else sends, where it cuts its bytes, how long it rests, how little it takes at a
time, whether it closes its half before the answers. So an answer that belongs to somebody else, to
another request of its own, or to nobody, is seen; and so is one that never comes. When all have left,
the server has to hold what it held before they came. What went wrong is said with seed and number;
with --client, that one alone comes, again and again.
"""
import argparse
import asyncio
import concurrent.futures
import dataclasses
import os
import random
import re
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "clients"))
from honest import Wrong, get, pattern  # noqa: E402
from server import Server, own_servers  # noqa: E402

CLIENTS = 48  # at a time
PATIENCE_S = 30  # for all that a client asks for
# Of one that takes little, too: where its window is smaller than a segment the kernel sends what fits into it
# five times a second. A server bears that from this rate on.
LEAST_BYTES_PER_S = 4096
SETTLE_S = 15
SLOW_MOST = 400_000  # bytes: what a client that takes little at a time asks for in all
SHOWN_MOST = 5
# What a library does, beyond our reach: to these nobody closes half. It is said.
NO_HALVES = dict.fromkeys(
    ["libmicrohttpd", "libmicrohttpd/pool"],
    "the library sees a half-close during a wait as the end, and one after the last answer at its idle timeout only")
HEAD = re.compile(rb"HTTP/1\.1 (\d{3}) [^\r\n]*\r\n(?:[^\r\n]+\r\n)*?content-length: *(\d+)\r\n", re.IGNORECASE)


# --- what a client does ---------------------------------------------------------------------------


@dataclasses.dataclass
class Exchange:
    what: str
    request: bytes
    status: int
    body: bytes


def some_length(dice, most):
    """Of any order of magnitude, and often one around which buffers end."""
    length = dice.choice([0, dice.randrange(100), dice.randrange(5000), dice.randrange(70_000), dice.randrange(most + 1),
                          dice.choice([4096, 16384, 65536]) + dice.randrange(-200, 200)])
    return min(length, most)


def echo_by_length(dice, most):
    body = dice.randbytes(some_length(dice, min(most, 300_000)))
    head = get("/echo", "POST", f"Content-Length: {len(body)}\r\n")
    return Exchange(f"POST /echo of {len(body)}", head + body, 200, body)


def echo_in_chunks(dice, most):
    body = dice.randbytes(some_length(dice, min(most, 300_000)))
    parts, at = [], 0
    while at < len(body):
        size = dice.randrange(1, max(2, dice.choice([20, 2000, len(body)])))
        parts.append(b"%x\r\n%s\r\n" % (len(body[at:at + size]), body[at:at + size]))
        at += size
        if len(parts) > 100:
            parts.append(b"%x\r\n%s\r\n" % (len(body[at:]), body[at:]) if at < len(body) else b"")
            break
    head = get("/echo", "POST", "Transfer-Encoding: chunked\r\n")
    return Exchange(f"POST /echo of {len(body)} in chunks", head + b"".join(parts) + b"0\r\n\r\n", 200, body)


def known_bytes(dice, most):
    length = some_length(dice, min(most, 1_000_000))
    return Exchange(f"GET /bytes/{length}", get(f"/bytes/{length}"), 200, pattern(length))


def wait(dice, _most):
    ms = dice.randrange(30)
    return Exchange(f"GET /wait/{ms}", get(f"/wait/{ms}"), 200, b"Waited %d ms" % ms)


def nowhere(dice, _most):
    path = f"/nowhere/{dice.randrange(10 ** 6)}"
    return Exchange(f"GET {path}", get(path), 404, b"404 Not Found\n")


KINDS = [(echo_by_length, 3), (echo_in_chunks, 3), (known_bytes, 3), (wait, 1), (nowhere, 1)]


class Client:
    """All that it will do, by its seed and number alone."""

    def __init__(self, seed, number):
        dice = random.Random(f"{seed}/{number}")
        self.number = number
        self.takes_little = dice.random() < 0.4
        self.small_segments = dice.random() < 0.4
        self.rests_reading = dice.random() < 0.3
        self.rests_sending = dice.random() < 0.4
        self.reads_late_s = dice.choice([0, 0, dice.random() * 0.3])
        self.closes_half = dice.random() < 0.35
        most = SLOW_MOST if self.takes_little or self.rests_reading else 4_000_000
        self.exchanges = []
        for _ in range(dice.randrange(1, 21)):
            make = dice.choices([make for make, _ in KINDS], [weight for _, weight in KINDS])[0]
            self.exchanges.append(make(dice, max(0, most)))
            most -= len(self.exchanges[-1].body)
        said = b"".join(exchange.request for exchange in self.exchanges)
        cuts = sorted(dice.randrange(1, len(said)) for _ in range(dice.choice([0, 1, 3, 10, 40])))
        self.pieces = [said[begin:end] for begin, end in zip([0] + cuts, cuts + [len(said)]) if begin < end]
        self.dice = dice

    def __str__(self):
        ways = ["takes_little", "small_segments", "rests_reading", "rests_sending", "reads_late_s", "closes_half"]
        return f"client {self.number} ({', '.join(way for way in ways if getattr(self, way))}; " \
               f"{len(self.pieces)} pieces; {', '.join(exchange.what for exchange in self.exchanges)})"

    def patience_s(self):
        length = sum(len(exchange.body) for exchange in self.exchanges)
        return PATIENCE_S + (length / LEAST_BYTES_PER_S if self.takes_little else 0)

    def rest_s(self):
        return self.dice.uniform(0.001, 0.020)

    async def come(self, port):
        loop = asyncio.get_running_loop()
        self.answered, self.came = 0, b""
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK) as connection:
            if self.takes_little:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            if self.small_segments:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            # From one of many addresses, or the ports of one would run out.
            connection.bind((f"127.{self.dice.randrange(1, 250)}.{self.dice.randrange(1, 250)}.1", 0))
            await loop.sock_connect(connection, ("127.0.0.1", port))
            sending = asyncio.ensure_future(self.send(loop, connection))
            try:
                await self.read(loop, connection, sending)
            finally:
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)

    async def send(self, loop, connection):
        for piece in self.pieces:
            await loop.sock_sendall(connection, piece)
            if self.rests_sending and self.dice.random() < 0.5:
                await asyncio.sleep(self.rest_s())
            else:
                await asyncio.sleep(0)
        if self.closes_half:
            connection.shutdown(socket.SHUT_WR)

    async def read(self, loop, connection, sending):
        await asyncio.sleep(self.reads_late_s)
        parts = Parts(loop, connection, self)
        for number, exchange in enumerate(self.exchanges, 1):
            where = f"answer {number} of {len(self.exchanges)}, to {exchange.what}"
            status, length = await parts.head(where)
            body = await parts.take(length, where)
            if status != exchange.status or body != exchange.body:
                raise Wrong(f"{where}: " + difference(exchange, status, body, self.exchanges))
            self.answered += 1
        await sending
        more = parts.kept or (await loop.sock_recv(connection, 4096) if self.closes_half else b"")
        if more:
            raise Wrong(f"after the last answer came {more[:60]!r}")


class Parts:
    """The stream of answers, received in the client's manner."""

    def __init__(self, loop, connection, client):
        self.loop, self.connection, self.client = loop, connection, client
        self.kept = bytearray()

    async def more(self, where):
        client = self.client
        if client.rests_reading and client.dice.random() < 0.3:
            await asyncio.sleep(client.rest_s())
        piece = await self.loop.sock_recv(self.connection, client.dice.choice([100, 3000, 65536, 262144]))
        if not piece:
            raise Wrong(f"{where}: closed after {bytes(self.kept[:60])!r} ({len(self.kept)} bytes)")
        self.kept += piece

    async def head(self, where):
        while (end := self.kept.find(b"\r\n\r\n")) < 0:
            if len(self.kept) > 4096 or not b"HTTP/1.1 ".startswith(self.kept[:9]):
                raise Wrong(f"{where}: no head: {bytes(self.kept[:60])!r}")
            await self.more(where)
        match = HEAD.match(bytes(self.kept[:end + 2]))
        if not match:
            raise Wrong(f"{where}: no head: {bytes(self.kept[:60])!r}")
        del self.kept[:end + 4]
        return int(match[1]), int(match[2])

    async def take(self, length, where):
        while len(self.kept) < length:
            await self.more(where)
        body = bytes(self.kept[:length])
        del self.kept[:length]
        return body


def difference(exchange, status, body, exchanges):
    for number, other in enumerate(exchanges, 1):
        if other is not exchange and (status, body) == (other.status, other.body):
            return f"came that to request {number}, {other.what}"
    same = next((i for i, (a, b) in enumerate(zip(body, exchange.body)) if a != b), min(len(body), len(exchange.body)))
    return f"came {status} with {len(body)} bytes, from {same} on {body[same:same + 40]!r} " \
           f"instead of {exchange.body[same:same + 40]!r} ({exchange.status}, {len(exchange.body)} bytes)"


# --- the crowd ------------------------------------------------------------------------------------


class Crowd:
    def __init__(self, port, halves, arguments):
        self.port, self.seed, self.only = port, arguments.seed, arguments.client
        self.seconds, self.most = arguments.seconds, arguments.clients
        self.halves = halves
        self.clients = self.answers = 0
        self.wrong = []

    async def one_after_another(self, until):
        while time.monotonic() < until and self.clients != self.most:
            self.clients += 1
            client = Client(self.seed, self.only or self.clients)
            client.closes_half &= self.halves
            try:
                await asyncio.wait_for(client.come(self.port), client.patience_s())
            except (TimeoutError, asyncio.TimeoutError):  # which may be an OSError
                self.wrong.append(f"{client.answered} answers after {client.patience_s():.0f} s: {client}")
            except (Wrong, OSError) as problem:
                self.wrong.append(f"{problem}: {client}")
            self.answers += client.answered

    async def come_all(self):
        until = time.monotonic() + self.seconds
        await asyncio.gather(*[self.one_after_another(until) for _ in range(1 if self.only else CLIENTS)])


def try_server(build, name, arguments):
    """Prints a row; returns whether all was right."""
    server = Server(build, name)
    crowd = Crowd(server.port, name not in NO_HALVES, arguments)
    verdict = "passed"
    try:
        if server.port is None:
            raise Wrong(f"does not start: {server.said()}")
        server.visit()
        before = server.rest()
        asyncio.run(crowd.come_all())
        if not server.alive():
            raise Wrong(f"died with {server.process.returncode}: {server.said()}")
        try:
            server.settle(before, SETTLE_S)
        except Wrong as wrong:
            crowd.wrong.insert(0, str(wrong))
        if crowd.wrong:
            raise Wrong("\n    ".join([f"{len(crowd.wrong)} times"] + crowd.wrong[:SHOWN_MOST]))
        server.end()
    except Wrong as wrong:
        verdict = f"FAILED (seed {arguments.seed}): {wrong}"
    finally:
        server.kill()
    print(f"{name:38} {crowd.clients:6} clients {crowd.answers:7} answers  {verdict}", flush=True)
    return verdict == "passed"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("build")
    parser.add_argument("--seconds", type=float, default=6, help="for each server (6)")
    parser.add_argument("--clients", type=int, help="so many at most")
    parser.add_argument("--seed", default="1", help="what the scripts depend on (1)")
    parser.add_argument("--client", type=int, help="only this one")
    parser.add_argument("--side-by-side", type=int, default=2, help="servers at a time (2)")
    parser.add_argument("servers", nargs="*", help="as `tenk list` names them (all of our own)")
    arguments = parser.parse_intermixed_args()
    servers = arguments.servers
    if len(servers) == 1:
        return 0 if try_server(arguments.build, servers[0], arguments) else 1
    if not servers:
        servers = own_servers(arguments.build, numbers=True)
        for name, why in NO_HALVES.items():
            print(f"{name:38} without half-closes: {why}")
    options = [word for key in ("seconds", "clients", "seed", "client") if getattr(arguments, key) is not None
               for word in (f"--{key}", str(getattr(arguments, key)))]

    def in_a_process(name):  # of its own, since a crowd takes all of a Python
        return subprocess.run([sys.executable, __file__, arguments.build, *options, name], check=False).returncode

    with concurrent.futures.ThreadPoolExecutor(arguments.side_by_side) as pool:
        codes = list(pool.map(in_a_process, servers))
    print(f"{codes.count(0)} passed, {len(codes) - codes.count(0)} failed")
    return 0 if not any(codes) else 1


if __name__ == "__main__":
    sys.exit(main())
