#!/usr/bin/env bats
# A run in one file: tenk bundle, and tenk verify, which recomputes it.
bats_require_minimum_version 1.5.0

load helpers

setup() {
	# A run whose trials have not been measured here, which nothing of this depends on.
	run_folder=$BATS_TEST_TMPDIR/a-run
	cp -r tests/fixtures/report-run "$run_folder"
	file=$BATS_TEST_TMPDIR/it.tenk.tar.gz
}

# Unpacks, changes by a command in the run's folder, packs again with its old checksums.
spoil() {
	mkdir "$BATS_TEST_TMPDIR/spoilt"
	tar -C "$BATS_TEST_TMPDIR/spoilt" -xzf "$file"
	(cd "$BATS_TEST_TMPDIR"/spoilt/* && eval "$1")
	tar -C "$BATS_TEST_TMPDIR/spoilt" -czf "$file" a-run
}

# The checksums of what lies there now, as somebody would write them who wants to deceive.
sums_anew='find . -type f ! -name SHA256SUMS -printf "%P\n" | LC_ALL=C sort | xargs sha256sum >SHA256SUMS'

@test "a run that was passed on holds, and is read as it is" {
	"$TENK" bundle "$run_folder" --out "$file"
	rm -r "$run_folder"
	run -0 "$TENK" verify "$file"
	[[ $output == *'it holds' ]]
	[[ $output == *'repeat  tenk run '* ]]
	(mkdir "$BATS_TEST_TMPDIR/x" && cd "$BATS_TEST_TMPDIR/x" && tar -xzf "$file" && cd a-run && sha256sum --check --quiet SHA256SUMS)
	"$TENK" report --format json "$file" >"$BATS_TEST_TMPDIR/summary.json"
	[ "$(json "$BATS_TEST_TMPDIR/summary.json" 'len(d["cells"]) > 0')" = True ]
	"$TENK" report "$file" --out "$BATS_TEST_TMPDIR/report"
	[ -s "$BATS_TEST_TMPDIR/report/index.html" ]
	run -1 "$TENK" report "$file"
	[[ $output == *'--out DIR'* ]]
	[ -z "$(find "${TMPDIR:-/tmp}" -maxdepth 1 -name 'tenk-bundle-*' -newer "$file")" ] || sleep 2
	[ -z "$(find "${TMPDIR:-/tmp}" -maxdepth 1 -name 'tenk-bundle-*' -newer "$file")" ]
}

@test "the same run makes the same bytes" {
	"$TENK" bundle "$run_folder" --out "$file"
	sleep 1.1
	"$TENK" bundle "$run_folder" --out "$BATS_TEST_TMPDIR/again.tar.gz"
	cmp "$file" "$BATS_TEST_TMPDIR/again.tar.gz"
}

@test "a file that was changed, taken out or put in is named" {
	"$TENK" bundle "$run_folder" --out "$file"
	spoil 'echo >>report/report.md; rm report/index.html; echo >extra'
	run -1 "$TENK" verify "$file"
	[[ $output == *'report/report.md is not as it was packed'* ]]
	[[ $output == *'report/index.html is missing'* ]]
	[[ $output == *'extra was added'* ]]
	[[ $output == *'it does not hold: 3 differences' ]]
}

@test "a figure that the trials do not give is found, though the checksums are right" {
	"$TENK" bundle "$run_folder" --out "$file"
	spoil 'python3 - <<-END
		import json
		d = json.load(open("report/summary.json"))
		metrics = next(iter(d["cells"][0]["metrics"].values()))
		metrics["median"] *= 1.01
		json.dump(d, open("report/summary.json", "w"))
		END
		'"$sums_anew"
	run -1 "$TENK" verify "$file"
	[[ $output == *'cells[0].metrics.'*'.median: it says '* ]]
	[[ $output == *'it does not hold: 1 difference' ]]
}

@test "trials that were changed do not give the figures any more, though the checksums are right" {
	"$TENK" bundle "$run_folder" --out "$file"
	spoil 'sed -i "s/\"requests_per_s\": *\([0-9]\)/\"requests_per_s\": 9\1/" trials.jsonl; '"$sums_anew"
	run -1 "$TENK" verify "$file"
	[[ $output == *'it does not hold: '* ]]
}

@test "what is no bundle, and what cannot be written, are told" {
	echo hello >"$file"
	run -2 "$TENK" verify "$file"
	[[ $output == *'tar failed'* ]]
	run -2 "$TENK" verify "$BATS_TEST_TMPDIR/nowhere"
	tar -czf "$file" -C "$BATS_TEST_TMPDIR" a-run/run.json
	run -2 "$TENK" verify "$file"
	[[ $output == *SHA256SUMS* ]]
	run -1 "$TENK" bundle "$run_folder" --out "$BATS_TEST_TMPDIR/no/where.tar.gz"
	run -2 "$TENK" bundle "$BATS_TEST_TMPDIR/nowhere"
	ln -s /etc/passwd "$run_folder/link"
	run -1 "$TENK" bundle "$run_folder" --out "$BATS_TEST_TMPDIR/other.tar.gz"
	[[ $output == *'neither file nor folder'* ]]
	[ ! -e "$BATS_TEST_TMPDIR/other.tar.gz" ]
}
