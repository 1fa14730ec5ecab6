#!/usr/bin/env python3
"""The servers before a database: rows, failures, restarts (database.bats).

    BUILD=... CLUSTER=FOLDER CLUSTER_PROGRAMS=FOLDER tests/cli/database.py start|stop|rows|wrong|failures|restart|hang

One of each way to wait: a thread, a process, a loop of ours, a loop of a library, completions.
"""
import json
import os
import signal
import subprocess
import sys
import time

from serving import Server, answer, ask, eventually, expect, failed, get, receive

CLUSTER, PROGRAMS = os.environ["CLUSTER"], os.environ["CLUSTER_PROGRAMS"]
CONNINFO = f"host={CLUSTER} user=tenk dbname=postgres"
CONNECTIONS = 3
# Those of processes: more than connections, and as many.
SERVERS = [("thread-per-connection",), ("prefork", "--workers", str(CONNECTIONS + 2)),
           ("prefork", "--workers", str(CONNECTIONS)), ("epoll",), ("acceptor-deals", "--workers", "2"), ("coroutines",),
           ("libuv",), ("io-uring",), ("libmicrohttpd",)]
if os.environ.get("SERVERS"):  # only these
    SERVERS = [one for one in SERVERS if one[0] in os.environ["SERVERS"].split(",")]
AWKWARD = '"quoted"\\\b\f\n\r\t\x01\x1f\x7f</script>ä\U0001f418'


def start_servers():
    for i, (name, *options) in enumerate(SERVERS):
        told = f"{name}-{i}"  # to the database
        server = Server(name, "--database", f"{CONNINFO} application_name={told}", "--database-connections",
                        str(CONNECTIONS), *options)
        server.told = told
        yield server


def connections_of(server):
    return int(psql(f"SELECT count(*) FROM pg_stat_activity WHERE application_name = '{server.told}'"))


def waiting_of_all():
    return int(psql("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'relation'"))


def cluster(*command):
    arguments = [f"{PROGRAMS}/pg_ctl", "-D", f"{CLUSTER}/data", "-l", f"{CLUSTER}/data/log", "-w", "-s",
                 "-o", f"-k {CLUSTER} -c listen_addresses= -c fsync=off -c shared_buffers=16MB", *command]
    if os.getuid() == 0:
        arguments = ["setpriv", "--reuid", "nobody", "--clear-groups", *arguments]
    subprocess.run(arguments, check=True, cwd="/", stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, timeout=30, close_fds=True)


def psql(text):
    return subprocess.run([f"{PROGRAMS}/psql", "-X", "-A", "-t", "-q", CONNINFO, "-v", "ON_ERROR_STOP=1", "-c", text],
                          check=True, capture_output=True, text=True, timeout=30).stdout.strip()


def row(number):
    return 200, "application/json", f'{{"id":{number},"message":"Message {number}"}}'


def start():
    cluster("start")
    psql("CREATE TABLE messages(id integer PRIMARY KEY, message text);"
         "INSERT INTO messages SELECT id, 'Message ' || id FROM generate_series(1, 10000) AS id;"
         "INSERT INTO messages VALUES (20001, " + "||".join(f"chr({ord(c)})" for c in AWKWARD) + "),"
         "(20002, repeat(chr(10) || 'long', 20000)), (20003, NULL), (20004, '')")


def several(server):
    """More at once than connections, in pieces of four on each of ours."""
    numbers = [[8 * i + j + 1 for j in range(4)] for i in range(12)]
    connections = [server.connect() for _ in numbers[:CONNECTIONS if server.name == "prefork" else None]]
    for connection, group in zip(connections, numbers):
        for number in group[:1 if server.name == "libmicrohttpd" else None]:
            ask(connection, f"/query/{number}")
    for connection, group in zip(connections, numbers):
        data = b""
        for number in group[:1 if server.name == "libmicrohttpd" else None]:
            while row(number)[2].encode() not in data:
                data += receive(connection)
                assert b"HTTP/1.1 503" not in data, f"server-{server.name}: {data}"
        connection.close()


def rows():
    for server in start_servers():
        for number in 1, 77, 10000:
            expect(server, "row", get(server, f"/query/{number}"), row(number))
        expect(server, "HEAD", get(server, "/query/5", "HEAD"), (200, "application/json", ""))
        for none in "0", "10001", "2147483647":
            expect(server, "no row", get(server, f"/query/{none}"), (404, "text/plain", "404 Not Found\n"))
        for none in "2147483648", "-1", "", "1x", "1%20or%201":
            expect(server, "no number", get(server, f"/query/{none}")[0], 404)
        for number, message in (20001, AWKWARD), (20002, "\nlong" * 20000), (20003, None), (20004, ""):
            status, _, body = get(server, f"/query/{number}")
            expect(server, "awkward", (status, json.loads(body)), (200, {"id": number, "message": message}))
        several(server)
        server.stop()


def wrong():
    """A row that cannot be read costs its query, and at most those that went to the database with it."""
    psql("ALTER TABLE messages RENAME TO kept; CREATE VIEW messages AS SELECT id, "
         "CASE WHEN id = 13 THEN (1 / (id - 13))::text ELSE message END AS message FROM kept")
    for server in start_servers():
        asked = [(number, server.connect()) for number in (12, 13, 14)]
        for number, connection in asked:
            ask(connection, f"/query/{number}")
        for number, connection in asked:
            got = answer(connection)
            connection.close()
            if number == 13 or got != row(number):
                expect(server, f"row {number}", got, failed(503, "the database failed"))
        for number in 12, 14:
            expect(server, "goes on", get(server, f"/query/{number}"), row(number))
        server.stop()
    psql("DROP VIEW messages; ALTER TABLE kept RENAME TO messages")


class Lock:
    """The table is another's meanwhile: all that ask for it wait."""

    def __enter__(self):
        self.session = subprocess.Popen([f"{PROGRAMS}/psql", "-X", "-q", CONNINFO], stdin=subprocess.PIPE, text=True)
        self.session.stdin.write("BEGIN; LOCK TABLE messages IN ACCESS EXCLUSIVE MODE;\n")
        self.session.stdin.flush()
        eventually("locked", lambda: psql("SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' "
                                          "AND granted") == "1")

    def __exit__(self, *_):
        self.session.stdin.close()
        self.session.wait(timeout=10)


def gather_crowds(servers):
    """More than connections, each on one that it has or waits for; twice as many and more, but where there is no process
    for them."""
    most = {"prefork-1": CONNECTIONS + 2, "prefork-2": CONNECTIONS}
    crowd = [(server, server.connect()) for server in servers for _ in range(most.get(server.told, 2 * CONNECTIONS + 2))]
    for _, connection in crowd:
        ask(connection, "/query/3")
    least = {server: 1 if server.name == "acceptor-deals" else CONNECTIONS for server in servers}
    eventually("all ask", lambda: waiting_of_all() >= sum(least.values()))
    for server in servers:
        assert least[server] <= connections_of(server) <= CONNECTIONS, f"{server.told}: {connections_of(server)}"
    return crowd


def leave_in_crowds(servers):
    """All go before they are answered."""
    for _, connection in gather_crowds(servers):
        connection.close()


def fail_in_the_midst(servers):
    asking = [(server, server.connect()) for server in servers]
    for _, connection in asking:
        ask(connection, "/query/2")
    eventually("all wait", lambda: waiting_of_all() == len(servers))
    psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name <> 'psql'")
    for server, connection in asking:
        status = answer(connection)
        ask(connection, "/plaintext")
        expect(server, "goes on", answer(connection), (200, "text/plain", "Hello, World!"))
        connection.close()
        # A process or a loop that had none before has just been making one.
        if server.name not in ("prefork", "acceptor-deals") or status != failed(503, "no connection to the database"):
            expect(server, "in the midst", status, failed(503, "the connection to the database was lost"))


def failures():
    servers = list(start_servers())
    for server in servers:
        expect(server, "row", get(server, "/query/1"), row(1))
    with Lock():
        leave_in_crowds(servers)
    for server in servers:
        expect(server, "after a crowd", get(server, "/query/2"), row(2))
    with Lock():
        fail_in_the_midst(servers)
    for server in servers:  # each process has to find out by itself
        eventually(f"server-{server.name} goes on after the lock", lambda: get(server, "/query/4") == row(4))
    psql("ALTER TABLE messages RENAME TO elsewhere")
    for server in servers:
        assert get(server, "/query/4")[0] == 503
        expect(server, "other work", get(server, "/json")[0], 200)
    psql("ALTER TABLE elsewhere RENAME TO messages")
    for server in servers:
        eventually(f"server-{server.name} has its table again", lambda: get(server, "/query/5") == row(5))
        server.stop()


def restart():
    servers = list(start_servers())
    for server in servers:
        expect(server, "row", get(server, "/query/1"), row(1))
    with Lock():
        crowd = gather_crowds(servers)
        cluster("stop", "-m", "immediate")
    began = time.monotonic()
    for server, connection in crowd:
        expect(server, "the database goes", answer(connection)[0], 503)
        connection.close()
    took = time.monotonic() - began
    assert took < 3, f"who waited for a connection was told after {took:.1f} s"
    for server in servers:
        with server.connect() as connection:
            # Who has just used a connection trusts it for once.
            ask(connection, "/query/2")
            expect(server, "no database", answer(connection)[0], 503)
            for _ in range(20):
                ask(connection, "/query/2")
                expect(server, "no database", answer(connection), failed(503, "no connection to the database"))
            ask(connection, "/plaintext")
            expect(server, "other work", answer(connection)[0], 200)
    cluster("start")
    for server in servers:
        with server.connect() as connection:
            def is_back():
                ask(connection, "/query/3")
                return answer(connection) == row(3)
            eventually(f"server-{server.name} has its database again", is_back)
        if server.name != "prefork":
            several(server)
    cluster("restart", "-m", "fast")
    for server in servers:
        eventually(f"server-{server.name} has its database again", lambda: get(server, "/query/3") == row(3))
        server.stop()


def ask_who_hangs(servers):
    began = time.monotonic()
    # One process of each prefork is left for other work.
    connections = [(server, server.connect()) for server in servers
                   for _ in range(CONNECTIONS + 1 if server.name != "prefork" else CONNECTIONS - 1)]
    for _, connection in connections:
        ask(connection, "/query/2")
    for server in servers:
        expect(server, "other work", get(server, "/json")[0], 200)
    for server, connection in connections:
        expect(server, "it hangs", answer(connection)[0], 503)
        connection.close()
    assert 4.9 < time.monotonic() - began < 9, time.monotonic() - began


def hang():
    """The database's processes are stopped: whoever asks is told so after 5 s, and gets rows when they go on."""
    servers = list(start_servers())
    for server in servers:
        expect(server, "row", get(server, "/query/1"), row(1))
    with open(f"{CLUSTER}/data/postmaster.pid") as file:
        postmaster = int(file.readline())
    family = [postmaster, *map(int, subprocess.check_output(["ps", "-o", "pid=", "--ppid", str(postmaster)]).split())]
    for pid in family:
        os.kill(pid, signal.SIGSTOP)
    try:
        ask_who_hangs(servers)
    finally:
        for pid in reversed(family):
            os.kill(pid, signal.SIGCONT)
    for server in servers:
        eventually(f"server-{server.name} has its database again", lambda: get(server, "/query/3") == row(3))
        server.stop()


def stop():
    cluster("stop", "-m", "immediate")


if __name__ == "__main__":
    {"start": start, "stop": stop, "rows": rows, "wrong": wrong, "failures": failures, "restart": restart,
     "hang": hang}[sys.argv[1]]()
