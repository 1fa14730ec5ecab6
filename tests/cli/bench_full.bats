#!/usr/bin/env bats
# scripts/bench-full: one run of many scenarios, taken up where it was left.
# bats file_tags=source
bats_require_minimum_version 1.5.0

load helpers

bench_full() {
	RESULTS=$BATS_TEST_TMPDIR/results SCENARIOS="$BATS_TEST_TMPDIR/small.yaml" BUILD=$BUILD scripts/bench-full "$@"
}

setup() {
	cat >"$BATS_TEST_TMPDIR/small.yaml" <<-'END'
		title: Small
		question: Does it go on?
		servers: [epoll]
		trials: 2
		load: {idle: true, each: {get: /plaintext}, connections: 4, warmup: 0}
	END
}

@test "the full run goes on where it was, begins anew when it has ended, and names what it wrote" {
	run --separate-stderr bench_full --seed 7
	[ "$status" -eq 0 ]
	folder=$(ls -d "$BATS_TEST_TMPDIR"/results/*-full)
	[[ "$output" == *"bench-full wrote $folder, "*"$folder/report/index.html"*"tenk claims $folder"* ]]
	sed -i 's/"status": "complete"/"status": "aborted"/' "$folder/run.json"
	sed -i 2d "$folder/trials.jsonl"
	run --separate-stderr bench_full
	[[ "$stderr" == *"going on with $folder"* ]]
	[ "$(trials "$folder" 'sorted(x["trial"] for x in t)')" = "[1, 2]" ]
	[ "$(json "$folder/run.json" 'd["status"], d["seed"]')" = "('complete', 7)" ]
	sed -i 's/"status": "complete"/"status": "running"/' "$folder/run.json"
	mv "$folder" "$BATS_TEST_TMPDIR/results/20000101T000000Z-full" # a folder is named by the second
	FRESH=1 run --separate-stderr bench_full --trials 1
	[ "$(find "$BATS_TEST_TMPDIR"/results -maxdepth 1 -name '*-full' | wc -l)" -eq 2 ]
}

@test "what the full run asks for are scenarios that there are" {
	sed -n '/^all=/,/"$/p' scripts/bench-full | tr -cs 'a-z-' '\n' >"$BATS_TEST_TMPDIR/asked"
	for name in hello memory million; do
		grep -qx "$name" "$BATS_TEST_TMPDIR/asked"
	done
	missing=$(find scenarios -name '*.yaml' -printf '%f\n' | sed 's/\.yaml$//' | grep -vxE 'quick|threads-cost|gate|sources' |
		grep -vxFf "$BATS_TEST_TMPDIR/asked" || true)
	[ -z "$missing" ] || { echo "left out: $missing"; false; }
	while read -r name; do
		[ "$name" = all ] || [ -z "$name" ] || [ -e "scenarios/$name.yaml" ]
	done <"$BATS_TEST_TMPDIR/asked"
}
