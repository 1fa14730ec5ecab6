"""Checks a run's files against results/schema: validate.py RUN. Prints what is wrong; exit 1 if any."""
import glob
import json
import sys

import jsonschema


def main(run):
    validators = {}
    for name in ("run", "trial", "load"):
        with open(f"results/schema/{name}.json") as file:
            schema = json.load(file)
        jsonschema.Draft202012Validator.check_schema(schema)
        validators[name] = jsonschema.Draft202012Validator(schema)
    checks = [("run", f"{run}/run.json", None)]
    with open(f"{run}/trials.jsonl") as file:
        checks += [("trial", f"line {i}", line) for i, line in enumerate(file, 1)]
    checks += [("load", path, None) for path in glob.glob(f"{run}/load/*.json")]
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
    print(f"{len(checks)} documents, {wrong} faults")
    return wrong > 0


sys.exit(main(sys.argv[1]))
