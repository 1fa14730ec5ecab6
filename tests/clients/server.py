"""A server of our own under test: started, looked at from outside, ended."""
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import tempfile
import time

from honest import Wrong, get

PATIENCE_S = 8


class Server:
    """Runs from its making on. `port` is None if it did not announce itself."""

    def __init__(self, build, name, options=(), environment=(), descriptors=None, before=()):
        self.name = name
        model, _, variant = name.partition("/")
        self.path = f"{build}/server-{model}"
        command = ["prlimit", f"--nofile={descriptors}:{descriptors}"] if descriptors else []
        command = [*before, *command]
        command += [self.path, "--listen", "127.0.0.1:0"]
        if variant:
            command += ["--variant", variant]
        command += options
        ready_read, ready_write = os.pipe()
        self.stderr = tempfile.NamedTemporaryFile()
        self.process = subprocess.Popen(command + ["--ready-fd", str(ready_write)],
                                        env={"PATH": os.environ["PATH"], **dict(environment)},
                                        pass_fds=[ready_write], stdout=subprocess.DEVNULL, stderr=self.stderr)
        os.close(ready_write)
        with os.fdopen(ready_read) as ready:
            poll = select.poll()  # a test may have more descriptors open than select takes
            poll.register(ready, select.POLLIN)
            line = ready.readline() if poll.poll(1000 * PATIENCE_S) else ""
        self.announced = json.loads(line) if line else {"port": None}
        self.port = self.announced["port"]

    def said(self):
        with open(self.stderr.name, errors="replace") as file:  # of its own: the server writes where its file stands
            return file.read()

    def alive(self):
        return self.process.poll() is None

    def tree(self):
        """The process and its children, which no model lets have any."""
        pid = self.process.pid
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return [pid] + [int(child) for child in file.read().split()]

    def holds(self):
        """Open descriptors of the process and the number of its threads, without the kernel's for io_uring."""
        pid = self.process.pid
        names = []
        for thread in os.listdir(f"/proc/{pid}/task"):
            try:
                with open(f"/proc/{pid}/task/{thread}/comm") as file:
                    names.append(file.read())
            except (FileNotFoundError, ProcessLookupError):
                pass  # it has ended meanwhile
        return len(os.listdir(f"/proc/{pid}/fd")), sum(not name.startswith("iou-") for name in names)

    def state(self):
        """Descriptors, threads and processes."""
        return (*self.holds(), len(self.tree()))

    def visit(self):
        """One request: the first may have it start what stays, as ThreadSanitizer's own thread."""
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE_S) as client:
            client.sendall(get("/plaintext", extra="Connection: close\r\n"))
            while client.recv(4096):
                pass

    def rest(self):
        """Waits until it has started all that it starts, and returns that: a server may announce itself
        before its threads, processes and loops are all there."""
        state, same = None, 0
        until = time.monotonic() + PATIENCE_S
        while same < 4 and time.monotonic() < until:
            time.sleep(0.1)
            before, state = state, self.state()
            same = same + 1 if state == before else 0
        return state

    def settle(self, before, patience_s=PATIENCE_S):
        """Waits until it holds no more than it did before. Also an accept that was put off comes back."""
        until = time.monotonic() + patience_s
        state = self.state()
        while any(now > then for now, then in zip(state, before)):
            if time.monotonic() > until or not self.alive():
                raise Wrong("descriptors, threads and processes: before {}, {}, {}, afterwards {}, {}, {}"
                            .format(*before, *state))
            time.sleep(0.02)
            state = self.state()

    def memory_bytes(self):
        """Private memory that is really there, of all its processes."""
        total = 0
        for pid in self.tree():
            try:
                with open(f"/proc/{pid}/smaps_rollup") as file:
                    total += sum(int(line.split()[1]) for line in file if line.startswith("Private_"))
            except (FileNotFoundError, ProcessLookupError):
                pass  # it has ended meanwhile
        return total * 1024

    def cpu_s(self):
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def have_signal_taken(self):
        """ThreadSanitizer holds one back until the thread makes a call that it knows, and a connection has it make one."""
        if self.has_thread_sanitizer():
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port)).close()

    def counters(self):
        """Asks for them while it runs."""
        before = self.said().count('{"event":"counters"')
        self.process.send_signal(signal.SIGUSR1)
        until, nudge = time.monotonic() + PATIENCE_S, time.monotonic() + 1
        while (said := self.said()).count('{"event":"counters"') == before or not said.endswith("\n"):
            if time.monotonic() > until:
                raise Wrong(f"no counters on SIGUSR1: {said[-500:]}")
            if time.monotonic() > nudge:
                self.have_signal_taken()
                nudge += 1
            time.sleep(0.01)
        return json.loads([line for line in said.splitlines() if '"counters"' in line][-1])

    def end(self):
        """SIGTERM, upon which it has to end with 0."""
        self.process.send_signal(signal.SIGTERM)
        if self.has_thread_sanitizer():
            time.sleep(0.1)
            self.have_signal_taken()
        try:
            code = self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Wrong("does not end on SIGTERM") from None
        if code != 0:
            raise Wrong(f"ended with {code}: {self.said()}")

    def has_thread_sanitizer(self):
        return self.has(b"__tsan_init")

    def counts_lines(self):
        """Whether it is of `make coverage`."""
        return self.has(b"__gcov_dump")

    def has(self, name):
        with open(self.path, "rb") as file:
            return name in file.read()

    def kill(self):
        """With its children: what strace traces outlives it, and would keep a test waiting for its end."""
        if self.alive():
            for pid in reversed(self.tree()):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        self.process.wait()


NUMBERS = ("stack-", "loops-")  # variants that differ from another server by a number alone


def own_servers(build, without=(), numbers=False):
    """Every model and variant but the yardstick, which does not look at what it is asked, those with one of
    these traits, and (`numbers`: not) those that differ from another by a number: `tenk check` asks them all."""
    listed = json.loads(subprocess.run([f"{build}/tenk", "list", "--json"], check=True,
                                       capture_output=True).stdout)
    return [s["name"] for s in listed["servers"]
            if s["family"] != "reference" and not {"floor", *without} & set(s["traits"])
            and (numbers or not s["name"].partition("/")[2].startswith(NUMBERS))]
