# What the command-line tests share. BUILD names the build to test; tests run from the top folder.
BUILD=${BUILD:-build/release}
TENK=$BUILD/tenk
LOAD=$BUILD/tenk-load
FIXTURES=tests/fixtures/cli

# The value of a Python expression over a JSON file: `json FILE 'd["status"]'`.
json() {
	python3 -c 'import json, sys; d = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$@"
}

# The same over the lines of a trials.jsonl, as a list.
trials() {
	python3 -c 'import json, sys
t = [json.loads(line) for line in open(sys.argv[1] + "/trials.jsonl") if line.endswith("\n")]
print(eval(sys.argv[2]))' "$@"
}

# Runs on in a session of its own, so that what it leaves behind can be found; sets `leader`.
start_in_session() {
	setsid "$@" >"$BATS_TEST_TMPDIR/stdout" 2>"$BATS_TEST_TMPDIR/stderr" 3>&- &
	leader=$!
}

# Waits, ten seconds at most, until the command succeeds.
eventually() {
	local tries

	for tries in $(seq 200); do
		"$@" && return 0
		sleep 0.05
	done
	return 1
}

# Whether no process of the session is left but zombies.
session_is_empty() {
	[ -z "$(ps -o stat= -s "$1" | sed '/^Z/d')" ]
}

# Where a run took its memory from.
source_of() {
	json "$1/run.json" 'd["memory_source"]["name"]'
}

# Prints what a metric grows by with each connection, for each server.
slopes() {
	python3 - "$1" "$2" <<'END'
import json, statistics, sys
trials = [json.loads(line) for line in open(sys.argv[1] + "/trials.jsonl")]
for server in sorted({t["server"] for t in trials}):
    points = [(t["point"]["connections"], t["metrics"][sys.argv[2]]) for t in trials
              if t["server"] == server and t["outcome"] == "ok"]
    print(server, statistics.linear_regression(*zip(*points)).slope)
END
}

# The folder of our memory cgroup, version 1 or 2; fails if there is none.
memory_group() {
	local own

	own=$(sed -n 's/^[0-9]*:memory://p' /proc/self/cgroup)
	if [ -n "$own" ]; then
		echo "/sys/fs/cgroup/memory$own"
	else
		own=$(sed -n 's/^0:://p' /proc/self/cgroup)
		echo "/sys/fs/cgroup$own"
		grep -qw memory "/sys/fs/cgroup$own/cgroup.controllers" 2>/dev/null
	fi
}

# start_server PROGRAM [OPTION...]: on a port of its own choice; sets pid and port. What it says on stderr is
# in server.err beside the tests' other files.
start_server() {
	local folder=${BATS_TEST_TMPDIR:-$BATS_FILE_TMPDIR}

	"$@" --listen 127.0.0.1:0 --ready-fd 4 4>"$folder/ready" 2>"$folder/server.err" 3>&- &
	pid=$!
	eventually grep -q ready "$folder/ready"
	port=$(json "$folder/ready" 'd["port"]')
}

# Whether nothing is left of the groups that the tenk of this pid has made.
no_group_is_left() {
	local group

	group=$(memory_group) || return 0
	[ ! -e "$group/tenk-$1" ]
}

has_trials() {
	[ -e "$1/trials.jsonl" ] && [ "$(wc -l <"$1/trials.jsonl")" -ge "$2" ]
}

# The servers of other people that can be started here, in all profiles, with commas between them.
installed_reference_servers() {
	"$TENK" list --json | python3 -c 'import json, sys
print(",".join(s["name"] for s in json.load(sys.stdin)["servers"] if not s["own"] and not s["missing"]))'
}
