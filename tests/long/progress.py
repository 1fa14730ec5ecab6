"""progress.py TENK...: runs it on a terminal, and compares the time that was left after the first block with what it took.

Loosely, since other programs have the machine too; how exact it is where they have not, tests/unit/time_left_test.c says.
"""
import os
import pty
import re
import sys
import time

pid, master = pty.fork()
if pid == 0:
    os.environ.update(TERM="xterm", COLUMNS="120")
    os.execvp(sys.argv[1], sys.argv[1:])
seen, tail = [], ""
while True:
    try:
        text = os.read(master, 65536).decode(errors="replace")
    except OSError:  # the last of its processes has closed it
        break
    if not text:
        break
    tail = (tail + text)[-400:]
    for done, total, minutes, seconds in re.findall(r"(\d+) of (\d+) trials .*?\s(?:(\d+)m)?(\d+)s left", text):
        seen.append((time.monotonic(), int(done), int(total), int(minutes or 0) * 60 + int(seconds)))
_, status = os.waitpid(pid, 0)
assert status == 0, (status, tail)
blocks = int(sys.argv[sys.argv.index("--trials") + 1])
at, done, total, left = next(one for one in seen if one[1] >= one[2] / blocks)
took = [one[0] for one in seen if one[1] < one[2]][-1] - at
print(f"after {done} of {total}: {left} s left, it took {took:.1f} s")
assert took / 2 - 2 < left < took * 2 + 2, (left, took)
assert len({one[3] for one in seen}) > 2, "it does not go down"
