#!/usr/bin/env bats
# tenk history: what is kept of runs, and what it shows of them.
bats_require_minimum_version 1.5.0

load helpers

RUN=tests/fixtures/report-run

setup() {
	HISTORY=$BATS_TEST_TMPDIR/history.jsonl
}

# Thirty runs of one machine; from the sixteenth on a server answers a tenth less.
write_runs() {
	python3 - "$HISTORY" <<-'END'
		import json, random, sys
		random.seed(7)
		line = json.loads(open(sys.argv[1]).readline())
		with open(sys.argv[1], "w") as out:
		    for day in range(30):
		        line["run"], line["started_at"] = f"run-{day:02}", f"2026-10-{day + 1:02}T00:00:00Z"
		        line["cells"] = [{"scenario": "quick", "part": "throughput", "server": server,
		            "point": {"connections": 64}, "values": {"requests_per_s": {
		                "median": rate, "low": rate * 0.99, "high": rate * 1.01, "coverage": 0.95, "trials": 6}}}
		            for server, rate in (("epoll", random.uniform(99e3, 101e3) * (0.9 if day >= 15 else 1)),
		                                 ("libuv", random.uniform(99e3, 101e3)))]
		        print(json.dumps(line), file=out)
	END
}

@test "a run is added once, with its label and commit, and shown" {
	git init -q "$BATS_TEST_TMPDIR/repository"
	cp -r "$RUN" "$BATS_TEST_TMPDIR/repository/run"
	git -C "$BATS_TEST_TMPDIR/repository" -c user.name=a -c user.email=a@b commit -q --allow-empty -m first
	hash=$(git -C "$BATS_TEST_TMPDIR/repository" rev-parse HEAD)
	run "$TENK" history add "$BATS_TEST_TMPDIR/repository/run" --file "$HISTORY" --label v1.2
	[ "$status" -eq 0 ]
	[[ "$output" == *"(v1.2, ${hash:0:8}) is in $HISTORY" ]]
	run "$TENK" history add "$BATS_TEST_TMPDIR/repository/run" --file "$HISTORY"
	[ "$status" -eq 2 ]
	[[ "$output" == *" is in $HISTORY already" ]]
	[ "$(wc -l <"$HISTORY")" -eq 1 ]
	[ "$(json "$HISTORY" 'd["commit"]["hash"], d["commit"]["dirty"]')" = "('$hash', False)" ]
	run "$TENK" history --file "$HISTORY"
	[ "$status" -eq 0 ]
	[[ "$output" == *"machine 9f3ab2c1: Example Xeon 2.8 GHz"*"quick/throughput"*"no change is seen"* ]]
}

@test "a line keeps to its schema" {
	"$TENK" history add "$RUN" --file "$HISTORY"
	"$TENK" history add results/reference/quick --file "$HISTORY"
	python3 - "$HISTORY" <<-'END'
		import json, jsonschema, sys
		validator = jsonschema.Draft202012Validator(json.load(open("results/schema/history.json")))
		lines = [json.loads(line) for line in open(sys.argv[1])]
		assert len(lines) == 2
		for line in lines:
		    validator.validate(line)
		    keys = {metric["key"] for metric in line["metrics"]}
		    assert all(keys >= cell["values"].keys() for cell in line["cells"])
	END
}

@test "several that are added at once lose no line" {
	for i in $(seq 8); do
		cp -r "$RUN" "$BATS_TEST_TMPDIR/$i"
		sed -i "s/\"id\": \"[^\"]*\"/\"id\": \"run-$i\"/" "$BATS_TEST_TMPDIR/$i/run.json"
		"$TENK" history add "$BATS_TEST_TMPDIR/$i" --file "$HISTORY" 3>&- &
	done
	wait
	[ "$(sort -u "$HISTORY" | wc -l)" -eq 8 ]
	python3 -c 'import json, sys; [json.loads(line) for line in open(sys.argv[1])]' "$HISTORY"
}

@test "a shift is told once, near its run, with its size; and as JSON" {
	"$TENK" history add "$RUN" --file "$HISTORY"
	write_runs
	LC_ALL=C.UTF-8 run "$TENK" history --file "$HISTORY"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"epoll "*"│"*"k/s   -"*" %"*"libuv"*"changes, each near"* ]]
	[[ "${output#*changes, each}" =~ near\ run-1[3-7].*worse\ +epoll.*-(9|10)\.[0-9]\ % ]]
	[[ "${output#*changes, each}" != *libuv* ]]
	[ "$(grep -c '^  near' <<<"$output")" -eq 1 ]
	LC_ALL=C run "$TENK" history --file "$HISTORY"
	[[ "$output" != *"▁"* ]]
	"$TENK" history --file "$HISTORY" --json >"$BATS_TEST_TMPDIR/json"
	[ "$(json "$BATS_TEST_TMPDIR/json" '[(s["server"], len(s["points"]), [round(c["change"], 1) for c in s["changes"]])
		for s in d["series"]], d["shifts"]')" = "([('epoll', 30, [-0.1]), ('libuv', 30, [])], 1)" ]
}

@test "servers and metrics can be chosen, and what the history has not is named" {
	"$TENK" history add "$RUN" --file "$HISTORY"
	write_runs
	run "$TENK" history --file "$HISTORY" --servers libuv --metrics requests_per_s,latency_p99_ns
	[ "$status" -eq 2 ]
	[[ "$output" == *"has no values of latency_p99_ns (tenk history --json names what it has)"* ]]
	"$TENK" history --file "$HISTORY" --servers libuv --metrics requests_per_s --json >"$BATS_TEST_TMPDIR/json"
	[ "$(json "$BATS_TEST_TMPDIR/json" '[s["server"] for s in d["series"]], d["shifts"]')" = "(['libuv'], 0)" ]
	run "$TENK" history --file "$HISTORY" --servers epol
	[ "$status" -eq 2 ]
	[[ "$output" == *"has no values of epol "* ]]
	run "$TENK" history add "$RUN" --servers epoll
	[ "$status" -eq 2 ]
	[[ "$output" == *"leave them out with add"* ]]
}

@test "a history is drawn, as a picture and as a page that needs no other file" {
	"$TENK" history add "$RUN" --file "$HISTORY"
	write_runs
	run "$TENK" history --file "$HISTORY" --report history.png
	[ "$status" -eq 2 ]
	[[ "$output" == *"a report is a .svg or a .html file"* ]]
	PATH=/nowhere run "$TENK" history --file "$HISTORY" --report "$BATS_TEST_TMPDIR/h.svg"
	[ "$status" -eq 2 ]
	[[ "$output" == *"gnuplot is not installed"* ]]
	command -v gnuplot >/dev/null || skip "gnuplot is not installed"
	run "$TENK" history --file "$HISTORY" --report "$BATS_TEST_TMPDIR/h.svg"
	[ "$status" -eq 0 ]
	python3 - "$BATS_TEST_TMPDIR/h.svg" <<-'END'
		import sys, xml.etree.ElementTree as tree
		texts = ["".join(e.itertext()).strip() for e in tree.parse(sys.argv[1]).iter() if e.tag.endswith("text")]
		assert sum(t.startswith(("-9.", "-10.")) and t.endswith("%") for t in texts) >= 1, texts
		assert any("quick/throughput, 64 connections" in t for t in texts), texts
		assert {"epoll", "libuv"} <= set(texts), texts
	END
	"$TENK" history --file "$HISTORY" --report "$BATS_TEST_TMPDIR/h.html"
	[ "$(grep -c '<svg ' "$BATS_TEST_TMPDIR/h.html")" -eq 1 ]
	grep -q "What changed" "$BATS_TEST_TMPDIR/h.html"
	run ! grep -qE '(src|href)="http' "$BATS_TEST_TMPDIR/h.html"
}

@test "a cut last line is told and cut off; what is no history is named with its line" {
	"$TENK" history add "$RUN" --file "$HISTORY"
	printf '{"schema":1,"run":"cu' >>"$HISTORY"
	run --separate-stderr "$TENK" history --file "$HISTORY"
	[ "$status" -eq 0 ]
	[[ "$stderr" == *"the last line of $HISTORY (2) was cut short and is left out" ]]
	cp -r "$RUN" "$BATS_TEST_TMPDIR/other"
	sed -i 's/"id": "[^"]*"/"id": "other"/' "$BATS_TEST_TMPDIR/other/run.json"
	run --separate-stderr "$TENK" history add "$BATS_TEST_TMPDIR/other" --file "$HISTORY"
	[ "$status" -eq 0 ]
	[[ "$stderr" == *"was cut short and is cut off" ]]
	[ "$(wc -l <"$HISTORY")" -eq 2 ]
	echo '{"schema":1}' >>"$HISTORY"
	run "$TENK" history --file "$HISTORY"
	[ "$status" -eq 2 ]
	[[ "$output" == *"$HISTORY:3: not a line of a history"* ]]
}

@test "wrong use is refused with a word on what is right" {
	run "$TENK" history --file "$BATS_TEST_TMPDIR/none"
	[ "$status" -eq 2 ]
	[[ "$output" == *"none: there is no such history yet (tenk history add RUN begins one)"* ]]
	run "$TENK" history show
	[ "$status" -eq 2 ]
	[[ "$output" == *"what can be done is add RUN"* ]]
	run "$TENK" history add
	[ "$status" -eq 2 ]
	run "$TENK" history add "$RUN" --file "$BATS_TEST_TMPDIR/none/history.jsonl"
	[ "$status" -eq 2 ]
	[[ "$output" == *"no such folder here (--file names another place)"* ]]
	run "$TENK" history add "$BATS_TEST_TMPDIR" --file "$HISTORY"
	[ "$status" -eq 2 ]
	[[ "$output" == *"is this the folder of a run?"* ]]
	[ ! -e "$HISTORY" ]
	cp -r "$RUN" "$BATS_TEST_TMPDIR/cut"
	sed -i 's/"status": "[^"]*"/"status": "aborted"/' "$BATS_TEST_TMPDIR/cut/run.json"
	run "$TENK" history add "$BATS_TEST_TMPDIR/cut" --file "$HISTORY"
	[ "$status" -eq 2 ]
	[[ "$output" == *"was not finished: go on with tenk run --resume"* ]]
}
