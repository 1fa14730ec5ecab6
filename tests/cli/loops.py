#!/usr/bin/env python3
"""What the loops among our servers promise beside HTTP. usage: loops.py TEST BUILD [SERVER...]: one
test, of all that it is about or of some."""
import contextlib
import errno
import os
import resource
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "clients"))
from server import own_servers  # noqa: E402
from honest import get, pattern, post  # noqa: E402
from suite import LOOPS, PATIENCE, connect, expect, main, read_answer  # noqa: E402


def test_workers(start):
    """Three loops: three threads beside the first, all of which serve, and stop in good order."""
    server = start("--workers", "3")
    server.rest()
    extra = server.has_thread_sanitizer()  # which has a thread of its own
    expect(server.holds()[1] == 4 + extra, f"{server.holds()[1]} threads of 3 loops")
    before = switches(server)
    clients = [connect(server) for _ in range(24)]
    for client in clients:
        client.sendall(get("/wait/200"))
    for client in clients:
        expect(read_answer(client)[:2] == (200, b"Waited 200 ms"), "another answer")
    ran = sum(count > before[thread] for thread, count in switches(server).items())
    least = 1 if server.name == "loop-per-core/exclusive" else 3  # whoever is awake may take all
    extra += server.name == "acceptor-deals"  # that one, which is the first thread
    expect(least <= ran <= 3 + extra, f"{ran} of 3 loops have run since")
    for client in clients[:12]:
        client.sendall(get("/wait/300"))
    time.sleep(0.1)
    server.process.send_signal(signal.SIGTERM)
    for client in clients[:12]:
        expect(read_answer(client)[:2] == (200, b"Waited 300 ms"), "not answered after the stop")
    expect(server.process.wait(PATIENCE) == 0, f"ended with {server.process.returncode}")
    expect('"open":0,"accepted":24,"requests":36,' in server.said(), f"counted {server.said()}")


def switches(server):
    """How often each thread of it has left the processor until now; not those of the kernel for io_uring."""
    counts = {}
    for thread in os.listdir(f"/proc/{server.process.pid}/task"):
        with open(f"/proc/{server.process.pid}/task/{thread}/status") as file:
            status = file.read()
        if not status.startswith("Name:\tiou-"):
            counts[thread] = sum(int(line.split()[1]) for line in status.splitlines() if "ctxt_switches" in line)
    return counts


def has_effect(start, option, values, measure):
    """Whether an option makes a difference; None where it is refused with a sentence, as it is to be
    where it means nothing."""
    seen = []
    for value in values:
        server = start(option, value, may_refuse=True)
        if not server.port:
            expect(server.process.wait(PATIENCE) == 2, f"{option}: ended with {server.process.returncode}")
            expect(f"{option}: server-" in server.said(), f"{option}: {server.said()}")
            return None
        client = connect(server)
        client.sendall(get("/plaintext"))
        read_answer(client)
        server.rest()
        seen.append(measure(server))
        server.kill()
    return seen[0] != seen[1]


def address_space(server):
    with open(f"/proc/{server.process.pid}/status") as file:
        return int(file.read().split("VmSize:")[1].split()[0]) // 512  # in half MiB


def test_options(start, name):
    """What a server takes makes a difference, and what would make none is wrong use."""
    expect(has_effect(start, "--workers", "35", lambda server: server.state()[1:]) is not False,
           "--workers is ignored")
    if name != "libuv/own-pool":  # whose threads begin with what is first to do
        expect(has_effect(start, "--offload", "03", lambda server: server.state()[1:]) is not False,
               "--offload is ignored")
    expect(has_effect(start, "--stack-size", ["128KiB", "8MiB"], address_space) is not False,
           "--stack-size is ignored")


def test_late(start):
    """What waits for its reader is not another's: between two answers of one client, which reads late
    and little at a time, another one is answered."""
    server = start()
    body = b"another's" * 7
    late = connect(server, segment=536, receive_buffer=4096)
    late.sendall(get("/bytes/300000") + get("/bytes/60") + get("/json"))
    other = connect(server)
    for _ in range(3):
        time.sleep(0.1)
        other.sendall(post(body))
        expect(read_answer(other)[:2] == (200, body), "another answer to the one in time")
    kept = b""
    for right in (pattern(300000), pattern(60), b'{"message":"Hello, World!"}'):
        status, came, kept = read_answer(late, kept)
        expect((status, came) == (200, right), f"the late one: {status} {came[:70]!r}, not {right[:70]!r}")


def test_interest(start):
    """An answer that fills the socket is two changes of what a descriptor is watched for: none of them
    takes it out of the kernel's list and puts it in again, which would be two calls."""
    server = start(watches_calls=True)
    server.faults.set("watch", chance=0)  # only to count them
    client = connect(server)
    body = pattern(12000000)
    for i in range(4):
        if i == 1:  # the first time, the connection itself is put in
            before = server.faults.calls("watch")
        client.sendall(get("/bytes/12000000"))
        time.sleep(0.1)
        expect(read_answer(client)[:2] == (200, body), "another answer")
    calls = server.faults.calls("watch") - before
    expect(before > 0 and calls == 0, f"put in {calls} times for 3 answers, {before} times before")


def test_allocations(start):
    """A wait takes no memory that is not there already."""
    server = start(watches_calls=True)
    client = connect(server)
    for i in range(40):
        if i == 20:
            before = server.faults.calls("allocation")
        client.sendall(get("/wait/1"))
        expect(read_answer(client)[:2] == (200, b"Waited 1 ms"), "another answer")
    calls = server.faults.calls("allocation") - before
    expect(calls == 0, f"{calls} allocations for 20 waits")


def test_hurry(start):
    """A chunk's extension that fills a buffer and does not end keeps no processor busy, neither while its
    client is there nor when it has left; others are served at once meanwhile."""
    server = start()
    client, other = connect(server), connect(server)
    client.sendall(get("/echo", "POST", "Transfer-Encoding: chunked\r\n") + b"5;" + b"a" * 32600)
    for _ in range(2):
        time.sleep(0.2)
        used = server.cpu_s()
        time.sleep(1)
        used = server.cpu_s() - used
        expect(used < 0.2, f"{used:.2f} s of CPU in a second")
        began = time.monotonic()
        for _ in range(20):
            other.sendall(get("/wait/1"))
            expect(read_answer(other)[:2] == (200, b"Waited 1 ms"), "another answer")
        other.sendall(get("/bytes/1000000") * 3)
        kept = b""
        for _ in range(3):
            status, body, kept = read_answer(other, kept)
            expect((status, body) == (200, pattern(1000000)), "another answer")
        expect(time.monotonic() - began < 5, "slow for others")
        client.close()


def test_shortage(start):
    """Connections that come to nothing for want of memory or threads are counted as that, and as no more."""
    server = start("--max-connections", "60")
    server.rest()
    with open(f"/proc/{server.process.pid}/status") as file:
        kib = int(file.read().split("VmSize:")[1].split()[0])
    resource.prlimit(server.process.pid, resource.RLIMIT_AS, ((kib + 500) << 10, resource.RLIM_INFINITY))
    for _ in range(6):
        crowd = [connect(server) for _ in range(58)]
        for client in crowd:
            with contextlib.suppress(OSError):
                client.sendall(get("/plaintext"))
        for client in crowd:
            with contextlib.suppress(OSError):
                client.recv(4096)
            client.close()
        until = time.monotonic() + PATIENCE
        while server.counters()["open"]:  # what came late is still to be noticed
            expect(time.monotonic() < until, f"open though nobody is there: {server.said()[-500:]}")
            time.sleep(0.05)
    counted = server.counters()
    expect(counted["accepted"] == 6 * 58, f"not all counted: {counted}")
    expect(counted["refused"]["limit"] == 0, f"refused for a limit that was not reached: {counted}")
    expect(counted["closed"]["answered"] == 0, f"none was to be closed after an answer: {counted}")


def test_expectation(start):
    """A request that waits for leave to send no body, and one behind it: both are answered."""
    server = start()
    client = connect(server)
    client.sendall(get("/plaintext", extra="Expect: 100-continue\r\n") + get("/json"))
    kept = b""
    for right in (b"Hello, World!", b'{"message":"Hello, World!"}'):
        status, body, kept = read_answer(client, kept)
        if status == 100:
            status, body, kept = read_answer(client, kept)
        expect((status, body) == (200, right), f"{status} {body!r}")


def test_watches(start):
    """What a loop lends to tasks for descriptors of theirs keeps its contract (tests/watched). select knows
    descriptors by a number that is bounded."""
    server = start()
    client = connect(server)
    for number in range(1000):
        client.sendall(get(f"/watches/{number}"))
        status, body, _ = read_answer(client)
        if status == 404 and number:
            break
        expect((status, body) == (200, b"well") or (server.name, body) == ("select", b"out of range"),
               f"case {number}: {status} {body!r}")
    client.close()
    server.end()


def test_lost(start):
    """Who could not be accepted for want of a descriptor is accepted when another one leaves, though
    nothing else happens."""
    server = start(watches_calls=True)
    first = connect(server)
    first.sendall(get("/plaintext"))
    read_answer(first)
    server.faults.set("accept", last=1, error=errno.EMFILE)
    second = connect(server)
    second.sendall(get("/plaintext"))
    until = time.monotonic() + PATIENCE
    while not server.faults.injected("accept"):
        expect(time.monotonic() < until, "it has not tried to accept")
        time.sleep(0.02)
    first.close()
    expect(read_answer(second)[:2] == (200, b"Hello, World!"), "another answer")


def test_stall(start):
    """Who asked in time is served, and goes on being served, though the server comes to look when the time
    was up long ago."""
    server = start("--idle-timeout", "2s")
    clients = [connect(server) for _ in range(8)]

    def tell(number):
        for pid in server.tree():
            os.kill(pid, number)

    def stands():  # a signal takes its time
        for pid in server.tree():
            for thread in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{thread}/stat") as file:
                    if file.read().rsplit(")", 1)[1].split()[0] != "T":
                        return False
        return True

    def ask_all(while_it_stands_s=0.0):
        if while_it_stands_s:
            tell(signal.SIGSTOP)
            while not stands():
                time.sleep(0.001)
        for client in clients:
            client.sendall(get("/plaintext"))
        time.sleep(while_it_stands_s)
        tell(signal.SIGCONT)
        for client in clients:
            expect(read_answer(client)[:2] == (200, b"Hello, World!"), "another answer")

    ask_all()
    ask_all(while_it_stands_s=2.5)
    ask_all()


def test_memory(start):
    """When a crowd has gone, so has its memory, but for what is kept at hand for the next few."""
    server = start()

    def crowd(count):
        clients = [connect(server) for _ in range(count)]
        for client in clients:
            client.sendall(get("/plaintext"))
        for client in clients:
            read_answer(client)
        for client in clients:  # not before all have come
            client.close()
        until = time.monotonic() + PATIENCE
        while server.counters()["open"]:
            expect(time.monotonic() < until, "clients that have gone are open")
            time.sleep(0.05)

    crowd(20)
    before = server.memory_bytes()
    crowd(1005)  # as many as select holds
    until = time.monotonic() + PATIENCE
    # What libmicrohttpd allocates lies scattered, so that more of it cannot be given back.
    most = 6000000 if server.name.startswith("libmicrohttpd") else 1600000
    if server.counts_lines():  # and is not optimized, so that stacks, of which some are kept, are deeper
        most *= 2
    while (more := server.memory_bytes() - before) > most:
        expect(time.monotonic() < until, f"{more} bytes more than before 1,005 clients came")
        time.sleep(0.05)


LIBMICROHTTPD = ["libmicrohttpd", "libmicrohttpd/pool", "libmicrohttpd/select",
                 "libmicrohttpd/thread-per-connection"]
SERVERS = {
    test_hurry: lambda build: own_servers(build, without=["spins"]),
    test_shortage: lambda build: LIBMICROHTTPD,
    test_expectation: own_servers,
    # Of threads that wait each for itself, one may stand between what it has received and saying so.
    test_stall: lambda build: [name for name in own_servers(build, without=["own-parser"])
                               if name != "thread-pool" and not name.startswith("thread-per-connection")],
    # io-uring's accept is no call that could be made to fail
    test_lost: lambda build: [name for name in LOOPS if not name.startswith("io-uring")] + LIBMICROHTTPD,
    test_memory: lambda build: LOOPS + LIBMICROHTTPD,
    test_workers: lambda build: LOOPS,
    test_watches: lambda build: own_servers(f"{build}/../..", without=["blocking", "thread-each", "spins"]),
    test_options: own_servers,
    test_late: own_servers,
    test_interest: lambda build: ["coroutines", "epoll", "epoll-edge", "libev", "libevent"],
    test_allocations: lambda build: [name for name in LOOPS if name != "libevent/bufferevent"],
}


sys.exit(main(globals(), SERVERS, crowded=[test_memory]))
