#!/usr/bin/env python3
"""What takes time, in every server of ours. usage: tasks.py TEST BUILD [SERVER...]: one test, of all
servers or of some."""
import os
import select
import signal
import socket
import struct
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "clients"))
from honest import Wrong, get  # noqa: E402
from server import own_servers  # noqa: E402
from suite import LOOPS, PATIENCE, connect, expect, main, read_answer  # noqa: E402

LIBRARY_LOOPS = ["libmicrohttpd", "libmicrohttpd/pool", "libmicrohttpd/select"]
OWN_POOL = "libuv/own-pool"  # has workers, asked or not
OFFLOADING = LOOPS + LIBRARY_LOOPS + [OWN_POOL]
NO_HELPER = b"503 Service Unavailable: no helper thread could be made\n"
HELLO = (200, b"Hello, World!")


def is_loop(server):
    return server.name in OFFLOADING or server.name.startswith("loop-per-core")


def with_workers(server_name, count):
    """Options with which something that blocks stops nobody else."""
    return ["--offload", str(count)] if server_name in OFFLOADING else []


def vanish(client):
    """Not in good order: who only says that he has sent all still waits for the answer."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def await_open(server, count):
    until = time.monotonic() + PATIENCE
    while (now := server.counters()["open"]) != count:
        expect(time.monotonic() < until, f"{now} are open, not {count}")
        time.sleep(0.02)


def answer_many(server, count):
    """One client says all at once, of which each ends as soon as it has begun."""
    kinds = [("/block/0", b"Blocked 0 ms"), ("/cpu/0", b"2463534242"), ("/calls/0/wait/5", b"Waited 0 x 5 ms"),
             ("/plaintext", b"Hello, World!"), ("/cpu/1", b"723471715")]
    client = connect(server)
    said = b"".join(get(target) for target, _ in kinds) * count
    teller = threading.Thread(target=client.sendall, args=(said,))
    teller.start()
    kept = b""
    for i in range(count):
        for target, body in kinds:
            status, came, kept = read_answer(client, kept)
            expect((status, came) == (200, body), f"{target}, round {i}: {status} {came[:80]!r}")
    teller.join()


def test_ends(start, name):
    """Tasks that end at once, thousands on one connection, in place and by workers."""
    answer_many(start(), 400)
    if name in OFFLOADING:
        server = start("--offload", "2")
        answer_many(server, 100)
        server.end()


def answered_first(slow, quick):
    """Whether one that is asked later is answered before the other is."""
    both = select.poll()
    both.register(slow, select.POLLIN)
    both.register(quick, select.POLLIN)
    told = [fd for fd, _ in both.poll(1000 * PATIENCE)]
    expect(told, "nobody is answered")
    return slow.fileno() not in told


def test_waits(start, name):
    """Each waits by itself: who asks for something quick while another one's call blocks is answered first, but
    by a loop that makes that call itself."""
    several = name == "libmicrohttpd/pool" or name.startswith(("loop-per-core", "acceptor-deals"))
    for options in [[], ["--offload", "1"]] if name in OFFLOADING else [[]]:
        if several and not options:
            continue  # which of several loops or threads has whom is not ours to say
        server = start(*options)
        slow, quick = connect(server), connect(server)
        for client in (slow, quick):  # both are there
            client.sendall(get("/plaintext"))
            expect(read_answer(client)[:2] == HELLO, "another answer")
        waits = is_loop(server) and not options and name != OWN_POOL
        slow.sendall(get("/block/300" if waits else "/block/4000"))
        time.sleep(0.1)
        quick.sendall(get("/plaintext"))
        expect(answered_first(slow, quick) != waits, f"the quick one {'has not' if waits else 'has'} waited")
        expect(read_answer(quick)[:2] == HELLO, "another answer")
        if waits:
            expect(read_answer(slow)[:2] == (200, b"Blocked 300 ms"), "another answer to the slow one")


def test_together(start, name):
    """Calls one after the other take as long as all of them, calls at once hardly more than one."""
    server = start()
    client = connect(server)
    began = time.monotonic()
    client.sendall(get("/calls/4/wait/60"))
    expect(read_answer(client)[:2] == (200, b"Waited 4 x 60 ms"), "another answer")
    in_turn = time.monotonic() - began
    began = time.monotonic()
    client.sendall(get("/calls/40/wait/60?together"))
    expect(read_answer(client)[:2] == (200, b"Waited 40 x 60 ms"), "another answer")
    together = time.monotonic() - began
    expect(in_turn >= 0.24 and 0.06 <= together < 40 * 0.06, f"{in_turn} s in turn, {together} s together")


def test_gone(start, name):
    """Clients that go while their call is made or waits for a worker: the one is finished and nobody gets it,
    the other is not begun."""
    server = start(*with_workers(name, 1))
    clients = [connect(server) for _ in range(5)]
    for client in clients:
        client.sendall(get("/block/250"))
    waiting, together = connect(server), connect(server)
    waiting.sendall(get("/wait/60000"))
    together.sendall(get("/calls/50/wait/60000?together"))
    time.sleep(0.1)
    asks = connect(server)
    for client in clients:
        vanish(client)
    if is_loop(server):  # others see that it has gone when they answer
        vanish(waiting)
        vanish(together)
    began = time.monotonic()
    asks.sendall(get("/block/1"))
    expect(read_answer(asks)[:2] == (200, b"Blocked 1 ms"), "another answer")
    if name in LOOPS:
        expect(time.monotonic() - began < 0.7, "the calls of those that have gone were made")
        if not server.has_thread_sanitizer():  # which holds signals back
            await_open(server, 1)
    server.end()


def test_stop(start, name):
    """The stop while calls are made, and wait for a worker: what ends in time is answered, the rest is cut, and
    the process ends."""
    server = start(*with_workers(name, 2))
    clients = [connect(server) for _ in range(4)]
    for client, target in zip(clients, ["/block/400", "/block/60000", "/block/60000", "/block/60000"]):
        client.sendall(get(target))
        time.sleep(0.05)
    waiting = connect(server)
    waiting.sendall(get("/wait/60000"))
    time.sleep(0.1)
    began = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    expect(read_answer(clients[0])[:2] == (200, b"Blocked 400 ms"), "what ends in time is not answered")
    expect(server.process.wait(PATIENCE) == 0, f"ended with {server.process.returncode}: {server.said()}")
    expect(time.monotonic() - began < 5, "it took its time to stop")
    if name in LOOPS:  # of threads that are in the middle of something nobody counts how they end
        expect('"open":0,' in server.said(), f"counted {server.said()}")


def test_kept(start, name):
    """The same where threads of a library make the call, which they would be waited for."""
    server = start()
    client = connect(server)
    client.sendall(get("/block/60000"))
    time.sleep(0.1)
    began = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    expect(server.process.wait(PATIENCE) == 0, f"ended with {server.process.returncode}: {server.said()}")
    expect(time.monotonic() - began < 5, "it took its time to stop")


def test_share(start, name):
    """Several loops share the workers, and each gets back what it has sent."""
    server = start("--workers", "3", "--offload", "4")
    clients = [connect(server) for _ in range(24)]
    for client in clients:
        client.sendall(get("/block/5") * 3 + get("/cpu/1000"))
    for client in clients:
        kept = b""
        for body in [b"Blocked 5 ms"] * 3 + [b"3298996588"]:
            status, came, kept = read_answer(client, kept)
            expect((status, came) == (200, body), f"{status} {came!r}")
    server.end()


def test_shortage(start, name):
    """Without threads: helpers that cannot be made are told of, and workers that cannot keep the server from
    being announced."""
    if name in OFFLOADING:
        server = start("--offload", "4", watches_calls=True, thread_fails=2, may_refuse=True)
        expect(not server.port and server.process.wait(PATIENCE) == 1, "announced without its workers")
        expect("only 1 of 4 threads for --offload could be started" in server.said(), server.said())
        return
    server = start(watches_calls=True)
    client = connect(server)
    client.sendall(get("/plaintext"))
    expect(read_answer(client)[:2] == HELLO, "another answer")
    server.faults.set("thread")
    client.sendall(get("/calls/3/wait/1?together"))
    expect(read_answer(client)[:2] == (503, NO_HELPER), "without helpers: another answer")
    server.faults.clear()
    server.faults.set("thread", first=server.faults.calls("thread") + 2)  # there is one helper
    client.sendall(get("/calls/5/wait/1?together"))
    expect(read_answer(client)[:2] == (200, b"Waited 5 x 1 ms"), "with one helper: another answer")


def blocking(build):
    return [name for name in own_servers(build) if name not in OFFLOADING and "loop-per-core" not in name]


SERVERS = {
    test_ends: own_servers,
    test_waits: own_servers,
    test_together: own_servers,
    test_gone: own_servers,
    # A loop that makes such a call itself does not see the signal.
    test_stop: lambda build: blocking(build) + OFFLOADING,
    test_kept: lambda build: ["libmicrohttpd/pool"],
    test_share: lambda build: LOOPS,
    # What needs a thread for each request has none for the request either; libuv starts its own late.
    test_shortage: lambda build: [name for name in OFFLOADING if name != OWN_POOL] + [name for name in blocking(build) if "per-request" not in name],
}

if __name__ == "__main__":
    sys.exit(main(globals(), SERVERS))
