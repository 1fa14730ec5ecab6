#!/usr/bin/env bats
# tenk-load's think times.
bats_require_minimum_version 1.5.0

load helpers
load truth

# The pauses of each connection: between an answer, which comes at once, and the next request.
pauses() {
	python3 - "$record" <<'END'
import json, sys

last, gaps = {}, []
for line in open(sys.argv[1]):
    asked = json.loads(line)
    if asked["client"] in last:
        gaps.append(asked["at"] - last[asked["client"]])
    last[asked["client"]] = asked["at"]
gaps.sort()
mean = sum(gaps) / len(gaps)
print(json.dumps({"count": len(gaps), "mean": mean, "median": gaps[len(gaps) // 2], "least": gaps[0],
                  "short": sum(gap < 0.02 for gap in gaps) / len(gaps)}))
END
}

@test "think times at random are exponentially distributed, fixed ones are fixed" {
	start_recorder
	run -0 "$LOAD" --connections 10 --duration 2s --warmup 0s --think-time exp:40ms "http://127.0.0.1:$port/"
	[[ "$output" == *"40"*" after each answer (closed loop, mean of random times)"* ]]
	pauses >"$BATS_TEST_TMPDIR/pauses"
	cat "$BATS_TEST_TMPDIR/pauses"
	# Of an exponential distribution 39 % are shorter than half the mean, and none of a fixed one; it would take
	# a machine that makes each 10 ms longer to have fewer than a fifth there.
	[ "$(json "$BATS_TEST_TMPDIR/pauses" 'd["count"] > 80 and d["short"] > 0.2 and d["mean"] > 0.03 and d["least"] < 0.01')" = True ]
	: >"$record"
	kill -9 "$pid"
	rm "$BATS_TEST_TMPDIR/port"
	start_recorder
	"$LOAD" -q --connections 10 --duration 500ms --warmup 0s --think-time 40ms "http://127.0.0.1:$port/"
	pauses >"$BATS_TEST_TMPDIR/pauses"
	[ "$(json "$BATS_TEST_TMPDIR/pauses" 'd["count"] > 20 and d["least"] > 0.035')" = True ]
}

@test "a think time of no known distribution is refused" {
	run -2 "$LOAD" --think-time normal:5ms http://127.0.0.1:1/
	[[ "$output" == *"normal:\" is no distribution: it is exp:50ms or 50ms"* ]]
	run -2 "$LOAD" --think-time exp: http://127.0.0.1:1/
	run -2 "$LOAD" --think-time exp:0s http://127.0.0.1:1/
}
