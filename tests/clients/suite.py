"""A suite over servers of our own: what its tests share. Each is a function that gets a way to start the
server, of which it may start several."""
import concurrent.futures
import contextlib
import os
import resource
import socket
import subprocess
import sys
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "faults"))
from drive import Faults, start as start_watched  # noqa: E402
from honest import Wrong  # noqa: E402
from server import Server  # noqa: E402

PATIENCE = 15.0
LOOPS = ["acceptor-deals", "coroutines", "coroutines/ucontext", "epoll", "epoll/spin", "epoll-edge", "io-uring",
         "io-uring/sqpoll", "libev", "libevent", "libevent/bufferevent", "libuv", "loop-per-core",
         "loop-per-core/exclusive", "poll", "select"]


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
    if b" 100 " in head:
        return 100, b"", kept
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    came = bytearray(kept)
    while len(came) < length:
        piece = client.recv(65536)
        expect(piece, "closed in the middle of an answer")
        came += piece
    return int(head.split()[1]), bytes(came[:length]), bytes(came[length:])


def run(test, build, name):
    with contextlib.ExitStack() as stack:
        def start(*options, watches_calls=False, may_refuse=False, thread_fails=0, **more):
            faults = Faults() if watches_calls else None
            if thread_fails:  # the one of that number, and all behind it
                faults.set("thread", first=thread_fails)
            server = start_watched(build, name, faults, options) if faults else Server(build, name, options, **more)
            server.faults = faults
            stack.callback(server.kill)
            expect(server.port or may_refuse, f"does not start: {server.said()}")
            return server

        try:
            test(start, name) if test.__code__.co_argcount == 2 else test(start)
        except (Wrong, OSError, subprocess.TimeoutExpired) as problem:
            where = traceback.extract_tb(problem.__traceback__)[1].lineno
            return f"{name}: line {where}: {problem!r}"
    return None


def main(tests, servers, side_by_side=14, crowded=()):
    """TEST BUILD [SERVER...]: one test, of all that it is about (servers) or of some. Those that are `crowded`
    have fewer side by side."""
    test, build, *named = tests["test_" + sys.argv[1]], *sys.argv[2:]
    chosen = [name for name in named or servers[test](build)
              if os.path.exists(f"{build}/server-{name.partition('/')[0]}")]  # a library may be missing
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    # Most of the time goes to waiting; but a crowd each is all that some systems let one have.
    with concurrent.futures.ThreadPoolExecutor(4 if test in crowded else side_by_side) as pool:
        problems = list(filter(None, pool.map(lambda name: run(test, build, name), chosen)))
    print("\n".join(problems + [f"{len(chosen)} servers, {len(problems)} failed"]))
    return 1 if problems or not chosen else 0
