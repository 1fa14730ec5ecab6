"""What tests of the servers' tasks share: a server that runs, and a client that looks closely."""
import atexit
import json
import os
import socket
import subprocess
import time

BUILD = os.environ.get("BUILD", "build/release")


class Server:
    def __init__(self, name, *options, listen="127.0.0.1:0"):
        self.name = name
        read_end, write_end = os.pipe()
        self.process = subprocess.Popen(
            [f"{BUILD}/server-{name}", "--listen", listen, "--ready-fd", str(write_end), *options],
            pass_fds=[write_end], stderr=subprocess.DEVNULL)
        atexit.register(self.process.kill)  # if a test fails before it stops it
        os.close(write_end)
        with os.fdopen(read_end) as ready:
            self.port = json.loads(ready.readline())["port"]

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def stop(self):
        self.process.terminate()
        code = self.process.wait(timeout=10)
        expect(self, "exit code", code, 0)


def expect(server, what, got, wanted):
    if got != wanted:
        raise AssertionError(f"server-{server.name}: {what}: {got!r}, not {wanted!r}")


def ask(connection, path, method="GET"):
    connection.sendall(f"{method} {path} HTTP/1.1\r\nHost: tenk\r\n\r\n".encode())


def answer(connection, method="GET"):
    """The status and the body of the next answer; what comes behind it is an error."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += receive(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    length = 0 if method == "HEAD" else int(fields[b"content-length"])
    while len(body) < length:
        body += receive(connection)
    assert len(body) == length, data
    return int(head.split()[1]), fields[b"content-type"].decode(), body.decode()


def receive(connection):
    piece = connection.recv(65536)
    assert piece, "closed"
    return piece


def get(server, path, method="GET"):
    with server.connect() as connection:
        ask(connection, path, method)
        try:
            return answer(connection, method)
        except (AssertionError, OSError) as error:
            return str(error)


def failed(status, reason):
    phrase = {503: "Service Unavailable", 504: "Gateway Timeout"}[status]
    return status, "text/plain", f"{status} {phrase}: {reason}\n"


def eventually(what, condition, most_s=10):
    until = time.monotonic() + most_s
    while not condition():
        assert time.monotonic() < until, f"not within {most_s} s: {what}"
        time.sleep(0.02)
