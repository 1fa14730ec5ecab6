#!/usr/bin/env bats
# What tenk-load writes for other tools is what they read.
bats_require_minimum_version 1.5.0

load helpers

setup_file() {
	export REPORT=$BATS_FILE_TMPDIR/load.json LOG=$BATS_FILE_TMPDIR/load.hlog
	start_server "$BUILD/tests/truth-server" --slow 30ms --share 2%
	"$LOAD" --quiet --rate 2k --duration 1500ms --json "$REPORT" --log "$LOG" \
		--hgrm "$BATS_FILE_TMPDIR/load.hgrm" --csv "$BATS_FILE_TMPDIR/load.csv" \
		--intervals "$BATS_FILE_TMPDIR/intervals" \
		"http://127.0.0.1:$port/"
	kill -9 "$pid"
}

# Whether what was decoded, JSON on standard input, is what the report says; slots are as wide as
# their highest value shows, and only the report knows the exact maximum.
agrees() {
	python3 -c 'import json, sys
d, t = json.load(open(sys.argv[1]))["latency"], json.load(sys.stdin)
print(t, d)
wrong = t["count"] != d["count"] or not d["max_ns"] <= t["max"] <= d["max_ns"] * 1.001
for key in ("p50", "p90", "p99", "p99.9"):
    wrong |= min(t[key], d["max_ns"]) != d[key.replace(".", "_") + "_ns"]
sys.exit(wrong)' "$REPORT"
}

@test "a decoder written from the format's description reads the log" {
	python3 tests/cli/hdr.py "$LOG" | agrees
}

@test "HdrHistogram's own JavaScript reads the log" {
	export NODE_PATH=$PWD/build/npm/node_modules
	node -e 'require("hdr-histogram-js")' 2>/dev/null ||
		skip "hdr-histogram-js is not installed (scripts/install-deps check, with npm)"
	node -e '
const hdr = require("hdr-histogram-js"), fs = require("fs");
const reader = new hdr.HistogramLogReader(fs.readFileSync(process.argv[1], "utf8"), 64);
const h = reader.nextIntervalHistogram(), at = p => h.getValueAtPercentile(p);
console.log(JSON.stringify({count: h.totalCount, p50: at(50), p90: at(90), p99: at(99), "p99.9": at(99.9), max: h.maxValue}));
' "$LOG" | agrees
}

@test "the percentile distribution ends where the report does" {
	hgrm=$BATS_FILE_TMPDIR/load.hgrm
	[[ "$(head -1 "$hgrm")" =~ Value\ +Percentile\ +TotalCount\ +1/\(1-Percentile\) ]]
	python3 - "$REPORT" "$hgrm" <<'END'
import json, sys

d = json.load(open(sys.argv[1]))["latency"]
rows = [line.split() for line in open(sys.argv[2]) if line.strip() and line.strip()[0].isdigit()]
values = [float(row[0]) for row in rows]
assert values == sorted(values) and len(rows) > 20, rows
assert abs(values[-1] - d["max_ns"] / 1e6) < 0.001 and float(rows[-1][1]) == 1
assert int(rows[-1][2]) == d["count"] and len(rows[-1]) == 3
median = next(row for row in rows if float(row[1]) == 0.5)
assert abs(float(median[0]) - d["p50_ns"] / 1e6) < 0.001 and float(median[3]) == 2
END
}

@test "intervals and CSV say the same and add up to the window" {
	python3 - "$REPORT" "$BATS_FILE_TMPDIR/intervals" "$BATS_FILE_TMPDIR/load.csv" <<'END'
import csv, json, sys

report = json.load(open(sys.argv[1]))
intervals = [json.loads(line) for line in open(sys.argv[2])]
rows = list(csv.DictReader(open(sys.argv[3])))
assert len(rows) == len(intervals) > 5
for row, interval in zip(rows, intervals):
    for key in ("completed", "errors", "p50_ns", "p99_ns", "cpu_ns", "connections"):
        assert row[key] == ("" if interval[key] is None else str(interval[key])), (key, row, interval)
# What was due before the window may be answered in it, and what was due in it later: at most as much
# as the longest of them waited.
slack = 2 * (report["latency"]["max_ns"] / 1e9 * 2000 + report["load"]["connections"])
assert abs(sum(int(row["completed"]) for row in rows) - report["requests"]["good"]) <= slack
assert [float(row["seconds"]) for row in rows] == sorted(float(row["seconds"]) for row in rows)
END
}

@test "progress is one line, or the whole screen, and is taken back" {
	command -v script >/dev/null || skip "script(1) is not installed"
	start_server "$BUILD/server-epoll"
	url=http://127.0.0.1:$port/plaintext
	TERM=xterm script -qec "$LOAD --connections 3 --duration 1500ms --warmup 0s $url" /dev/null >"$BATS_TEST_TMPDIR/line" </dev/null 3>&-
	TERM=xterm script -qec "$LOAD --watch --connections 3 --duration 1500ms --warmup 0s $url" /dev/null >"$BATS_TEST_TMPDIR/screen" </dev/null 3>&-
	kill -9 "$pid"
	grep -q 'p50 .*p99 .* errors   3 connections   .* left' "$BATS_TEST_TMPDIR/line"
	[[ "$(cat "$BATS_TEST_TMPDIR/screen")" == *$'\e[?1049h'*'▁'*$'\e[?1049l'*tenk-load* ]] ||
		[[ "$(cat "$BATS_TEST_TMPDIR/screen")" == *$'\e[?1049h'*'█'*$'\e[?1049l'*tenk-load* ]]
}

# Each line is a command that makes no sense.
@test "options that contradict each other, or mean nothing, are wrong use" {
	while read -r -a words; do
		run -2 "$LOAD" "${words[@]}" http://127.0.0.1:1/
		[[ "$output" == *"--"* ]]
	done <<-'END'
		--rate=5 --burst
		--rate=5 --find-max=1ms
		--stages=1s:5 --rate=5
		--arrivals=poisson
		--arrivals=poisson --burst
		--burst --arrivals=constant
		--arrivals=constant --find-max=1ms
		--arrivals=constant --stages=1s:5c
		--stages=1s:5 --duration=2s
		--stages=1s:5c --connections=5
		--spin
		--spin --stages=1s:5c
		--outstanding=5
		--slow-rate=5
		--source=::1
		--arrivals=random --rate=5
		--think-time=1ms --rate=5
		--connections=0 --idle=5 --rate=5
		--pipelining=0
		--expect-crc32=xyz
		--expect-header=:
		--stages=1s
		--source=localhost
		--request=GET
		--connections=2M
	END
	run -2 "$LOAD" --expect-body=x "--request=1 GET /" "--request=1 GET /a" http://127.0.0.1:1/
	run -2 "$LOAD" "--request=1:a GET /" "--request=1:a GET /a" http://127.0.0.1:1/
	run -2 "$LOAD" "--request=1:a,b GET /" http://127.0.0.1:1/
	run -2 "$LOAD" "--request=1 GET /" --body=x http://127.0.0.1:1/
	run -2 "$LOAD" --rate=0 http://127.0.0.1:1/
}
