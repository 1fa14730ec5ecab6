#!/usr/bin/env python3
"""The servers before a backend: /fetch/MS, kept and fresh connections, a backend that fails (fetch.bats)."""
import os
import socket
import subprocess
import sys
import threading
import time

from serving import BUILD, Server, answer, ask, eventually, expect, failed, get

# One of each way to wait: a thread, a process, a loop of ours, loops of libraries, completions.
NAMES = ["thread-per-connection", "prefork", "epoll", "poll", "coroutines", "libuv", "io-uring", "libmicrohttpd"]
if os.environ.get("SERVERS"):  # only these
    NAMES = [name for name in NAMES if name in os.environ["SERVERS"].split(",")]


def waited(ms):
    return 200, "text/plain", f"Waited {ms} ms"


class FakeBackend:
    """Accepts, counts, and says to each request what it is told to; None: nothing, and closes."""

    def __init__(self):
        self.says, self.accepted = [], 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.where = f"127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection, _ = self.listener.accept()
            self.accepted += 1
            threading.Thread(target=self.serve, args=[connection], daemon=True).start()

    def serve(self, connection):
        while connection.recv(4096):
            text = self.says.pop(0)
            if text is None:
                break
            connection.sendall(text)
            if b"close" in text:
                break
        connection.close()


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def answers_of(server, fake):
    """What becomes of each answer of the backend."""
    lost, none = "the connection to the backend was lost", "the backend's answer is not HTTP"
    rows = [([OK], (200, "text/plain", "ok")),
            ([b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"], failed(503, "the backend's answer is not 200")),
            ([OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")], (200, "text/plain", "ok")),
            ([None], failed(503, lost)),
            ([b"HTTP/1.1 200 OK\r\n\r\nclose"], (200, "text/plain", "close")),
            ([b"SSH-2.0\r\n"], failed(503, none)),
            ([OK, OK], (200, "text/plain", "ok"))]
    for says, wanted in rows:
        fake.says = list(says)
        expect(server, f"after {says[0]}", get(server, "/fetch/1"), wanted)
    # The one that was kept is closed as soon as it is asked: asked once more, on a fresh one.
    fake.says, before = [None, OK], fake.accepted
    expect(server, "a stale one", get(server, "/fetch/1"), (200, "text/plain", "ok"))
    expect(server, "connections", fake.accepted - before, 1)


def main():
    backend = Server("epoll")
    expect(backend, "no backend", get(backend, "/fetch/1")[0], 404)
    fake = FakeBackend()
    where = f"127.0.0.1:{backend.port}"
    servers = [Server(name, "--backend", where, *(["--workers", "4"] if name == "prefork" else [])) for name in NAMES]
    for server in servers:
        expect(server, "fetch", get(server, "/fetch/1"), waited(1))
        expect(server, "0", get(server, "/fetch/0"), waited(0))
        expect(server, "HEAD", get(server, "/fetch/2", "HEAD"), (200, "text/plain", ""))
        expect(server, "too long", get(server, "/fetch/60001")[0], 404)
        expect(server, "no database", get(server, "/query/1")[0], 404)
        for _ in range(3):  # whoever goes leaves nothing behind
            connection = server.connect()
            ask(connection, "/fetch/60000")
            connection.close()
    # Several at once, over all servers: as long as one of them.
    began = time.monotonic()
    connections = [(server, server.connect()) for server in servers for _ in range(2)]
    for _, connection in connections:
        ask(connection, "/fetch/300")
    for server, connection in connections:
        expect(server, "several", answer(connection), waited(300))
        connection.close()
    assert 0.3 <= time.monotonic() - began < 3
    backend.stop()
    for server in servers:
        expect(server, "no backend", get(server, "/fetch/1"), failed(503, "no connection to the backend"))
    backend = Server("epoll", listen=where)
    for server in servers:
        expect(server, "it is back", get(server, "/fetch/1"), waited(1))
        server.stop()
    for name in NAMES:
        server = Server(name, "--backend", fake.where, "--fetch-connections", "0")
        fake.says, before = [OK] * 3, fake.accepted
        for _ in range(3):
            expect(server, "fresh ones", get(server, "/fetch/1"), (200, "text/plain", "ok"))
        expect(server, "fresh ones", fake.accepted - before, 3)
        server.stop()
        server = Server(name, "--backend", fake.where, *(["--workers", "1"] if name == "prefork" else []))
        answers_of(server, fake)
        server.stop()
    backend.stop()


def late():
    """The backend says nothing: 504 after 10 s more than it was asked for."""
    silent = socket.create_server(("127.0.0.1", 0))
    servers = [Server(name, "--backend", f"127.0.0.1:{silent.getsockname()[1]}") for name in NAMES]
    began = time.monotonic()
    connections = [(server, server.connect()) for server in servers]
    for _, connection in connections:
        connection.settimeout(20)
        ask(connection, "/fetch/1000")
    for server, connection in connections:
        expect(server, "silence", answer(connection), failed(504, "the backend did not answer in time"))
        connection.close()
    assert 11 <= time.monotonic() - began < 16, time.monotonic() - began
    for server in servers:
        server.stop()


def idle():
    """Connections that lie idle are closed all the time, also while they are taken to be used."""
    backend = Server("epoll", "--idle-timeout", "20ms")
    for name in NAMES:
        server = Server(name, "--backend", f"127.0.0.1:{backend.port}")
        subprocess.run([f"{BUILD}/tenk-load", "--quiet", "--connections", "16", "--rate", "500", "--duration", "1s",
                        f"http://127.0.0.1:{server.port}/fetch/2"], check=True)
        server.stop()
    backend.stop()


if __name__ == "__main__":
    {"": main, "late": late, "idle": idle}["".join(sys.argv[1:])]()
