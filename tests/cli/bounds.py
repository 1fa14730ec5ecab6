#!/usr/bin/env python3
"""How much is done at once where options say so. usage: bounds.py BUILD [SERVER...]

Every server is given those of the options that it takes (--describe), and its calls are looked at with
strace. Ends with 77 and a reason where that is not permitted.
"""
import concurrent.futures
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "clients"))
from server import Server, own_servers  # noqa: E402

OPTIONS = {"backlog": 7, "accepts-per-turn": 3, "events-per-wait": 5, "buffer": 600}
EPOLL = ["epoll_wait", "epoll_pwait", "epoll_pwait2"]
WAITS = [*EPOLL, "poll", "ppoll", "select", "pselect6"]
RECEIVING = ["recvfrom", "read"]
POST = b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3000\r\n\r\n" + 3000 * b"a"


def options_of(build, name):
    said = json.loads(subprocess.run([f"{build}/server-{name}", "--describe"], check=True, capture_output=True).stdout)
    return [option for option in OPTIONS if option in said["options"]]


def visit(server):
    """A crowd that comes while the server stands still, each of whom sends more than a buffer full."""
    with open(f"/proc/{server.process.pid}/task/{server.process.pid}/children") as file:
        pid = int(file.read().split()[0])
    os.kill(pid, signal.SIGSTOP)
    clients = [socket.create_connection(("127.0.0.1", server.port), 10) for _ in range(6)]
    for client in clients:
        client.sendall(POST)
    os.kill(pid, signal.SIGCONT)
    for client in clients:
        came = b""
        while not came.endswith(3000 * b"a"):
            came += client.recv(65536) or server.said().encode() + 3000 * b"a"
        client.close()
    os.kill(pid, signal.SIGTERM)
    server.process.wait(20)


def read_calls(text):
    """Thread, name, arguments and result of each call, in the order of their ends."""
    begun = {}
    for thread, line in re.findall(r"^(\d+) +(.*)", text, re.M):
        if line.endswith("<unfinished ...>"):
            begun[thread] = line[:-len("<unfinished ...>")]
        line = re.sub(r"^<\.\.\. \w+ resumed>", lambda _: begun.pop(thread, "("), line)
        if match := re.match(r"(\w+)\((.*)\) += (-?\d+)", line):
            yield thread, match[1], match[2], int(match[3])


def accepted_at_once(calls):
    """The most that a thread accepted between two waits."""
    most, now = 0, {}
    for thread, name, _, result in calls:
        now[thread] = 0 if name in WAITS else now.get(thread, 0) + (name == "accept4" and result >= 0)
        most = max(most, now[thread])
    return most


def measure(option, calls):
    if option == "accepts-per-turn":
        return accepted_at_once(calls)
    if option == "buffer":
        return max(result for _, name, _, result in calls if name in RECEIVING)
    names, pattern = {"backlog": (["listen"], r", (\d+)$"),
                      "events-per-wait": (EPOLL, r"(?:\]|0x\w+), (\d+), ")}[option]
    found = {int(re.search(pattern, arguments)[1]) for _, name, arguments, _ in calls if name in names}
    return found.pop() if len(found) == 1 else found


def look(build, name):
    options = options_of(build, name)
    with tempfile.NamedTemporaryFile(prefix="tenk-bounds-", mode="r", errors="replace") as file:
        # Of several loops, the kernel deals out the crowd to all.
        alone = ["--workers=1"] if name == "loop-per-core" else []
        server = Server(build, name, alone + [f"--{option}={OPTIONS[option]}" for option in options],
                        environment={"ASAN_OPTIONS": "detect_leaks=0"},
                        before=["strace", "-f", "-qq", "-e", "trace=" + ",".join(["listen", "accept4", *RECEIVING, *WAITS]),
                                "-o", file.name])
        try:
            visit(server)
            text = file.read()
        except (OSError, IndexError, subprocess.TimeoutExpired) as problem:
            return [f"{name}: {problem!r}: {server.said()}"]
        finally:
            server.kill()
    # What it does before it listens and after it was told to end is not ours: programs are loaded, the system is
    # asked; a build that counts lines reads what was counted before.
    served = text[re.search(r"^\d+ +listen", text, re.M).start():].partition("--- SIGTERM")[0]
    calls = list(read_calls(served))
    seen = {option: measure(option, calls) for option in options}
    return [f"{name}: --{option} {OPTIONS[option]}: {seen[option]}" for option in options
            if seen[option] != OPTIONS[option]]


def main():
    build, *names = sys.argv[1:]
    if subprocess.run(["strace", "-f", "-o", "/dev/null", "true"], capture_output=True).returncode:
        print("strace is not permitted here")
        return 77
    names = names or [name for name in own_servers(build) if "/" not in name]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        wrong = sum(pool.map(lambda name: look(build, name), names), [])
    print("\n".join([*wrong, f"{len(names)} servers, {len(wrong)} options without effect"]))
    return 1 if wrong or not names else 0


sys.exit(main())
