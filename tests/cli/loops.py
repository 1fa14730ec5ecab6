#!/usr/bin/env python3
"""What the loops among our servers promise beside HTTP. usage: loops.py TEST BUILD [SERVER...]: one
test, of all that it is about or of some."""
import concurrent.futures
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "clients"))
from server import Server  # noqa: E402
from honest import Wrong, get  # noqa: E402

PATIENCE = 20.0
LOOPS = ["coroutines", "coroutines/ucontext", "epoll", "epoll-edge", "libev", "libevent",
         "libevent/bufferevent", "loop-per-core", "poll", "select"]


def expect(condition, text):
    if not condition:
        raise Wrong(text)


def connect(server, **options):
    client = socket.socket()
    client.settimeout(PATIENCE)
    for option, value in options.items():
        client.setsockopt(*{"receive_buffer": (socket.SOL_SOCKET, socket.SO_RCVBUF),
                            "segment": (socket.IPPROTO_TCP, socket.TCP_MAXSEG)}[option], value)
    client.connect(("127.0.0.1", server.port))
    return client


def read_answer(client, kept=b""):
    """Status, body, and what came behind it."""
    while b"\r\n\r\n" not in kept:
        piece = client.recv(65536)
        expect(piece, f"closed instead of an answer, after {kept[-80:]!r}")
        kept += piece
    head, kept = kept.split(b"\r\n\r\n", 1)
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    while len(kept) < length:
        piece = client.recv(65536)
        expect(piece, "closed in the middle of an answer")
        kept += piece
    return int(head.split()[1]), kept[:length], kept[length:]


def test_workers(start):
    """Three loops: three threads beside the first, all of which serve, and stop in good order."""
    server = start("--workers", "3")
    server.rest()
    expect(server.holds()[1] == 4, f"{server.holds()[1]} threads of 3 loops")
    before = switches(server)
    clients = [connect(server) for _ in range(24)]
    for client in clients:
        client.sendall(get("/wait/200"))
    for client in clients:
        expect(read_answer(client)[:2] == (200, b"Waited 200 ms"), "another answer")
    ran = sum(count > before[thread] for thread, count in switches(server).items())
    expect(ran == 3, f"{ran} of 3 loops have run since")
    for client in clients[:12]:
        client.sendall(get("/wait/300"))
    time.sleep(0.1)
    server.process.send_signal(signal.SIGTERM)
    for client in clients[:12]:
        expect(read_answer(client)[:2] == (200, b"Waited 300 ms"), "not answered after the stop")
    expect(server.process.wait(PATIENCE) == 0, f"ended with {server.process.returncode}")
    expect('"open":0,"accepted":24,"requests":36,' in server.said(), f"counted {server.said()}")


def switches(server):
    """How often each thread of it has waited until now."""
    counts = {}
    for thread in os.listdir(f"/proc/{server.process.pid}/task"):
        with open(f"/proc/{server.process.pid}/task/{thread}/status") as file:
            counts[thread] = int(file.read().split("\nvoluntary_ctxt_switches:")[1].split()[0])
    return counts


SERVERS = {test_workers: LOOPS}


def run(test, build, name):
    with contextlib.ExitStack() as stack:
        def start(*options, **more):
            server = Server(build, name, options, **more)
            stack.callback(server.kill)
            expect(server.port, f"does not start: {server.said()}")
            return server

        try:
            test(start)
        except (Wrong, OSError, subprocess.TimeoutExpired) as problem:
            where = traceback.extract_tb(problem.__traceback__)[1].lineno
            return f"{name}: line {where}: {problem!r}"
    return None


def main():
    test, build, *servers = globals()["test_" + sys.argv[1]], *sys.argv[2:]
    chosen = [name for name in servers or SERVERS[test]
              if os.path.exists(f"{build}/server-{name.partition('/')[0]}")]  # a library may be missing
    with concurrent.futures.ThreadPoolExecutor(8) as pool:  # most of the time goes to waiting
        problems = list(filter(None, pool.map(lambda name: run(test, build, name), chosen)))
    print("\n".join(problems + [f"{len(chosen)} servers, {len(problems)} failed"]))
    return 1 if problems or not chosen else 0


sys.exit(main())
