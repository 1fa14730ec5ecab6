#!/usr/bin/env bats
# tenk demo: two servers side by side, for a lecture. What is shown, how it ends, and that nothing stays behind.
bats_require_minimum_version 1.5.0

load helpers

# on_terminal ROWSxCOLUMNS[:STOP[:KEYS]] [WORD...]: tenk in a terminal of that size, into $screen, and its exit code.
# After the picture has been drawn STOP times Ctrl and each of KEYS is typed, else Ctrl-C.
on_terminal() {
	screen=$BATS_TEST_TMPDIR/screen
	python3 tests/cli/terminal.py "$screen" "$1" "$TENK" "${@:2}" 3>&-
}

# Whether the closing sentence has figures that were drawn: those in the middle, or the last. FILE SERIES...
says_what_was_drawn() {
	python3 - "$@" <<'END'
import re, sys
lines = open(sys.argv[1], encoding="utf-8").read().splitlines()
drawn = [line for line in lines if re.match(r" +[0-9.]+ s  ", line)]
sentence = next(line for line in lines if line.startswith(("In the middle second", "At ")))
units = {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9, "%": 1, "B": 1, "KiB": 1024, "MiB": 1024 ** 2}
assert len(drawn) >= 4 and len(drawn) % 2 == 0, drawn
for name in sys.argv[2:]:
    for side in (0, 1):
        found = [re.search(name + r" +(?:(-?[0-9.]+) (\S+)|not known)", line) for line in drawn[side::2]]
        known = [(float(f[1]) * units[f[2]], f"{f[1]} {f[2]}") for f in found if f[1]]
        if not known:
            assert "not known" in sentence
            continue
        shown = known[-1] if sentence.startswith("At ") else sorted(known)[(len(known) - 1) // 2]
        assert shown[1] in sentence, (name, side, shown, sentence)
END
}

# The processes of the session whose name begins so, one a line, the oldest first.
processes_of() {
	ps -o pid=,comm= -s "$1" | awk -v name="$2" 'index($2, name) == 1 {print $1}' | sort -n
}

# Whether so many lines were printed.
has_lines() {
	[ "$(wc -l <"$BATS_TEST_TMPDIR/stdout")" -ge "$1" ]
}

@test "without a name, all are listed with what each shows" {
	run -0 "$TENK" demo
	for name in blocking memory idle; do
		[[ "$output" == *"  $name "*"?"* ]]
		[[ "$("$TENK" --complete demo "${name:0:2}")" == "$name"$'\t'*"?"* ]]
	done
}

@test "what is no demonstration, or too long, is wrong use" {
	run -2 "$TENK" demo block
	[[ "$output" == *'no demonstration "block"'*"tenk demo lists them"* ]]
	run -2 "$TENK" demo blocking idle
	run -2 "$TENK" demo blocking --seconds 0
	run -2 "$TENK" demo blocking --seconds 61
	[[ "$output" == *"outside 1 to 60"* ]]
}

@test "blocking: who waits behind what blocks is drawn, and said with what was drawn" {
	start_in_session "$TENK" demo blocking --seconds 3
	wait "$leader"
	[ "$(grep -c '^ .* s  epoll  .*slowest .*answers' "$BATS_TEST_TMPDIR/stdout")" -eq 3 ]
	[ "$(grep -c '^ .* s  epoll --offload 16  .*slowest .*answers' "$BATS_TEST_TMPDIR/stdout")" -eq 3 ]
	says_what_was_drawn "$BATS_TEST_TMPDIR/stdout" slowest
	grep -q 'no measurement.* tenk run offload-tails$' "$BATS_TEST_TMPDIR/stdout"
	[ "$(tail -1 "$BATS_TEST_TMPDIR/stdout")" = 'Once more: tenk demo blocking --seconds 3' ]
	run ! grep -q "$(printf '\033')" "$BATS_TEST_TMPDIR/stdout"
	# A request of 100 ms blocks twice a second; some quick one is due within the first few of them.
	python3 - "$BATS_TEST_TMPDIR/stdout" <<-'END'
		import re, sys
		waits = re.findall(r"s  epoll  +slowest +([0-9.]+) (ms|s) ", open(sys.argv[1]).read())
		assert len(waits) == 3 and all(float(n) * {"ms": 1, "s": 1000}[u] > 80 for n, u in waits), waits
	END
	session_is_empty "$leader"
}

@test "memory: what a connection takes, of the process and, where it is known, of the kernel" {
	start_in_session "$TENK" demo memory --seconds 3
	wait "$leader"
	says_what_was_drawn "$BATS_TEST_TMPDIR/stdout" process kernel together
	grep -q '^At [0-9,]* connections each cost [0-9.]* [KM]iB of the process with a thread' "$BATS_TEST_TMPDIR/stdout"
	if memory_group >"$BATS_TEST_TMPDIR/group" && [ "$("$TENK" doctor --quick | grep -c 'control groups.*below our own')" -eq 1 ]; then
		grep -q 'together .*: [0-9.]* times as much' "$BATS_TEST_TMPDIR/stdout"
	fi
	session_is_empty "$leader"
	no_group_is_left "$leader"
}

@test "idle: what silent connections cost in CPU time" {
	start_in_session "$TENK" demo idle --seconds 3
	wait "$leader"
	says_what_was_drawn "$BATS_TEST_TMPDIR/stdout" CPU
	grep -q 'nearly all silent, took .* % of a core with poll and .* % with epoll: .* times' "$BATS_TEST_TMPDIR/stdout"
	session_is_empty "$leader"
}

@test "on a terminal it is drawn in place, and the last picture stays" {
	on_terminal 24x80 demo blocking --seconds 2
	python3 - "$screen" <<-'END'
		import re, sys
		text = open(sys.argv[1], encoding="utf-8").read()
		live, left = text.split("\x1b[?1049l")
		assert live.startswith("\x1b[?1049h\x1b[?25l") and live.endswith("\x1b[?25h")
		assert 2 <= live.count("\x1b[H") <= 400, live.count("\x1b[H")
		assert "▁" in left or "█" in left
		plain = re.sub("\x1b\\[[0-9]*m", "", left).replace("\r", "")
		assert plain.count("  slowest ") == 2 and "column 2 of 2" in plain
		assert max(map(len, plain.splitlines())) < 80, plain
		assert "In the middle second of 2" in " ".join(plain.split())
	END
}

@test "NO_COLOR and a locale without UTF-8 are heeded" {
	NO_COLOR=1 LC_ALL=C on_terminal 24x80 demo idle --seconds 2
	run ! grep -q "$(printf '\033\[3[36]m')" "$screen"
	LC_ALL=C grep -q '  CPU .*[#_]' "$screen"
	run ! env LC_ALL=C grep -q "$(printf '\342\226')" "$screen"
}

@test "a narrow terminal that is low cuts the picture, and the words go on below" {
	on_terminal 8x30 demo blocking --seconds 2
	python3 - "$screen" <<-'END'
		import re, sys
		text = re.sub("\x1b\\[[0-9]*m", "", open(sys.argv[1], encoding="utf-8").read())
		live, left = text.split("\x1b[?1049l")
		for picture in live.split("\x1b[H")[1:]:
		    lines = picture.split("\x1b[J")[0].split("\n")
		    assert len(lines) <= 8, lines
		    assert all(len(re.sub("\x1b\\[[0-9?]*[a-zA-Z]|\r", "", line)) < 30 for line in lines), lines
		assert "In the middle second of 2" in " ".join(left.split())
		assert "tenk run offload-tails" in " ".join(left.split())
	END
}

@test "Ctrl-C gives the terminal back, says what was shown by then, and leaves nothing" {
	status=0
	on_terminal 24x80:12 demo blocking --seconds 60 || status=$?
	[ "$status" -eq 130 ]
	python3 - "$screen" <<-'END'
		import sys
		live, left = open(sys.argv[1], encoding="utf-8").read().split("\x1b[?1049l")
		assert live.endswith("\x1b[?25h")
		words = " ".join(left.split())
		assert "In the middle second of " in words and "tenk: interrupted" in words, words
		assert "Once more: tenk demo blocking --seconds 60" in words
	END
}

@test "Ctrl-Z and what ends other programs on the spot leave nobody in a terminal that is not given back" {
	# A bar is the same key as a backslash, to Ctrl.
	on_terminal '24x80:4:Z|' demo blocking --seconds 2
	python3 - "$screen" <<-'END'
		import sys
		live, left = open(sys.argv[1], encoding="utf-8").read().split("\x1b[?1049l")
		assert live.endswith("\x1b[?25h") and "In the middle second of 2" in " ".join(left.split())
	END
}

@test "interrupted before anything was drawn, it says that" {
	start_in_session "$TENK" demo blocking --seconds 60
	eventually has_lines 1
	kill -INT "$leader"
	status=0
	wait "$leader" || status=$?
	[ "$status" -eq 130 ]
	grep -q 'Nothing was shown yet\|In the middle second of' "$BATS_TEST_TMPDIR/stdout"
	session_is_empty "$leader"
}

@test "a signal ends it from outside too, at once and with nothing left" {
	start_in_session "$TENK" demo memory --seconds 60
	eventually has_lines 1
	kill -TERM "$leader"
	status=0
	wait "$leader" || status=$?
	[ "$status" -eq 130 ]
	grep -q '^Once more: tenk demo memory --seconds 60$' "$BATS_TEST_TMPDIR/stdout"
	session_is_empty "$leader"
	no_group_is_left "$leader"
}

@test "with few descriptors there are fewer connections, which is said; with too few it says what to do" {
	(ulimit -n 400 && "$TENK" demo idle --seconds 2 >"$BATS_TEST_TMPDIR/few")
	grep -q '^Each has 250 connections;.*the limit is 400 (ulimit -Hn)' "$BATS_TEST_TMPDIR/few"
	grep -q 'the server with 250 connections' "$BATS_TEST_TMPDIR/few"
	status=0
	(ulimit -n 90 && "$TENK" demo idle --seconds 2 2>"$BATS_TEST_TMPDIR/none") || status=$?
	[ "$status" -eq 1 ]
	grep -q 'the limit is 90 (ulimit -Hn); to lift that: ulimit -Hn ' "$BATS_TEST_TMPDIR/none"
}

@test "requests that wait for an answer are seen before they have it" {
	start_in_session "$TENK" demo blocking --seconds 4
	eventually has_lines 3
	stopped=$(processes_of "$leader" server-epoll | head -1)
	kill -STOP "$stopped"
	wait "$leader"
	says_what_was_drawn "$BATS_TEST_TMPDIR/stdout" slowest
	# The server that was stopped is the first: whoever asked it then has waited longer each second.
	python3 - "$BATS_TEST_TMPDIR/stdout" <<-'END'
		import re, sys
		found = re.findall(r"s  epoll  +slowest +([0-9.]+) (ms|s) ", open(sys.argv[1]).read())
		waits = [float(n) * {"ms": 1, "s": 1000}[u] for n, u in found]
		assert len(waits) == 4 and waits[2] < waits[3] and waits[3] > 900, waits
	END
	session_is_empty "$leader"
}

@test "a server that dies ends it, and is named" {
	start_in_session "$TENK" demo idle --seconds 60
	eventually has_lines 3
	kill -KILL "$(processes_of "$leader" server-poll)"
	status=0
	wait "$leader" || status=$?
	[ "$status" -eq 1 ]
	grep -q 'the server of poll ended before the demonstration did' "$BATS_TEST_TMPDIR/stderr"
	session_is_empty "$leader"
}

@test "a full disk is told once, a reader that has gone ends it without a word" {
	[ -w /dev/full ] || skip '/dev/full is not there'
	status=0
	"$TENK" demo blocking --seconds 60 >/dev/full 2>"$BATS_TEST_TMPDIR/stderr" || status=$?
	[ "$status" -eq 1 ]
	[ "$(cat "$BATS_TEST_TMPDIR/stderr")" = 'tenk: cannot write to standard output: No space left on device' ]
	"$TENK" demo blocking --seconds 60 2>"$BATS_TEST_TMPDIR/stderr" | head -n 1
	[ ! -s "$BATS_TEST_TMPDIR/stderr" ]
}
