#!/usr/bin/env python3
"""What all servers promise of /file/NAME. usage: files.py TEST[,TEST...] BUILD [SERVER...]: these tests one
after another, of all servers or of some; "epoll+2" is epoll with two workers."""
import concurrent.futures
import contextlib
import hashlib
import json
import os
import random
import resource
import socket
import subprocess
import sys
import tempfile
import time
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "clients"))
from server import Server, own_servers  # noqa: E402
from honest import Wrong, get  # noqa: E402

PATIENCE = 15.0
SIZES = {"empty": 0, "one": 1, "small": 1024, "piece": 65536, "piece-and-1": 65537, "large.bin": 5 << 20}
LAST = get("/plaintext", extra="Connection: close\r\n")
WORKERS = "2"


def expect(condition, text):
    if not condition:
        raise Wrong(text)


def connect(server, receive_buffer=None):
    client = socket.socket()
    client.settimeout(PATIENCE)
    if receive_buffer:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    client.connect(("127.0.0.1", server.port))
    return client


def read_answer(client, kept=b"", headless=False):
    """Status, header fields, body, and what came behind it."""
    while b"\r\n\r\n" not in kept:
        piece = client.recv(1 << 18)
        expect(piece, f"closed instead of an answer, after {kept[-80:]!r}")
        kept += piece
    head, kept = kept.split(b"\r\n\r\n", 1)
    status, *lines = head.decode().split("\r\n")
    fields = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    length = 0 if headless else int(fields["content-length"])
    pieces, count = [kept], len(kept)
    while count < length:
        piece = client.recv(1 << 18)
        expect(piece, f"closed after {count} of {length} bytes")
        pieces.append(piece)
        count += len(piece)
    came = b"".join(pieces)
    return int(status.split()[1]), fields, came[:length], came[length:]


def ask(client, target, method="GET", kept=b""):
    client.sendall(get(target, method))
    return read_answer(client, kept, method == "HEAD")


def test_whole(server, folder):
    """All sizes on one connection, one by one and pipelined; HEAD; and what is no file of the folder."""
    before = server.rest()
    client = connect(server)
    for name in SIZES:
        with open(f"{folder}/{name}", "rb") as file:
            right = hashlib.sha256(file.read()).hexdigest()
        status, fields, body, kept = ask(client, f"/file/{name}")
        expect((status, kept) == (200, b""), f"{name}: {status}, and {kept[:80]!r} behind it")
        expect(fields["content-type"] == "application/octet-stream", f"{name}: {fields}")
        expect(hashlib.sha256(body).hexdigest() == right, f"{name}: other bytes, {len(body)} of {SIZES[name]}")
        status, fields, _, kept = ask(client, f"/file/{name}", "HEAD")
        expect((status, fields["content-length"], kept) == (200, str(SIZES[name]), b""), f"HEAD {name}: {status} {fields}")
    client.sendall(b"".join(get(f"/file/{name}") for name in SIZES) + get("/json"))
    kept = b""
    for name in SIZES:
        status, _, body, kept = read_answer(client, kept)
        expect((status, len(body)) == (200, SIZES[name]), f"pipelined {name}: {status}, {len(body)} bytes")
    expect(read_answer(client, kept)[2] == b'{"message":"Hello, World!"}', "behind files")
    for name in ["none", "link", "pipe", "folder", ".hidden", "..", "../small", "folder/small", "small/", "a" * 65, ""]:
        with connect(server) as other:
            status, _, body, _ = ask(other, f"/file/{name}")
            expect((status, body) == (404, b"404 Not Found\n"), f"{name!r}: {status} {body!r}")
    status, fields, _, _ = ask(client, "/file/small", "POST")
    expect((status, fields.get("allow")) == (405, "GET, HEAD"), f"POST: {status} {fields}")
    client.close()
    server.settle(before)


def test_truncated(server, folder):
    """What was promised and is not there any more cannot be sent: the connection is cut, and what has come
    until then is of the file."""
    before = server.rest()
    path = f"{folder}/shrinks-{server.process.pid}"
    right = random.Random(1).randbytes(3 << 20)
    with open(path, "wb") as file:
        file.write(right)
    client = connect(server, receive_buffer=4096)
    client.sendall(get(f"/file/{os.path.basename(path)}"))
    came = client.recv(1000)
    os.truncate(path, 1 << 20)  # whole pages: what waits in the socket is the file's own memory
    used = server.cpu_s()
    with contextlib.suppress(ConnectionResetError):
        while piece := client.recv(1 << 18):
            came += piece
    used = server.cpu_s() - used
    body = came.split(b"\r\n\r\n", 1)[1]
    expect(len(body) < len(right) and right.startswith(body), f"{len(body)} bytes, not the file's")
    expect(used < 1, f"{used:.1f} s of CPU until it was cut")
    os.unlink(path)
    server.settle(before)
    with connect(server) as other:
        expect(ask(other, "/file/small")[0] == 200, "serves no other file afterwards")


def test_gone(server, folder):
    """Clients that leave before, at the beginning, and in the middle of a large file."""
    before = server.rest()
    for wanted in [0, 1, 100000] * 4:
        with connect(server, receive_buffer=4096) as client:
            client.sendall(get("/file/large.bin"))
            while wanted > 0:
                wanted -= len(client.recv(min(wanted, 65536)))
    server.settle(before)


def test_slow(server, folder):
    """Twelve clients that hardly read have 100 MiB on the way to each of them."""
    with connect(server) as client:
        ask(client, "/file/large.bin")
    server.rest()
    before = server.memory_bytes()
    clients = [connect(server, receive_buffer=4096) for _ in range(12)]
    for client in clients:
        client.sendall(get("/file/huge"))
    for client in clients:
        expect(b"Content-Length: 104857600\r\n" in client.recv(4096), "no answer")
    time.sleep(0.3)
    grown = (server.memory_bytes() - before) / len(clients)
    # ThreadSanitizer keeps four bytes and more of its own for each.
    expect(grown < 400000 or server.has_thread_sanitizer(), f"{grown:.0f} bytes for each of them")
    for client in clients:
        client.close()


def test_late(server, folder):
    """Who takes nothing of a file has as much time for it as for any other answer."""
    client = connect(server, receive_buffer=4096)
    client.sendall(get("/file/huge"))
    expect(client.recv(100), "no answer")
    until = time.monotonic() + PATIENCE
    while server.counters()["open"]:
        expect(time.monotonic() < until, "still open")
        time.sleep(0.1)
    expect(not has_write_timeout(server.name) or server.counters()["closed"]["write_timeout"] == 1,
           f"closed for another reason: {server.counters()}")
    client.close()


def test_stop(server, folder):
    """The stop does not wait for clients that hardly read."""
    clients = [connect(server, receive_buffer=4096) for _ in range(3)]
    for client in clients:
        client.sendall(get("/file/huge"))
        expect(client.recv(100), "no answer")
    server.end()
    for client in clients:
        client.close()


def test_many(server, folder):
    """200 downloads, all of which have begun before the first is read."""
    with open(f"{folder}/piece-and-1", "rb") as file:
        right = file.read()
    clients = [connect(server) for _ in range(200)]
    for client in clients:
        client.sendall(get("/file/piece-and-1", extra="Connection: close\r\n"))
    for client in clients:
        status, _, body, kept = read_answer(client)
        expect((status, body, kept) == (200, right, b""), f"{status}, {len(body)} bytes")
        client.close()


def test_descriptors(server, folder):
    """Where no descriptor is left for it, a file is refused with the reason, and sent when there is one."""
    client = connect(server)
    expect(ask(client, "/file/small")[0] == 200, "not there at first")
    server.rest()
    limits = {pid: resource.prlimit(pid, resource.RLIMIT_NOFILE) for pid in server.tree()}
    for pid, (_, hard) in limits.items():
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (lowest_free(pid), hard))
    status, _, body, _ = ask(client, "/file/small")
    expect((status, body) == (503, b"503 Service Unavailable: no descriptor for the file\n"), f"{status} {body!r}")
    for pid, limit in limits.items():
        resource.prlimit(pid, resource.RLIMIT_NOFILE, limit)
    expect(ask(client, "/file/small")[0] == 200, "not there afterwards")


def has_write_timeout(name):
    return not name.startswith("libmicrohttpd")  # which has one for all


def lowest_free(pid):
    """The number of the next descriptor, of that thread which has the fewest."""
    tables = [set(map(int, os.listdir(f"/proc/{pid}/task/{thread}/fd"))) for thread in os.listdir(f"/proc/{pid}/task")]
    return min(next(fd for fd in range(1 << 20) if fd not in table) for table in tables)


def make_files(folder):
    chance = random.Random(15)
    for name, size in SIZES.items():
        with open(f"{folder}/{name}", "wb") as file:
            file.write(chance.randbytes(size))
    with open(f"{folder}/huge", "wb") as file:
        file.truncate(100 << 20)
    with open(f"{folder}/.hidden", "wb") as file:
        file.write(b"hidden")
    os.symlink("small", f"{folder}/link")
    os.mkfifo(f"{folder}/pipe")
    os.mkdir(f"{folder}/folder")
    with open(f"{folder}/folder/small", "wb") as file:
        file.write(b"deeper")


def run(tests, build, name, folder):
    name, _, workers = name.partition("+")
    options = ["--files", folder, "--idle-timeout", "2s"] + (["--offload", workers] if workers else [])
    options += ["--write-timeout", "1s"] if "late" in sys.argv[1] and has_write_timeout(name) else []
    server = Server(build, name, options)
    try:
        expect(server.port, f"does not start: {server.said()}")
        with connect(server) as client:  # which starts what is started when it is first needed
            expect(ask(client, "/file/small")[0] == 200, "sends no file")
        for test in tests:
            test(server, folder)
    except (Wrong, OSError, subprocess.TimeoutExpired) as problem:
        where = traceback.extract_tb(problem.__traceback__)[1].lineno
        return f"{name} {workers}: line {where}: {problem!r}"
    finally:
        server.kill()
    return None


def takes_workers(build, name):
    model, _, variant = name.partition("/")
    described = json.loads(subprocess.check_output([f"{build}/server-{model}", "--describe"]))
    variants = [v for v in described["variants"] if v["name"] == variant]
    return "offload" in (variants[0] if variants else described)["options"]


def main():
    tests = [globals()["test_" + name] for name in sys.argv[1].split(",")]
    build, *servers = sys.argv[2:]
    if not servers:
        servers = own_servers(build)
        servers += [f"{name}+{WORKERS}" for name in servers if takes_workers(build, name)]
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory(prefix="tenk-files-") as folder:
        make_files(folder)
        with concurrent.futures.ThreadPoolExecutor(24) as pool:  # most of the time goes to waiting
            problems = list(filter(None, pool.map(lambda name: run(tests, build, name, folder), servers)))
    print("\n".join(problems + [f"{len(servers)} servers, {len(problems)} failed"]))
    return 1 if problems or not servers else 0


sys.exit(main())
