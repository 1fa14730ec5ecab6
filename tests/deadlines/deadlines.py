#!/usr/bin/env python3
"""Every deadline of every server: never early, and at most a tenth or one second late.

    tests/deadlines/deadlines.py BUILD [--limit SECONDS] [--runs FACTOR] [SERVER...]

Each server is started once with all its deadlines at so many seconds (1), and clients come that each
miss one, be it in silence or a byte at a time, beside others that are slow and keep within all. With
--runs the server is given no options, and a clock (tests/deadlines/clock.c) that runs so many times
as fast: so its deadlines of a minute can be waited for.
"""
import argparse
import concurrent.futures
import os
import select
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "clients"))
from honest import Wrong, get  # noqa: E402
from server import Server, own_servers  # noqa: E402

SIDE_BY_SIDE = 14  # servers: nearly all of the time goes to waiting
STEP_S = 0.1  # between two bytes of those who give or take one at a time
DEFAULTS_S = {"header": 60, "body": 60, "idle": 75, "write": 60}
LATE_RATIO, LATE_S = 0.1, 1.0
LEAST_RATE = 4096  # bytes a second, that a body or an answer has to come to beyond the limit
HEAD = get("/plaintext")
UPLOAD = get("/echo", "POST", "Content-Length: 100000\r\n")
CHUNKED = get("/echo", "POST", "Transfer-Encoding: chunked\r\n") + b"186a0\r\n"
EXPECT = get("/echo", "POST", "Content-Length: 100000\r\nExpect: 100-continue\r\n")
LARGE = get("/bytes/1000000000")


class Client:
    """A connection, and since when its deadline runs."""

    def __init__(self, port, patience_s):
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.patience_s = patience_s
        self.begin()
        self.socket.connect(("127.0.0.1", port))

    def begin(self):
        self.began = time.monotonic()

    def say(self, data):
        self.socket.sendall(data)

    def hear(self, patience_s=None):
        """What comes next; b"" at the end, None if nothing does in so long."""
        poll = select.poll()
        poll.register(self.socket, select.POLLIN)
        if not poll.poll(1000 * (self.patience_s if patience_s is None else patience_s)):
            return None
        try:
            return self.socket.recv(65536)
        except ConnectionResetError:
            return b"reset"

    def ask(self, request=HEAD, ending=b"Hello, World!"):
        self.begin()  # of being idle, at the earliest
        self.say(request)
        came = b""
        while not came.endswith(ending):
            piece = self.hear()
            if not piece:
                raise Wrong(f"asked in time, and got {came!r}, {piece!r}")
            came += piece

    def wait_for_end(self):
        """Without taking anything."""
        poll = select.poll()
        poll.register(self.socket, 0)
        return b"reset" if poll.poll(1000 * self.patience_s) else None

    def trickle(self, data):
        """A byte at a time, until something is answered."""
        until = time.monotonic() + self.patience_s
        at = 0
        while time.monotonic() < until:
            try:
                self.say(data[at % len(data):][:1])
            except OSError:
                pass  # what it has said before can be heard
            at += 1
            answer = self.hear(STEP_S)
            if answer is not None:
                return answer
        return None


# --- who misses a deadline -----------------------------------------------------------------------
# Each returns what it heard at the end.


def says_nothing(client):
    return client.hear()


def begins_a_head(client):
    client.say(HEAD[:20])
    return client.hear()


def trickles_a_head(client):
    client.say(HEAD[:-2] + b"X: ")
    return client.trickle(b"x")


def trickles_a_second_head(client):
    client.ask()
    time.sleep(0.3)
    client.begin()
    client.say(HEAD[:-2] + b"X: ")
    return client.trickle(b"x")


def begins_a_second_head(client):
    client.ask()
    client.begin()
    client.say(HEAD[:20])
    return client.hear()


def sends_no_body(client):
    client.say(UPLOAD)
    return client.hear()


def trickles_a_body(client):
    client.say(UPLOAD)
    return client.trickle(b"x")


def trickles_a_chunk(client):
    client.say(CHUNKED)
    return client.trickle(b"x")


def waits_to_continue(client):
    client.say(EXPECT)
    if b" 100 " not in (client.hear() or b""):
        raise Wrong("was not asked to go on")
    return client.hear()


def does_nothing_more(client):
    client.ask()
    return client.hear()


def does_nothing_after_several(client):
    client.ask(get("/json") * 2 + HEAD)
    return client.hear()


def takes_nothing(client):
    client.say(LARGE)
    return client.wait_for_end()


def takes_no_second_answer(client):
    client.say(HEAD + LARGE)
    return client.wait_for_end()


def takes_a_byte_at_a_time(client):
    client.say(LARGE)
    until = time.monotonic() + client.patience_s
    poll = select.poll()
    poll.register(client.socket, 0)
    while time.monotonic() < until:
        if poll.poll(1000 * STEP_S):
            return b"reset"
        client.socket.recv(1)
    return None


NOTHING, REFUSED, RESET = b"", b"HTTP/1.1 408 ", b"reset"
LATE = [  # which deadline, who misses it, and how that ends
    ("header", says_nothing, NOTHING),
    ("header", begins_a_head, REFUSED),
    ("header", trickles_a_head, REFUSED),
    ("header", begins_a_second_head, REFUSED),
    ("header", trickles_a_second_head, REFUSED),
    ("body", sends_no_body, REFUSED),
    ("body", trickles_a_body, REFUSED),
    ("body", trickles_a_chunk, REFUSED),
    ("body", waits_to_continue, REFUSED),
    ("idle", does_nothing_more, NOTHING),
    ("idle", does_nothing_after_several, NOTHING),
    ("write", takes_nothing, RESET),
    ("write", takes_no_second_answer, RESET),
    ("write", takes_a_byte_at_a_time, RESET),
]
# A library's one deadline, for whatever it waits for.
LATE_OWN_PARSER = [("idle", who, None) for who in (says_nothing, begins_a_head, sends_no_body, does_nothing_more)]
OWN_CLOCK_S = 1  # it counts in seconds
# Deadlines that a variant has not, unless it is told to.
WITHOUT = {"loop-per-core/loops-64": ["header", "idle"]}

# --- who keeps within all ------------------------------------------------------------------------


def asks_now_and_then(client, limit_s):
    for _ in range(6):
        client.ask()
        time.sleep(limit_s / 2)


def sends_a_body_in_time(client, limit_s):
    """At twice the least rate, with rests of half the limit."""
    part = b"x" * int(LEAST_RATE * limit_s)
    client.say(get("/echo", "POST", f"Content-Length: {6 * len(part)}\r\n"))
    for _ in range(6):
        time.sleep(limit_s / 2)
        client.say(part)
    client.ask(b"", part)


def takes_an_answer_in_time(client, limit_s):
    left = 6 * int(LEAST_RATE * limit_s)
    client.say(get(f"/bytes/{left}"))
    came = client.hear() or b""
    if b"\r\n\r\n" not in came:
        raise Wrong(f"asked for an answer, and got {came!r}")
    left += came.index(b"\r\n\r\n") + 4 - len(came)
    while left > 0:
        most = time.monotonic() + limit_s / 2
        part = min(left, int(LEAST_RATE * limit_s))
        while part > 0 and (came := client.socket.recv(part)):
            part -= len(came)
            left -= len(came)
        if part:
            raise Wrong(f"took in time, and {left} bytes were cut off")
        time.sleep(max(0, most - time.monotonic()))


def waits_for_long(client, limit_s):
    ms = round(3000 * limit_s)
    client.ask(get(f"/wait/{ms}"), b"Waited %d ms" % ms)


KEEP_WITHIN = [asks_now_and_then, sends_a_body_in_time, takes_an_answer_in_time, waits_for_long]


# --- a server ------------------------------------------------------------------------------------


class Trial:
    """One server and all its clients. Seconds are the server's, which run `runs` times as fast."""

    def __init__(self, build, name, is_own_parser, limit_s, runs):
        self.name, self.runs = name, runs
        self.limits_s = DEFAULTS_S if runs else dict.fromkeys(DEFAULTS_S, limit_s)
        self.late = LATE_OWN_PARSER if is_own_parser else LATE
        self.coarse_s = OWN_CLOCK_S if is_own_parser else 0
        kinds = ["idle"] if is_own_parser else list(DEFAULTS_S)
        options = [] if runs else [text for kind in kinds for text in (f"--{kind}-timeout", f"{limit_s:g}s")]
        environment = {"LD_PRELOAD": os.path.abspath(f"{build}/tests/clock.so"), "TENK_CLOCK_RUNS": f"{runs:g}"}
        self.server = Server(build, name, options, environment if runs else ())
        self.problems = []

    def client(self):
        return Client(self.server.port, 4 * max(self.limits_s.values()) / (self.runs or 1))

    def miss(self, kind, who, ending):
        client = self.client()
        with client.socket:
            heard = who(client)
            took_s = (time.monotonic() - client.began) * (self.runs or 1)
        limit_s = self.limits_s[kind]
        if heard is None:
            raise Wrong(f"--{kind}-timeout of {limit_s:g} s: not ended after {took_s:.1f} s")
        if ending is not None and (heard != ending if ending in (NOTHING, RESET) else not heard.startswith(ending)):
            raise Wrong(f"--{kind}-timeout of {limit_s:g} s: ended with {heard[:60]!r}")
        if took_s < limit_s:
            raise Wrong(f"--{kind}-timeout of {limit_s:g} s: ended early, after {took_s:.2f} s")
        if took_s > limit_s + self.coarse_s + max(LATE_S, LATE_RATIO * limit_s):
            raise Wrong(f"--{kind}-timeout of {limit_s:g} s: ended late, after {took_s:.2f} s")

    def keep(self, who):
        client = self.client()
        with client.socket:
            who(client, min(self.limits_s.values()) / (self.runs or 1))

    def attempt(self, who, act, *arguments):
        try:
            act(*arguments)
        except (Wrong, OSError) as problem:
            self.problems.append(f"{self.name}: {who.__name__.replace('_', ' ')}: {problem}")

    def run(self):
        if self.server.port is None:
            return [f"{self.name}: does not start: {self.server.said()}"]
        acts = [(who, self.miss, kind, who, ending) for kind, who, ending in self.late
                if not self.runs or kind not in WITHOUT.get(self.name, [])]
        if not self.runs:  # bytes would have to come as much faster
            acts += [(who, self.keep, who) for who in KEEP_WITHIN]
        clients = [threading.Thread(target=self.attempt, args=act) for act in acts]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        self.server.kill()
        return self.problems


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("build")
    parser.add_argument("--limit", type=float, default=1, help="seconds of each deadline (1)")
    parser.add_argument("--runs", type=float, default=0, help="keep the defaults, with a clock so many times as fast")
    parser.add_argument("servers", nargs="*", help="as `tenk list` names them (all of our own)")
    arguments = parser.parse_intermixed_args()
    with_core = own_servers(arguments.build, without=["own-parser"])
    servers = arguments.servers or own_servers(arguments.build)
    with concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        problems = sum(pool.map(lambda name: Trial(arguments.build, name, name not in with_core, arguments.limit,
                                                   arguments.runs).run(), servers), [])
    print("\n".join(problems + [f"{len(servers)} servers, {len(problems)} deadlines not kept"]))
    return 1 if problems or not servers else 0


if __name__ == "__main__":
    sys.exit(main())
