#!/usr/bin/env bats
# tenk report: one document of a stored run, and several runs side by side.
bats_require_minimum_version 1.5.0

load helpers

RUN=tests/fixtures/report-run

# The same run on another kernel, under another name, in which epoll's requests took three times as long.
make_other() {
	cp -r "$RUN" "$BATS_TEST_TMPDIR/other"
	python3 - "$BATS_TEST_TMPDIR/other" <<'END'
import json, pathlib, sys
folder = pathlib.Path(sys.argv[1])
run = json.loads((folder / "run.json").read_text())
run["id"], run["environment"]["kernel"] = "20261122T000000Z-other", "9.9"
(folder / "run.json").write_text(json.dumps(run))
trials = [json.loads(line) for line in (folder / "trials.jsonl").read_text().splitlines()]
for trial in trials:
    if trial["server"] == "libuv" and trial["metrics"].get("server_cpu_per_request_ns"):
        trial["metrics"]["server_cpu_per_request_ns"] *= 3
(folder / "trials.jsonl").write_text("".join(json.dumps(trial) + "\n" for trial in trials))
END
}

@test "a document goes to standard output or a file, and the run is left as it was" {
	cp -r "$RUN" "$BATS_TEST_TMPDIR/run"
	chmod -R a-w "$BATS_TEST_TMPDIR/run"
	find "$BATS_TEST_TMPDIR/run" | sort >"$BATS_TEST_TMPDIR/before"
	"$TENK" report --format md "$BATS_TEST_TMPDIR/run" >"$BATS_TEST_TMPDIR/stdout.md"
	"$TENK" report --format md --out "$BATS_TEST_TMPDIR/file.md" "$BATS_TEST_TMPDIR/run"
	cmp "$BATS_TEST_TMPDIR/stdout.md" "$BATS_TEST_TMPDIR/file.md"
	grep -q '^# ' "$BATS_TEST_TMPDIR/file.md"
	find "$BATS_TEST_TMPDIR/run" | sort | cmp - "$BATS_TEST_TMPDIR/before"
	run "$TENK" report --format text "$BATS_TEST_TMPDIR/run"
	[ "$status" -eq 0 ]
	[[ "$output" == *thread-per-connection* ]]
	chmod -R u+w "$BATS_TEST_TMPDIR/run"
}

@test "of a packed run the data of the report are packed, too, and its links lead to what is there" {
	cp -r "$RUN" "$BATS_TEST_TMPDIR/run"
	"$TENK" report "$BATS_TEST_TMPDIR/run"
	cp -r "$BATS_TEST_TMPDIR/run/report" "$BATS_TEST_TMPDIR/plain"
	gzip "$BATS_TEST_TMPDIR/run/trials.jsonl"
	"$TENK" report "$BATS_TEST_TMPDIR/run"
	cd "$BATS_TEST_TMPDIR/run/report"
	diff -r charts "$BATS_TEST_TMPDIR/plain/charts"
	for file in "$BATS_TEST_TMPDIR"/plain/data/*.csv; do
		zcat "data/${file##*/}.gz" | cmp - "$file"
	done
	[ "$(find data -type f | wc -l)" -eq "$(find "$BATS_TEST_TMPDIR/plain/data" -type f | wc -l)" ]
	grep -oE '(href|src)="(data|charts|share)/[^"]*"' index.html | cut -d'"' -f2 >links
	grep -oE '\]\((data|charts|share)/[^)]*\)' report.md | tr -d ']()' >>links
	[ "$(wc -l <links)" -gt 5 ]
	while read -r link; do
		[ -e "$link" ] || { echo "$link is not there"; false; }
	done <links
}

@test "no file of a document stays behind" {
	mkdir "$BATS_TEST_TMPDIR/temporary"
	TMPDIR="$BATS_TEST_TMPDIR/temporary" "$TENK" report --format md "$RUN" >/dev/null
	[ -z "$(ls -A "$BATS_TEST_TMPDIR/temporary")" ]
}

@test "two runs stand side by side, with what differs and what is no comparison" {
	make_other
	run "$TENK" report --format text "$RUN" "$BATS_TEST_TMPDIR/other"
	[ "$status" -eq 0 ]
	[[ "$output" == *"not as in A: kernel"*"-> 9.9"* ]]
	[[ "$output" == *"no comparison of servers"* || "$output" == *$'no\ncomparison of servers'* ]]
	# Of libuv's CPU, beside epoll's in the same run, three times what it was.
	run python3 - "$output" <<'END'
import re, sys
_, table = sys.argv[1].split("Server CPU per request (throughput)")
line = next(line for line in table.splitlines() if line.split()[:2] == ["libuv", "64"])
a, b = (float(x) for x in re.findall(r"([\d.]+) \[", line))
print(round(b / a, 1))
END
	[ "$output" = 3.0 ]
}

@test "the page of several runs is that of the first, beside its own report" {
	make_other
	cp -r "$RUN" "$BATS_TEST_TMPDIR/run"
	run --separate-stderr "$TENK" report "$BATS_TEST_TMPDIR/run" "$BATS_TEST_TMPDIR/other"
	[[ "$status" -eq 0 || "$status" -eq 1 ]] # 1: no gnuplot
	[ "${lines[-1]}" = "$BATS_TEST_TMPDIR/run/against/index.html" ]
	grep -q 'Against another run' "$BATS_TEST_TMPDIR/run/against/report.md"
	[ ! -e "$BATS_TEST_TMPDIR/run/report" ] || [ -e "$RUN/report" ]
}

@test "what cannot be laid side by side is refused, and says why" {
	run "$TENK" report "$RUN" "$RUN"
	[ "$status" -eq 2 ]
	[[ "$output" == *"are the same run"* ]]
	run "$TENK" report results/reference/limits "$RUN"
	[ "$status" -eq 2 ]
	[[ "$output" == *"no figure in common"* ]]
	run "$TENK" report --format pdf "$RUN"
	[ "$status" -eq 2 ]
	[[ "$output" == *'no format "pdf"'*"html, md, json, figures and text"* ]]
	run "$TENK" report --format md --out /nowhere/x.md "$RUN"
	[ "$status" -eq 1 ]
	[[ "$output" == *"/nowhere/x.md"* ]]
	run bash -c '"$1" report --format md "$2" >/dev/full' - "$TENK" "$RUN"
	[ "$status" -eq 1 ]
}

@test "summary.json keeps to its schema and says what the page says" {
	for run in "$RUN" results/reference/quick results/reference/limits; do
		"$TENK" report --format md "$run" >"$BATS_TEST_TMPDIR/report.md"
		"$TENK" report --format json "$run" >"$BATS_TEST_TMPDIR/summary.json"
		python3 - "$BATS_TEST_TMPDIR" <<'END'
import json, pathlib, re, sys

import jsonschema

folder = pathlib.Path(sys.argv[1])
summary = json.loads((folder / "summary.json").read_text())
schema = json.loads(pathlib.Path("results/schema/summary.json").read_text())
jsonschema.Draft202012Validator(schema).validate(summary)
page = re.sub(r"\\(.)", r"\1", (folder / "report.md").read_text()).replace("\u00a0", " ")
assert summary["headline"] in page, summary["headline"]
for finding in summary["findings"][:3]:
    assert finding["text"] in page, finding["text"]
    if finding["over"] and finding["state"] == "measured" and finding["blocks"] > 1:
        numbers = [float(x) for x in re.findall(r"[\d.]+", finding["text"])]
        for told, stored in zip(numbers, (finding["estimate"], finding["low"], finding["high"])):
            assert abs(told - stored) <= 0.051 * max(1, stored / 10), (told, stored)
for answer in summary["answers"]:
    assert answer["answer"] in page, answer
END
	done
}

@test "every cell goes to programs, with all of its metrics" {
	"$TENK" report --format figures "$RUN" >"$BATS_TEST_TMPDIR/figures.json"
	[ "$(json "$BATS_TEST_TMPDIR/figures.json" 'sorted({c["part"] for c in d})')" = \
		"['latency', 'memory', 'threads-cost', 'throughput']" ]
	[ "$(json "$BATS_TEST_TMPDIR/figures.json" 'all(c["metrics"][k]["trials"] > 0 for c in d
		if c["part"] == "throughput" and c["point"]
		for k in ("requests_per_s", "server_cpu_per_request_ns"))')" = True ]
}

@test "a run is told on one screen, and in every table when asked" {
	run "$TENK" report --format text "$RUN"
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -le 18 ]
	[[ "$output" == *"rate at 64"* ]]
	[[ "$output" != *"Requests per second"* ]]
	run "$TENK" report --format text --full "$RUN"
	[[ "$output" == *"Requests per second"* ]]
	[[ "$output" == *"Response time, p99"* ]]
	cp -r "$RUN" "$BATS_TEST_TMPDIR/run"
	run "$TENK" report "$BATS_TEST_TMPDIR/run"
	[[ "$output" == *"rate at 64"* ]]
	[[ "$output" == *"$BATS_TEST_TMPDIR/run/report/index.html"* ]]
}
