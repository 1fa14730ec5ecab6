#!/usr/bin/env python3
"""How much every server carries with one system call, and leaves in the kernel; how it sends a file. usage: calls.py BUILD [SERVER...]

Looks at the servers' calls with strace, and ends with 77 and a reason where that is not permitted.
"""
import concurrent.futures
import os
import re
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "clients"))
from server import Server, own_servers  # noqa: E402

ROUNDS, DEPTH, DEEP = 20, 16, 100
REQUEST = b"GET /plaintext HTTP/1.1\r\nHost: 127.0.0.1:12345\r\n\r\n"
BODY = b"x" * 200000
INPUT_MOST, BATCH_MOST = 16384, 4096  # servers/core/http/bounds.h
UNSENT_MOST = 131072  # --send-buffer
RECEIVING = {"recvfrom", "recvmsg", "read", "readv"}
SENDING = {"sendto", "sendmsg", "write", "writev"}
TRACED = sorted(RECEIVING | SENDING | {"io_uring_enter", "openat", "sendfile", "pread64"})
FILE_BYTES = 1000000
FILES = tempfile.TemporaryDirectory(prefix="tenk-calls-")
READ_FILES = ("io-uring", "libuv")  # and send what they have read
NOT_OURS = {"libevent/bufferevent": "the library reads and writes as much as it sees fit"}


class Traced(Server):
    """A server whose calls are written to a file."""

    def __init__(self, build, name):
        self.file = tempfile.NamedTemporaryFile(prefix="tenk-calls-")
        super().__init__(build, name, ("--files", FILES.name), environment={"ASAN_OPTIONS": "detect_leaks=0"},
                         before=["strace", "-f", "-qq", "-e", "trace=" + ",".join(TRACED), "-o", self.file.name])

    def calls(self, begin=0):
        """Name and result of those since then, and where the file ends."""
        with open(self.file.name, errors="replace") as file:
            file.seek(begin)
            text = file.read()
        ended = re.finditer(r"^\d+ +(?:<\.\.\. )?(\w+)(?: resumed>|\().* = (-?\d+)", text, re.M)
        return [(match[1], int(match[2])) for match in ended], begin + len(text)

    def finish(self):
        os.kill(self.tree()[1], 15)
        self.process.wait(20)


def talk(client, said, until):
    client.sendall(said)
    came = b""
    while not until(came):
        piece = client.recv(65536)
        if not piece:
            raise AssertionError(f"closed after {len(came)} bytes")
        came += piece
    return came


def pipeline(client, depth):
    return talk(client, REQUEST * depth, lambda came: came.count(b"Hello, World!") == depth)


def expect(condition, text):
    if not condition:
        raise AssertionError(text)


def count(calls, names, least=1):
    return sum(name in names and result >= least for name, result in calls)


def keep_unsent(server, begin):
    """How much of a large answer the kernel takes for a client that reads nothing."""
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", server.port))
        client.sendall(b"GET /bytes/100000000 HTTP/1.1\r\nHost: h\r\n\r\n")
        time.sleep(0.5)
        return sum(max(result, 0) for name, result in server.calls(begin)[0] if name in SENDING)


def judge_file(server, begin):
    """Where a file comes from: straight from the kernel's cache, or through the server's memory."""
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.settimeout(20)
        talk(client, b"GET /file/some HTTP/1.1\r\nHost: h\r\n\r\n", lambda came: len(came.partition(b"\r\n\r\n")[2]) == FILE_BYTES)
        pipeline(client, 1)  # answered after the call for the file has returned, and was written down
    calls, begin = server.calls(begin)
    way = "pread64" if server.name.startswith(READ_FILES) else "sendfile"
    for name in ("pread64", "sendfile"):
        expected = FILE_BYTES if name == way else 0
        moved = sum(max(result, 0) for call, result in calls if call == name)
        expect(moved == expected, f"{moved} of {expected} bytes of a file by {name}")
    return begin


def judge(server):
    client = socket.create_connection(("127.0.0.1", server.port))
    client.settimeout(20)
    answer = len(pipeline(client, DEPTH)) // DEPTH
    pipeline(client, DEPTH)
    begin = server.calls()[1]
    for _ in range(ROUNDS):
        pipeline(client, DEPTH)
    calls, begin = server.calls(begin)
    pipeline(client, DEEP)
    deep, begin = server.calls(begin)
    talk(client, b"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY,
         lambda came: came.endswith(BODY))
    client.close()
    upload, begin = server.calls(begin)
    begin = judge_file(server, begin)
    unsent = keep_unsent(server, begin)
    server.finish()
    entered = count(calls, {"io_uring_enter", "openat"})
    if entered:
        expect(entered <= 2 * ROUNDS + 2, f"{entered} io_uring_enter for {ROUNDS} pipelines of {DEPTH}")
        return
    expect(UNSENT_MOST / 4 < unsent < 2 * UNSENT_MOST, f"{unsent} bytes sent to a client that reads nothing")
    received, sent = count(calls, RECEIVING, 32), count(calls, SENDING, 32)
    expect(ROUNDS - 1 <= received <= ROUNDS + 1, f"{received} receives for {ROUNDS} pipelines of {DEPTH}")
    expect(ROUNDS - 1 <= sent <= ROUNDS + 1, f"{sent} sends for {ROUNDS} pipelines of {DEPTH}")
    least = DEEP * answer // BATCH_MOST
    sent = count(deep, SENDING, 32)
    expect(least <= sent <= least + 2, f"{sent} sends for a pipeline of {DEEP}: not about {least + 1}")
    most = max(result for name, result in upload if name in RECEIVING)
    expect(most <= INPUT_MOST, f"received {most} bytes at once")
    expect(most > INPUT_MOST / 2, f"received no more than {most} bytes at once of {len(BODY)}")


def run(build, name):
    server = Traced(build, name)
    try:
        judge(server)
    except (AssertionError, OSError, subprocess.TimeoutExpired) as problem:
        return f"{name}: {problem!r}"
    finally:
        server.kill()
    with open(server.file.name, errors="replace") as file:
        if "/etc/localtime" in file.read():
            return f"{name}: reads the local time zone, of which no answer tells"
    return None


def is_permitted():
    """Whether processes may be looked at here; else says why not."""
    try:
        tried = subprocess.run(["strace", "-f", "-o", "/dev/null", "true"], capture_output=True, text=True)
    except FileNotFoundError:
        print("strace is not installed")
        return False
    if tried.returncode:
        print("strace is not permitted here:", tried.stderr.strip().splitlines()[-1:])
    return tried.returncode == 0


def main():
    build, *servers = sys.argv[1:]
    if not is_permitted():
        return 77
    chosen = [name for name in servers or own_servers(build, without=["own-parser"]) if name not in NOT_OURS]
    with open(f"{FILES.name}/some", "wb") as file:
        file.write(b"x" * FILE_BYTES)
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        problems = list(filter(None, pool.map(lambda name: run(build, name), chosen)))
    print("\n".join(problems + [f"{len(chosen)} servers, {len(problems)} failed"]))
    return 1 if problems or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
