# For tests that need a browser: CHROMIUM, and NODE_PATH for what drives it. Skips without them.
needs_browser() {
	export NODE_PATH=$PWD/build/npm/node_modules
	for CHROMIUM in chromium chromium-browser google-chrome ''; do
		! command -v "$CHROMIUM" >/dev/null || break
	done
	[ -n "$CHROMIUM" ] || skip "chromium is not installed (scripts/install-deps check)"
	CHROMIUM=$(command -v "$CHROMIUM")
	node -e 'require("playwright-core"), require("axe-core"), require("html-validate")' 2>/dev/null ||
		skip "playwright-core, axe-core and html-validate are not installed (scripts/install-deps check, with npm)"
	command -v gnuplot >/dev/null || skip "gnuplot is not installed (scripts/install-deps check)"
}
