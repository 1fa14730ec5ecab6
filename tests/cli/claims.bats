#!/usr/bin/env bats
# Verdicts on published claims: from made-up runs, listed, and measured anew.
bats_require_minimum_version 1.5.0

load helpers

# Claims of made-up runs: `claim ID LOW HIGH` is a ratio of B over A within LOW and HIGH.
claim() {
	printf '{"id": "%s", "source": "illusion", "says": "B costs more.", "kind": "ratio", "own_model": true,
		"metrics": ["server_cpu_per_request_ns"], "of": {"server": "b", "point": {}},
		"over": {"server": "a", "point": {}}, "within": [%s, %s]}' "$@"
}

made() {
	python3 "$OLDPWD/tests/cli/made_run.py" "$@"
}

setup() {
	TENK=$(realpath "$TENK")
	cd "$BATS_TEST_TMPDIR" || return 1
	export LC_ALL=C.UTF-8
	CLAIMS="[$(claim twice-as-dear 1.5 2.5), $(claim ten-times-as-dear 7.5 12.5)]"
	export CLAIMS
}

@test "one table tells of each claim the verdict, what was measured, and how many there are of each" {
	made results/one 10 a=1 b=2
	run "$TENK" claims results/one
	[ "$status" -eq 0 ]
	[[ "${lines[0]}" == "twice-as-dear "*" reproduced" ]]
	[[ "${lines[1]}" == "    × "*" ["*"], claimed × 1.50 to 2.50; b over a, 10 blocks" ]]
	[[ "${lines[2]}" == "ten-times-as-dear "*" direction only "*"overstated × 3."* ]]
	[ "${lines[-1]}" = "2 claims: 1 reproduced, 1 direction only" ]
	for line in "${lines[@]}"; do
		[ "${#line}" -le 80 ]
	done
}

@test "without UTF-8 it is all in ASCII" {
	made results/one 10 a=1 b=2
	run env LC_ALL=C "$TENK" claims results/one
	[[ "${lines[1]}" == "    x "*"claimed x 1.50 to 2.50; b over a, 10 blocks" ]]
	printf '%s\n' "$output" >plain
	run env LC_ALL=C grep '[^ -~]' plain
	[ "$status" -eq 1 ]
}

@test "--full says who claims it and from what it was decided, --json holds each verdict, --md is a table" {
	made results/one 10 a=1 b=2
	run "$TENK" claims results/one --full
	[[ "$output" == *"says: B costs more."* ]]
	[[ "$output" == *"from: illusion"* ]]
	[[ "$output" == *"decided from: trials: 20 ok; run one of 2026-11-21, seed 7"* ]]
	"$TENK" claims results/one --json >verdicts.json
	[ "$(json verdicts.json '[(v["claim"], v["verdict"]) for v in d]')" = \
		"[('twice-as-dear', 'reproduced'), ('ten-times-as-dear', 'direction_only')]" ]
	run "$TENK" claims results/one --md
	[ "${lines[0]}" = "| claim | verdict | measured | claimed | factor | server | decided from |" ]
	[[ "${lines[2]}" == "| twice-as-dear | reproduced | × "* ]]
	run "$TENK" claims results/one --json --md
	[ "$status" -eq 2 ]
}

@test "each claim is judged by the newest finished run that tests it, else by a published one" {
	mkdir -p results/reference # else those that came with tenk
	run "$TENK" claims
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "No run below results/ tests a claim." ]
	[[ "${lines[1]}" == *" claims were never tested here: tenk claims list" ]]
	made results/reference/published 10 a=1 b=2
	"$TENK" claims | grep -q '^ten-times-as-dear .*direction only'
	BEGAN=2026-11-22T09:30:00Z CLAIMS="[$(claim ten-times-as-dear 7.5 12.5)]" made results/newer 10 a=1 b=10
	BEGAN=2026-11-21T09:30:00Z made results/older 10 a=1 b=0.5
	BEGAN=2026-11-23T09:30:00Z STATUS=aborted made results/cut 10 a=1 b=3
	run "$TENK" claims
	[[ "$output" == *"ten-times-as-dear "*" reproduced"* ]]
	[[ "$output" == *"twice-as-dear "*" refuted here"* ]]
	[ "${lines[-2]}" = "2 claims: 1 reproduced, 1 refuted here" ]
	# One of other servers has the claims of its scenario, but does not test them.
	BEGAN=2026-11-24T09:30:00Z made results/others 10 a=1 c=2
	run "$TENK" claims
	[ "${lines[-2]}" = "2 claims: 1 reproduced, 1 refuted here" ]
}

@test "from anywhere the published runs that came with tenk have verdicts, but for those of the folder" {
	run "$TENK" claims --published
	[ "$status" -eq 0 ]
	[[ "$output" == *"loop-250x-leaner "*" claims: "*" reproduced"* ]]
	made results/reference/published 10 a=1 b=2
	run "$TENK" claims --published
	[[ "$output" == *"ten-times-as-dear "* && "$output" != *"loop-250x-leaner "* ]]
}

@test "a run that is not there, or tests no claim, is said to be so" {
	run "$TENK" claims results/nowhere
	[ "$status" -eq 2 ]
	[[ "$output" == *"results/nowhere/run.json: No such file or directory; is this the folder of a run?"* ]]
	CLAIMS="[]" made results/none 2 a=1 b=2
	run "$TENK" claims results/none
	[ "$status" -eq 0 ]
	[[ "$output" == "This tests no claim"* ]]
}

@test "all claims are listed with their sources, the last verdict, its age and the command that repeats it" {
	mkdir -p results/reference
	run "$TENK" claims list
	[ "$status" -eq 0 ]
	[[ "$output" == *"loop-250x-leaner "*"never tested here"*"from: The Node.js Event Loop Explained (article)"*"again: tenk claims run loop-250x-leaner"* ]]
	cp -r "$OLDPWD/tests/fixtures/report-run" results-run
	mv results-run results/run
	sed -i 's/"threads-cost"/"memory"/' results/run/run.json results/run/trials.jsonl # whose claim it is now
	run "$TENK" claims list
	[[ "$output" == *"thread-costs-2mb "*", "*" days ago"* ]]
	"$TENK" claims list --json >list.json
	[ "$(json list.json '{c["verdict"]["verdict"] for c in d if c["id"] == "thread-costs-2mb" and c["verdict"]} != set()')" = True ]
	run "$TENK" claims list memory
	[ "$status" -eq 2 ]
}

@test "a claim is measured by itself: its part, its servers, and of what they vary what it names" {
	run "$TENK" claims run "$OLDPWD/$FIXTURES/claims.yaml" epoll-is-leaner epoll-is-leaner --trials 1 --seed 5 --out run
	[ "$status" -eq 0 ]
	[[ "$output" != *"has one, too"* ]]
	[[ "$output" == *"epoll-is-leaner "*"inconclusive"*"select over epoll, 1 block. "* ]]
	[[ "$output" == *"again   tenk claims run $OLDPWD/$FIXTURES/claims.yaml epoll-is-leaner epoll-is-leaner --trials 1 --seed 5"* ]]
	[ "$(json run/run.json '[(p["name"], p["servers"], p["vary"][0]["values"], [c["id"] for c in p["claims"]])
		for p in d["scenarios"][0]["parts"]]')" = "[('first', ['select', 'epoll'], [20], ['epoll-is-leaner'])]" ]
	[ "$(json run/run.json '[s.get("key", s["title"]) for s in d["scenarios"][0]["parts"][0]["claims"][0]["sources"]]')" = \
		"['explained', 'Somebody Else, 2003']" ]
	[ "$(wc -l <run/trials.jsonl)" -eq 2 ]
}

@test "a scenario in place of a claim stands for all that it has" {
	run "$TENK" claims run "$OLDPWD/$FIXTURES/claims.yaml" --trials 1 --seed 5 --out run
	[ "$status" -eq 0 ]
	[[ "$output" == *"epoll-is-leaner "*"epoll-is-small "* ]]
	[[ "$output" == *"again   tenk claims run $OLDPWD/$FIXTURES/claims.yaml --trials 1 --seed 5"* ]]
	[ "$(json run/run.json '[(p["name"], p["servers"], p["vary"][0]["values"], [c["id"] for c in p["claims"]])
		for p in d["scenarios"][0]["parts"]]')" = \
		"[('first', ['select', 'epoll'], [10, 20], ['epoll-is-leaner', 'epoll-is-small'])]" ]
	[ "$(wc -l <run/trials.jsonl)" -eq 4 ]
	# The page begins with what was asked.
	[[ "$(head -1 run/report/report.md)" == "# What became of 2 claims: 2 inconclusive." ]]
	grep -q '^!\[.*charts/run-claims.svg' run/report/report.md || ! command -v gnuplot
}

@test "a claim that is not there is answered with the nearest, wrong use with what would be right" {
	run "$TENK" claims run loop-250x-leanr
	[ "$status" -eq 2 ]
	[[ "$output" == *'there is no claim "loop-250x-leanr"; did you mean "loop-250x-leaner"?'* ]]
	run "$TENK" claims run
	[ "$status" -eq 2 ]
	[[ "$output" == *"say which claim"* ]]
	run "$TENK" claims run loop-250x-leaner loop-costs-8bk
	[ "$status" -eq 2 ]
	[[ "$output" == *'there is no claim "loop-costs-8bk"; did you mean "loop-costs-8kb"?'* ]]
	run "$TENK" claims run hello hello
	[ "$status" -eq 2 ]
	[[ "$output" == *'scenario "hello" is named twice'* ]]
	run "$TENK" claims run peers
	[ "$status" -eq 2 ]
	[[ "$output" == *'scenario "peers" has no claim to decide'* ]]
	run "$TENK" claims run loop-250x-leaner --servers epoll
	[ "$status" -eq 2 ]
	run "$TENK" run peers --until-decided --out run
	[ "$status" -eq 2 ]
	[[ "$output" == *"has a claim to decide"* ]]
	[ ! -e run ]
	run "$TENK" run memory --until-decided --trials 3
	[ "$status" -eq 2 ]
	[[ "$output" == *"leave out --trials"* ]]
	run "$TENK" claims run bun-installs-faster # which is out of scope
	[ "$status" -eq 2 ]
	[[ "$output" == *"bun-installs-faster is listed and not tested: Out of scope"* ]]
}
