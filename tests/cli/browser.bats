#!/usr/bin/env bats
# A report in a real browser; all that is looked at is in tests/long/browser.bats.
bats_require_minimum_version 1.5.0

load helpers
load ../browser/browser

@test "a report is what it should be in a browser" {
	needs_browser
	"$TENK" report --out "$BATS_TEST_TMPDIR/report" tests/fixtures/report-run
	node tests/browser/report.js --few "$CHROMIUM" "$BATS_TEST_TMPDIR/report"
}
