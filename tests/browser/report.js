/*
 * Finds out whether reports are what they should be in a real browser:
 *
 *     NODE_PATH=build/npm/node_modules node tests/browser/report.js [--few] CHROMIUM FOLDER...
 *
 * FOLDER holds a report: index.html, charts/ and data/. Prints a line for each check that failed, with what
 * was found, and ends with 1 if there is any. Loads nothing but files. --few leaves out what takes long:
 * printing, and all screens but one.
 */
"use strict";

const fs = require("fs");
const path = require("path");
const {pathToFileURL} = require("url");
const {chromium} = require("playwright-core");
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const {HtmlValidate, StaticConfigLoader} = require("html-validate");

const LATE_PX = 560; // the first figure begins above, on a screen of 800 pixels
const ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
	"--disable-background-networking", "--disable-component-update", "--disable-sync"];

const SCREENS = [{width: 400, colorScheme: "light"}, {width: 400, colorScheme: "dark"},
	{width: 1280, colorScheme: "light"}, {width: 1280, colorScheme: "dark"}];

class Failed extends Error {}

function expect(condition, what) {
	if (!condition)
		throw new Failed(what);
}

/* What is seen of rows and marks, by series: {epoll: {rows: 3, marks: 2}}. */
function seen(page) {
	return page.evaluate(() => {
		const found = {};

		for (const mark of document.querySelectorAll("[data-series]")) {
			const kind = mark.tagName === "TR" ? "rows" : "marks";
			const one = (found[mark.dataset.series] ??= {rows: 0, marks: 0});

			one[kind] += getComputedStyle(mark).display !== "none";
		}
		return found;
	});
}

const unfold = (page) => page.evaluate(() => document.querySelectorAll("details").forEach((fold) => (fold.open = true)));

const checks = {
	async "nothing but the page is loaded, and the console is silent"(page) {
		expect(page.said.length === 0, page.said.join("; "));
		expect(page.loaded.length === 1, page.loaded.join(", "));
	},

	async "each chart is there once, with a name, and drawn"(page, folder) {
		const files = fs.readdirSync(path.join(folder, "charts")).filter((name) => name.endsWith(".svg"));
		const charts = await page.$$eval("figure svg", (all) => all.map((svg) => ({
			id: svg.closest("figure").id, width: svg.getBoundingClientRect().width,
			marks: svg.querySelectorAll("path, use, circle").length,
			name: document.getElementById(svg.getAttribute("aria-labelledby")).textContent})));

		expect(charts.length === files.length, `${charts.length} of ${files.length} charts`);
		for (const file of files)
			expect(charts.filter((chart) => `${chart.id}.svg` === file).length === 1, file);
		for (const chart of charts)
			expect(chart.width > 300 && chart.marks > 5 && chart.name, JSON.stringify(chart));
	},

	async "the first figure begins on the first screen"(page) {
		const top = await page.evaluate(() => document.querySelector("figure")?.getBoundingClientRect().top);

		expect(top === undefined || top < LATE_PX, `at ${top} pixels`);
	},

	async "links lead to somewhere in the page, and files beside it are there"(page, folder) {
		const links = await page.$$eval("a[href]", (all) => all.map((link) => link.getAttribute("href")));
		const lost = await page.evaluate((ids) => ids.filter((id) => !document.getElementById(id)),
			links.filter((link) => link.startsWith("#")).map((link) => link.slice(1)));
		const missing = links.filter((link) => !link.startsWith("#") && !fs.existsSync(path.join(folder, link)));

		expect(links.length > 5, "hardly any links");
		expect(lost.length + missing.length === 0, [...lost, ...missing].join(", "));
	},

	async "an address unfolds what it names"(page, folder, open) {
		const other = await open({hash: "#environment"});

		expect(await other.locator("#environment table").isVisible(), "#environment is folded");
		await other.close();
	},

	async "chips choose servers in tables and charts, and the address keeps it"(page, folder, open) {
		const chips = page.locator(".chips > button");

		if (await chips.count() < 2)
			return;
		await unfold(page);
		const before = await seen(page);
		const gone = (await chips.first().getAttribute("data-shows")).split(",");

		await chips.first().click();
		const after = await seen(page);

		expect(await chips.first().getAttribute("aria-pressed") === "false", "the chip looks pressed");
		for (const [name, was] of Object.entries(before)) {
			const now = after[name];
			const right = gone.includes(name) ? now.rows + now.marks === 0 : now.rows === was.rows && now.marks === was.marks;

			expect(right, `${name}: ${JSON.stringify(was)} became ${JSON.stringify(now)}`);
		}
		expect(Object.keys(before).some((name) => gone.includes(name) && before[name].rows > 0), "nothing went");
		const hash = new URL(page.url()).hash;

		expect(hash.startsWith("#servers="), page.url());
		const other = await open({hash});

		expect(JSON.stringify(await seen(other)) === JSON.stringify(after), `${hash} shows something else`);
		await other.close();
		await chips.first().click();
		expect(JSON.stringify(await seen(page)) === JSON.stringify(before), "they do not come back");
		expect(new URL(page.url()).hash === "", page.url());
	},

	async "marks of charts belong to series of the run"(page) {
		const [charts, marked, names, known] = await page.evaluate(() => {
			const chips = Array.from(document.querySelectorAll("[data-shows]"), (chip) => chip.dataset.shows.split(",")).flat();
			const marks = Array.from(document.querySelectorAll("svg [data-series]"));

			return [document.querySelectorAll("figure:not(#run-claims) svg").length, new Set(marks.map((mark) => mark.closest("svg"))).size,
				Array.from(new Set(marks.map((mark) => mark.dataset.series))), chips];
		});

		expect(charts === 0 || known.length === 0 || marked > 0, "no mark of any chart names its series");
		expect(charts === 0 || known.length === 0 || names.some((name) => known.includes(name)), names.join(", "));
	},

	async "what has the focus is highlighted everywhere"(page) {
		const chip = page.locator(".chips details button").first();

		if (await chip.count() === 0)
			return;
		await unfold(page);
		await chip.focus();
		const lit = await page.$$eval(".lit", (all) => Array.from(new Set(all.map((mark) => mark.dataset.series))));

		expect(lit.join() === await chip.getAttribute("data-shows"), lit.join() || "nothing");
		await chip.blur();
		expect(await page.locator(".lit").count() === 0, "it stays");
	},

	async "commands, citations and tables are copied"(page) {
		await unfold(page);
		const buttons = page.locator(".copy");
		const count = await buttons.count();

		expect(count > 2, `${count} buttons`);
		for (let i = 0; i < count; i++) {
			await buttons.nth(i).evaluate((button) => button.click());
			const text = await page.evaluate(() => window.copied);
			const wanted = await buttons.nth(i).getAttribute("data-copy");

			if (wanted) {
				expect(text === wanted, text);
				continue;
			}
			const rows = await buttons.nth(i).evaluate((button) => button.nextElementSibling.querySelectorAll("tr").length);
			const lines = text.trimEnd().split("\n");
			const pipes = new Set(lines.map((line) => line.replace(/\\./g, "").split("|").length));

			expect(lines.length === rows + 1 && pipes.size === 1, text);
		}
	},

	async "it is complete without script"(page, folder, open) {
		const other = await open({javaScriptEnabled: false});
		const buttons = await other.locator("button:visible").count();
		const tables = await other.locator("table").count();

		expect(buttons === 0, `${buttons} buttons that do nothing`);
		expect(tables === await page.locator("table").count(), `${tables} tables`);
		await other.close();
	},

	async "print shows what is folded, and all columns"(page) {
		await page.evaluate(() => document.querySelectorAll("details").forEach((fold) => (fold.open = false)));
		await page.emulateMedia({media: "print"});
		await page.setViewportSize({width: 1031, height: 700}); // A4, landscape, without its margins
		const cut = await page.evaluate(() => Array.from(document.querySelectorAll("table th, table td")).filter((cell) => {
			const box = cell.getBoundingClientRect();

			return getComputedStyle(cell.closest("table").tHead).display !== "none" &&
				(!cell.checkVisibility() || box.left < 0 || box.right > innerWidth + 1);
		}).map((cell) => cell.textContent));

		await page.emulateMedia({media: "screen"});
		await page.setViewportSize({width: 1280, height: 800});
		await unfold(page);
		expect(cut.length === 0, `${cut.length} cells, the first: ${cut[0]}`);
		const pdf = await page.pdf({preferCSSPageSize: true});
		const pages = pdf.toString("latin1").match(/\/Type ?\/Page\b/g);

		expect(pages && pages.length > 1, "no pages of PDF");
	},

	async "HTML is valid"(page, folder) {
		const validator = new HtmlValidate(new StaticConfigLoader({extends: ["html-validate:standard"]}));
		const report = await validator.validateFile(path.join(folder, "index.html"));
		const messages = report.results.flatMap((result) => result.messages);

		expect(report.valid, messages.slice(0, 5).map((one) => `${one.line}:${one.column}: ${one.message} (${one.ruleId})`).join("; "));
	},
};

/* axe and the width of the page, on a screen. */
async function checkScreen(open, {width, colorScheme}) {
	const page = await open({viewport: {width, height: 800}, colorScheme});

	await unfold(page);
	const wide = await page.evaluate(() => document.documentElement.scrollWidth);

	expect(wide <= width, `the page is ${wide} pixels wide`);
	await page.evaluate(axe);
	const violations = await page.evaluate(async () => (await window.axe.run({resultTypes: ["violations"]})).violations
		.map((one) => `${one.id}: ${one.nodes.length} times, ${one.nodes[0].target.join()}: ${one.nodes[0].failureSummary}`));

	await page.close();
	expect(violations.length === 0, violations.join("; "));
}

async function attempt(folder, name, check) {
	try {
		await check();
		return 0;
	} catch (error) {
		console.log(`${folder}: ${name}: ${error instanceof Failed ? error.message : error.stack}`);
		return 1;
	}
}

async function checkReport(browser, folder, few) {
	const contexts = [];
	const open = async ({hash = "", ...options} = {}) => {
		const context = await browser.newContext({viewport: {width: 1280, height: 800}, ...options});
		const page = await context.newPage();

		contexts.push(context);
		page.said = [];
		page.loaded = [];
		page.on("console", (message) => page.said.push(message.text()));
		page.on("pageerror", (error) => page.said.push(String(error)));
		page.on("request", (request) => page.loaded.push(request.url()));
		await page.addInitScript(() => Object.defineProperty(navigator, "clipboard",
			{value: {writeText: async (text) => (window.copied = text)}}));
		await page.goto(pathToFileURL(path.join(folder, "index.html")) + hash);
		return page;
	};
	const page = await open();
	let failed = 0;

	for (const [name, check] of Object.entries(checks).filter(([name]) => !few || !name.startsWith("print")))
		failed += await attempt(folder, name, () => check(page, folder, open));
	for (const screen of SCREENS.slice(0, few ? 1 : SCREENS.length))
		failed += await attempt(folder, `${screen.width} pixels, ${screen.colorScheme}`, () => checkScreen(open, screen));
	for (const context of contexts)
		await context.close();
	return failed;
}

async function main(words) {
	const few = words[0] === "--few";
	const [executablePath, ...folders] = few ? words.slice(1) : words;
	const browser = await chromium.launch({executablePath, args: ARGUMENTS});
	let failed = folders.length === 0;

	for (const folder of folders)
		failed += await checkReport(browser, path.resolve(folder), few);
	await browser.close();
	process.exitCode = failed ? 1 : 0;
}

main(process.argv.slice(2));
