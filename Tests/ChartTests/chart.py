"""The chart, rendered by Helm's own library, as the tests beside this file look at it."""

import copy
import os
import pathlib
import re
import sys

import helm_python as helm

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "hack"))
from chart_values import leaves, lookup  # noqa: E402, F401, the tests call them through this module
CHART = ROOT / "charts/pheromone"
DEFAULTS = helm.values_from_yaml((CHART / "values.yaml").read_text())
EVERY_VALUE = helm.values_from_yaml((ROOT / "Tests/ChartTests/every-value.yaml").read_text())

# Where the programs are that were built, if they were.
PROGRAMS = os.environ.get("PHEROMONE_CHART_PROGRAMS")


def documents(text):
    """The objects in a file of YAML documents."""
    parsed = (helm.values_from_yaml(part) for part in re.split(r"(?m)^---$", text) if re.search(r"(?m)^\w", part))
    return [document for document in parsed if document]


def text(values=None, name="pheromone", namespace="pheromone-system"):
    """What Helm would create, as text and in its order."""
    with helm.Config(namespace=namespace, storage_driver="memory") as config:
        return config.install(CHART, name, values or {}, dry_run="client")["manifest"]


def objects(values=None, **release):
    return documents(text(values, **release))


def identity(item):
    return item["kind"], item["metadata"].get("namespace"), item["metadata"]["name"]


def changed(values, path, value):
    """A copy of the values in which one is another."""
    values = copy.deepcopy(values)
    inner = values
    for key in path[:-1]:
        inner = inner.setdefault(key, {})
    inner[path[-1]] = value
    return values


def nested(path, value):
    return changed({}, path, value)
