"""A few commands of Helm, carried out by Helm's own library. See hack/helm."""

import argparse
import pathlib
import sys

import helm_python as helm


def values(options):
    """The values of --values and --set, the later winning over the earlier as in Helm."""
    merged = {}
    for file in options.values:
        merge(merged, helm.values_from_yaml(pathlib.Path(file).read_text()))
    for expression in options.set:
        merge(merged, helm.parse_set_string(expression))
    return merged


def merge(into, changes):
    for key, value in changes.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            merge(into[key], value)
        else:
            into[key] = value


def template(options):
    # A dry run gives the objects in the order in which Helm would create them. Nothing is asked of a cluster.
    with helm.Config(namespace=options.namespace, storage_driver="memory") as config:
        release = config.install(options.chart, options.name, values(options), dry_run="client")
    print(release["manifest"].strip())


def lint(options):
    report = helm.lint(options.chart, values(options), strict=options.strict, namespace=options.namespace)
    severities = {0: "UNKNOWN", 1: "INFO", 2: "WARNING", 3: "ERROR"}
    for message in report["messages"]:
        print(f"[{severities[message['severity']]}] {message['path']}: {message['error']}")
    if report["errors"]:
        sys.exit("Error: " + "\n".join(report["errors"]))


def install(options):
    with helm.Config(namespace=options.namespace) as config:
        release = config.install(
            options.chart, options.name, values(options), create_namespace=options.create_namespace)
    tell(release)


def upgrade(options):
    with helm.Config(namespace=options.namespace) as config:
        release = config.upgrade(
            options.chart, options.name, values(options), reuse_values=options.reuse_values)
    tell(release)


def uninstall(options):
    with helm.Config(namespace=options.namespace) as config:
        result = config.uninstall(options.name)
    print("\n".join(filter(None, [result.get("info", "").strip(), f'release "{options.name}" uninstalled'])))


def tell(release):
    for key in ("name", "namespace", "status", "revision"):
        print(f"{key.upper()}: {release[key]}")
    print(f"NOTES:\n{release['notes'].strip()}")


def arguments():
    parser = argparse.ArgumentParser(prog="hack/helm")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for run, help in [
        (template, "render a chart without a cluster"),
        (lint, "look for faults in a chart"),
        (install, "install a chart"),
        (upgrade, "upgrade a release"),
        (uninstall, "uninstall a release"),
    ]:
        command = commands.add_parser(run.__name__, help=help)
        command.set_defaults(run=run)
        command.add_argument("-n", "--namespace", default="default")
        if run is not lint:
            command.add_argument("name")
        if run is not uninstall:
            command.add_argument("chart")
            command.add_argument("-f", "--values", action="append", default=[], metavar="FILE")
            command.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
        if run is lint:
            command.add_argument("--strict", action="store_true")
        if run is install:
            command.add_argument("--create-namespace", action="store_true")
        if run is upgrade:
            command.add_argument("--reuse-values", action="store_true")
    return parser.parse_args()


try:
    options = arguments()
    options.run(options)
except helm.HelmError as error:
    sys.exit(f"Error: {error}")
