"""Reads what a comparison was written as, and holds it against its JSON.

    formats.py FOLDER... with all.json and, of the same comparison, all.txt, all.md, all.xml, all.om,
                         smaller.json, bigger.json, bencher.json

Each is read by a reader of its own, written here or installed; what a reader finds has to be what the JSON says.
Prints what is wrong; exit 1 if anything is.
"""
import html
import json
import math
import re
import sys
import xml.etree.ElementTree

import jsonschema

wrong = 0


def expect(condition, *what):
    global wrong
    if not condition:
        print("wrong:", *what)
        wrong += 1


def subject(item):
    return f"{item['title']} ({item['cell']})"


# --- figures in words ------------------------------------------------------------------------------

UNITS = {"": 1, "k": 1e3, "M": 1e6, "G": 1e9, "ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9, "B": 1, "KiB": 1024,
         "MiB": 1024**2, "GiB": 1024**3, "/s": 1, "k/s": 1e3, "M/s": 1e6, "%": 0.01}
NUMBER = re.compile(r"([+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?) ?([A-Za-z/%]*)$")


def read(text, unit=""):
    """The value of "5.62 us" and how far it may be off, half of its last digit."""
    number, own = NUMBER.match(text.strip()).groups()
    factor = UNITS[own or unit]
    decimals = re.sub(r"e.*", "", number).partition(".")[2]
    exponent = int(number.partition("e")[2] or 0)
    return float(number) * factor, 0.5000001 * 10.0 ** (exponent - len(decimals)) * factor


def expect_figure(text, value, unit, *what):
    if value is None:
        expect(text in ("?", "-"), *what, text, "is not known in the JSON")
    else:
        expect(text != "?", *what, text, value)
        shown, off = read(text, unit)
        expect(abs(shown - value) <= off, *what, text, value)


def expect_change(text, item, *what):
    """"-0.3 % [-0.9, +0.4]"."""
    if item["change"] is None:
        expect(text == "-", *what, text)
        return
    change, low, high = re.fullmatch(r"(.*) \[(.*), (.*)\]", text).groups()
    unit = "%" if item["scale"] == "ratio" else ""
    expect_figure(change, item["change"], unit, *what)
    expect_figure(low, item["low"], unit, *what)
    expect_figure(high, item["high"], unit, *what)


def verdict(item):
    return "accepted" if item["accepted"] else item["outcome"]


# --- the formats -----------------------------------------------------------------------------------


def check_json(document):
    with open("results/schema/comparison.json") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    for error in jsonschema.Draft202012Validator(schema).iter_errors(document):
        expect(False, "JSON:", list(error.absolute_path), error.message[:300])


def shown_title(title, line):
    """The title as the line begins with it, whole or cut; None: it does not."""
    ways = [title] + [title[:length] + ".." for length in range(len(title) - 3, 29, -1)]
    return next((way for way in ways if line.startswith(f"  {way}  ")), None)


def check_text(text, document):
    lines = text.split("\n")
    expect(lines[0] == document["sentence"], "the sentence:", lines[0])
    cell, seen = None, 0
    for line in lines:
        if line in {item["cell"] for item in document["comparisons"]}:
            cell = line
        for item in document["comparisons"]:
            title = shown_title(item["title"], line)
            if item["cell"] == cell and title:
                parts = re.split(r" {2,}", line[2 + len(title):].strip())
                expect_figure(parts[0], item["a"], "", "text:", line)
                expect_figure(parts[1], item["b"], "", "text:", line)
                expect_change(parts[2], item, "text:", line)
                expect(parts[3] == (verdict(item) if item["gating"] else f"({verdict(item)})"), "text:", line)
                seen += 1
    wanted = sum(item["gating"] or item["outcome"] in ("regression", "improvement")
                 for item in document["comparisons"])
    expect(seen == wanted, "text:", seen, "rows, not", wanted)
    hidden = len(document["comparisons"]) - wanted
    expect(f"  {hidden} more that only advise" in text or hidden == 0, "text: hidden")
    for warning in document["warnings"]:
        expect(f"warning: {warning}" in lines, "text: no warning", warning)


def unescape(markdown):
    return html.unescape(re.sub(r"\\(.)", r"\1", re.sub(r"^\*\*(.*)\*\*$", r"\1", markdown.strip()))).strip()


def check_markdown(text, document):
    tables, lines = {}, text.split("\n")
    expect(unescape(lines[0]) == document["sentence"], "Markdown: the sentence:", lines[0])
    expect(text.count("<details>") == text.count("</details>") == (len(document["comparisons"]) > 0), "details")
    expect(re.search(r"<(?!/?details>|/?summary>)", text) is None, "Markdown: HTML")
    for line in lines:
        if line.startswith("|") and not line.startswith(("| metric", "| ---")):
            cells = [unescape(cell) for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            tables.setdefault(len(cells), []).append(cells)
    expect(len(tables.get(6, [])) == len(tables.get(10, [])) == len(document["comparisons"]), "Markdown: rows")
    by_subject = {(cells[0], cells[1]): cells for cells in tables.get(6, [])}
    for item in document["comparisons"]:
        cells = by_subject[item["title"].strip(), item["cell"].strip()]
        expect_figure(cells[2], item["a"], "", "Markdown:", cells)
        expect_figure(cells[3], item["b"], "", "Markdown:", cells)
        expect_change(cells[4], item, "Markdown:", cells)
        expect(cells[5] == verdict(item), "Markdown:", cells)


def check_junit(path, document):
    root = xml.etree.ElementTree.parse(path).getroot()
    cases = root.findall("testsuite/testcase")
    found = {"failure": 0, "error": 0, "skipped": 0}
    names = [case.get("name") for case in cases]
    expect(names == [subject(item) for item in document["comparisons"]], "JUnit:", names)
    expect(len(set(names)) == len(names), "JUnit: names are not unique")
    for case, item in zip(cases, document["comparisons"]):
        counts = item["gating"] and not item["accepted"]
        wanted = (None if item["outcome"] in ("ok", "improvement") else
                  "failure" if counts and item["outcome"] == "regression" else
                  "error" if counts and item["outcome"] == "invalid" else "skipped")
        own = [name for name in found if case.find(name) is not None]
        expect(own == ([wanted] if wanted else []), "JUnit:", item, own)
        for name in own:
            found[name] += 1
            expect(case.find(name).get("message").startswith(verdict(item)), "JUnit: message")
        properties = {p.get("name"): p.get("value") for p in case.iter("property")}
        for key in ("a", "b", "change", "low", "high", "smallest", "pairs", "detectable"):
            value = item[key]
            expect(value is None and key not in properties or
                   value is not None and math.isclose(float(properties[key]), value), "JUnit:", key, item)
    suite = root.find("testsuite")
    for name, key in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        expect(int(suite.get(key)) == found[name], "JUnit:", key)
    expect(document["sentence"] in suite.find("system-out").text, "JUnit: the sentence")


def check_benchmark_action(smaller, bigger, document):
    expect(all(isinstance(entry["value"], (int, float)) and entry["name"] and isinstance(entry["unit"], str) and
               isinstance(entry["extra"], str) and entry.keys() <= {"name", "value", "unit", "range", "extra"}
               for entry in smaller + bigger), "github-action-benchmark")
    for entries, better in ((smaller, "lower"), (bigger, "higher")):
        items = [i for i in document["comparisons"] if i["better"] == better and i["b"] is not None]
        expect([(e["name"], e["value"]) for e in entries] == [(subject(i), i["b"]) for i in items], better)
        for entry, item in zip(entries, items):
            expect(("range" in entry) == (item["low"] is not None and item["high"] is not None), entry)
            expect(verdict(item) in entry["extra"], entry)


def check_bencher(bencher, document):
    # The schema of Bencher's documentation, in words.
    items = [item for item in document["comparisons"] if item["b"] is not None]
    expect(len(bencher) == len({subject(item) for item in items}), "Bencher")
    for item in items:
        metric = bencher[subject(item)][item["metric"]]
        expect(metric.keys() <= {"value", "lower_value", "upper_value"}, "Bencher:", metric)
        expect(metric["value"] == item["b"], "Bencher:", metric)
        expect(metric.get("lower_value", -math.inf) <= metric["value"] <= metric.get("upper_value", math.inf),
               "Bencher:", metric)
        expect(("lower_value" in metric) == (item["low"] is not None), "Bencher:", metric)


def check_openmetrics(text, document):
    try:
        from prometheus_client.openmetrics.parser import text_string_to_metric_families
    except ImportError:
        print("note: no parser of OpenMetrics (python3-prometheus-client)")
        return
    families = {family.name: family for family in text_string_to_metric_families(text)}
    samples = [sample for family in families.values() for sample in family.samples]
    for item in document["comparisons"]:
        own = [s for s in samples if s.labels.get("metric") == item["metric"] and s.labels["cell"] == item["cell"]]
        factor = 1e-9 if item["unit"] == "ns" else 1
        for side in "ab":
            values = [s.value for s in own if s.labels.get("side") == side]
            expect(values == [] if item[side] is None else
                   len(values) == 1 and math.isclose(values[0], item[side] * factor), "OpenMetrics:", side, item)
        bounds = {s.labels["bound"]: s.value for s in own if "bound" in s.labels}
        for bound, key in (("low", "low"), ("estimate", "change"), ("high", "high")):
            expect(not math.isfinite(bounds.get(bound, math.nan)) if item[key] is None else
                   math.isclose(bounds[bound], item[key]), "OpenMetrics:", key, item)
        states = [s.labels["tenk_compare_outcome"] for s in own if s.name == "tenk_compare_outcome" and s.value]
        expect(states == [item["outcome"]], "OpenMetrics:", states)
    info = families["tenk_compare"].samples[0].labels
    expect(info["a"] == document["a"] and info["outcome"] == document["outcome"], "OpenMetrics:", info)
    print(f"OpenMetrics: {len(families)} families, {len(samples)} samples")


def clean(document):
    """Names as they stand in one line, without what a terminal or XML cannot take."""
    def one(text):
        return re.sub("[\x80-\x9f\ufffe\uffff]", "?", re.sub("[\x00-\x1f\x7f]", " ", text))

    for key in ("a", "b"):
        document[key] = one(document[key])
    for item in document["comparisons"]:
        for key in ("title", "cell"):
            item[key] = one(item[key])
    document["warnings"] = [one(warning) for warning in document["warnings"]]
    return document


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file) if path.endswith(".json") else file.read()


def check(folder):
    document = load(f"{folder}/all.json")
    check_json(document)
    document = clean(document)
    check_text(load(f"{folder}/all.txt"), document)
    check_markdown(load(f"{folder}/all.md"), document)
    check_junit(f"{folder}/all.xml", document)
    check_benchmark_action(load(f"{folder}/smaller.json"), load(f"{folder}/bigger.json"), document)
    check_bencher(load(f"{folder}/bencher.json"), document)
    for item in document["comparisons"]:
        item["metric"] = re.sub("[\x00-\x1f\x7f]", " ", item["metric"])
    check_openmetrics(load(f"{folder}/all.om"), document)
    print(f"{folder}: {len(document['comparisons'])} comparisons")


for path in sys.argv[1:]:
    check(path)
print(f"{wrong} faults")
sys.exit(wrong > 0)
