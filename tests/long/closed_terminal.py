"""closed_terminal.py WAY RUN TENK...: runs it on a terminal, closes that in the middle of the run, and waits for its end.

WAY is "shell", where it is a job of an interactive shell that ends with its terminal, or "leader", where it is the first
process of its session. RUN is the folder of the run. Prints the status that run.json has in the end.
"""
import json
import os
import pty
import sys
import time

WAY, RUN, COMMAND = sys.argv[1], sys.argv[2], sys.argv[3:]


def eventually(what, seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if what():
            return
        time.sleep(0.05)
    sys.exit(f"in vain: {what.__name__}")


def has_trials():
    try:
        with open(RUN + "/trials.jsonl") as file:
            return len(file.readlines()) >= 2
    except OSError:
        return False


def status():
    try:
        with open(RUN + "/run.json") as file:
            return json.load(file)["status"]
    except (OSError, ValueError):
        return "none"


def has_ended():
    return status() != "running" and os.path.exists(RUN + "/report/index.html")


pid, master = pty.fork()
if pid == 0:
    os.environ.update(TERM="xterm", PS1="")
    if WAY == "shell":
        os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])
    os.execvp(COMMAND[0], COMMAND)
if WAY == "shell":
    os.write(master, (" ".join(COMMAND) + "\n").encode())
os.set_blocking(master, False)


def reads_until_there_are_trials():
    try:
        os.read(master, 65536)
    except BlockingIOError:
        pass
    return has_trials()


eventually(reads_until_there_are_trials, 60)
os.close(master)
eventually(has_ended, 120)
if WAY == "leader":
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
print(status())
