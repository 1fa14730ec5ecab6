#!/usr/bin/env bats
# docs/threads-or-events.md: each command on the page runs, one after the other as a reader types them, and
# what the page promises of them comes out.
bats_require_minimum_version 1.5.0

load ../cli/helpers

PAGE=docs/threads-or-events.md

# Its blocks of commands as one script. A folder of the test's own stands for the clone's, other ports for
# those of the page, which may be taken, and all is shorter.
commands_of_page() {
	python3 - "$PAGE" <<'END'
import re, socket, sys
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
ports = {f"800{n}": str(taken.getsockname()[1]) for n, taken in enumerate(sockets, 1)}
print("set -eu\nsleep() { command sleep $(($1 + 1)); }")
for block in re.findall(r"^```sh\n(.*?)^```", open(sys.argv[1]).read(), re.DOTALL | re.MULTILINE):
    block = re.sub(r"\b800[123]\b", lambda match: ports[match[0]], block)
    block = re.sub(r"--duration \ds", "--duration 2s --warmup 0", block)
    block = block.replace("--duration 2s --warmup 0 --quiet", "--duration 6s --quiet")
    block = block.replace("run quick ", "run quick --trials 1 ").replace("trials: 5", "trials: 1")
    # This machine may be too busy to measure, which is no mistake of the page: 4, and of a load 3, since it
    # was not borne.
    block = re.sub(r"^(build/release/tenk run .*)$", r"\1 || [ $? -eq 4 ]", block, flags=re.MULTILINE)
    block = block.replace("'1:blocking GET /block/50'", "'1:blocking GET /block/50' || [ $? -eq 3 ]")
    print(block)
END
}

setup() {
	folder=$BATS_TEST_TMPDIR/clone
	mkdir -p "$folder/build"
	ln -s "$PWD/$BUILD" "$folder/build/release"
	commands_of_page >"$BATS_TEST_TMPDIR/page.sh"
}

teardown() {
	[ -z "${leader-}" ] || kill -- "-$leader" 2>/dev/null || true
}

# The answers a second that tenk-load says, one line for each time.
rates() {
	sed -nE 's/^  rate +([0-9.]+)\/s .*/\1/p' "$1"
}

# bats test_tags=alone
@test "every command of the lesson runs, and shows what the lesson says" {
	[ "$(grep -c '^```sh' "$PAGE")" -ge 10 ]
	cd "$folder"
	setsid bash "$BATS_TEST_TMPDIR/page.sh" >"$BATS_TEST_TMPDIR/said" 2>"$BATS_TEST_TMPDIR/errors" 3>&- &
	leader=$!
	wait "$leader" || { cat "$BATS_TEST_TMPDIR/said" "$BATS_TEST_TMPDIR/errors"; false; }
	# A thread for each connection, once with small stacks; one for all of the others.
	run grep -c '^Threads:.*10[0-9][0-9]$' "$BATS_TEST_TMPDIR/said"
	[ "$output" -eq 2 ]
	run grep -c '^Threads:.*[^0-9]1$' "$BATS_TEST_TMPDIR/said"
	[ "$output" -eq 2 ]
	grep -q 'a context switch' "$BATS_TEST_TMPDIR/said"
	ls results/*-quick/report/index.html results/*-leaner/report/index.html
	grep -q 'loop-250x-leaner' "$BATS_TEST_TMPDIR/said"
	# /wait/50, /block/50, with four helpers, the two mixes, coroutines, four helpers once more. A second holds
	# no more of what takes 50 ms than the page says, but for the edges of a short time.
	run rates "$BATS_TEST_TMPDIR/said"
	[ "${#lines[@]}" -eq 7 ]
	python3 - "${lines[@]}" <<'END'
import sys
wait, block, four, _, _, coroutines, four_of_64 = map(float, sys.argv[1:])
assert 22 < wait <= 330, wait
assert 0 < block <= 22 and 0 < coroutines <= 22, (block, coroutines)
assert 22 < four <= 88 and 22 < four_of_64 <= 88, (four, four_of_64)
END
}
