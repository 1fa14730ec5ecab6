#!/usr/bin/env bats
# A comparison says the same in every format, and each is what its readers read.
bats_require_minimum_version 1.5.0

load helpers

# Python with a reader of OpenMetrics, where one has it.
python_with_reader() {
	local python

	for python in python3 /usr/bin/python3; do
		if "$python" -c 'import jsonschema, prometheus_client' 2>/dev/null; then
			echo "$python"
			return
		fi
	done
	echo python3
}

# Writes a comparison in all formats into a folder: FOLDER COLUMNS COMMAND...
write_formats() {
	local folder=$1 columns=$2

	shift 2
	mkdir "$folder"
	COLUMNS=$columns "$@" --json "$folder/all.json" --markdown "$folder/all.md" --junit "$folder/all.xml" \
		--openmetrics "$folder/all.om" --bencher "$folder/bencher.json" \
		--github-action-benchmark "smaller=$folder/smaller.json,bigger=$folder/bigger.json" >"$folder/all.txt"
}

# Made-up comparisons, written and read: FIXTURE COLUMNS...
read_formats() {
	local folders=()

	while [ $# -gt 0 ]; do
		write_formats "$BATS_TEST_TMPDIR/$1" "$2" "$BUILD/tests/compare-formats" "$1"
		folders+=("$BATS_TEST_TMPDIR/$1")
		shift 2
	done
	"$(python_with_reader)" tests/cli/formats.py "${folders[@]}"
}

@test "figures are the same in all formats, whatever came of the comparison" {
	read_formats every 120 one 80 advice 80 empty 80 many 200
}

@test "figures of a run are the same in all formats" {
	ls results/reference/quick/run.json >/dev/null 2>&1 || skip "no run is published"
	write_formats "$BATS_TEST_TMPDIR/quick" 150 "$TENK" compare results/reference/quick --base epoll --head libuv ||
		[ $? -eq 5 ]
	"$(python_with_reader)" tests/cli/formats.py "$BATS_TEST_TMPDIR/quick"
}

@test "names that try to break out of a format stay names" {
	read_formats hostile 250
	run ! grep -q $'\e' "$BATS_TEST_TMPDIR"/hostile/*
}

@test "a reader of OpenMetrics was there" {
	[ "$("$(python_with_reader)" -c 'import prometheus_client; print("is")' 2>/dev/null)" = is ] ||
		skip "python3-prometheus-client is not installed (scripts/install-deps check)"
}

@test "the JUnit file is valid" {
	command -v xmllint >/dev/null || skip "xmllint is not installed (scripts/install-deps check)"
	for fixture in every hostile many empty; do
		"$BUILD/tests/compare-formats" "$fixture" --junit - 2>/dev/null |
			xmllint --nonet --noout --schema tests/cli/junit.xsd -
	done
	echo '<testsuites tests="1" failures="0" errors="0"><testsuite/></testsuites>' >"$BATS_TEST_TMPDIR/bad.xml"
	run xmllint --nonet --noout --schema tests/cli/junit.xsd "$BATS_TEST_TMPDIR/bad.xml"
	[ "$status" -ne 0 ]
}

@test "annotations are ten lines at most, and none begins another" {
	for fixture in every hostile many empty; do
		"$BUILD/tests/compare-formats" "$fixture" --annotations --json - \
			>"$BATS_TEST_TMPDIR/json" 2>"$BATS_TEST_TMPDIR/said"
		python3 - "$BATS_TEST_TMPDIR" <<'END'
import json, re, sys

folder = sys.argv[1]
document = json.load(open(folder + "/json"))
lines = [line for line in open(folder + "/said").read().split("\n") if line.startswith("::")]
print("\n".join(lines))
assert 1 <= len(lines) <= 10, len(lines)
found = [re.fullmatch(r"::(error|warning|notice) title=([^:,]*)::(.*)", line).groups() for line in lines]
decode = lambda text: re.sub("%([0-9A-F]{2})", lambda m: chr(int(m[1], 16)), text)
assert decode(found[0][2]) == document["sentence"], found[0]
assert found[0][0] == {"ok": "notice", "improvement": "notice", "inconclusive": "warning"}.get(document["outcome"], "error")
bad = [i for i in document["comparisons"] if i["gating"] and not i["accepted"] and i["outcome"] in ("regression", "invalid")]
assert len(bad) < 2 or sum(level == "error" for level, _, _ in found) > 1
assert len(document["comparisons"]) < 20 or "more" in " ".join(decode(message) for _, _, message in found[-2:])
END
	done
}

@test "the summary of a step is appended to, and standard output belongs to one file" {
	export GITHUB_STEP_SUMMARY=$BATS_TEST_TMPDIR/summary
	echo "# of another step" >"$GITHUB_STEP_SUMMARY"
	"$BUILD/tests/compare-formats" one --step-summary --markdown - >"$BATS_TEST_TMPDIR/md" 2>"$BATS_TEST_TMPDIR/table"
	[ "$(head -1 "$GITHUB_STEP_SUMMARY")" = "# of another step" ]
	tail -n +2 "$GITHUB_STEP_SUMMARY" | cmp - "$BATS_TEST_TMPDIR/md"
	grep -q '^No regression: ' "$BATS_TEST_TMPDIR/table"
	run -2 "$BUILD/tests/compare-formats" one --json - --junit -
	[[ "$output" == *"standard output is to be written twice"* ]]
}

@test "a file that cannot be written is refused before anything is measured, and nothing is left" {
	run -2 "$BUILD/tests/compare-formats" one --json "$BATS_TEST_TMPDIR/none/a.json"
	[[ "$output" == *"--json: cannot write $BATS_TEST_TMPDIR/none/a.json: No such file"* ]]
	run -2 "$BUILD/tests/compare-formats" one --junit "$BATS_TEST_TMPDIR/a.xml" --bencher "$BATS_TEST_TMPDIR"
	[ ! -e "$BATS_TEST_TMPDIR/a.xml" ]
	run -2 "$BUILD/tests/compare-formats" one --github-action-benchmark "larger=x"
	[[ "$output" == *"neither smaller=FILE nor bigger=FILE"* ]]
	run -2 env -u GITHUB_STEP_SUMMARY "$BUILD/tests/compare-formats" one --step-summary
	[[ "$output" == *"GITHUB_STEP_SUMMARY is not set"* ]]
	"$BUILD/tests/compare-formats" one --json /dev/full >/dev/null && false
	[ $? -eq 1 ]
}

@test "no colour and no more than ASCII but where they belong" {
	export COLUMNS=120
	LC_ALL=C "$BUILD/tests/compare-formats" every >"$BATS_TEST_TMPDIR/ascii"
	run ! grep -qP '[^\x20-\x7e]' "$BATS_TEST_TMPDIR/ascii"
	grep -q 'Server CPU per request .*:.*\*' "$BATS_TEST_TMPDIR/ascii"
	LC_ALL=C.UTF-8 "$BUILD/tests/compare-formats" every | grep -q '●'
	command -v script >/dev/null || skip "script(1) is not installed"
	said=$(TERM=xterm script -qec "$BUILD/tests/compare-formats every" /dev/null </dev/null 3>&-)
	[[ "$said" == *$'\e[31;1mregression\e[0m'* ]]
	said=$(NO_COLOR=1 TERM=xterm script -qec "$BUILD/tests/compare-formats every" /dev/null </dev/null 3>&-)
	[[ "$said" != *$'\e[3'* ]]
}
