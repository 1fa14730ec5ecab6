"""Checks a run's files against results/schema: validate.py RUN [OUTCOME]. Prints what is wrong; exit 1 if any.

OUTCOME is what tenk run --json printed about it: of the schema too, and its figures are those of the trials.
"""
import glob
import gzip
import json
import os
import statistics
import sys

import jsonschema


def check_figures(outcome, trials):
    """How many figures of the outcome are not the medians of the trials that count.

    Which of a block's attempts counts is another question: parts with repeated blocks are left out.
    """
    repeated = {(t["scenario"], t["part"]) for t in trials if t["attempt"] > 1}
    wrong, seen = 0, len(repeated)
    for cell in outcome["cells"]:
        if cell["point"] is None or (cell["scenario"], cell["part"]) in repeated:
            continue
        own = [t for t in trials if t["outcome"] in ("ok", "saturated") and
               all(t[key] == cell[key] for key in ("scenario", "part", "server", "point"))]
        for key, figure in cell["metrics"].items():
            values = [t["metrics"][key] for t in own if t["metrics"].get(key) is not None]
            seen += 1
            if figure["trials"] != len(values) or abs(figure["median"] - statistics.median(values)) > 1e-9 * abs(
                    figure["median"]):
                print(f"{cell['server']} {cell['point']} {key}: {figure}, and trials say {values}")
                wrong += 1
    print(f"{seen} figures")
    return wrong + (seen == 0)


def main(run, outcome=None):
    validators = {}
    for name in ("run", "trial", "load", "outcome", "summary"):
        with open(f"results/schema/{name}.json") as file:
            schema = json.load(file)
        jsonschema.Draft202012Validator.check_schema(schema)
        validators[name] = jsonschema.Draft202012Validator(schema)
    checks = [("run", f"{run}/run.json", None)]
    file = f"{run}/trials.jsonl"
    with open(file) if os.path.exists(file) else gzip.open(file + ".gz", "rt", encoding="utf-8") as file:
        checks += [("trial", f"line {i}", line) for i, line in enumerate(file, 1)]
    checks += [("load", path, None) for path in glob.glob(f"{run}/load/*.json")]
    checks += [("summary", path, None) for path in glob.glob(f"{run}/report/summary.json")]
    checks += [("outcome", outcome, None)] if outcome else []
    wrong = 0
    for name, where, text in checks:
        if text is None:
            with open(where) as file:
                text = file.read()
        for error in validators[name].iter_errors(json.loads(text)):
            print(f"{where}: {list(error.absolute_path)}: {error.message[:300]}")
            wrong += 1
    metrics = {m["key"] for m in json.load(open(f"{run}/run.json"))["metrics"]}
    for name, where, text in checks:
        if name == "trial" and not metrics >= json.loads(text)["metrics"].keys():
            print(f"{where}: a metric that run.json does not describe")
            wrong += 1
    if outcome:
        with open(outcome) as file:
            wrong += check_figures(json.load(file), [json.loads(text) for name, _, text in checks if name == "trial"])
    print(f"{len(checks)} documents, {wrong} faults")
    return wrong > 0


sys.exit(main(*sys.argv[1:]))
