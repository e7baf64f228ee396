"""Each value is documented, checked, and has an effect."""

import json
import re
import unittest

import helm_python as helm

import chart

# Below these a person writes what Kubernetes defines, and not the chart.
DOCUMENTED = [
    tuple(row.split(".")) for row in re.findall(r"(?m)^\| `([\w.]+)` \|", (chart.CHART / "README.md").read_text())
]


class ValuesTests(unittest.TestCase):
    def refusal(self, values):
        with self.assertRaises(helm.HelmError) as raised:
            chart.text(values)
        return str(raised.exception)

    def test_lint_finds_nothing(self):
        for values in [{}, chart.EVERY_VALUE]:
            report = helm.lint(chart.CHART, values, strict=True)
            self.assertEqual(report["errors"], [])
            self.assertEqual([message for message in report["messages"] if message["severity"] > 1], [])

    def test_every_value_is_in_the_readme(self):
        for path in chart.leaves(chart.DEFAULTS):
            with self.subTest(".".join(path)):
                self.assertTrue(any(path[: len(row)] == row for row in DOCUMENTED))
        for row in DOCUMENTED:
            with self.subTest(".".join(row)):
                chart.lookup(chart.DEFAULTS, row)

    def test_the_readme_has_the_defaults(self):
        readme = (chart.CHART / "README.md").read_text()
        for row in DOCUMENTED:
            default = json.dumps(chart.lookup(chart.DEFAULTS, row))
            self.assertIn(f"| `{'.'.join(row)}` | `{default}` |", readme)

    def test_every_value_has_an_effect(self):
        # What makes others ineffective while it is as in that file.
        enabled = chart.EVERY_VALUE
        for path in [("crds", "enabled"), ("crds", "keep"), ("rbac", "create"), ("rbac", "userRoles")]:
            enabled = chart.changed(enabled, path, True)
        for component in ["controller", "coordinator"]:
            enabled = chart.changed(enabled, (component, "serviceAccount", "create"), True)
        enabled = chart.changed(enabled, ("controller", "podDisruptionBudget", "enabled"), True)
        for row in DOCUMENTED:
            with self.subTest(".".join(row)):
                other = chart.lookup(chart.EVERY_VALUE, row)
                self.assertNotEqual(other, chart.lookup(chart.DEFAULTS, row), "every-value.yaml has the default")
                base = enabled
                if row == ("image", "tag"):
                    for component in ["controller", "coordinator", "sidecar"]:
                        base = chart.changed(base, (component, "image", "digest"), "")
                if row == ("controller", "leaderElection"):
                    base = chart.changed(base, ("controller", "replicaCount"), 1)
                if row == ("controller", "replicaCount"):
                    base = chart.changed(base, ("controller", "leaderElection"), True)
                default = chart.changed(base, row, chart.lookup(chart.DEFAULTS, row))
                self.assertNotEqual(chart.text(chart.changed(base, row, other)), chart.text(default))

    def test_unknown_values_are_refused_with_their_path(self):
        sections = {row[:length] for row in DOCUMENTED for length in range(len(row))}
        self.assertGreater(len(sections), 10)
        for section in sections:
            with self.subTest(".".join(section)):
                message = self.refusal(chart.nested(section + ("unexpected",), 1))
                self.assertIn(f"at '{''.join('/' + key for key in section)}'", message)
                self.assertIn("additional properties 'unexpected' not allowed", message)

    def test_wrong_values_are_refused_with_their_path(self):
        for path, value in [
            (("image", "pullPolicy"), "Sometimes"),
            (("image", "tag"), "a tag"),
            (("logLevel",), "loud"),
            (("logFormat",), "xml"),
            (("fullnameOverride",), "Upper"),
            (("watchNamespaces",), ["a", "b"]),
            (("watchNamespaces", ), ["not_a_label"]),
            (("controller", "replicaCount"), -1),
            (("controller", "replicaCount"), "2"),
            (("controller", "image", "digest"), "latest"),
            (("controller", "resources", "limits", "memory"), "lots"),
            (("controller", "podLabels"), {"app.kubernetes.io/name": "other"}),
            (("controller", "tolerations"), [{"keys": "a"}]),
            (("controller", "topologySpreadConstraints"), [{"maxSkew": 1}]),
            (("controller", "podDisruptionBudget", "maxUnavailable"), "many"),
            (("coordinator", "extraEnv"), [{"name": "POD_NAMESPACE", "value": "other"}]),
            (("coordinator", "maxPayload"), "2Gi"),
            (("metrics", "podMonitor", "interval"), "often"),
        ]:
            with self.subTest(path=".".join(path), value=value):
                self.assertIn("at '/" + "/".join(path), self.refusal(chart.nested(path, value)))

    def test_two_that_act_are_refused(self):
        message = self.refusal({"controller": {"leaderElection": False}})
        self.assertIn("controller.replicaCount: 2 replicas without controller.leaderElection", message)

    def test_a_default_can_be_taken_away(self):
        values = {"controller": {"podSecurityContext": {"runAsUser": None}, "resources": None}}
        deployment = next(item for item in chart.objects(values) if item["kind"] == "Deployment")
        pod = deployment["spec"]["template"]["spec"]
        self.assertEqual(deployment["metadata"]["name"], "pheromone-controller")
        self.assertNotIn("runAsUser", pod["securityContext"])
        self.assertNotIn("resources", pod["containers"][0])

    def test_large_numbers_keep_their_form(self):
        self.assertIn("runAsUser: 1000650000\n", chart.text(chart.EVERY_VALUE))


if __name__ == "__main__":
    unittest.main()
