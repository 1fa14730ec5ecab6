#!/usr/bin/env python3
"""Runs servers under injected faults with honest clients, and judges what these see.

    tests/faults/drive.py BUILD CASE [SERVER...]

Starts each server of our own (all of `tenk list`, or those named) with the faults library loaded
before all others, makes calls fail as CASE says, and lets clients ask for what they know the answer
to. What is answered has to be right, whatever fails; nobody may be left waiting; afterwards the
server serves as before, holds no more descriptors and threads than before, and ends with 0 when
told to. Prints a line for each server that does not, and ends with 1 if there is one.
"""
import asyncio
import concurrent.futures
import mmap
import os
import resource
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "clients"))
from honest import EXCHANGES, REFUSED, Wrong, get, read_answer, talk  # noqa: E402
from server import PATIENCE_S, Server, own_servers  # noqa: E402

KINDS = ["allocation", "watch", "receive", "send", "interrupt", "again", "accept", "thread", "process"]
FAULT = struct.Struct("6I")  # struct fault of faults.h
ALL = 0xFFFFFFFF
HALF = 128  # of 256
ALLOCATIONS_MOST = 160
STARTS_MOST = 24
SIDE_BY_SIDE = 8  # servers: most of the time goes to waiting
FILES = tempfile.TemporaryDirectory(prefix="tenk-faults-")
FILE = bytes(range(1, 251)) * 800
with open(f"{FILES.name}/file", "wb") as made:
    made.write(FILE)
VISITS = [*EXCHANGES, (get("/file/file") + get("/json"), [(200, FILE), (200, b'{"message":"Hello, World!"}')])]
ERRORS = {"ECONNABORTED": 103, "EPERM": 1, "EPROTO": 71, "EMFILE": 24, "ENFILE": 23, "ENOBUFS": 105, "ENOMEM": 12}


class Faults:
    """The file that is shared with the library."""

    def __init__(self):
        self.file = tempfile.NamedTemporaryFile(prefix="tenk-faults-")
        self.file.truncate(mmap.PAGESIZE)
        self.page = mmap.mmap(self.file.fileno(), mmap.PAGESIZE)

    def clear(self):
        for kind in range(len(KINDS)):
            FAULT.pack_into(self.page, kind * FAULT.size, 0, 0, 0, 0, 0, 0)

    def set(self, kind, first=1, last=ALL, chance=256, error=0):
        # `last` counts most: it is written when all else is there.
        at = KINDS.index(kind) * FAULT.size
        FAULT.pack_into(self.page, at, first, 0, chance, error, 0, 0)
        struct.pack_into("I", self.page, at + 4, last)

    def calls(self, kind):
        return FAULT.unpack_from(self.page, KINDS.index(kind) * FAULT.size)[4]

    def under_lock(self):
        return struct.unpack_from("I", self.page, len(KINDS) * FAULT.size)[0]

    def injected(self, kind):
        return FAULT.unpack_from(self.page, KINDS.index(kind) * FAULT.size)[5]


def start(build, name, faults, options=()):
    environment = {"TENK_FAULTS": faults.file.name, "LD_PRELOAD": os.path.abspath(f"{build}/tests/faults.so")}
    if is_sanitized(build):
        # We stand in front of its malloc, which it does not mind once it is told.
        environment["ASAN_OPTIONS"] = "verify_asan_link_order=0:allocator_may_return_null=1"
    return Server(build, name, ["--files", FILES.name, *options], environment=environment)


def is_sanitized(build):
    with open(f"{build}/tenk", "rb") as file:
        return b"__asan_init" in file.read()


# --- visits --------------------------------------------------------------------------------------


async def visit_all(port, exchanges, times):
    tasks = [asyncio.wait_for(talk(port, e), PATIENCE_S) for e in exchanges * times]
    return await asyncio.gather(*tasks, return_exceptions=True)


def visit(server, exchanges=None, times=1):
    """All exchanges at once; returns how many connections were given up."""
    given_up = 0
    exchanges = exchanges or VISITS + [REFUSED]
    results = asyncio.run(visit_all(server.port, exchanges, times))
    if not server.alive():
        raise Wrong(f"died with {server.process.returncode}: {server.said()}")
    for index, result in enumerate(results):
        if isinstance(result, (asyncio.TimeoutError, TimeoutError)):
            raise Wrong(f"left a client waiting: {exchanges[index % len(exchanges)][0][:40]!r}")
        if isinstance(result, BaseException):
            raise result
        given_up += not result
    return given_up


def visit_honestly(server, what):
    given_up = visit(server)
    if given_up:
        raise Wrong(f"{what}: {given_up} connections were given up")


# --- the cases -----------------------------------------------------------------------------------


def require_injected(faults, kind):
    if not faults.injected(kind):
        raise Wrong(f"no {kind} failed: the case tests nothing")


def transient(*kinds, **how):
    """What passes by itself: clients must not notice."""

    def run(server, faults, traits):
        for kind in kinds:
            faults.clear()
            for chance in (HALF, 230):
                faults.set(kind, chance=chance, **how)
                visit_honestly(server, f"{kind} {chance}/256")
            if kind in traits["calls"]:
                require_injected(faults, kind)

    return run


def aborted(server, faults, traits):
    for name in ("ECONNABORTED", "EPERM", "EPROTO"):
        faults.set("accept", chance=HALF, error=ERRORS[name])
        visit_honestly(server, name)


def shortage(server, faults, traits):
    for name in ("EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"):
        faults.clear()
        faults.set("accept", last=3, error=ERRORS[name])
        visit(server)
        faults.clear()
        visit_honestly(server, f"after {name}")


def shortage_lasts(server, faults, traits):
    """The kernel's own limit. As long as it lasts, what is there is served, and nobody spins."""

    def limit(wanted):
        for pid in server.tree():
            highest = max(int(fd) for fd in os.listdir(f"/proc/{pid}/fd"))
            hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)[1]
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (min(wanted or highest + 1, hard), hard))

    async def ask(reader, writer):
        writer.write(get("/plaintext"))
        await asyncio.wait_for(read_answer(reader, 200, b"Hello, World!"), PATIENCE_S)

    async def hold(port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await ask(reader, writer)
        limit(None)
        waiting = [asyncio.create_task(talk(port, EXCHANGES[0])) for _ in range(5)]
        cpu_s = server.cpu_s()
        for _ in range(10):
            await asyncio.sleep(0.05)
            await ask(reader, writer)
        cpu_s = server.cpu_s() - cpu_s
        limit(1 << 20)
        writer.close()
        await asyncio.wait_for(asyncio.gather(*waiting), PATIENCE_S)
        return cpu_s

    try:
        cpu_s = asyncio.run(hold(server.port))
    except EOFError:
        raise Wrong("gives up what it has when descriptors are short") from None
    except (TimeoutError, asyncio.TimeoutError):
        raise Wrong("leaves clients waiting when descriptors are short, or back again") from None
    if cpu_s > 0.25:
        raise Wrong(f"used {cpu_s:.2f} s of CPU in 0.5 s without a descriptor")


def memory(server, faults, traits):
    """One allocation after another fails, in one connection after another."""
    faults.set("allocation", last=0)
    visit(server)
    count = min(faults.calls("allocation"), ALLOCATIONS_MOST)
    for number in range(1, count + 1):
        faults.set("allocation", first=number, last=number)
        visit(server)
        faults.clear()
    visit_honestly(server, "after it")


def memory_gone(server, faults, traits):
    for chance in (HALF, 256):
        faults.set("allocation", chance=chance)
        visit(server, times=2)
        faults.clear()
        visit_honestly(server, "after it")


def watch(server, faults, traits):
    for number in range(1, 9):
        faults.set("watch", first=number, last=number)
        visit(server)
    faults.set("watch")
    visit(server)
    # With descriptors short as well: the listener is looked away from, and has to be found again.
    faults.clear()
    faults.set("watch", last=3)
    faults.set("accept", last=2, error=ERRORS["EMFILE"])
    visit(server)
    faults.clear()
    visit_honestly(server, "after it")


def makers(server, faults, traits):
    for kind in ("thread", "process"):
        faults.clear()
        for chance in (HALF, 256):
            faults.set(kind, chance=chance)
            visit(server)
            faults.clear()
            visit_honestly(server, f"after {kind} {chance}/256")


def resets(server, faults, traits):
    """No failures here: connections that are reset while they wait to be accepted are made no process for."""
    dead, before = 300, faults.calls("process")
    for pid in server.tree():
        os.kill(pid, signal.SIGSTOP)
    for _ in range(dead):
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    for pid in server.tree():
        os.kill(pid, signal.SIGCONT)
    visit_honestly(server, "after a flood of resets")
    made = faults.calls("process") - before
    if made >= dead:
        raise Wrong(f"made {made} processes for {dead} connections that were gone")


def locks(server, faults, traits):
    """No failures here: nobody calls the kernel while others wait for a mutex."""
    before = faults.under_lock()
    # Of an answer that is read for it, libmicrohttpd has a lock, which nobody else waits for.
    exchanges = EXCHANGES + [REFUSED] if server.name.startswith("libmicrohttpd") else VISITS + [REFUSED]
    for _ in range(3):
        if visit(server, exchanges):
            raise Wrong("as usual: connections were given up")
    if faults.under_lock() > before:
        raise Wrong(f"{faults.under_lock() - before} system calls with a mutex held")


CASES = {
    "interrupt": transient("interrupt"),
    "short": transient("receive", "send"),
    "again": transient("again"),
    "aborted": aborted,
    "shortage": shortage,
    "shortage-lasts": shortage_lasts,
    "memory": memory,
    "memory-gone": memory_gone,
    "watch": watch,
    "makers": makers,
    "locks": locks,
    "resets": resets,
}

# What a library does, beyond our reach: it is said, and not tested.
LATE = "the library tells of it only when it next wakes"
SPINS = "the library accepts by itself, and goes on trying"
LOCKS = "the library's own lock, when a request that has waited goes on"
KNOWN = {
    ("libmicrohttpd", "locks"): LOCKS,
    ("libmicrohttpd/pool", "locks"): LOCKS,
    ("libev", "watch"): LATE,
    ("libuv", "watch"): "the library ends the process",
    ("libuv/own-pool", "watch"): "the library ends the process",
    ("epoll/spin", "shortage-lasts"): "it never sleeps, whatever there is",
    ("libmicrohttpd/pool", "shortage-lasts"): SPINS,
    ("libmicrohttpd/select", "shortage-lasts"): SPINS,
    ("libmicrohttpd/thread-per-connection", "shortage-lasts"): SPINS,
}

# The same of AddressSanitizer.
NEEDS = "AddressSanitizer itself needs memory to begin a thread"
KNOWN_SANITIZED = {
    **{(name, case): NEEDS for case in ("memory", "memory-gone")
       for name in ("libmicrohttpd/thread-per-connection", "thread-per-connection", "thread-per-connection/stack-2m",
                    "thread-per-connection/stack-64k", "thread-per-request", "thread-per-request/stack-64k",
                    "thread-pool", "thread-pool/ready", "threads-accept", "prefork", "process-per-connection")},
    **{(name, "memory"): "without memory for an error's answer the library forgets to say that the request ended"
       for name in ("libmicrohttpd", "libmicrohttpd/pool", "libmicrohttpd/select")},
}


def run_case(build, case, server_name, faults):
    """Runs one; returns what was wrong or None."""
    faults.clear()
    server = start(build, server_name, faults)
    try:
        if server.port is None:
            raise Wrong(f"does not start: {server.said()}")
        visit_honestly(server, "before any fault")
        time.sleep(0.05)
        before = server.state()
        calls = {kind for kind in KINDS if faults.calls(kind)}
        CASES[case](server, faults, {"calls": calls})
        faults.clear()
        visit_honestly(server, "at the end")
        server.settle(before)
        server.end()
        return None
    except Wrong as wrong:
        return str(wrong)
    finally:
        server.kill()


def starts(server, faults, kind):
    """Whether it serves after its start, with a fault that came in the middle of it."""
    until = time.monotonic() + 0.05
    while server.alive() and not faults.injected(kind) and time.monotonic() < until:
        time.sleep(0.002)
    faults.clear()
    if server.port is None:
        return False
    try:
        visit_honestly(server, "after its start")
        server.end()
        return True
    except Wrong as wrong:
        try:  # a model may find out only after it has announced itself
            server.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            raise wrong from None
        return False


def run_start(build, server_name, faults):
    """One allocation after another fails while it starts: it serves, or says why not and ends."""
    faults.clear()
    server = start(build, server_name, faults)
    time.sleep(0.05)
    counts = {kind: faults.calls(kind) for kind in ("allocation", "watch", "thread", "process")}
    server.kill()
    if is_sanitized(build) and counts["thread"]:
        print(f"{server_name}: without failing allocations: {NEEDS}", flush=True)
        del counts["allocation"]
    for kind, count in counts.items():
        for number in range(1, min(count, STARTS_MOST) + 1):
            faults.clear()
            faults.set(kind, first=number, last=number)
            server = start(build, server_name, faults)
            try:
                if not starts(server, faults, kind):
                    code = server.process.wait(PATIENCE_S)
                    if code != 1 or not server.said():
                        raise Wrong(f"ended with {code}: {server.said()}")
            except subprocess.TimeoutExpired:
                return f"{kind} {number}: neither serves nor ends"
            except Wrong as wrong:
                return f"{kind} {number}: {wrong}"
            finally:
                server.kill()
    return None


def main(arguments):
    if len(arguments) < 2 or arguments[1] not in list(CASES) + ["start"]:
        sys.exit(f"usage: drive.py BUILD {'|'.join(CASES)}|start [SERVER...]")
    build, case, *servers = arguments
    known = {**KNOWN, **(KNOWN_SANITIZED if is_sanitized(build) else {})}

    def run(name):
        """Returns what was wrong or None."""
        if (name, case) in known:
            print(f"{name}: left out: {known[name, case]}", flush=True)
            return None
        began = time.monotonic()
        faults = Faults()
        wrong = run_start(build, name, faults) if case == "start" else run_case(build, case, name, faults)
        if wrong:
            print(f"{name}: {wrong}", flush=True)
        elif os.environ.get("VERBOSE"):
            print(f"{name}: good, {time.monotonic() - began:.1f} s", flush=True)
        return wrong

    with concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        return 1 if any(list(pool.map(run, servers or own_servers(build)))) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
