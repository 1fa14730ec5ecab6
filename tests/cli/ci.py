"""Looks over action.yml and the examples of docs/ci.md.

    ci.py action          what GitHub wants of a composite action, and that each input is used and explained
    ci.py workflow        prints action.yml as a workflow of its own, for actionlint, which knows workflows only
    ci.py scripts         prints the action's shell scripts, for shellcheck
    ci.py example NAME    prints the example of docs/ci.md whose first line is "# NAME"
    ci.py gitlab          what GitLab wants of its example
"""
import json
import re
import sys

import yaml


class Loader(yaml.SafeLoader):
    """YAML 1.2's idea of words: `on` is one, and no truth."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rules if tag != "tag:yaml.org,2002:bool"]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()}


def read(text):
    return yaml.load(text, Loader)


def action():
    with open("action.yml", encoding="utf-8") as file:
        return read(file)


def example(name):
    with open("docs/ci.md", encoding="utf-8") as file:
        blocks = re.findall(r"```yaml\n(.*?)```", file.read(), re.DOTALL)
    return next(block for block in blocks if block.startswith(f"# {name}\n"))


def check_action():
    document = action()
    assert document.keys() <= {"name", "description", "author", "inputs", "outputs", "runs", "branding"}, document.keys()
    assert document["name"] and document["description"] and document["runs"]["using"] == "composite"
    ids = set()
    for step in document["runs"]["steps"]:
        assert step["shell"] == "bash" and step["run"], step  # a composite action has no default shell
        assert "${{" not in step["run"], "an expression in a script is an injection: hand it over in env"
        ids.add(step.get("id"))
    said = json.dumps(document["runs"])
    for name, value in document["inputs"].items():
        assert re.fullmatch("[a-z][a-z-]*", name) and value["description"] and "default" in value, name
        assert f"inputs.{name} " in said, f"input {name} is not used"
        assert f"`{name}`" in open("docs/ci.md", encoding="utf-8").read(), f"docs/ci.md does not explain {name}"
    for name in re.findall(r"inputs\.([a-z-]+)", said):
        assert name in document["inputs"], f"{name} is no input"
    for name, value in document["outputs"].items():
        step, output = re.fullmatch(r"\$\{\{ steps\.(\w+)\.outputs\.(\w+) \}\}", value["value"]).groups()
        assert step in ids and output == name and value["description"], name


def print_workflow():
    document = action()
    inputs = {name: {"type": "string", "description": value["description"]}
              for name, value in document["inputs"].items()}
    steps = [{**step} for step in document["runs"]["steps"]]
    outputs = {name: value["value"] for name, value in document["outputs"].items()}
    print(json.dumps({"name": document["name"], "on": {"workflow_call": {"inputs": inputs}}, "jobs": {
        "gate": {"runs-on": "ubuntu-latest", "outputs": outputs, "steps": steps}}}, indent=1))


def check_gitlab():
    jobs = read(example(".gitlab-ci.yml"))
    for name, job in jobs.items():
        assert job["script"] and all(isinstance(line, str) for line in job["script"]), name
        assert job["artifacts"]["when"] == "always" and job["artifacts"]["reports"]["junit"].endswith(".xml"), name
        folder = re.search(r"GATE_OUT=(\S+)", " ".join(job["script"]))
        assert job["artifacts"]["reports"]["junit"].startswith(folder[1] if folder else "build/gate"), name


match sys.argv[1:]:
    case ["action"]:
        check_action()
    case ["workflow"]:
        print_workflow()
    case ["scripts"]:
        print("#!/bin/bash", "set -eo pipefail", *[step["run"] for step in action()["runs"]["steps"]], sep="\n")
    case ["example", name]:
        print(example(name), end="")
    case ["gitlab"]:
        check_gitlab()
