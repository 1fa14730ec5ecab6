"""Conducts tenk-load in slices against truth-server: load_slices.py OUT LOAD PORT STEP... -- OPTION...

A STEP is an order ("lead 20ms", "slice 100ms"), which is done when its event has come; or "say TEXT", a line
that nobody waits for; "truth", a look at the server's own record; "rest 300ms"; "int", "usr1"; "kill PID"; "end", "close".
OUT gets what came of it: events, truths, the report, the exit status and what was said on standard error.
"""
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request

LIMIT_S = 20


def main(out, load, port, *rest):
    steps, options = rest[:rest.index("--")], rest[rest.index("--") + 1:]
    orders_in, orders_out = os.pipe()
    events_in, events_out = os.pipe()
    report = out + ".load"
    process = subprocess.Popen(
        [load, "--quiet", f"--slices-fd={orders_in}", f"--events-fd={events_out}", "--json", report, *options,
         f"http://127.0.0.1:{port}/"], pass_fds=(orders_in, events_out), stderr=subprocess.PIPE, text=True)
    os.close(orders_in)
    os.close(events_out)
    signal.alarm(LIMIT_S)
    lines = os.fdopen(events_in)
    events, truths = [], []

    def wait_for(name):
        while True:
            line = lines.readline()
            if not line:
                return
            events.append(json.loads(line))
            if events[-1]["event"] == name:
                return

    wait_for("warm")
    for step in steps:
        word, _, rest = step.partition(" ")
        if word in ("lead", "slice"):
            os.write(orders_out, f"{step}\n".encode())
            wait_for("slice")
        elif word == "say":
            os.write(orders_out, f"{rest}\n".encode())
        elif word == "truth":
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/truth", timeout=LIMIT_S) as answer:
                truths.append(json.load(answer))
        elif word == "rest":
            time.sleep(int(rest.removesuffix("ms")) / 1000)
        elif word in ("int", "usr1"):
            process.send_signal(getattr(signal, f"SIG{word.upper()}"))
        elif word == "kill":
            os.kill(int(rest), signal.SIGKILL)
        elif word == "end":
            os.write(orders_out, b"end\n")
        elif word == "close":
            os.close(orders_out)
        else:
            sys.exit(f"{step} is no step")
    wait_for("end")
    said = process.communicate(timeout=LIMIT_S)[1]
    slices = [event for event in events if event["event"] == "slice"]
    what = {"events": events, "slices": slices, "truths": truths, "code": process.returncode, "said": said}
    if os.path.exists(report):
        with open(report) as file:
            text = file.read()
        what["report"] = json.loads(text) if text else None
    with open(out, "w") as file:
        json.dump(what, file)


main(*sys.argv[1:])
