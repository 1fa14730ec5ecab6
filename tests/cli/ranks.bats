#!/usr/bin/env bats
# tenk-load-mpi: several processes that are one generator, all on this machine.
# bats file_tags=alone
bats_require_minimum_version 1.5.0

load helpers
load truth

RANKS=$BUILD/tenk-load-mpi

setup() {
	[ -x "$RANKS" ] || skip "tenk-load-mpi was not built: MPI is not installed"
	command -v mpirun >/dev/null || skip "mpirun is not installed"
	export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
	# Ranks that wait must not keep the cores, of which there may be one.
	export OMPI_MCA_mpi_yield_when_idle=1 OMPI_MCA_rmaps_base_oversubscribe=1
}

# As `measure` of truth.bash, by three ranks.
measure_by_ranks() {
	report=$BATS_TEST_TMPDIR/load.json
	code=0
	timeout 60 mpirun -np 3 --oversubscribe --bind-to none "$RANKS" --json "$report" "$@" \
		"http://127.0.0.1:$port/" >"$BATS_TEST_TMPDIR/load.out" 2>"$BATS_TEST_TMPDIR/load.err" 3>&- || code=$?
	curl -s -m 10 "http://127.0.0.1:$port/truth" >"$BATS_TEST_TMPDIR/truth.json" || true
	grep -q '^{' "$BATS_TEST_TMPDIR/truth.json" || echo '{}' >"$BATS_TEST_TMPDIR/truth.json"
}

# No rank of ours is left; an mpirun that was started in the background has ended, too.
nobody_is_left() {
	! pgrep -f "$RANKS .*:$port/" >/dev/null
}

@test "a rate and connections are divided, and every request is counted once" {
	start_truth --delay 2ms
	measure_by_ranks --connections 7 --rate 300 --duration 3s
	cat "$BATS_TEST_TMPDIR/load.err"
	[ "$code" -eq 0 ]
	holds '891 <= d["requests"]["due"] <= 909 and d["requests"]["due"] == d["requests"]["good"] == d["latency"]["count"]'
	holds 'len(d["ranks"]) == 3 and not d["partial"]'
	holds 'sum(r["good"] for r in d["ranks"]) == d["requests"]["good"]'
	holds 'sorted(r["connections"] for r in d["ranks"]) == [2, 2, 3]'
	holds 'all(abs(r["good"] - 300) <= 3 for r in d["ranks"])'
	holds 'd["latency"]["p50_ns"] >= 2 * ms'
	grep -q '3 on 1 machine; clocks agree to within' "$BATS_TEST_TMPDIR/load.out"
	eventually nobody_is_left
}

@test "a closed loop and a mix work as with one process" {
	start_server "$BUILD/server-epoll"
	measure_by_ranks --connections 6 --duration 1s --request '3:a GET /plaintext' --request '1:b GET /json'
	[ "$code" -eq 0 ]
	holds '[m["name"] for m in d["mix"]] == ["a", "b"] and sum(m["good"] for m in d["mix"]) == d["requests"]["good"] > 0'
	holds 'all(m["windows"] in (9, 10) for m in d["mix"])'
}

@test "a burst is due at the same moment on all ranks" {
	start_truth
	measure_by_ranks --connections 30 --burst --duration 2s
	[ "$code" -eq 0 ]
	holds 'd["requests"]["due"] == d["requests"]["good"] == 30'
}

# Each connection's answers are longer than those of the one before.
start_growing() {
	python3 - "$BATS_TEST_TMPDIR/port" 3>&- <<'END' &
import json, socket, sys, threading

def serve(connection, length):
    with connection:
        while connection.recv(4096):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % length + b"x" * length)

listener = socket.create_server(("127.0.0.1", 0))
json.dump({"port": listener.getsockname()[1]}, open(sys.argv[1], "w"))
for length in range(10, 1000):
    threading.Thread(target=serve, args=(listener.accept()[0], length), daemon=True).start()
END
	pid=$!
	eventually test -s "$BATS_TEST_TMPDIR/port"
	port=$(json "$BATS_TEST_TMPDIR/port" 'd["port"]')
}

@test "ranks that learnt different lengths of answers had wrong ones" {
	start_growing
	measure_by_ranks --connections 3 --rate 30 --duration 1s
	[ "$code" -eq 1 ]
	holds 'd["outcome"] == "wrong_answers" and sum(r["problem"] is not None for r in d["ranks"]) == 2'
	grep -q 'its answers were of' "$BATS_TEST_TMPDIR/load.out"
}

@test "who cannot reach the server says so before the run, and names machine and rank" {
	port=1
	measure_by_ranks --connections 3 --rate 30 --duration 1s
	[ "$code" -ne 0 ]
	grep -q 'cannot reach 127.0.0.1, port 1: Connection refused' "$BATS_TEST_TMPDIR/load.err"
	[ "$(grep -c 'cannot reach' "$BATS_TEST_TMPDIR/load.err")" -eq 1 ]
}

@test "bad options are told once" {
	port=1
	measure_by_ranks --connections 2 --rate 30
	[ "$code" -ne 0 ]
	[ "$(grep -c 'too few for 3 ranks' "$BATS_TEST_TMPDIR/load.err")" -eq 1 ]
	measure_by_ranks --conections 2
	[ "$code" -ne 0 ]
	[ "$(grep -c 'there is no option --conections' "$BATS_TEST_TMPDIR/load.err")" -eq 1 ]
}

# A load of a minute, in the background.
start_long_load() {
	report=$BATS_TEST_TMPDIR/load.json
	mpirun -np 3 --oversubscribe --bind-to none "$RANKS" --json "$report" --connections 6 --rate 60 \
		--duration 60s "http://127.0.0.1:$port/" >"$BATS_TEST_TMPDIR/load.out" 2>"$BATS_TEST_TMPDIR/load.err" 3>&- &
	loader=$!
	eventually has_three
	sleep 2.5
}

has_three() {
	[ "$(pgrep -cf "^$RANKS .*:$port/")" -eq 3 ]
}

rank_pid() {
	for pid_of_one in $(pgrep -f "^$RANKS .*:$port/"); do
		if tr '\0' '\n' <"/proc/$pid_of_one/environ" | grep -qx "OMPI_COMM_WORLD_RANK=$1"; then
			echo "$pid_of_one"
		fi
	done
}

@test "a rank that is killed ends the run within seconds, is named, and the rest is kept as partial" {
	start_truth
	start_long_load
	kill -9 "$(rank_pid 2)"
	began=$SECONDS
	code=0
	wait "$loader" || code=$?
	[ "$code" -ne 0 ]
	[ $((SECONDS - began)) -le 10 ]
	eventually nobody_is_left
	cat "$BATS_TEST_TMPDIR/load.err"
	grep -q 'rank 2 on .* was lost' "$BATS_TEST_TMPDIR/load.err"
	echo '{}' >"$BATS_TEST_TMPDIR/truth.json"
	holds 'd["partial"] and [r["missing"] for r in d["ranks"]] == [False, False, True]'
	holds 'd["requests"]["good"] > 0 and d["outcome"] == "interrupted"'
}

@test "Ctrl-C at rank 0, or at mpirun, ends all of them orderly, with what all of them measured" {
	start_truth
	echo '{}' >"$BATS_TEST_TMPDIR/truth.json"
	start_long_load
	kill -INT "$(rank_pid 0)"
	wait "$loader" || true
	eventually nobody_is_left
	holds 'not d["partial"] and d["outcome"] == "interrupted" and all(r["good"] > 0 for r in d["ranks"])'
	start_long_load
	kill -INT "$loader"
	wait "$loader" || true
	eventually nobody_is_left
	holds 'not d["partial"] and d["outcome"] == "interrupted" and all(r["good"] > 0 for r in d["ranks"])'
}

@test "a search runs on all ranks, one trial after another" {
	start_truth --delay 5ms
	echo '{}' >"$BATS_TEST_TMPDIR/truth.json"
	report=$BATS_TEST_TMPDIR/load.json
	mpirun -np 3 --oversubscribe --bind-to none "$RANKS" --json "$report" --connections 6 --duration 500ms \
		--warmup 100ms --find-max 200ms "http://127.0.0.1:$port/" >"$BATS_TEST_TMPDIR/load.out" 2>&1 3>&- &
	loader=$!
	eventually has_three
	sleep 9
	kill -INT "$(rank_pid 0)"
	wait "$loader" || true
	eventually nobody_is_left
	# Of six connections that are each busy for 5 ms there are 1,200 answers a second.
	holds 'len(d["capacity"]["trials"]) >= 2 and all(300 < t["rate_per_s"] < 2500 for t in d["capacity"]["trials"])'
	holds 'any(t["held"] for t in d["capacity"]["trials"]) and len(d["ranks"]) == 3 and not d["partial"]'
	# They are of the trial that is told, not of the last.
	holds 'sum(r["good"] for r in d["ranks"]) == d["requests"]["good"] > 0'
}
