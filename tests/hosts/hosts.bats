#!/usr/bin/env bats
# tenk-load-mpi on several machines: namespaces with networks and clocks of their own stand for them (make check-hosts).
bats_require_minimum_version 1.5.0

load ../cli/helpers
load ../cli/truth
load network

RANKS=$PWD/$BUILD/tenk-load-mpi

setup_file() {
	make_network
}

teardown_file() {
	remove_network
}

# A truth-server on machine s.
start_truth_on_s() {
	start_on s "$BUILD/tests/truth-server" "$@" --listen 10.77.0.1:8080 --ready-fd 4 \
		4>"$BATS_TEST_TMPDIR/ready" 2>"$BATS_TEST_TMPDIR/server.err" 3>&- &
	pid=$!
	port=8080
	eventually grep -q ready "$BATS_TEST_TMPDIR/ready"
}

# run_on_hosts HOSTS OPTION...: from machine a; one rank on each, the report in load.json, what the server knows in truth.json.
run_on_hosts() {
	local hosts=$1

	shift
	code=0
	report=$BATS_TEST_TMPDIR/load.json
	on a env OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 mpirun --host "$hosts" --bind-to none \
		--mca btl tcp,self --mca btl_tcp_if_include 10.77.0.0/24 --mca oob_tcp_if_include 10.77.0.0/24 \
		--mca plm_rsh_agent "ssh -F $BATS_FILE_TMPDIR/ssh_config" --mca mpi_yield_when_idle 1 \
		"$RANKS" --json "$report" "$@" http://10.77.0.1:8080/ \
		>"$BATS_TEST_TMPDIR/load.out" 2>"$BATS_TEST_TMPDIR/load.err" 3>&- || code=$?
	cat "$BATS_TEST_TMPDIR/load.err"
	on s curl -s -m 10 http://10.77.0.1:8080/truth >"$BATS_TEST_TMPDIR/truth.json" || echo '{}' >"$BATS_TEST_TMPDIR/truth.json"
}

nobody_is_left() {
	! pgrep -f "$RANKS .*10.77.0.1:8080/" >/dev/null
}

@test "two machines are one generator: rate, counts and percentiles are the server's own" {
	start_truth_on_s --delay 5ms
	run_on_hosts 10.77.0.2,10.77.0.3 --connections 32 --rate 1k --duration 10s
	[ "$code" -eq 0 ]
	holds 'abs(d["requests"]["due"] / 10000 - 1) <= 0.002 and d["requests"]["good"] == d["requests"]["due"]'
	# With the warm-up, and what was under way on the 32 connections when they were closed.
	holds '0 <= t["count"] - d["requests"]["good"] - d["requests"]["good_outside"] <= 32'
	holds 'd["latency"]["p50_ns"] >= 5 * ms and abs(d["latency"]["p50_ns"] / t["p50_ns"] - 1) < 0.2'
	holds '[r["host"] for r in d["ranks"]] == ["a", "b"] and all(r["interface"] == "eth0" for r in d["ranks"])'
	holds 'sum(r["good"] for r in d["ranks"]) == d["requests"]["good"]'
}

@test "clocks that are hours apart are found to be so, to within a millisecond" {
	start_truth_on_s
	run_on_hosts 10.77.0.2,10.77.0.3 --connections 8 --rate 200 --duration 3s
	[ "$code" -eq 0 ]
	# b is 85,000 s ahead of a, by what the kernel was told.
	holds 'abs(d["ranks"][1]["clock_offset_ns"] - 85000 * 1e9) < 1 * ms'
	holds '0 < d["ranks"][1]["clock_uncertainty_ns"] < 1 * ms and abs(d["ranks"][1]["clock_drift_ns"]) < 1 * ms'
	holds 'all(r["told_late_ns"] == 0 for r in d["ranks"])'
	holds 'abs(d["ranks"][0]["due"] - d["ranks"][1]["due"]) <= 2'
}

@test "a stall is charged to every request that it delayed, on all machines" {
	start_truth_on_s --stall 500ms --every 2500ms
	run_on_hosts 10.77.0.2,10.77.0.3 --connections 16 --rate 1k --duration 6s
	[ "$code" -eq 0 ]
	holds '440 * ms <= d["latency"]["p99_ns"] and d["latency"]["p50_ns"] < 20 * ms'
	holds 'sum(c for v, c in d["histogram"] if v > 250 * ms) >= 480'
}

@test "two kinds of delay stay two, whoever measured them" {
	start_truth_on_s --slow 100ms --share 10%
	run_on_hosts 10.77.0.2,10.77.0.3 --connections 200 --rate 500 --duration 6s
	[ "$code" -eq 0 ]
	holds 'd["latency"]["p50_ns"] < 50 * ms and d["latency"]["p99_ns"] >= 100 * ms'
	holds '0.05 <= sum(c for v, c in d["histogram"] if v >= 100 * ms) / d["latency"]["count"] <= 0.2'
}

@test "random arrivals of two machines have nothing in common" {
	start_truth_on_s
	run_on_hosts 10.77.0.2,10.77.0.3 --connections 16 --rate 1k --arrivals poisson --duration 4s
	[ "$code" -eq 0 ]
	holds '3600 <= d["requests"]["due"] <= 4400 and d["ranks"][0]["due"] != d["ranks"][1]["due"]'
}

@test "a machine that cannot reach the server says so before the run" {
	start_truth_on_s
	on b ip route add unreachable 10.77.0.1/32
	run_on_hosts 10.77.0.2,10.77.0.3 --connections 8 --rate 200 --duration 30s
	on b ip route delete unreachable 10.77.0.1/32
	[ "$code" -ne 0 ]
	grep -q 'rank 1 on b: cannot reach 10.77.0.1, port 8080' "$BATS_TEST_TMPDIR/load.err"
	[ "$(json "$BATS_TEST_TMPDIR/truth.json" 'd["count"]')" -eq 0 ]
	eventually nobody_is_left
}

@test "a rank that is killed on another machine ends the run within seconds, and nothing runs on" {
	start_truth_on_s
	run_on_hosts 10.77.0.2,10.77.0.3 --connections 8 --rate 200 --duration 60s &
	began=$SECONDS
	sleep 4
	for victim in $(ip netns pids "$PREFIX-b"); do
		if tr '\0' ' ' <"/proc/$victim/cmdline" | grep -q "^$RANKS "; then
			kill -9 "$victim"
		fi
	done
	wait $! || true
	[ $((SECONDS - began)) -le 20 ]
	eventually nobody_is_left
	grep -q 'rank 1 on b was lost' "$BATS_TEST_TMPDIR/load.err"
	report=$BATS_TEST_TMPDIR/load.json
	holds 'd["partial"] and d["ranks"][1]["missing"] and d["requests"]["good"] > 0'
}

@test "a run's servers are loaded from other machines, and sampled where they are" {
	cat >"$BATS_TEST_TMPDIR/mine.yaml" <<-END
		title: From elsewhere
		question: Is a server loaded from two other machines?
		servers: [epoll, thread-per-connection]
		trials: 2
		load: {get: /plaintext, connections: 16, rate: 500/s, warmup: 200ms, duration: 2s}
		charts: [latency]
	END
	on s env OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_btl=tcp,self \
		OMPI_MCA_btl_tcp_if_include=10.77.0.0/24 OMPI_MCA_oob_tcp_if_include=10.77.0.0/24 \
		OMPI_MCA_plm_rsh_agent="ssh -F $BATS_FILE_TMPDIR/ssh_config" \
		"$TENK" run "$BATS_TEST_TMPDIR/mine.yaml" --hosts 10.77.0.2,10.77.0.3 --out "$BATS_TEST_TMPDIR/run"
	[ "$(trials "$BATS_TEST_TMPDIR/run" '[x["outcome"] for x in t]')" = "['ok', 'ok', 'ok', 'ok']" ]
	trials "$BATS_TEST_TMPDIR/run" 'all(abs(x["metrics"]["requests_per_s"] - 500) < 5 and x["metrics"]["server_cpu_per_request_ns"] > 0 for x in t)' | grep -qx True
	for report in "$BATS_TEST_TMPDIR"/run/load/*.json; do
		[ "$(json "$report" '[(r["host"], r["threads"]) for r in d["ranks"]]')" = "[('s', 0), ('a', 1), ('b', 1)]" ]
	done
	[ "$(json "$BATS_TEST_TMPDIR/run/run.json" 'd["scenarios"][0]["parts"][0]["load"]["hosts"]')" = 10.77.0.2,10.77.0.3 ]
}

# run_there SCENARIO OPTION...: tenk on a, its servers on s; its exit code in $code, the run in $run.
run_there() {
	local host="--server-host 10.77.0.1"

	[[ " $* " == *" --server-host "* ]] && host=
	run=$BATS_TEST_TMPDIR/there
	code=0
	# shellcheck disable=SC2086 # two words or none
	on a env TENK_SSH="ssh -F $BATS_FILE_TMPDIR/ssh_config" "$TENK" run "$@" $host --server-cores 0 --load-cores "$LOAD_CORE" \
		--out "$run" >"$BATS_TEST_TMPDIR/there.out" 2>"$BATS_TEST_TMPDIR/there.err" 3>&- || code=$?
	cat "$BATS_TEST_TMPDIR/there.err"
}

# The other core, where there is one.
LOAD_CORE=$(($(nproc) > 1 ? 1 : 0))

write_steady() {
	cat >"$BATS_TEST_TMPDIR/steady.yaml" <<-END
		title: Steady
		question: What does a request cost?
		servers: [epoll]
		trials: ${1:-3}
		load: {get: /plaintext, connections: 16, rate: 1k/s, warmup: 200ms, duration: ${2:-2s}}
		charts: [latency]
	END
}

no_agent_is_left() {
	! pgrep -f "^$(realpath "$TENK") agent" >/dev/null
}

@test "a server on another machine is sampled there as it would be here: CPU of a request" {
	write_steady 5 4s
	sed -i 's/warmup: 200ms/warmup: 0s/' "$BATS_TEST_TMPDIR/steady.yaml"
	run_there "$BATS_TEST_TMPDIR/steady.yaml"
	[ "$code" -eq 0 ]
	# The kernel's word on all that the server used of CPU in its life: 4,000 requests, to start, the probe, and to end.
	ratio=$(trials "$run" "sorted(x['metrics']['server_cpu_per_request_ns'] * 4000 / (x['server_process']['user_ns'] + x['server_process']['system_ns']) for x in t if x['outcome'] == 'ok')")
	echo "CPU between the two samples, of all that the server used: $ratio" | tee -a "${FIGURES:-/dev/null}"
	python3 -c "import sys; r = $ratio; sys.exit(not (len(r) >= 3 and 0.93 < r[len(r) // 2] <= 1.002))"
	[ "$(json "$run/run.json" 'd["environment"]["server_machine"]["host"], d["cores"]["apart"], d["cores"]["server"]')" = "('10.77.0.1', True, [0])" ]
	grep -q 'the servers run on 10.77.0.1 and are loaded from elsewhere' "$BATS_TEST_TMPDIR/there.err"
	eventually no_agent_is_left
}

@test "a server on another machine is sampled there as it would be here: memory of a connection" {
	cat >"$BATS_TEST_TMPDIR/idle.yaml" <<-END
		title: Idle
		question: What does a connection hold?
		servers: [epoll, thread-per-connection]
		trials: 1
		vary: {connections: [100, 1100]}
		load: {idle: true, each: {get: /plaintext}}
		charts: [memory]
	END
	run_there "$BATS_TEST_TMPDIR/idle.yaml"
	[ "$code" -eq 0 ]
	on s "$TENK" run "$BATS_TEST_TMPDIR/idle.yaml" --server-cores 0 --load-cores "$LOAD_CORE" --out "$BATS_TEST_TMPDIR/here"
	for server in epoll thread-per-connection; do
		for key in resident_bytes virtual_bytes threads; do
			each="{x['point']['connections']: x['metrics']['$key'] for x in t if x['server'] == '$server'}"
			there=$(trials "$run" "(lambda v: (v[1100] - v[100]) / 1000)($each)")
			here=$(trials "$BATS_TEST_TMPDIR/here" "(lambda v: (v[1100] - v[100]) / 1000)($each)")
			echo "$server, $key of a connection: $there sampled from afar, $here where it runs" | tee -a "${FIGURES:-/dev/null}"
			# Sixteen pages of a thousand connections are the program's own file, which others may map or not.
			python3 -c "import sys; sys.exit(not abs($there - $here) <= 0.02 * abs($here) + 66)"
		done
	done
	trials "$run" 'all("different machines" in x["unavailable"]["kernel_both_ends_bytes"] for x in t)' | grep -qx True
	eventually no_agent_is_left
}

@test "a run whose servers' machine is lost for a while loses a trial, and goes on" {
	write_steady 3 4s
	run_there "$BATS_TEST_TMPDIR/steady.yaml" &
	running=$!
	has_begun() { [ -s "$BATS_TEST_TMPDIR/there/trials.jsonl" ]; }
	eventually has_begun
	sleep 2
	pgrep -f "^$(realpath "$TENK") agent" | xargs kill -9
	wait "$running"
	grep -q 'the machine 10.77.0.1 was lost: the connection to it ended' "$BATS_TEST_TMPDIR/there.err"
	run=$BATS_TEST_TMPDIR/there
	[ "$(trials "$run" 'sum(r["code"] == "server_host" for x in t for r in x["reasons"]), sum(x["outcome"] == "ok" for x in t)')" = '(1, 3)' ]
	[ "$(json "$run/run.json" 'd["status"]')" = complete ]
	eventually no_agent_is_left
	run ! pgrep -f "server-epoll --listen=10.77.0.1"
}

@test "a machine that falls silent is found out within seconds" {
	write_steady 1 20s
	run_there "$BATS_TEST_TMPDIR/steady.yaml" &
	running=$!
	is_loaded() { pgrep -f "server-epoll --listen=10.77.0.1" >/dev/null; }
	eventually is_loaded
	sleep 2
	on s ip link set eth0 down
	began=$SECONDS
	while kill -0 "$running" 2>/dev/null && [ $((SECONDS - began)) -lt 25 ]; do
		grep -q 'was lost' "$BATS_TEST_TMPDIR/there.err" 2>/dev/null && break
		sleep 0.2
	done
	lost_after=$((SECONDS - began))
	on s ip link set eth0 up
	wait "$running"
	[ "$lost_after" -le 20 ]
	grep -q 'the machine 10.77.0.1 was lost' "$BATS_TEST_TMPDIR/there.err"
}

@test "a machine that cannot be reached, or has another tenk, is told before the run" {
	write_steady 1
	run_there "$BATS_TEST_TMPDIR/steady.yaml" --server-host 10.77.0.99
	[ "$code" -eq 1 ]
	grep -q 'no tenk answers on 10.77.0.99' "$BATS_TEST_TMPDIR/there.err"
	run_there "$BATS_TEST_TMPDIR/steady.yaml" --server-host 10.77.0.1:/bin/echo
	grep -q 'no tenk answers on 10.77.0.1: ssh ended' "$BATS_TEST_TMPDIR/there.err"
	printf '#!/bin/sh\necho hello\necho "tenk agent 0123456789abcdef"\ncat >/dev/null\n' >"$BATS_TEST_TMPDIR/other"
	chmod +x "$BATS_TEST_TMPDIR/other"
	run_there "$BATS_TEST_TMPDIR/steady.yaml" --server-host "10.77.0.1:$BATS_TEST_TMPDIR/other"
	grep -q 'another build than this one' "$BATS_TEST_TMPDIR/there.err"
	run_there "$BATS_TEST_TMPDIR/steady.yaml" --server-host "10.77.0.1 -v"
	[ "$code" -eq 2 ]
	run_there quick --servers nginx,epoll --server-host 10.77.0.1
	[ "$code" -eq 2 ]
	[ ! -e "$run" ]
}
