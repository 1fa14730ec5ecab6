#!/usr/bin/env bats
# README.md and docs/ say what published runs and the code say, and what links lead to is there; and
# scripts/documents sees it when that is no longer so.
# bats file_tags=source
bats_require_minimum_version 1.5.0

load helpers

# The tree, of which a test may spoil the documents.
setup() {
	tree=$BATS_TEST_TMPDIR/tree
	mkdir "$tree"
	ln -s "$PWD"/* "$tree"
	rm "$tree/docs" "$tree/scripts" "$tree/README.md"
	cp -r docs scripts README.md "$tree"
	page=$tree/docs/threads-or-events.md
}

refuses() {
	run "$tree/scripts/documents" --check "$page"
	[ "$status" -eq 1 ]
	[[ "$output" == *"$1"* ]]
}

@test "documents agree with the published runs, the code and each other" {
	run scripts/documents --check
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "a figure that no run has is found, and written anew" {
	sed -i 's/^| epoll | \(.*\) 3\./| epoll | \1 4./' "$page"
	run ! cmp -s "$page" docs/threads-or-events.md
	refuses "threads-or-events.md: is not what the run says"
	"$tree/scripts/documents" "$page"
	cmp "$page" docs/threads-or-events.md
}

@test "a line that the code no longer has is no quotation" {
	sed -i 's/coroutine_suspend(c->coroutine);/coroutine_yield(c->coroutine);/' "$page"
	refuses "servers/models/coroutines.c does not have"
}

@test "a link that leads nowhere is found, to a file or to a heading" {
	echo 'See [there](nowhere.md).' >>"$page"
	refuses "links to nowhere.md"
	echo 'See [there](memory.md#nowhere).' >"$page"
	refuses "links to memory.md#nowhere"
}

@test "a document is in the list of documents" {
	for file in docs/*.md; do
		[ "$file" = docs/README.md ] || grep -qF "](${file#docs/})" docs/README.md
	done
}

# Who comes by gives it ten seconds: what is worth more lines than that goes to docs/.
@test "the README is short, and begins with what was found" {
	[ "$(wc -l <README.md)" -le 120 ]
	sed -n 1,12p README.md | grep -qF "**$(LC_ALL=C.UTF-8 "$TENK" report --format json results/reference/quick |
		python3 -c 'import json, sys; print(json.load(sys.stdin)["headline"])')**"
	for command in 'make bench' 'make check' 'make check-long' 'make check-distributions' \
		'tenk run quick --trials 1'; do
		grep -qF "$command" README.md
	done
}

@test "a run is published trimmed, without the machine's folders, and only when it has ended" {
	cp -r tests/fixtures/report-run "$BATS_TEST_TMPDIR/run"
	python3 - "$BATS_TEST_TMPDIR/run/run.json" <<-'END'
		import json, sys
		run = json.load(open(sys.argv[1]))
		run["command"] += ["--out", "/home/somebody/run", "--seed", "3"]
		run["scenarios"][0]["file"] = "/home/somebody/tenk/scenarios/quick.yaml"
		json.dump(run, open(sys.argv[1], "w"))
	END
	PUBLISHED=$BATS_TEST_TMPDIR/published scripts/publish "$BATS_TEST_TMPDIR/run"
	run -0 find "$BATS_TEST_TMPDIR/published" -maxdepth 2 -mindepth 1 -printf '%P\n'
	[ "$(sort <<<"$output" | xargs)" = "quick+threads-cost quick+threads-cost/report quick+threads-cost/run.json quick+threads-cost/trials.jsonl.gz" ]
	"$TENK" report --format json "$BATS_TEST_TMPDIR/published/quick+threads-cost" >"$BATS_TEST_TMPDIR/published.json"
	"$TENK" report --format json "$BATS_TEST_TMPDIR/run" >"$BATS_TEST_TMPDIR/run.json"
	python3 - "$BATS_TEST_TMPDIR/published.json" "$BATS_TEST_TMPDIR/run.json" <<-'END'
		import json, math, sys
		def same(a, b): # of a published run's figures seven digits are kept
		    if isinstance(a, float) and isinstance(b, float):
		        return math.isclose(a, b, rel_tol=1e-6)
		    if isinstance(a, dict) and isinstance(b, dict):
		        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
		    if isinstance(a, list) and isinstance(b, list):
		        return len(a) == len(b) and all(map(same, a, b))
		    return a == b
		published, whole = (json.load(open(name))["findings"] for name in sys.argv[1:])
		assert whole and same(published, whole), (published, whole)
	END
	run ! grep -rq somebody "$BATS_TEST_TMPDIR/published"
	[ "$(json "$BATS_TEST_TMPDIR/published/quick+threads-cost/run.json" 'd["command"]')" = "['tenk', 'run', 'quick', 'threads-cost', '--seed', '3']" ]
	# One of claims alone takes no other's place.
	sed -i '0,/"run",/s//"claims", "run",/' "$BATS_TEST_TMPDIR/run/run.json"
	PUBLISHED=$BATS_TEST_TMPDIR/published scripts/publish "$BATS_TEST_TMPDIR/run"
	[ -e "$BATS_TEST_TMPDIR/published/quick+threads-cost-claims/run.json" ]
	sed -i 's/"complete"/"running"/' "$BATS_TEST_TMPDIR/run/run.json"
	PUBLISHED=$BATS_TEST_TMPDIR/published run -1 scripts/publish "$BATS_TEST_TMPDIR/run"
	[[ "$output" == *"has not come to its end: tenk run --resume"* ]]
	[ -e "$BATS_TEST_TMPDIR/published/quick+threads-cost/run.json" ]
}

@test "a published run has the same curves without its histograms" {
	cat >"$BATS_TEST_TMPDIR/curve.yaml" <<-'END'
		title: A curve
		question: How long does it take?
		servers: [epoll]
		load:
		  connections: 4
		  duration: 1s
		trials: 1
		parts:
		  all: {load: {get: /plaintext, rate: 2k/s}, charts: [latency]}
		  mixed:
		    load:
		      mix: [{get: /plaintext, weight: 9, name: quick}, {get: /wait/5, weight: 1, name: slow}]
		      rate: 2k/s
		    charts: [latency]
	END
	run "$TENK" run "$BATS_TEST_TMPDIR/curve.yaml" --out "$BATS_TEST_TMPDIR/run"
	[ "$status" -eq 0 ] || [ "$status" -eq 4 ]
	# What a busy machine spoiled is shown here all the same: the question is what becomes of the curves.
	python3 - "$BATS_TEST_TMPDIR/run" <<-'END'
		import json, sys
		trials = [json.loads(line) for line in open(f"{sys.argv[1]}/trials.jsonl")]
		for trial in trials:
		    load = json.load(open(f"{sys.argv[1]}/{trial['load_report']}"))
		    for suffix, of in [("", load)] + [("@" + kind["name"], kind) for kind in load["mix"]]:
		        for name in "p50", "p90", "p99", "p99_9", "max":
		            trial["metrics"][f"latency_{name}_ns{suffix}"] = of["latency"][f"{name}_ns"]
		    trial["outcome"] = "ok"
		open(f"{sys.argv[1]}/trials.jsonl", "w").write("".join(json.dumps(trial) + "\n" for trial in trials))
	END
	"$TENK" report "$BATS_TEST_TMPDIR/run"
	PUBLISHED=$BATS_TEST_TMPDIR/published scripts/publish "$BATS_TEST_TMPDIR/run"
	[ ! -e "$BATS_TEST_TMPDIR/published/curve/histograms" ]
	python3 - "$BATS_TEST_TMPDIR" <<-'END'
		import glob, gzip, sys
		files = [name for name in glob.glob(f"{sys.argv[1]}/run/report/data/*latency*.csv") if "trials" not in name]
		assert len(files) >= 3, files
		for name in files:
		    whole = open(name).read().splitlines()
		    there = name.replace("/run/", "/published/curve/") + ".gz"
		    kept = gzip.open(there, "rt").read().splitlines()
		    assert len(kept) > 6 and set(kept) <= set(whole) and len(whole) <= len(kept) + 1, (name, kept, whole)
	END
}

@test "a report opens with the picture of what its headline says" {
	for pair in blocking:blocking-kinds-quick-1 active:active-share-cpu database:database-pooled-cpu-ratio \
		cpu:cpu-long-latency-quick-1; do
		"$TENK" report --out "$BATS_TEST_TMPDIR/report" "results/reference/${pair%:*}"
		[ "$(grep -o -m 1 '(charts/[^)]*' "$BATS_TEST_TMPDIR/report/report.md")" = "(charts/${pair#*:}.svg" ]
	done
}

@test "captions count what failed as the tally of all trials does" {
	python3 - <<-'END'
		import glob, re
		def counted(what, text):
		    return [int(n) for n in re.findall(rf"\b(\d+) {what}", text)]
		seen = 0
		for name in glob.glob("results/reference/*/report/report.md"):
		    lines = open(name).read().splitlines()
		    tally = next(line for line in lines if re.match(r"[\d,]+ trials?[: ]", line))
		    for of_tally, of_caption in ("failed", "failed trials?"), ("over what", "trials? over what"):
		        most = sum(counted(of_tally, tally))
		        for line in lines:
		            if line.startswith("*"):
		                found = counted(of_caption, line)
		                seen += len(found)
		                assert sum(found) <= most, (name, line, tally)
		assert seen > 9, seen
	END
}

@test "every variable of the environment that is of tenk is in the overview" {
	grep -rhoE '"TENK_[A-Z_]+"|\$\{TENK_[A-Z_]+' --include='*.[ch]' harness stored report lib loadgen servers | grep -oE 'TENK_[A-Z_]+' |
		sort -u >"$BATS_TEST_TMPDIR/read"
	[ -s "$BATS_TEST_TMPDIR/read" ]
	while read -r name; do
		grep -qF "\`$name\`" docs/overview.md || { echo "$name is not in docs/overview.md" && false; }
	done <"$BATS_TEST_TMPDIR/read"
}
