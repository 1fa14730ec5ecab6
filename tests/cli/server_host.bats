#!/usr/bin/env bats
# tenk run --server-host, with another process of this machine in the place of another machine's ssh
# (tests/hosts has namespaces with an sshd each).
bats_require_minimum_version 1.5.0

load helpers

setup() {
	cat >"$BATS_TEST_TMPDIR/ssh" <<-'END'
		#!/bin/sh
		# ssh -T -o A -o B... HOST COMMAND, but here.
		while [ "${1#-}" != "$1" ]; do
			[ "$1" = -o ] && shift
			shift
		done
		host=$1
		shift
		[ "$host" = nowhere ] && { echo "ssh: Could not resolve hostname nowhere" >&2; exit 255; }
		echo "Welcome to $host"
		export SSH_CONNECTION='127.0.0.1 4711 127.0.0.1 22'
		exec sh -c "$(echo "$*" | sed "s|$AGENT_IS|$AGENT|")"
	END
	chmod +x "$BATS_TEST_TMPDIR/ssh"
	export TENK_SSH=$BATS_TEST_TMPDIR/ssh
	# By a name of its own a test knows its agents from those of others that run beside it.
	export AGENT=$BATS_TEST_TMPDIR/agent-tenk AGENT_IS
	AGENT_IS=$(realpath "$TENK")
	ln -s "$AGENT_IS" "$AGENT"
	run_folder=$BATS_TEST_TMPDIR/run
	scenario=$BATS_TEST_TMPDIR/mine.yaml
	cat >"$scenario" <<-END
		title: There
		question: Is a server there?
		servers: [epoll, thread-per-connection]
		trials: 2
		load: {get: /plaintext, connections: 4, rate: 200/s, warmup: 100ms, duration: 1s}
		charts: [latency, memory]
	END
}

# Where other tests run, those of a cell may all be spoiled, which is exit code 4.
tenk_run() {
	"$TENK" run "$@" || [ $? -eq 4 ]
}

agent_pids() {
	pgrep -f "^$AGENT agent"
}

no_agent_is_left() {
	! agent_pids >/dev/null
}

@test "servers on another machine are started, sampled and stopped there" {
	tenk_run "$scenario" --server-host there --out "$run_folder" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err"
	trials "$run_folder" 'all(x["metrics"]["server_cpu_per_request_ns"] > 0 and x["metrics"]["resident_bytes"] > 100000 and x["metrics"]["threads"] >= 1 for x in t)' | grep -qx True
	trials "$run_folder" 'len(t) >= 4 and all(x["outcome"] != "failed" and x["server_process"]["exit_code"] == 0 and x["slices"] is None for x in t)' | grep -qx True
	[ "$(json "$run_folder/run.json" 'd["environment"]["server_machine"]["host"], d["cores"]["apart"], d["scenarios"][0]["parts"][0]["load"]["server_host"]')" = "('there', True, 'there')" ]
	[ "$(json "$run_folder/run.json" '"--server-host there" in d["repeat"]')" = True ]
	grep -q 'the servers run on there and are loaded from elsewhere' "$BATS_TEST_TMPDIR/err"
	eventually no_agent_is_left
}

@test "a scenario may name the machine" {
	sed -i 's/duration: 1s/duration: 500ms, server-host: there/; s/trials: 2/trials: 1/' "$scenario"
	tenk_run "$scenario" --out "$run_folder"
	[ "$(json "$run_folder/run.json" 'd["environment"]["server_machine"]["host"]')" = there ]
	[ "$(trials "$run_folder" 'len(t) >= 2')" = True ]
}

@test "a machine that is lost spoils the trial, which is made again" {
	sed -i 's/duration: 1s/duration: 3s/; s/, thread-per-connection//' "$scenario"
	tenk_run "$scenario" --server-host there --out "$run_folder" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" &
	running=$!
	has_server() { pgrep -P "$(agent_pids | paste -sd, | grep . || echo 0)" >/dev/null; }
	eventually has_server
	sleep 1
	agent_pids | xargs kill -9
	wait "$running"
	[ "$(trials "$run_folder" '[r["code"] for x in t for r in x["reasons"]].count("server_host")')" -eq 1 ]
	grep -q 'the machine there was lost: the connection to it ended' "$BATS_TEST_TMPDIR/err"
	[ "$(json "$run_folder/run.json" 'd["status"]')" = complete ]
	trials "$run_folder" 'any(not x["reasons"] or x["reasons"][0]["code"] != "server_host" for x in t)' | grep -qx True
	eventually no_agent_is_left
}

@test "a run of servers on another machine goes on there after an interruption" {
	"$TENK" run "$scenario" --server-host there --out "$run_folder" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" &
	running=$!
	eventually has_trials "$run_folder" 1
	kill -INT "$running"
	wait "$running" || true
	eventually no_agent_is_left
	tenk_run --resume "$run_folder"
	[ "$(json "$run_folder/run.json" 'd["status"], d["environment"]["server_machine"]["host"]')" = "('complete', 'there')" ]
}

@test "a machine that cannot be used is told before the run, with what would help" {
	run -1 --separate-stderr "$TENK" run "$scenario" --server-host nowhere --out "$run_folder"
	[[ $stderr == *'no tenk answers on nowhere: ssh ended; ssh said: ssh: Could not resolve hostname nowhere'* ]]
	[[ $stderr == *"ssh nowhere true"* ]]
	run -1 --separate-stderr "$TENK" run "$scenario" --server-host there:/nowhere/tenk --out "$run_folder"
	[[ $stderr == *'no tenk answers on there: ssh ended'*'/nowhere/tenk'* ]]
	printf '#!/bin/sh\necho "tenk agent 0123456789abcdef"\ncat >/dev/null\n' >"$BATS_TEST_TMPDIR/other"
	chmod +x "$BATS_TEST_TMPDIR/other"
	run -1 --separate-stderr "$TENK" run "$scenario" --server-host "there:$BATS_TEST_TMPDIR/other" --out "$run_folder"
	[[ $stderr == *'tenk on there is another build than this one'* ]]
	run -2 --separate-stderr "$TENK" run "$scenario" --server-host 'there -v' --out "$run_folder"
	[[ $stderr == *'is no name of a machine'* ]]
	[ ! -e "$run_folder" ]
}

@test "what cannot be measured on another machine is told before the run" {
	run -2 --separate-stderr "$TENK" run database --servers epoll --server-host there --out "$run_folder"
	[[ $stderr == *'needs a backend, which tenk makes on this machine only'* ]]
	run -2 --separate-stderr "$TENK" run events --server-host there --out "$run_folder"
	[[ $stderr == *'programs that observe themselves'* ]]
	run -2 --separate-stderr "$TENK" run "$scenario" --server-cmd 'true {port}' --server-host there --out "$run_folder"
	[[ $stderr == *"only tenk's own servers"* ]]
	run -2 --separate-stderr "$TENK" run "$scenario" --server-host there --server-cores 4000 --out "$run_folder"
	[[ $stderr == *'core 4000 of "4000" is not one'* ]]
	[ ! -e "$run_folder" ]
}

@test "the agent is nothing to be typed, and ends when it is told nothing" {
	run -0 "$TENK" agent </dev/null
	[[ $output == "tenk agent "* ]]
}
