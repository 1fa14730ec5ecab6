#!/usr/bin/env python3
"""After the whole suite a server holds what it held before: leavings.py BUILD [SERVER...]"""
import concurrent.futures
import os
import subprocess
import sys
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "clients"))
from honest import Wrong  # noqa: E402
from server import Server, own_servers  # noqa: E402


def look(build, name):
    """What was wrong, or None."""
    server = Server(build, name, ["--idle-timeout", "2s"])
    try:
        if server.port is None:
            raise Wrong(f"does not start: {server.said()}")
        server.visit()
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/block/1") as answer:
            answer.read()  # libuv starts its own threads with the first job for them
        before = server.rest()
        # What it answers is judged elsewhere, against its list of known differences.
        subprocess.run([f"{build}/tenk", "check", "--url", f"http://127.0.0.1:{server.port}/"],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=250)
        server.settle(before)
        server.end()
        return None
    except (OSError, Wrong, subprocess.TimeoutExpired) as problem:
        return f"{name}: {problem}"
    finally:
        server.kill()


def main():
    build, servers = sys.argv[1], sys.argv[2:] or own_servers(sys.argv[1], numbers=True)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:  # most of the time goes to waiting
        problems = [problem for problem in pool.map(lambda name: look(build, name), servers) if problem]
    print("\n".join(problems + [f"{len(servers)} servers, {len(problems)} failed"]))
    return 1 if problems else 0


sys.exit(main())
