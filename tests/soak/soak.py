#!/usr/bin/env python3
"""Sends a hostile crowd against each server in turn, with honest clients among it.

    tests/soak/soak.py BUILD [--seconds N] [SERVER...]

Each server of our own (all of `tenk list`, or those named) gets the crowd for N seconds (20): first
for a third of that, then everybody leaves, then for the rest, and again if memory has grown. Those who
write a byte now and then, read as little as they can, reset, close half, send garbage, ask for a
hundred things at once or say nothing are free to be cut. Honest clients among them must get every
answer, right and within HONEST_S. When all have left, descriptors, threads and processes have to be
what they were before anybody came, and memory must not go on growing, but for a tolerance; on SIGTERM
the server ends with 0. Prints a row for each and ends with 1 if one has failed.
"""
import argparse
import asyncio
import os
import random
import socket
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "clients"))
from honest import EXCHANGES, Wrong, get, read_answer  # noqa: E402
from server import Server, own_servers  # noqa: E402

HONEST_S = 10  # an answer has to come within
IDLE_S = 5  # the server's patience with who says nothing; honest clients do not rest for so long
SETTLE_S = 15  # after all have left
MIB = 1 << 20
# Allocators keep some for later, and processes and threads that wait for work have not all had the
# same: so much more than before is no growth. A leak goes on through all rounds.
ROUNDS_MOST = 4
TOLERANCE_BYTES, TOLERANCE_RATIO, TOLERANCE_EACH_BYTES = MIB, 0.05, 32 << 10

GARBAGE = [
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"GET /\r\n\r\n",
    b"GET /plaintext HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
    b"GET /" + b"a" * 20000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 5000 + b"\r\n",
    b"\0" * 5000,
    b"\r\n" * 10000,
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
]

class Crowd:
    """All that is counted while it is there."""

    def __init__(self, port, until):
        self.port = port
        self.until = until
        self.answers = 0  # to honest clients
        self.errors = []  # theirs
        self.visits = 0  # of the others

    def goes_on(self):
        return time.monotonic() < self.until

    async def connect(self):
        """From one of many addresses, or the ports of one would run out."""
        loop = asyncio.get_running_loop()
        client = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        try:
            client.bind((f"127.{random.randrange(1, 250)}.{random.randrange(1, 250)}.1", 0))
            await loop.sock_connect(client, ("127.0.0.1", self.port))
        except BaseException:
            client.close()
            raise
        return client


# --- those who behave ----------------------------------------------------------------------------


async def honest(crowd):
    """Some exchanges on a connection, one after another, each to its end."""
    client = await crowd.connect()
    reader, writer = await asyncio.open_connection(sock=client, limit=1 << 20)
    try:
        for _ in range(random.randrange(1, 20)):
            said, answers = random.choice(EXCHANGES)
            writer.write(said)
            for status, body in answers:
                await asyncio.wait_for(read_answer(reader, status, body), HONEST_S)
                crowd.answers += 1
            await asyncio.sleep(random.random() * 0.02)
            if not crowd.goes_on():
                break
    finally:
        writer.close()


async def honest_once(crowd):
    """One request that is to be the last: the server closes."""
    client = await crowd.connect()
    reader, writer = await asyncio.open_connection(sock=client)
    try:
        writer.write(get("/json", extra="Connection: close\r\n"))
        await asyncio.wait_for(read_answer(reader, 200, b'{"message":"Hello, World!"}'), HONEST_S)
        if await asyncio.wait_for(reader.read(), HONEST_S):
            raise Wrong("more came after the last answer")
        crowd.answers += 1
    finally:
        writer.close()
    await asyncio.sleep(0.02)


# --- those who do not ----------------------------------------------------------------------------


async def slow_writer(crowd, client, loop):
    """A byte now and then, of a request that may never end."""
    said = get("/plaintext") if random.random() < 0.5 else b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 999\r\n\r\n"
    for byte in said[:random.randrange(1, len(said) + 1)]:
        await loop.sock_sendall(client, bytes([byte]))
        await asyncio.sleep(random.random() * 0.1)
        if not crowd.goes_on():
            break


async def slow_reader(crowd, client, loop):
    """Asks for more than any buffer holds, and reads a little of it."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    await loop.sock_sendall(client, get("/bytes/10000000") * random.randrange(1, 4))
    for _ in range(random.randrange(1, 50)):
        await loop.sock_recv(client, 1024)
        await asyncio.sleep(0.05)
        if not crowd.goes_on():
            break


async def resetter(_crowd, client, loop):
    """Leaves with an RST, at any moment."""
    said = random.choice(EXCHANGES)[0] + get("/bytes/1000000")
    await loop.sock_sendall(client, said[:random.randrange(len(said))])
    if random.random() < 0.5:
        await asyncio.sleep(random.random() * 0.05)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


async def half_closer(_crowd, client, loop):
    """Says all or half of it, and then that this was all."""
    said = random.choice(EXCHANGES)[0]
    await loop.sock_sendall(client, said if random.random() < 0.7 else said[:len(said) // 2])
    client.shutdown(socket.SHUT_WR)
    await read_to_end(client, loop, 1.0)


async def gibberer(_crowd, client, loop):
    said = random.choice(GARBAGE) if random.random() < 0.8 else random.randbytes(random.randrange(1, 3000))
    await loop.sock_sendall(client, said)
    await read_to_end(client, loop, 0.5)


async def pipeliner(_crowd, client, loop):
    """A hundred requests at once; may leave before the answers."""
    said = b"".join(random.choice(EXCHANGES)[0] for _ in range(30)) + get("/plaintext") * 70
    sending = asyncio.ensure_future(loop.sock_sendall(client, said))
    await read_to_end(client, loop, random.random() * 2)
    sending.cancel()


async def silent(_crowd, _client, _loop):
    await asyncio.sleep(random.random() * 2)


async def read_to_end(client, loop, most_s):
    async def read():
        while await loop.sock_recv(client, 65536):
            pass

    try:
        await asyncio.wait_for(read(), most_s)
    except asyncio.TimeoutError:
        pass


CROWD = [(slow_writer, 20), (slow_reader, 12), (resetter, 20), (half_closer, 12), (gibberer, 12),
         (pipeliner, 8), (silent, 8)]
HONEST = [(honest, 8), (honest_once, 4)]


# --- the crowd -----------------------------------------------------------------------------------


async def come_honestly(crowd, visit):
    while crowd.goes_on():
        try:
            await visit(crowd)
        except (Wrong, EOFError, OSError, asyncio.TimeoutError) as error:
            crowd.errors.append(f"{visit.__name__}: {error!r}")
            await asyncio.sleep(0.1)


async def come(crowd, visit):
    loop = asyncio.get_running_loop()
    while crowd.goes_on():
        try:
            client = await crowd.connect()
        except OSError:
            await asyncio.sleep(0.1)
            continue
        try:
            await asyncio.wait_for(visit(crowd, client, loop), HONEST_S)
        except (OSError, asyncio.TimeoutError):
            pass  # it may be cut
        finally:
            client.close()
        crowd.visits += 1
        await asyncio.sleep(random.random() * 0.05)


async def assemble(crowd):
    await asyncio.gather(*[come_honestly(crowd, visit) for visit, count in HONEST for _ in range(count)],
                         *[come(crowd, visit) for visit, count in CROWD for _ in range(count)])


def besiege(server, seconds):
    crowd = Crowd(server.port, time.monotonic() + seconds)
    asyncio.run(assemble(crowd))
    return crowd


def visit_all(server, seconds, before, row):
    """One time of the crowd, after which the server has to hold what it did before anybody came."""
    crowd = besiege(server, seconds)
    row["answers"] += crowd.answers
    row["errors"] += len(crowd.errors)
    row["visits"] += crowd.visits
    if not server.alive():
        raise Wrong(f"died with {server.process.returncode}: {server.said()}")
    if crowd.errors:
        raise Wrong(f"honest clients saw {len(crowd.errors)} errors, first {crowd.errors[0]}")
    if not crowd.answers or not crowd.visits:
        raise Wrong("nobody came")
    server.settle(before, SETTLE_S)
    row["memory"].append(server.memory_bytes())


def has_grown(memory, before):
    """Whether it takes more than it ever did: a plateau is reached in steps."""
    most = max(memory[:-1])
    each = before[1] + before[2] - 2
    return memory[-1] > most + max(TOLERANCE_BYTES, most * TOLERANCE_RATIO) + each * TOLERANCE_EACH_BYTES


def soak(server, seconds, row):
    """Fills the row; raises Wrong where it must not go on."""
    if server.port is None:
        raise Wrong(f"does not start: {server.said()}")
    server.visit()
    before = server.rest()
    row["memory"] = [server.memory_bytes()]
    visit_all(server, seconds / 3, before, row)
    for _ in range(ROUNDS_MOST):
        visit_all(server, seconds * 2 / 3, before, row)
        if not has_grown(row["memory"], before):
            break
    else:
        raise Wrong("memory grew on")
    server.end()


def run(build, name, seconds):
    row = {"answers": 0, "errors": 0, "visits": 0, "memory": [], "verdict": "passed"}
    server = Server(build, name, ["--idle-timeout", f"{IDLE_S}s"])
    try:
        soak(server, seconds, row)
    except Wrong as wrong:
        row["verdict"] = f"FAILED: {wrong}"
    finally:
        server.kill()
    memory = [f"{size / MIB:9.2f}" for size in row["memory"][:2] + row["memory"][2:][-1:]]
    memory += [f"{'-':>9}"] * (3 - len(memory))
    print(f"{name:38} {row['answers']:8} {row['errors']:6} {row['visits']:8} {' '.join(memory)}  {row['verdict']}",
          flush=True)
    return row["verdict"] == "passed"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("build")
    parser.add_argument("--seconds", type=float, default=20, help="for each server (20)")
    parser.add_argument("servers", nargs="*", help="as `tenk list` names them (all of our own)")
    arguments = parser.parse_intermixed_args()
    random.seed(4)
    print(f"{'':38} {'honest clients':>15} {'others':>8} {'memory MiB':>29}")
    print(f"{'server':38} {'answers':>8} {'errors':>6} {'visits':>8} {'at first':>9} {'soaked':>9} {'at last':>9}")
    results = [run(arguments.build, name, arguments.seconds)
               for name in arguments.servers or own_servers(arguments.build, numbers=True)]
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    return 0 if results and all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
