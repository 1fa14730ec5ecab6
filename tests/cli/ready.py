#!/usr/bin/env python3
"""That a server says it is ready when all that serves in it is there, and else that it cannot start.
usage: ready.py all|few BUILD [SERVER...]

all: whoever has started by the time of the ready line is all that will ever be started.
few: with few processes allowed, of a user whom limits bind, a server serves, or ends without a ready line.
"""
import concurrent.futures
import os
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "clients"))
from server import Server, own_servers  # noqa: E402

LIMITS = [1, 2, 3, 24]
USER = 61000  # and those after it: nobody's, so that the processes counted are the server's own
PATIENCE = 10


def ask(port):
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as client:
        client.sendall(b"GET /plaintext HTTP/1.1\r\nHost: h\r\n\r\n")
        return client.recv(65536)


def all_are_there(build, name, _):
    server = Server(build, name)
    try:
        if server.port is None:
            return f"{name}: no ready line: {server.said()}"
        said, rested = server.state()[1:], server.rest()[1:]
        if said != rested:
            return f"{name}: ready with {said} threads and processes, later {rested}"
    finally:
        server.kill()
    return None


def judge_few(server, name):
    """What is wrong, or None. A server may have nobody to serve with, and say so to each client; libmicrohttpd
    cannot say it, and closes."""
    if server.port is None:
        code = server.process.wait(PATIENCE)
        if code != 1 or "ulimit -u" not in server.said():
            return f"ended with {code}: {server.said()!r}"
        return None
    try:
        for _ in range(3):
            answer = ask(server.port)
            if name.startswith("libmicrohttpd") and not answer:
                return None
            if not answer.startswith((b"HTTP/1.1 200", b"HTTP/1.1 503")):
                return f"answered {answer[:40]!r}"
    except OSError as problem:
        if name.startswith("libmicrohttpd") and isinstance(problem, ConnectionResetError) and server.alive():
            return None
        return f"said that it is ready, and does not serve: {problem!r} {server.said()!r}"
    return None if server.alive() else f"ended after its ready line: {server.said()!r}"


def few_are_allowed(build, name, user):
    # A folder that others may look into, whatever that of the build allows.
    with tempfile.TemporaryDirectory(prefix="tenk-ready-") as folder:
        os.chmod(folder, 0o755)
        # By another process: what one thread has open for writing, another would hand on to its
        # children, and what is open for writing cannot be executed.
        subprocess.run(["cp", f"{build}/server-{name.partition('/')[0]}", folder], check=True)
        for limit in LIMITS:
            before = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"] if os.geteuid() == 0 else []
            server = Server(folder, name, before=[*before, "prlimit", f"--nproc={limit}:{limit}"])
            try:
                wrong = judge_few(server, name)
            finally:
                server.kill()
            if wrong:
                return f"{name}: {limit} processes allowed: {wrong}"
    return None


def main():
    test, build, *servers = sys.argv[1:]
    judge = {"all": all_are_there, "few": few_are_allowed}[test]
    chosen = servers or own_servers(build)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        problems = list(filter(None, pool.map(judge, [build] * len(chosen), chosen, range(USER, USER + len(chosen)))))
    print("\n".join(problems + [f"{len(chosen)} servers, {len(problems)} failed"]))
    return 1 if problems or not chosen else 0


sys.exit(main())
