"""Prints a chart's README with the table of its values made anew: chart_values.py CHART.

A comment directly above a key of values.yaml describes that key and all below it; where keys below have comments of
their own, it describes the section and is left out of the table. Every value has to be described in that way.
"""

import json
import pathlib
import re
import sys

import helm_python as helm

BEGIN, END = "<!-- values -->\n", "<!-- end of values -->\n"


def descriptions(text):
    """The comments of a values file, by the path of the key that each stands above."""
    found, path, comment = {}, [], []
    for line in text.splitlines():
        if match := re.fullmatch(r" *# (.*)", line):
            comment.append(match[1])
        elif match := re.match(r"( *)([A-Za-z]\w*):", line):
            path = path[: len(match[1]) // 2] + [match[2]]
            if comment:
                found[tuple(path)] = " ".join(comment)
            comment = []
        else:
            comment = []
    return found


def leaves(values, path=()):
    """The path of each value that has none below it."""
    for key, value in values.items():
        if isinstance(value, dict) and value:
            yield from leaves(value, path + (key,))
        else:
            yield path + (key,)


def lookup(values, path):
    for key in path:
        values = values[key]
    return values


def rows(text):
    values, found = helm.values_from_yaml(text), descriptions(text)
    described = [path for path in found if not any(other[: len(path)] == path != other for other in found)]
    for leaf in leaves(values):
        if not any(leaf[: len(path)] == path for path in described):
            raise SystemExit(f"error: values.yaml: {'.'.join(leaf)} has no comment that describes it")
    for path in described:
        yield ".".join(path), json.dumps(lookup(values, path)), found[path]


def main(chart):
    text = (chart / "values.yaml").read_text()
    readme = (chart / "README.md").read_text()
    before, rest = readme.split(BEGIN)
    after = rest.split(END)[1]
    table = ["| value | default | what it is |", "|---|---|---|"]
    table += [f"| `{name}` | `{default}` | {description} |" for name, default, description in rows(text)]
    print(before + BEGIN + "\n" + "\n".join(table) + "\n\n" + END + after, end="")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
