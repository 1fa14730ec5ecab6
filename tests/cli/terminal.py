"""Runs a program in a terminal of its own: terminal.py FILE ROWSxCOLUMNS[:STOP[:KEYS]] PROGRAM [WORD...]

What it shows goes to FILE. After a picture has been drawn STOP times (from the upper left corner on) Ctrl and each of KEYS is typed
(C).
Ends with the program's exit code.
"""

import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time

PATIENCE_S = 120

file, size, *words = sys.argv[1:]
size, stop, keys, *_ = (size + "::").split(":")
rows, columns = map(int, size.split("x"))
# The size is set before the program can ask for it.
begin, go = os.pipe()
pid, terminal = pty.fork()
if pid == 0:
    os.read(begin, 1)
    environment = {"LC_ALL": "C.UTF-8", **os.environ, "TERM": "xterm"}
    environment.pop("COLUMNS", None)
    os.execve(words[0], words, environment)
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
os.write(go, b".")
shown, typed, deadline = b"", not stop, time.monotonic() + PATIENCE_S
while time.monotonic() < deadline and select.select([terminal], [], [], PATIENCE_S)[0]:
    try:
        more = os.read(terminal, 65536)
    except OSError:  # it has ended
        break
    if not more:
        break
    shown += more
    if not typed and shown.count(b"\x1b[H") >= int(stop):
        os.write(terminal, bytes(ord(key) & 0x1F for key in keys or "C"))
        typed = True
with open(file, "wb") as out:
    out.write(shown)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
