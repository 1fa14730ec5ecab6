#!/usr/bin/env bats
# Several kinds of request in one load: shares, and whose figure is whose. tests/truth-server is the witness:
# it answers GET /slow slowly, all else at once, and counts by itself.
bats_require_minimum_version 1.5.0

load helpers
load truth

kind() {
	echo "{m['name']: m for m in d['mix']}['$1']"
}

@test "shares are exact, and the server counts the same" {
	start_truth --slow 60ms --share 0
	measure -n 2000 --threads 2 --connections 16 --request "99:quick GET /" --request "1:slow GET /slow"
	[ "$code" -eq 0 ]
	holds "[(m['sent'], m['good']) for m in d['mix']] == [(1980, 1980), (20, 20)]"
	# With those from before the window, which have decks of their own, one in each thread.
	holds "t['count'] == 2000 + d['requests']['good_outside']"
	holds "abs(t['slow_count'] - 20 - d['requests']['good_outside'] / 100) < 2"
	holds "sum(m['latency']['count'] for m in d['mix']) == d['latency']['count'] == 2000"
	# One in a hundred is slow, and p99 of all hides it; in its own figures all are.
	holds "d['latency']['p90_ns'] < 60*ms <= $(kind slow)['latency']['min_ns'] <= d['latency']['max_ns']"
	holds "0.97 < $(kind slow)['latency']['p50_ns'] / t['slow_p50_ns'] < 1.5"
	holds "$(kind quick)['latency']['p50_ns'] < 30*ms"
	holds "sorted(slot for m in d['mix'] for slot in m['histogram'])[-1] == d['histogram'][-1]"
}

@test "what times out is of its own kind, and makes no other \"at least\"" {
	start_truth --slow 5s --share 0
	measure --rate 400 --duration 500ms --warmup 0s --timeout 200ms --connections 16 --request "39:quick GET /" \
		--request "1:slow GET /slow"
	[ "$code" -eq 1 ]
	holds "$(kind slow)['errors_by_class']['timeout'] == $(kind slow)['errors'] == d['errors']['timeout'] == 5"
	holds "$(kind slow)['latency']['at_least'] == ['p50', 'p90', 'p99', 'p99_9', 'p99_99', 'max']"
	holds "$(kind quick)['latency']['at_least'] == [] and $(kind quick)['errors'] == 0"
	holds "[m['due'] for m in d['mix']] == [195, 5]"
	holds "$(kind slow)['windows'] == $(kind slow)['silent_windows'] == 5 and $(kind slow)['good'] == 0"
}

@test "each kind has its own good answer" {
	start_truth
	measure -n 100 --connections 2 --expect-status 2xx --request "1:good GET /a" --expect-body hello \
		--request "1:other GET /b" --expect-body world --request "2:header GET /c" --expect-header "X-None"
	[ "$code" -eq 1 ]
	holds "[m['good'] for m in d['mix']] == [25, 0, 0]"
	holds "$(kind other)['errors_by_class']['body'] == 25 and $(kind header)['errors_by_class']['header'] == 50"
	holds "[m['answer_bytes'] for m in d['mix']] == [5, 5, None]"
}

@test "tenths of a second without an answer are counted while somebody waits" {
	start_truth --stall 350ms --every 300ms
	measure --rate 200 --duration 1s --warmup 0s --connections 64 --request "9:often GET /a" --request "1:rare GET /b"
	# A stall of 350 ms covers two or three whole windows, and there is one, or the beginning of another.
	holds "2 <= $(kind often)['silent_windows'] <= 8 and $(kind often)['windows'] == 10"
	run -0 "$LOAD" --rate 200 --duration 500ms --warmup 0s --connections 64 --request "9:often GET /a" \
		--request "1:rare GET /b" --intervals "$BATS_TEST_TMPDIR/intervals" --csv "$BATS_TEST_TMPDIR/csv" \
		"http://127.0.0.1:$port"
	[[ "$output" == *"100 ms without one"*"often  "*"rare  "* ]]
	python3 - "$BATS_TEST_TMPDIR/intervals" "$BATS_TEST_TMPDIR/csv" <<'END'
import csv, json, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
rows = list(csv.DictReader(open(sys.argv[2])))
assert len(lines) == len(rows) >= 4, lines
for line, row in zip(lines, rows):
    assert sum(kind["completed"] for kind in line["kinds"].values()) == line["completed"], line
    assert int(row["often_completed"]) == line["kinds"]["often"]["completed"]
END
}

@test "the log has a line for each kind under its name, and results are merged kind by kind" {
	local n

	cd "$BATS_TEST_TMPDIR"
	[[ "$LOAD" == /* ]] || LOAD=$BATS_TEST_DIRNAME/../../$LOAD BUILD=$BATS_TEST_DIRNAME/../../$BUILD
	start_truth --slow 20ms --share 0
	for n in 1 2; do
		"$LOAD" -q -n 200 --connections 4 --request "9:quick GET /" --request "1:slow GET /slow" --seed "$n" --json "$n.json" \
			--log "$n.hlog" "http://127.0.0.1:$port"
	done
	"$LOAD" -q -n 20 --connections 4 --request "9:quick GET /" --request "1:late GET /slow" --json other.json \
		--log seconds.hlog --log-interval=100ms "http://127.0.0.1:$port"
	grep -q "^Tag=quick,0.000," 1.hlog
	grep "^Tag=slow," 1.hlog | sed 's/^Tag=slow,//' >slow.hlog
	python3 "$BATS_TEST_DIRNAME/hdr.py" slow.hlog >slow.json
	[ "$(json slow.json 'd["count"]')" = 20 ]
	[ "$(json slow.json 'd["p50"]')" = "$(json 1.json 'd["mix"][1]["latency"]["p50_ns"]')" ]
	grep "^Tag=late," seconds.hlog | sed 's/^Tag=late,//' >late.hlog
	[ "$(python3 "$BATS_TEST_DIRNAME/hdr.py" late.hlog | python3 -c 'import json, sys; print(json.load(sys.stdin)["count"])')" = 2 ]
	run -0 "$LOAD" merge 1.json 2.json --json all.json
	[[ "$output" == *"mix "*"quick "*"slow "* ]]
	python3 - <<'END'
import json
a, b, whole = (json.load(open(f"{name}.json")) for name in ("1", "2", "all"))
for i, kind in enumerate(whole["mix"]):
    for key in ("sent", "good", "errors", "unanswered", "bytes_received", "windows", "silent_windows"):
        assert kind[key] == a["mix"][i][key] + b["mix"][i][key], (key, kind)
    slots = {}
    for value, count in a["mix"][i]["histogram"] + b["mix"][i]["histogram"]:
        slots[value] = slots.get(value, 0) + count
    assert kind["histogram"] == [list(slot) for slot in sorted(slots.items())]
assert sum(kind["good"] for kind in whole["mix"]) == whole["requests"]["good"] == 400
END
	run -2 "$LOAD" merge 1.json other.json
	[[ "$output" == *"mix is not the same"* ]]
	run -0 "$LOAD" merge --force -q 1.json other.json --json forced.json
	[ "$(json forced.json 'd["mix"]')" = "[]" ]
}

@test "a scenario's mix has figures of each kind in trials, claims and comparisons" {
	local run=$BATS_TEST_TMPDIR/run

	"$TENK" run "$FIXTURES/mix.yaml" --seed 5 --out "$run" --json >"$BATS_TEST_TMPDIR/outcome" || [ $? -eq 1 ]
	python3 tests/cli/validate.py "$run" "$BATS_TEST_TMPDIR/outcome"
	python3 - "$run" "$BATS_TEST_TMPDIR/outcome" <<'END'
import json, sys
run, trials = json.load(open(sys.argv[1] + "/run.json")), [json.loads(line) for line in open(sys.argv[1] + "/trials.jsonl")]
outcome = json.load(open(sys.argv[2]))
described = {m["key"]: m for m in run["metrics"]}
assert described["latency_p50_ns@quick"]["gating"] and described["latency_p50_ns@quick"]["kind"] == "quick"
assert not any(key.endswith("@KIND") for key in described)
assert len(trials) == 2
for trial in trials:
    report = json.load(open(f"{sys.argv[1]}/{trial['load_report']}"))
    kinds = {kind["name"]: kind for kind in report["mix"]}
    assert {name: kind["weight"] for name, kind in kinds.items()} == {"quick": 9, "slow": 1}
    assert trial["latency_counts"] == {name: kind["latency"]["count"] for name, kind in kinds.items()}
    assert sum(trial["latency_counts"].values()) == trial["latency_count"]
    for name, kind in kinds.items():
        assert set(key for key in trial["metrics"] if key.endswith("@" + name)) <= set(described)
        assert trial["metrics"][f"silent_window_count@{name}"] == kind["silent_windows"]
        for key in ("p50_ns", "p90_ns", "p99_ns"):
            assert trial["metrics"][f"latency_{key}@{name}"] in (None, kind["latency"][key])
    # One of ten waits for 20 ms: the slow ones are as slow as that, and the quick ones' median knows nothing of it.
    assert kinds["slow"]["latency"]["min_ns"] >= 20e6 > kinds["quick"]["latency"]["p50_ns"], kinds
    assert kinds["slow"]["answer_bytes"] == len("Waited 20 ms") and kinds["quick"]["answer_bytes"] == 13
# A figure is shown where 20 samples lie beyond it: of the quick ones' median, but not of 20 slow ones'.
shown = [set(cell["metrics"]) for cell in outcome["cells"] if cell["point"] is not None]
assert all("latency_p50_ns@slow" not in metrics for metrics in shown), shown
assert [c["metric"] for c in outcome["claims"]] == ["latency_p50_ns@slow"]
END
	code=0
	"$TENK" compare "$run" --base epoll --head thread-per-connection --json "$BATS_TEST_TMPDIR/j" \
		--openmetrics "$BATS_TEST_TMPDIR/om" || code=$?
	[ "$code" -eq 3 ] || [ "$code" -eq 5 ]
	grep -q '^tenk_latency_p50_seconds{metric="latency_p50_ns@quick",' "$BATS_TEST_TMPDIR/om"
	[ "$(json "$BATS_TEST_TMPDIR/j" '"latency_p50_ns@quick" in [c["metric"] for c in d["comparisons"] if c["gating"]]')" = True ]
}
