# tenk-load against tests/truth-server: what the tests of both folders share.

start_truth() {
	start_server "$BUILD/tests/truth-server" "$@"
}

teardown() {
	[ -z "${pid-}" ] || kill -9 "$pid" 2>/dev/null || true
}

# Loads the server, the report in load.json and the server's own record in truth.json.
measure() {
	report=$BATS_TEST_TMPDIR/load.json
	code=0
	"$LOAD" --quiet --json "$report" "$@" "http://127.0.0.1:$port/" 2>"$BATS_TEST_TMPDIR/load.err" || code=$?
	curl -s -m 10 "http://127.0.0.1:$port/truth" >"$BATS_TEST_TMPDIR/truth.json"
}

# Whether an expression over the report `d` and the server's truth `t` holds; ms converts.
holds() {
	python3 -c 'import json, sys
d, t = (json.load(open(f)) for f in sys.argv[1:3])
ms = 1e6
ok = eval(sys.argv[3])
if not ok:
    print(sys.argv[3], "does not hold for", {k: d[k] for k in ("latency", "service_time", "errors", "unanswered_age", "requests")}, t)
sys.exit(not ok)' "$report" "$BATS_TEST_TMPDIR/truth.json" "$1"
}

# A server that writes its requests to $record, and answers after so many seconds, in parts.
start_recorder() {
	record=$BATS_TEST_TMPDIR/record
	python3 tests/cli/recorder.py "$BATS_TEST_TMPDIR/port" "$record" "$@" 3>&- &
	pid=$!
	eventually test -e "$BATS_TEST_TMPDIR/port"
	port=$(json "$BATS_TEST_TMPDIR/port" 'd["port"]')
}
