#!/usr/bin/env python3
"""Faults on purpose (--inject) in every server: each is as large as it says. usage: inject.py BUILD [SERVER...]"""
import concurrent.futures
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "clients"))
from honest import Wrong, get  # noqa: E402
from server import Server, own_servers  # noqa: E402

SIDE_BY_SIDE = 4  # with 200 connections each they fit under 1,024 descriptors
PATIENCE_S = 20
BUSY = ["epoll/spin", "io-uring/sqpoll"]  # take a core while there is something to do, however little


def expect(condition, text):
    if not condition:
        raise Wrong(text)


def connect(server):
    return socket.create_connection(("127.0.0.1", server.port), PATIENCE_S)


def ask(client, target="/plaintext", requests=1):
    """The statuses of the answers, which all end with the same word."""
    client.sendall(get(target) * requests)
    came = b""
    while came.count(b"HTTP/1.1 ") < requests or not re.search(rb"(World!|Error\n|ms)$", came):
        piece = client.recv(65536)
        expect(piece, f"closed after {came[-80:]!r}")
        came += piece
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d+)", came)]


def ask_timed(client, target="/plaintext"):
    """(status, seconds)."""
    began = time.monotonic()
    status, = ask(client, target)
    return status, time.monotonic() - began


def is_sanitized(server):
    """Then all takes more time, and what is freed is not given out again."""
    with open(server.path, "rb") as file:
        text = file.read()
    return b"__asan_init" in text or b"__tsan_init" in text


def cpu_s(pid):
    """CPU of a process by its own clock, with that of its threads that have ended (clock_getcpuclockid)."""
    return time.clock_gettime(~pid << 3 | 2)


def test_answers(start):
    """Which of N is counted over all connections; a failing answer may be a slow one too."""
    server = start("slow=1/6:150ms", "fail=1/4")
    expect(server.announced.get("injected") == "slow=1/6:150ms,fail=1/4", f"announces {server.announced}")
    clients = [connect(server) for _ in range(3)]
    seen = [ask_timed(clients[i % 3]) for i in range(24)]
    statuses = [status for status, _ in seen]
    expect(statuses == [200, 200, 200, 500] * 6, f"answers {statuses}")
    late = [i + 1 for i, (_, seconds) in enumerate(seen) if seconds >= 0.15]
    expect({6, 12, 18, 24} <= set(late), f"late are {late}")
    expect(len(late) < 8, f"late are {late}")  # a machine may be late with one too


def test_sleep(start):
    server = start("sleep=30ms")
    client = connect(server)
    for _ in range(3):
        status, seconds = ask_timed(client)
        expect(status == 200 and seconds >= 0.03, f"answered {status} after {seconds * 1e3:.1f} ms")
    status, seconds = ask_timed(client, "/wait/20")
    expect(status == 200 and seconds >= 0.05, f"/wait/20: {status} after {seconds * 1e3:.1f} ms")


def test_syscall(start):
    """As strace counts them. Children ask for their parent once by themselves, when they begin."""
    if not shutil.which("strace") or subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True).returncode:
        return
    with tempfile.NamedTemporaryFile(prefix="tenk-inject-") as file:
        def calls():
            with open(file.name, errors="replace") as trace:
                return len(re.findall(r"getppid\(", trace.read()))

        server = start("syscall", environment={"ASAN_OPTIONS": "detect_leaks=0"},
                       before=["strace", "-f", "-qq", "-e", "trace=getppid", "-o", file.name])
        client = connect(server)
        ask(client)
        before = -1
        while calls() != before:  # all have begun
            before = calls()
            time.sleep(0.2)
        for _ in range(10):
            ask(client)
        made = calls() - before
        with open(f"/proc/{server.process.pid}/task/{server.process.pid}/children") as traced:
            os.kill(int(traced.read().split()[0]), 15)
        server.process.wait(PATIENCE_S)
    expect(made == 10, f"{made} calls more for 10 requests")


def test_cpu(start):
    """Of 2,000 requests, the answers themselves included; once more on a machine that was away."""
    for attempt in range(3):
        server = start("cpu=60us")
        clients = [connect(server) for _ in range(4)]
        for client in clients:
            ask(client)
        before = sum(cpu_s(pid) for pid in server.tree())
        for _ in range(25):
            for client in clients:
                ask(client, requests=20)
        used = sum(cpu_s(pid) for pid in server.tree()) - before
        server.kill()
        if 0.12 <= used <= (2 if is_sanitized(server) else 0.24):
            return
    raise Wrong(f"{used:.3f} s of CPU for 2,000 requests that are to take 60 us more each: not 0.12 to 0.24")


def test_bytes(start):
    """Freed is what the next crowd has again: an allocator need not give it back to the system. Each of its arenas
    may keep what one crowd had there and the next had elsewhere, once; what is never freed grows by every crowd."""
    server = start("bytes=64KiB")
    expected = 200 * 65536
    held = []

    def crowd(count):
        clients = [connect(server) for _ in range(count)]
        for client in clients:
            ask(client)
        held.append(server.memory_bytes())
        return clients

    first = crowd(20)  # has it begin all that it begins
    for _ in range(6):
        for client in crowd(200):
            client.close()
        until = time.monotonic() + PATIENCE_S
        while server.counters()["open"] > len(first):
            expect(time.monotonic() < until, "connections that have gone are open")
    more = [bytes - held[0] for bytes in held[1:]]
    expect(more[0] >= 0.95 * expected, f"{more[0]} bytes more for 200 connections: not {expected}")
    grown = more[-1] - more[0]  # by five crowds
    expect(is_sanitized(server) or grown < 1.5 * expected, f"{grown} bytes more in the sixth crowd than in the first: {more}")


TESTS = [test_answers, test_sleep, test_syscall, test_cpu, test_bytes]


def run(build, name, test):
    """What was wrong, or None."""
    servers = []

    def start(*kinds, **more):
        servers.append(Server(build, name, [f"--inject={kind}" for kind in kinds], **more))
        expect(servers[-1].port, f"does not start: {servers[-1].said()}")
        return servers[-1]

    try:
        test(start)
    except (Wrong, OSError, subprocess.TimeoutExpired) as problem:
        return f"{name}: {test.__name__}: {problem!r}"
    finally:
        for server in servers:
            server.kill()
    return None


def main():
    build, *names = sys.argv[1:]
    names = names or own_servers(build)
    jobs = [(name, test) for test in TESTS for name in names]
    jobs = [(name, test) for name, test in jobs if test is not test_cpu or name not in BUSY]
    with concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        problems = list(filter(None, pool.map(lambda job: run(build, *job), jobs)))
    print("\n".join(problems + [f"{len(names)} servers, {len(problems)} failed"]))
    return 1 if problems or not names else 0


if __name__ == "__main__":
    sys.exit(main())
