#!/usr/bin/env bats
# tenk choose: what stored runs say of a need, and what is asked for it.
bats_require_minimum_version 1.5.0

load helpers

setup() {
	TENK=$(realpath "$TENK")
	export LC_ALL=C.UTF-8
}

# The same without the ends of lines, which may be anywhere: flat ARGUMENT... is run and sets status and output.
flat() {
	run "$TENK" choose "$@"
	output=$(tr -s '\n ' ' ' <<<"$output")
}

# At a terminal of its own, with these lines typed: typed LINES ARGUMENT...; prints what comes back.
typed() {
	python3 - "$TENK" "$@" <<-'END'
		import os, pty, sys
		program, lines, arguments = sys.argv[1], sys.argv[2], sys.argv[3:]
		child, terminal = pty.fork()
		if child == 0:
		    os.execv(program, [program, "choose", *arguments])
		os.write(terminal, lines.encode())
		seen = b""
		try:
		    while data := os.read(terminal, 65536):
		        seen += data
		except OSError:  # its end
		    pass
		print(seen.decode().replace("\r", ""))
		sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
	END
}

@test "the answer is a sentence, a table, and the runs that it rests on" {
	flat --published --connections 10k --work wait
	[ "$status" -eq 0 ]
	[[ "$output" == "10,000 connections, requests for /wait: Take "*"("*"). "* ]]
	[[ "$output" == *"thread-per-connection takes "*" times the CPU per request ["*"] at 10,000 connections, each request waiting"* ]]
	[[ "$output" == *" from "*" epoll "*" a ten-thousand/second: 10,000 connections, a wait of 1 s"*"; run ten-thousand of "* ]]
	[[ "$output" == *"(results/reference/ten-thousand)"* ]]
}

@test "a stored run that cannot be read is left out, with a word, unless it was named" {
	mkdir -p "$BATS_TEST_TMPDIR/results/broken"
	cp -r results/reference "$BATS_TEST_TMPDIR/results/reference"
	cp results/reference/quick/run.json "$BATS_TEST_TMPDIR/results/broken/run.json" # and no trials
	cd "$BATS_TEST_TMPDIR"
	run --separate-stderr -0 "$TENK" choose --connections 10k --work wait
	[[ "$output" == *" Take "* ]]
	# shellcheck disable=SC2154
	[[ "$stderr" == "warning: left out: results/broken/trials.jsonl: No such file"* ]]
	run -2 "$TENK" choose --work wait results/broken
	[[ "$output" == *"results/broken/trials.jsonl"* ]]
}

@test "as JSON every figure has the cell and the run that it is from, or why there is none" {
	"$TENK" choose --published --work wait --memory 64MiB --json >"$BATS_TEST_TMPDIR/choice.json"
	[ "$(json "$BATS_TEST_TMPDIR/choice.json" '[all(("why" in f) != ("place" in f and os.path.isdir(f["place"]["folder"]))
		for r in d["rows"] for f in r["figures"].values()) for os in [__import__("os")]]')" = "[True]" ]
	# Who takes more than there is does not fit, and is not taken.
	[ "$(json "$BATS_TEST_TMPDIR/choice.json" '[r["fit"] for r in d["rows"] if r["server"] == "thread-per-connection"], [r["fit"]
		for r in d["rows"] if r["server"] == d["take"]], d["needs"]["memory_bytes"] == 64 << 20')" = "(['fails'], ['fits'], True)" ]
}

@test "a scenario's name stands for what it asks for first" {
	"$TENK" choose --published --work database --connections 64 --json >"$BATS_TEST_TMPDIR/choice.json"
	[ "$(json "$BATS_TEST_TMPDIR/choice.json" 'd["needs"]["work"]')" = query ]
	"$TENK" choose --published --work hello --connections 64 --json >"$BATS_TEST_TMPDIR/choice.json"
	[ "$(json "$BATS_TEST_TMPDIR/choice.json" 'd["needs"]["work"], d["rows"][0]["figures"]["work"]["place"]["connections"]')" = "('plaintext', 64.0)" ]
}

@test "what is far from what was measured is told, and how it would be measured" {
	flat --published --work query --connections 5k
	[ "$status" -eq 0 ]
	[[ "$output" == *"Measured at 64 connections: at 5,000 it may be otherwise."* ]]
	[[ "$output" == *"not measured: what a request costs near 5,000 connections: tenk run"* ]]
}

@test "without any run it says so, and what would measure it" {
	cd "$BATS_TEST_TMPDIR"
	mkdir -p results/reference # in place of those that came with tenk
	flat --work wait
	[ "$status" -eq 0 ]
	[[ "$output" == *"Not measured: no run here has a figure of it."* ]]
	[[ "$output" == *"not measured: what a request costs: tenk run ten-thousand"* ]]
}

@test "what needs a greater machine than this one says so" {
	cd "$BATS_TEST_TMPDIR"
	mkdir -p results/reference
	flat --work plaintext --cores 5k
	[ "$status" -eq 0 ]
	[[ "$output" == *"--server-cores 0-4999, on a machine of more than 5,000 cores"* ]]
}

@test "runs can be named, and what was measured elsewhere is said" {
	cp -r results/reference/ten-thousand "$BATS_TEST_TMPDIR/elsewhere"
	chmod -R u+w "$BATS_TEST_TMPDIR/elsewhere" # of an installed copy it is not
	python3 - "$BATS_TEST_TMPDIR/elsewhere/run.json" <<-'END'
		import json, sys
		run = json.load(open(sys.argv[1]))
		run["environment"]["cpu_model"] = "Example 9000"
		json.dump(run, open(sys.argv[1], "w"))
	END
	flat --work wait "$BATS_TEST_TMPDIR/elsewhere"
	[ "$status" -eq 0 ]
	[[ "$output" == *"another machine, or on this one as it was"* ]]
	[[ "$output" == *"cpu_model Example 9000 ->"* ]]
	[[ "$output" != *"results/reference"* ]]
	run "$TENK" choose --work wait "$BATS_TEST_TMPDIR/none"
	[ "$status" -eq 2 ]
	[[ "$output" == *"none"*"No such file"* ]]
}

@test "at a terminal it asks, each with a default, and again after what is no answer" {
	run typed $'\nwiat\nwait\n\n64MiB\n' --published
	[ "$status" -eq 0 ]
	[[ "$output" == *"How many connections are open at once? (a number) [10k]"* ]]
	[[ "$output" == *"What do requests ask for? ("*"plaintext"*"wait"*") [plaintext]"* ]]
	[[ "$output" == *'there is no work "wiat"; did you mean "wait"?'* ]]
	[[ "$output" == *"10,000 connections, requests for /wait, 64.0 MiB of memory:"* ]]
	[[ "$output" == *"Take "* ]]
	run typed $'\n\n\n\n' --published
	[ "$status" -eq 0 ]
	[[ "$output" == *"10,000 connections, requests for /plaintext:"* ]]
}

@test "at a terminal it asks no longer than somebody answers" {
	run typed $'x\nx\nx\n'
	[ "$status" -eq 2 ]
	[[ "$output" == *"nothing is chosen"* ]]
	run typed $'\x04'
	[ "$status" -eq 2 ]
	[[ "$output" == *"no answer: nothing is chosen"* ]]
}

@test "with options nothing is asked; without a terminal it says which to give" {
	run typed '' --published --cores 1
	[ "$status" -eq 0 ]
	[[ "$output" != *"?"* ]]
	run "$TENK" choose </dev/null
	[ "$status" -eq 2 ]
	[[ "$output" == *"--connections N, --work WORK, --cores N and --memory SIZE"* ]]
}

@test "wrong use is refused with a word on what is right" {
	run "$TENK" choose --work dance
	[ "$status" -eq 2 ]
	[[ "$output" == *'--work: there is no work "dance"'*"plaintext"*"query"* ]]
	run "$TENK" choose --connections 1q
	[ "$status" -eq 2 ]
	[[ "$output" == *'--connections: '*'unit "q"'* ]]
	for wrong in "--connections 0" "--cores 0" "--memory 0" "--memory much"; do
		# shellcheck disable=SC2086
		run "$TENK" choose $wrong
		[ "$status" -eq 2 ]
	done
	run "$TENK" choose --json --full
	[ "$status" -eq 2 ]
	run "$TENK" choose --published results/reference/quick
	[ "$status" -eq 2 ]
	run "$TENK" choose --work=wait --json --conections 3
	[ "$status" -eq 2 ]
	[[ "$output" == *"--connections"* ]]
}

@test "shells are offered the kinds of work" {
	"$TENK" --complete choose --work wa | grep -q "^wait"
	"$TENK" --complete choose --work= | cut -f 1 | grep -qx -- --work=query
}
