/*
 * What a page can do beyond being read: choose servers, highlight one everywhere, copy, unfold.
 * Without it the page is complete. The choice is in the address: #servers=epoll,nginx.
 */
(function () {
	"use strict";

	const all = (selector, within) => Array.from((within || document).querySelectorAll(selector));
	const chips = all("[data-shows]");
	const names = (chip) => chip.dataset.shows.split(",");
	const every = Array.from(new Set(chips.flatMap(names)));
	let shown = new Set(every);

	/* The chosen servers of an address, or null: it says nothing of them. */
	function chosen(hash) {
		const match = /(?:^#|&)servers=([^&]*)/.exec(hash);

		if (!match)
			return null;
		const wanted = match[1].split(",").map(decodeURIComponent);
		const known = every.filter((name) => wanted.includes(name));

		return new Set(known.length > 0 ? known : every);
	}

	function show() {
		for (const mark of all("[data-series]"))
			mark.classList.toggle("off", every.includes(mark.dataset.series) && !shown.has(mark.dataset.series));
		for (const chip of chips) {
			const here = names(chip).filter((name) => shown.has(name)).length;

			chip.setAttribute("aria-pressed", here === 0 ? "false" : here === names(chip).length ? "true" : "mixed");
		}
	}

	/* A group that is wholly shown goes, else it comes. Where nothing would be left, all come back. */
	function toggle(chip) {
		const goes = names(chip).every((name) => shown.has(name));

		for (const name of names(chip))
			goes ? shown.delete(name) : shown.add(name);
		if (shown.size === 0)
			shown = new Set(every);
		history.replaceState(null, "", shown.size === every.length ? location.pathname + location.search :
			"#servers=" + every.filter((name) => shown.has(name)).map(encodeURIComponent).join(","));
		show();
	}

	function highlight(event) {
		const at = event.type === "focusout" ? event.relatedTarget : event.target;
		const mark = at && at.closest && at.closest("[data-series], [data-shows]");
		const lit = !mark ? [] : mark.dataset.series ? [mark.dataset.series] : names(mark);
		const some = lit.length > 0 && lit.length < every.length;

		for (const other of all("[data-series]"))
			other.classList.toggle("lit", some && lit.includes(other.dataset.series));
		for (const chart of all(".chart"))
			chart.classList.toggle("has-lit", some && all(".lit", chart).length > 0);
	}

	/* Folded parts do not hide what an address names. */
	function unfold() {
		const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
		let folded = 0;

		for (let node = target; node; node = node.parentElement)
			if (node.tagName === "DETAILS" && !node.open)
				node.open = Boolean(++folded);
		if (folded > 0)
			target.scrollIntoView();
	}

	function arrive() {
		shown = chosen(location.hash) || shown;
		show();
		unfold();
	}

	/* Where a page may not write to the clipboard, as from a file, the old way mostly works. */
	function copyOldWay(text) {
		const area = document.createElement("textarea");

		area.value = text;
		document.body.append(area);
		area.select();
		const done = document.execCommand("copy");

		area.remove();
		return done;
	}

	async function copy(button) {
		const text = button.dataset.copy || markdown(button.nextElementSibling.querySelector("table"));
		const name = button.textContent;
		let done = true;

		try {
			await navigator.clipboard.writeText(text);
		} catch {
			done = copyOldWay(text);
		}
		button.textContent = done ? "copied" : "not allowed";
		setTimeout(() => (button.textContent = name), 1500);
	}

	/* The table as it is shown: rows that chips hide are left out. */
	function markdown(table) {
		const line = (row) => "| " + Array.from(row.cells, (cell) =>
			cell.textContent.trim().replace(/\s+/g, " ").replace(/[\\|]/g, "\\$&")).join(" | ") + " |";
		const rows = all("tr", table).filter((row) => !row.classList.contains("off"));
		const rule = Array.from(rows[0].cells, (cell) => (cell.classList.contains("number") ? "---:" : "---"));

		return [line(rows[0]), "| " + rule.join(" | ") + " |", ...rows.slice(1).map(line)].join("\n") + "\n";
	}

	/* A name in a chart goes with its series. */
	for (const text of all("svg text"))
		if (every.includes(text.textContent.trim()))
			text.dataset.series = text.textContent.trim();
	for (const region of all(".scroll")) {
		const button = document.createElement("button");

		button.type = "button";
		button.className = "copy";
		button.textContent = "copy as Markdown";
		region.before(button);
	}
	for (const hidden of all(".copy[hidden], .chips[hidden]"))
		hidden.hidden = false;
	for (const chip of chips)
		chip.addEventListener("click", () => toggle(chip));
	for (const button of all(".copy"))
		button.addEventListener("click", () => copy(button));
	for (const type of ["pointerover", "focusin", "focusout"])
		document.addEventListener(type, highlight);
	window.addEventListener("hashchange", arrive);
	window.addEventListener("beforeprint", () => all("details:not([open])").forEach((fold) => {
		fold.open = true;
		window.addEventListener("afterprint", () => (fold.open = false), {once: true});
	}));
	arrive();
})();
