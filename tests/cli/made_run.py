#!/usr/bin/env python3
"""Makes a stored run up: made_run.py FOLDER BLOCKS SERVER=FACTOR...

Each server's CPU per request is FACTOR times what the block takes, which drifts by half, and varies by 1 %
beside that. The same seed for all: the same servers get the same figures in each run. CLAIMS is a JSON list of
claims of its part, BEGAN when it began, STATUS how it ended.
"""
import json
import os
import random
import sys

METRICS = [
    {"key": "server_cpu_per_request_ns", "title": "Server CPU per request", "unit": "ns", "better": "lower",
     "gating": True, "group": "cpu", "slope_of": None},
]
CLAIMS = json.loads(os.environ.get("CLAIMS", "[]"))
BEGAN = os.environ.get("BEGAN", "2026-11-21T09:30:00Z")


def main(folder, blocks, *servers):
    servers = [server.split("=") for server in servers]
    os.makedirs(folder)
    run = {"schema": 1, "id": os.path.basename(folder), "seed": 7, "metrics": METRICS,
           "status": os.environ.get("STATUS", "complete"), "started_at": BEGAN, "finished_at": BEGAN,
           "environment": {"kernel": os.environ.get("KERNEL", "6.1")},
           "servers": [{"name": name, "build": f"{number:016x}"} for number, (name, _) in enumerate(servers)],
           "scenarios": [{"name": "made", "parts": [{"name": "made", "servers": [name for name, _ in servers], "load": {"rate_per_s": 0}, "claims": CLAIMS}]}]}
    with open(folder + "/run.json", "w", encoding="utf-8") as file:
        json.dump(run, file)
    draw = random.Random(1)
    with open(folder + "/trials.jsonl", "w", encoding="utf-8") as file:
        for block in range(1, int(blocks) + 1):
            machine = 8000 * draw.lognormvariate(0, 0.4)
            for name, factor in servers:
                value = machine * float(factor) * draw.lognormvariate(0, 0.01)
                trial = {"schema": 1, "scenario": "made", "part": "made", "server": name, "point": {},
                         "trial": block, "outcome": "ok", "notes": [], "latency_count": 20000,
                         "metrics": {"server_cpu_per_request_ns": value}}
                file.write(json.dumps(trial) + "\n")


main(*sys.argv[1:])
