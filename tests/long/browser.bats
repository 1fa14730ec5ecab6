#!/usr/bin/env bats
# Reports in a real browser: chips, addresses, copying, print, two widths, light and dark.
bats_require_minimum_version 1.5.0

load ../cli/helpers
load ../browser/browser

setup() {
	needs_browser
}

# The report of a stored run, in a browser.
look() {
	"$TENK" report --out "$BATS_TEST_TMPDIR/report" "$1"
	node tests/browser/report.js "$CHROMIUM" "$BATS_TEST_TMPDIR/report"
}

@test "of a made-up run with all that can go wrong" {
	look tests/fixtures/report-run
}

@test "of quick, which is small" {
	look results/reference/quick
	[ "$(wc -c <"$BATS_TEST_TMPDIR/report/index.html")" -lt 300000 ]
}

@test "of memory" {
	look results/reference/memory
}

@test "of limits, a ladder" {
	look results/reference/limits
}

@test "of million, where there is one server" {
	look results/reference/million
}

@test "of a run beside another" {
	"$TENK" report --out "$BATS_TEST_TMPDIR/report" results/reference/quick tests/fixtures/report-run
	node tests/browser/report.js "$CHROMIUM" "$BATS_TEST_TMPDIR/report"
}
