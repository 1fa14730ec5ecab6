#!/usr/bin/env python3
"""What every server owes to clients that do not play by the rules, and to itself when something runs
out. usage: hostile.py TEST BUILD [SERVER...]: one test, of all servers of a build or of some.

Deadlines are short here by options. What is looked at is that something happens, in an order of
magnitude, and to whom it does not; exact times are nobody's promise.
"""
import concurrent.futures
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "clients"))
from honest import Wrong  # noqa: E402
from server import Server, own_servers  # noqa: E402

PATIENCE = 10.0  # for what has to happen
REQUEST = b"GET /plaintext HTTP/1.1\r\nHost: h\r\n\r\n"


class Hearing(Server):
    """A server that is talked to, and asked for its counters. It ends with the test at the latest."""

    def __init__(self, build, name, options, own_parser, **more):
        super().__init__(build, name, options, **more)
        self.own_parser = own_parser
        self.is_deferring = self.has_thread_sanitizer()

    def connect(self):
        try:
            client = socket.create_connection(("127.0.0.1", self.port))
        except ConnectionRefusedError as refused:
            raise ConnectionRefusedError(refused.errno, f"refused; the server ended with {self.process.poll()}, "
                                                        f"and said: {self.said()[-500:]}") from None
        client.settimeout(PATIENCE)
        return client

    def lines(self):
        return [json.loads(line) for line in self.said().splitlines(keepends=True)
                if line.startswith('{"event":"counters"') and line.endswith("\n")]

    def counters(self):
        """Asks for them while it runs."""
        before = len(self.lines())
        self.process.send_signal(signal.SIGUSR1)
        self.nudge(lambda: len(self.lines()) > before)
        eventually(lambda: len(self.lines()) > before,
                   lambda: f"no counters on SIGUSR1: {self.process.poll()} {self.said()[-500:]}")
        return self.lines()[-1]

    def nudge(self, has_heard):
        """ThreadSanitizer holds a signal back until the thread makes a call that it knows, which select
        and io_uring_enter are not: a connection makes them return."""
        for _ in range(20 if self.is_deferring else 0):
            time.sleep(0.1)
            if has_heard():
                return
        if self.is_deferring:
            with contextlib.suppress(OSError):
                self.connect().close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
        self.stderr.close()

    def stop(self):
        """Returns the counters that it prints at its end."""
        self.process.terminate()
        self.nudge(lambda: self.process.poll() is not None)
        code = self.process.wait(PATIENCE)
        expect(code == 0, f"ended with {code}: {self.said()}")
        expect(self.lines(), "no counters at the end")
        return self.lines()[-1]


def expect(condition, text):
    if not condition:
        raise AssertionError(text() if callable(text) else text)


def eventually(condition, text):
    end = time.monotonic() + PATIENCE
    while not condition():
        expect(time.monotonic() < end, text)
        time.sleep(0.02)


def read_to_end(client):
    """All that comes until the peer closes; a reset counts as an end."""
    received = b""
    try:
        while piece := client.recv(65536):
            received += piece
    except ConnectionResetError:
        pass
    return received


def ask(client, request=REQUEST):
    """One request; returns status and body."""
    client.sendall(request)
    received = b""
    while b"\r\n\r\n" not in received:
        piece = client.recv(65536)
        expect(piece, f"closed instead of an answer, after {received!r}")
        received += piece
    head, body = received.split(b"\r\n\r\n", 1)
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    while len(body) < length:
        piece = client.recv(65536)
        expect(piece, "closed in the middle of an answer")
        body += piece
    return int(head.split()[1]), body


def next_body(answers):
    """Of the next answer of a pipeline, from a buffered reader."""
    length = 0
    while (line := answers.readline()) not in (b"\r\n", b""):
        if line.lower().startswith(b"content-length:"):
            length = int(line.split()[1])
    return answers.read(length)


def trickle(client, data):
    """A byte now and then, far within each deadline, until the server has had enough."""
    end = time.monotonic() + PATIENCE
    for i in range(100000):
        expect(time.monotonic() < end, "a slow writer was never ended")
        try:
            client.sendall(data[i % len(data):][:1])
        except OSError:
            break
        if select.select([client], [], [], 0.03)[0]:
            break
    return read_to_end(client)


def test_deadlines(start):
    server = start("--header-timeout", "400ms", "--body-timeout", "400ms",
                   "--idle-timeout", "700ms", "--write-timeout", "500ms")
    silent, idle, reader, waits = (server.connect() for _ in range(4))
    expect(ask(idle)[0] == 200, "no answer")
    waits.sendall(b"GET /wait/1500 HTTP/1.1\r\nHost: h\r\n\r\n")
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    reader.sendall(b"GET /bytes/1000000000 HTTP/1.1\r\nHost: h\r\n\r\n")

    head = server.connect()
    head.sendall(b"GET / HTTP/1.1\r\nHost: h\r\nX: ")
    answer = trickle(head, b"x")
    expect(answer.startswith(b"HTTP/1.1 408 "), f"a slow header was answered with {answer!r}")
    expect(b"Connection: close" in answer, "408 without Connection: close")
    body = server.connect()
    body.sendall(b"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n")
    answer = trickle(body, b"x")
    expect(answer.startswith(b"HTTP/1.1 408 "), f"a slow body was answered with {answer!r}")
    expect(read_to_end(silent) == b"", "a silent connection was answered")
    expect(read_to_end(idle) == b"", "an idle connection was answered")

    # Whoever asks in time is served for longer than any of the deadlines.
    honest = server.connect()
    for _ in range(10):
        time.sleep(0.1)
        expect(ask(honest)[0] == 200, "an honest client was not served")
    expect(b"Waited 1500 ms" in waits.recv(4096), "a request that takes long was cut")

    watched = select.poll()
    watched.register(reader, 0)
    expect(watched.poll(PATIENCE * 1000), "a slow reader was never ended")
    head.close()  # else the server lingers, to let it read the answer
    body.close()

    def all_counted():
        closed = server.counters()["closed"]
        return (closed["header_timeout"], closed["body_timeout"], closed["write_timeout"]) == (2, 1, 1)

    eventually(all_counted, "the deadlines are not counted")
    counted = server.counters()
    expect(counted["closed"]["idle_timeout"] >= 1, f"idle timeouts: {counted}")
    expect(counted["accepted"] == 7, f"accepted: {counted}")
    expect(counted["requests"] == 13, f"requests: {counted}")
    counted = server.stop()
    expect(counted["open"] == 0, f"left open at the end: {counted}")
    expect(counted["accepted"] == sum(counted["closed"].values()), f"not all closed: {counted}")


def wait_for_reset(client):
    watched = select.poll()
    watched.register(client, 0)
    expect(watched.poll(PATIENCE * 1000), "it was never ended")


# One deadline, what the client sends, and how it is ended; more than one client would turn the loop.
def take_slowly(client):
    """Takes 20 bytes at a time, 200 a second, until the connection is reset."""
    watched = select.poll()
    watched.register(client, 0)
    for _ in range(int(PATIENCE * 10)):
        if watched.poll(100):
            return
        client.recv(20)
    raise TimeoutError


ALONE = [
    ("--header-timeout", b"", lambda client: expect(read_to_end(client) == b"", "it was answered")),
    ("--header-timeout", b"GET / HT", lambda client: expect(b" 408 " in read_to_end(client), "no 408")),
    ("--body-timeout", b"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nx",
     lambda client: expect(b" 408 " in read_to_end(client), "no 408")),
    ("--idle-timeout", REQUEST,
     lambda client: expect(read_to_end(client).endswith(b"Hello, World!"), "not one answer")),
    ("--idle-timeout", REQUEST * 3 + REQUEST[:-2] + b"Connection: keep-alive\r\n\r\n",
     lambda client: expect(read_to_end(client).count(b"Hello, World!") == 4, "not four answers")),
    ("--header-timeout", b"GET / HTTP/1.1\r\nHost: h\r\nX: ", lambda client: trickle(client, b"x")),
    ("--write-timeout", b"GET /bytes/1000000000 HTTP/1.1\r\nHost: h\r\n\r\n", wait_for_reset),
    ("--write-timeout", b"GET /bytes/100000 HTTP/1.1\r\nHost: h\r\n\r\n" * 200, wait_for_reset),
    ("--write-timeout", b"GET /bytes/1000000000 HTTP/1.1\r\nHost: h\r\n\r\n", take_slowly),
]
NO_DEADLINES = [text for name in ("header", "body", "idle", "write") for text in (f"--{name}-timeout", "0")]


def test_alone(start):
    """A deadline that is the only one, of a client that is the only one: a second, and not another more,
    but for what a busy machine needs."""
    def run_one(case):
        option, said, end = case
        server = start(*NO_DEADLINES, option, "1s")
        began = time.monotonic()  # a connection's first deadline counts from its beginning
        client = server.connect()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.sendall(said)
        try:
            end(client)
        except TimeoutError:
            expect(False, "it was never ended")
        elapsed = time.monotonic() - began
        expect(0.95 < elapsed < 2.9, f"{option} 1s after {said[:20]!r}: ended after {elapsed:.2f} s")
        client.close()

    with concurrent.futures.ThreadPoolExecutor(len(ALONE)) as pool:
        list(pool.map(run_one, ALONE))


def test_idle(start):
    """Who does nothing is closed; who asks now and then is not."""
    server = start("--idle-timeout", "3s")
    idle, honest = server.connect(), server.connect()
    expect(ask(idle)[0] == 200, "no answer")
    for _ in range(13):
        expect(ask(honest)[0] == 200, "an honest client was not served")
        time.sleep(0.3)
    expect(read_to_end(idle) == b"", "an idle connection was answered")
    eventually(lambda: server.counters()["closed"]["idle_timeout"] == 1, "it is not counted")
    honest.close()
    eventually(lambda: server.counters()["closed"]["peer"] >= 1, "a client's close is not counted")
    counted = server.stop()
    expect(counted["requests"] == 14, f"requests: {counted}")
    expect(counted["open"] == 0, f"left open at the end: {counted}")


def test_rates(start):
    """A deadline for bytes is put off by bytes: honest slowness is served."""
    server = start("--body-timeout", "300ms", "--write-timeout", "300ms")
    writer, size = server.connect(), 60000
    writer.sendall(b"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n" % size)
    for _ in range(12):  # 0.6 s in all, and no pause is longer than the limit
        time.sleep(0.05)
        writer.sendall(b"x" * (size // 12))
    expect(ask(writer, b"") == (200, b"x" * size), "an honest upload was cut")
    server.stop()


def test_stacks(start):
    """The smallest stack that is taken is enough for whatever a client may send."""
    server = start("--stack-size", "32KiB")
    client, size = server.connect(), 300000
    head = b"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n" % size
    expect(ask(client, head + b"x" * size) == (200, b"x" * size), "an upload was not served")
    client.sendall(REQUEST * 500 + b"GET /nothing HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    expect(read_to_end(client).count(b"Hello, World!") == 500, "a pipeline was not served")
    server.stop()
    small = subprocess.run([server.path, "--listen", "127.0.0.1:0", "--stack-size", "31KiB"],
                           capture_output=True, text=True, timeout=PATIENCE)
    expect(small.returncode == 1 and "32KiB" in small.stderr, f"a stack that is too small: {small}")


def test_limit(start):
    server = start("--max-connections", "2")
    first, second = server.connect(), server.connect()
    expect(ask(first)[0] == 200 and ask(second)[0] == 200, "not served below the limit")
    third = server.connect()
    third.sendall(REQUEST)
    answer = read_to_end(third)
    if not server.own_parser:  # which can but close
        expect(answer.startswith(b"HTTP/1.1 503 "), f"beyond the limit: {answer!r}")
    expect(ask(first)[0] == 200 and ask(second)[0] == 200, "not served at the limit")
    first.close()

    def served():
        client = server.connect()
        try:
            return ask(client)[0] == 200
        except (AssertionError, ConnectionError):
            return False
        finally:
            client.close()

    eventually(served, "not served when there was room again")
    counted = server.stop()
    expect(counted["refused"]["limit"] >= 1, f"refusals are not counted: {counted}")
    expect(counted["open"] == 0, f"left open at the end: {counted}")


def test_descriptors(start):
    server = start(descriptors=40)
    server.rest()  # a loop that begins late would find none left
    served = server.connect()
    expect(ask(served)[0] == 200, "no answer")
    crowd = [server.connect() for _ in range(60)]
    time.sleep(0.2)
    expect(ask(served)[0] == 200, "not served while descriptors are short")
    if not server.own_parser:  # nor its own accepting
        closed = select.select(crowd, [], [], 0)[0]
        expect(not closed, f"{len(closed)} who asked for nothing yet were closed when descriptors were short")
    used = cpu_of(server.process.pid)
    time.sleep(0.5)
    used = cpu_of(server.process.pid) - used
    expect(used < 0.25 or server.name == "epoll/spin", f"it spins while descriptors are short: {used:.2f} s of 0.5")
    for client in crowd:
        client.close()

    def recovered():
        client = server.connect()
        client.settimeout(1)
        try:
            return ask(client)[0] == 200
        except (AssertionError, OSError):
            return False
        finally:
            client.close()

    eventually(recovered, "it does not recover when descriptors are back")
    expect(ask(served)[0] == 200, "not served afterwards")
    server.stop()


def cpu_of(pid):
    """Of the process and the children that it has waited for, in seconds."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return sum(int(field) for field in fields[11:15]) / os.sysconf("SC_CLK_TCK")


def test_resets(start):
    """A flood of connections that are reset, before and after a request, hurts nobody."""
    server = start()
    honest = server.connect()
    for i in range(200):
        client = server.connect()
        if i % 2:
            client.sendall(b"GET /bytes/100000 HTTP/1.1\r\nHost: h\r\n\r\n")
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client.close()
        if i % 20 == 0:
            expect(ask(honest)[0] == 200, "an honest client was not served")
    expect(ask(honest)[0] == 200, "not served afterwards")
    eventually(lambda: server.counters()["open"] == 1, "resets are not noticed")
    counted = server.stop()
    if not server.own_parser:  # which may take a reset for an end
        expect(counted["closed"]["broken"] > 0, f"resets are not counted: {counted}")
    expect(counted["open"] == 0, f"left open at the end: {counted}")


def test_overrun(start):
    """A large upload in one go behind a request for a large answer: more comes than is wanted meanwhile."""
    server = start()
    server.visit()
    before = server.rest()
    body = bytes(range(256)) * 2500
    requests = (b"GET /bytes/1000000 HTTP/1.1\r\nHost: h\r\n\r\n"
                b"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    for _ in range(30):
        client = server.connect()
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            sent = pool.submit(client.sendall, requests)
            with client.makefile("rb") as answers:
                expect(len(next_body(answers)) == 1000000, "not all of the large answer")
                expect(next_body(answers) == body, "the upload was answered with something else")
            sent.result()
        client.close()
    server.settle(before)
    server.stop()


def test_stop(start):
    """The first signal lets a request end, for a while; the second does not."""
    server = start()
    client = server.connect()
    client.sendall(b"GET /wait/30000 HTTP/1.1\r\nHost: h\r\n\r\n")
    eventually(lambda: server.counters()["requests"] == 1, "the request has not begun")
    server.process.terminate()

    def refuses():
        try:
            server.connect().close()
            return False
        except (ConnectionRefusedError, ConnectionResetError):
            return True

    eventually(refuses, "still accepts after SIGTERM")
    server.process.terminate()
    code = server.process.wait(PATIENCE)
    expect(code == -signal.SIGTERM, f"the second SIGTERM: ended with {code}")
    expect(read_to_end(client) == b"", "answered after all")


SIDE_BY_SIDE = {test_idle: 40}  # that one but waits
OF_CORE = {test_deadlines, test_rates, test_alone}  # of deadlines that core's HTTP keeps
# Ten thousand threads of many pools at a time are as much as a system may have.
FEWER = {name: ("--workers", "32") for name in ("prefork", "thread-pool", "thread-pool/ready", "threads-accept")}
TOO_MANY_LOOPS = {(test_descriptors, "loop-per-core/loops-64")}  # they need more than the test leaves


def run(test, build, name, own_parser):
    try:
        with contextlib.ExitStack() as stack:
            test(lambda *options, **more: stack.enter_context(
                Hearing(build, name, (*FEWER.get(name, ()), *options), own_parser, **more)))
    except (AssertionError, OSError, Wrong, subprocess.TimeoutExpired) as problem:
        where = traceback.extract_tb(problem.__traceback__)[1].lineno
        return f"{name}: line {where}: {problem!r}"
    return None


def main():
    test, build, *servers = globals()["test_" + sys.argv[1]], *sys.argv[2:]
    with_core = own_servers(build, without=["own-parser"])
    chosen = [name for name in servers or (with_core if test in OF_CORE else own_servers(build))
              if (test, name) not in TOO_MANY_LOOPS]
    with concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE.get(test, 12)) as pool:  # most of the time goes to waiting
        problems = list(filter(None, pool.map(
            lambda name: run(test, build, name, name not in with_core), chosen)))
    print("\n".join(problems + [f"{len(chosen)} servers, {len(problems)} failed"]))
    return 1 if problems or not chosen else 0


sys.exit(main())
